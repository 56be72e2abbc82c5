//! Exactly the filtered findings, as a file that streams.

use std::collections::VecDeque;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use luumen_api::{
    access::Permission,
    vulnerabilities::{ExportFormat, ExportQuery, FindingQuery, HostRef},
};
use luumen_model::WorkspaceId;
use luumen_store::{
    Store, assessments, exceptions,
    exceptions::Exception,
    findings::{self, FindingFilter, FindingSort, FindingState, SelectedHosts},
    hosts::StateClock,
};
use tracing::error;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    exports::{self, About, Accepted, Document, ExportRow},
    http::QueryOf,
    problem::{ApiResult, Problem},
    routes::hosts::clock_of,
};

/// Findings that are read at a time.
const PAGE: u64 = 500;
/// Hosts that one event names.
const HOSTS: u64 = 1000;
/// CSV and OCSF have no place for what was not judged, and an empty file must not read as "nothing found".
const NOT_JUDGED: HeaderName = HeaderName::from_static("luumen-not-judged-hosts");

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export_findings))
}

/// Exactly the filtered findings, as a file
#[utoipa::path(
    get, path = "/vulnerabilities/export", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])),
    params(ExportQuery, FindingQuery),
    responses((
        status = 200, description = "All matching findings; `cursor` and `limit` are ignored",
        content(
            (String = "text/csv"), (serde_json::Value = "application/sarif+json"),
            (serde_json::Value = "application/vnd.cyclonedx+json"), (String = "application/x-ndjson"),
        ),
        headers(("luumen-not-judged-hosts" = i64, description = "At least so many hosts of the workspace have something that could not be \
            judged; 0 when everything was. SARIF and CycloneDX say what, too")),
    )),
    extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn export_findings(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(ExportQuery { format }): QueryOf<ExportQuery>,
    QueryOf(query): QueryOf<FindingQuery>,
) -> ApiResult<Response> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let catalogue = wire::catalogue(&state);
    let gaps = findings::coverage_gaps(state.store.read(), caller.workspace).await?;
    let not_judged = gaps.iter().map(|gap| gap.host_count).max().unwrap_or_default();
    let about = About {
        gaps: gaps.into_iter().map(wire::coverage_gap).collect(),
        version: env!("CARGO_PKG_VERSION"),
        written_at: clock.now,
        serial: Uuid::now_v7(),
        sample: catalogue.is_some_and(|catalogue| wire::catalogue_info(&catalogue).sample),
    };
    let (sort, descending) = wire::sort(&query);
    let filter = wire::filter(&query);
    let selected = filter
        .selected_hosts(state.store.read(), caller.workspace, clock)
        .await?;
    let mut file = File {
        exceptions: exceptions_for(&state.store, caller.workspace, selected.as_ref(), clock).await?,
        store: state.store,
        workspace: caller.workspace,
        clock,
        filter,
        selected,
        sort,
        descending,
        format,
        document: Document::new(format, about),
        place: Place::Begin,
        waiting: VecDeque::new(),
    };
    // The first piece is read here, so that a question that cannot be answered is a problem and not a broken file.
    let first = file.piece().await?.unwrap_or_default();
    let (media_type, name) = exports::file_of(format);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_DISPOSITION, disposition.map_err(Problem::internal)?),
        (NOT_JUDGED, HeaderValue::from(not_judged)),
    ];
    let rest = stream::try_unfold(file, |mut file| async move {
        let piece = file.piece().await.inspect_err(|problem| {
            let cause = problem.cause_chain().unwrap_or_default();
            error!(error = cause, "An export of vulnerabilities broke off: {cause}");
        });
        let piece = piece.map_err(|_| std::io::Error::other("the export broke off"))?;
        Ok::<_, std::io::Error>(piece.map(|piece| (Bytes::from(piece), file)))
    });
    let first = stream::iter([Ok(Bytes::from(first))]);
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    Ok((headers, body).into_response())
}

/// A file on its way out.
struct File {
    store: Store,
    workspace: WorkspaceId,
    clock: StateClock,
    filter: FindingFilter,
    /// The hosts that the filter asks for; the file names no others.
    selected: Option<SelectedHosts>,
    sort: FindingSort,
    descending: bool,
    format: ExportFormat,
    exceptions: Vec<Exception>,
    document: Document,
    place: Place,
    waiting: VecDeque<findings::Finding>,
}

/// How far the file is.
enum Place {
    Begin,
    Page(Option<String>),
    Rest,
    Over,
}

impl File {
    /// The next piece; none when the file is whole.
    async fn piece(&mut self) -> ApiResult<Option<String>> {
        if let Some(finding) = self.waiting.pop_front() {
            return self.rows(finding).await.map(Some);
        }
        match std::mem::replace(&mut self.place, Place::Over) {
            Place::Begin => {
                self.place = Place::Page(None);
                self.read(None).await?;
                Ok(Some(self.document.begin()))
            }
            Place::Page(cursor) => {
                self.read(cursor).await?;
                Ok(Some(String::new()))
            }
            Place::Rest => Ok(Some(self.document.end())),
            Place::Over => Ok(None),
        }
    }

