//! A workshop for tests: real servers that are thrown away afterwards. No product links it.

pub mod postgres;
pub mod sshd;
