//! The versions list of a product in a CVE record, as spans of versions with a status.
//!
//! | written | understood as |
//! | --- | --- |
//! | `version` alone | exactly this version; `4.5.x` and `4.5.*` as from 4.5 before 4.6; `*` and `all` as any |
//! | `version` `>= 5.0, < 5.4.1` (GitHub) | the span |
//! | `version`, `lessThan` or `lessThanOrEqual` | from … before / up to …; `0`, `unspecified`, `n/a`, … and `*` leave that side open |
//! | `lessThanOrEqual` `5.10.*` | before 5.11 |
//! | `changes` | the span cut at each `at`, which takes the new status |
//! | `SAP_BASIS 731` alone | exactly this text: a component and its release |
//! | a leading `v` | dropped |
//! | `versionType` `git` | nothing: hashes have no order |
//! | any other text (`before 5.3`, `publication`) | a problem |

use serde::Deserialize;

/// An entry of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(default)]
    pub(super) version: String,
    status: Option<Status>,
    version_type: Option<String>,
    less_than: Option<String>,
    less_than_or_equal: Option<String>,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    at: String,
    status: Status,
}

/// What is said of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Affected,
    Unaffected,
    #[default]
    Unknown,
}

/// From a version to a version; open where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Between {
    pub(super) start: Option<String>,
    pub(super) start_excluded: bool,
    pub(super) end: Option<String>,
    pub(super) end_excluded: bool,
}

/// Which versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Exact(String),
    Between(Between),
}

/// Which versions, and what is said of them.
pub(super) type Span = (Status, Range);

/// A text in the place of a version.
enum Word<'a> {
    /// `0`, `*`, `unspecified`: that side is open.
    Open,
    /// A version.
    Version(&'a str),
    /// `5.10.*`: from the first before the second.
    Series(&'a str, String),
}

impl Version {
    /// Hashes of commits have no order without their repository.
    pub(super) fn is_git(&self) -> bool {
        self.version_type.as_deref() == Some("git")
    }

    /// Whether the entry itself, whatever its versions, says so.
    pub(super) fn says(&self, status: Status) -> bool {
        self.status == Some(status)
    }

    /// The spans that the entry speaks of; what could not be read of it goes to `lost`.
    pub(super) fn spans(&self, default: Status, lost: &mut Vec<String>) -> Vec<Span> {
        let status = self.status.unwrap_or(default);
        let range = match (&self.less_than, &self.less_than_or_equal) {
            (None, None) if self.changes.is_empty() => {
                return kept(alone(&self.version), lost)
                    .map(|range| (status, range))
                    .into_iter()
                    .collect();
            }
            (Some(end), _) => (end.as_str(), true),
            (None, Some(end)) => (end.as_str(), false),
            (None, None) => ("*", false),
        };
        kept(self.cut(status, range, lost), lost).unwrap_or_default()
    }

    /// The span from `version` to the end, cut at every change.
    fn cut(
        &self,
        mut status: Status,
        end: (&str, bool),
        lost: &mut Vec<String>,
    ) -> Result<Vec<Span>, String> {
        let mut spans = Vec::with_capacity(1 + self.changes.len());
        let mut start = begin(&self.version)?;
        for change in &self.changes {
            let at = begin(&change.at)?;
            let span = Between {
                start: std::mem::replace(&mut start, at.clone()),
                end: at,
                end_excluded: true,
                ..Between::default()
            };
            spans.push((status, Range::Between(span)));
            status = change.status;
        }
        // An end that cannot be read costs the last piece only.
        match finish(end.0, end.1) {
            // The last change often stands at the end itself.
            Ok((Some(end), true)) if start.as_ref() == Some(&end) => {}
            Ok((end, end_excluded)) => {
                let span = Between {
                    start,
                    end,
                    end_excluded,
                    ..Between::default()
                };
                spans.push((status, Range::Between(span)));
            }
            Err(what) => lost.push(what),
        }
        Ok(spans)
    }
}

fn kept<T>(read: Result<T, String>, lost: &mut Vec<String>) -> Option<T> {
    read.map_err(|what| lost.push(what)).ok()
}

/// A version without a second side.
fn alone(text: &str) -> Result<Range, String> {
    if text.trim_start().starts_with(['<', '>', '=']) {
        return compared(text);
    }
    if matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "*" | "all" | "all versions"
    ) {
        return Ok(Range::Between(Between::default()));
    }
    let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_component_release(&tidy) {
        return Ok(Range::Exact(tidy));
    }
    match word(text)? {
        Word::Open if text.trim() == "0" => Ok(Range::Exact("0".to_owned())),
        Word::Open => Err(format!("{text:?} does not say which versions")),
        Word::Version(version) => Ok(Range::Exact(version.to_owned())),
        Word::Series(first, next) => Ok(Range::Between(Between {
            start: Some(first.to_owned()),
            end: Some(next),
            end_excluded: true,
            ..Between::default()
        })),
    }
}

