//! How much may be on its way to the window: about what it draws in a tenth of a second.
//!
//! A key is answered behind everything that is on its way, so on a slow screen that must be little; a quick
//! screen that is handed little waits for more.

use std::time::Duration;

use tokio::time::Instant;

/// The most that the window has not acknowledged.
const MOST_BYTES: usize = 1024 * 1024;
/// The least that is allowed: twice what the window acknowledges at once, so that one that is held up
/// for a moment is not thought slow, handed less, and slower still.
const LEAST_BYTES: usize = 512 * 1024;
/// How long what is under way should take.
const AIM: Duration = Duration::from_millis(100);

/// What is on its way.
#[derive(Debug)]
pub(super) struct Flow {
    room: usize,
    under_way: usize,
    /// Since when the window has had more than enough to draw, without a pause.
    busy_since: Option<Instant>,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            room: MOST_BYTES,
            under_way: 0,
            busy_since: None,
        }
    }

    /// Whether nothing more may be sent until something is acknowledged.
    pub(super) fn is_full(&self) -> bool {
        self.under_way >= self.room
    }

    pub(super) fn sent(&mut self, bytes: usize, now: Instant) {
        self.under_way += bytes;
        if self.is_full() {
            self.busy_since.get_or_insert(now);
        }
    }

    /// So many more bytes were drawn.
    pub(super) fn acknowledged(&mut self, bytes: usize, now: Instant) {
        // Of a window that waits for the host nobody knows how quick it could be.
        let busy_since = self.busy_since.filter(|_| self.is_full());
        self.under_way = self.under_way.saturating_sub(bytes);
        self.busy_since = busy_since.map(|since| {
            self.adapt(bytes, now.duration_since(since));
            now
        });
    }

    /// A quarter of the way at a time, because a window draws in jerks.
    fn adapt(&mut self, bytes: usize, took: Duration) {
        let speed = bytes as f64 / took.as_secs_f64().max(0.001);
        let wanted = (speed * AIM.as_secs_f64()).min(2.0 * MOST_BYTES as f64);
        let room = 0.75 * self.room as f64 + 0.25 * wanted;
        self.room = (room as usize).clamp(LEAST_BYTES, MOST_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: usize = 64 * 1024;

    /// A flood to a window that draws at a speed. How much is on its way at most, once it has settled.
    fn flood(flow: &mut Flow, mut now: Instant, bytes_per_ms: usize) -> (usize, Instant) {
        let mut most = 0;
        for round in 0..400 {
            while !flow.is_full() {
                flow.sent(BATCH, now);
            }
            if round >= 200 {
                most = most.max(flow.under_way);
            }
            now += Duration::from_micros((2 * BATCH * 1000 / bytes_per_ms) as u64);
            flow.acknowledged(2 * BATCH, now);
        }
        (most, now)
    }

    #[test]
    fn a_quick_window_is_sent_a_megabyte_ahead() {
        let (most, _) = flood(&mut Flow::new(), Instant::now(), 20_000);
        assert_eq!(most, MOST_BYTES);
    }

    #[test]
    fn a_slow_window_is_sent_what_it_draws_in_a_tenth_of_a_second() {
        let (most, _) = flood(&mut Flow::new(), Instant::now(), 7_000);
        assert!(
            (700_000..700_000 + BATCH).contains(&most),
            "{most} bytes under way"
        );
    }

    #[test]
    fn the_slowest_window_is_sent_the_least_and_is_sent_more_when_it_is_quick_again() {
        let mut flow = Flow::new();
        let (most, now) = flood(&mut flow, Instant::now(), 200);
        assert!(
            (LEAST_BYTES..LEAST_BYTES + BATCH).contains(&most),
            "{most} bytes under way"
        );
        assert_eq!(flood(&mut flow, now, 20_000).0, MOST_BYTES);
    }

    #[test]
    fn little_text_now_and_then_says_nothing_of_the_window() {
        let mut flow = Flow::new();
        let mut now = Instant::now();
        for _ in 0..1000 {
            flow.sent(1000, now);
            now += Duration::from_secs(60);
            if flow.under_way >= 2 * BATCH {
                flow.acknowledged(flow.under_way, now);
            }
        }
        assert_eq!(flow.room, MOST_BYTES);
    }

    #[test]
    fn a_pause_between_two_floods_is_not_counted() {
        let mut flow = Flow::new();
        let mut now = Instant::now();
        for _ in 0..50 {
            while !flow.is_full() {
                flow.sent(BATCH, now);
            }
            while flow.under_way > 0 {
                now += Duration::from_millis(6);
                flow.acknowledged(2 * BATCH, now);
            }
            now += Duration::from_secs(10);
        }
        assert_eq!(flow.room, MOST_BYTES);
    }
}
