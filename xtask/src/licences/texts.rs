//! Where a library keeps the texts of its licence, and what to do where it keeps none.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::Library;

/// How files with such texts begin, in small letters.
const NAMES: [&str; 6] = ["licen", "copying", "notice", "unlicense", "copyright", "ofl"];

/// A licence, words that only its text has, and where the part begins that names no author.
const WORDS: [(&str, &str, &str); 3] = [
    ("Apache-2.0", "Version 2.0, January 2004", ""),
    ("MPL-2.0", "Mozilla Public License Version 2.0", ""),
    (
        "MIT",
        "Permission is hereby granted, free of charge, to any person",
        "Permission is hereby granted",
    ),
];

/// The texts of each library, in the order of the libraries.
pub(super) fn of_each(libraries: &[&Library]) -> Result<Vec<Vec<String>>> {
    let own: Vec<Vec<String>> = libraries
        .iter()
        .map(|library| own(&library.folder))
        .collect::<Result<_>>()?;
    let found = libraries.iter().zip(&own).map(|(library, texts)| {
        if texts.is_empty() {
            borrowed(library, libraries, &own)
        } else {
            texts.clone()
        }
    });
    Ok(found.collect())
}

/// The texts in a library's folder, or in a folder for them.
fn own(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let list = |folder: &Path| -> Result<Vec<_>> {
        let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        Ok(entries.collect::<Result<_, _>>()?)
    };
    for entry in list(folder)? {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let is_code = [".rs", ".js", ".json", ".ts", ".toml", ".py"]
            .iter()
            .any(|end| name.ends_with(end));
        if is_code || !NAMES.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        if entry.path().is_dir() {
            files.extend(list(&entry.path())?.into_iter().map(|entry| entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.retain(|file| file.is_file());
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let text = tidy(&String::from_utf8_lossy(&bytes));
        // Where a link was packed as its own text, it leads to nowhere.
        let is_link = !text.contains('\n') && text.starts_with("../");
        if !text.is_empty() && !is_link && !texts.contains(&text) {
            texts.push(text);
        }
    }
    Ok(texts)
}

fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim_end)
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// A library without a text has that of its repository; else the words of its licence, which are the same for everybody, and its authors.
fn borrowed(library: &Library, libraries: &[&Library], own: &[Vec<String>]) -> Vec<String> {
    let home = |library: &Library| {
        let repository = library.repository.trim_end_matches('/').trim_end_matches(".git");
        (!repository.is_empty()).then(|| (repository.to_owned(), library.licence.clone()))
    };
    let wanted = home(library);
    let sibling = libraries
        .iter()
        .zip(own)
        .find(|(other, texts)| !texts.is_empty() && wanted.is_some() && home(other) == wanted);
    if let Some((_, texts)) = sibling {
        return texts.clone();
    }
    let named = |licence: &str| {
        library
            .licence
            .split([' ', '/', '(', ')'])
            .any(|word| word == licence)
    };
    let Some((licence, sign, begin)) = WORDS.iter().find(|(licence, ..)| named(licence)) else {
        return Vec::new();
    };
    // The shortest is the one that says nothing besides.
    let whole = own
        .iter()
        .flatten()
        .filter(|text| text.contains(sign))
        .min_by_key(|text| text.len());
    let Some(text) = whole.and_then(|text| text.get(text.find(begin)?..)) else {
        return Vec::new();
    };
    let authors = if library.authors.is_empty() {
        "its contributors".to_owned()
    } else {
        library.authors.join(", ")
    };
    vec![format!(
        "{} {} carries no text of its licence. It is by {authors} and says that it is under {}; the words of {licence} are:\n\n{text}",
        library.name, library.version, library.licence
    )]
}
