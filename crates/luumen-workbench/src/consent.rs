//! What no page may decide in its person's place. The program asks outside of the page, where the page can neither see nor answer.

use std::fmt;

/// Asks the person. Called where waiting is allowed.
pub trait Consent: fmt::Debug + Send + Sync + 'static {
    /// May this command run on this device? These very bytes are what runs.
    fn may_run(&self, command: &str) -> bool;
}

/// Nobody is there to ask, so nothing is allowed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoConsent;

impl Consent for NoConsent {
    fn may_run(&self, _: &str) -> bool {
        false
    }
}
