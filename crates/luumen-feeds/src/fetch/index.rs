//! A directory with a list of what changed, as CSAF providers keep one: an archive to begin with, then document by document.

use luumen_model::Timestamp;

use super::{Stop, Visit, document::Outcome, plan::Wanted, transfer::TransferError};
use crate::{
    keep::told,
    registry::{Check, FetchPlan, stays_below},
};

/// Lists of changes have a line for each document of twenty years.
const LIST: usize = 256 << 20;
/// More changed documents than this, and the archive is the smaller of the two.
const ARCHIVE_IS_SMALLER: usize = 4000;
/// How often the state is written down on the way.
const SAVE_EVERY: usize = 50;
/// An archive holds what was there some hours before it was made.
const ARCHIVE_OVERLAP_MS: i64 = 86_400_000;
/// Where an archive is kept.
const ARCHIVE: &str = "archive/";

/// A line of such a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    path: String,
    at: Timestamp,
}

/// `"2024/cve-2024-1.json","2024-05-01T00:00:00+00:00"` lines; what is none is counted.
fn changes(text: &str) -> (Vec<Change>, u64) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut changes, mut odd) = (Vec::new(), 0);
    for record in reader.records() {
        let change = record.ok().and_then(|record| {
            let path = record.get(0)?.trim().trim_start_matches("./").to_owned();
            let at = record.get(1)?.trim().parse().ok()?;
            stays_below(&path).then_some(Change { path, at })
        });
        match change {
            Some(change) => changes.push(change),
            None => odd += 1,
        }
    }
    (changes, odd)
}

struct Directory<'a> {
    base: &'a str,
    directory: &'a str,
    changes: &'a str,
    deletions: Option<&'a str>,
    archive: Option<&'a str>,
    archive_named_in: Option<&'a str>,
    check: Check,
}

