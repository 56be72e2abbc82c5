//! Refuses requests that another site made a browser send (CSRF).
//!
//! Applies to methods that change something. A call with an API key is exempt: no browser adds one
//! by itself. Whatever else carries no sign of a browser and no cookie may pass: there is nothing
//! in it that another site could misuse.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, Method,
    header::{AUTHORIZATION, COOKIE, HOST, ORIGIN},
};
use luumen_api::Code;

use crate::{app::AppState, problem::Problem};

/// The middleware.
pub async fn refuse_cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || same_site(request.headers(), &state.public_url.origin()) {
        next.run(request).await
    } else {
        Problem::new(Code::CrossSite).into_response()
    }
}

/// Whether an unsafe request comes from our own pages, or from no browser at all.
fn same_site(headers: &HeaderMap, own_origin: &str) -> bool {
    if headers.contains_key(AUTHORIZATION) || headers.contains_key("api-key") {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            origin == own_origin || (host_of(origin).is_some() && host_of(origin) == text(HOST.as_str()))
        }
        (None, None) => !headers.contains_key(COOKIE),
    }
}

fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::same_site;
    use http::{HeaderMap, HeaderName, HeaderValue};

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                name.parse::<HeaderName>().expect("name"),
                HeaderValue::from_str(value).expect("value"),
            );
        }
        assert_eq!(
            same_site(&map, "https://luumen.example.com"),
            expected,
            "{headers:?}"
        );
    }

    #[test]
    fn our_own_pages_may() {
        check(&[("cookie", "s=1"), ("sec-fetch-site", "same-origin")], true);
        check(&[("cookie", "s=1"), ("sec-fetch-site", "none")], true);
        check(
            &[("cookie", "s=1"), ("origin", "https://luumen.example.com")],
            true,
        );
        check(
            &[
                ("cookie", "s=1"),
                ("origin", "http://127.0.0.1:8420"),
                ("host", "127.0.0.1:8420"),
            ],
            true,
        );
    }

    #[test]
    fn other_sites_may_not() {
        check(&[("cookie", "s=1"), ("sec-fetch-site", "cross-site")], false);
        check(&[("cookie", "s=1"), ("sec-fetch-site", "same-site")], false);
        check(
            &[
                ("cookie", "s=1"),
                ("origin", "https://evil.example"),
                ("host", "luumen.example.com"),
            ],
            false,
        );
        check(&[("cookie", "s=1"), ("origin", "null")], false);
        check(&[("cookie", "s=1")], false);
        // The header of the browser wins over one that a proxy may have rewritten.
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://luumen.example.com"),
            ],
            false,
        );
    }

    #[test]
    fn programs_may() {
        check(&[], true);
        check(
            &[
                ("authorization", "Bearer lum_x"),
                ("origin", "https://evil.example"),
            ],
            true,
        );
        check(&[("api-key", "lum_x")], true);
    }
}
