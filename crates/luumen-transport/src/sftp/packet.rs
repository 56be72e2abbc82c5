//! SFTP packets, version 3 (draft-ietf-secsh-filexfer-02): questions as bytes, answers as values.
//!
//! Pure. A packet that is cut short or lies about its lengths is an error, never a panic.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use super::name;

pub(super) const INIT: u8 = 1;
pub(super) const VERSION: u8 = 2;
pub(super) const OPEN: u8 = 3;
pub(super) const CLOSE: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const WRITE: u8 = 6;
pub(super) const LSTAT: u8 = 7;
pub(super) const FSTAT: u8 = 8;
pub(super) const SETSTAT: u8 = 9;
pub(super) const FSETSTAT: u8 = 10;
pub(super) const OPENDIR: u8 = 11;
pub(super) const READDIR: u8 = 12;
pub(super) const REMOVE: u8 = 13;
pub(super) const MKDIR: u8 = 14;
pub(super) const RMDIR: u8 = 15;
pub(super) const REALPATH: u8 = 16;
pub(super) const STAT: u8 = 17;
pub(super) const RENAME: u8 = 18;
pub(super) const READLINK: u8 = 19;
pub(super) const SYMLINK: u8 = 20;
pub(super) const EXTENDED: u8 = 200;

const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED_REPLY: u8 = 201;

const HAS_SIZE: u32 = 1;
const HAS_OWNER: u32 = 2;
const HAS_MODE: u32 = 4;
const HAS_TIMES: u32 = 8;
const HAS_MORE: u32 = 0x8000_0000;

/// How a server answers where it has nothing to hand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done.
    Ok,
    /// There is no more.
    Eof,
    /// There is no such file.
    NoSuchFile,
    /// The account may not.
    PermissionDenied,
    /// Something else; OpenSSH says this for “exists already” and “is not empty” too.
    Failure,
    /// The server cannot do this at all.
    Unsupported,
    /// Any other code.
    Other(u32),
}

impl From<u32> for Status {
    fn from(code: u32) -> Self {
        match code {
            0 => Self::Ok,
            1 => Self::Eof,
            2 => Self::NoSuchFile,
            3 => Self::PermissionDenied,
            4 => Self::Failure,
            8 => Self::Unsupported,
            other => Self::Other(other),
        }
    }
}

/// What a thing in a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a socket, a pipe, or unknown.
    Other,
}

/// What is known of a file, or shall be set. `None`: not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Its length in bytes.
    pub size: Option<u64>,
    /// Numbers of owner and group.
    pub owner: Option<(u32, u32)>,
    /// Type and permission bits, as in `st_mode`.
    pub mode: Option<u32>,
    /// Last access and last change, in seconds since 1970.
    pub times: Option<(u32, u32)>,
}

impl Attributes {
    /// What kind of thing it is, as far as the mode says.
    pub fn kind(&self) -> FileKind {
        match self.mode.map(|mode| mode & 0o170_000) {
            Some(0o100_000) => FileKind::File,
            Some(0o040_000) => FileKind::Directory,
            Some(0o120_000) => FileKind::Link,
            _ => FileKind::Other,
        }
    }

    /// The permission bits alone.
    pub fn permissions(&self) -> Option<u32> {
        self.mode.map(|mode| mode & 0o7777)
    }
}

/// One name of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name alone; see [`super::name_to_bytes`] for names that are not UTF-8.
    pub name: String,
    /// The line of `ls -l`, where the server makes one: the only place with names of owner and group.
    pub long_name: String,
    /// Of the thing itself, not of what a link leads to.
    pub attributes: Attributes,
}

impl DirEntry {
    /// Names of owner and group from the line of `ls -l`.
    pub fn owner_names(&self) -> Option<(&str, &str)> {
        let mut words = self.long_name.split_ascii_whitespace();
        let (mode, links) = (words.next()?, words.next()?);
        let plausible = mode.len() >= 10 && links.bytes().all(|byte| byte.is_ascii_digit());
        if plausible {
            Some((words.next()?, words.next()?))
        } else {
            None
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Status(Status, String),
    Handle(Bytes),
    Data(Bytes),
    Names(Vec<DirEntry>),
    Attributes(Attributes),
    Extended(Bytes),
}

/// Writes one question; the length in front is filled in at the end.
pub(super) struct Question(BytesMut);

impl Question {
    pub(super) fn new(kind: u8, id: u32) -> Self {
        let mut bytes = BytesMut::with_capacity(64);
        bytes.put_u32(0);
        bytes.put_u8(kind);
        bytes.put_u32(id);
        Self(bytes)
    }

    pub(super) fn string(mut self, bytes: &[u8]) -> Self {
        // No string of ours comes near 4 GB.
        self.0.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.0.put_slice(bytes);
        self
    }

    pub(super) fn path(self, path: &str) -> Self {
        self.string(&name::to_bytes(path))
    }

    pub(super) fn number(mut self, number: u32) -> Self {
        self.0.put_u32(number);
        self
    }

    pub(super) fn long(mut self, number: u64) -> Self {
        self.0.put_u64(number);
        self
    }

    pub(super) fn attributes(mut self, attributes: &Attributes) -> Self {
        let Attributes {
            size,
            owner,
            mode,
            times,
        } = attributes;
        let flag = |has: bool, flag: u32| if has { flag } else { 0 };
        self.0.put_u32(
            flag(size.is_some(), HAS_SIZE)
                | flag(owner.is_some(), HAS_OWNER)
                | flag(mode.is_some(), HAS_MODE)
                | flag(times.is_some(), HAS_TIMES),
        );
        size.iter().for_each(|size| self.0.put_u64(*size));
        if let Some((user, group)) = owner {
            self.0.put_u32(*user);
            self.0.put_u32(*group);
        }
        mode.iter().for_each(|mode| self.0.put_u32(*mode));
        if let Some((access, change)) = times {
            self.0.put_u32(*access);
            self.0.put_u32(*change);
        }
        self
    }

    pub(super) fn finish(mut self) -> Bytes {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0.freeze()
    }
}

/// The first packet of all, which has no number.
pub(super) fn hello() -> Bytes {
    Bytes::from_static(&[0, 0, 0, 5, INIT, 0, 0, 0, 3])
}

/// The server's first packet: its version and the extensions it offers.
pub(super) fn read_version(mut packet: Bytes) -> Result<Vec<(String, String)>, &'static str> {
    if byte(&mut packet)? != VERSION {
        return Err("it did not begin with its version");
    }
    if number(&mut packet)? < 3 {
        return Err("it speaks a version older than 3");
    }
    let mut extensions = Vec::new();
    while packet.has_remaining() {
        let (name, value) = (string(&mut packet)?, string(&mut packet)?);
        extensions.push((text(&name), text(&value)));
    }
    Ok(extensions)
}

/// The number of a question and its answer.
pub(super) fn read_answer(mut packet: Bytes) -> Result<(u32, Answer), &'static str> {
    let kind = byte(&mut packet)?;
    let id = number(&mut packet)?;
    let answer = match kind {
        STATUS => {
            let status = number(&mut packet)?.into();
            // Old servers leave the message out.
            let message = string(&mut packet).map_or_else(|_| String::new(), |message| text(&message));
            Answer::Status(status, message)
        }
        HANDLE => Answer::Handle(string(&mut packet)?),
        DATA => Answer::Data(string(&mut packet)?),
        NAME => Answer::Names(names(&mut packet)?),
        ATTRS => Answer::Attributes(attributes(&mut packet)?),
        EXTENDED_REPLY => Answer::Extended(packet),
        _ => return Err("it sent a packet of an unknown kind"),
    };
    Ok((id, answer))
}

