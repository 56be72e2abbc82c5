//! Joins a channel and a local connection, and counts what passes.
//!
//! One end that does not read must not stop the whole connection, because everything else runs on it
//! too: up to [`QUEUED_PACKETS`] of a channel wait here before the line itself is made to wait.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use russh::{ChannelMsg, ChannelReadHalf};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::closing::Closing;

/// With packets of 32 KB: 16 MB.
const QUEUED_PACKETS: usize = 512;
const READ_BYTES: usize = 32 * 1024;

/// What passed through a forward so far. “In” is from the server to this machine.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) open: AtomicU64,
    pub(super) total: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
}

impl Counters {
    /// Counts a connection for as long as what this gives lives.
    fn open(&self) -> Open<'_> {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.total.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }
}

struct Open<'a>(&'a Counters);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The local side does not take any more.
struct Gone;

/// Carries bytes both ways until both sides have ended, or one of them is gone altogether; then the channel is closed.
pub(super) async fn join<R, W>(
    read: ChannelReadHalf,
    write: Closing,
    reader: R,
    writer: W,
    counters: &Counters,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let _open = counters.open();
    let (queue, queued) = mpsc::channel(QUEUED_PACKETS);
    let over = CancellationToken::new();
    let inward = hand_over(queued, writer, counters);
    let outward = async {
        // What is sent into a closed channel is lost, and a local side that says nothing would keep it for ever.
        over.run_until_cancelled(send(reader, &write, counters)).await;
        Ok(())
    };
    let listening = async {
        take(read, queue).await;
        over.cancel();
        // What was taken still has to be handed over.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = async { tokio::try_join!(inward, outward) } => {}
        () = listening => {}
    }
}

/// Takes what the channel brings until it is closed.
async fn take(mut read: ChannelReadHalf, queue: mpsc::Sender<Bytes>) {
    let mut queue = Some(queue);
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } => {
                if let Some(queue) = &queue {
                    // A local side that has gone is noticed where it is written to.
                    let _ = queue.send(data).await;
                }
            }
            ChannelMsg::Eof => queue = None,
            ChannelMsg::Close => return,
            _ => {}
        }
    }
}

async fn hand_over<W: AsyncWrite + Unpin>(
    mut queued: mpsc::Receiver<Bytes>,
    mut writer: W,
    counters: &Counters,
) -> Result<(), Gone> {
    while let Some(data) = queued.recv().await {
        counters.bytes_in.fetch_add(data.len() as u64, Ordering::Relaxed);
        writer.write_all(&data).await.map_err(|_| Gone)?;
    }
    // The local side may have gone first.
    let _ = writer.shutdown().await;
    Ok(())
}

async fn send<R: AsyncRead + Unpin>(mut reader: R, write: &Closing, counters: &Counters) {
    let mut buffer = vec![0; READ_BYTES];
    while let Ok(count @ 1..) = reader.read(&mut buffer).await {
        counters.bytes_out.fetch_add(count as u64, Ordering::Relaxed);
        if write
            .data_bytes(Bytes::copy_from_slice(&buffer[..count]))
            .await
            .is_err()
        {
            return;
        }
    }
    // A channel that has ended needs no word that we have.
    let _ = write.eof().await;
}