impl Visit<'_> {
    pub(super) async fn directory(&mut self) -> Result<(), Stop> {
        let source = self.source;
        let (
            Some(base),
            FetchPlan::DirectoryIndex {
                directory,
                changes,
                deletions,
                archive,
                archive_named_in,
                check,
            },
        ) = (source.base.as_deref(), &source.fetch)
        else {
            return Ok(());
        };
        let plan = Directory {
            base,
            directory,
            changes,
            deletions: deletions.as_deref(),
            archive: archive.as_deref(),
            archive_named_in: archive_named_in.as_deref(),
            check: *check,
        };
        if !self.has_archive() {
            self.archive(&plan).await?;
        }
        let Some((changed, etag)) = self.changed(&plan).await? else {
            return Ok(());
        };
        let mut changed = changed;
        if changed.len() > ARCHIVE_IS_SMALLER && self.has_archive() && self.archive(&plan).await? {
            let complete_to = self.folder.state.complete_to;
            changed.retain(|change| complete_to.is_none_or(|to| change.at > to));
        }
        self.changed_documents(&plan, &changed, etag).await?;
        self.deletions(&plan).await
    }

    fn has_archive(&self) -> bool {
        let names = &mut self.folder.state.documents.keys();
        names.any(|name| name.starts_with(ARCHIVE))
    }

    /// Fetches the archive, if there is one. True when it is here and new.
    async fn archive(&mut self, plan: &Directory<'_>) -> Result<bool, Stop> {
        let path = match (plan.archive, plan.archive_named_in) {
            (Some(path), _) => path.to_owned(),
            (None, Some(pointer)) => match self.small(&format!("{}{pointer}", plan.base)).await {
                Ok(name) => name.trim().to_owned(),
                Err(TransferError::Cancelled) => return Err(Stop::Cancelled),
                Err(error) => {
                    self.trouble(pointer, told(&error));
                    return Ok(false);
                }
            },
            (None, None) => return Ok(false),
        };
        if !stays_below(&path) {
            self.trouble(ARCHIVE, format!("{path:?} is not the name of an archive"));
            return Ok(false);
        }
        let mut wanted = Wanted::new(plan.base, &path);
        // Always the same name here, whatever day is in theirs: it replaces the one before.
        wanted.name = format!("{ARCHIVE}all{}", packing(&path));
        wanted.check = plan.check;
        wanted.rank = 0;
        if !matches!(self.document(&wanted).await?, Outcome::Fetched) {
            return Ok(false);
        }
        let state = self.folder.state.documents.get(&wanted.name);
        let made_at = day_in(&path).or(state.and_then(|document| document.changed_at));
        let complete_to = made_at
            .unwrap_or(self.now)
            .min(self.now)
            .plus_millis(-ARCHIVE_OVERLAP_MS);
        self.folder.state.complete_to = Some(complete_to);
        self.forget_older(complete_to)?;
        self.folder.save()?;
        Ok(true)
    }

    /// Single documents that a newer archive holds too.
    fn forget_older(&mut self, complete_to: Timestamp) -> Result<(), Stop> {
        let documents = self.folder.state.documents.iter();
        let older: Vec<String> = documents
            .filter(|(name, document)| {
                !name.starts_with(ARCHIVE) && document.changed_at.is_some_and(|at| at < complete_to)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in older {
            self.folder.forget(&name)?;
        }
        Ok(())
    }

    /// What the list names and we do not have, the oldest first. None when the list has not changed or cannot be had.
    async fn changed(&mut self, plan: &Directory<'_>) -> Result<Option<(Vec<Change>, Option<String>)>, Stop> {
        let url = format!("{}{}{}", plan.base, plan.directory, plan.changes);
        let etag = self.folder.state.changes_etag.clone();
        let (text, arrived) = match self.text(&url, LIST, etag).await {
            Ok((Some(text), arrived)) => (text, arrived),
            Ok((None, _)) => return Ok(None),
            Err(TransferError::Cancelled) => return Err(Stop::Cancelled),
            Err(error) => {
                self.trouble(plan.changes, told(&error));
                return Ok(None);
            }
        };
        let (mut all, odd) = changes(&text);
        if odd > 0 {
            self.trouble(plan.changes, format!("{odd} lines are not `path,moment`"));
        }
        let state = &self.folder.state;
        all.retain(|change| {
            let new = state.complete_to.is_none_or(|to| change.at > to);
            let have = state.documents.get(&change.path);
            new && have.is_none_or(|have| have.changed_at != Some(change.at))
        });
        all.sort_by(|a, b| (a.at, &a.path).cmp(&(b.at, &b.path)));
        Ok(Some((all, arrived.etag)))
    }

    async fn changed_documents(
        &mut self,
        plan: &Directory<'_>,
        changed: &[Change],
        etag: Option<String>,
    ) -> Result<(), Stop> {
        let before = self.report.trouble_count;
        let base = format!("{}{}", plan.base, plan.directory);
        for (at, change) in changed.iter().enumerate() {
            let mut wanted = Wanted::new(&base, &change.path);
            wanted.check = plan.check;
            wanted.rank = 1;
            wanted.changed_at = Some(change.at);
            self.document(&wanted).await?;
            self.folder.state.deleted.remove(last_part(&change.path));
            if at % SAVE_EVERY == SAVE_EVERY - 1 {
                self.folder.save()?;
            }
            if self.gives_up(changed.len() - at - 1) {
                break;
            }
        }
        if self.report.trouble_count == before {
            self.folder.state.changes_etag = etag;
        }
        Ok(self.folder.save()?)
    }

    /// What the publisher took back. A list that takes back half of everything is not believed.
    async fn deletions(&mut self, plan: &Directory<'_>) -> Result<(), Stop> {
        let Some(path) = plan.deletions else {
            return Ok(());
        };
        let text = match self
            .text(&format!("{}{}{path}", plan.base, plan.directory), LIST, None)
            .await
        {
            Ok((text, _)) => text.unwrap_or_default(),
            Err(TransferError::Cancelled) => return Err(Stop::Cancelled),
            Err(TransferError::Gone { .. }) => return Ok(()),
            Err(error) => {
                self.trouble(path, told(&error));
                return Ok(());
            }
        };
        let (deletions, _) = changes(&text);
        let newer = |deletion: &Change| {
            let have = self.folder.state.documents.get(&deletion.path);
            have.and_then(|have| have.changed_at)
                .is_none_or(|at| at <= deletion.at)
        };
        let new: Vec<&Change> = deletions
            .iter()
            .filter(|deletion| !self.folder.state.deleted.contains(last_part(&deletion.path)))
            .filter(|deletion| newer(deletion))
            .collect();
        let kept: u64 = self
            .folder
            .state
            .documents
            .values()
            .map(|document| document.documents.max(1))
            .sum();
        if new.len() as u64 > (kept / 2).max(MOST_FIRST_DELETIONS) {
            let what = format!(
                "it takes back {} documents at once, which is not believed",
                new.len()
            );
            self.trouble(path, what);
            return Ok(());
        }
        for deletion in new {
            self.folder
                .state
                .deleted
                .insert(last_part(&deletion.path).to_owned());
            self.folder.forget(&deletion.path)?;
        }
        Ok(self.folder.save()?)
    }
}

/// A list of deletions has grown over years when it is seen for the first time.
const MOST_FIRST_DELETIONS: u64 = 20;

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `.tar.zst` of `csaf_vex_2026-11-20.tar.zst`.
fn packing(path: &str) -> &str {
    let name = last_part(path);
    let endings = [
        ".tar.zst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar", ".tgz", ".zip",
    ];
    endings
        .into_iter()
        .find(|ending| name.ends_with(ending))
        .unwrap_or(".zip")
}

/// The day in `csaf_vex_2026-11-20.tar.zst`, as midnight UTC.
fn day_in(path: &str) -> Option<Timestamp> {
    let name = last_part(path);
    (0..name.len())
        .filter_map(|at| name.get(at..at + 10))
        .find_map(|part| format!("{part}T00:00:00Z").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_line_by_line() {
        let text = "\"2024/cve-2024-1.json\",\"2024-05-01T10:00:00+00:00\"\n\
                    cve-2023-2.json,2024-05-02T00:00:00Z\n\
                    ../../etc/passwd,2024-05-02T00:00:00Z\nodd\n";
        let (changes, odd) = changes(text);
        let shown: Vec<_> = changes
            .iter()
            .map(|it| format!("{} {}", it.path, it.at))
            .collect();
        assert_eq!(
            shown,
            [
                "2024/cve-2024-1.json 2024-05-01T10:00:00.000Z",
                "cve-2023-2.json 2024-05-02T00:00:00.000Z"
            ]
        );
        assert_eq!(odd, 2);
    }

    #[test]
    fn an_archive_says_in_its_name_how_old_it_is() {
        let at = day_in("csaf_vex_2026-11-20.tar.zst").map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2026-11-20T00:00:00.000Z"));
        assert_eq!(day_in("csaf-vex.tar.bz2"), None);
        assert_eq!(packing("csaf_vex_2026-11-20.tar.zst"), ".tar.zst");
    }
}
