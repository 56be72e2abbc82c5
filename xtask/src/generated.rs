//! What is written from the code and committed: the reference documents, the browser's API types and the
//! window's contract.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    licences::{self, Licences},
    shell,
};

/// A committed file that a program of ours prints.
#[derive(Debug)]
struct Document {
    path: &'static str,
    package: &'static str,
    arguments: &'static [&'static str],
}

const DOCUMENTS: &[Document] = &[
    Document {
        path: "docs/reference/openapi.json",
        package: "luumen-server",
        arguments: &["openapi"],
    },
    Document {
        path: "docs/reference/commands.md",
        package: "luumen-agent",
        arguments: &["commands", "--markdown"],
    },
    Document {
        path: "docs/reference/snapshot.schema.json",
        package: "luumen-agent",
        arguments: &["schema"],
    },
];

/// Rewrites the reference documents and, from them, the browser's API types.
pub(crate) fn rewrite_all(repository: &Path) -> Result<()> {
    rewrite_reference(repository)?;
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "generate", "-w", "@luumen/api-client"])
        .current_dir(repository);
    if !shell::succeeds(&mut npm)? {
        bail!("the browser's API types could not be generated");
    }
    Ok(())
}

pub(crate) fn rewrite_reference(repository: &Path) -> Result<()> {
    rewrite_licences(repository)?;
    shell::build_programs(repository)?;
    for document in DOCUMENTS {
        let text = document.print(repository)?;
        let path = repository.join(document.path);
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old != text {
            fs::write(&path, text).with_context(|| format!("cannot write {}", document.path))?;
            println!("wrote {}", document.path);
        }
    }
    rewrite_what_tests_compare(repository)
}

/// A committed file that is written by the test that says when it is old.
#[derive(Debug)]
struct Compared {
    path: &'static str,
    package: &'static str,
    /// Which tests of the package: `--bins`, `--test name`.
    target: &'static [&'static str],
    test: &'static str,
}

const COMPARED: &[Compared] = &[
    Compared {
        path: "docs/reference/agent-config.md",
        package: "luumen-agent",
        target: &["--bins"],
        test: "the_reference_page_is_current",
    },
    Compared {
        path: "docs/reference/server-settings.md",
        package: "luumen-server",
        target: &["--lib"],
        test: "the_reference_page_of_settings_is_current",
    },
    Compared {
        path: "docs/reference/permissions.md",
        package: "luumen-server",
        target: &["--lib"],
        test: "the_reference_page_of_permissions_is_current",
    },
    Compared {
        path: "ui/backend/src/contract.ts",
        package: "luumen-workbench",
        target: &["--test", "desk"],
        test: "the_contract_of_the_window_is_current",
    },
];

fn rewrite_what_tests_compare(repository: &Path) -> Result<()> {
    for compared in COMPARED {
        let mut test = Command::new(shell::cargo());
        test.args(["test", "--quiet", "--package", compared.package])
            .args(compared.target)
            .arg(compared.test);
        shell::output(test.env("UPDATE_DOCS", "1").current_dir(repository))
            .with_context(|| format!("{} could not be written", compared.path))?;
    }
    Ok(())
}

/// Rewrites the licences on the desktop's about page, and the document that its packages carry. Needs nothing built.
pub(crate) fn rewrite_licences(repository: &Path) -> Result<()> {
    let today = Licences::read(repository)?;
    let put = |path: &str, bytes: &[u8]| {
        let whole = repository.join(path);
        if let Some(folder) = whole.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&whole, bytes).with_context(|| format!("cannot write {path}"))
    };
    let before = licences::committed(repository);
    if before.table != today.table {
        put(licences::TABLE, today.table.as_bytes())?;
        println!("wrote {}", licences::TABLE);
    }
    // Another version of the packer may pack the same texts otherwise.
    if before.texts != today.texts {
        put(licences::TEXTS, &today.packed()?)?;
        println!("wrote {}", licences::TEXTS);
    }
    put(licences::DOCUMENT, today.document().as_bytes())
}

/// Fails when a committed document is not what the code prints today.
pub(crate) fn check(repository: &Path) -> Result<()> {
    shell::build_programs(repository)?;
    let mut old = Vec::new();
    let (before, today) = (licences::committed(repository), Licences::read(repository)?);
    for (path, before, today) in [
        (licences::TABLE, &before.table, &today.table),
        (licences::TEXTS, &before.texts, &today.texts),
    ] {
        if let Some(difference) = first_difference(before, today) {
            eprintln!("{path} is old at {difference}");
            old.push(path);
        }
    }
    for document in DOCUMENTS {
        let printed = document.print(repository)?;
        let committed = fs::read_to_string(repository.join(document.path)).unwrap_or_default();
        if let Some(difference) = first_difference(&committed, &printed) {
            eprintln!("{} is old at {difference}", document.path);
            old.push(document.path);
        }
    }
    if !old.is_empty() {
        bail!(
            "{} out of date: run `make generate` and commit what changed",
            old.join(", ")
        );
    }
    Ok(())
}

impl Document {
    fn print(&self, repository: &Path) -> Result<String> {
        let mut command = Command::new(shell::program(self.package)?);
        command.args(self.arguments);
        let text = shell::output(command.current_dir(repository))
            .with_context(|| format!("{} {} did not print", self.package, self.arguments.join(" ")))?;
        Ok(format!("{}\n", text.trim_end()))
    }
}

/// The first line where two texts part, as `line 3: "old" became "new"`.
fn first_difference(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let same = old
        .lines()
        .zip(new.lines())
        .take_while(|(old, new)| old == new)
        .count();
    let line = |text: &str| {
        text.lines()
            .nth(same)
            .map_or("the end".to_owned(), |line| format!("{:?}", line.trim()))
    };
    Some(format!("line {}: {} became {}", same + 1, line(old), line(new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expected: Option<&str>) {
        assert_eq!(first_difference(old, new).as_deref(), expected);
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        check("a\nb\n", "a\nb\n", None);
        check("a\n  b\nc\n", "a\n  x\nc\n", Some("line 2: \"b\" became \"x\""));
        check("a\n", "a\nb\n", Some("line 2: the end became \"b\""));
        check("", "a\n", Some("line 1: the end became \"a\""));
    }
}
