//! Reads and writes files with many questions under way, so that a long line is kept full.
//!
//! Order is kept: a reader hands out bytes in the file's order, and what a writer has had confirmed is
//! in the file without gaps. Where a transfer stops and how it goes on is for the caller to decide.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    client::{Pending, Sftp, SftpError, refused},
    packet::{self, Answer, Attributes, Status},
};

/// Bytes asked for or sent, but not answered yet, if nobody says otherwise.
const UNDER_WAY_BYTES: u32 = 4 * 1024 * 1024;

/// How to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// To read it.
    Read,
    /// To write it from the beginning; what was in it is gone.
    Create,
    /// To write it anew; a file of that name is an error.
    CreateNew,
    /// To go on writing it.
    Continue,
}

impl Open {
    fn flags(self) -> u32 {
        const READ: u32 = 1;
        const WRITE: u32 = 2;
        const CREATE: u32 = 8;
        const TRUNCATE: u32 = 16;
        const EXCLUSIVE: u32 = 32;
        match self {
            Self::Read => READ,
            Self::Create => WRITE | CREATE | TRUNCATE,
            Self::CreateNew => WRITE | CREATE | EXCLUSIVE,
            Self::Continue => WRITE | CREATE,
        }
    }
}

/// An open file. Dropping it closes it, without a word on whether that went well.
#[derive(Debug)]
pub struct FileHandle {
    sftp: Sftp,
    handle: Bytes,
    closed: bool,
}

impl Sftp {
    /// Opens a file. A new one gets the permission bits of `mode`, as far as the server's umask lets it.
    pub async fn open_file(&self, path: &str, how: Open, mode: Option<u32>) -> Result<FileHandle, SftpError> {
        let attributes = Attributes {
            mode,
            ..Attributes::default()
        };
        let question = self.ask(packet::OPEN, |q| {
            q.path(path).number(how.flags()).attributes(&attributes)
        });
        match question.answer().await? {
            Answer::Handle(handle) => Ok(FileHandle {
                sftp: self.clone(),
                handle,
                closed: false,
            }),
            other => Err(refused(other)),
        }
    }
}

impl FileHandle {
    /// What the file is now.
    pub async fn stat(&self) -> Result<Attributes, SftpError> {
        match self
            .sftp
            .ask(packet::FSTAT, |q| q.string(&self.handle))
            .answer()
            .await?
        {
            Answer::Attributes(attributes) => Ok(attributes),
            other => Err(refused(other)),
        }
    }

    /// Sets what is said in `attributes`.
    pub async fn set_stat(&self, attributes: &Attributes) -> Result<(), SftpError> {
        let question = self.sftp.ask(packet::FSETSTAT, |q| {
            q.string(&self.handle).attributes(attributes)
        });
        question.ok().await
    }

    /// Has the server write the file to its disk, where it can.
    pub async fn sync(&self) -> Result<(), SftpError> {
        const FSYNC: &str = "fsync@openssh.com";
        if !self.sftp.offers(FSYNC) {
            return Ok(());
        }
        let question = |q: packet::Question| q.string(FSYNC.as_bytes()).string(&self.handle);
        self.sftp.ask(packet::EXTENDED, question).ok().await
    }

    /// Closes the file; servers report late write errors here.
    pub async fn close(mut self) -> Result<(), SftpError> {
        self.closed = true;
        self.sftp
            .ask(packet::CLOSE, |q| q.string(&self.handle))
            .ok()
            .await
    }
}

impl Drop for FileHandle {
    fn drop(&mut self) {
        if !self.closed {
            drop(self.sftp.ask(packet::CLOSE, |q| q.string(&self.handle)));
        }
    }
}

/// Reads a file from an offset to its end.
#[derive(Debug)]
pub struct FileReader<'a> {
    file: &'a FileHandle,
    /// Where the next question starts.
    next: u64,
    /// How long the file was; asked beyond it with one question at a time only.
    expected: u64,
    /// Questions allowed at once; grows, so that a short file costs few.
    depth: usize,
    most_bytes: u32,
    under_way: VecDeque<Reading>,
    done: bool,
}

#[derive(Debug)]
struct Reading {
    offset: u64,
    length: u32,
    pending: Pending,
}

