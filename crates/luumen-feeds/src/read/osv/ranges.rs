//! Ranges of versions as OSV writes them: a row of events, two of which make an interval.

use luumen_model::advisory::Status;
use serde::Deserialize;

/// `ranges[]`.
#[derive(Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

/// An interval of versions, as the fields of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) status: Status,
    pub(super) introduced: Option<String>,
    pub(super) fixed: Option<String>,
    pub(super) last_affected: Option<String>,
}

/// The intervals of one range; nothing for ranges of git commits, which no package manager knows. The n-th end belongs to the n-th beginning: events are
/// not always in order, but both kinds are.
pub(super) fn intervals(range: Range) -> Result<Vec<Interval>, &'static str> {
    if range.kind == "GIT" {
        return Ok(Vec::new());
    }
    let mut starts = Vec::new();
    let mut ends = Vec::new();
    for event in range.events {
        if let Some(version) = event.introduced {
            starts.push(version);
        } else if event.fixed.is_some() || event.last_affected.is_some() {
            ends.push((event.fixed, event.last_affected));
        }
    }
    if ends.len() > starts.len() {
        return Err("a range has more ends than beginnings");
    }
    let mut ends = ends.into_iter();
    let intervals = starts.into_iter().map(|start| {
        let (fixed, last_affected) = ends.next().unwrap_or_default();
        interval(start, fixed, last_affected)
    });
    Ok(intervals.collect())
}

fn interval(start: String, fixed: Option<String>, last_affected: Option<String>) -> Interval {
    // Debian's way to say that no version ever was affected.
    let never = fixed.as_deref() == Some("0");
    let status = match &fixed {
        Some(_) if never => Status::NotAffected,
        Some(_) => Status::Fixed,
        None => Status::Affected,
    };
    Interval {
        status,
        introduced: Some(start).filter(|version| version != "0" && !never),
        fixed: fixed.filter(|_| !never),
        last_affected,
    }
}

/// One version named by itself.
pub(super) fn single(version: String) -> Interval {
    Interval {
        status: Status::Affected,
        introduced: Some(version.clone()),
        fixed: None,
        last_affected: Some(version),
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, intervals};

    #[track_caller]
    fn check(events: &str, expected: &str) {
        let range: Range =
            serde_json::from_str(&format!(r#"{{"type": "SEMVER", "events": {events}}}"#)).expect("a range");
        let seen = match intervals(range) {
            Ok(intervals) => intervals
                .iter()
                .map(|i| {
                    let part = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
                    format!(
                        "{:?} {}..{} ≤{}",
                        i.status,
                        part(&i.introduced),
                        part(&i.fixed),
                        part(&i.last_affected)
                    )
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(why) => why.to_owned(),
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn two_events_make_an_interval() {
        check(r#"[{"introduced": "0"}, {"fixed": "1.2"}]"#, "Fixed -..1.2 ≤-");
        check(
            r#"[{"introduced": "1.0"}, {"last_affected": "1.2"}]"#,
            "Affected 1.0..- ≤1.2",
        );
        check(r#"[{"introduced": "0"}]"#, "Affected -..- ≤-");
        check(r#"[{"introduced": "0"}, {"fixed": "0"}]"#, "NotAffected -..- ≤-");
        check(
            r#"[{"introduced": "1"}, {"fixed": "1.2"}, {"introduced": "2"}, {"fixed": "2.3"}]"#,
            "Fixed 1..1.2 ≤-; Fixed 2..2.3 ≤-",
        );
        check(
            r#"[{"introduced": "1"}, {"introduced": "2"}, {"fixed": "1.2"}, {"limit": "9"}]"#,
            "Fixed 1..1.2 ≤-; Affected 2..- ≤-",
        );
        check(r#"[{"fixed": "1.2"}]"#, "a range has more ends than beginnings");
        check("[]", "");
    }
}
