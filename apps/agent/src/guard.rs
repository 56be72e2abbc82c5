//! The login guard: a wrong password must not lock an account, and a refused one is not tried again.
//!
//! Pure. A password that has not worked anywhere in this run is a suspect: at most `threshold`
//! logins with it may fail, counting those on their way; by default one. One accepted login clears it,
//! because directories count wrong passwords, not odd hosts. A password that was sent and got no answer counts as refused, but
//! for the first one: the host may have counted it, or only be ill. Keys lock no account, so one host without
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
    /// It was under way and got no answer.
    Cut,
    /// The same, with a password, at a jump host.
    CutOnTheWay,
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
    cut_by: BTreeSet<String>,
}

impl State {
    fn failures(&self) -> usize {
        self.refused_by.len() + self.cut_by.len()
    }

    /// How many failures stop the account. One host without an answer is mostly ill itself: alone it must not keep all others from
    /// being visited, run after run.
    fn limit(&self, threshold: usize) -> usize {
        threshold + self.cut_by.len().min(1)
    }
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
        let verdict = verdict(account, address, state, self.threshold);
        if verdict == Verdict::Go {
            state.on_the_way += 1;
        }
        verdict
    }

    /// Tells how a login that was let go has ended.
    pub(crate) fn ended(&mut self, account: &Account, address: &str, login: Login) {
        let state = self.accounts.entry(account.clone()).or_default();
        state.on_the_way = state.on_the_way.saturating_sub(1);
        match login {
            Login::Accepted => state.proven = true,
            Login::Refused => drop(state.refused_by.insert(address.to_owned())),
            Login::RefusedOnTheWay => state.closed = true,
            Login::Cut if account.password => drop(state.cut_by.insert(address.to_owned())),
            Login::CutOnTheWay if !state.proven => state.closed = true,
            Login::Cut | Login::CutOnTheWay | Login::Untried => {}
        }
    }

    /// Why `account` would not be let go on `address`, if that is certain already.
    pub(crate) fn is_closed(&self, account: &Account, address: &str) -> Option<String> {
        let state = self.accounts.get(account)?;
        match verdict(account, address, state, self.threshold) {
            Verdict::Skip(why) => Some(why),
            Verdict::Go | Verdict::Wait => None,
        }
    }
}

fn verdict(account: &Account, address: &str, state: &State, threshold: usize) -> Verdict {
    if state.closed {
        return Verdict::Skip(format!(
            "a jump host refused the login on the way, or gave no answer to it, for {}",
            account.username
        ));
    }
    if state.refused_by.contains(address) {
        return Verdict::Skip(format!(
            "{address} refused {} before in this run",
            account.username
        ));
    }
    if state.cut_by.contains(address) {
        return Verdict::Skip(format!(
            "{address} gave no answer to a login of {} before in this run, and may have counted it as failed",
            account.username
        ));
    }
    if account.password && !state.proven {
        let limit = state.limit(threshold);
        if state.failures() >= limit {
            return Verdict::Skip(given_up(account, state));
        }
        if state.failures() + state.on_the_way >= limit {
            return Verdict::Wait;
        }
    }
    Verdict::Go
}

fn given_up(account: &Account, state: &State) -> String {
    let hosts = match state.failures() {
        1 => "1 host".to_owned(),
        more => format!("{more} hosts"),
    };
    let did = match (state.refused_by.is_empty(), state.cut_by.is_empty()) {
        (_, true) => "refused",
        (true, false) => "gave no answer to",
        (false, false) => "refused, or gave no answer to,",
    };
    format!(
        "{hosts} {did} the password of {} (credential {}) and none accepted it",
        account.username, account.credential
    )
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
    fn a_password_that_got_no_answer_may_have_been_counted() {
        let (mut guard, scan) = (Guard::new(1), account(true));
        assert_eq!(guard.ask(&scan, "a"), Verdict::Go);
        guard.ended(&scan, "a", Login::Cut);
        assert!(matches!(guard.ask(&scan, "a"), Verdict::Skip(_)));
        // One ill host that comes first does not stop the others; a second failure does, whatever it is.
        assert_eq!(guard.ask(&scan, "b"), Verdict::Go);
        assert_eq!(guard.ask(&scan, "c"), Verdict::Wait);
        guard.ended(&scan, "b", Login::Refused);
        let why = "2 hosts refused, or gave no answer to, the password";
        assert!(matches!(guard.ask(&scan, "c"), Verdict::Skip(said) if said.starts_with(why)));
        assert!(guard.is_closed(&scan, "c").is_some());

        let (mut guard, scan) = (Guard::new(1), account(true));
        assert_eq!(guard.ask(&scan, "a"), Verdict::Go);
        guard.ended(&scan, "a", Login::CutOnTheWay);
        assert!(matches!(guard.ask(&scan, "b"), Verdict::Skip(_)));
    }

    #[test]
    fn a_key_that_got_no_answer_stops_nobody() {
        let (mut guard, scan) = (Guard::new(1), account(false));
        for address in ["a", "b", "a"] {
            assert_eq!(guard.ask(&scan, address), Verdict::Go);
            guard.ended(&scan, address, Login::Cut);
        }
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
