//! What this program is, for the page that says so.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    bridge::{NoArgs, Problem, Registry},
    core::Core,
};

/// The program and where it keeps things.
#[derive(Clone, Debug, Serialize, TS)]
pub struct About {
    /// Version of the program.
    pub version: String,
    /// What it was built from.
    pub commit: Option<String>,
    /// What it is linked of, and under which licences.
    pub licences: Vec<Licence>,
    /// Where secrets are kept, said plainly.
    pub secrets: String,
    /// Where hosts, preferences and scans are kept.
    pub data_dir: String,
}

/// A library that the program is linked of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Where it comes from: `rust` or `npm`.
    pub from: String,
    /// The numbers of its texts.
    pub texts: Vec<u32>,
}

/// Texts of licences, by their numbers.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WantedTexts {
    numbers: Vec<u32>,
}

/// Written by `cargo xtask generate --licences`, as the packed texts are.
const LICENCES: &str = include_str!("licences.tsv");
const TEXTS: &[u8] = include_bytes!("licences.txt.zst");
/// Begins the line above a text, before its number.
const MARK: &str = "==== ";

fn licences() -> Vec<Licence> {
    let line = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        Some(Licence {
            name: words.next()?,
            version: words.next()?,
            licence: words.next()?,
            from: words.next()?,
            texts: words
                .next()?
                .split(',')
                .filter_map(|number| number.parse().ok())
                .collect(),
        })
    };
    LICENCES.lines().filter_map(line).collect()
}

/// Every text by its number. Unpacked when somebody asks: nearly nobody does.
fn texts() -> Result<BTreeMap<u32, String>, Problem> {
    let unpacked = zstd::decode_all(TEXTS).map_err(|error| {
        Problem::of(
            "LUM-LICENCE-TEXTS",
            "the texts of the licences cannot be read",
            &error,
        )
    })?;
    let all = String::from_utf8_lossy(&unpacked);
    let (mut texts, mut number) = (BTreeMap::<u32, String>::new(), 0);
    for line in all.lines() {
        match line.strip_prefix(MARK).and_then(|mark| mark.parse().ok()) {
            Some(next) => number = next,
            None => {
                let text = texts.entry(number).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    texts
        .values_mut()
        .for_each(|text| *text = text.trim_matches('\n').to_owned());
    Ok(texts)
}

struct Room(Arc<Core>);

impl Room {
    async fn texts(self: Arc<Self>, wanted: WantedTexts) -> Result<Vec<String>, Problem> {
        let mut texts = texts()?;
        Ok(wanted
            .numbers
            .iter()
            .filter_map(|number| texts.remove(number))
            .collect())
    }

    async fn about(self: Arc<Self>, _: NoArgs) -> Result<About, Problem> {
        Ok(About {
            version: self.0.options.version.clone(),
            licences: licences(),
            secrets: self.0.secrets(|secrets| Ok(secrets.status().detail)).await?,
            commit: self.0.options.commit.clone(),
            data_dir: self.0.data_dir.display().to_string(),
        })
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    let room = Arc::new(Room(Arc::clone(core)));
    registry.call("about", &room, Room::about);
    registry.call("licence_texts", &room, Room::texts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_the_text_of_its_licence() {
        let (licences, texts) = (licences(), texts().expect("texts"));
        for from in ["rust", "npm"] {
            assert!(licences.iter().any(|licence| licence.from == from), "{from}");
        }
        for licence in &licences {
            assert!(!licence.texts.is_empty(), "{licence:?} has no text");
            let length = |number: &u32| texts.get(number).map_or(0, String::len);
            assert!(
                licence.texts.iter().all(|number| length(number) > 0),
                "{licence:?} names a text that is not there"
            );
            // Somewhere in them it is said what may be done.
            let longest = licence.texts.iter().map(length).max();
            assert!(
                longest > Some(300),
                "{licence:?} has no more than {longest:?} characters"
            );
        }
    }
}
