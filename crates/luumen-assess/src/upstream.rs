//! Applications of a fleet, judged by what differs: a cell is one application in one set of versions and places, beside the same
//! other ones and under the same kernel, because upstream's configurations may speak of all of them together.

use std::collections::HashMap;

use luumen_model::{Application, advisory::Platform};
use luumen_vuln::{Finding, Upstream, Verdict, judged_applications};

use crate::{
    cells::{Cell, Fleet, text_mark},
    origin::APPLICATION_FAMILY,
};

/// Lists of applications, each different one once.
#[derive(Debug, Default)]
pub(crate) struct Applications {
    lists: Vec<List>,
    known: HashMap<Vec<Key>, u32>,
}

/// Name, version and place: what decides.
type Key = (String, Option<String>, String);

#[derive(Debug)]
struct List {
    items: Vec<Application>,
    /// Each source once.
    sources: Vec<u32>,
}

/// Applications of one class of hosts.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationPart<'a> {
    /// Which hosts, as the caller counts them.
    pub class: u32,
    /// From [`Fleet::add_applications`].
    pub list: u32,
    /// Which of the list are judged.
    pub sources: &'a [u32],
    /// Release of the kernel that runs.
    pub running: Option<&'a str>,
}

impl Fleet {
    /// Takes a host's applications in, and answers the number of the list; two lists that are judged alike have the same one.
    pub fn add_applications(&mut self, items: &[Application]) -> u32 {
        let mut own: Vec<Application> = judged_applications(items).cloned().collect();
        let key = |app: &Application| (app.name.clone(), app.version.clone(), app.path.clone());
        own.sort_by_key(key);
        own.dedup_by_key(|app| key(app));
        let keys: Vec<Key> = own.iter().map(key).collect();
        if let Some(id) = self.applications.known.get(&keys) {
            return *id;
        }
        let mut sources: Vec<u32> = own.iter().map(|app| self.application_source(app)).collect();
        sources.sort_unstable();
        sources.dedup();
        let id = u32::try_from(self.applications.lists.len()).unwrap_or(u32::MAX);
        self.applications.known.insert(keys, id);
        self.applications.lists.push(List { items: own, sources });
        id
    }

    /// Sources of a list.
    pub fn sources_of_applications(&self, list: u32) -> &[u32] {
        let list = self.applications.lists.get(list as usize);
        list.map_or(&[], |list| &list.sources)
    }

    /// What is judged of a list.
    pub fn applications_of(&self, list: u32) -> &[Application] {
        let list = self.applications.lists.get(list as usize);
        list.map_or(&[], |list| &list.items)
    }

    /// All applications of the list, and the kernel that runs, as one number that is the same in every run.
    fn application_key(&self, part: &ApplicationPart<'_>) -> u64 {
        let mut key = text_mark(
            u64::from(part.running.is_some()),
            part.running.unwrap_or_default(),
        );
        for app in self.applications_of(part.list) {
            let version = app.version.as_deref();
            for text in [&app.name, &app.path, version.unwrap_or_default()] {
                key = text_mark(key ^ u64::from(version.is_some()), text);
            }
        }
        key
    }

    fn application_source(&mut self, app: &Application) -> u32 {
        self.source_id(&format!("{APPLICATION_FAMILY}/{}", app.name))
    }
}

/// Judges the lists and answers their cells, also those in which nothing is open. The fleet must have the platform of
/// [`APPLICATION_FAMILY`].
pub fn application_cells(
    fleet: &Fleet,
    upstream: &mut Upstream<'_>,
    parts: &[ApplicationPart<'_>],
    wanted: impl Fn(u32) -> bool,
) -> Vec<Cell> {
    let Some(platform) = fleet.known_platform(&Platform::new(APPLICATION_FAMILY, "")) else {
        return Vec::new();
    };
    let mut found: Vec<Cell> = Vec::new();
    let mut places: HashMap<(u32, u32, Option<&str>), usize> = HashMap::new();
    for part in parts {
        for source in part.sources.iter().copied().filter(|source| wanted(*source)) {
            let next = found.len();
            let place = *places.entry((source, part.list, part.running)).or_insert(next);
            if place == next {
                found.push(Cell {
                    platform,
                    source,
                    key: fleet.application_key(part),
                    packages: Vec::new(),
                    running: part.running.map(str::to_owned),
                    classes: Vec::new(),
                    hits: Vec::new(),
                    told: judge(fleet, upstream, part, source),
                });
            }
            found[place].classes.push(part.class);
        }
    }
    found
}

fn judge(
    fleet: &Fleet,
    upstream: &mut Upstream<'_>,
    part: &ApplicationPart<'_>,
    source: u32,
) -> Vec<Finding> {
    let items = fleet.applications_of(part.list);
    let name = fleet.source(source);
    let (_, bare) = crate::Origin::of(name);
    let of_source = items.iter().filter(|app| app.name == bare);
    let found = of_source.flat_map(|app| upstream.application(app, items, part.running));
    merged(found.collect())
}

/// Each vulnerability once: where installations differ, the worst verdict counts, with all installations that have it.
pub(crate) fn merged(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.vulnerability.cmp(&b.vulnerability));
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match out.last_mut() {
            Some(last) if last.vulnerability == finding.vulnerability => {
                let (known, new) = (urgency(last.verdict), urgency(finding.verdict));
                if new > known {
                    *last = finding;
                } else if new == known {
                    last.installed.extend(finding.installed);
                }
            }
            _ => out.push(finding),
        }
    }
    out
}

fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Vulnerable => 2,
        Verdict::Unknown => 1,
        _ => 0,
    }
}
