//! The last word on every answer: problems get their body, mistakes get logged, once.

use std::{any::Any, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
};
use luumen_api::Code;
use tracing::{error, info};

use crate::{app::AppState, http::RequestId, problem::Problem};

/// Writes the body of a [`Problem`], turns bare error statuses of axum and its layers into one, counts and
/// logs the request.
pub async fn finish(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let path = request.uri().path().to_owned();

    let mut response = next.run(request).await;
    let problem = problem_of(&response);
    if let Some(problem) = &problem {
        response = write_problem(response, problem, &id);
    }

    let status = response.status();
    let route = route.unwrap_or_else(|| "other".to_owned());
    state.counters.count(&method, &route, status);
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    match &problem {
        Some(problem) if status.is_server_error() => error!(
            request.id = %id, http.method = %method, http.path = %path, http.status = status.as_u16(), duration_ms,
            error.code = problem.code().as_str(), error.cause = problem.cause_chain(),
            "{method} {path} failed"
        ),
        _ => info!(
            request.id = %id, http.method = %method, http.path = %path, http.status = status.as_u16(), duration_ms,
            error.code = problem.as_ref().map(|problem| problem.code().as_str()),
            "{method} {path} answered {}", status.as_u16()
        ),
    }
    response
}

fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    failed.then(|| Problem::from_status(status))
}

/// Keeps the headers that are already there, such as `Allow`.
fn write_problem(response: Response, problem: &Problem, request_id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = problem.status();
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_s() {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = serde_json::to_vec(&problem.document(request_id)).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {message}")]
struct Panicked {
    message: String,
}

/// A panic in a handler is a mistake of ours and the end of one request only.
pub fn handle_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Problem::internal(Panicked {
        message: text.unwrap_or_else(|| "no message".to_owned()),
    })
    .into_response()
}

/// An address of the API that does not exist.
pub async fn no_such_route() -> Problem {
    Problem::new(Code::NotFound)
        .detail("There is nothing at this address.")
        .next_step("`GET /api/v1/openapi.json` lists every address.")
}

/// A handler ran out of time.
pub fn out_of_time() -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}