/// The limits a server names in answer to `limits@openssh.com`: packet, read, write, handles.
pub(super) fn read_limits(mut packet: Bytes) -> Result<[u64; 4], &'static str> {
    let mut limits = [0; 4];
    for limit in &mut limits {
        *limit = packet.try_get_u64().map_err(|_| CUT)?;
    }
    Ok(limits)
}

const CUT: &str = "it sent a packet that is cut short";

fn names(packet: &mut Bytes) -> Result<Vec<DirEntry>, &'static str> {
    let count = number(packet)?;
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(DirEntry {
            name: name::from_bytes(&string(packet)?),
            long_name: text(&string(packet)?),
            attributes: attributes(packet)?,
        });
    }
    Ok(names)
}

fn attributes(packet: &mut Bytes) -> Result<Attributes, &'static str> {
    let flags = number(packet)?;
    let mut attributes = Attributes::default();
    if flags & HAS_SIZE != 0 {
        attributes.size = Some(packet.try_get_u64().map_err(|_| CUT)?);
    }
    if flags & HAS_OWNER != 0 {
        attributes.owner = Some((number(packet)?, number(packet)?));
    }
    if flags & HAS_MODE != 0 {
        attributes.mode = Some(number(packet)?);
    }
    if flags & HAS_TIMES != 0 {
        attributes.times = Some((number(packet)?, number(packet)?));
    }
    if flags & HAS_MORE != 0 {
        for _ in 0..number(packet)? {
            string(packet)?;
            string(packet)?;
        }
    }
    Ok(attributes)
}

fn byte(packet: &mut Bytes) -> Result<u8, &'static str> {
    packet.try_get_u8().map_err(|_| CUT)
}

fn number(packet: &mut Bytes) -> Result<u32, &'static str> {
    packet.try_get_u32().map_err(|_| CUT)
}

fn string(packet: &mut Bytes) -> Result<Bytes, &'static str> {
    let length = usize::try_from(number(packet)?).map_err(|_| CUT)?;
    if length > packet.remaining() {
        return Err(CUT);
    }
    Ok(packet.split_to(length))
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_question_has_its_length_in_front() {
        let question = Question::new(READ, 7).string(b"h").long(5).number(9).finish();
        assert_eq!(
            question.as_ref(),
            [
                0, 0, 0, 22, READ, 0, 0, 0, 7, 0, 0, 0, 1, b'h', 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 9
            ]
        );
    }

    #[test]
    fn attributes_come_back_as_they_were_written() {
        let attributes = Attributes {
            size: Some(3),
            owner: Some((1000, 100)),
            mode: Some(0o100_644),
            times: Some((1, 2)),
        };
        let mut written = Question::new(ATTRS, 1).attributes(&attributes).finish();
        written.advance(4);
        assert_eq!(read_answer(written), Ok((1, Answer::Attributes(attributes))));
    }

    #[test]
    fn owners_are_read_from_the_long_name_where_it_looks_like_one() {
        let entry = |long_name: &str| DirEntry {
            name: "x".into(),
            long_name: long_name.into(),
            attributes: Attributes::default(),
        };
        assert_eq!(
            entry("-rw-r--r--    1 deploy   www-data        5 Nov  1 10:00 x").owner_names(),
            Some(("deploy", "www-data"))
        );
        assert_eq!(entry("x").owner_names(), None);
        assert_eq!(entry("11-01-26 10:00 <DIR> x").owner_names(), None);
    }

    proptest! {
        #[test]
        fn any_packet_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..96), kind in 101u8..106) {
            let mut packet = vec![kind];
            packet.extend(bytes);
            let _ = read_answer(packet.clone().into());
            let _ = read_version(packet.into());
        }
    }
}
