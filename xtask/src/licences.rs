//! The licences of everything that the desktop is linked of: a table and the texts, for its about page and its packages.
//!
//! Texts are only ever copied from where their library keeps them: cargo's registry and `node_modules`. Two libraries with the same text
//! share it. `browser` finds the npm packages, `texts` the files.

mod browser;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// The table: name, version, licence, where from, and the numbers of its texts, parted by tabs.
pub(crate) const TABLE: &str = "crates/luumen-workbench/src/licences.tsv";
/// The texts, packed: each under a line with its number.
pub(crate) const TEXTS: &str = "crates/luumen-workbench/src/licences.txt.zst";
/// Both for people, unpacked, as the packages carry it. Not committed.
pub(crate) const DOCUMENT: &str = "apps/desktop/gen/third-party-licences.txt";

/// Begins the line above a text.
const MARK: &str = "==== ";
const PACKING: i32 = 19;

/// A library that ends up in the program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    version: String,
    licence: String,
    /// `rust` or `npm`.
    from: &'static str,
    authors: Vec<String>,
    repository: String,
    folder: PathBuf,
}

/// What is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Licences {
    /// What [`TABLE`] holds.
    pub(crate) table: String,
    /// What [`TEXTS`] holds, unpacked.
    pub(crate) texts: String,
}

impl Licences {
    /// As they are today.
    pub(crate) fn read(repository: &Path) -> Result<Self> {
        let mut libraries = of_the_program(repository)?;
        libraries.extend(browser::linked(repository, "ui/desktop")?);
        write(&libraries)
    }

    pub(crate) fn packed(&self) -> Result<Vec<u8>> {
        zstd::encode_all(self.texts.as_bytes(), PACKING).context("the texts cannot be packed")
    }

    /// For people: who is in it, and then every text once.
    pub(crate) fn document(&self) -> String {
        let mut text =
            "Luumen is made of these libraries. The numbers after each are those of its texts below.\n\n"
                .to_owned();
        for row in self.table.lines() {
            let words: Vec<&str> = row.split('\t').collect();
            if let [name, version, licence, from, numbers] = words.as_slice() {
                let _ = writeln!(text, "{name} {version} ({from}): {licence} [{numbers}]");
            }
        }
        text + "\n" + &self.texts
    }
}

/// What is committed, unpacked, to be compared.
pub(crate) fn committed(repository: &Path) -> Licences {
    let packed = fs::read(repository.join(TEXTS)).unwrap_or_default();
    let texts = zstd::decode_all(packed.as_slice()).unwrap_or_default();
    Licences {
        table: fs::read_to_string(repository.join(TABLE)).unwrap_or_default(),
        texts: String::from_utf8_lossy(&texts).into_owned(),
    }
}

/// The table and the texts of libraries. Fails where one has no text, and none can be found for it.
fn write(libraries: &[Library]) -> Result<Licences> {
    let libraries: BTreeSet<&Library> = libraries.iter().collect();
    let libraries: Vec<&Library> = libraries.into_iter().collect();
    let found = texts::of_each(&libraries)?;
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut table, mut all) = (String::new(), String::new());
    for (library, texts) in libraries.iter().zip(&found) {
        ensure!(
            !texts.is_empty(),
            "{} {} has no text of its licence",
            library.name,
            library.version
        );
        let mut own = Vec::new();
        for text in texts {
            ensure!(
                !text.lines().any(|line| line.starts_with(MARK)),
                "a text of {} has a line that begins with {MARK:?}",
                library.name
            );
            let next = numbers.len() + 1;
            let number = *numbers.entry(text).or_insert(next);
            if number == next {
                write!(all, "{MARK}{number}\n\n{text}\n\n")?;
            }
            own.push(number.to_string());
        }
        let Library {
            name,
            version,
            licence,
            from,
            ..
        } = library;
        writeln!(table, "{name}\t{version}\t{licence}\t{from}\t{}", own.join(","))?;
    }
    Ok(Licences { table, texts: all })
}

/// Of the first of these that is there: the program, or all of it but the window.
const PROGRAMS: [&str; 2] = ["luumen-desktop", "luumen-workbench"];

