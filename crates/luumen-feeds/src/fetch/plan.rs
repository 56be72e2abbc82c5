//! Which documents a source has today, by its plan.

use luumen_model::Timestamp;
use reqwest::Url;

use crate::registry::{Check, FetchPlan, Month, SourceInfo};

/// A document to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What it is called here.
    pub name: String,
    /// Where it lies.
    pub url: String,
    /// What to ask for.
    pub accept: Option<String>,
    /// Where its hash stands.
    pub check: Check,
    /// The higher speaks last.
    pub rank: i64,
    /// When the publisher says that it changed.
    pub changed_at: Option<Timestamp>,
    /// Its hash, where a list gives it.
    pub sha256: Option<String>,
    /// Carries the key of the NVD's API.
    pub keyed: bool,
    /// It may not be there yet: this year's, this month's.
    pub may_be_missing: bool,
}

impl Wanted {
    pub(crate) fn new(base: &str, path: &str) -> Self {
        Self {
            name: path.to_owned(),
            url: format!("{base}{path}"),
            accept: None,
            check: Check::None,
            rank: 0,
            changed_at: None,
            sha256: None,
            keyed: false,
            may_be_missing: false,
        }
    }

    /// Where it lies, if that is an address.
    pub(crate) fn url(&self) -> Option<Url> {
        Url::parse(&self.url).ok()
    }
}

/// The documents of plans whose paths are known without asking.
pub(crate) fn documents(source: &SourceInfo, plan: &FetchPlan, now: Timestamp) -> Vec<Wanted> {
    let base = source.base.as_deref().unwrap_or_default();
    let one = |path: &str, check: Check| Wanted {
        check,
        ..Wanted::new(base, path)
    };
    match plan {
        FetchPlan::File { paths, check } | FetchPlan::Archive { paths, check } => {
            paths.iter().map(|path| one(path, *check)).collect()
        }
        FetchPlan::PerRelease {
            path,
            releases,
            check,
        } => {
            let path_of = |release: &String| path.replace("{release}", release);
            releases
                .iter()
                .map(|release| one(&path_of(release), *check))
                .collect()
        }
        FetchPlan::Yearly {
            path,
            from,
            and,
            check,
        } => {
            let mut all = yearly(base, path, *from, *check, now);
            all.extend(and.iter().map(|path| Wanted {
                rank: 1,
                ..one(path, *check)
            }));
            all
        }
        FetchPlan::Monthly { path, from, accept } => monthly(base, path, *from, accept.as_deref(), now),
        FetchPlan::JsonPages { .. }
        | FetchPlan::DirectoryIndex { .. }
        | FetchPlan::RpmRepository { .. }
        | FetchPlan::Offline {} => Vec::new(),
    }
}

/// One for each year until today's.
pub(crate) fn yearly(base: &str, path: &str, from: i16, check: Check, now: Timestamp) -> Vec<Wanted> {
    let today = month_of(now).year;
    (from..=today)
        .map(|year| Wanted {
            check,
            may_be_missing: year == today,
            ..Wanted::new(base, &path.replace("{year}", &year.to_string()))
        })
        .collect()
}

fn monthly(base: &str, path: &str, from: Month, accept: Option<&str>, now: Timestamp) -> Vec<Wanted> {
    let today = month_of(now);
    std::iter::successors(Some(from), |month| Some(month.next()))
        .take_while(|month| *month <= today)
        .map(|month| {
            let path = path.replace("{month}", &month.to_string());
            let wanted = Wanted::new(base, &path);
            Wanted {
                // Readers go by names, and an address of an API has no ending.
                name: if path.contains('.') {
                    path
                } else {
                    format!("{path}.json")
                },
                accept: accept.map(str::to_owned),
                may_be_missing: month == today,
                ..wanted
            }
        })
        .collect()
}

fn month_of(now: Timestamp) -> Month {
    let at = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
    let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    Month {
        year: date.year(),
        month: u8::try_from(date.month()).unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[track_caller]
    fn check(id: &str, count: usize, first: &str, last: &str) {
        let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
        let source = registry.source(id).expect("a source");
        let now = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let all = documents(source, &source.fetch, now);
        assert_eq!(all.len(), count, "{id}");
        assert_eq!(all.first().map(|wanted| wanted.url.as_str()), Some(first));
        assert_eq!(all.last().map(|wanted| wanted.name.as_str()), Some(last));
    }

    #[test]
    fn plans_become_addresses() {
        check(
            "msrc-cvrf",
            128,
            "https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/2016-Apr",
            "2026-Nov.json",
        );
        check(
            "debian-lists",
            2,
            "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list",
            "data/DLA/list",
        );
        check(
            "ubuntu-oval",
            8,
            "https://security-metadata.canonical.com/oval/com.ubuntu.trusty.cve.oval.xml.bz2",
            "com.ubuntu.questing.cve.oval.xml.bz2",
        );
    }
}
