//! Joins a channel and a local connection, and counts what passes.
//!
//! One end that does not read must not stop the whole connection, because everything else runs on it
//! too: up to [`QUEUED_PACKETS`] of a channel wait here before the line itself is made to wait.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, client::Msg};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
};

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

/// Carries bytes both ways until both sides have ended.
pub(super) async fn join<R, W>(channel: Channel<Msg>, reader: R, writer: W, counters: &Counters)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (read, write) = channel.split();
    counters.open.fetch_add(1, Ordering::Relaxed);
    counters.total.fetch_add(1, Ordering::Relaxed);
    let (queue, queued) = mpsc::channel(QUEUED_PACKETS);
    let both = async {
        let inward = async {
            tokio::join!(take(read, queue), hand_over(queued, writer, counters));
        };
        tokio::join!(send(reader, &write, counters), inward);
    };
    both.await;
    // Either it is closed already, or the other side shall know that we are gone.
    let _ = write.close().await;
    counters.open.fetch_sub(1, Ordering::Relaxed);
}

async fn take(mut read: ChannelReadHalf, queue: mpsc::Sender<Bytes>) {
    while let Some(message) = read.wait().await {
        match message {
            // A local side that has gone needs no bytes, but the end of the channel still has to come.
            ChannelMsg::Data { data } => drop(queue.send(data).await),
            ChannelMsg::Eof | ChannelMsg::Close => return,
            _ => {}
        }
    }
}

async fn hand_over<W: AsyncWrite + Unpin>(
    mut queued: mpsc::Receiver<Bytes>,
    mut writer: W,
    counters: &Counters,
) {
    while let Some(data) = queued.recv().await {
        counters.bytes_in.fetch_add(data.len() as u64, Ordering::Relaxed);
        if writer.write_all(&data).await.is_err() {
            return;
        }
    }
    // The local side may have gone first.
    let _ = writer.shutdown().await;
}

async fn send<R: AsyncRead + Unpin>(mut reader: R, write: &ChannelWriteHalf<Msg>, counters: &Counters) {
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
