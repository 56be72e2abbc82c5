//! When to try again, and after how long. Pure: the dice are thrown by the caller.

use std::time::Duration;

/// Exponential waits with jitter, so that a fleet of agents does not knock in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included.
    pub tries: u32,
    /// Longest wait before the second try; each later one may be twice as long.
    pub first_wait: Duration,
    /// Longest wait of all, also when the API asks for more.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 5,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// One try and no second.
    pub fn never() -> Self {
        Self {
            tries: 1,
            ..Self::default()
        }
    }

    /// How long to wait after try number `done` (counted from 1) failed, or `None` to give up.
    /// `dice` is between 0 and 1. What the API asked for is waited at least, within the bound.
    pub fn wait_after(&self, done: u32, dice: f64, asked: Option<Duration>) -> Option<Duration> {
        if done >= self.tries {
            return None;
        }
        let doubled = self
            .first_wait
            .saturating_mul(1_u32.checked_shl(done - 1).unwrap_or(u32::MAX));
        let most = doubled.min(self.longest_wait);
        let wait = most.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0);
        Some(wait.max(asked.unwrap_or_default()).min(self.longest_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::RetryPolicy;
    use std::time::Duration;

    #[test]
    fn waits_double_up_to_a_bound_and_end() {
        let policy = RetryPolicy {
            tries: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(3),
        };
        let most: Vec<_> = (1..6)
            .map(|done| policy.wait_after(done, 1.0, None).map(|w| w.as_secs()))
            .collect();
        assert_eq!(most, [Some(1), Some(2), Some(3), Some(3), None]);
        let least = policy.wait_after(1, 0.0, None).map(|w| w.as_millis());
        assert_eq!(least, Some(500));
    }

    #[test]
    fn the_api_may_ask_for_more_within_the_bound() {
        let policy = RetryPolicy::default();
        let asked = |seconds| policy.wait_after(1, 0.0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(5), Some(Duration::from_secs(5)));
        assert_eq!(asked(3600), Some(policy.longest_wait));
        assert_eq!(RetryPolicy::never().wait_after(1, 0.0, None), None);
    }
}
