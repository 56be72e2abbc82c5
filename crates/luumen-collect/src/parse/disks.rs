//! Block devices, from `lsblk -P`, else from `/sys/block`.

use std::collections::BTreeMap;

use luumen_model::{Disk, Disks};

use super::some_text;
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Disks> {
    let mut items = match (view.output("disks.lsblk"), view.output("disks.fallback")) {
        (Some(text), _) => text.lines().filter_map(|line| lsblk_line(line, notes)).collect(),
        (None, Some(text)) => from_sys(text),
        (None, None) => return None,
    };
    merge_parents(&mut items);
    mark_encrypted(&mut items);
    Some(Disks { items })
}

/// `NAME="sda1" TYPE="part" SIZE="1024" …`; lsblk writes odd bytes as `\x20`.
fn lsblk_line(line: &str, notes: &mut Notes) -> Option<Disk> {
    let pairs = pairs(line);
    let get = |key: &str| pairs.get(key).and_then(|value| some_text(&unescape(value)));
    let (Some(name), Some(kind)) = (get("KNAME").or_else(|| get("NAME")), get("TYPE")) else {
        notes.odd("disks.lsblk", "not a line of lsblk", line);
        return None;
    };
    let flag = |key: &str| get(key).map(|value| value == "1");
    Some(Disk {
        name,
        kind,
        size_bytes: get("SIZE").and_then(|size| size.parse().ok()),
        parent: get("PKNAME"),
        model: get("MODEL"),
        serial: get("SERIAL"),
        rotational: flag("ROTA"),
        read_only: flag("RO"),
        fs_type: get("FSTYPE"),
        fs_uuid: get("UUID"),
        mount_point: get("MOUNTPOINT"),
        encrypted: false,
    })
}

fn pairs(line: &str) -> BTreeMap<&str, &str> {
    let mut out = BTreeMap::new();
    let mut rest = line;
    while let Some((key, after)) = rest.split_once("=\"") {
        let Some((value, next)) = after.split_once('"') else {
            break;
        };
        out.insert(key.trim(), value);
        rest = next;
    }
    out
}

fn unescape(text: &str) -> String {
    if !text.contains("\\x") {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    super::text(&bytes)
}

/// A device on several disks (RAID, LVM) is listed once per disk; one line and all parents are enough.
fn merge_parents(items: &mut Vec<Disk>) {
    items.sort_by(|a, b| (&a.name, &a.parent).cmp(&(&b.name, &b.parent)));
    items.dedup_by(|later, first| {
        let same = later.name == first.name;
        if same
            && let (Some(have), Some(more)) = (&mut first.parent, &later.parent)
            && !have.split(',').any(|name| name == more)
        {
            have.push(',');
            have.push_str(more);
        }
        same
    });
}

/// A dm-crypt mapping is encrypted, and so is all that lies on it.
fn mark_encrypted(items: &mut [Disk]) {
    let parents: BTreeMap<String, Option<String>> = items
        .iter()
        .map(|disk| (disk.name.clone(), disk.parent.clone()))
        .collect();
    let crypt: Vec<String> = items
        .iter()
        .filter(|disk| disk.kind == "crypt")
        .map(|disk| disk.name.clone())
        .collect();
    for disk in items {
        let mut name = Some(disk.name.clone());
        // The depth of a stack of devices is small; a lying host may name a circle.
        for _ in 0..16 {
            let Some(current) = name else { break };
            if crypt.contains(&current) {
                disk.encrypted = true;
                break;
            }
            name = parents
                .get(&current)
                .cloned()
                .flatten()
                .map(|p| p.split(',').next().unwrap_or("").to_owned());
        }
    }
}

/// `/sys/block/sda/size:2048` and friends, where there is no lsblk.
fn from_sys(text: &str) -> Vec<Disk> {
    let mut found: BTreeMap<&str, Disk> = BTreeMap::new();
    for line in text.lines() {
        let Some((path, value)) = line.split_once(':') else {
            continue;
        };
        let parts: Vec<&str> = path.trim_start_matches("/sys/block/").split('/').collect();
        let (name, parent, key) = match parts.as_slice() {
            [disk, key @ ("size" | "ro" | "removable")] => (*disk, None, *key),
            [disk, "queue", "rotational"] => (*disk, None, "rotational"),
            [disk, "device", "model"] => (*disk, None, "model"),
            [disk, "dm", "uuid"] => (*disk, None, "uuid"),
            [disk, part, key @ ("partition" | "size")] if part.starts_with(disk) => {
                (*part, Some(*disk), *key)
            }
            _ => continue,
        };
        let disk = found.entry(name).or_insert_with(|| Disk {
            name: name.to_owned(),
            kind: kind_of(name, parent.is_some()).to_owned(),
            parent: parent.map(str::to_owned),
            ..Disk::default()
        });
        match key {
            // The kernel counts in sectors of 512 bytes whatever the disk does.
            "size" => disk.size_bytes = value.trim().parse::<i64>().ok().and_then(|n| n.checked_mul(512)),
            "ro" => disk.read_only = Some(value.trim() == "1"),
            "rotational" => disk.rotational = Some(value.trim() == "1"),
            "model" => disk.model = some_text(value),
            "uuid" if value.starts_with("CRYPT-") => disk.kind = "crypt".to_owned(),
            "uuid" if value.starts_with("LVM-") => disk.kind = "lvm".to_owned(),
            _ => {}
        }
    }
    let real = |disk: &Disk| disk.size_bytes != Some(0) && !disk.name.starts_with("ram");
    found.into_values().filter(real).collect()
}

fn kind_of(name: &str, partition: bool) -> &'static str {
    match name {
        _ if partition => "part",
        _ if name.starts_with("loop") => "loop",
        _ if name.starts_with("sr") => "rom",
        _ if name.starts_with("md") => "raid",
        _ if name.starts_with("dm-") => "dm",
        _ => "disk",
    }
}
