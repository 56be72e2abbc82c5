//! Updates of an rpm host, from the repositories' lists that its package manager fetched.
//!
//! An update is the highest version that an enabled repository offers for an installed package, newer than the newest
//! installed one, of the same architecture (or from or to `noarch`), after what the admin holds back (`rpm_rules`). A
//! package that would take another's place under a new name is not listed.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use luumen_model::{Package, PendingUpdate};
use luumen_version::rpm;

use super::{packages::parse_rpm, rpm_rules::Rules};
use crate::view::{Notes, View};

pub(super) const ID: &str = "pending_updates.rpm";

/// A version that a list knows of.
#[derive(Debug, PartialEq)]
pub(super) struct Offer<'a> {
    pub(super) name: &'a str,
    /// `epoch:version-release`, without an epoch of 0, as versions of installed packages are written.
    pub(super) version: String,
    pub(super) arch: &'a str,
    vendor: Cow<'a, str>,
    /// Its place among the lists.
    pub(super) list: usize,
}

/// The list of one repository.
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    /// Where its `repomd.xml` lies.
    path: &'a str,
    /// The repository as the settings name it.
    pub(super) repository: String,
    /// It tells which versions are security fixes.
    tells_security: bool,
    /// What could not be read whole, and in which file.
    torn: Vec<(&'a str, &'a str)>,
}

/// Everything that the lists say.
#[derive(Debug, Default)]
pub(super) struct Lists<'a> {
    pub(super) lists: Vec<List<'a>>,
    pub(super) offers: Vec<Offer<'a>>,
    fixes: Vec<Offer<'a>>,
    /// Packages of module streams: `name-epoch:version-release.arch`, then `module:stream`.
    pub(super) modular: Vec<(usize, &'a str, String)>,
    /// The stream that a module has unless the admin chose another.
    pub(super) streams: Vec<(usize, &'a str, &'a str)>,
}

/// The updates, and when the oldest of the lists that count was fetched, in seconds since 1970 (none where one does not say);
/// nothing when no list of an enabled repository could be read.
pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<(Vec<PendingUpdate>, Option<i64>)> {
    let text = view.output(ID)?;
    let rules = Rules::read(view, notes);
    let installed = parse_rpm(view.rpm_packages()?).items;
    let ages = ages(view);
    let mut seen = parse(text, notes);
    let wanted = wanted(&mut seen, &ages, &rules, notes);
    if wanted.is_empty() {
        return None;
    }
    seen.offers.retain(|offer| wanted.contains(&offer.list));
    seen.fixes.retain(|fix| wanted.contains(&fix.list));
    rules.hold_back(&mut seen, &wanted);
    let fetched = wanted.iter().map(|at| ages.get(seen.lists[*at].path).copied());
    Some((updates(&seen, &installed, &rules), fetched.min().flatten()))
}

/// When each list was fetched, by its path.
fn ages<'a>(view: &View<'a>) -> HashMap<&'a str, i64> {
    view.output("pending_updates.ages")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(age, path)| Some((path, age.parse().ok()?)))
        .collect()
}

fn parse<'a>(text: &'a str, notes: &mut Notes) -> Lists<'a> {
    let mut out = Lists::default();
    for line in text.lines() {
        if take(line, &mut out).is_none() {
            notes.odd(ID, "not a line about a list of packages", line);
        }
    }
    out
}

fn take<'a>(line: &'a str, out: &mut Lists<'a>) -> Option<()> {
    let fields: Vec<&str> = line.split('\t').collect();
    let at = out.lists.len().wrapping_sub(1);
    match fields.as_slice() {
        ["R", path] => out.lists.push(List {
            path,
            repository: repository_of(path)?,
            ..List::default()
        }),
        ["P", name, epoch, version, release, arch, vendor] => out.offers.push(Offer {
            name,
            version: whole(epoch, version, release),
            arch,
            vendor: unescaped(vendor),
            list: at,
        }),
        ["U", name, epoch, version, release, arch] => out.fixes.push(Offer {
            name,
            version: whole(epoch, version, release),
            arch,
            vendor: Cow::Borrowed(""),
            list: at,
        }),
        ["M", module, stream, package] => {
            let stream = format!("{}:{}", bare(module), bare(stream));
            out.modular.push((at, package, stream));
        }
        ["D", module, stream] => out.streams.push((at, bare(module), bare(stream))),
        ["E", kind, _] => out.lists.last_mut()?.tells_security |= *kind == "updateinfo",
        ["X", kind, file] => out.lists.last_mut()?.torn.push((kind, file)),
        _ => return None,
    }
    Some(())
}

