//! How well we know a host just now: once in Rust for a row at hand, once as SQL for filters and counts.
//! One test holds the two together.

use luumen_model::{Outcome, Timestamp};
use sea_orm::sea_query::Expr;

use crate::workspaces::Workspace;

/// Exactly one applies. In the order of how much a person should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostState {
    /// The last visit failed, and what we know is not stale yet.
    Failing,
    /// Two intervals and a grace went by without a snapshot.
    Stale,
    /// Seen in time, some section not complete.
    Partial,
    /// No snapshot yet.
    NeverSeen,
    /// Seen in time, every section complete.
    Ok,
    /// Visits are switched off.
    Disabled,
}

impl HostState {
    /// Every state, in the order of its rank.
    pub const ALL: [Self; 6] = [
        Self::Failing,
        Self::Stale,
        Self::Partial,
        Self::NeverSeen,
        Self::Ok,
        Self::Disabled,
    ];

    pub(crate) fn rank(self) -> i32 {
        self as i32
    }

    pub(crate) fn from_rank(rank: i32) -> Self {
        let at = usize::try_from(rank).unwrap_or(0);
        Self::ALL.get(at).copied().unwrap_or(Self::NeverSeen)
    }
}

/// How old a snapshot may become where visits come every `interval_s`: two intervals, and a grace for the jitter, the
/// poll and the length of the visit that ends the second. The grace is a tenth of the interval and at least two
/// minutes, but never more than half of a short interval.
pub(crate) fn stale_after_ms(interval_s: i64) -> i64 {
    let interval_ms = interval_s.saturating_mul(1000);
    let grace_ms = (interval_ms / 10).max(120_000).min(interval_ms / 2);
    interval_ms.saturating_mul(2).saturating_add(grace_ms)
}

/// The moment for which states are asked, and how old a snapshot may be by the workspace's interval. A host whose
/// agent has an interval of its own keeps in `stale_after_ms` how old its own may be.
#[derive(Clone, Copy, Debug)]
pub struct StateClock {
    pub now: Timestamp,
    pub stale_after_ms: i64,
}

impl StateClock {
    /// By the settings of a workspace.
    pub fn of(workspace: &Workspace, now: Timestamp) -> Self {
        Self {
            now,
            stale_after_ms: workspace.stale_after_ms(),
        }
    }

    /// When a host counts as stale that was seen at that moment; `own_ms` is what it keeps of its agent.
    pub(crate) fn stale_at(self, seen_at: Timestamp, own_ms: Option<i64>) -> Timestamp {
        seen_at.plus_millis(own_ms.unwrap_or(self.stale_after_ms))
    }

    pub(crate) fn is_stale(self, seen_at: Timestamp, own_ms: Option<i64>) -> bool {
        self.stale_at(seen_at, own_ms) <= self.now
    }

    /// The same as SQL over the table `host`; NULL where the host was never seen.
    fn stale_sql(self) -> String {
        format!(
            "host.snapshot_at_ms + COALESCE(host.stale_after_ms, {}) <= {}",
            self.stale_after_ms,
            self.now.as_millis()
        )
    }

    pub(crate) fn stale_expr(self) -> Expr {
        Expr::cust(format!("({})", self.stale_sql()))
    }

    pub(crate) fn state(
        self,
        enabled: bool,
        seen_at: Option<Timestamp>,
        own_ms: Option<i64>,
        last_outcome: Option<Outcome>,
        incomplete: bool,
    ) -> HostState {
        match (enabled, seen_at) {
            (false, _) => HostState::Disabled,
            (_, None) => HostState::NeverSeen,
            (_, Some(at)) if self.is_stale(at, own_ms) => HostState::Stale,
            _ if matches!(last_outcome, Some(Outcome::Failed | Outcome::Skipped)) => HostState::Failing,
            _ if incomplete => HostState::Partial,
            _ => HostState::Ok,
        }
    }

    /// The rank of a host's state, as SQL over the table `host`. Numbers only, so nothing to bind, and
    /// the same text wherever a query needs it twice.
    pub(crate) fn rank_expr(self) -> Expr {
        Expr::cust(format!(
            "(CASE WHEN NOT host.enabled THEN {disabled} \
             WHEN host.snapshot_at_ms IS NULL THEN {never_seen} \
             WHEN {is_stale} THEN {stale} \
             WHEN host.last_outcome IN ('failed', 'skipped') THEN {failing} \
             WHEN host.incomplete_sections IS NOT NULL THEN {partial} \
             ELSE {ok} END)",
            disabled = HostState::Disabled.rank(),
            never_seen = HostState::NeverSeen.rank(),
            is_stale = self.stale_sql(),
            stale = HostState::Stale.rank(),
            failing = HostState::Failing.rank(),
            partial = HostState::Partial.rank(),
            ok = HostState::Ok.rank(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{HostState, stale_after_ms};

    #[test]
    fn a_missed_run_and_a_late_one_are_not_yet_stale() {
        let minutes = |interval_s| stale_after_ms(interval_s) as f64 / 60_000.0;
        assert_eq!(minutes(3600), 126.0, "a tenth of an hour on top");
        assert_eq!(minutes(600), 22.0, "at least two minutes");
        assert_eq!(minutes(60), 2.5, "and no more than half an interval");
        assert_eq!(minutes(86_400), 2.0 * 1440.0 + 144.0);
        assert_eq!(stale_after_ms(i64::MAX), i64::MAX);
    }

    #[test]
    fn a_rank_is_the_place_in_the_list() {
        for (at, state) in HostState::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(state.rank()).expect("small"), at);
            assert_eq!(HostState::from_rank(state.rank()), state);
        }
    }
}
