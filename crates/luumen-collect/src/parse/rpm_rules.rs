//! What the admin of an rpm host decided about updates: repositories, priorities, what is held back, module streams.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use luumen_model::{Package, PackageManager};

use super::{
    repo_settings::{is_like, is_on, overrides, settings},
    repositories,
    rpm_lists::{Lists, Offer},
    vendors::Vendors,
    versionlock::Locks,
};
use crate::view::{Notes, View};

/// dnf's, yum's and zypper's own default.
const PRIORITY: i64 = 99;

/// The decisions.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Ids of the repositories that are on.
    pub(super) enabled: BTreeSet<String>,
    /// SUSE's hosts, on which a package keeps its vendor.
    zypper: bool,
    vendors: Vendors,
    /// Lower comes first; a package that a repository of a lower number has is not taken from another.
    priorities: BTreeMap<String, i64>,
    /// By repository, and `""` for all: patterns of what is never taken.
    excluded: Vec<(String, String)>,
    /// By repository: patterns of what is taken at all.
    included: Vec<(String, String)>,
    /// `name-epoch:version-release.arch` with stars: the only versions of that name.
    locked: Vec<String>,
    /// The same as dnf5 has it.
    locks: Locks,
    /// Repositories whose packages belong to no module stream, whatever a stream says of their names.
    hotfixes: BTreeSet<String>,
    /// Module and stream that the admin enabled; no stream where the module is disabled.
    modules: BTreeMap<String, Option<String>>,
}

impl Rules {
    pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Self {
        let mut out = Self {
            zypper: view.files("/etc/zypp/repos.d/", ".repo").next().is_some(),
            vendors: Vendors::read(view),
            ..Self::default()
        };
        // What is odd in these files is noted by the section of repositories.
        let all = repositories::read(view, &mut Notes::default()).unwrap_or_default();
        let rpm = all
            .items
            .into_iter()
            .filter(|one| one.manager == PackageManager::Rpm);
        out.enabled = rpm.filter(|one| one.enabled).map(|one| one.id).collect();
        for folder in ["/etc/yum.repos.d/", "/etc/zypp/repos.d/"] {
            for (_, lines) in view.files(folder, ".repo") {
                out.take_settings(lines);
            }
        }
        for path in ["/etc/dnf/dnf.conf", "/etc/yum.conf"] {
            out.take_settings(view.lines(path));
        }
        let known: Vec<String> = out.enabled.iter().cloned().collect();
        out.lay_over(&overrides(view), &known);
        for path in [
            "/etc/dnf/plugins/versionlock.list",
            "/etc/yum/pluginconf.d/versionlock.list",
        ] {
            out.take_locks(view.lines(path));
        }
        match Locks::parse(view.lines("/etc/dnf/versionlock.toml")) {
            Ok(locks) => out.locks = locks,
            Err(line) => notes.odd(
                "pending_updates.rpm_settings",
                "/etc/dnf/versionlock.toml is not understood, so updates are listed that it may hold back",
                line,
            ),
        }
        for line in view.lines("/etc/zypp/locks") {
            if let Some(name) = line.strip_prefix("solvable_name:") {
                out.excluded.push((String::new(), name.trim().to_owned()));
            }
        }
        for (_, lines) in view.files("/etc/dnf/modules.d/", ".module") {
            out.take_module(lines);
        }
        out
    }

    /// `[id]` or `[main]`, then what `set` knows.
    pub(super) fn take_settings(&mut self, lines: &[&str]) {
        for (part, key, value) in settings(lines) {
            self.set(if part == "main" { "" } else { part }, key, value);
        }
    }

    /// The same for each of the known repositories that a part is a pattern of.
    fn lay_over(&mut self, overrides: &[(&str, &str, &str)], known: &[String]) {
        for (pattern, key, value) in overrides {
            for id in known.iter().filter(|id| is_like(id, pattern)) {
                self.set(id, key, value);
            }
        }
    }

    /// `priority=`, `excludepkgs=` (once `exclude=`), `includepkgs=`, `module_hotfixes=` of a repository, or of all (`""`).
    fn set(&mut self, id: &str, key: &str, value: &str) {
        let patterns = value.split([' ', ',']).filter(|pattern| !pattern.is_empty());
        let patterns = patterns.map(|pattern| (id.to_owned(), pattern.to_owned()));
        match key {
            "priority" => {
                if let Ok(priority) = value.parse() {
                    self.priorities.insert(id.to_owned(), priority);
                }
            }
            "excludepkgs" | "exclude" => self.excluded.extend(patterns),
            "includepkgs" if !id.is_empty() => self.included.extend(patterns),
            "module_hotfixes" if is_on(value) => drop(self.hotfixes.insert(id.to_owned())),
            "module_hotfixes" => drop(self.hotfixes.remove(id)),
            _ => {}
        }
    }

    /// `bash-0:5.1.8-9.el9.*` keeps bash at that version; with `!` in front it leaves that version out.
    pub(super) fn take_locks(&mut self, lines: &[&str]) {
        for line in lines.iter().map(|line| line.trim()) {
            match line.strip_prefix('!') {
                _ if line.is_empty() || line.starts_with('#') => {}
                Some(version) => self.excluded.push((String::new(), version.to_owned())),
                None => self.locked.push(line.to_owned()),
            }
        }
    }

    fn take_module(&mut self, lines: &[&str]) {
        let value = |key: &str| {
            let pairs = lines.iter().filter_map(|line| line.split_once('='));
            pairs
                .filter(|(name, _)| name.trim() == key)
                .map(|(_, value)| value.trim().to_owned())
                .next_back()
        };
        let Some(name) = value("name") else { return };
        match value("state").as_deref() {
            Some("enabled") => self
                .modules
                .insert(name, value("stream").filter(|stream| !stream.is_empty())),
            Some("disabled") => self.modules.insert(name, None),
            _ => None,
        };
    }