/// A text of XML as it was meant: the lists write `SUSE LLC &lt;https://www.suse.com/&gt;` for the vendor that rpm knows.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")];
    let mut out = text.to_owned();
    // Last, or `&amp;lt;` would become a mark.
    for (name, mark) in marks.into_iter().chain([("&amp;", "&")]) {
        out = out.replace(name, mark);
    }
    Cow::Owned(out)
}

/// A word of YAML without its quotes.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

fn whole(epoch: &str, version: &str, release: &str) -> String {
    match epoch {
        "" | "0" => format!("{version}-{release}"),
        epoch => format!("{epoch}:{version}-{release}"),
    }
}

/// `baseos` of `/var/cache/dnf/baseos-0123456789abcdef/repodata/repomd.xml`; other managers add no hash.
fn repository_of(path: &str) -> Option<String> {
    let folder = path.strip_suffix("/repomd.xml")?;
    let folder = folder.strip_suffix("/repodata").unwrap_or(folder);
    let name = folder.rsplit('/').next()?;
    let hashed = name.rsplit_once('-').filter(|(id, hash)| {
        let hex = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex && !id.is_empty()
    });
    let dnf = path.starts_with("/var/cache/dnf/") || path.starts_with("/var/cache/libdnf5/");
    Some(hashed.filter(|_| dnf).map_or(name, |(id, _)| id).to_owned())
}

/// The lists that count: one for each enabled repository, the newest. What an enabled repository lacks is said.
fn wanted(
    seen: &mut Lists<'_>,
    ages: &HashMap<&str, i64>,
    rules: &Rules,
    notes: &mut Notes,
) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for id in &rules.enabled {
        let newest = (0..seen.lists.len())
            .filter(|at| rules.is_list_of(id, &seen.lists[*at].repository))
            .max_by_key(|at| ages.get(seen.lists[*at].path).copied());
        let Some(at) = newest else {
            notes.problem(ID, &format!("no list of the repository {id} was fetched"));
            continue;
        };
        id.clone_into(&mut seen.lists[at].repository);
        for (kind, file) in &seen.lists[at].torn {
            notes.odd(ID, why_torn(kind, file), file);
        }
        if !seen.lists[at].torn.iter().any(|(kind, _)| *kind == "primary") {
            out.insert(at);
        }
    }
    out
}

fn why_torn(kind: &str, file: &str) -> &'static str {
    match (kind, file.rsplit('.').next()) {
        ("updateinfo", _) => "the list of security fixes could not be read",
        ("modules", _) => "the list of module streams could not be read",
        (_, Some("zst")) => "this list of packages cannot be read without zstd on the host, or is damaged",
        (_, Some("zck")) => "this list of packages cannot be read without unzck on the host, or is damaged",
        (_, Some("xz")) => "this list of packages cannot be read without xz on the host, or is damaged",
        _ => "this list of packages is not there, closed to the account, or damaged",
    }
}

fn updates(seen: &Lists<'_>, installed: &[Package], rules: &Rules) -> Vec<PendingUpdate> {
    let mut newest: BTreeMap<(&str, &str), &Package> = BTreeMap::new();
    for package in installed {
        let arch = package.arch.as_deref().unwrap_or("");
        let entry = newest.entry((&package.name, arch)).or_insert(package);
        if rpm::compare(&package.version, &entry.version) == Ordering::Greater {
            *entry = package;
        }
    }
    let mut offers: HashMap<&str, Vec<&Offer<'_>>> = HashMap::new();
    for offer in &seen.offers {
        offers.entry(offer.name).or_default().push(offer);
    }
    newest
        .iter()
        .filter_map(|((name, arch), package)| {
            let offers = rules.preferred(seen, offers.get(name)?);
            let best = offers
                .into_iter()
                .filter(|offer| fits(arch, offer.arch) && rules.same_vendor(package, &offer.vendor))
                .max_by(|a, b| rpm::compare(&a.version, &b.version))?;
            (rpm::compare(&best.version, &package.version) == Ordering::Greater)
                .then(|| update(seen, package, best))
        })
        .collect()
}

/// Packages change between their own architecture and `noarch`, never between two others.
fn fits(installed: &str, offered: &str) -> bool {
    installed == offered || installed == "noarch" || offered == "noarch"
}

fn update(seen: &Lists<'_>, package: &Package, best: &Offer<'_>) -> PendingUpdate {
    let list = &seen.lists[best.list];
    let between = |fix: &&Offer<'_>| {
        fix.name == best.name
            && fix.arch == best.arch
            && rpm::compare(&fix.version, &package.version) == Ordering::Greater
            && rpm::compare(&fix.version, &best.version) != Ordering::Greater
    };
    let security = seen.fixes.iter().any(|fix| between(&fix));
    PendingUpdate {
        name: package.name.clone(),
        installed_version: Some(package.version.clone()),
        candidate_version: best.version.clone(),
        arch: Some(best.arch.to_owned()),
        repository: Some(list.repository.clone()),
        security: (security || list.tells_security).then_some(security),
    }
}

