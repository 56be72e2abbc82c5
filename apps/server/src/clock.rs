//! The one place of the server that reads the clock.

use luumen_model::Timestamp;

/// This moment.
pub fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