impl<'a> FileReader<'a> {
    /// Starts at `offset`; `expected` is how long the file is thought to be.
    pub fn new(file: &'a FileHandle, offset: u64, expected: u64) -> Self {
        Self {
            file,
            next: offset,
            expected,
            depth: 2,
            most_bytes: UNDER_WAY_BYTES,
            under_way: VecDeque::new(),
            done: false,
        }
    }

    /// How many bytes are asked for at once from now on. What was asked for already still comes.
    pub fn under_way_at_most(&mut self, bytes: u32) {
        self.most_bytes = bytes;
    }

    /// The next bytes, or `None` at the end of the file.
    pub async fn next(&mut self) -> Result<Option<Bytes>, SftpError> {
        if self.done {
            return Ok(None);
        }
        self.ask_ahead();
        let Some(Reading {
            offset,
            length,
            pending,
        }) = self.under_way.pop_front()
        else {
            return Ok(None);
        };
        match pending.answer().await? {
            Answer::Data(data) if data.is_empty() => Err(SftpError::Protocol {
                reason: "it read nothing and did not say that the file ends",
            }),
            Answer::Data(data) => {
                let read = u32::try_from(data.len()).unwrap_or(u32::MAX);
                if read < length {
                    // A server may read less than was asked; the rest comes before what follows.
                    let rest = self.ask(offset + u64::from(read), length - read);
                    self.under_way.push_front(rest);
                }
                self.depth = self.max_depth().min(self.depth + 1);
                Ok(Some(data))
            }
            Answer::Status(Status::Eof, _) => {
                self.done = true;
                self.under_way.clear();
                Ok(None)
            }
            other => Err(refused(other)),
        }
    }

    fn ask_ahead(&mut self) {
        let chunk = self.file.sftp.read_bytes();
        let depth = self.depth.min(self.max_depth());
        while self.under_way.is_empty() || (self.under_way.len() < depth && self.next < self.expected) {
            let reading = self.ask(self.next, chunk);
            self.under_way.push_back(reading);
            self.next += u64::from(chunk);
        }
    }

    fn ask(&self, offset: u64, length: u32) -> Reading {
        let handle = &self.file.handle;
        let pending = self
            .file
            .sftp
            .ask(packet::READ, |q| q.string(handle).long(offset).number(length));
        Reading {
            offset,
            length,
            pending,
        }
    }

    fn max_depth(&self) -> usize {
        (self.most_bytes / self.file.sftp.read_bytes()).max(2) as usize
    }
}

/// Writes a file from an offset on.
#[derive(Debug)]
pub struct FileWriter<'a> {
    file: &'a FileHandle,
    next: u64,
    most_bytes: u32,
    under_way: VecDeque<(u64, Pending)>,
    confirmed: u64,
}

impl<'a> FileWriter<'a> {
    /// Starts at `offset`.
    pub fn new(file: &'a FileHandle, offset: u64) -> Self {
        Self {
            file,
            next: offset,
            most_bytes: UNDER_WAY_BYTES,
            under_way: VecDeque::new(),
            confirmed: offset,
        }
    }

    /// How many bytes wait for an answer at once from now on.
    pub fn under_way_at_most(&mut self, bytes: u32) {
        self.most_bytes = bytes;
    }

    /// Sends bytes, and waits for old answers when many are open.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), SftpError> {
        let chunk = self.file.sftp.write_bytes();
        let depth = (self.most_bytes / chunk).max(2) as usize;
        for part in bytes.chunks(chunk as usize) {
            while self.under_way.len() >= depth {
                self.confirm_one().await?;
            }
            let (handle, offset) = (&self.file.handle, self.next);
            let pending = self
                .file
                .sftp
                .ask(packet::WRITE, |q| q.string(handle).long(offset).string(part));
            self.next += part.len() as u64;
            self.under_way.push_back((self.next, pending));
        }
        Ok(())
    }

    /// Waits until everything is confirmed.
    pub async fn finish(&mut self) -> Result<(), SftpError> {
        while !self.under_way.is_empty() {
            self.confirm_one().await?;
        }
        Ok(())
    }

    /// Up to here the server has confirmed every byte.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }

    async fn confirm_one(&mut self) -> Result<(), SftpError> {
        if let Some((end, pending)) = self.under_way.pop_front() {
            pending.ok().await?;
            self.confirmed = end;
        }
        Ok(())
    }
}
