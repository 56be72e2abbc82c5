//! When the service polls and when it runs: a machine that is told what happened and says what to do.
//!
//! Pure: time (milliseconds of a clock that only goes forward) and dice are arguments. Rules: one run
//! at a time; a run that became due while another was under way happens once, at once; a run without
//! a known configuration waits for it; jitter moves a run and never the schedule.

/// What the API, or the local configuration above it, asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) interval_ms: u64,
    pub(crate) polling_ms: u64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The time to wake has come.
    Tick,
    /// A poll ended; `Some` when there is a configuration to work with.
    Polled(Option<Pace>),
    RunEnded,
    /// The run could not begin; it is still due.
    RunPutOff,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Poll,
    Run,
}

/// Bounds that keep a wrong number of the API from flooding it or putting us to sleep.
const POLLING_MS: std::ops::RangeInclusive<u64> = 5_000..=3_600_000;
const INTERVAL_MS: std::ops::RangeInclusive<u64> = 60_000..=2_678_400_000;
/// Until the first configuration is there.
const FIRST_POLLING_MS: u64 = 15_000;

/// The state of the service.
#[derive(Debug)]
pub(crate) struct Scheduler {
    jitter_ms: u64,
    pace: Option<Pace>,
    polling: bool,
    running: bool,
    next_poll_ms: u64,
    /// The schedule itself, without jitter.
    due_ms: u64,
    /// When the due run really begins.
    begin_ms: u64,
}

impl Scheduler {
    /// The first poll is due at once, the first run as soon as there is a configuration.
    pub(crate) fn new(now_ms: u64, jitter_ms: u64) -> Self {
        Self {
            jitter_ms,
            pace: None,
            polling: false,
            running: false,
            next_poll_ms: now_ms,
            due_ms: now_ms,
            begin_ms: now_ms,
        }
    }

    /// When the next `Tick` is wanted; `None` while only an answer can move things.
    pub(crate) fn wake_at_ms(&self) -> Option<u64> {
        let poll = (!self.polling).then_some(self.next_poll_ms);
        let run = (!self.running && self.pace.is_some()).then_some(self.begin_ms);
        poll.into_iter().chain(run).min()
    }

    /// Takes an event; `dice` is between 0 and 1.
    pub(crate) fn handle(&mut self, event: Event, now_ms: u64, dice: f64) -> Vec<Effect> {
        match event {
            Event::Tick => {}
            Event::Polled(pace) => self.polled(pace, now_ms, dice),
            Event::RunEnded => self.running = false,
            Event::RunPutOff => self.put_off(now_ms),
        }
        let mut effects = Vec::new();
        if !self.polling && now_ms >= self.next_poll_ms {
            self.polling = true;
            effects.push(Effect::Poll);
        }
        if let Some(pace) = self.pace
            && !self.running
            && now_ms >= self.begin_ms
        {
            self.running = true;
            self.plan_next(pace, now_ms, dice);
            effects.push(Effect::Run);
        }
        effects
    }

    fn polled(&mut self, pace: Option<Pace>, now_ms: u64, dice: f64) {
        self.polling = false;
        if let Some(pace) = pace {
            let pace = Pace {
                interval_ms: pace.interval_ms.clamp(*INTERVAL_MS.start(), *INTERVAL_MS.end()),
                polling_ms: pace.polling_ms.clamp(*POLLING_MS.start(), *POLLING_MS.end()),
            };
            let before = self.pace.replace(pace);
            // A new interval counts from the last run, not from today's schedule.
            if let Some(before) = before.filter(|before| before.interval_ms != pace.interval_ms) {
                let last_ms = self.due_ms.saturating_sub(before.interval_ms);
                self.due_ms = (last_ms + pace.interval_ms).max(now_ms);
                self.begin_ms = self.due_ms + self.jitter(pace, dice);
            }
        }
        let polling_ms = self.pace.map_or(FIRST_POLLING_MS, |pace| pace.polling_ms);
        // A tenth more or less, so that agents that began together drift apart.
        self.next_poll_ms = now_ms + (polling_ms as f64 * (0.9 + 0.2 * dice)) as u64;
    }

    /// The next due time on the schedule after now; intervals that went by meanwhile are one missed run.
    fn plan_next(&mut self, pace: Pace, now_ms: u64, dice: f64) {
        let late_ms = now_ms.saturating_sub(self.due_ms);
        self.due_ms += pace.interval_ms * (1 + late_ms / pace.interval_ms);
        self.begin_ms = self.due_ms + self.jitter(pace, dice);
    }

    /// Back to the due time that was not kept; the next try comes with the next poll.
    fn put_off(&mut self, now_ms: u64) {
        self.running = false;
        if let Some(pace) = self.pace {
            self.due_ms = self.due_ms.saturating_sub(pace.interval_ms);
            self.begin_ms = now_ms + pace.polling_ms;
        }
    }

    fn jitter(&self, pace: Pace, dice: f64) -> u64 {
        (self.jitter_ms.min(pace.interval_ms / 2) as f64 * dice) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        interval_ms: 3_600_000,
        polling_ms: 30_000,
    };
    const HOUR: u64 = 3_600_000;

