//! OpenSSH's client configuration: read as `ssh` reads it, host by host.
//!
//! [`words`] splits a line, [`tree`] reads files with what they include, [`resolve`] says what holds for one host,
//! [`hosts`] makes hosts of it. Agreement with `ssh -G` is a test.

#[cfg(test)]
mod agreement;
mod forward;
mod hosts;
mod pattern;
mod proxy;
mod resolve;
mod tokens;
mod tree;
mod words;

pub(crate) use hosts::read;
pub(super) use proxy::{jumps, plain_jump, plain_proxy, shown};
pub(crate) use resolve::{Asked, ExecRule};
pub(crate) use tree::Files;
pub(super) use words::split;
