//! The time a person takes to answer, which is not the host's.
//!
//! The question is asked inside the key exchange, where russh waits for us; the clock that watches the
//! key exchange ticks elsewhere. This is the word between the two.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// Shared by whoever asks and whoever keeps the time.
#[derive(Clone, Default)]
pub(super) struct PersonTime(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    over: Notify,
}

#[derive(Default)]
struct State {
    since: Option<Instant>,
    spent: Duration,
}

/// A question is open for as long as this lives.
pub(super) struct Thinking<'a>(&'a PersonTime);

impl PersonTime {
    /// A person begins to think.
    pub(super) fn start(&self) -> Thinking<'_> {
        self.with(|state| state.since = Some(Instant::now()));
        Thinking(self)
    }

    /// Waits until no question is open.
    pub(super) async fn idle(&self) {
        loop {
            let over = self.0.over.notified();
            if self.with(|state| state.since.is_none()) {
                return;
            }
            over.await;
        }
    }

    /// What was spent since the last look.
    pub(super) fn take(&self) -> Duration {
        self.with(|state| std::mem::take(&mut state.spent))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Thinking<'_> {
    fn drop(&mut self) {
        self.0.with(|state| {
            if let Some(since) = state.since.take() {
                state.spent += since.elapsed();
            }
        });
        self.0.0.over.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_question_is_counted_once() {
        let person = PersonTime::default();
        person.idle().await;
        let thinking = person.start();
        tokio::time::sleep(Duration::from_secs(40)).await;
        drop(thinking);
        person.idle().await;
        assert_eq!(person.take(), Duration::from_secs(40));
        assert_eq!(person.take(), Duration::ZERO);
    }
}
