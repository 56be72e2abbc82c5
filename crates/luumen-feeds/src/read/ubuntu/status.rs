//! The tracker's words for a package's status.
//!
//! | tracker | ours |
//! |---|---|
//! | `released (version)` | fixed in that version |
//! | `released` without a version | unreadable: fixed, and nobody says in what |
//! | `needed`, `active` | affected |
//! | `pending`, `pending (version)` | affected; the version is not published yet and stays in the note |
//! | `needs-triage` | under investigation |
//! | `deferred`, `deferred (date)` | deferred |
//! | `not-affected`, `not-affected (reason or version)` | not affected |
//! | `ignored (… end of life, end of standard support, end of ESM, end of kernel support, out of support …)` | end of life |
//! | `ignored`, `ignored (any other reason)` | will not fix |
//! | `DNE` | nothing: there is no such package in the release |

use luumen_model::advisory::Status;

use crate::read::dpkg;

/// What a status line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// No such package here.
    Nothing,
    /// A status, the fixed version if it is `Fixed`, the tracker's further words.
    Status(Status, Option<&'a str>, Option<&'a str>),
    /// Not to be understood, and why.
    Unreadable(&'static str),
}

/// Reads `status (detail)`.
pub(super) fn said(text: &str) -> Said<'_> {
    let text = text.trim();
    let (word, detail) = match text.split_once('(') {
        Some((word, detail)) => (word.trim(), detail.strip_suffix(')').unwrap_or(detail).trim()),
        None => (text, ""),
    };
    let note = Some(detail).filter(|detail| !detail.is_empty());
    match word {
        "DNE" => Said::Nothing,
        "released" => released(detail),
        "needed" | "active" => Said::Status(Status::Affected, None, note),
        "pending" => Said::Status(Status::Affected, None, Some(pending(text, detail))),
        "needs-triage" => Said::Status(Status::UnderInvestigation, None, note),
        "deferred" => Said::Status(Status::Deferred, None, note),
        "not-affected" => Said::Status(Status::NotAffected, None, note),
        "ignored" if ends_support(detail) => Said::Status(Status::EndOfLife, None, note),
        "ignored" => Said::Status(Status::WillNotFix, None, note),
        _ => Said::Unreadable("its status is none that we know"),
    }
}

fn released(detail: &str) -> Said<'_> {
    if detail.is_empty() {
        return Said::Unreadable("released, without the version");
    }
    if !dpkg::is_version(detail) {
        return Said::Unreadable("the released version is not a version");
    }
    Said::Status(Status::Fixed, Some(detail), None)
}

/// `pending` says more than "affected", so the word itself is kept.
fn pending<'a>(text: &'a str, detail: &str) -> &'a str {
    if detail.is_empty() { "pending" } else { text }
}

/// The reasons by which Ubuntu stops to look, as people have written them over the years.
fn ends_support(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    [
        "end of life",
        "end-of-life",
        "end of standard support",
        "end of kernel support",
        "end of esm",
        "end of support",
        "end of ubuntu",
        "out of standard support",
        "out of support",
        "reached end",
    ]
    .iter()
    .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Status;

    use super::{Said, said};

    #[track_caller]
    fn check(text: &str, status: Status, fixed: Option<&str>, note: Option<&str>) {
        assert_eq!(said(text), Said::Status(status, fixed, note), "{text}");
    }

    #[test]
    fn every_status_has_one_meaning() {
        check(
            "released (1:8.2p1-4ubuntu0.8)",
            Status::Fixed,
            Some("1:8.2p1-4ubuntu0.8"),
            None,
        );
        check(
            "released (9.1.19-0ubuntu0.14.04 )",
            Status::Fixed,
            Some("9.1.19-0ubuntu0.14.04"),
            None,
        );
        check("needed", Status::Affected, None, None);
        check("pending", Status::Affected, None, Some("pending"));
        check("pending (2.4-1)", Status::Affected, None, Some("pending (2.4-1)"));
        check("needs-triage", Status::UnderInvestigation, None, None);
        check(
            "deferred (2019-01-02)",
            Status::Deferred,
            None,
            Some("2019-01-02"),
        );
        check(
            "not-affected (2.31-0ubuntu9)",
            Status::NotAffected,
            None,
            Some("2.31-0ubuntu9"),
        );
        check(
            "not-affected (code not present)",
            Status::NotAffected,
            None,
            Some("code not present"),
        );
        check("ignored", Status::WillNotFix, None, None);
        check(
            "ignored (changes too intrusive)",
            Status::WillNotFix,
            None,
            Some("changes too intrusive"),
        );
    }

    #[test]
    fn the_end_of_support_is_not_a_decision_about_the_flaw() {
        for reason in [
            "end of standard support, was needed",
            "end of life",
            "was needs-triage now end-of-life",
            "out of standard support",
            "end of kernel support, was pending",
            "End of ESM support",
        ] {
            check(
                &format!("ignored ({reason})"),
                Status::EndOfLife,
                None,
                Some(reason),
            );
        }
    }

    #[test]
    fn a_fix_without_a_version_is_not_guessed() {
        for text in [
            "released",
            "released ()",
            "released (nova - 2011.2-0ubuntu1.2)",
            "released (0.27-1, 0.28-1)",
            "released (20.05.2, revisions 1873+)",
            "",
            "fixed (1.0)",
            "3.7.17",
        ] {
            assert!(matches!(said(text), Said::Unreadable(_)), "{text}");
        }
        assert_eq!(said("DNE (removed from archive)"), Said::Nothing);
    }
}
