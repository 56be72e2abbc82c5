//! Mounted file systems, their sizes, and what fstab asks for.

use std::collections::BTreeMap;

use luumen_model::{FstabEntry, Mount, MountUsage, Mounts};

use super::secrets::{in_address, in_option};
use crate::{
    judge::timed_out,
    transcript::Said,
    view::{Notes, View, complaints},
};

/// File systems of the kernel itself: they hold no one's data and have no size.
const INTERNAL: [&str; 27] = [
    "autofs",
    "bdev",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "cpuset",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "fuse.gvfsd-fuse",
    "fuse.portal",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
    "nfsd",
];

/// One line of `df`: sizes of a file system now.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) size: i64,
    pub(super) used: i64,
    pub(super) available: i64,
    pub(super) inodes: Option<(i64, i64)>,
}

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Mounts> {
    let lines = view.lines("/proc/self/mounts");
    if lines.is_empty() {
        return None;
    }
    let sizes = usage(view);
    if let Some(line) = view.said("mounts.df").as_ref().and_then(unasked) {
        notes.odd("mounts.df", "not every size could be read", line);
    }
    let mut items: BTreeMap<String, Mount> = BTreeMap::new();
    for line in lines {
        let Some((source, mount_point, fs_type, options)) = four(line) else {
            notes.odd("mounts.files", "not a line of a mount table", line);
            continue;
        };
        if INTERNAL.contains(&fs_type.as_str()) || mount_point.starts_with("/run/user/") {
            continue;
        }
        let size_bytes = sizes
            .get(&mount_point)
            .map(|usage| usage.size)
            .filter(|size| *size > 0);
        // What was mounted last on a path is what programs see there.
        items.insert(
            mount_point.clone(),
            Mount {
                mount_point,
                source,
                fs_type,
                options,
                size_bytes,
            },
        );
    }
    let fstab = view
        .lines("/etc/fstab")
        .iter()
        .filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty());
    let mut fstab: Vec<FstabEntry> = fstab
        .filter_map(|line| {
            let (source, mount_point, fs_type, options) = four(line)?;
            Some(FstabEntry {
                source,
                mount_point,
                fs_type,
                options,
            })
        })
        .collect();
    fstab.sort_by(|a, b| (&a.mount_point, &a.source).cmp(&(&b.mount_point, &b.source)));
    Some(Mounts {
        items: items.into_values().collect(),
        fstab,
    })
}

/// How full each listed file system is, sorted by mount point.
pub(super) fn usages(view: &View<'_>) -> Vec<MountUsage> {
    let mounted: BTreeMap<String, String> = view
        .lines("/proc/self/mounts")
        .iter()
        .filter_map(|line| four(line).map(|(_, point, kind, _)| (point, kind)))
        .collect();
    let wanted = |point: &String| {
        mounted
            .get(point)
            .is_none_or(|kind| !INTERNAL.contains(&kind.as_str()))
            && !point.starts_with("/run/user/")
    };
    usage(view)
        .into_iter()
        .filter(|(point, usage)| wanted(point) && usage.size > 0)
        .map(|(mount_point, usage)| MountUsage {
            mount_point,
            used_bytes: usage.used,
            available_bytes: usage.available,
            used_percent: percent(usage.used, usage.used.saturating_add(usage.available)),
            inodes_used_percent: usage.inodes.and_then(|(total, used)| percent(used, total)),
        })
        .collect()
}

/// `df`'s lines by mount point.
fn usage(view: &View<'_>) -> BTreeMap<String, Usage> {
    usages_in(view.output("mounts.df").unwrap_or_default())
}

/// In either of its two shapes. A `df` that could not ask every file system fails behind its table, and then the second
/// shape follows the first: that table is read to its end, and the other one tells nothing new.
fn usages_in(text: &str) -> BTreeMap<String, Usage> {
    let is_posix = |head: &str| head.contains("1024-blocks") || head.contains("1K-blocks");
    let is_head = |line: &&str| line.starts_with("Mounted on ") || is_posix(line);
    let mut lines = text.lines();
    let posix = lines.next().is_some_and(is_posix);
    lines
        .take_while(|line| !is_head(line))
        .filter_map(|line| if posix { posix_line(line) } else { gnu_line(line) })
        .collect()
}

/// What `df` could not ask: a server that is gone, a broken disk. That an account may not look into a place is no news:
/// the mounts of every container are closed.
fn unasked<'a>(said: &Said<'a>) -> Option<&'a str> {
    if said.code.is_none_or(|code| code == 0 || timed_out(code)) {
        return None;
    }
    let mut lines = complaints(said);
    if said.stdout.trim().is_empty() {
        return Some(lines.next().unwrap_or(""));
    }
    lines.find(|line| {
        line.starts_with("df: /") && !line.ends_with(": Permission denied") && !line.contains("/run/user/")
    })
}