fn of_the_program(repository: &Path) -> Result<Vec<Library>> {
    let metadata = MetadataCommand::new()
        .cargo_path(crate::shell::cargo())
        .current_dir(repository)
        .other_options(["--filter-platform=x86_64-unknown-linux-gnu".to_owned()])
        .exec()
        .context("cargo metadata did not answer")?;
    let packages: HashMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let mut libraries = Vec::new();
    for id in linked(&metadata)? {
        let package = packages.get(&id).context("a package that cargo did not list")?;
        if package.source.is_some() {
            libraries.push(library(package)?);
        }
    }
    Ok(libraries)
}

fn library(package: &Package) -> Result<Library> {
    let folder = package
        .manifest_path
        .parent()
        .context("a manifest without a folder")?;
    Ok(Library {
        name: package.name.to_string(),
        version: package.version.to_string(),
        licence: package
            .license
            .as_deref()
            .unwrap_or("see its licence file")
            .to_owned(),
        from: "rust",
        authors: package.authors.clone(),
        repository: package.repository.clone().unwrap_or_default(),
        folder: folder.as_std_path().to_owned(),
    })
}

/// Everything that is reached without build scripts and tests.
fn linked(metadata: &Metadata) -> Result<BTreeSet<PackageId>> {
    let root = PROGRAMS
        .iter()
        .find_map(|name| {
            metadata
                .workspace_packages()
                .into_iter()
                .find(|package| package.name.as_str() == *name)
        })
        .context("the workspace has no desktop")?;
    let resolve = metadata.resolve.as_ref().context("cargo resolved nothing")?;
    let mut open = vec![root.id.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let node = resolve
            .nodes
            .iter()
            .find(|node| node.id == id)
            .context("a package without a node")?;
        let linked = node.deps.iter().filter(|dep| {
            dep.dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
        });
        open.extend(linked.map(|dep| dep.pkg.clone()));
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(
        name: &str,
        licence: &str,
        repository: &str,
        files: &[(&str, &str)],
    ) -> (tempfile::TempDir, Library) {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, text) in files {
            fs::write(folder.path().join(file), text).expect("a file");
        }
        let library = Library {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            from: "rust",
            authors: vec!["Ann".to_owned()],
            repository: repository.to_owned(),
            folder: folder.path().to_owned(),
        };
        (folder, library)
    }

    const MIT: &str =
        "MIT License\n\nCopyright (c) Bo\n\nPermission is hereby granted, free of charge, to any person";

    #[test]
    fn the_same_text_is_written_once() {
        let (_a, a) = kept("a", "MIT", "", &[("LICENSE", MIT)]);
        let (_b, b) = kept(
            "b",
            "MIT",
            "",
            &[("license.md", &MIT.replace('\n', "\r\n")), ("NOTICE", "by B")],
        );
        let written = write(&[b, a]).expect("licences");
        assert_eq!(
            written.table,
            "a\t1.0.0\tMIT\trust\t1\nb\t1.0.0\tMIT\trust\t2,1\n"
        );
        assert_eq!(written.texts, format!("==== 1\n\n{MIT}\n\n==== 2\n\nby B\n\n"));
        let unpacked = zstd::decode_all(written.packed().expect("packed").as_slice()).expect("unpacked");
        assert_eq!(unpacked, written.texts.as_bytes());
        assert!(written.document().contains("b 1.0.0 (rust): MIT [2,1]"));
    }

    #[test]
    fn without_a_text_of_its_own_that_of_a_sibling_is_taken_and_else_the_words_with_its_authors() {
        let (_a, a) = kept("a", "MIT", "https://x.example/a", &[("LICENSE", MIT)]);
        let (_b, b) = kept("b", "MIT", "https://x.example/a.git", &[]);
        let (_c, c) = kept("c", "MIT", "https://x.example/c", &[]);
        let written = write(&[a, b, c]).expect("licences");
        assert!(
            written.table.contains("b\t1.0.0\tMIT\trust\t1\n"),
            "{}",
            written.table
        );
        let own = written.texts.split("==== 2\n\n").nth(1).expect("a second text");
        assert!(
            own.contains("c 1.0.0 carries no text")
                && own.contains("Ann")
                && own.contains("Permission is hereby"),
            "{own}"
        );
        assert!(
            !own.contains("Bo"),
            "nobody is named as the author of what is not theirs: {own}"
        );
    }

    #[test]
    fn a_library_without_any_text_is_refused() {
        let (_a, a) = kept("a", "BSD-9-Clause", "", &[]);
        let error = write(&[a]).expect_err("no text");
        assert!(error.to_string().contains("a 1.0.0"), "{error}");
    }
}
