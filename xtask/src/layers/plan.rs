//! The plan of the house: `layers.toml`, read and checked against itself.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Fault;

/// What `layers.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Crates that only tests may know.
    pub dev_only: BTreeSet<String>,
    pub crates: BTreeMap<String, Room>,
    #[serde(default)]
    pub never: Vec<Never>,
    pub pure: Pure,
    #[serde(default)]
    pub ui: Vec<BrowserRule>,
}

/// One crate's place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Room {
    pub floor: u8,
    #[serde(default)]
    pub pure: bool,
    pub may_know: BTreeSet<String>,
}

/// Places that must not be reached from some crates, however long the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Never {
    pub from: Vec<String>,
    pub reach: Vec<String>,
    pub keeps: String,
}

/// What every pure crate keeps away from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pure {
    pub keeps: String,
    /// Crates it may not link.
    pub reach: Vec<String>,
    /// Paths its sources may not name, such as `std::fs` or `Instant::now`.
    pub paths: Vec<String>,
}

/// What the files of a folder of the browser side never import.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrowserRule {
    pub folder: String,
    #[serde(default)]
    pub except: Vec<String>,
    /// Package names, or folders ending in `/` that relative imports must not lead into.
    pub never: Vec<String>,
    pub keeps: String,
}

impl Plan {
    pub(super) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("layers.toml does not read as a plan")
    }

    pub(super) fn is_pure(&self, name: &str) -> bool {
        self.crates.get(name).is_some_and(|room| room.pure)
    }

    /// Where the plan contradicts itself: arrows that do not lead downwards, names it does not know.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, room) in &self.crates {
            for to in &room.may_know {
                match self.crates.get(to) {
                    None => faults.push(unknown(name, to)),
                    Some(lower) if lower.floor < room.floor => {}
                    Some(_) => faults.push(Fault {
                        what: format!("{name} → {to}"),
                        breaks: "an arrow in layers.toml leads to a lower floor".into(),
                    }),
                }
                if room.pure && !self.is_pure(to) {
                    faults.push(Fault {
                        what: format!("{name} → {to}"),
                        breaks: self.pure.keeps.clone(),
                    });
                }
            }
        }
        for never in &self.never {
            let ours = never.reach.iter().filter(|name| name.starts_with("luumen-"));
            let misspelt = never.from.iter().chain(ours).filter(|name| !self.is_named(name));
            faults.extend(misspelt.map(|name| unknown("a [[never]]", name)));
        }
        faults
    }

    fn is_named(&self, name: &str) -> bool {
        self.crates.contains_key(name)
    }
}

fn unknown(by: &str, name: &str) -> Fault {
    Fault {
        what: format!("{by} names {name}, which has no floor"),
        breaks: "every crate has its place in layers.toml".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "dev_only = []\n[pure]\nkeeps = 'pure'\nreach = []\npaths = []\n";

    #[track_caller]
    fn check(crates: &str, expected: &[&str]) {
        let faults = Plan::parse(&format!("{HEAD}{crates}")).unwrap().faults();
        let said: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn an_arrow_upwards_or_sideways_is_red() {
        check(
            "[crates.a]\nfloor = 1\nmay_know = ['b']\n[crates.b]\nfloor = 1\nmay_know = ['c']\n\
             [crates.c]\nfloor = 2\nmay_know = []",
            &["a → b", "b → c"],
        );
    }

    #[test]
    fn a_pure_crate_knows_pure_crates() {
        check(
            "[crates.a]\nfloor = 1\npure = true\nmay_know = ['b']\n[crates.b]\nfloor = 0\nmay_know = []",
            &["a → b"],
        );
    }

    #[test]
    fn a_misspelt_name_is_red_and_does_not_protect_in_silence() {
        check(
            "[crates.a]\nfloor = 1\nmay_know = ['x']\n[[never]]\nfrom = ['aa']\nreach = ['luumen-b', 'russh']\nkeeps = ''",
            &[
                "a names x, which has no floor",
                "a [[never]] names aa, which has no floor",
                "a [[never]] names luumen-b, which has no floor",
            ],
        );
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(Plan::parse(&format!("{HEAD}[crates.a]\nflor = 1\nmay_know = []")).is_err());
    }
}
