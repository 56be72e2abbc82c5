//! Compares the house with its plan.
//!
//! `plan` is what we meant (`layers.toml`), `graph` is what cargo resolved, `rust` and `browser` read the sources.
//! This room puts them side by side and says which arrow breaks which promise.

mod browser;
mod files;
mod graph;
mod plan;
mod rust;

use std::{fmt, path::Path};

use anyhow::{Context, Result, bail};

use self::{graph::Graph, plan::Plan};

/// Something that stands where it must not.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    /// The arrow or the line.
    what: String,
    /// The promise it breaks, or the rule.
    breaks: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    breaks: {}", self.what, self.breaks)
    }
}

/// Reads everything, prints every fault, and fails if there is one.
pub(crate) fn check(repository: &Path) -> Result<()> {
    let text = std::fs::read_to_string(repository.join("layers.toml")).context("cannot read layers.toml")?;
    let plan = Plan::parse(&text)?;
    let metadata = cargo_metadata::MetadataCommand::new()
        .cargo_path(crate::shell::cargo())
        .current_dir(repository)
        .exec()
        .context("cargo metadata did not answer")?;
    let graph = Graph::from_metadata(&metadata)?;

    let mut faults = plan.faults();
    faults.extend(arrow_faults(&plan, &graph));
    for (name, directory) in graph.ours() {
        if plan.is_pure(name) {
            faults.extend(rust::faults(repository, &directory.join("src"), &plan.pure)?);
        }
    }
    for rule in &plan.ui {
        faults.extend(browser::faults(repository, rule)?);
    }

    if faults.is_empty() {
        println!("layers: {} crates keep to the plan", graph.ours().count());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!(
        "{} arrows or lines are not on the plan in layers.toml",
        faults.len()
    )
}

/// Every arrow that is not drawn, and every forbidden place that can be reached.
fn arrow_faults(plan: &Plan, graph: &Graph) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, _) in graph.ours() {
        faults.extend(undrawn(plan, graph, name));
        if plan.is_pure(name) {
            faults.extend(reached(graph, name, &plan.pure.reach, &plan.pure.keeps));
        }
    }
    for never in &plan.never {
        for from in &never.from {
            faults.extend(reached(graph, from, &never.reach, &never.keeps));
        }
    }
    faults
}

/// The arrows from one of our crates to another that the plan does not show.
fn undrawn(plan: &Plan, graph: &Graph, name: &str) -> Vec<Fault> {
    let Some(room) = plan.crates.get(name) else {
        return vec![Fault {
            what: format!("{name} is a crate without a floor"),
            breaks: "every crate has its place in layers.toml".into(),
        }];
    };
    let known = graph.arrows(name).filter(|to| graph.is_ours(to));
    known
        .filter(|to| !room.may_know.contains(*to))
        .map(|to| Fault {
            what: format!("{name} → {to}"),
            breaks: if plan.dev_only.contains(to) {
                format!("{to} is for tests: it is a dev-dependency or nothing")
            } else {
                "an arrow that layers.toml does not list is forbidden".into()
            },
        })
        .collect()
}

/// The shortest way to each forbidden place that can be reached.
fn reached(graph: &Graph, from: &str, forbidden: &[String], keeps: &str) -> Vec<Fault> {
    let ways = forbidden.iter().filter_map(|to| graph.way(from, to));
    ways.map(|way| Fault {
        what: way.join(" → "),
        breaks: keeps.to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"
        dev_only = ["luumen-testkit"]

        [crates.luumen-model]
        floor = 0
        pure = true
        may_know = []
        [crates.luumen-transport]
        floor = 1
        may_know = []
        [crates.luumen-store]
        floor = 1
        may_know = ["luumen-model"]
        [crates.luumen-server]
        floor = 5
        may_know = ["luumen-model", "luumen-store"]
        [crates.luumen-testkit]
        floor = 5
        may_know = ["luumen-transport"]

        [[never]]
        from = ["luumen-server", "luumen-not-built-yet"]
        reach = ["luumen-transport", "russh"]
        keeps = "P1"
        [crates.luumen-not-built-yet]
        floor = 5
        may_know = []

        [pure]
        keeps = "same input, same verdict"
        reach = ["tokio"]
        paths = []
    "#;

    /// The house as it should be; a test adds the arrow it is about.
    const GOOD: &[(&str, &str)] = &[
        ("luumen-server", "luumen-store"),
        ("luumen-server", "luumen-model"),
        ("luumen-server", "axum"),
        ("luumen-store", "luumen-model"),
        ("luumen-store", "sea-orm"),
        ("luumen-transport", "russh"),
        ("luumen-testkit", "luumen-transport"),
        ("axum", "tokio"),
        ("sea-orm", "tokio"),
        ("russh", "tokio"),
        ("luumen-model", "serde"),
    ];

    #[track_caller]
    fn check(extra: &[(&str, &str)], expected: &[&str]) {
        let plan = Plan::parse(PLAN).unwrap();
        let graph = Graph::sketch(GOOD.iter().chain(extra));
        let faults = arrow_faults(&plan, &graph);
        let said: Vec<String> = faults
            .iter()
            .map(|f| format!("{} ({})", f.what, f.breaks))
            .collect();
        assert_eq!(said, expected);
    }

    const UNLISTED: &str = "an arrow that layers.toml does not list is forbidden";

    #[test]
    fn the_house_as_planned_is_green() {
        check(&[], &[]);
    }

    #[test]
    fn an_arrow_that_is_not_listed_is_red() {
        check(
            &[("luumen-store", "luumen-transport")],
            &[
                &format!("luumen-store → luumen-transport ({UNLISTED})"),
                "luumen-server → luumen-store → luumen-transport (P1)",
                "luumen-server → luumen-store → luumen-transport → russh (P1)",
            ],
        );
    }

    #[test]
    fn a_forbidden_arrow_is_red_even_through_a_crate_that_is_not_ours() {
        check(
            &[("axum", "harmless-name"), ("harmless-name", "russh")],
            &["luumen-server → axum → harmless-name → russh (P1)"],
        );
    }

    #[test]
    fn a_pure_crate_reaches_no_runtime() {
        check(
            &[("serde", "tokio")],
            &["luumen-model → serde → tokio (same input, same verdict)"],
        );
    }

    #[test]
    fn the_test_kit_is_known_to_tests_only() {
        check(
            &[("luumen-store", "luumen-testkit")],
            &[
                "luumen-store → luumen-testkit (luumen-testkit is for tests: it is a dev-dependency or nothing)",
                "luumen-server → luumen-store → luumen-testkit → luumen-transport (P1)",
                "luumen-server → luumen-store → luumen-testkit → luumen-transport → russh (P1)",
            ],
        );
    }

    #[test]
    fn a_crate_without_a_floor_is_red() {
        check(
            &[("luumen-attic", "serde")],
            &["luumen-attic is a crate without a floor (every crate has its place in layers.toml)"],
        );
    }

    #[test]
    fn the_plan_of_this_repository_reads_and_goes_downwards() {
        let text = std::fs::read_to_string(crate::shell::repository().join("layers.toml")).unwrap();
        assert_eq!(Plan::parse(&text).unwrap().faults(), []);
    }
}
