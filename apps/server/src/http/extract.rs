//! Extractors that answer with problems and hand out only what was checked.
//!
//! The schema of a body is enforced twice over: serde for its shape, [`Validate`] for its limits.
//! Nothing here knows what a request is for.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    response::IntoResponse,
};
use bytes::Bytes;
use http::{StatusCode, header::CONTENT_TYPE, request::Parts};
use luumen_api::{Code, FieldError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{problem::Problem, validate::Validate};

/// A JSON body that is valid.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(Code::UnsupportedMedia)
                .detail("This address reads JSON.")
                .next_step("Send the header `Content-Type: application/json`."));
        }
        let bytes = read_body(request, state).await?;
        if holds_nul(&bytes) {
            return Err(Problem::new(Code::Invalid)
                .detail("A text in the body holds the character U+0000, which cannot be stored.")
                .next_step("Replace it, for example by U+FFFD, and send the request again."));
        }
        let value: T = read_json(&bytes)?;
        let errors = value.problems();
        if errors.is_empty() {
            Ok(Self(value))
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// Whether a JSON text has `\u0000` in it. PostgreSQL keeps no such text, and a report must not fail half way
/// or on one database only. An escaped backslash before `u0000` is another text.
fn holds_nul(json: &[u8]) -> bool {
    const ESCAPE: &[u8] = b"\\u0000";
    json.windows(ESCAPE.len()).enumerate().any(|(at, window)| {
        let backslashes_before = || json[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        window == ESCAPE && backslashes_before().is_multiple_of(2)
    })
}

/// The whole body, within the limit of its route.
pub async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge),
            _ => Problem::new(Code::BadRequest).detail(
                "The body could not be read to its end, or is not compressed as `Content-Encoding` says.",
            ),
        })
}

fn is_json(request: &Request) -> bool {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    essence.is_some_and(|essence| essence == "application/json")
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let first = serde_path_to_error::deserialize(&mut reader);
    let error = match first {
        Ok(value) if reader.end().is_ok() => return Ok(value),
        Ok(_) => return Err(not_json("there is something after the end of the JSON document")),
        Err(error) => error,
    };
    if !error.inner().is_data() {
        return Err(not_json(&error.inner().to_string()));
    }
    // JSON has one kind of number: 7205.0 is the integer 7205. Serde wants it without the point.
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else {
        return Err(not_json(&error.inner().to_string()));
    };
    write_whole_numbers_as_integers(&mut value);
    serde_path_to_error::deserialize(value).map_err(|_| wrong_shape(&error))
}

fn write_whole_numbers_as_integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64())
                && float.fract() == 0.0
                && float.abs() < 9_007_199_254_740_992.0
            {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_whole_numbers_as_integers),
        // What a section holds is hashed as it was written, so its numbers stay as they are.
        Value::Object(map) => {
            map.iter_mut()
                .filter(|(key, _)| *key != "data")
                .for_each(|(_, item)| write_whole_numbers_as_integers(item));
        }
        _ => {}
    }
}

fn not_json(why: &str) -> Problem {
    Problem::new(Code::BadRequest)
        .detail(format!("The body is not valid JSON: {why}."))
        .next_step("Send one JSON document.")
}

fn wrong_shape(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = error.path().to_string();
    let field = if path == "." { "body".to_owned() } else { path };
    Problem::invalid(vec![FieldError {
        field,
        message: error.inner().to_string(),
    }])
}

/// The query, valid.
#[derive(Debug)]
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::new(Code::BadRequest).detail(sentence(&rejection.body_text())))?;
        let errors = value.problems();
        if errors.is_empty() {
            Ok(Self(value))
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// The one id in the path.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| not_an_id())?;
        Ok(Self(id))
    }
}

/// Two ids in the path, in its order.
#[derive(Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<S: Send + Sync, A: DeserializeOwned + Send, B: DeserializeOwned + Send> FromRequestParts<S>
    for Ids<A, B>
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((a, b)) = Path::<(A, B)>::from_request_parts(parts, state)
            .await
            .map_err(|_| not_an_id())?;
        Ok(Self(a, b))
    }
}

fn not_an_id() -> Problem {
    Problem::new(Code::BadRequest)
        .detail("An id in the path is not a UUID.")
        .next_step("Use an id as the API answered it.")
}

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    format!("{text}.")
}

#[cfg(test)]
mod tests {
    use super::{holds_nul, read_json};
    use luumen_api::{Code, access::RotateApiKey, agent::Heartbeat};

    #[track_caller]
    fn check(body: &str, expected: Option<i64>) {
        let read: RotateApiKey = read_json(body.as_bytes()).expect(body);
        assert_eq!(read.overlap_s, expected, "{body}");
    }

    #[test]
    fn a_whole_number_may_have_a_point() {
        check(r#"{"overlap_s": 7205}"#, Some(7205));
        check(r#"{"overlap_s": 7205.0}"#, Some(7205));
        check(r#"{"overlap_s": 7e3}"#, Some(7000));
        check(r#"{"overlap_s": null}"#, None);
        check("{}", None);
    }

    #[test]
    fn says_where_the_shape_is_wrong() {
        let problem = read_json::<RotateApiKey>(br#"{"overlap_s": "soon"}"#).expect_err("text");
        assert_eq!(problem.code(), Code::Invalid);
        assert_eq!(problem.document("r").errors[0].field, "overlap_s");
        let problem = read_json::<Heartbeat>(b"[]").expect_err("list");
        assert_eq!(problem.code(), Code::Invalid);
    }

    #[test]
    fn a_nul_is_found_and_a_written_one_is_not() {
        assert!(holds_nul(br#"{"a":"x\u0000"}"#));
        assert!(holds_nul(br#"{"a":"\\\u0000"}"#));
        assert!(!holds_nul(br#"{"a":"\\u0000"}"#));
        assert!(!holds_nul(br#"{"a":"\u0001"}"#));
    }

    #[test]
    fn tells_bad_json_from_a_bad_shape() {
        for body in ["", "{", "{} {}", "nul"] {
            let problem = read_json::<RotateApiKey>(body.as_bytes()).expect_err(body);
            assert_eq!(problem.code(), Code::BadRequest, "{body}");
        }
    }
}
