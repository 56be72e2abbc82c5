//! Telling how a visit went, in two steps: hashes first, then only what the server lacks.
//!
//! An hourly visit to a host that did not change costs a few kilobytes instead of its whole
//! package list.

use std::collections::HashSet;

use luumen_api::{
    Code,
    agent::{Report, ReportAnswer},
};
use luumen_model::{ContentHash, HostId, RunId};
use reqwest::Method;

use crate::{ApiError, Client, call::Call};

/// What telling took.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The server's answer.
    pub answer: ReportAnswer,
    /// Sections that travelled with their data.
    pub sections_sent: usize,
    /// Size of the report on the wire, all tries of the second step together.
    pub body_bytes: usize,
}

impl Client {
    /// Sends the report. Safe to repeat: the server knows it by run and host.
    pub async fn report(&self, run: RunId, host: HostId, report: &Report) -> Result<Told, ApiError> {
        let hashes = hashes_of(report);
        let missing = if hashes.is_empty() {
            Vec::new()
        } else {
            self.missing(hashes).await?
        };
        let mut missing: HashSet<ContentHash> = missing.into_iter().collect();
        match self.put_report(run, host, &slim(report, &missing)).await {
            // A section that was there a moment ago may have been swept away since. Once more, with it.
            Err((ApiError::Refused(refusal), bytes)) if refusal.is(Code::MissingSections) => {
                missing.extend(refusal.missing);
                let told = self.put_report(run, host, &slim(report, &missing)).await;
                told.map(|told| Told {
                    body_bytes: told.body_bytes + bytes,
                    ..told
                })
            }
            other => other,
        }
        .map_err(|(error, _)| error)
    }

    /// The second step alone.
    pub async fn put_report(
        &self,
        run: RunId,
        host: HostId,
        report: &Report,
    ) -> Result<Told, (ApiError, usize)> {
        let path = format!("/agent/runs/{run}/hosts/{host}");
        let call = Call::new(Method::PUT, path)
            .with_body(report)
            .map_err(|error| (error, 0))?;
        let body_bytes = call.body.as_ref().map_or(0, |body| body.bytes.len());
        let answer = self
            .make(call)
            .await
            .and_then(|answer| answer.read())
            .map_err(|error| (error, body_bytes))?;
        Ok(Told {
            answer,
            sections_sent: sections_with_data(report),
            body_bytes,
        })
    }
}

fn hashes_of(report: &Report) -> Vec<ContentHash> {
    let unique: HashSet<ContentHash> = report
        .snapshot
        .iter()
        .flat_map(|snapshot| snapshot.hashes().into_values())
        .collect();
    let mut hashes: Vec<_> = unique.into_iter().collect();
    hashes.sort();
    hashes
}

/// The report without the data that the server already has.
fn slim(report: &Report, missing: &HashSet<ContentHash>) -> Report {
    let mut report = report.clone();
    for record in report
        .snapshot
        .iter_mut()
        .flat_map(|snapshot| snapshot.sections.values_mut())
    {
        if record.hash.as_ref().is_some_and(|hash| !missing.contains(hash)) {
            record.data = None;
        }
    }
    report
}

fn sections_with_data(report: &Report) -> usize {
    let sections = report
        .snapshot
        .iter()
        .flat_map(|snapshot| snapshot.sections.values());
    sections.filter(|record| record.data.is_some()).count()
}