    /// Whether a cached list of that name is the repository's; zypper has no slashes in names of folders.
    pub(super) fn is_list_of(&self, id: &str, list: &str) -> bool {
        id == list || (self.zypper && id.replace('/', "_") == list)
    }

    /// Takes out what the admin left out, and what belongs to module streams that are not in use.
    pub(super) fn hold_back(&self, seen: &mut Lists<'_>, wanted: &BTreeSet<usize>) {
        let active = self.active_streams(seen, wanted);
        let streams = seen.modular.iter().filter(|(at, ..)| wanted.contains(at));
        let (mut modular, mut in_use, mut taken) = (HashSet::new(), HashSet::new(), HashSet::new());
        for (_, package, stream) in streams {
            modular.insert(*package);
            if active.contains(stream) {
                in_use.insert(*package);
                taken.extend(name_of(package));
            }
        }
        let lists = &seen.lists;
        seen.offers.retain(|offer| {
            let full = full_name(offer);
            let repository = &lists[offer.list].repository;
            let stream = match modular.contains(full.as_str()) {
                true => in_use.contains(full.as_str()),
                // A stream in use hides what has its packages' names and is no module's.
                false => !taken.contains(offer.name),
            };
            (stream || self.hotfixes.contains(repository)) && self.allows(repository, offer, &full)
        });
    }

    fn active_streams(&self, seen: &Lists<'_>, wanted: &BTreeSet<usize>) -> HashSet<String> {
        let chosen = self
            .modules
            .iter()
            .filter_map(|(module, stream)| Some((module.as_str(), stream.as_deref()?)));
        let defaults = seen
            .streams
            .iter()
            .filter(|(at, module, _)| wanted.contains(at) && !self.modules.contains_key(*module));
        let defaults = defaults.map(|(_, module, stream)| (*module, *stream));
        chosen
            .chain(defaults)
            .map(|(module, stream)| format!("{module}:{stream}"))
            .collect()
    }

    fn allows(&self, repository: &str, offer: &Offer<'_>, full: &str) -> bool {
        let named = |pattern: &str| {
            let short = full.replacen("-0:", "-", 1);
            [
                offer.name,
                full,
                &short,
                &format!("{}.{}", offer.name, offer.arch),
            ]
            .iter()
            .any(|name| is_like(name, pattern))
        };
        let out = self
            .excluded
            .iter()
            .any(|(id, pattern)| (id.is_empty() || id == repository) && named(pattern));
        let mut inclusions = self.included.iter().filter(|(id, _)| id == repository).peekable();
        let taken = inclusions.peek().is_none() || inclusions.any(|(_, pattern)| named(pattern));
        let mut locks = self
            .locked
            .iter()
            .filter(|lock| name_of(lock) == Some(offer.name))
            .peekable();
        let unlocked = locks.peek().is_none() || locks.any(|lock| named(lock));
        !out && taken && unlocked && self.locks.allow(offer)
    }

    /// The offers of the repositories that come first.
    pub(super) fn preferred<'o, 'a>(&self, seen: &Lists<'a>, offers: &[&'o Offer<'a>]) -> Vec<&'o Offer<'a>> {
        let of = |offer: &Offer<'_>| {
            let repository = &seen.lists[offer.list].repository;
            self.priorities.get(repository).copied().unwrap_or(PRIORITY)
        };
        let first = offers.iter().map(|offer| of(offer)).min();
        offers
            .iter()
            .copied()
            .filter(|offer| Some(of(offer)) == first)
            .collect()
    }

    /// zypper leaves a package with the vendor it has, or with one that it takes for the same.
    pub(super) fn same_vendor(&self, package: &Package, vendor: &str) -> bool {
        let installed = package.vendor.as_deref().unwrap_or("");
        !self.zypper || self.vendors.are_one(installed, vendor)
    }
}

/// `name-epoch:version-release.arch`, with an epoch of 0 written.
fn full_name(offer: &Offer<'_>) -> String {
    let epoch = if offer.version.contains(':') { "" } else { "0:" };
    format!("{}-{epoch}{}.{}", offer.name, offer.version, offer.arch)
}

/// `bash` of `bash-0:5.1.8-9.el9.*`.
fn name_of(package: &str) -> Option<&str> {
    let (rest, _release) = package.rsplit_once('-')?;
    Some(rest.rsplit_once('-')?.0)
}

#[cfg(test)]
mod tests {
    use super::{Rules, name_of};

    #[test]
    fn what_is_laid_over_repositories_is_for_all_of_that_pattern() {
        let mut rules = Rules::default();
        rules.take_settings(&["[updates]", "priority=10", "[app]", "module_hotfixes=on"]);
        let lines = [
            "[*]",
            "priority=50",
            "[upd*]",
            "excludepkgs=kernel*,bash",
            "[app]",
            "module_hotfixes=0",
        ];
        let known = ["app".to_owned(), "updates".to_owned()];
        rules.lay_over(&super::settings(&lines), &known);
        assert_eq!(
            rules.priorities,
            [("app".to_owned(), 50), ("updates".to_owned(), 50)].into()
        );
        let excluded: Vec<_> = rules
            .excluded
            .iter()
            .map(|(id, name)| (id.as_str(), name.as_str()))
            .collect();
        assert_eq!(excluded, [("updates", "kernel*"), ("updates", "bash")]);
        assert!(rules.hotfixes.is_empty());
    }

    #[test]
    fn a_lock_names_its_package() {
        assert_eq!(name_of("gcc-c++-0:11.4.1-3.el9.*"), Some("gcc-c++"));
        assert_eq!(name_of("odd"), None);
    }
}
