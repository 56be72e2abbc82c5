//! Taking a signed bundle: for servers without a way to the publishers.
//!
//! The bundle waits in a file until its signature was checked; whoever reads catalogues sees the old one or this one.

use std::{io::Write as _, path::Path};

use axum::{Json, body::Body, extract::State};
use futures::StreamExt as _;
use luumen_api::{
    Code,
    access::Permission,
    feeds::{ImportQuery, ImportedBundle},
};
use luumen_feeds::{
    bundle::{self, Age, Catalogues, ImportError, Installed},
    mapped,
};
use luumen_store::jobs::{self, JobKind};
use tempfile::NamedTempFile;
use tracing::info;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::vulnerabilities::wire;
use crate::{
    app::AppState,
    caller::Caller,
    clock,
    http::QueryOf,
    problem::{ApiResult, Problem},
    routes::feeds::told,
    vulnerabilities::jobs::want_assessments,
};

/// The route below the prefix: it may take longer than others, and has a body larger than theirs.
pub(crate) const IMPORT_PATH: &str = "/feeds/import";

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(import_bundle))
}

/// Take a signed bundle: its catalogue is in use at once, and hosts are judged by it
#[utoipa::path(
    post, path = "/feeds/import", tag = "Feeds", security(("session" = [])), params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The bundle, as `luumen feeds export` writes it"),
    responses(
        (status = 200, body = ImportedBundle),
        (status = 409, description = "It is older than the catalogue in use, or this server takes no bundles", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "It is not signed by anyone trusted, or not whole", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("write_feeds"))),
)]
async fn import_bundle(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<ImportQuery>,
    body: Body,
) -> ApiResult<Json<ImportedBundle>> {
    caller.may(Permission::WriteFeeds)?;
    let place = place_for_bundles(&state)?;
    let file = received(body, &place, state.limits.bundle_bytes).await?;
    let age = match query.allow_older {
        Some(true) => Age::Any,
        _ => Age::NewerOnly,
    };
    let trusted = state.trusted_keys.clone();
    let current = state.catalogue.clone();
    let work = move || -> Result<Installed, Problem> {
        let bundle = file.reopen().map_err(Problem::internal)?;
        let check = |path: &Path| mapped::open(path).map(|_| ());
        let installed = bundle::verify_unpack_and_check(bundle, &trusted, &place, age, check);
        let installed = installed.map_err(refused)?;
        current.refresh_if_moved().map_err(Problem::internal)?;
        Ok(installed)
    };
    let installed = tokio::task::spawn_blocking(work)
        .await
        .map_err(Problem::internal)??;
    let (now, signed_by) = (clock::now(), installed.manifest.signed_by);
    info!(catalogue.created_at = %installed.manifest.created_at, key.id = signed_by, "Took a bundle that was signed with {signed_by}");
    want_assessments(&state.store, now).await?;
    let db = state.store.writer();
    let job = jobs::enqueue(db, caller.workspace, JobKind::AssessHosts, None, now, now).await?;
    let catalogue = wire::catalogue(&state).ok_or_else(|| Problem::new(Code::Unavailable))?;
    Ok(Json(ImportedBundle {
        catalogue: wire::catalogue_info(&catalogue),
        signed_by,
        job: told(job),
    }))
}

/// The folder of catalogues, on a server that takes bundles.
fn place_for_bundles(state: &AppState) -> ApiResult<Catalogues> {
    let Some(dir) = state.catalogue.dir() else {
        return Err(Problem::new(Code::Conflict)
            .detail("This server has no folder for catalogues.")
            .next_step("Set catalogue_dir in its settings and start it anew."));
    };
    if state.trusted_keys.is_empty() {
        return Err(Problem::new(Code::Conflict)
            .detail("This server trusts nobody who signs bundles.")
            .next_step(
                "Add the public key of who signs them to trusted_keys in its settings and start it anew.",
            ));
    }
    Catalogues::open(dir).map_err(Problem::internal)
}

/// The whole body as a file beside the catalogues, which goes with this request.
async fn received(body: Body, place: &Catalogues, most: u64) -> ApiResult<NamedTempFile> {
    let folder = place.pointer_path();
    let folder = folder.parent().unwrap_or(Path::new(".")).to_owned();
    let mut file = NamedTempFile::new_in(folder).map_err(Problem::internal)?;
    let (mut stream, mut got) = (body.into_data_stream(), 0_u64);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|cause| {
            Problem::new(Code::BadRequest)
                .detail("The bundle did not come whole.")
                .next_step("Send it again.")
                .because(cause)
        })?;
        got = got.saturating_add(piece.len() as u64);
        if got > most {
            return Err(Problem::new(Code::TooLarge).detail(format!(
                "A bundle of more than {} MB is not taken.",
                most / 1_000_000
            )));
        }
        // Pieces are small, and the page cache takes them at once.
        file.write_all(&piece).map_err(Problem::internal)?;
    }
    file.flush().map_err(Problem::internal)?;
    Ok(file)
}

/// Why a bundle is not taken, and what to do about it. Whatever was installed before still is.
fn refused(error: ImportError) -> Problem {
    let sentence = format!("{}.", capital(&error.to_string()));
    let problem = match &error {
        ImportError::UnknownKey { key_id } if key_id.is_empty() => Problem::new(Code::BundleNotTrusted)
            .detail("The bundle is not signed.")
            .next_step("Get one that `luumen feeds export` signed with a key in trusted_keys."),
        ImportError::UnknownKey { .. } => Problem::new(Code::BundleNotTrusted).detail(sentence).next_step(
            "If you know whose key it is, add it to trusted_keys in the settings and start the server anew.",
        ),
        ImportError::TamperedManifest { .. } | ImportError::TamperedCatalogue => {
            Problem::new(Code::BundleDamaged)
                .detail(sentence)
                .next_step("Get the bundle again from whoever signed it; do not use this copy.")
        }
        ImportError::NotABundle | ImportError::Truncated | ImportError::Manifest(_) => {
            Problem::new(Code::BundleDamaged)
                .detail(sentence)
                .next_step("Choose a file that `luumen feeds export` wrote, and copy it whole.")
        }
        ImportError::Unusable(_) => Problem::new(Code::BundleDamaged)
            .detail(sentence)
            .next_step("Update this server, or get a bundle that was written for its version."),
        ImportError::Older { offered, installed } => Problem::new(Code::BundleOlder)
            .detail(format!(
                "The bundle is of {offered}, and the catalogue in use of {installed}."
            ))
            .next_step("Get a newer bundle, or allow an older one if you want to go back."),
        ImportError::Read(_) | ImportError::Place(_) => Problem::new(Code::Internal),
    };
    problem.because(error)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
        .unwrap_or_default()
}
