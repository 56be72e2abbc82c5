//! One way to write a JSON value, so that equal facts have equal hashes on every machine.

use std::{fmt, fmt::Write as _, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// SHA-256 of the canonical JSON of a section's data, as 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
pub struct ContentHash(String);

/// A text that is not a content hash.
#[derive(Debug, thiserror::Error)]
#[error("a content hash is 64 lower-case hex digits")]
pub struct ParseHashError;

impl ContentHash {
    /// The hash of `value`, whatever order its keys were written in.
    pub fn of(value: &Value) -> Self {
        let digest = Sha256::digest(canonical_json(value).as_bytes());
        let mut hex = String::with_capacity(64);
        for byte in digest {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ContentHash {
    type Err = ParseHashError;
    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for ContentHash {
    type Error = ParseHashError;
    fn try_from(text: String) -> Result<Self, ParseHashError> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err(ParseHashError)
        }
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.0
    }
}

/// `value` as JSON with sorted keys and no spaces (the order of RFC 8785 for keys without surrogates).
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            // Sorted here, not by the map: serde_json keeps insertion order when any crate of
            // the build asks for it, and then equal facts would hash differently.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::String(key.clone()));
                write_value(&map[key.as_str()], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentHash, canonical_json};
    use serde_json::json;

    #[test]
    fn key_order_does_not_change_the_hash() {
        let one: serde_json::Value =
            serde_json::from_str(r#"{"b":[1,{"d":null,"c":"x"}],"a":1.5}"#).expect("json");
        let two: serde_json::Value =
            serde_json::from_str(r#"{"a":1.5,"b":[1,{"c":"x","d":null}]}"#).expect("json");
        assert_eq!(canonical_json(&one), r#"{"a":1.5,"b":[1,{"c":"x","d":null}]}"#);
        assert_eq!(ContentHash::of(&one), ContentHash::of(&two));
    }

    #[test]
    fn list_order_does() {
        assert_ne!(ContentHash::of(&json!([1, 2])), ContentHash::of(&json!([2, 1])));
    }

    #[test]
    fn refuses_what_is_no_hash() {
        for text in ["", "ABC", &"A".repeat(64), &"0".repeat(63)] {
            assert!(text.parse::<ContentHash>().is_err(), "{text}");
        }
    }
}
