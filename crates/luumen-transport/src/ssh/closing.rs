//! The writing half of a channel, and the promise that the channel is closed once nobody holds it.
//!
//! russh closes a channel that is dropped only where it was made a stream. A half that is merely dropped leaves the channel
//! open until the connection ends: the server goes on sending, and counts it towards its `MaxSessions`.

use std::{ops::Deref, sync::Arc};

use russh::{Channel, ChannelReadHalf, ChannelWriteHalf, client::Msg};
use tokio::runtime::Handle;

/// Writes into a channel, and closes it when it is dropped.
#[derive(Debug)]
pub(crate) struct Closing {
    write: Arc<ChannelWriteHalf<Msg>>,
    /// It may be dropped outside of the runtime that carries the connection.
    runtime: Handle,
}

impl Closing {
    /// Takes a channel in two, and minds its end.
    pub(super) fn split(channel: Channel<Msg>) -> (ChannelReadHalf, Self) {
        let (read, write) = channel.split();
        let closing = Self {
            write: Arc::new(write),
            runtime: Handle::current(),
        };
        (read, closing)
    }
}

impl Deref for Closing {
    type Target = ChannelWriteHalf<Msg>;

    fn deref(&self) -> &Self::Target {
        &self.write
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let write = Arc::clone(&self.write);
        self.runtime.spawn(async move {
            // One that has ended already, or whose connection has, is closed.
            let _ = write.close().await;
        });
    }
}
