//! When to try again, and when to stop trying.

use std::time::Duration;

use luumen_model::Timestamp;

/// How often and how long we try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a document is asked for at most.
    pub tries: u32,
    /// The wait after the first failure; it doubles.
    pub first_wait: Duration,
    /// No single wait is longer. A publisher that asks for more is left alone until next time.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 6,
            first_wait: Duration::from_secs(2),
            longest_wait: Duration::from_secs(120),
        }
    }
}

impl Patience {
    /// How long to wait after this many failures. None: the publisher asks for more than we wait.
    pub(super) fn wait(&self, failures: u32, asked_for: Option<Duration>) -> Option<Duration> {
        if let Some(asked_for) = asked_for {
            return (asked_for <= self.longest_wait).then_some(asked_for);
        }
        let doubled = self
            .first_wait
            .saturating_mul(1 << failures.saturating_sub(1).min(16));
        // Not all of us at the same moment.
        let jitter = rand::random_range(0.75..1.25);
        Some(doubled.mul_f64(jitter).min(self.longest_wait))
    }
}

/// `Retry-After`, in seconds or as a date, which counts from the `Date` of the answer if there is one.
pub(super) fn retry_after(value: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let until = http_date(value)?;
    let from = date.and_then(http_date).unwrap_or(now);
    // Rounded up: a date has no milliseconds.
    let millis = u64::try_from(until.millis_since(from)).unwrap_or(0);
    Some(Duration::from_millis(millis))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim());
    Some(Timestamp::from_millis(at.ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, date: Option<&str>, seconds: Option<u64>) {
        let now = "1994-11-06T08:49:00Z".parse().expect("a moment");
        let wait = retry_after(value, date, now);
        assert_eq!(wait, seconds.map(Duration::from_secs), "{value}");
    }

    #[test]
    fn publishers_ask_in_seconds_or_by_date() {
        check("120", None, Some(120));
        check(" 0 ", None, Some(0));
        check("Sun, 06 Nov 1994 08:49:37 GMT", None, Some(37));
        check(
            "Sun, 06 Nov 1994 08:49:37 GMT",
            Some("Sun, 06 Nov 1994 08:49:30 GMT"),
            Some(7),
        );
        check("Sun, 06 Nov 1994 08:00:00 GMT", None, Some(0));
        check("soon", None, None);
        check("-3", None, None);
    }

    #[test]
    fn waits_double_and_end() {
        let patience = Patience {
            tries: 4,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(10),
        };
        let wait = |failures| patience.wait(failures, None).expect("a wait").as_secs_f64();
        assert!((0.75..=1.25).contains(&wait(1)));
        assert!((3.0..=5.0).contains(&wait(3)));
        assert!((9.9..=10.0).contains(&wait(30)));
        assert_eq!(patience.wait(1, Some(Duration::from_secs(11))), None);
        let asked = Duration::from_secs(9);
        assert_eq!(patience.wait(1, Some(asked)), Some(asked));
    }
}
