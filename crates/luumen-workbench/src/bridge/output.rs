//! Where a terminal's bytes go, without the window's toolkit.

use super::{Id, Problem};

/// One listener of one terminal: a raw channel of the window, or a test's WebSocket.
pub trait Output: Send + 'static {
    /// Hands over a batch. False when nobody listens any more; nothing more is sent then. An empty one says that the shell whose bytes came
    /// until now is lost: what comes next is another one's, in the same place.
    fn write(&mut self, batch: &[u8]) -> bool;
}

/// Who has terminals. One room answers ([`super::Registry::terminals`]).
pub trait Terminals: Send + Sync + 'static {
    /// Sends the bytes of a terminal to `output` from now on. The one before it is let go.
    fn attach(&self, terminal: Id, output: Box<dyn Output>) -> Result<(), Problem>;
}
