//! Files of a host, over the SFTP subsystem (version 3, with OpenSSH's extensions where offered).
//!
//! `packet` writes questions and reads answers, `client` has many of them under way at once, `file`
//! keeps a line full with reads and writes, `name` carries names that are not text. What to do when a
//! file exists already, and what a half-written one is called, is the workbench's to decide.

mod client;
mod file;
mod name;
mod packet;

pub use client::{Listing, Sftp, SftpError};
pub use file::{FileHandle, FileReader, FileWriter, Open};
pub use name::{from_bytes as name_from_bytes, to_bytes as name_to_bytes};
pub use packet::{Attributes, DirEntry, FileKind, Status};
