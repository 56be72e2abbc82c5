//! A report of findings, for people.

use std::fmt::Write as _;

use luumen_workbench::{Finding, HostReport, Severity, Verdict};

use crate::terminal::tame;

/// How many findings a page spells out; the rest is counted.
const SPELT_OUT: usize = 40;

/// A page: how bad it is, what helps most, the findings, and what could not be judged.
pub(crate) fn page(report: &HostReport) -> String {
    let mut out = String::new();
    let platform = report
        .platform
        .as_ref()
        .map_or("an unknown system".to_owned(), |platform| platform.label());
    let open: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.verdict.is_open())
        .collect();
    line(
        &mut out,
        &format!(
            "{platform}, {} packages judged with a catalogue of {}",
            report.package_count, report.catalogue_at
        ),
    );
    if report.sample_data {
        out.push_str("The catalogue is sample data: made up for show, not for judging hosts.\n");
    }
    for gap in &report.not_evaluated {
        line(&mut out, &format!("Not judged: {}: {}", gap.what, gap.why));
    }
    findings(&mut out, report, &open);
    silent(&mut out, report);
    out.truncate(out.trim_end().len());
    out
}

/// One line, whatever is in it: names of packages and releases come from the host.
fn line(out: &mut String, text: &str) {
    out.push_str(&tame(text));
    out.push('\n');
}

fn findings(out: &mut String, report: &HostReport, open: &[&Finding]) {
    if open.is_empty() {
        let all = if report.not_evaluated.is_empty() {
            ""
        } else {
            " in what could be judged"
        };
        let _ = writeln!(out, "\nNo open findings{all}.");
        return;
    }
    let _ = writeln!(out, "\n{} open: {}", open.len(), by_severity(open));
    fixes(out, open);
    out.push_str("\nFindings, the most urgent first\n");
    for finding in open.iter().take(SPELT_OUT) {
        line(out, &format!("  {}", head(finding)));
        line(out, &format!("      {}", finding.why));
    }
    if open.len() > SPELT_OUT {
        let _ = writeln!(
            out,
            "  … and {} more; the JSON document has them all",
            open.len() - SPELT_OUT
        );
    }
}

/// What is worth a look and no alarm is counted apart, so that it hides nothing that counts.
fn silent(out: &mut String, report: &HostReport) {
    let count = report.vendor_silent.len();
    if count > 0 {
        let _ = writeln!(
            out,
            "\n{count} more only possible: the vendor says nothing of them, and upstream's version lies in a range of the NVD or \
             the CVE record. The JSON document lists them."
        );
    }
}

