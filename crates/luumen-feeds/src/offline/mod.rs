//! Recognises the files that somebody carried here: which source each is of, by its name and, failing that, by its content.
//!
//! It says what it took every file for and what it did not recognise, and why. Reading them is `build`'s work.

mod content;
mod name;

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    keep::{is_archive, told},
    registry::Registry,
    unpack,
};

/// A file that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is called within the folder.
    pub document: String,
    /// Id of its source.
    pub source: String,
    /// Name of its format.
    pub format: String,
    /// The higher speaks last, where a source says things again.
    pub rank: i64,
    /// What it was recognised by.
    pub by: By,
}

/// What a file was recognised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its name.
    Name,
    /// What is in it.
    Content,
}

/// A file that was not recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Where it lies.
    pub path: PathBuf,
    /// Why not.
    pub why: String,
}

/// What lies in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// What was recognised, by path.
    pub found: Vec<Found>,
    /// What was not, by path.
    pub unknown: Vec<Unknown>,
}

/// What a file is of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Guess {
    source: String,
    format: Option<&'static str>,
    rank: i64,
}

impl Guess {
    fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            format: None,
            rank: 0,
        }
    }
}

/// How much of a document is looked at.
const GLANCE: usize = 64 << 10;
/// How many documents of an archive are looked at.
const SAMPLES: usize = 24;

/// Looks at every file in the folder and below it.
pub fn survey(folder: &Path, registry: &Registry) -> io::Result<Survey> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let mut survey = Survey::default();
    for path in files {
        let document = within(folder, &path);
        if name::is_for_people(&document) {
            continue;
        }
        let recognised = match name::guess(&document) {
            Some(guess) => Ok((guess, By::Name)),
            None => by_content(&path, &document).map(|guess| (guess, By::Content)),
        };
        let found = recognised.and_then(|(guess, by)| {
            let source = registry
                .source(&guess.source)
                .ok_or_else(|| format!("it is of {}, which is not in the list of sources", guess.source))?;
            Ok(Found {
                path: path.clone(),
                document,
                source: guess.source,
                format: guess.format.map_or_else(|| source.format.clone(), str::to_owned),
                rank: guess.rank,
                by,
            })
        });
        match found {
            Ok(found) => survey.found.push(found),
            Err(why) => survey.unknown.push(Unknown { path, why }),
        }
    }
    Ok(survey)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // Follows links, as people do who put a disk together.
        let kind = std::fs::metadata(&path)?;
        if kind.is_dir() {
            list(&path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn within(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn by_content(path: &Path, document: &str) -> Result<Guess, String> {
    let archive = is_archive(document);
    let (mut guesses, mut looked) = (Vec::new(), 0);
    let walked = unpack::documents(path, |name, bytes| {
        if archive && !name::may_be_document(name) {
            return true;
        }
        looked += 1;
        let glance = &bytes[..bytes.len().min(GLANCE)];
        guesses.extend(content::guess(name, glance));
        looked < SAMPLES
    });
    walked.map_err(|error| told(&error))?;
    let Some(first) = guesses.first().cloned() else {
        return Err("neither its name nor its content says what it is".to_owned());
    };
    if guesses.iter().any(|guess| guess.source != first.source) {
        return Err("it holds documents of several sources; unpack it and give each its own file".to_owned());
    }
    if guesses.len() * 2 < looked {
        return Err(format!(
            "only {} of the first {looked} documents in it look like those of {}",
            guesses.len(),
            first.source
        ));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey_of(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
        let survey = survey(folder.path(), &registry).expect("a survey");
        let found = survey.found.iter();
        let mut lines: Vec<String> = found
            .map(|it| format!("{}: {} as {} by {:?}", it.document, it.source, it.format, it.by))
            .collect();
        let unknown = survey.unknown.iter();
        lines.extend(unknown.map(|it| format!("{}: {}", within(folder.path(), &it.path), it.why)));
        lines
    }

    #[test]
    fn files_are_recognised_by_name_and_by_content() {
        let lines = survey_of(&[
            ("nvdcve-1.1-2022.json", ""),
            (
                "x/DSA/list",
                "[29 Mar 2023] DSA-5380-1 xorg-server - security update\n",
            ),
            (
                "kev.json",
                r#"{"title": "CISA Catalog", "catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-1"}]}"#,
            ),
            (
                "scores.csv",
                "#model_version:v2023.03.01\ncve,epss,percentile\nCVE-1999-0005,0.9,0.9\n",
            ),
            ("other.csv", "CVE,CVSS3,EPSS\n"),
            (
                "a.json",
                r#"{"id": "ALSA-1", "affected": [{"package": {"ecosystem": "AlmaLinux:8"}}]}"#,
            ),
            (
                "p.json",
                r#"{"id": "PYSEC-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "x"}}]}"#,
            ),
            (
                "m.xml",
                "<oval_definitions xmlns=\"x\"><generator/><definition id=\"oval:com.redhat.rhsa:def:1\">",
            ),
            ("notes.md", "# Notes"),
            // For people, and so nobody's loss.
            ("x/README.md", "# What lies here"),
            ("LICENSE", "Apache-2.0"),
        ]);
        expect_test::expect![[r#"
            a.json: alma-osv as osv by Content
            kev.json: cisa-kev as cisa-kev by Content
            m.xml: redhat-oval as redhat-oval by Content
            nvdcve-1.1-2022.json: nvd-1.1 as nvd-1.1 by Name
            p.json: osv-pypi as osv by Content
            scores.csv: epss as epss-csv by Content
            x/DSA/list: debian-lists as debian-list by Name
            notes.md: neither its name nor its content says what it is
            other.csv: neither its name nor its content says what it is
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }
}
