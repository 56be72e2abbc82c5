//! Asks a server about its files, with as many questions under way as anyone likes.
//!
//! One task writes, one reads; answers find their question by its number. When the connection ends,
//! every open question is answered with [`SftpError::Lost`].

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::{Buf as _, Bytes, BytesMut};
use russh::{ChannelMsg, ChannelReadHalf};
use tokio::sync::{mpsc, oneshot};

use super::packet::{self, Answer, Attributes, DirEntry, FileKind, Question, Status};
use crate::{ExecError, SshSession, ssh::Closing};

/// No honest answer is longer; OpenSSH itself stops at 256 KB.
const MAX_PACKET_BYTES: usize = 1024 * 1024;
/// Every server takes this much in one read or write.
const SAFE_CHUNK_BYTES: u32 = 32 * 1024;
/// What OpenSSH asks for at most.
const MAX_CHUNK_BYTES: u32 = 255 * 1024;

/// Why a question about files has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum SftpError {
    /// The server does not offer files.
    #[error("the server does not offer SFTP")]
    NotOffered { source: ExecError },
    /// The server said no.
    #[error("{}", said(status, message))]
    Refused { status: Status, message: String },
    /// The connection ended.
    #[error("the connection for files was lost")]
    Lost,
    /// The server does not keep to the protocol.
    #[error("the server's answer cannot be understood: {reason}")]
    Protocol { reason: &'static str },
}

fn said(status: &Status, message: &str) -> String {
    match status {
        Status::NoSuchFile => "there is no such file or directory".to_owned(),
        Status::PermissionDenied => "the account is not allowed to".to_owned(),
        Status::Unsupported => "the server cannot do this".to_owned(),
        _ if message.is_empty() => "the server could not".to_owned(),
        _ => format!("the server could not: {}", message.to_ascii_lowercase()),
    }
}

impl SftpError {
    /// A stable word for lists and filters. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOffered { .. } => "LUM-SFTP-NOT-OFFERED",
            Self::Refused { status, .. } => match status {
                Status::NoSuchFile => "LUM-SFTP-NO-SUCH-FILE",
                Status::PermissionDenied => "LUM-SFTP-DENIED",
                Status::Unsupported => "LUM-SFTP-UNSUPPORTED",
                _ => "LUM-SFTP-FAILED",
            },
            Self::Lost => "LUM-SSH-LOST",
            Self::Protocol { .. } => "LUM-SFTP-PROTOCOL",
        }
    }

    /// True when the server has no such file.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: Status::NoSuchFile,
                ..
            }
        )
    }
}

/// The names of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Without `.` and `..`, in the server's order.
    pub entries: Vec<DirEntry>,
    /// True when there are more than were wanted.
    pub truncated: bool,
}

/// The files of a host. Clones share the channel.
#[derive(Clone)]
pub struct Sftp(Arc<Inner>);

struct Inner {
    // The channel lives on this connection.
    session: SshSession,
    questions: mpsc::UnboundedSender<Bytes>,
    open: Arc<Open>,
    next: AtomicU32,
    extensions: Vec<String>,
    read_bytes: u32,
    write_bytes: u32,
}

/// The questions that wait for their answer; `None` once no answer will come.
type Open = Mutex<Option<HashMap<u32, oneshot::Sender<Answer>>>>;

impl fmt::Debug for Sftp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sftp").field("session", &self.0.session).finish()
    }
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Pending(oneshot::Receiver<Answer>);

impl Pending {
    pub(super) async fn answer(self) -> Result<Answer, SftpError> {
        self.0.await.map_err(|_| SftpError::Lost)
    }

    pub(super) async fn ok(self) -> Result<(), SftpError> {
        match self.answer().await? {
            Answer::Status(Status::Ok, _) => Ok(()),
            other => Err(refused(other)),
        }
    }
}

