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
    /// Two intervals went by without a snapshot.
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

/// The moment for which states are asked, and how old a snapshot may be.
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

    /// A snapshot of this moment or before is stale.
    pub(crate) fn stale_limit_ms(self) -> i64 {
        self.now.plus_millis(-self.stale_after_ms).as_millis()
    }

    pub(crate) fn is_stale(self, seen_at: Timestamp) -> bool {
        seen_at.as_millis() <= self.stale_limit_ms()
    }

    pub(crate) fn state(
        self,
        enabled: bool,
        seen_at: Option<Timestamp>,
        last_outcome: Option<Outcome>,
        incomplete: bool,
    ) -> HostState {
        match (enabled, seen_at) {
            (false, _) => HostState::Disabled,
            (_, None) => HostState::NeverSeen,
            (_, Some(at)) if self.is_stale(at) => HostState::Stale,
            _ if last_outcome == Some(Outcome::Failed) => HostState::Failing,
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
             WHEN host.snapshot_at_ms <= {limit} THEN {stale} \
             WHEN host.last_outcome = 'failed' THEN {failing} \
             WHEN host.incomplete_sections IS NOT NULL THEN {partial} \
             ELSE {ok} END)",
            disabled = HostState::Disabled.rank(),
            never_seen = HostState::NeverSeen.rank(),
            limit = self.stale_limit_ms(),
            stale = HostState::Stale.rank(),
            failing = HostState::Failing.rank(),
            partial = HostState::Partial.rank(),
            ok = HostState::Ok.rank(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::HostState;

    #[test]
    fn a_rank_is_the_place_in_the_list() {
        for (at, state) in HostState::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(state.rank()).expect("small"), at);
            assert_eq!(HostState::from_rank(state.rank()), state);
        }
    }
}
