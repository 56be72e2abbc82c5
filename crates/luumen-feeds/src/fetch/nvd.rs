//! The NVD's API 2.0: what changed since the last time, in spans of at most 120 days, page by page, going on where it stopped.

use std::fs::File;

use luumen_model::Timestamp;
use reqwest::Url;
use serde::Deserialize;

use super::{
    Stop, Visit,
    document::Outcome,
    plan::{self, Wanted},
    progress::Step,
};
use crate::{
    keep::{KeepError, Paging},
    registry::FirstLoad,
};

/// A span of time in which changes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// Cuts the time from `from` to `to` into spans that are no longer than `longest_ms`, the oldest first.
pub fn spans(from: Timestamp, to: Timestamp, longest_ms: i64) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut from = from;
    while from < to && longest_ms > 0 {
        let end = from.plus_millis(longest_ms).min(to);
        spans.push(Span { from, to: end });
        from = end;
    }
    spans
}

/// Changes are asked for again from a little earlier: the NVD's clock and ours are two.
const OVERLAP_MS: i64 = 15 * 60_000;
/// Without a word on when a yearly file was made, it is taken to be this old.
const UNKNOWN_AGE_MS: i64 = 2 * 86_400_000;
/// Pages beyond this many are merged into one.
const MOST_PAGES: usize = 100;

const PAGES: &str = "pages/";
const FIRST: &str = "first/";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageHead {
    start_index: u64,
    results_per_page: u64,
    total_results: u64,
}

