//! Every request has an id: the caller's, if it is sane, else one of ours.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of this request, in its extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Gives the request its id and the answer the same.
pub async fn take_request_id(mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(HEADER)
        .and_then(|value| value.to_str().ok());
    let id = match given.filter(|id| is_sane(id)) {
        Some(id) => id.to_owned(),
        None => uuid::Uuid::now_v7().simple().to_string(),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// Short and plain, so that it can neither forge a log line nor flood it.
fn is_sane(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn only_plain_short_ids_are_taken_over() {
        assert!(is_sane("0192-abcd_EF.1"));
        for id in [
            "",
            "short",
            "with space in it",
            "line\nbreak-line",
            &"x".repeat(65),
        ] {
            assert!(!is_sane(id), "{id:?}");
        }
    }
}
