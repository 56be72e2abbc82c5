//! The list of sources, from `content/feeds.yaml`: who publishes, where, how often we look, under which licence.
//!
//! It only says what there is; `fetch` goes and gets it, `keep` keeps it.

mod parse;
mod source;

use std::collections::BTreeMap;

pub(crate) use parse::stays_below;
pub use parse::{Fault, RegistryError};
pub use source::{Check, Every, FetchPlan, FirstLoad, Month, RpmRepository, Size, SourceInfo, WordError};

use crate::read::Format;

/// Every source that we know of.
#[derive(Clone, Debug)]
pub struct Registry {
    sources: Vec<SourceInfo>,
}

/// What an administrator may say otherwise than the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Override {
    /// Another place to fetch from: a mirror with the same paths.
    pub base: Option<String>,
    /// Another place for the first load, where the source has one.
    pub first_load_base: Option<String>,
    /// Switched on or off.
    pub enabled: Option<bool>,
    /// How often to look: `30m`, `6h`, `1d`.
    pub every: Option<Every>,
}

impl Registry {
    /// The list that ships with Luumen.
    pub const BUILT_IN: &'static str = include_str!("../../../../content/feeds.yaml");

    /// Reads the list that ships with Luumen.
    pub fn built_in() -> Result<Self, RegistryError> {
        Self::parse(Self::BUILT_IN)
    }

    /// Reads a list. Every fault in it is named at once.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        parse::registry(text).map(|sources| Self { sources })
    }

    /// The list with what an administrator says otherwise, by source id.
    pub fn with_overrides(mut self, overrides: &BTreeMap<String, Override>) -> Result<Self, RegistryError> {
        let mut faults = Vec::new();
        for (id, change) in overrides {
            match self.sources.iter_mut().find(|source| source.id == *id) {
                Some(source) => parse::apply(source, change, &mut faults),
                None => faults.push(Fault::new(id, "no source has this id")),
            }
        }
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(RegistryError::Faults { faults })
        }
    }

    /// All sources, in the order of the list.
    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }

    /// The sources that are fetched.
    pub fn enabled(&self) -> impl Iterator<Item = &SourceInfo> {
        self.sources.iter().filter(|source| source.enabled)
    }

    /// The source of that id.
    pub fn source(&self, id: &str) -> Option<&SourceInfo> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// Formats that the list names and that no reader has, with the sources that want them.
    pub fn unreadable(&self) -> Vec<(&str, &str)> {
        let missing = |source: &&SourceInfo| Format::by_name(&source.format).is_err();
        self.sources
            .iter()
            .filter(missing)
            .map(|source| (source.id.as_str(), source.format.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_ships_is_whole() {
        let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
        let notice = registry.source("nvd").and_then(|nvd| nvd.notice.clone());
        assert_eq!(
            notice.as_deref(),
            Some("This product uses data from the NVD API but is not endorsed or certified by the NVD.")
        );
        assert!(registry.enabled().count() >= 20);
    }

    #[test]
    fn every_format_of_the_list_has_a_reader() {
        let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(registry.unreadable(), []);
    }

    #[track_caller]
    fn check(text: &str, expected: expect_test::Expect) {
        let answer = match Registry::parse(text) {
            Ok(registry) => format!("{:#?}", registry.sources()),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&answer);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        check(
            r#"
sources:
  - { id: one, publisher: P, title: T, home: "https://h/", format: osv, fetch: { kind: file, paths: [a] }, every: 6h, licence: MIT, size: 1 MB }
  - { id: one, publisher: P, title: T, home: "https://h/", format: osv, base: "https://h", fetch: { kind: file, paths: [] }, every: soon, licence: MIT, size: 1 MB }
  - { id: one, publisher: P, title: T, home: "https://h/", format: osv, base: "ftp://h/", fetch: { kind: yearly, path: x.json, from: 2002 }, every: 1h, licence: "", size: 1 MB }
  - { id: T, publisher: P, title: T, home: "https://h/", format: osv, base: "https://h/", fetch: { kind: file, paths: ["../x"] }, every: 1h, licence: MIT, size: big, odd: 1 }
"#,
            expect_test::expect![[r#"
                the list of sources has 7 faults:
                - one: `base` is missing, and it is fetched
                - one (the 2nd): it has `every: soon`; write it like 30m, 6h or 1d
                - one: another source has this id
                - one: `base` is not an http(s) address that ends in a slash: "ftp://h/"
                - one: `licence` is empty
                - one: `path` holds no {year}
                - T (the 4th): it has `size: big`; write it like 200 kB, 3 MB or 1 GB"#]],
        );
    }

    #[test]
    fn what_is_no_list_is_refused() {
        check(
            "sources: 3",
            expect_test::expect!["the list of sources is not the YAML of one"],
        );
    }

    #[test]
    fn an_administrator_points_a_source_at_a_mirror() {
        let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
        let other = Override {
            base: Some("http://mirror.example.com/kev".to_owned()),
            enabled: Some(false),
            ..Override::default()
        };
        let overrides = BTreeMap::from([("cisa-kev".to_owned(), other)]);
        let changed = registry.clone().with_overrides(&overrides).expect("overrides");
        let kev = changed.source("cisa-kev").expect("KEV");
        assert_eq!(kev.base.as_deref(), Some("http://mirror.example.com/kev/"));
        assert!(!kev.enabled);
        let unknown = BTreeMap::from([("nothing".to_owned(), Override::default())]);
        let error = registry.with_overrides(&unknown).expect_err("no such source");
        assert!(error.to_string().contains("nothing: no source has this id"));
    }
}
