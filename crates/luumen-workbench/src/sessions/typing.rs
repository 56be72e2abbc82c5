//! When somebody typed last, so that what can wait gives way to what the key does.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// Shared by all terminals.
#[derive(Debug)]
pub(crate) struct Typing {
    began: Instant,
    /// Microseconds since `began`, and 0 as long as nothing was typed.
    last: AtomicU64,
}

impl Default for Typing {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            last: AtomicU64::new(0),
        }
    }
}

impl Typing {
    /// A key, or what was pasted.
    pub(crate) fn key(&self) {
        let now = self.now().max(1);
        self.last.store(now, Ordering::Relaxed);
    }

    /// How long ago something was typed, if ever.
    pub(crate) fn since(&self) -> Option<Duration> {
        match self.last.load(Ordering::Relaxed) {
            0 => None,
            last => Some(Duration::from_micros(self.now().saturating_sub(last))),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
