//! Remembers how far a connection had come, for the error of one that is given up from outside.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{ConnectError, ConnectEvent, ConnectObserver, ConnectOptions, Endpoint, SshTarget, Step};

/// Hears every step before whoever else listens.
#[derive(Debug)]
pub(super) struct HowFar {
    at: Mutex<(Endpoint, Step)>,
    next: Option<Arc<dyn ConnectObserver>>,
}

impl HowFar {
    /// The options of a connection to `target` that is followed.
    pub(super) fn of(target: &SshTarget, options: &ConnectOptions) -> (Arc<Self>, ConnectOptions) {
        let first = target.jumps.first().unwrap_or(target);
        let how_far = Arc::new(Self {
            at: Mutex::new((Endpoint::of(first), Step::Resolve)),
            next: options.observer.clone(),
        });
        let followed = ConnectOptions {
            observer: Some(Arc::clone(&how_far) as Arc<dyn ConnectObserver>),
            ..options.clone()
        };
        (how_far, followed)
    }

    pub(super) fn cancelled(&self) -> ConnectError {
        let (endpoint, step) = self.at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ConnectError::Cancelled { endpoint, step }
    }
}

impl ConnectObserver for HowFar {
    fn on(&self, event: ConnectEvent<'_>) {
        if let ConnectEvent::Started { endpoint, step, .. } = event {
            *self.at.lock().unwrap_or_else(PoisonError::into_inner) = (endpoint.clone(), step);
        }
        if let Some(next) = &self.next {
            next.on(event);
        }
    }
}