pub(super) fn refused(answer: Answer) -> SftpError {
    match answer {
        Answer::Status(Status::Ok, _) => SftpError::Protocol {
            reason: "it agreed where it should have answered",
        },
        Answer::Status(status, message) => SftpError::Refused { status, message },
        _ => SftpError::Protocol {
            reason: "it answered something else",
        },
    }
}

impl Sftp {
    /// Opens the way to the files. The connection should carry nothing else that must not wait.
    pub async fn open(session: SshSession) -> Result<Self, SftpError> {
        let opened = session.open_subsystem("sftp").await;
        let (mut read, write) = opened.map_err(|source| SftpError::NotOffered { source })?;
        let mut buffer = BytesMut::new();
        write
            .data_bytes(packet::hello())
            .await
            .map_err(|_| SftpError::Lost)?;
        let first = loop {
            if let Some(packet) = take_packet(&mut buffer)? {
                break packet;
            }
            match read.wait().await {
                Some(ChannelMsg::Data { data }) => buffer.extend_from_slice(&data),
                Some(ChannelMsg::Close) => {
                    return Err(SftpError::Protocol {
                        reason: "it ended without a word",
                    });
                }
                None => return Err(SftpError::Lost),
                Some(_) => {}
            }
        };
        let extensions = packet::read_version(first).map_err(|reason| SftpError::Protocol { reason })?;
        let open = Arc::new(Mutex::new(Some(HashMap::new())));
        let (questions, queue) = mpsc::unbounded_channel();
        tokio::spawn(listen(read, buffer, open.clone()));
        tokio::spawn(speak(write, queue));
        let mut inner = Inner {
            session,
            questions,
            open,
            next: AtomicU32::new(1),
            extensions: extensions.into_iter().map(|(name, _)| name).collect(),
            read_bytes: SAFE_CHUNK_BYTES,
            write_bytes: SAFE_CHUNK_BYTES,
        };
        if inner.offers("limits@openssh.com") {
            let limits = inner.ask(packet::EXTENDED, |q| q.string(b"limits@openssh.com"));
            if let Answer::Extended(limits) = limits.answer().await? {
                let limits = packet::read_limits(limits).map_err(|reason| SftpError::Protocol { reason })?;
                let chunk = |limit: u64| {
                    u32::try_from(limit)
                        .unwrap_or(u32::MAX)
                        .clamp(1024, MAX_CHUNK_BYTES)
                };
                (inner.read_bytes, inner.write_bytes) = (chunk(limits[1]), chunk(limits[2]));
            }
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The connection underneath.
    pub fn session(&self) -> &SshSession {
        &self.0.session
    }

    /// The absolute path of what a path leads to; `.` is the home directory.
    pub async fn real_path(&self, path: &str) -> Result<String, SftpError> {
        self.one_name(packet::REALPATH, path).await
    }

    /// Where a link leads to, as it was written.
    pub async fn read_link(&self, path: &str) -> Result<String, SftpError> {
        self.one_name(packet::READLINK, path).await
    }

    /// Of what a path leads to.
    pub async fn stat(&self, path: &str) -> Result<Attributes, SftpError> {
        self.attributes(packet::STAT, path).await
    }

    /// Of the thing itself, even if it is a link.
    pub async fn lstat(&self, path: &str) -> Result<Attributes, SftpError> {
        self.attributes(packet::LSTAT, path).await
    }

    /// Sets what is said in `attributes`.
    pub async fn set_stat(&self, path: &str, attributes: &Attributes) -> Result<(), SftpError> {
        self.ask(packet::SETSTAT, |q| q.path(path).attributes(attributes))
            .ok()
            .await
    }

    /// The names in a directory, `limit` of them at most.
    pub async fn list(&self, path: &str, limit: usize) -> Result<Listing, SftpError> {
        let handle = match self.ask(packet::OPENDIR, |q| q.path(path)).answer().await? {
            Answer::Handle(handle) => handle,
            other => return Err(refused(other)),
        };
        let mut entries: Vec<DirEntry> = Vec::new();
        let listed = loop {
            match self.ask(packet::READDIR, |q| q.string(&handle)).answer().await {
                Ok(Answer::Names(names)) => {
                    entries.extend(
                        names
                            .into_iter()
                            .filter(|entry| entry.name != "." && entry.name != ".."),
                    );
                    if entries.len() > limit {
                        break Ok(true);
                    }
                }
                Ok(Answer::Status(Status::Eof, _)) => break Ok(false),
                Ok(other) => break Err(refused(other)),
                Err(error) => break Err(error),
            }
        };
        // The listing is whole or its error is known; a handle that cannot be closed changes neither.
        let _ = self.ask(packet::CLOSE, |q| q.string(&handle)).ok().await;
        let truncated = listed?;
        entries.truncate(limit);
        Ok(Listing { entries, truncated })
    }

    /// Makes a directory.
    pub async fn make_directory(&self, path: &str) -> Result<(), SftpError> {
        let attributes = Attributes::default();
        self.ask(packet::MKDIR, |q| q.path(path).attributes(&attributes))
            .ok()
            .await
    }

    /// Removes an empty directory.
    pub async fn remove_directory(&self, path: &str) -> Result<(), SftpError> {
        self.ask(packet::RMDIR, |q| q.path(path)).ok().await
    }

    /// Removes a file or a link.
    pub async fn remove(&self, path: &str) -> Result<(), SftpError> {
        self.ask(packet::REMOVE, |q| q.path(path)).ok().await
    }

    /// Gives a thing another name. What has that name already stays, and is an error.
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), SftpError> {
        self.ask(packet::RENAME, |q| q.path(from).path(to)).ok().await
    }

    /// Puts a file in the place of another, at once and whole, where the server can (OpenSSH can).
    /// Elsewhere the other waits beside it (`NAME.luumen-old`) until the new one has its place.
    pub async fn replace(&self, from: &str, to: &str) -> Result<(), SftpError> {
        const POSIX_RENAME: &str = "posix-rename@openssh.com";
        if self.0.offers(POSIX_RENAME) {
            let question = |q: Question| q.string(POSIX_RENAME.as_bytes()).path(from).path(to);
            return self.ask(packet::EXTENDED, question).ok().await;
        }
        if matches!(self.lstat(to).await, Ok(there) if there.kind() == FileKind::Directory) {
            // A folder is not replaced by a file; the server says so.
            self.remove(to).await?;
            return self.rename(from, to).await;
        }
        let aside = format!("{to}.luumen-old");
        match self.rename(to, &aside).await {
            Ok(()) => {
                if let Err(error) = self.rename(from, to).await {
                    // Where that does not go either, nothing is lost: both are there under other names.
                    let _ = self.rename(&aside, to).await;
                    return Err(error);
                }
            }
            Err(error) if error.is_missing() => self.rename(from, to).await?,
            Err(error) => return Err(error),
        }
        // The new one is in its place; an old one may be left of a try that was cut.
        let _ = self.remove(&aside).await;
        Ok(())
    }

    /// Makes a link at `path` that leads to `to`.
    pub async fn link(&self, path: &str, to: &str) -> Result<(), SftpError> {
        // OpenSSH takes the two in this order, against the draft, and everyone follows it.
        self.ask(packet::SYMLINK, |q| q.path(to).path(path)).ok().await
    }

    /// True when a path leads to a directory.
    pub async fn is_directory(&self, path: &str) -> Result<bool, SftpError> {
        Ok(self.stat(path).await?.kind() == FileKind::Directory)
    }

    pub(super) fn ask(&self, kind: u8, write: impl FnOnce(Question) -> Question) -> Pending {
        self.0.ask(kind, write)
    }

    pub(super) fn offers(&self, extension: &str) -> bool {
        self.0.offers(extension)
    }

    pub(super) fn read_bytes(&self) -> u32 {
        self.0.read_bytes
    }

    pub(super) fn write_bytes(&self) -> u32 {
        self.0.write_bytes
    }

    async fn one_name(&self, kind: u8, path: &str) -> Result<String, SftpError> {
        match self.ask(kind, |q| q.path(path)).answer().await? {
            Answer::Names(names) => match names.into_iter().next() {
                Some(entry) => Ok(entry.name),
                None => Err(SftpError::Protocol {
                    reason: "it answered with no name",
                }),
            },
            other => Err(refused(other)),
        }
    }

    async fn attributes(&self, kind: u8, path: &str) -> Result<Attributes, SftpError> {
        match self.ask(kind, |q| q.path(path)).answer().await? {
            Answer::Attributes(attributes) => Ok(attributes),
            other => Err(refused(other)),
        }
    }
}

impl Inner {
    fn offers(&self, extension: &str) -> bool {
        self.extensions.iter().any(|offered| offered == extension)
    }

