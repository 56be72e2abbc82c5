//! The lines of a configuration and of the files that it includes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{pattern, words};
use crate::guard;

/// How deep files may include each other, as in OpenSSH.
const DEEPEST: usize = 16;

/// A line that says something.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// In small letters.
    pub(super) keyword: String,
    /// As it stands behind the keyword.
    pub(super) rest: String,
    pub(super) words: Vec<String>,
    /// What an `Include` brings in, file by file.
    pub(super) included: Vec<Vec<Line>>,
}

/// A line that was not understood, or a file that could not be read.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) file: String,
    pub(super) number: u32,
    pub(super) text: String,
    pub(super) why: String,
}

/// Where includes are looked for.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// Where `~` leads.
    pub(crate) home: PathBuf,
    /// Where relative names are looked for: `~/.ssh`.
    pub(crate) ssh_folder: PathBuf,
}

#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) lines: Vec<Line>,
    pub(super) faults: Vec<Fault>,
}

impl Tree {
    /// Reads a text and everything that it includes.
    pub(super) fn read(text: &str, name: &str, files: &Files) -> Self {
        let mut faults = Vec::new();
        let lines = read_text(text, name, files, 0, &mut faults);
        Self { lines, faults }
    }
}

fn read_text(text: &str, name: &str, files: &Files, depth: usize, faults: &mut Vec<Fault>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        let Some((keyword, rest)) = words::keyword(text) else {
            continue;
        };
        let mut fault = |why: String| {
            faults.push(Fault {
                file: name.to_owned(),
                number,
                text: text.trim().to_owned(),
                why,
            });
        };
        let words = if keyword == "match" {
            words::criteria(rest)
        } else {
            words::split(rest)
        };
        let words = match words {
            Ok(words) => words,
            // Commands may hold anything; they are kept as they stand.
            Err(_) if keyword.ends_with("command") => Vec::new(),
            Err(why) => {
                fault(why.to_owned());
                continue;
            }
        };
        if words.is_empty() && rest.is_empty() {
            fault("a value is missing".to_owned());
            continue;
        }
        let included = if keyword == "include" {
            include(&words, files, depth, faults)
        } else {
            Vec::new()
        };
        lines.push(Line {
            keyword,
            rest: rest.to_owned(),
            words,
            included,
        });
    }
    lines
}

fn include(names: &[String], files: &Files, depth: usize, faults: &mut Vec<Fault>) -> Vec<Vec<Line>> {
    let mut included = Vec::new();
    for name in names {
        let mut fault = |why: String| {
            faults.push(Fault {
                file: name.clone(),
                number: 0,
                text: format!("Include {name}"),
                why,
            });
        };
        if depth + 1 >= DEEPEST {
            fault(format!("files include each other more than {DEEPEST} deep"));
            continue;
        }
        // A name that fits no file is no fault in OpenSSH either.
        for path in matching(&files.place(name)) {
            match fs::read(&path) {
                Ok(text) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    if guard::is_secret(&path) || super::super::text::is_private_key(&text) {
                        // What is not understood is repeated, and a key or a password must not be.
                        faults.push(Fault {
                            file: path.display().to_string(),
                            number: 0,
                            text: format!("Include {name}"),
                            why: "it is a private key or a place of passwords, and no configuration"
                                .to_owned(),
                        });
                        continue;
                    }
                    included.push(read_text(
                        &text,
                        &path.display().to_string(),
                        files,
                        depth + 1,
                        faults,
                    ));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => faults.push(Fault {
                    file: path.display().to_string(),
                    number: 0,
                    text: format!("Include {name}"),
                    why: error.to_string(),
                }),
            }
        }
    }
    included
}

impl Files {
    fn place(&self, name: &str) -> PathBuf {
        match name.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.ssh_folder.join(name),
        }
    }
}

/// The paths that a name with `*`, `?` and `[…]` stands for, in order.
fn matching(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let part = part.as_os_str();
        let text = part.to_string_lossy();
        if !text.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        found = found.iter().flat_map(|folder| inside(folder, &text)).collect();
    }
    found
}

fn inside(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    // A star does not stand for the dot of a hidden file.
    let mut names: Vec<String> = names
        .filter(|entry| (!entry.starts_with('.') || name.starts_with('.')) && pattern::fits_name(entry, name))
        .collect();
    names.sort();
    names.iter().map(|name| folder.join(name)).collect()
}
