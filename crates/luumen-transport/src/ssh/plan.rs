//! Which proof to offer next, given what the server has said so far.
//!
//! Pure: `auth` carries it out. A server may want several proofs one after the other (“partial
//! success”); then the plan starts again with what the server still asks for.

use russh::{MethodKind, MethodSet, client::AuthResult};

use crate::AuthMethod;

/// More keys of one agent than any server wants one after the other.
const MOST_KEYS: usize = 3;

/// What a proof led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    /// Right, and the server wants more.
    Partial(Vec<MethodKind>),
    Refused(Vec<MethodKind>),
    /// Could not even be offered.
    NotTried,
}

impl Outcome {
    pub(super) fn of(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::Accepted,
            AuthResult::Failure {
                remaining_methods,
                partial_success,
            } => Self::failure(&remaining_methods, partial_success),
        }
    }

    pub(super) fn failure(remaining: &MethodSet, partial: bool) -> Self {
        if partial {
            Self::Partial(remaining.to_vec())
        } else {
            Self::Refused(remaining.to_vec())
        }
    }
}

/// Which proof to offer next.
pub(super) struct Plan {
    kinds: Vec<&'static [MethodKind]>,
    open: Vec<bool>,
    /// An agent may hold the second key, too.
    holds_many: Vec<bool>,
    /// `None` until the server has said.
    pub(super) offered: Option<Vec<MethodKind>>,
    partial_rounds: usize,
}

impl Plan {
    pub(super) fn new(methods: &[AuthMethod]) -> Self {
        let kinds = methods.iter().map(|method| -> &[MethodKind] {
            match method {
                AuthMethod::Password(_) => &[MethodKind::Password, MethodKind::KeyboardInteractive],
                AuthMethod::KeyboardInteractive(_) => &[MethodKind::KeyboardInteractive],
                AuthMethod::AskPassword(_) => &[MethodKind::Password],
                AuthMethod::Key { .. } | AuthMethod::AskKey { .. } | AuthMethod::Agent { .. } => {
                    &[MethodKind::PublicKey]
                }
            }
        });
        let holds_many = |method: &AuthMethod| matches!(method, AuthMethod::Agent { .. });
        Self {
            kinds: kinds.collect(),
            holds_many: methods.iter().map(holds_many).collect(),
            open: vec![true; methods.len()],
            offered: None,
            partial_rounds: 0,
        }
    }

    pub(super) fn offers(&self, kind: MethodKind) -> bool {
        self.offered
            .as_ref()
            .is_none_or(|offered| offered.contains(&kind))
    }

    /// As far as the server has said.
    pub(super) fn surely_offers(&self, kind: MethodKind) -> bool {
        self.offered.is_some() && self.offers(kind)
    }

    /// How many proofs a server may want before it is taken for one that is never content.
    fn most_rounds(&self) -> usize {
        let agents = self.holds_many.iter().filter(|many| **many).count();
        self.open.len() + agents * MOST_KEYS
    }

    pub(super) fn next(&self) -> Option<usize> {
        let may =
            |number: &usize| self.open[*number] && self.kinds[*number].iter().any(|kind| self.offers(*kind));
        (0..self.open.len()).find(may)
    }

    pub(super) fn learn(&mut self, number: usize, outcome: &Outcome) {
        match outcome {
            Outcome::Accepted => {}
            Outcome::NotTried => self.open[number] = false,
            Outcome::Refused(offered) => {
                self.open[number] = false;
                self.offered = Some(offered.clone());
            }
            Outcome::Partial(offered) => {
                // What was refused before may be what is wanted now, as with “key, then password”.
                self.partial_rounds += 1;
                let again = self.partial_rounds <= self.most_rounds();
                self.open.fill(again);
                self.open[number] = again && self.holds_many[number];
                self.offered = Some(offered.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use luumen_crypto::Secret;

    use super::*;
    use MethodKind::{KeyboardInteractive, Password, PublicKey};

    fn password() -> AuthMethod {
        AuthMethod::Password(Secret::new("p"))
    }

    fn key() -> AuthMethod {
        AuthMethod::Key {
            private_key: Secret::default(),
            passphrase: None,
            certificate: None,
            origin: "k".into(),
        }
    }

    #[test]
    fn proofs_are_offered_in_order_and_each_once() {
        let mut plan = Plan::new(&[key(), password()]);
        assert_eq!(plan.next(), Some(0));
        plan.learn(0, &Outcome::Refused(vec![PublicKey, Password]));
        assert_eq!(plan.next(), Some(1));
        plan.learn(1, &Outcome::Refused(vec![PublicKey, Password]));
        assert_eq!(plan.next(), None);
    }

    #[test]
    fn what_the_server_does_not_offer_is_left_out() {
        let mut plan = Plan::new(&[key(), key(), password()]);
        plan.learn(0, &Outcome::Refused(vec![KeyboardInteractive]));
        assert_eq!(plan.next(), Some(2));
        assert!(!plan.offers(Password));
    }

    #[test]
    fn a_second_factor_may_be_one_that_was_refused_before() {
        let mut plan = Plan::new(&[password(), key()]);
        plan.learn(0, &Outcome::Refused(vec![PublicKey]));
        assert_eq!(plan.next(), Some(1));
        plan.learn(1, &Outcome::Partial(vec![Password]));
        assert_eq!(plan.next(), Some(0));
        plan.learn(0, &Outcome::Refused(vec![Password]));
        assert_eq!(plan.next(), None);
    }

    #[test]
    fn an_agent_may_hold_the_second_key_and_a_key_is_only_one() {
        for (method, again) in [(AuthMethod::Agent { socket: None }, Some(0)), (key(), None)] {
            let mut plan = Plan::new(&[method]);
            plan.learn(0, &Outcome::Partial(vec![PublicKey]));
            assert_eq!(plan.next(), again);
            plan.learn(0, &Outcome::NotTried);
            assert_eq!(plan.next(), None);
        }
    }

    #[test]
    fn a_server_that_is_never_content_comes_to_an_end() {
        let mut plan = Plan::new(&[password(), key()]);
        let mut tries = 0;
        while let Some(number) = plan.next() {
            plan.learn(number, &Outcome::Partial(vec![Password, PublicKey]));
            tries += 1;
        }
        assert!(tries <= 4, "{tries} tries");
        let mut plan = Plan::new(&[AuthMethod::Agent { socket: None }]);
        while let Some(number) = plan.next() {
            plan.learn(number, &Outcome::Partial(vec![PublicKey]));
            tries += 1;
        }
        assert!(tries <= 10, "{tries} tries");
    }
}