    /// Reads a page of findings.
    async fn read(&mut self, cursor: Option<String>) -> ApiResult<()> {
        let wanted = findings::FindingQuery {
            filter: self.filter.clone(),
            sort: self.sort,
            descending: self.descending,
            cursor: cursor.as_deref(),
            limit: PAGE,
        };
        let page = findings::list(self.store.read(), self.workspace, &wanted, self.clock).await?;
        self.waiting = page.items.into();
        self.place = match page.next {
            Some(next) => Place::Page(Some(next)),
            None => Place::Rest,
        };
        Ok(())
    }

    /// What the format says of a finding, with as many hosts a time as one event names.
    async fn rows(&mut self, finding: findings::Finding) -> ApiResult<String> {
        let finding = self.of_selected(finding).await?;
        let concerning = self
            .exceptions
            .iter()
            .filter(|exception| exception.concerns(&finding.vulnerability, &finding.package));
        let mut row = ExportRow {
            variants: Vec::new(),
            hosts: Vec::new(),
            exceptions: concerning.map(accepted).collect::<ApiResult<_>>()?,
            finding: wire::finding(finding.clone())?,
        };
        if exports::asks_variants(self.format) {
            let (db, among) = (self.store.read(), self.selected.as_ref());
            let variants = findings::variants_of(db, self.workspace, finding.id, among).await?;
            let variants = variants
                .into_iter()
                .map(|(variant, hosts)| wire::variant(variant, hosts));
            row.variants = variants.collect::<ApiResult<_>>()?;
        }
        if !exports::asks_hosts(self.format) {
            return Ok(self.document.add(&row));
        }
        let (mut out, mut cursor) = (String::new(), None);
        loop {
            let (hosts, next) = self.hosts(&finding, cursor.as_deref()).await?;
            row.hosts = hosts;
            out.push_str(&self.document.add(&row));
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(out),
            }
        }
    }

    /// The finding as it stands on the hosts that the filter asks for. A row of the sheet is the row of the list, which counts all.
    async fn of_selected(&self, finding: findings::Finding) -> ApiResult<findings::Finding> {
        match &self.selected {
            Some(selected) if exports::asks_variants(self.format) => {
                let db = self.store.read();
                Ok(findings::among(db, self.workspace, &finding, selected, self.clock).await?)
            }
            _ => Ok(finding),
        }
    }

    /// Hosts of a finding that stand as the whole of it does: once it is gone, those that had it.
    async fn hosts(
        &self,
        finding: &findings::Finding,
        cursor: Option<&str>,
    ) -> ApiResult<(Vec<HostRef>, Option<String>)> {
        let state = if finding.open_host_count > 0 {
            FindingState::Open
        } else if finding.not_evaluable_host_count > 0 {
            FindingState::NotEvaluable
        } else if finding.excepted_host_count > 0 {
            FindingState::Excepted
        } else {
            FindingState::Resolved
        };
        let wanted = findings::FindingHostQuery {
            state: Some(state),
            among: self.selected.as_ref(),
            cursor,
            limit: HOSTS,
            ..findings::FindingHostQuery::default()
        };
        let page =
            findings::hosts_of(self.store.read(), self.workspace, finding, &wanted, self.clock).await?;
        let host = |host: findings::FindingOnHost| HostRef {
            id: host.host,
            name: host.host_name,
        };
        Ok((page.items.into_iter().map(host).collect(), page.next))
    }
}

/// Exceptions that hold; of some hosts only those that cover any of them.
async fn exceptions_for(
    store: &Store,
    workspace: WorkspaceId,
    selected: Option<&SelectedHosts>,
    clock: StateClock,
) -> ApiResult<Vec<Exception>> {
    let db = store.read();
    let all = exceptions::at(db, workspace, clock.now).await?;
    let Some(selected) = selected else { return Ok(all) };
    let mut kept = Vec::with_capacity(all.len());
    for exception in all {
        let numbers = match (&exception.tag, exception.host) {
            (Some(tag), _) => assessments::hosts_with_tag(db, workspace, tag).await?,
            (None, Some(host)) => assessments::number_of(db, workspace, host)
                .await?
                .into_iter()
                .collect(),
            (None, None) => {
                kept.push(exception);
                continue;
            }
        };
        if numbers.into_iter().any(|host| selected.contains(host)) {
            kept.push(exception);
        }
    }
    Ok(kept)
}

fn accepted(exception: &Exception) -> ApiResult<Accepted> {
    Ok(Accepted {
        kind: wire::from_word("kind of exception", &exception.kind)?,
        reason: exception.reason.clone(),
    })
}
