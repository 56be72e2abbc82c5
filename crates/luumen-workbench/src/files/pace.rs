//! How far a transfer is, and how quick.

use std::{sync::atomic::Ordering, time::Instant};

use super::{carry::Progress, transfer::Transfer};

/// How quick a transfer is, evened out over about two seconds.
pub(super) struct Pace {
    at: Instant,
    done: u64,
    speed: Option<f64>,
}

impl Pace {
    pub(super) fn new(progress: &Progress) -> Self {
        Self {
            at: Instant::now(),
            done: progress.done.load(Ordering::Relaxed),
            speed: None,
        }
    }

    pub(super) fn speed(&mut self, progress: &Progress) -> Option<u64> {
        let (now, done) = (Instant::now(), progress.done.load(Ordering::Relaxed));
        let seconds = now.duration_since(self.at).as_secs_f64().max(0.001);
        // A file that begins anew counts from where it begins.
        let current = done.saturating_sub(self.done) as f64 / seconds;
        let speed = self.speed.map_or(current, |before| before * 0.8 + current * 0.2);
        (self.at, self.done, self.speed) = (now, done, Some(speed));
        Some(speed as u64)
    }
}

/// Writes into a transfer how far it is.
pub(super) fn note(transfer: &mut Transfer, progress: &Progress, speed: Option<u64>) {
    transfer.bytes_done = progress.done.load(Ordering::Relaxed);
    transfer.bytes_total = progress.total.load(Ordering::Relaxed).max(transfer.bytes_done);
    transfer.bytes_per_s = speed;
}
