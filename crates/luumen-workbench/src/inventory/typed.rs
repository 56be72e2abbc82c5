//! What a person typed on the way in, and for which account. It asks nobody by itself and connects to nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::{Endpoint, Prompter, Questions};

use crate::ask::Interactive;

/// An account on a host: user, host, port.
pub(super) type Account = (String, String, u16);

pub(super) fn account_of(endpoint: &Endpoint) -> Account {
    (endpoint.username.clone(), endpoint.host.clone(), endpoint.port)
}

/// Which password belongs to which account. None is ever sent to a host that it was not typed for.
#[derive(Debug, Default)]
pub(super) struct Typed(Mutex<BTreeMap<Account, Tries>>);

#[derive(Debug, Default)]
struct Tries {
    password: Option<Secret>,
    /// How often the person was asked.
    count: usize,
}

impl Typed {
    pub(super) fn know(&self, account: Account, password: &Secret) {
        self.with(|typed| typed.entry(account).or_default().password = Some(password.clone()));
    }

    pub(super) fn try_again(&self, account: &Account) {
        self.with(|typed| typed.entry(account.clone()).or_default().count += 1);
    }

    pub(super) fn password(&self, account: &Account) -> Option<Secret> {
        self.with(|typed| typed.get(account)?.password.clone())
    }

    pub(super) fn tries(&self, account: &Account) -> usize {
        self.with(|typed| typed.get(account).map_or(0, |tries| tries.count))
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Account, Tries>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A server's questions, in its own words. What it asks counts like our own question for the password.
pub(super) struct Conversation {
    asker: Interactive,
    typed: Arc<Typed>,
}

impl Conversation {
    pub(super) fn new(asker: Interactive, typed: Arc<Typed>) -> Self {
        Self { asker, typed }
    }
}

#[async_trait]
impl Prompter for Conversation {
    async fn answer(&self, questions: Questions) -> Option<Vec<Secret>> {
        let account = account_of(&questions.endpoint);
        let password = matches!(questions.prompts.as_slice(), [prompt] if prompt.asks_for_password());
        let answers = self.asker.answer(questions).await?;
        if !answers.is_empty() {
            self.typed.try_again(&account);
        }
        // Where the way on needs another connection, nobody is asked for it twice.
        if let (true, [answer]) = (password, answers.as_slice()) {
            self.typed.know(account, answer);
        }
        Some(answers)
    }
}