/// `Mounted on 1B-blocks Used Avail Inodes IUsed`; the path may hold spaces, so numbers are taken from the right.
fn gnu_line(line: &str) -> Option<(String, Usage)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (path, numbers) = fields.split_at_checked(fields.len().checked_sub(5)?)?;
    let number = |index: usize| numbers.get(index).and_then(|text| text.parse::<i64>().ok());
    let inodes = number(3).zip(number(4)).filter(|(total, _)| *total > 0);
    let path = path.join(" ");
    (!path.is_empty())
        .then(|| {
            Some((
                path,
                Usage {
                    size: number(0)?,
                    used: number(1)?,
                    available: number(2)?,
                    inodes,
                },
            ))
        })
        .flatten()
}

/// `Filesystem 1024-blocks Used Available Capacity Mounted on`.
fn posix_line(line: &str) -> Option<(String, Usage)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let kib = |index: usize| fields.get(index)?.parse::<i64>().ok()?.checked_mul(1024);
    let path = fields.get(5..)?.join(" ");
    let usage = Usage {
        size: kib(1)?,
        used: kib(2)?,
        available: kib(3)?,
        inodes: None,
    };
    (!path.is_empty()).then_some((path, usage))
}

/// Share in percent, with one digit.
fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 1000.0 / whole as f64).round() / 10.0)
}

/// Source, mount point, type and sorted options of a mount table's line.
fn four(line: &str) -> Option<(String, String, String, Vec<String>)> {
    let mut words = line.split_whitespace().map(unescape);
    let (source, mount_point, fs_type) = (words.next()?, words.next()?, words.next()?);
    let mut options: Vec<String> = words
        .next()
        .unwrap_or_default()
        .split(',')
        .filter(|o| !o.is_empty())
        .map(in_option)
        .collect();
    options.sort();
    Some((in_address(&source), mount_point, fs_type, options))
}

/// Mount tables write space, tab, newline and backslash as three octal digits.
fn unescape(word: &str) -> String {
    if !word.contains('\\') {
        return word.to_owned();
    }
    ["\\040", "\\011", "\\012", "\\134"]
        .iter()
        .zip([" ", "\t", "\n", "\\"])
        .fold(word.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::{unasked, usages_in};
    use crate::transcript::Said;

    /// coreutils 9.1, as an account: one mount is closed to it, so the first `df` fails behind its table.
    const TWICE: &str = "Mounted on                    1B-blocks        Used       Avail  Inodes   IUsed\n\
        /                           21003583488 10501791744  9426055168 1310720  200000\n\
        /srv/my data                 1073741824   536870912   536870912   65536    1024\n\
        Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
        /dev/vda1         20511312 10255656   9205132      53% /\n\
        /dev/vdb1          1048576   524288    524288      50% /srv/my data\n";

    #[test]
    fn a_second_table_makes_no_file_systems_up() {
        let seen = usages_in(TWICE);
        let points: Vec<&str> = seen.keys().map(String::as_str).collect();
        assert_eq!(points, ["/", "/srv/my data"]);
        assert_eq!(seen["/srv/my data"].inodes, Some((65536, 1024)));
        let (_, second) = TWICE.split_at(TWICE.find("Filesystem").expect("the second table"));
        let seen = usages_in(second);
        assert_eq!((seen.len(), seen["/srv/my data"].size), (2, 1 << 30));
    }

    #[track_caller]
    fn check(stdout: &str, stderr: &str, code: i32, expected: Option<&str>) {
        let said = Said {
            stdout,
            stderr,
            code: Some(code),
            ..Said::default()
        };
        assert_eq!(unasked(&said), expected, "{stderr}");
    }

    #[test]
    fn a_file_system_that_does_not_answer_is_said() {
        let stale = "df: /mnt/nfs: Stale file handle";
        let closed = "df: /var/lib/docker/overlay2/a/merged: Permission denied";
        check(TWICE, "", 0, None);
        check(TWICE, closed, 1, None);
        check(TWICE, "df: /run/user/1000/doc: Operation not permitted", 1, None);
        check(
            TWICE,
            &format!("{closed}\n{stale}\n{closed}\n{stale}\n"),
            1,
            Some(stale),
        );
        check(
            "",
            "df: cannot read table of mounted file systems",
            1,
            Some("df: cannot read table of mounted file systems"),
        );
        check("", "", 127, Some(""));
    }
}
