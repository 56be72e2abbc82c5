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

/// One login's turn at the door. Whoever is let in holds up those who wait behind, so nobody goes in before everything but the
/// proof is done.
#[derive(Debug)]
pub(crate) struct Turn {
    door: Arc<Door>,
    account: Account,
    address: String,
    stands: Mutex<Stands>,
}

#[derive(Debug)]
enum Stands {
    Outside,
    /// Let in; `proving` once a proof may be on its way.
    Inside {
        proving: bool,
    },
    /// Not let in, and why.
    Refused(String),
    Told,
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

    /// A turn of `account` on `address`, still outside.
    pub(crate) fn turn(self: &Arc<Self>, account: &Account, address: &str) -> Arc<Turn> {
        Arc::new(Turn {
            door: Arc::clone(self),
            account: account.clone(),
            address: address.to_owned(),
            stands: Mutex::new(Stands::Outside),
        })
    }

    /// Waits until `account` may be tried on `address`; the error says why it may not.
    async fn enter(&self, account: &Account, address: &str) -> Result<(), String> {
        loop {
            let bell = self.bell(account);
            let mut rings = std::pin::pin!(bell.notified());
            // Listening before asking: a login that ends in between is not missed.
            rings.as_mut().enable();
            let verdict = self.lock().guard.ask(account, address);
            match verdict {
                Verdict::Go => return Ok(()),
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
            Login::Accepted | Login::Refused | Login::RefusedOnTheWay | Login::Cut | Login::CutOnTheWay => {
                bell.notify_waiters();
            }
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

impl Turn {
    /// Why there is no use in waiting, if that is certain already.
    pub(crate) fn is_closed(&self) -> Option<String> {
        self.door.lock().guard.is_closed(&self.account, &self.address)
    }

    /// Waits to be let in; false when it is not. Who is in already stays in.
    pub(crate) async fn enter(&self) -> bool {
        match &*self.lock() {
            Stands::Inside { .. } => return true,
            Stands::Refused(_) | Stands::Told => return false,
            Stands::Outside => {}
        }
        let entered = self.door.enter(&self.account, &self.address).await;
        let is_in = entered.is_ok();
        *self.lock() = match entered {
            Ok(()) => Stands::Inside { proving: false },
            Err(why) => Stands::Refused(why),
        };
        is_in
    }

    /// Why it was not let in, if it was not.
    pub(crate) fn refused(&self) -> Option<String> {
        match &*self.lock() {
            Stands::Refused(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// From here on a proof may be on its way: ended without a word, it may have been counted.
    pub(crate) fn proves(&self) {
        if let Stands::Inside { proving } = &mut *self.lock() {
            *proving = true;
        }
    }

    /// A jump host let us through. Until the next one is asked, others may be.
    pub(crate) fn passed(&self) {
        let mut stands = self.lock();
        if let Stands::Inside { .. } = *stands {
            *stands = Stands::Outside;
            self.door.ended(&self.account, &self.address, Login::Untried);
        }
    }

    /// Tells how the login ended, as soon as that is known. Only the first word counts.
    pub(crate) fn tell(&self, login: Login) {
        let mut stands = self.lock();
        if let Stands::Inside { .. } = *stands {
            *stands = Stands::Told;
            self.door.ended(&self.account, &self.address, login);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stands> {
        // Every change is made whole before the lock is let go, so a panic elsewhere spoils nothing.
        self.stands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let proving = matches!(*self.lock(), Stands::Inside { proving: true });
        self.tell(if proving { Login::Cut } else { Login::Untried });
    }
}
