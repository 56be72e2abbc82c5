//! Where the logins of a run wait for the guard: the moving part around `guard`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::guard::{Account, Guard, Login, Verdict};

/// One guard for all visits of a run.
#[derive(Debug)]
pub(crate) struct Door {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    guard: Guard,
    /// One bell an account, so that a login that ends wakes only those who wait for it.
    bells: BTreeMap<Account, Arc<Notify>>,
}

/// Leave to try one login. Dropped without a word, the login was not tried.
#[derive(Debug)]
pub(crate) struct Leave {
    door: Arc<Door>,
    account: Account,
    address: String,
    told: Mutex<bool>,
}

impl Door {
    pub(crate) fn new(threshold: usize) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                guard: Guard::new(threshold),
                bells: BTreeMap::new(),
            }),
        })
    }

    /// Waits for leave to try `account` on `address`; the error says why there is none.
    pub(crate) async fn enter(self: &Arc<Self>, account: &Account, address: &str) -> Result<Leave, String> {
        loop {
            let bell = self.bell(account);
            let mut rings = std::pin::pin!(bell.notified());
            // Listening before asking: a login that ends in between is not missed.
            rings.as_mut().enable();
            let verdict = self.lock().guard.ask(account, address);
            match verdict {
                Verdict::Go => {
                    let (account, address) = (account.clone(), address.to_owned());
                    return Ok(Leave {
                        door: Arc::clone(self),
                        account,
                        address,
                        told: Mutex::new(false),
                    });
                }
                Verdict::Wait => rings.await,
                Verdict::Skip(why) => return Err(why),
            }
        }
    }

    fn ended(&self, account: &Account, address: &str, login: Login) {
        self.lock().guard.ended(account, address, login);
        let bell = self.bell(account);
        match login {
            // One place is free for one other.
            Login::Untried => bell.notify_one(),
            // Everybody's answer may have changed.
            Login::Accepted | Login::Refused | Login::RefusedOnTheWay => bell.notify_waiters(),
        }
    }

    fn bell(&self, account: &Account) -> Arc<Notify> {
        Arc::clone(self.lock().bells.entry(account.clone()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is made whole before the lock is let go, so a panic elsewhere spoils nothing.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave {
    /// Tells how the login ended, as soon as that is known. Only the first word counts.
    pub(crate) fn tell(&self, login: Login) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *told, true) {
            self.door.ended(&self.account, &self.address, login);
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.tell(Login::Untried);
    }
}
