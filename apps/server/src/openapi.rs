//! The OpenAPI document: what the handlers state, and what is true of all of them.
//!
//! Each handler names its own answers; the refusals that follow from a request's shape (no session, no
//! permission, a bad id, an invalid body) are added here, once.

use std::sync::Arc;

use axum::{Router, routing::get};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use luumen_api::ProblemDetails;
use luumen_model::SectionKind;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Info, License, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        Server,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::app::AppState;

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";

/// The document, ready to be served and committed.
pub fn document() -> OpenApi {
    finished(crate::routes::api(crate::app::Limits::default()).into_openapi())
}

/// Serves the document.
pub fn route(document: OpenApi) -> Router<AppState> {
    let text = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
    let text = Arc::new(text);
    Router::new().route(
        "/openapi.json",
        get(move || {
            let text = Bytes::clone(&text);
            async move { ([(CONTENT_TYPE, "application/json")], text) }
        }),
    )
}

/// Adds what is true of all handlers.
pub fn finished(mut document: OpenApi) -> OpenApi {
    document.info = Info::builder()
        .title("Luumen")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            License::builder()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    document.servers = Some(vec![Server::new(PREFIX)]);
    let components = document.components.get_or_insert_default();
    add_schemas(components);
    add_callers(components);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            add_refusals(path, operation);
        }
    }
    document
}

const ABOUT: &str = "The API of Luumen Enterprise. Errors are problem documents (RFC 9457) with stable codes. Lists answer `next` \
                     while there is more: send it as `cursor`. An API key may also travel in the header `api-key`. \
                     `x-permission` names the permission that an operation needs.";

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [get, put, post, delete, patch]
        .into_iter()
        .filter_map(Option::as_mut)
}

fn add_schemas(components: &mut Components) {
    let mut named = Vec::new();
    ProblemDetails::schemas(&mut named);
    named.push((ProblemDetails::name().into_owned(), ProblemDetails::schema()));
    let mut sections =
        ObjectBuilder::new().description(Some("The `data` of each section of a snapshot, by its name."));
    for kind in SectionKind::ALL {
        kind.data_schemas(&mut named);
        sections = sections.property(kind.as_str(), kind.data_schema());
    }
    named.push(("SectionData".to_owned(), sections.into()));
    components.schemas.extend(named);
}

const ABOUT_SESSIONS: &str = "Of a person who is signed in. A session is in one workspace at a time (`workspace_id`), for all windows of a \
                              browser. A request may name the one that it is about in the header `X-Luumen-Workspace`: when the session \
                              is in another one by then, nothing is done and the answer is `LUM-API-OTHER-WORKSPACE`. With an API key \
                              the header means nothing.";

fn add_callers(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("lum_…")
        .build();
    let cookie = ApiKeyValue::with_description("luumen_session", ABOUT_SESSIONS);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// Whether a person with the cookie may call it.
fn takes_sessions(operation: &Operation) -> bool {
    let session = SecurityRequirement::new::<_, [&str; 0], _>("session", []);
    operation
        .security
        .as_ref()
        .is_some_and(|all| all.contains(&session))
}

/// What a request of this shape may be refused with.
fn add_refusals(path: &str, operation: &mut Operation) {
    let mut statuses: Vec<(&str, &str)> = Vec::new();
    let secured = operation
        .security
        .as_ref()
        .is_some_and(|security| !security.is_empty());
    if secured {
        statuses.push(("401", "Not signed in, or no valid API key"));
        statuses.push(("403", "A permission is missing, or another site sent this"));
    }
    if takes_sessions(operation) {
        statuses.push((
            "409",
            "The session is in another workspace than the request names",
        ));
    }
    let has_parameters = operation
        .parameters
        .as_ref()
        .is_some_and(|parameters| !parameters.is_empty());
    if has_parameters || operation.request_body.is_some() {
        statuses.push(("400", "The request could not be understood"));
    }
    if has_parameters || operation.request_body.is_some() {
        statuses.push(("422", "Some fields are not valid"));
    }
    if path.contains('{') {
        statuses.push(("404", "There is no such thing in this workspace"));
    }
    if operation.request_body.is_some() {
        statuses.push(("403", "A permission is missing, or another site sent this"));
        statuses.push(("413", "The body is too large"));
        statuses.push(("415", "The body has another content type or encoding"));
    }
    statuses.push(("500", "The server made a mistake"));
    statuses.push(("503", "The server cannot answer just now"));
    for (status, words) in statuses {
        let refusals = &mut operation.responses.responses;
        refusals
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(refusal(words)));
    }
}

/// An answer that is a problem document.
fn refusal(words: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name(ProblemDetails::name()));
    ResponseBuilder::new()
        .description(words)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}
