//! The web app's files, which are part of this executable.
//!
//! An address that names no file is a page of the app, which finds its way itself. Nothing here
//! knows the API; an unknown address under `/api` never gets a page.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Uri,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{http::no_such_route, problem::Problem};

#[derive(RustEmbed)]
#[folder = "../../ui/web/dist"]
struct Files;

/// A file of the web app, or its start page.
pub async fn page_or_asset(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return no_such_route().await.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::from_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    }
    match (Files::get(path), Files::get("index.html")) {
        (Some(file), _) => answer(path, file, &headers),
        // A missing script answered with a page would be a riddle in the browser's console.
        (None, Some(page)) if !path.starts_with("assets/") => answer("index.html", page, &headers),
        _ => no_such_route().await.into_response(),
    }
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = etag_of(&file);
    let caching = if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let same = headers.get(IF_NONE_MATCH).is_some_and(|seen| *seen == etag);
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_response()
    };
    let kind = HeaderValue::from_str(file.metadata.mimetype());
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    response.headers_mut().insert(ETAG, etag);
    response
}

fn etag_of(file: &EmbeddedFile) -> HeaderValue {
    let digits: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("\"{digits}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Vite puts files whose name holds their content's hash under `assets/`.
fn is_hashed(path: &str) -> bool {
    path.starts_with("assets/")
}