/// `SAP_BASIS 731`: one of the components that SAP counts a product by.
fn is_component_release(text: &str) -> bool {
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '/');
    text.split_once(' ').is_some_and(|(component, release)| {
        let named = component.starts_with(|c: char| c.is_ascii_uppercase()) && component.chars().all(capital);
        let numbered = release.starts_with(|c: char| c.is_ascii_digit());
        named
            && numbered
            && release
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"._".contains(&c))
    })
}

/// `>= 5.0, < 5.4.1`.
fn compared(text: &str) -> Result<Range, String> {
    let mut span = Between::default();
    for part in text.split(',').map(str::trim) {
        let at = part.find(|c| !matches!(c, '<' | '>' | '='));
        let (operator, version) = part.split_at(at.unwrap_or(part.len()));
        let Word::Version(version) = word(version)? else {
            return Err(format!("{text:?} is no span of versions"));
        };
        if matches!(operator, "=" | "==") && text.trim() == part {
            return Ok(Range::Exact(version.to_owned()));
        }
        let version = Some(version.to_owned());
        match operator {
            "<" => (span.end, span.end_excluded) = (version, true),
            "<=" => (span.end, span.end_excluded) = (version, false),
            ">" => (span.start, span.start_excluded) = (version, true),
            ">=" => (span.start, span.start_excluded) = (version, false),
            _ => return Err(format!("{text:?} is no span of versions")),
        }
    }
    Ok(Range::Between(span))
}

fn begin(text: &str) -> Result<Option<String>, String> {
    Ok(match word(text)? {
        Word::Open => None,
        Word::Version(version) | Word::Series(version, _) => Some(version.to_owned()),
    })
}

fn finish(text: &str, excluded: bool) -> Result<(Option<String>, bool), String> {
    Ok(match word(text)? {
        Word::Open => (None, false),
        Word::Version(version) => (Some(version.to_owned()), excluded),
        Word::Series(_, next) => (Some(next), true),
    })
}

fn word(text: &str) -> Result<Word<'_>, String> {
    let trimmed = text.trim();
    let open = [
        "",
        "*",
        "-",
        "0",
        "?",
        "unspecified",
        "n/a",
        "na",
        "all",
        "all versions",
        "none",
        "various",
    ];
    if open.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) {
        return Ok(Word::Open);
    }
    let bare = trimmed
        .strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let bare = bare.unwrap_or(trimmed);
    let unreadable = || format!("{text:?} is no version");
    if let Some(stem) = [".*", ".x", ".X"]
        .iter()
        .find_map(|ending| bare.strip_suffix(ending))
    {
        let next = after(stem).ok_or_else(unreadable)?;
        return Ok(Word::Series(stem, next));
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '~' | ':' | '-');
    let readable = bare.len() <= 100 && bare.chars().all(fine) && bare.bytes().any(|c| c.is_ascii_digit());
    readable.then_some(Word::Version(bare)).ok_or_else(unreadable)
}

/// The first version after all of `5.10.*`: `5.11`.
fn after(stem: &str) -> Option<String> {
    let numbers = stem.split('.').map(|part| part.parse::<u32>().ok());
    let mut numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
    let last = numbers.last_mut()?;
    *last = last.checked_add(1)?;
    let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
    Some(texts.join("."))
}

#[cfg(test)]
mod tests {
    use super::{Between, Range, Status, Version};

    /// The spans of an entry in short: `affected [1.0, 2.0)`.
    fn spans(json: &str) -> (Vec<String>, Vec<String>) {
        let version: Version = serde_json::from_str(json).expect("an entry of a versions list");
        let mut lost = Vec::new();
        let spans = version.spans(Status::Unknown, &mut lost);
        let shown = spans.into_iter().map(|(status, range)| match range {
            Range::Exact(version) => format!("{status:?} {version}"),
            Range::Between(Between {
                start,
                start_excluded,
                end,
                end_excluded,
            }) => {
                let brackets = (
                    if start_excluded { "(" } else { "[" },
                    if end_excluded { ")" } else { "]" },
                );
                let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
                format!("{status:?} {}{start}, {end}{}", brackets.0, brackets.1)
            }
        });
        (shown.collect(), lost)
    }

