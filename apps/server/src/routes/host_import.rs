//! Bulk import of hosts from CSV: every row is judged, and all good rows go in together or not at all.

use axum::{
    Json,
    extract::{DefaultBodyLimit, Request, State},
};
use http::header::CONTENT_TYPE;
use luumen_api::{
    Code,
    access::Permission,
    hosts::{ImportQuery, ImportReport},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::hosts::clock_of;
use crate::{
    app::AppState,
    caller::Caller,
    http::{QueryOf, read_body},
    import,
    problem::{ApiResult, Problem},
};

/// 100,000 hosts with notes fit.
const MOST_BYTES: usize = 32 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(import_hosts))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

/// Import hosts from CSV
#[utoipa::path(
    post, path = "/hosts/import", tag = "Hosts", security(("session" = []), ("bearer" = [])), params(ImportQuery),
    request_body(
        content = String, content_type = "text/csv",
        description = "Header `name,address,port,username,credential,tags,notes` in any order; only name and address are needed, tags are separated by spaces, commas or semicolons",
    ),
    responses((status = 200, body = ImportReport)), extensions(("x-permission" = json!("write_hosts"))),
)]
async fn import_hosts(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<ImportQuery>,
    request: Request,
) -> ApiResult<Json<ImportReport>> {
    caller.may(Permission::WriteHosts)?;
    if !is_csv(&request) {
        return Err(Problem::new(Code::UnsupportedMedia)
            .detail("This address reads CSV.")
            .next_step("Send the header `Content-Type: text/csv`."));
    }
    let bytes = read_body(request, &state).await?;
    let sheet = import::read(&bytes)?;
    let clock = clock_of(&state, &caller).await?;
    let how = import::How {
        dry_run: query.dry_run.unwrap_or(false),
        update: query.update.unwrap_or(false),
    };
    Ok(Json(
        import::store(&state.store, caller.workspace, &sheet, how, clock).await?,
    ))
}

fn is_csv(request: &Request) -> bool {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("text/csv")
}