    fn ask(&self, kind: u8, write: impl FnOnce(Question) -> Question) -> Pending {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        // When no answer will come any more, the sender is dropped here, which says “lost”.
        if let Some(open) = self.open.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            open.insert(id, sender);
            // The writer ends only together with the reader, which answers what is open.
            let _ = self.questions.send(write(Question::new(kind, id)).finish());
        }
        Pending(receiver)
    }
}

async fn speak(write: Closing, mut queue: mpsc::UnboundedReceiver<Bytes>) {
    while let Some(question) = queue.recv().await {
        if write.data_bytes(question).await.is_err() {
            return;
        }
    }
    // Nobody asks any more. A connection that has ended needs no goodbye.
    let _ = write.eof().await;
    let _ = write.close().await;
}

async fn listen(mut read: ChannelReadHalf, mut buffer: BytesMut, open: Arc<Open>) {
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } => buffer.extend_from_slice(&data),
            ChannelMsg::Close | ChannelMsg::Eof => break,
            _ => continue,
        }
        if let Err(error) = deliver(&mut buffer, &open) {
            tracing::warn!("The SFTP server does not keep to the protocol: {error}");
            break;
        }
    }
    // Dropping the senders tells everyone who waits.
    open.lock().unwrap_or_else(PoisonError::into_inner).take();
}

