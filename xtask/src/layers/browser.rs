//! Reads what the files of the browser side import.
//!
//! Every quoted text counts as an import: a forbidden package named in passing is as telling as one imported.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use super::{Fault, files, plan::BrowserRule};

const SOURCES: &[&str] = &[
    ".ts",
    ".tsx",
    ".mts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".svelte",
    ".vue",
    ".css",
    ".html",
    "package.json",
];

/// Every line in the rule's folder that imports what the rule forbids.
pub(super) fn faults(repository: &Path, rule: &BrowserRule) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in files::under(&repository.join(&rule.folder), SOURCES)? {
        let place = files::shown(repository, &file);
        if rule
            .except
            .iter()
            .any(|folder| Path::new(&place).starts_with(folder))
        {
            continue;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {place}"))?;
        let lines = text.lines().enumerate();
        faults.extend(lines.flat_map(|(at, line)| {
            let place = &place;
            forbidden_in(Path::new(place), line, &rule.never).map(move |import| Fault {
                what: format!("{place}:{} imports {import}", at + 1),
                breaks: rule.keeps.clone(),
            })
        }));
    }
    Ok(faults)
}

/// The quoted texts of a line that lead where the rule forbids.
fn forbidden_in<'a>(
    file: &'a Path,
    line: &'a str,
    never: &'a [String],
) -> impl Iterator<Item = &'a str> + use<'a> {
    quoted(line).filter(move |import| {
        let target = target(file, import);
        never.iter().any(|forbidden| leads_to(&target, forbidden))
    })
}

/// A relative import as a path from the top of the repository; anything else as it stands.
fn target(file: &Path, import: &str) -> String {
    if !import.starts_with('.') {
        return import.to_owned();
    }
    let mut walked = PathBuf::from(file.parent().unwrap_or(file));
    for step in Path::new(import).components() {
        match step {
            Component::ParentDir => {
                walked.pop();
            }
            Component::Normal(name) => walked.push(name),
            _ => {}
        }
    }
    walked.to_string_lossy().into_owned()
}

fn leads_to(target: &str, forbidden: &str) -> bool {
    match forbidden.strip_suffix('/') {
        // A bare `@scope/` is no import, but a test's word for one.
        Some(folder) => {
            target == folder
                || target
                    .strip_prefix(forbidden)
                    .is_some_and(|rest| !rest.is_empty())
        }
        None => {
            target == forbidden
                || target
                    .strip_prefix(forbidden)
                    .is_some_and(|rest| rest.starts_with('/'))
        }
    }
}

/// The texts between quotes of any kind on one line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let open = rest.find(['"', '\'', '`'])?;
        let quote = rest[open..].chars().next()?;
        let inside = &rest[open + 1..];
        let close = inside.find(quote)?;
        rest = &inside[close + 1..];
        Some(&inside[..close])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, line: &str, expected: &[&str]) {
        let never = ["@tauri-apps/", "@luumen/features", "ui/features/"].map(str::to_owned);
        let found: Vec<&str> = forbidden_in(Path::new(file), line, &never).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn a_package_and_its_parts_are_found() {
        check(
            "ui/web/src/a.ts",
            "import { invoke } from '@tauri-apps/api/core';",
            &["@tauri-apps/api/core"],
        );
        check(
            "ui/kit/src/a.ts",
            "} from \"@luumen/features/hosts\";",
            &["@luumen/features/hosts"],
        );
        check(
            "ui/kit/package.json",
            "\"@luumen/features\": \"*\",",
            &["@luumen/features"],
        );
    }

    #[test]
    fn a_relative_way_into_a_forbidden_folder_is_found() {
        check(
            "ui/kit/src/table/a.ts",
            "await import('../../../features/src/x')",
            &["../../../features/src/x"],
        );
        check("ui/kit/src/a.ts", "import x from './features/x'", &[]);
    }

    #[test]
    fn names_that_only_look_alike_pass() {
        check(
            "ui/kit/src/a.ts",
            "import x from '@luumen/features-list'; it's \"unbalanced",
            &[],
        );
    }

    #[test]
    fn the_folder_that_may_is_left_out() {
        let top = tempfile::tempdir().unwrap();
        for folder in ["ui/backend/src", "ui/web/src"] {
            std::fs::create_dir_all(top.path().join(folder)).unwrap();
            std::fs::write(
                top.path().join(folder).join("x.ts"),
                "\nimport '@tauri-apps/api'\n",
            )
            .unwrap();
        }
        let rule = BrowserRule {
            folder: "ui".into(),
            except: vec!["ui/backend".into()],
            never: vec!["@tauri-apps/".into()],
            keeps: "browser".into(),
        };
        let faults = faults(top.path(), &rule).unwrap();
        assert_eq!(
            faults,
            [Fault {
                what: "ui/web/src/x.ts:2 imports @tauri-apps/api".into(),
                breaks: "browser".into()
            }]
        );
    }
}
