//! A workshop for tests: real servers that are thrown away afterwards. No product links it.

pub mod account;
pub mod pages;
pub mod postgres;
pub mod proxy;
pub mod sshd;
