//! Follows a connection as it is made, and asks about host keys and for leave to sign in on the way.
//!
//! All are doors to whoever shows them: a checklist, a dialog. Nothing here connects or decides.

use std::fmt;

use async_trait::async_trait;

use crate::{Endpoint, HostKey, Step, known_hosts::Entry};

/// Hears what happens while a connection is made. It must not wait: the connection waits with it.
pub trait ConnectObserver: Send + Sync + fmt::Debug {
    /// Something happened.
    fn on(&self, event: ConnectEvent<'_>);
}

/// One step of a hop, or a word of its server.
#[derive(Clone, Copy, Debug)]
pub enum ConnectEvent<'a> {
    /// A step begins.
    Started {
        /// Counted from 0, nearest first.
        hop: usize,
        /// The host of this hop.
        endpoint: &'a Endpoint,
        /// What is being done.
        step: Step,
    },
    /// A step is over, and it went well. What went wrong is the [`crate::ConnectError`].
    Done {
        /// Counted from 0, nearest first.
        hop: usize,
        /// The host of this hop.
        endpoint: &'a Endpoint,
        /// What was done.
        step: Step,
        /// What came of it, for a person.
        detail: &'a str,
    },
    /// What the server shows before signing in.
    Banner {
        /// The host of this hop.
        endpoint: &'a Endpoint,
        /// As it was sent; may hold anything.
        text: &'a str,
    },
}

/// Says when a host may be asked to sign us in. Asked for every hop once its key was found right and before any proof of ours is
/// sent; the time until the answer is not counted.
#[async_trait]
pub trait SignInGate: Send + Sync + fmt::Debug {
    /// Waits for leave to sign in. `false`: nothing is sent, and the attempt ends as [`crate::ConnectError::Cancelled`].
    async fn may_sign_in(&self, endpoint: &Endpoint) -> bool;
}

/// Decides about host keys that `known_hosts` does not vouch for. Only asked under
/// [`crate::HostKeyPolicy::Ask`]; its time is not counted. Nothing has been sent to the host that it
/// could not have seen anyway.
#[async_trait]
pub trait HostKeyJudge: Send + Sync + fmt::Debug {
    /// What to do with this key.
    async fn decide(&self, question: HostKeyQuestion) -> HostKeyDecision;
}

/// A key that somebody has to decide about.
#[derive(Clone, Debug)]
pub enum HostKeyQuestion {
    /// Nothing is known of the host.
    New {
        /// The host.
        endpoint: Endpoint,
        /// What it showed.
        seen: HostKey,
    },
    /// The host is known with other keys.
    Changed {
        /// The host.
        endpoint: Endpoint,
        /// What it showed.
        seen: HostKey,
        /// What is known.
        known: Vec<Entry>,
    },
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKeyDecision {
    /// Leave. Always safe.
    Refuse,
    /// Go on, and ask again next time. For a new key only: a changed one is refused.
    TrustOnce,
    /// Go on, and remember the key; known ones of the host are replaced. The comment is kept with it.
    Remember {
        /// Written after the key.
        comment: String,
    },
}