fn by_severity(open: &[&Finding]) -> String {
    let severities = [
        (Severity::Critical, "critical"),
        (Severity::High, "high"),
        (Severity::Medium, "medium"),
        (Severity::Low, "low"),
        (Severity::None, "harmless"),
        (Severity::Unknown, "of unknown severity"),
    ];
    let counted = severities.iter().filter_map(|(severity, word)| {
        let count = open
            .iter()
            .filter(|finding| finding.severity == *severity)
            .count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let mut parts: Vec<String> = counted.collect();
    let exploited = open
        .iter()
        .filter(|finding| finding.kev_added_at.is_some())
        .count();
    if exploited > 0 {
        parts.push(format!("{exploited} known to be exploited"));
    }
    parts.join(", ")
}

/// Which updates close most.
fn fixes(out: &mut String, open: &[&Finding]) {
    let mut by_package = std::collections::BTreeMap::<&str, usize>::new();
    let fixable = open
        .iter()
        .filter(|finding| finding.verdict == Verdict::Vulnerable && finding.fixed_version.is_some());
    for finding in fixable {
        *by_package.entry(&finding.package).or_default() += 1;
    }
    let mut most: Vec<(&str, usize)> = by_package.into_iter().collect();
    most.sort_by_key(|(package, count)| (std::cmp::Reverse(*count), *package));
    if most.is_empty() {
        return;
    }
    out.push_str("\nUpdates that close most\n");
    for (package, count) in most.iter().take(10) {
        line(out, &format!("  {package} closes {count}"));
    }
}

fn head(finding: &Finding) -> String {
    let severity = serde_json::to_value(finding.severity).ok();
    let severity = severity
        .as_ref()
        .and_then(|word| word.as_str())
        .unwrap_or_default()
        .to_owned();
    let mut head = format!("{} {severity} {}", finding.vulnerability, finding.package);
    if let Some(score) = finding.score {
        let _ = write!(head, " CVSS {score:.1}");
    }
    if finding.kev_added_at.is_some() {
        head.push_str(" known-exploited");
    }
    if let Some(epss) = finding.epss {
        let _ = write!(head, " EPSS {:.1} %", epss * 100.0);
    }
    head
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use luumen_workbench::HostReport;
    use serde_json::{Value, json};

    fn finding(id: &str, verdict: &str, severity: &str, fixed: Option<&str>) -> Value {
        json!({
            "vulnerability": id, "package": "openssl", "verdict": verdict, "reason": "before_fix", "why": "A reason.",
            "installed": [
                {"name": "libssl3", "version": "3.0.11-1", "source_version": "3.0.11-1"},
                {"name": "openssl", "version": "3.0.11-1", "source_version": "3.0.11-1"}
            ],
            "confidence": "high", "fixed_version": fixed, "source": "debian-tracker", "authority": "vendor",
            "status": "fixed", "end_of_life": false, "severity": severity, "score": 7.5, "ransomware": false, "epss": 0.123,
        })
    }

    fn report(findings: &[Value], silent: &[Value], gaps: &[Value]) -> HostReport {
        let report = json!({
            "platform": {"family": "debian", "release": "12"}, "findings": findings, "vendor_silent": silent,
            "not_evaluated": gaps, "package_count": 2, "snapshot_at": "2026-11-24T00:00:00.000Z",
            "catalogue_at": "2026-11-23T00:00:00.000Z", "sample_data": false,
        });
        serde_json::from_value(report).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn check(report: &HostReport, expected: &Expect) {
        expected.assert_eq(&super::page(report));
    }

    #[test]
    fn a_page_says_how_bad_it_is_what_helps_and_why() {
        let open = finding("CVE-2023-5363", "vulnerable", "high", Some("3.0.11-1~deb12u2"));
        let fixed = finding("CVE-2022-0778", "fixed", "high", Some("1.1.1n-1"));
        let silent = finding("CVE-2024-1", "possible", "low", None);
        let expected = expect![[r#"
            debian/12, 2 packages judged with a catalogue of 2026-11-23T00:00:00.000Z

            1 open: 1 high

            Updates that close most
              openssl closes 1

            Findings, the most urgent first
              CVE-2023-5363 high openssl CVSS 7.5 EPSS 12.3 %
                  A reason.

            1 more only possible: the vendor says nothing of them, and upstream's version lies in a range of the NVD or the CVE record. The JSON document lists them."#]];
        check(&report(&[open, fixed], &[silent], &[]), &expected);
    }

    #[test]
    fn what_a_host_is_called_cannot_paint_or_add_lines() {
        let mut odd = finding("CVE-2023-5363", "vulnerable", "high", Some("3.0"));
        odd["package"] = json!("open\u{1b}[2Jssl\nNo open findings.");
        odd["why"] = json!("fixed\r\u{9b}1A");
        let gap = json!({"what": "pack\u{7}ages", "why": "no\nwhy"});
        let mut report = report(&[odd], &[], &[gap]);
        report.platform = serde_json::from_value(json!({"family": "debian", "release": "12\u{1b}[0m"})).ok();
        check(
            &report,
            &expect![[r#"
            debian/12�[0m, 2 packages judged with a catalogue of 2026-11-23T00:00:00.000Z
            Not judged: pack�ages: no�why

            1 open: 1 high

            Updates that close most
              open�[2Jssl�No open findings. closes 1

            Findings, the most urgent first
              CVE-2023-5363 high open�[2Jssl�No open findings. CVSS 7.5 EPSS 12.3 %
                  fixed��1A"#]],
        );
    }

    #[test]
    fn nothing_found_is_not_said_of_what_was_not_judged() {
        let gap = json!({"what": "packages", "why": "it was not collected"});
        check(
            &report(&[], &[], &[gap]),
            &expect![[r#"
                debian/12, 2 packages judged with a catalogue of 2026-11-23T00:00:00.000Z
                Not judged: packages: it was not collected

                No open findings in what could be judged."#]],
        );
        check(
            &report(&[], &[], &[]),
            &expect![[r#"
                debian/12, 2 packages judged with a catalogue of 2026-11-23T00:00:00.000Z

                No open findings."#]],
        );
    }
}
