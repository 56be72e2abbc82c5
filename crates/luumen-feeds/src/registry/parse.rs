//! Reads the list of sources and names every fault in it at once.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;

use super::{FetchPlan, FirstLoad, Override, SourceInfo};

/// One thing that is wrong with the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which source.
    pub source: String,
    /// What is wrong, for a person.
    pub what: String,
}

impl Fault {
    pub(super) fn new(source: &str, what: impl Into<String>) -> Self {
        Self {
            source: source.to_owned(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.what)
    }
}

/// A list of sources that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Not a list at all.
    #[error("the list of sources is not the YAML of one")]
    Yaml(#[source] serde_norway::Error),
    /// A list with faults.
    #[error("the list of sources has {} faults:{}", faults.len(), lines(faults))]
    Faults {
        /// All of them.
        faults: Vec<Fault>,
    },
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n- {fault}")).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    sources: Vec<serde_norway::Value>,
}

pub(super) fn registry(text: &str) -> Result<Vec<SourceInfo>, RegistryError> {
    let list: List = serde_norway::from_str(text).map_err(RegistryError::Yaml)?;
    let (mut sources, mut faults, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (at, value) in list.sources.into_iter().enumerate() {
        let id = value
            .get("id")
            .and_then(|id| id.as_str())
            .unwrap_or("?")
            .to_owned();
        match serde_norway::from_value::<SourceInfo>(value) {
            Ok(source) => {
                if !ids.insert(source.id.clone()) {
                    faults.push(Fault::new(&source.id, "another source has this id"));
                }
                faults.extend(faults_of(&source));
                sources.push(source);
            }
            Err(error) => faults.push(Fault::new(
                &format!("{id} (the {})", ordinal(at + 1)),
                error.to_string(),
            )),
        }
    }
    if faults.is_empty() {
        Ok(sources)
    } else {
        Err(RegistryError::Faults { faults })
    }
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// What is wrong with a source that can be read.
fn faults_of(source: &SourceInfo) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(Fault::new(&source.id, what));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if source.id.is_empty() || source.id.starts_with('.') || !source.id.chars().all(plain) {
        fault("`id` may hold only a–z, 0–9, `-` and `.`".to_owned());
    }
    match (&source.base, &source.fetch) {
        (None, FetchPlan::Offline {}) => {}
        (None, _) => fault("`base` is missing, and it is fetched".to_owned()),
        (Some(base), _) if !is_base(base) => fault(format!(
            "`base` is not an http(s) address that ends in a slash: {base:?}"
        )),
        _ => {}
    }
    let texts = [
        ("publisher", &source.publisher),
        ("title", &source.title),
        ("licence", &source.licence),
        ("format", &source.format),
    ];
    for (name, text) in texts {
        if text.trim().is_empty() {
            fault(format!("`{name}` is empty"));
        }
    }
    for what in plan_faults(&source.fetch) {
        fault(what);
    }
    faults
}

fn is_base(base: &str) -> bool {
    let url = reqwest::Url::parse(base);
    base.ends_with('/') && url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn plan_faults(plan: &FetchPlan) -> Vec<String> {
    let mut faults = shape_faults(plan);
    let outside = paths_of(plan).into_iter().filter(|path| !stays_below(path));
    faults.extend(outside.map(|path| format!("{path:?} is not a path below the base")));
    faults
}

/// Every text of the plan that becomes a path.
fn paths_of(plan: &FetchPlan) -> Vec<&str> {
    fn texts(all: &[String]) -> impl Iterator<Item = &str> {
        all.iter().map(String::as_str)
    }
    match plan {
        FetchPlan::File { paths, .. } | FetchPlan::Archive { paths, .. } => texts(paths).collect(),
        FetchPlan::PerRelease { path, releases, .. } => texts(releases).chain([path.as_str()]).collect(),
        FetchPlan::Yearly { path, and, .. } => texts(and).chain([path.as_str()]).collect(),
        FetchPlan::Monthly { path, .. } => vec![path],
        FetchPlan::JsonPages { path, first_load, .. } => {
            let first = first_load.iter().map(|first| first.path.as_str());
            first.chain([path.as_str()]).collect()
        }
        FetchPlan::DirectoryIndex { changes, .. } => vec![changes],
        FetchPlan::RpmRepository { repositories } => repositories
            .iter()
            .map(|repository| repository.name.as_str())
            .collect(),
        FetchPlan::Offline {} => Vec::new(),
    }
}

fn shape_faults(plan: &FetchPlan) -> Vec<String> {
    let empty = |name: &str, all: &[String]| all.is_empty().then(|| format!("`{name}` is empty"));
    let lacks = |path: &str, word: &str| (!path.contains(word)).then(|| format!("`path` holds no {word}"));
    match plan {
        FetchPlan::File { paths, .. } | FetchPlan::Archive { paths, .. } => {
            empty("paths", paths).into_iter().collect()
        }
        FetchPlan::PerRelease { path, releases, .. } => {
            let faults = [lacks(path, "{release}"), empty("releases", releases)];
            faults.into_iter().flatten().collect()
        }
        FetchPlan::Yearly { path, .. } => lacks(path, "{year}").into_iter().collect(),
        FetchPlan::Monthly { path, .. } => lacks(path, "{month}").into_iter().collect(),
        FetchPlan::JsonPages {
            per_page, first_load, ..
        } => page_faults(*per_page, first_load.as_ref()),
        FetchPlan::DirectoryIndex {
            archive: Some(_),
            archive_named_in: Some(_),
            ..
        } => vec!["`archive` and `archive_named_in` exclude each other".to_owned()],
        FetchPlan::RpmRepository { repositories } => repositories
            .iter()
            .filter(|repository| repository.mirror_list.is_some() == repository.path.is_some())
            .map(|repository| {
                let name = &repository.name;
                format!("repository {name:?} needs either `mirror_list` or `path`")
            })
            .collect(),
        FetchPlan::DirectoryIndex { .. } | FetchPlan::Offline {} => Vec::new(),
    }
}

fn page_faults(per_page: u32, first_load: Option<&FirstLoad>) -> Vec<String> {
    let mut faults = Vec::new();
    if !(1..=2000).contains(&per_page) {
        faults.push("`per_page` is not between 1 and 2000".to_owned());
    }
    if first_load.is_some_and(|first| !first.path.contains("{year}")) {
        faults.push("`first_load.path` holds no {year}".to_owned());
    }
    if first_load.is_some_and(|first| !is_base(&first.base)) {
        faults.push("`first_load.base` is not an http(s) address that ends in a slash".to_owned());
    }
    faults
}

/// Relative, and never upwards: it names a file in our folder too.
pub(crate) fn stays_below(path: &str) -> bool {
    let odd = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\\', ':', '\0']);
    !path.is_empty() && !path.split('/').any(odd)
}

pub(super) fn apply(source: &mut SourceInfo, change: &Override, faults: &mut Vec<Fault>) {
    let with_slash = |base: &str| format!("{}/", base.trim_end_matches('/'));
    if let Some(base) = &change.base {
        source.base = Some(with_slash(base));
    }
    if let Some(base) = &change.first_load_base {
        match &mut source.fetch {
            FetchPlan::JsonPages {
                first_load: Some(first),
                ..
            } => first.base = with_slash(base),
            _ => faults.push(Fault::new(&source.id, "it has no first load to be moved")),
        }
    }
    if let Some(enabled) = change.enabled {
        source.enabled = enabled;
    }
    if let Some(every) = change.every {
        source.every = every;
    }
    faults.extend(faults_of(source));
}