    #[track_caller]
    fn check(json: &str, expected: &[&str]) {
        assert_eq!(
            spans(json),
            (
                expected.iter().map(|text| (*text).to_owned()).collect(),
                Vec::new()
            )
        );
    }

    #[track_caller]
    fn check_lost(json: &str, expected: &[&str], why: &str) {
        let (spans, lost) = spans(json);
        assert_eq!(spans, expected);
        assert_eq!(lost, [why]);
    }

    #[test]
    fn a_version_alone_is_exact_or_a_series_or_any() {
        check(
            r#"{"version": "1.2.3", "status": "affected"}"#,
            &["Affected 1.2.3"],
        );
        check(
            r#"{"version": "v1.2.3", "status": "unaffected"}"#,
            &["Unaffected 1.2.3"],
        );
        check(
            r#"{"version": "4.5.x", "status": "affected"}"#,
            &["Affected [4.5, 4.6)"],
        );
        check(r#"{"version": "*", "status": "affected"}"#, &["Affected [, ]"]);
        check(
            r#"{"version": "SAP_BASIS 731", "status": "affected"}"#,
            &["Affected SAP_BASIS 731"],
        );
        check(
            r#"{"version": "SAP_BASIS  702 ", "status": "affected"}"#,
            &["Affected SAP_BASIS 702"],
        );
        check(r#"{"version": "1.0"}"#, &["Unknown 1.0"]);
    }

    #[test]
    fn spans_written_by_github_are_spans() {
        check(
            r#"{"version": ">= 5.0, < 5.4.1", "status": "affected"}"#,
            &["Affected [5.0, 5.4.1)"],
        );
        check(
            r#"{"version": "<= 2.7", "status": "affected"}"#,
            &["Affected [, 2.7]"],
        );
        check(
            r#"{"version": "> 2.7", "status": "affected"}"#,
            &["Affected (2.7, ]"],
        );
        check(r#"{"version": "= 2.7", "status": "affected"}"#, &["Affected 2.7"]);
    }

    #[test]
    fn two_sides_may_each_be_open() {
        check(
            r#"{"version": "0", "lessThan": "3.15", "status": "affected"}"#,
            &["Affected [, 3.15)"],
        );
        check(
            r#"{"version": "6.8", "lessThanOrEqual": "*", "status": "unaffected"}"#,
            &["Unaffected [6.8, ]"],
        );
        check(
            r#"{"version": "unspecified", "lessThanOrEqual": "2.0", "status": "affected"}"#,
            &["Affected [, 2.0]"],
        );
        check(
            r#"{"version": "5.10.209", "lessThanOrEqual": "5.10.*", "status": "unaffected"}"#,
            &["Unaffected [5.10.209, 5.11)"],
        );
    }

    #[test]
    fn changes_cut_a_span() {
        check(
            r#"{"version": "2.0-beta9", "lessThan": "2.15.0", "status": "affected", "changes": [
                {"at": "2.3.1", "status": "unaffected"}, {"at": "2.4", "status": "affected"}, {"at": "2.15.0", "status": "unaffected"}]}"#,
            &[
                "Affected [2.0-beta9, 2.3.1)",
                "Unaffected [2.3.1, 2.4)",
                "Affected [2.4, 2.15.0)",
            ],
        );
        check_lost(
            r#"{"version": "2.13.0", "lessThan": "log4j-core*", "status": "affected", "changes": [{"at": "2.15.0", "status": "unaffected"}]}"#,
            &["Affected [2.13.0, 2.15.0)"],
            r#""log4j-core*" is no version"#,
        );
    }

    #[test]
    fn what_is_no_version_is_told_and_not_guessed() {
        check_lost(
            r#"{"version": "n/a", "status": "affected"}"#,
            &[],
            r#""n/a" does not say which versions"#,
        );
        check_lost(
            r#"{"version": "before 5.3.0", "status": "affected"}"#,
            &[],
            r#""before 5.3.0" is no version"#,
        );
        check_lost(
            r#"{"version": "10.0.0", "lessThan": "publication", "status": "affected"}"#,
            &[],
            r#""publication" is no version"#,
        );
        check_lost(
            r#"{"version": "4294967295.*", "status": "affected"}"#,
            &[],
            r#""4294967295.*" is no version"#,
        );
        check_lost(
            r#"{"version": ">= 5.0 || 6", "status": "affected"}"#,
            &[],
            r#"" 5.0 || 6" is no version"#,
        );
    }
}
