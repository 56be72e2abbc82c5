//! What people are shown while sources are fetched and read.

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Asking for it.
    Asking,
    /// It is coming.
    Transferring,
    /// Waiting because the publisher asked us to, or because something failed; another try follows.
    Waiting,
    /// Its hash is compared.
    Checking,
    /// We have it already.
    Unchanged,
    /// It is being read.
    Reading,
    /// It is here. With an empty document name: the source is.
    Done,
    /// The publisher no longer has it.
    Gone,
    /// It could not be had.
    Failed,
    /// Somebody asked us to stop.
    Cancelled,
}

/// Something to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Which source.
    pub source: &'a str,
    /// Which document; empty for the source as a whole.
    pub document: &'a str,
    /// How much is here.
    pub bytes: u64,
    /// Of how much, if we were told.
    pub of: Option<u64>,
    /// What is happening.
    pub step: Step,
}

/// Takes events.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event<'_>) {}
}

impl<F: Fn(Event<'_>) + Send + Sync> Progress for F {
    fn event(&self, event: Event<'_>) {
        self(event);
    }
}