impl Visit<'_> {
    pub(super) async fn pages(
        &mut self,
        path: &str,
        per_page: u32,
        first_load: Option<&FirstLoad>,
    ) -> Result<(), Stop> {
        if self.folder.state.complete_to.is_none()
            && self.folder.state.paging.is_none()
            && let Some(first) = first_load
            && !self.first_load(first).await?
        {
            return Ok(());
        }
        while let Some(paging) = self.next_span() {
            self.folder.state.paging = Some(paging);
            if !self.span(path, per_page, paging).await? {
                return Ok(());
            }
            self.folder.state.paging = None;
            self.folder.state.complete_to = Some(paging.to);
            self.folder.save()?;
        }
        self.merge_pages().map_err(Stop::Keep)
    }

    /// Yearly files. True when pages may follow.
    async fn first_load(&mut self, first: &FirstLoad) -> Result<bool, Stop> {
        let mut wanted = plan::yearly(&first.base, &first.path, first.from, first.check, self.now);
        for wanted in &mut wanted {
            let name = wanted.name.rsplit('/').next().unwrap_or_default();
            wanted.name = format!("{FIRST}{name}");
        }
        let before = self.report.trouble_count;
        self.documents(&wanted).await?;
        if self.report.trouble_count > before {
            // Pages would begin after what is missing, and nobody would ever ask for it.
            return Ok(false);
        }
        let of_first = self
            .folder
            .state
            .documents
            .iter()
            .filter(|(name, _)| name.starts_with(FIRST));
        let oldest = of_first
            .map(|(_, document)| {
                document
                    .changed_at
                    .unwrap_or(self.now.plus_millis(-UNKNOWN_AGE_MS))
            })
            .min();
        self.folder.state.complete_to = oldest.map(|at| at.min(self.now));
        self.folder.save()?;
        Ok(true)
    }

    /// Where to go on: half a span, the next one, or (when nothing is known) everything.
    fn next_span(&self) -> Option<Paging> {
        let state = &self.folder.state;
        if let Some(paging) = state.paging {
            return Some(paging);
        }
        let Some(complete_to) = state.complete_to else {
            return Some(Paging {
                from: None,
                to: self.now,
                next: 0,
            });
        };
        if complete_to >= self.now {
            return None;
        }
        let longest = i64::try_from(self.fetcher.settings.nvd_span.as_millis()).unwrap_or(i64::MAX);
        let from = complete_to.plus_millis(-OVERLAP_MS);
        let span = spans(from, self.now, longest.max(2 * OVERLAP_MS))
            .into_iter()
            .next()?;
        Some(Paging {
            from: Some(span.from),
            to: span.to,
            next: 0,
        })
    }

    /// All pages of a span. True when it is whole.
    async fn span(&mut self, path: &str, per_page: u32, mut paging: Paging) -> Result<bool, Stop> {
        loop {
            let Some(wanted) = self.page_address(path, per_page, paging) else {
                self.trouble(path, "the base of the source and this path make no address");
                return Ok(false);
            };
            // A page of an earlier run would be answered with 304 and is another page now.
            self.folder.forget(&wanted.name)?;
            if !matches!(self.document(&wanted).await?, Outcome::Fetched) {
                return Ok(false);
            }
            let head = match self.page_head(&wanted.name) {
                Ok(head) if head.start_index == paging.next => head,
                Ok(head) => {
                    let what = format!(
                        "the page begins at {} and not at {}",
                        head.start_index, paging.next
                    );
                    return self.bad_page(&wanted.name, what);
                }
                Err(error) => return self.bad_page(&wanted.name, format!("it is no page: {error}")),
            };
            if head.total_results == 0 {
                self.folder.forget(&wanted.name)?;
            }
            paging.next = paging.next.saturating_add(head.results_per_page);
            let whole = paging.next >= head.total_results;
            if !whole && head.results_per_page == 0 {
                return self.bad_page(
                    &wanted.name,
                    "the page is empty, and there should be more".to_owned(),
                );
            }
            self.tell(
                &wanted.name,
                paging.next.min(head.total_results),
                Some(head.total_results),
                Step::Done,
            );
            self.folder.state.paging = Some(paging);
            self.folder.save()?;
            if whole {
                return Ok(true);
            }
        }
    }

    fn bad_page(&mut self, name: &str, what: String) -> Result<bool, Stop> {
        self.folder.forget(name)?;
        self.trouble(name, what);
        Ok(false)
    }

    fn page_address(&self, path: &str, per_page: u32, paging: Paging) -> Option<Wanted> {
        let base = self.source.base.as_deref()?;
        let mut url = Url::parse(&format!("{base}{path}")).ok()?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("startIndex", &paging.next.to_string());
            query.append_pair("resultsPerPage", &per_page.to_string());
            if let Some(from) = paging.from {
                query.append_pair("lastModStartDate", &from.to_string());
                query.append_pair("lastModEndDate", &paging.to.to_string());
            }
        }
        let from = paging.from.map_or(0, Timestamp::as_millis);
        let name = format!(
            "{PAGES}{from:013}-{:013}/{:07}.json",
            paging.to.as_millis(),
            paging.next
        );
        let mut wanted = Wanted::new(url.as_str(), "");
        wanted.name = name;
        wanted.rank = paging.to.as_millis();
        // A key never travels in the clear; a mirror without TLS is asked without one.
        let private = url.scheme() == "https" || url.host_str().is_some_and(|host| host == "127.0.0.1");
        wanted.keyed = private && self.fetcher.settings.nvd_api_key.is_some();
        Some(wanted)
    }

    fn page_head(&self, name: &str) -> Result<PageHead, Box<dyn std::error::Error>> {
        let file = File::open(self.folder.raw(name))?;
        Ok(serde_json::from_reader(std::io::BufReader::new(file))?)
    }

    /// Years of hourly looks would be thousands of pages. The newest word of each vulnerability is enough.
    fn merge_pages(&mut self) -> Result<(), KeepError> {
        let pages = || {
            self.folder
                .state
                .documents
                .iter()
                .filter(|(name, _)| name.starts_with(PAGES))
        };
        if pages().count() <= MOST_PAGES {
            return Ok(());
        }
        let mut names: Vec<_> = pages().map(|(name, page)| (page.rank, name.clone())).collect();
        names.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let rank = names.first().map_or(0, |(rank, _)| *rank);
        let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
        let merged = match super::merge::pages(names.iter().map(|name| self.folder.raw(name))) {
            Ok(merged) => merged,
            Err(what) => {
                self.trouble(
                    PAGES,
                    format!("pages could not be merged, and stay as they are: {what}"),
                );
                return Ok(());
            }
        };
        let name = format!("{PAGES}merged-{rank:013}.json");
        self.folder.put(&name, &merged, rank, self.now)?;
        for old in names.iter().filter(|old| **old != name) {
            self.folder.forget(old)?;
        }
        self.folder.save()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: &[(&str, &str)]) {
        let day = |text: &str| -> Timestamp { format!("{text}T00:00:00Z").parse().expect("a day") };
        let expected: Vec<Span> = expected
            .iter()
            .map(|(from, to)| Span {
                from: day(from),
                to: day(to),
            })
            .collect();
        assert_eq!(spans(day(from), day(to), 120 * 86_400_000), expected);
    }

    #[test]
    fn time_is_cut_at_120_days() {
        check("2026-01-01", "2026-01-02", &[("2026-01-01", "2026-01-02")]);
        check("2026-01-01", "2026-05-01", &[("2026-01-01", "2026-05-01")]);
        check(
            "2026-01-01",
            "2026-11-01",
            &[
                ("2026-01-01", "2026-05-01"),
                ("2026-05-01", "2026-08-29"),
                ("2026-08-29", "2026-11-01"),
            ],
        );
        check("2026-01-02", "2026-01-02", &[]);
        check("2026-01-03", "2026-01-02", &[]);
    }
}
