//! Moments, in UTC, to the millisecond: RFC 3339 on the wire, whole milliseconds in the store.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// Milliseconds since 1970-01-01T00:00:00Z. Time is an argument: nothing in this crate reads a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 moment.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not an RFC 3339 date and time")]
pub struct ParseTimestampError {
    /// What was given.
    pub text: String,
}

impl Timestamp {
    /// From milliseconds since the epoch; values outside of what RFC 3339 can write are clamped.
    pub fn from_millis(millis: i64) -> Self {
        // Whole seconds: jiff refuses the last broken one.
        let (min, max) = (
            jiff::Timestamp::MIN.as_second() * 1000,
            jiff::Timestamp::MAX.as_second() * 1000,
        );
        Self(millis.clamp(min, max))
    }

    /// From whole seconds since the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment moved by `millis`, forwards or (negative) backwards.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;
    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Self(at.as_millisecond()))
            .map_err(|_| ParseTimestampError {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, UTC, milliseconds"))
            .into()
    }
}

impl ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[track_caller]
    fn check(text: &str, millis: i64) {
        let at: Timestamp = text.parse().expect(text);
        assert_eq!(at.as_millis(), millis, "{text}");
        assert_eq!(at.to_string().parse::<Timestamp>().expect("own text"), at);
    }

    #[test]
    fn reads_what_rfc_3339_writes() {
        check("1970-01-01T00:00:00Z", 0);
        check("2026-11-22T02:20:00.250Z", 1_795_314_000_250);
        check("2026-11-22T03:20:00.250+01:00", 1_795_314_000_250);
        check("1969-12-31T23:59:59.999Z", -1);
    }

    #[test]
    fn refuses_what_is_no_moment() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn never_leaves_the_calendar() {
        let last = Timestamp::from_millis(i64::MAX).to_string();
        assert!(last.starts_with("9999"), "{last}");
        let first = Timestamp::from_millis(i64::MIN).plus_millis(-1).to_string();
        for text in [first, last] {
            assert!(text.parse::<Timestamp>().is_ok(), "{text}");
        }
    }
}
