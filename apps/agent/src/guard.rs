//! The login guard: a wrong password must not lock an account, and a refused one is not tried again.
//!
//! Pure. A password that has not worked anywhere in this run is a suspect: at most `threshold`
//! logins with it may fail, counting those on their way; by default one. One accepted login clears it,
//! because directories count wrong passwords, not odd hosts. Keys lock no account, so one host without
//! the key never stops the rest; only an address that refused an account is not tried again with it. A jump host that
//! refuses an account stops all its hosts: they lie behind it.

use std::collections::{BTreeMap, BTreeSet};

/// Who tries to get in where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) credential: String,
    /// Wrong passwords lock accounts; refused keys do not.
    pub(crate) password: bool,
}

/// What the guard says to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    /// Ask again when another login with this account has ended.
    Wait,
    /// Do not try; the text says why.
    Skip(String),
}

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    Accepted,
    Refused,
    /// A jump host refused it, and every other host of this account lies behind the same one.
    RefusedOnTheWay,
    /// It did not come to a login.
    Untried,
}

/// The memory of one run.
#[derive(Debug)]
pub(crate) struct Guard {
    threshold: usize,
    accounts: BTreeMap<Account, State>,
}

#[derive(Debug, Default)]
struct State {
    proven: bool,
    closed: bool,
    on_the_way: usize,
    refused_by: BTreeSet<String>,
}

impl Guard {
    pub(crate) fn new(threshold: usize) -> Self {
        Self {
            threshold: threshold.max(1),
            accounts: BTreeMap::new(),
        }
    }

    /// May `account` be tried on `address` now? `Go` counts as on the way until `ended` is told.
    pub(crate) fn ask(&mut self, account: &Account, address: &str) -> Verdict {
        let state = self.accounts.entry(account.clone()).or_default();
        if state.closed {
            return Verdict::Skip(format!(
                "a jump host refused the login on the way, for {}",
                account.username
            ));
        }
        if state.refused_by.contains(address) {
            return Verdict::Skip(format!(
                "{address} refused {} before in this run",
                account.username
            ));
        }
        if account.password && !state.proven {
            if state.refused_by.len() >= self.threshold {
                let refusals = match state.refused_by.len() {
                    1 => "1 host".to_owned(),
                    more => format!("{more} hosts"),
                };
                return Verdict::Skip(format!(
                    "{refusals} refused the password of {} (credential {}) and none accepted it",
                    account.username, account.credential
                ));
            }
            if state.refused_by.len() + state.on_the_way >= self.threshold {
                return Verdict::Wait;
            }
        }
        state.on_the_way += 1;
        Verdict::Go
    }

    /// Tells how a login that was let go has ended.
    pub(crate) fn ended(&mut self, account: &Account, address: &str, login: Login) {
        let state = self.accounts.entry(account.clone()).or_default();
        state.on_the_way = state.on_the_way.saturating_sub(1);
        match login {
            Login::Accepted => state.proven = true,
            Login::Refused => drop(state.refused_by.insert(address.to_owned())),
            Login::RefusedOnTheWay => state.closed = true,
            Login::Untried => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(password: bool) -> Account {
        Account {
            username: "scan".into(),
            credential: "linux".into(),
            password,
        }
    }

    fn refuse(guard: &mut Guard, account: &Account, address: &str) {
        assert_eq!(guard.ask(account, address), Verdict::Go, "{address}");
        guard.ended(account, address, Login::Refused);
    }

    #[test]
    fn a_password_that_works_nowhere_is_given_up() {
        let (mut guard, scan) = (Guard::new(3), account(true));
        for address in ["a", "b", "c"] {
            refuse(&mut guard, &scan, address);
        }
        assert!(matches!(guard.ask(&scan, "d"), Verdict::Skip(why) if why.contains("3 hosts refused")));
        let other = Account {
            credential: "other".into(),
            ..scan
        };
        assert_eq!(
            guard.ask(&other, "d"),
            Verdict::Go,
            "another password is another matter"
        );
    }

    #[test]
    fn one_refusal_is_told_as_one() {
        let (mut guard, scan) = (Guard::new(1), account(true));
        refuse(&mut guard, &scan, "a");
        assert!(matches!(guard.ask(&scan, "b"), Verdict::Skip(why) if why.starts_with("1 host refused")));
    }

    #[test]
    fn never_more_suspects_on_the_way_than_may_fail() {
        let (mut guard, scan) = (Guard::new(2), account(true));
        refuse(&mut guard, &scan, "a");
        assert_eq!(guard.ask(&scan, "b"), Verdict::Go);
        assert_eq!(guard.ask(&scan, "c"), Verdict::Wait);
        guard.ended(&scan, "b", Login::Untried);
        assert_eq!(guard.ask(&scan, "c"), Verdict::Go, "a dead host proves nothing");
    }

    #[test]
    fn one_success_clears_the_password() {
        let (mut guard, scan) = (Guard::new(1), account(true));
        assert_eq!(guard.ask(&scan, "a"), Verdict::Go);
        guard.ended(&scan, "a", Login::Accepted);
        for address in ["b", "c", "d"] {
            refuse(&mut guard, &scan, address);
        }
        assert_eq!(guard.ask(&scan, "e"), Verdict::Go);
    }

    #[test]
    fn a_refused_key_stops_nobody_else() {
        let (mut guard, scan) = (Guard::new(1), account(false));
        for address in ["a", "b", "c"] {
            refuse(&mut guard, &scan, address);
        }
        assert_eq!(guard.ask(&scan, "d"), Verdict::Go);
    }

    #[test]
    fn a_jump_host_that_refuses_stands_before_all() {
        let (mut guard, scan) = (Guard::new(3), account(false));
        assert_eq!(guard.ask(&scan, "a"), Verdict::Go);
        guard.ended(&scan, "a", Login::RefusedOnTheWay);
        assert!(matches!(guard.ask(&scan, "b"), Verdict::Skip(_)));
    }

    #[test]
    fn the_same_address_is_never_asked_twice() {
        for password in [true, false] {
            let (mut guard, scan) = (Guard::new(3), account(password));
            refuse(&mut guard, &scan, "a");
            assert!(matches!(guard.ask(&scan, "a"), Verdict::Skip(_)));
        }
    }
}
