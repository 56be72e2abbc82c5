//! How far a visit has come, told from the marks in what the host says while it says it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use luumen_model::SectionKind;
use luumen_transport::Watch;

use crate::plan::Plan;

/// The longest line that may be a mark; longer ones are not kept.
const LONGEST: usize = 128;

/// How far a visit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Commands that are behind it.
    pub done: usize,
    /// All of its commands.
    pub total: usize,
    /// The section that is being read.
    pub section: SectionKind,
}

/// Reads marks and tells where they stand.
pub(crate) struct Watcher {
    mark: String,
    sections: Vec<SectionKind>,
    told: Arc<dyn Fn(Reached) + Send + Sync>,
    state: Mutex<State>,
}

/// The line that has begun, and how far the visit is known to be.
#[derive(Debug, Default)]
struct State {
    line: Vec<u8>,
    done: Option<usize>,
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Watcher {
    pub(crate) fn new(plan: &Plan, told: Arc<dyn Fn(Reached) + Send + Sync>) -> Self {
        let first = |sections: &[SectionKind]| sections.first().copied().unwrap_or(SectionKind::Os);
        Self {
            mark: format!("@{} ", plan.marker),
            sections: plan
                .commands
                .iter()
                .map(|command| first(command.sections()))
                .collect(),
            told,
            state: Mutex::default(),
        }
    }

    /// The number of the command that a mark speaks of: `b 12 0.3`, `n 12`, `p 12 0`, `k 12`.
    fn reached(&self, line: &[u8]) -> Option<usize> {
        let line = std::str::from_utf8(line).ok()?.strip_prefix(&self.mark)?;
        let mut words = line.split(' ');
        match (words.next()?, words.next()?) {
            ("b", "files") => Some(0),
            ("b", "end") => Some(self.sections.len()),
            ("b" | "n" | "p" | "k", number) => number.parse().ok().filter(|at| *at < self.sections.len()),
            _ => None,
        }
    }

    fn tell(&self, done: usize) {
        let at = done.min(self.sections.len().saturating_sub(1));
        if let Some(section) = self.sections.get(at) {
            (self.told)(Reached {
                done,
                total: self.sections.len(),
                section: *section,
            });
        }
    }
}

impl Watch for Watcher {
    fn stdout(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest = None;
        for byte in bytes {
            if *byte == b'\n' {
                newest = self.reached(&state.line).or(newest);
                state.line.clear();
            } else if state.line.len() < LONGEST {
                state.line.push(*byte);
            }
        }
        // Only forwards, and only when something is new.
        if let Some(done) = newest.filter(|done| state.done.is_none_or(|before| *done > before)) {
            state.done = Some(done);
            drop(state);
            self.tell(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{CollectOptions, plan_with_marker};

    #[test]
    fn marks_tell_how_far_a_visit_has_come_and_nothing_else_does() {
        let plan = plan_with_marker(&CollectOptions::new("test", "0"), "m4rk");
        let told = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&told);
        let watcher = Watcher::new(
            &plan,
            Arc::new(move |reached: Reached| into.lock().expect("told").push(reached.done)),
        );
        for piece in [
            "banner\n@m4",
            "rk b files 0.1\n/etc/x:@m4rk b 5 1\n",
            "@other b 9 1\n",
            "@m4rk b 3 0.2\n@m4rk n 4\n",
            "@m4rk b 2 0.2\n@m4rk b 999999 1\n@m4rk b x\n",
            "@m4rk b end 9\n",
        ] {
            watcher.stdout(piece.as_bytes());
        }
        assert_eq!(*told.lock().expect("told"), [0, 4, plan.commands().len()]);
    }
}
