//! What the catalogue said of every package that the workspace has, as numbers: a new catalogue is compared with them, and only
//! packages of which it says something else are judged anew.

use std::collections::{BTreeMap, BTreeSet};

use luumen_assess::said;
use luumen_catalogue::Catalogue;
use luumen_model::advisory::Platform;
use serde::{Deserialize, Serialize};

/// Fingerprints by platform and name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tracked {
    /// Rules that verdicts were made by; other rules judge everything anew.
    rules: u32,
    platforms: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Counts up whenever the same facts and claims give other verdicts than before.
const RULES: u32 = 1;

/// How a catalogue differs from what was tracked.
#[derive(Debug, PartialEq)]
pub(super) enum Difference {
    /// Judge everything anew: other rules, or a platform came or went.
    Everything,
    /// Names of which something else is said, by platform.
    Names(BTreeMap<String, BTreeSet<String>>),
}

impl Tracked {
    pub(super) fn read(bytes: Option<&[u8]>) -> Self {
        // What cannot be read is not known, so everything is judged anew.
        bytes
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default()
    }

    pub(super) fn write(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// Compares and brings the fingerprints up to date.
    pub(super) fn compare(&mut self, catalogue: &Catalogue) -> Difference {
        if self.rules != RULES {
            *self = Self {
                rules: RULES,
                platforms: BTreeMap::new(),
            };
            return Difference::Everything;
        }
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut everything = false;
        for (platform, known) in &mut self.platforms {
            let asked = platform_from(platform);
            let is_known = catalogue.platform(&asked).is_some();
            let was_known = known.values().any(|said| *said != 0);
            everything |= is_known != was_known && !known.is_empty();
            for (name, before) in known.iter_mut() {
                let now = said(catalogue, &asked, name).map_or(0, |said| said.0.max(1));
                if now != *before {
                    *before = now;
                    names.entry(platform.clone()).or_default().insert(name.clone());
                }
            }
        }
        if everything {
            return Difference::Everything;
        }
        Difference::Names(names)
    }

    /// Takes names in that were judged for the first time.
    pub(super) fn add<'a>(
        &mut self,
        catalogue: &Catalogue,
        platform: &Platform,
        names: impl Iterator<Item = &'a str>,
    ) {
        let known = self.platforms.entry(platform.to_string()).or_default();
        for name in names {
            if !known.contains_key(name) {
                let said = said(catalogue, platform, name).map_or(0, |said| said.0.max(1));
                known.insert(name.to_owned(), said);
            }
        }
    }
}

/// `debian/12` as a platform.
pub(super) fn platform_from(text: &str) -> Platform {
    let (family, release) = text.split_once('/').unwrap_or((text, ""));
    Platform::new(family, release)
}