fn deliver(buffer: &mut BytesMut, open: &Open) -> Result<(), SftpError> {
    while let Some(packet) = take_packet(buffer)? {
        let (id, answer) = packet::read_answer(packet).map_err(|reason| SftpError::Protocol { reason })?;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = open.as_mut().and_then(|open| open.remove(&id)) {
            // Whoever asked may have lost interest.
            let _ = waiting.send(answer);
        }
    }
    Ok(())
}

/// Cuts one whole packet off the front, without its length.
fn take_packet(buffer: &mut BytesMut) -> Result<Option<Bytes>, SftpError> {
    let Some(length) = buffer.get(..4) else {
        return Ok(None);
    };
    let length = length
        .iter()
        .fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    if length > MAX_PACKET_BYTES {
        return Err(SftpError::Protocol {
            reason: "it sent a packet that is too long",
        });
    }
    if buffer.len() < 4 + length {
        buffer.reserve(4 + length - buffer.len());
        return Ok(None);
    }
    buffer.advance(4);
    Ok(Some(buffer.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_cut_where_they_end() {
        let mut buffer = BytesMut::from(&[0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9, 0, 0][..]);
        assert_eq!(take_packet(&mut buffer).unwrap().unwrap().as_ref(), [7, 8]);
        assert_eq!(take_packet(&mut buffer).unwrap().unwrap().as_ref(), [9]);
        assert_eq!(take_packet(&mut buffer).unwrap(), None);
        assert_eq!(buffer.as_ref(), [0, 0]);
    }

    #[test]
    fn a_packet_that_claims_gigabytes_is_refused() {
        let mut buffer = BytesMut::from(&[0xff, 0, 0, 0][..]);
        assert!(take_packet(&mut buffer).is_err());
    }
}
