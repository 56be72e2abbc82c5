//! The application: what every handler may reach, and the way of a request through the house.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use luumen_feeds::bundle::TrustedKeys;
use luumen_store::Store;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, decompression::RequestDecompressionLayer,
};

use crate::{
    config::PublicUrl,
    http::{
        finish, handle_panic, no_store, no_such_route, out_of_time, refuse_cross_site, security_headers,
        take_request_id,
    },
    metrics::Counters,
    noting::Noting,
    openapi, routes,
    vulnerabilities::catalogue::SharedCatalogue,
    web,
};

/// Longest time that a handler may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time that a bundle may take to come and be unpacked: slow lines are what bundles are for.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(2 * 3600);
/// Most bytes of a body, unpacked, unless a route says otherwise.
const MOST_BODY_BYTES: usize = 2 * 1024 * 1024;

/// What every handler may reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database: the only memory that outlives a request, because other replicas answer too.
    pub store: Store,
    /// Where people and agents reach us.
    pub public_url: Arc<PublicUrl>,
    /// What the world says about vulnerabilities, as this replica has it open.
    pub catalogue: SharedCatalogue,
    /// Whether a replica of this installation fetches feeds; otherwise bundles are brought to it.
    pub fetches_feeds: bool,
    /// Whose signed bundles are taken.
    pub trusted_keys: Arc<TrustedKeys>,
    /// What this replica has counted, for `/metrics`.
    pub counters: Arc<Counters>,
    /// Notes who was here.
    pub noting: Noting,
    /// Limits that tests tighten.
    pub limits: Limits,
}

/// Numbers that are the same in every installation, and smaller in tests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failed sign-ins per address and IP address before we ask to wait.
    pub failures_per_account: u64,
    /// Failed sign-ins per IP address.
    pub failures_per_ip: u64,
    /// For how long failures count.
    pub failure_window_s: i64,
    /// Most bytes of a report, unpacked.
    pub report_bytes: usize,
    /// Most bytes of a bundle, as it is sent.
    pub bundle_bytes: u64,
    /// Whether `X-Forwarded-For` of a proxy in front of us is believed.
    pub trust_proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failures_per_account: 5,
            failures_per_ip: 50,
            failure_window_s: 900,
            report_bytes: 64 * 1024 * 1024,
            bundle_bytes: 4 * 1024 * 1024 * 1024,
            trust_proxy: false,
        }
    }
}

/// The whole server as one service.
pub fn router(state: AppState) -> Router {
    let (api, document) = routes::api(state.limits).split_for_parts();
    let api = api
        .merge(openapi::route(openapi::finished(document)))
        .fallback(no_such_route)
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(middleware::from_fn(no_store));
    let https = state.public_url.is_https();
    Router::new()
        .nest(openapi::PREFIX, api)
        .merge(routes::outside_api())
        .fallback(web::page_or_asset)
        .layer(middleware::from_fn_with_state(state.clone(), refuse_cross_site))
        .layer(middleware::from_fn(end_in_time))
        .layer(CatchPanicLayer::custom(handle_panic))
        .layer(middleware::from_fn_with_state(state.clone(), finish))
        .layer(CompressionLayer::new().gzip(true).zstd(true))
        .layer(middleware::from_fn(move |request, next| {
            security_headers(https, request, next)
        }))
        .layer(middleware::from_fn(take_request_id))
        .with_state(state)
}

/// Ends requests that take too long.
async fn end_in_time(request: Request, next: Next) -> Response {
    let is_import = request.uri().path().strip_prefix(openapi::PREFIX) == Some(routes::IMPORT_PATH);
    let most = if is_import { IMPORT_TIMEOUT } else { TIMEOUT };
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| out_of_time().into_response())
}
