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

    /// The longest wait and the bytes that may be under way, of some pieces while somebody types.
    async fn pieces(typing: &Typing, count: usize) -> (Duration, u32) {
        let mut manners = Manners::new(typing);
        sleep(CARRY).await;
        let (mut longest, mut under_way) = (Duration::ZERO, 0);
        for _ in 0..count {
            let began = Instant::now();
            under_way = manners.give_way().await;
            longest = longest.max(began.elapsed());
        }
        (longest, under_way)
    }

    #[tokio::test]
    async fn who_does_not_type_holds_nothing_up() {
        let (longest, under_way) = pieces(&Typing::default(), 1000).await;
        assert!(longest < GIVE_WAY, "{longest:?}");
        assert_eq!(under_way, UNDER_WAY_BYTES);
    }

    #[tokio::test]
    async fn a_key_goes_first_and_little_is_under_way_after_it() {
        let typing = Typing::default();
        let mut manners = Manners::new(&typing);
        sleep(CARRY).await;
        typing.key();
        assert_eq!(manners.give_way().await, UNDER_WAY_BESIDE_KEYS_BYTES);
        assert!(typing.since().is_some_and(|since| since >= GIVE_WAY));
    }

    #[tokio::test]
    async fn keys_without_end_do_not_stop_a_file() {
        let typing = Typing::default();
        let mut manners = Manners::new(&typing);
        let began = Instant::now();
        let mut carried = 0;
        while began.elapsed() < 10 * (GIVE_WAY + CARRY) {
            typing.key();
            manners.give_way().await;
            carried += 1;
        }
        assert!(carried > 10, "{carried}");
    }
}