    fn ready(jitter_ms: u64) -> Scheduler {
        let mut scheduler = Scheduler::new(0, jitter_ms);
        assert_eq!(scheduler.handle(Event::Tick, 0, 0.5), [Effect::Poll]);
        assert_eq!(scheduler.handle(Event::Polled(Some(PACE)), 0, 0.5), [Effect::Run]);
        scheduler
    }

    fn run_at(scheduler: &mut Scheduler, now_ms: u64) -> bool {
        scheduler.handle(Event::Tick, now_ms, 0.5).contains(&Effect::Run)
    }

    #[test]
    fn the_first_run_waits_for_a_configuration() {
        let mut scheduler = Scheduler::new(0, 30_000);
        assert_eq!(scheduler.handle(Event::Tick, 0, 0.5), [Effect::Poll]);
        assert_eq!(
            scheduler.wake_at_ms(),
            None,
            "nothing to do but wait for the answer"
        );
        assert_eq!(scheduler.handle(Event::Polled(None), 1_000, 0.5), []);
        assert_eq!(scheduler.wake_at_ms(), Some(16_000));
        assert_eq!(scheduler.handle(Event::Tick, 16_000, 0.5), [Effect::Poll]);
        assert_eq!(
            scheduler.handle(Event::Polled(Some(PACE)), 17_000, 0.5),
            [Effect::Run]
        );
    }

    #[test]
    fn runs_follow_the_interval_and_jitter_does_not_add_up() {
        let mut scheduler = ready(60_000);
        for hour in 1..5 {
            scheduler.handle(Event::RunEnded, (hour - 1) * HOUR + 100_000, 0.5);
            assert!(!run_at(&mut scheduler, hour * HOUR + 29_999));
            assert!(run_at(&mut scheduler, hour * HOUR + 30_000), "hour {hour}");
        }
    }

    #[test]
    fn runs_never_overlap_and_a_missed_one_happens_once() {
        let mut scheduler = ready(0);
        assert!(!run_at(&mut scheduler, HOUR));
        assert!(!run_at(&mut scheduler, 2 * HOUR));
        let after = 3 * HOUR + 600_000;
        assert!(
            scheduler
                .handle(Event::RunEnded, after, 0.5)
                .contains(&Effect::Run)
        );
        assert!(scheduler.handle(Event::RunEnded, after + 1, 0.5).is_empty());
        assert!(
            !run_at(&mut scheduler, 4 * HOUR - 1),
            "the schedule itself has not moved"
        );
        assert!(run_at(&mut scheduler, 4 * HOUR));
    }

    #[test]
    fn a_shorter_interval_takes_effect_at_once() {
        let mut scheduler = ready(0);
        scheduler.handle(Event::RunEnded, 1_000, 0.5);
        let short = Pace {
            interval_ms: 600_000,
            ..PACE
        };
        scheduler.handle(Event::Polled(Some(short)), 60_000, 0.5);
        assert!(!run_at(&mut scheduler, 599_999));
        assert!(run_at(&mut scheduler, 600_000));
        scheduler.handle(Event::RunEnded, 600_100, 0.5);
        let shorter = Pace {
            interval_ms: 300_000,
            ..PACE
        };
        let effects = scheduler.handle(Event::Polled(Some(shorter)), 1_100_000, 0.5);
        assert!(effects.contains(&Effect::Run), "already due by the new interval");
    }

    #[test]
    fn an_unreachable_api_changes_nothing() {
        let mut scheduler = ready(0);
        scheduler.handle(Event::RunEnded, 1_000, 0.5);
        scheduler.handle(Event::Tick, 30_000, 0.5);
        scheduler.handle(Event::Polled(None), 31_000, 0.5);
        assert_eq!(scheduler.wake_at_ms(), Some(61_000));
        assert!(run_at(&mut scheduler, HOUR));
    }

    #[test]
    fn a_run_that_could_not_begin_is_tried_again_soon() {
        let mut scheduler = ready(0);
        assert_eq!(scheduler.handle(Event::RunPutOff, 1_000, 0.5), []);
        assert!(!run_at(&mut scheduler, 30_999));
        assert!(run_at(&mut scheduler, 31_000));
        scheduler.handle(Event::RunEnded, 40_000, 0.5);
        assert!(
            !run_at(&mut scheduler, HOUR - 1),
            "and the schedule itself has not moved"
        );
        assert!(run_at(&mut scheduler, HOUR));
    }

    #[test]
    fn silly_numbers_are_bounded() {
        let mut scheduler = Scheduler::new(0, 0);
        scheduler.handle(
            Event::Polled(Some(Pace {
                interval_ms: 0,
                polling_ms: 0,
            })),
            0,
            0.5,
        );
        scheduler.handle(Event::RunEnded, 1, 0.5);
        assert_eq!(scheduler.wake_at_ms().map(|at| at >= 1), Some(true));
        assert!(!run_at(&mut scheduler, 59_999));
    }
}
