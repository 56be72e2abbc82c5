//! Feeds and jobs: how fresh what we know is, and what is being done about it.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use http::StatusCode;
use luumen_api::{
    Code,
    access::Permission,
    feeds::{Feed, FeedList, FeedState, Job, JobKind, JobProgress, JobState},
};
use luumen_catalogue::{Catalogue, SourceMeta};
use luumen_model::Timestamp;
use luumen_store::{
    StoreError, feeds,
    jobs::{self, SERVER},
    transaction,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::vulnerabilities::wire;
use crate::{
    app::AppState,
    caller::Caller,
    clock,
    http::Id,
    problem::{ApiResult, Problem},
    vulnerabilities::jobs::EVERY_SOURCE,
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_feeds))
        .routes(routes!(refresh_feeds))
        .routes(routes!(get_job))
}

/// Where our knowledge comes from, and how fresh it is
#[utoipa::path(
    get, path = "/feeds", tag = "Feeds", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = FeedList)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn list_feeds(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<FeedList>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let (db, now) = (state.store.read(), clock::now());
    let catalogue = wire::catalogue(&state);
    let rows = feeds::list(db).await?;
    let job = jobs::open(db, SERVER, jobs::JobKind::RefreshFeeds).await?;
    Ok(Json(FeedList {
        items: merged(rows, catalogue.as_ref())
            .into_values()
            .map(|row| feed(row, now))
            .collect(),
        catalogue: catalogue.as_ref().map(wire::catalogue_info),
        // The next turn waits for its time; nobody has to wait for it.
        job: job
            .filter(|job| job.state == jobs::JobState::Running || job.run_after <= now)
            .map(told),
    }))
}

/// Ask every source for news and build the catalogue anew; a refresh that waits for its time is done now
#[utoipa::path(
    post, path = "/feeds/refresh", tag = "Feeds", security(("session" = [])),
    responses((status = 202, body = Job), (status = 409, description = "This server does not fetch feeds, or does so just now", body = luumen_api::ProblemDetails, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("write_feeds"))),
)]
async fn refresh_feeds(caller: Caller, State(state): State<AppState>) -> ApiResult<(StatusCode, Json<Job>)> {
    caller.may(Permission::WriteFeeds)?;
    if !state.fetches_feeds {
        return Err(Problem::new(Code::Conflict)
            .detail("This server does not fetch feeds.")
            .next_step("Set feeds_dir and catalogue_dir in its settings, or send a signed bundle with Import bundle (POST /api/v1/feeds/import)."));
    }
    let (now, kind) = (clock::now(), jobs::JobKind::RefreshFeeds);
    let job = transaction!(&state.store, Problem, |tx| jobs::enqueue_unless_running(
        tx,
        SERVER,
        kind,
        Some(EVERY_SOURCE),
        now
    ))?;
    let job = job.ok_or_else(|| {
        Problem::new(Code::Conflict)
            .detail("Feeds are being fetched just now.")
            .next_step("Wait until that is done; `GET /feeds` tells how far it is.")
    })?;
    Ok((StatusCode::ACCEPTED, Json(told(job))))
}

/// How far a job is
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "Feeds", security(("session" = []), ("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Job)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn get_job(caller: Caller, State(state): State<AppState>, Id(id): Id<Uuid>) -> ApiResult<Json<Job>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let db = state.store.read();
    // Jobs of the server concern every workspace: their progress names feeds, and nobody's hosts.
    let job = match jobs::get(db, caller.workspace, id).await {
        Err(StoreError::NotFound(_)) => jobs::get(db, SERVER, id).await?,
        other => other?,
    };
    Ok(Json(told(job)))
}

/// What the database tells of feeds, and what the catalogue was built from besides: both, because a catalogue may come from elsewhere.
pub(super) fn merged(rows: Vec<feeds::Feed>, catalogue: Option<&Catalogue>) -> BTreeMap<String, feeds::Feed> {
    let sources = catalogue
        .into_iter()
        .flat_map(|catalogue| &catalogue.meta().sources);
    let mut all: BTreeMap<String, feeds::Feed> = sources
        .map(|source| (source.id.clone(), of_catalogue(source)))
        .collect();
    all.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
    all
}

fn of_catalogue(source: &SourceMeta) -> feeds::Feed {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    feeds::Feed {
        id: source.id.clone(),
        title: source.title.clone(),
        licence: source.licence.clone(),
        notice: source.notice.clone(),
        fetched_at: source.fetched_at,
        // A bundle that was brought in grows old like what is fetched here.
        stale_after_ms: source.stale_after_ms,
        document_count: count(source.documents),
        broken_document_count: count(source.broken_documents),
        problem_count: count(source.problems),
        sample: source.sample,
        ..feeds::Feed::default()
    }
}

/// Whether a feed needs a person: it failed, or is older than it should be.
pub(super) fn is_behind(feed: &feeds::Feed, now: Timestamp) -> bool {
    matches!(state_at(feed, now), FeedState::Stale | FeedState::Failing)
}

fn state_at(feed: &feeds::Feed, now: Timestamp) -> FeedState {
    if feed.is_failing() {
        FeedState::Failing
    } else if feed.fetched_at.is_none() && feed.last_success_at.is_none() && !feed.sample {
        FeedState::Never
    } else if feed.stale_at().is_some_and(|at| at <= now) {
        FeedState::Stale
    } else {
        FeedState::Fresh
    }
}

fn feed(from: feeds::Feed, now: Timestamp) -> Feed {
    Feed {
        state: state_at(&from, now),
        stale_at: from.stale_at(),
        id: from.id,
        title: from.title,
        licence: from.licence,
        notice: from.notice,
        last_attempt_at: from.last_attempt_at,
        last_success_at: from.last_success_at,
        fetched_at: from.fetched_at,
        last_error: from.last_error,
        document_count: from.document_count,
        broken_document_count: from.broken_document_count,
        problem_count: from.problem_count,
        sample: from.sample,
    }
}

pub(super) fn told(from: jobs::Job) -> Job {
    Job {
        id: from.id.to_string(),
        kind: match from.kind {
            jobs::JobKind::AssessHosts => JobKind::AssessHosts,
            jobs::JobKind::RefreshFeeds => JobKind::RefreshFeeds,
        },
        state: match from.state {
            jobs::JobState::Queued => JobState::Queued,
            jobs::JobState::Running => JobState::Running,
            jobs::JobState::Done => JobState::Done,
            jobs::JobState::Failed => JobState::Failed,
        },
        created_at: from.created_at,
        started_at: from.started_at,
        finished_at: from.finished_at,
        progress: from.progress.map(|progress| JobProgress {
            done: progress.done,
            total: progress.total,
            message: progress.message,
        }),
        error: from.error,
    }
}

#[cfg(test)]
mod tests {
    use luumen_api::feeds::FeedState;
    use luumen_catalogue::SourceMeta;
    use luumen_model::Timestamp;

    use super::{is_behind, of_catalogue, state_at};

    #[test]
    fn a_bundle_grows_old_like_what_is_fetched_here() {
        let at = |hours: i64| Timestamp::from_millis(hours * 3_600_000);
        let feed = of_catalogue(&SourceMeta {
            id: "debian-tracker".to_owned(),
            fetched_at: Some(at(1)),
            stale_after_ms: Some(3 * 3_600_000),
            ..SourceMeta::default()
        });
        assert_eq!(state_at(&feed, at(3)), FeedState::Fresh);
        assert_eq!(state_at(&feed, at(4)), FeedState::Stale);
        assert!(is_behind(&feed, at(4)));
    }
}
