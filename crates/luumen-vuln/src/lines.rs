//! Verdicts as lines for other programs: the same as a report has, without its words.
//!
//! A report of a large host is thousands of sentences. Who only wants to compare or to count pays for none of them.

use std::ops::Range;

use luumen_catalogue::Catalogue;

use crate::{
    Facts, Finding, NotEvaluated, Scope,
    finding::shown,
    host::{HostHit, beside_packages, gaps_beside_packages, judge_packages},
    platform_of,
};

/// Lines, each with its end, and what could not be judged.
#[derive(Clone, Debug)]
pub struct Lines {
    /// One line a finding and installed version, sorted, each once: source package, version, id, verdict, fixed version, deciding source.
    pub text: String,
    /// What could not be judged.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Judges the facts of a host, and tells every verdict in a line.
pub fn match_lines(catalogue: &Catalogue, facts: &Facts, scope: Scope) -> Lines {
    let platform = facts.os.as_ref().and_then(platform_of);
    let mut not_evaluated = facts.gaps.clone();
    let mut writing = Writing::default();
    match judge_packages(catalogue, facts, platform.as_ref(), scope) {
        Ok((_, mut found)) => {
            found.sort_by(|a, b| a.source.cmp(&b.source));
            for hit in &found {
                writing.hit(catalogue, facts, hit);
            }
        }
        Err(gap) => not_evaluated.push(gap),
    }
    for finding in beside_packages(catalogue, facts, scope) {
        writing.finding(&finding);
    }
    not_evaluated.extend(gaps_beside_packages(catalogue, facts));
    Lines {
        text: writing.sorted(),
        not_evaluated,
    }
}

#[derive(Default)]
struct Writing {
    text: String,
    lines: Vec<Range<usize>>,
}

impl Writing {
    fn hit(&mut self, catalogue: &Catalogue, facts: &Facts, hit: &HostHit) {
        let claim = catalogue.claim(hit.hit.claim);
        let fixed = claim.as_ref().and_then(|claim| claim.fixed());
        let mut told: Option<&str> = None;
        for package in hit
            .packages
            .iter()
            .filter_map(|at| facts.packages.get(*at as usize))
        {
            let version = package.source_version.as_deref().unwrap_or(&package.version);
            // Binaries of one source mostly have one version, and lines that are the same are told once.
            if told == Some(version) {
                continue;
            }
            told = Some(version);
            self.line([
                &hit.source,
                version,
                catalogue.vulnerability_name(hit.hit.vulnerability),
                hit.hit.verdict.as_str(),
                fixed.as_ref().map_or("", |fixed| shown(fixed.text)),
                claim.as_ref().map_or("", |claim| claim.source()),
            ]);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        for package in &finding.installed {
            self.line([
                &finding.package,
                package.source_version.as_deref().unwrap_or(&package.version),
                &finding.vulnerability,
                finding.verdict.as_str(),
                finding.fixed_version.as_deref().unwrap_or_default(),
                &finding.source,
            ]);
        }
    }

    fn line(&mut self, columns: [&str; 6]) {
        let from = self.text.len();
        for (at, column) in columns.into_iter().enumerate() {
            if at > 0 {
                self.text.push('\t');
            }
            self.text.push_str(column);
        }
        self.lines.push(from..self.text.len());
    }

    fn sorted(mut self) -> String {
        let text = self.text.as_str();
        // Lines come package by package, and mostly in order.
        self.lines.sort_by(|a, b| text[a.clone()].cmp(&text[b.clone()]));
        self.lines.dedup_by(|a, b| text[a.clone()] == text[b.clone()]);
        let mut sorted = String::with_capacity(text.len() + self.lines.len());
        for line in self.lines {
            sorted.push_str(&text[line]);
            sorted.push('\n');
        }
        sorted
    }
}
