//! Gives way to whoever types.
//!
//! A transfer takes all that line and cores give, and a key that is typed meanwhile waits behind what is under way. So little is kept under
//! way while somebody types, and right after a key nothing is added to it. However fast somebody types, a transfer goes on.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::sessions::Typing;

/// How long a key takes to the host and back, on a line that is worth typing over.
const GIVE_WAY: Duration = Duration::from_millis(15);
/// What is carried between two waits.
const CARRY: Duration = Duration::from_millis(8);
/// Who has not typed for so long reads.
const TYPES: Duration = Duration::from_secs(2);
/// Asked for or sent and not answered yet: what fills a long line, and what a key may wait behind.
const UNDER_WAY_BYTES: u32 = 4 * 1024 * 1024;
const UNDER_WAY_BESIDE_KEYS_BYTES: u32 = 512 * 1024;

/// Of one file that is carried.
pub(super) struct Manners<'a> {
    typing: &'a Typing,
    carries_since: Instant,
}

impl<'a> Manners<'a> {
    pub(super) fn new(typing: &'a Typing) -> Self {
        Self {
            typing,
            carries_since: Instant::now(),
        }
    }

    /// Waits if it has to; answers how many bytes may be under way.
    pub(super) async fn give_way(&mut self) -> u32 {
        let Some(since) = self.typing.since().filter(|since| *since < TYPES) else {
            return UNDER_WAY_BYTES;
        };
        if let Some(left) = GIVE_WAY.checked_sub(since).filter(|left| !left.is_zero())
            && self.carries_since.elapsed() >= CARRY
        {
            sleep(left).await;
            self.carries_since = Instant::now();
        }
        UNDER_WAY_BESIDE_KEYS_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pieces of a millisecond each are carried in a second, and how many bytes were under way at last.
    async fn in_a_second(typing: &Typing, keys_every: Option<Duration>) -> (u32, u32) {
        let mut manners = Manners::new(typing);
        let (began, mut carried, mut under_way, mut keys) = (Instant::now(), 0, 0, 0);
        while began.elapsed() < Duration::from_secs(1) {
            while keys_every.is_some_and(|every| began.elapsed() >= every * keys) {
                typing.key();
                keys += 1;
            }
            under_way = manners.give_way().await;
            sleep(Duration::from_millis(1)).await;
            carried += 1;
        }
        (carried, under_way)
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_type_holds_nothing_up() {
        let carried = in_a_second(&Typing::default(), None).await;
        assert_eq!(carried, (1000, UNDER_WAY_BYTES));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_added_right_after_a_key() {
        let typing = Typing::default();
        let mut manners = Manners::new(&typing);
        sleep(CARRY).await;
        typing.key();
        assert_eq!(manners.give_way().await, UNDER_WAY_BESIDE_KEYS_BYTES);
        assert_eq!(typing.since(), Some(GIVE_WAY));
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_has_half_of_a_quick_typists_time_and_a_third_beside_a_flood_of_keys() {
        for (every, at_least) in [(100, 800), (33, 500), (10, 300), (1, 300)] {
            let every = Duration::from_millis(every);
            let (carried, under_way) = in_a_second(&Typing::default(), Some(every)).await;
            assert!((at_least..1000).contains(&carried), "{every:?}: {carried}");
            assert_eq!(under_way, UNDER_WAY_BESIDE_KEYS_BYTES);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_stopped_typing_is_not_waited_for() {
        let typing = Typing::default();
        typing.key();
        sleep(2 * TYPES).await;
        assert_eq!(Manners::new(&typing).give_way().await, UNDER_WAY_BYTES);
    }
}