/// An offer of no list in particular.
#[cfg(test)]
pub(super) fn offer<'a>(name: &'a str, version: &str, arch: &'a str) -> Offer<'a> {
    Offer {
        name,
        version: version.to_owned(),
        arch,
        vendor: Cow::Borrowed(""),
        list: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rpm_rules::Rules, Lists, fits, repository_of, take, unescaped};

    #[test]
    fn a_vendor_is_written_as_xml_has_it() {
        assert_eq!(
            unescaped("SUSE LLC &lt;https://www.suse.com/&gt;"),
            "SUSE LLC <https://www.suse.com/>"
        );
        assert_eq!(unescaped("A &amp; B &quot;C&apos;s&quot;"), "A & B \"C's\"");
        assert_eq!(unescaped("&amp;lt; &nbsp; &"), "&lt; &nbsp; &");
    }

    #[test]
    fn a_list_is_named_by_its_folder() {
        let of = |path| repository_of(path).expect("a repository");
        assert_eq!(
            of("/var/cache/dnf/baseos-0123456789abcdef/repodata/repomd.xml"),
            "baseos"
        );
        assert_eq!(
            of("/var/cache/libdnf5/updates-0123456789abcdef/repodata/repomd.xml"),
            "updates"
        );
        assert_eq!(
            of("/var/cache/yum/x86_64/7Server/rhel-7-server-rpms/repomd.xml"),
            "rhel-7-server-rpms"
        );
        assert_eq!(
            of("/var/cache/zypp/raw/repo-0123456789abcdef/repodata/repomd.xml"),
            "repo-0123456789abcdef"
        );
        assert_eq!(repository_of("/var/cache/dnf/x"), None);
    }

    #[test]
    fn only_noarch_changes_sides() {
        assert!(fits("x86_64", "x86_64") && fits("noarch", "x86_64") && fits("x86_64", "noarch"));
        assert!(!fits("i686", "x86_64"));
    }

    #[test]
    fn a_repository_of_hotfixes_is_of_no_stream() {
        let lines = [
            "R\t/var/cache/dnf/app-0123456789abcdef/repodata/repomd.xml",
            "P\tphp\t0\t8.2.1\t1.module+el8\tx86_64\tMaker",
            "D\tphp\t8.2",
            "M\tphp\t8.2\tphp-0:8.2.1-1.module+el8.x86_64",
            "R\t/var/cache/dnf/remi-0123456789abcdef/repodata/repomd.xml",
            "P\tphp\t0\t8.2.9\t1.remi\tx86_64\tRemi",
        ];
        let left = |settings: &[&str]| {
            let mut seen = Lists::default();
            for line in lines {
                take(line, &mut seen).expect(line);
            }
            let mut rules = Rules::default();
            rules.take_settings(settings);
            rules.hold_back(&mut seen, &[0, 1].into());
            let offers = seen.offers.into_iter();
            offers.map(|offer| offer.version).collect::<Vec<_>>()
        };
        assert_eq!(left(&["[remi]"]), ["8.2.1-1.module+el8"]);
        assert_eq!(left(&["[app]", "module_hotfixes=1"]), ["8.2.1-1.module+el8"]);
        for on in ["1", "True", "yes", "on"] {
            let settings = ["[remi]", &format!("module_hotfixes = {on}")];
            assert_eq!(left(&settings), ["8.2.1-1.module+el8", "8.2.9-1.remi"], "{on}");
        }
    }

    #[test]
    fn a_locked_package_stays() {
        let mut seen = Lists::default();
        for line in [
            "R\t/var/cache/dnf/base-0123456789abcdef/repodata/repomd.xml",
            "P\tlocked\t0\t2.0\t1.el9\tx86_64\tMaker",
            "P\tlocked\t0\t1.0\t1.el9\tx86_64\tMaker",
            "P\tbash\t0\t5.2\t1.el9\tx86_64\tMaker",
            "P\tbash\t0\t5.3\t1.el9\tx86_64\tMaker",
        ] {
            take(line, &mut seen).expect(line);
        }
        let mut rules = Rules::default();
        rules.take_locks(&["# kept", "", "locked-0:1.0-1.el9.*", "!bash-0:5.3-1.el9.*"]);
        rules.hold_back(&mut seen, &[0].into());
        let left: Vec<_> = seen.offers.iter().map(|offer| offer.version.as_str()).collect();
        assert_eq!(left, ["1.0-1.el9", "5.2-1.el9"]);
        assert!(take("odd", &mut seen).is_none());
    }
}
