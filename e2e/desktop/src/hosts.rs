//! Throw-away sshd hosts that one key opens, for looking at screens by hand and for tests that need no more.

use std::path::{Path, PathBuf};

use luumen_testkit::sshd::{KeyFile, Sshd, username};
use serde::Serialize;

/// Running hosts. Dropping them ends them.
#[derive(Debug)]
pub(crate) struct ThrowAway {
    reachable: Vec<Reachable>,
    _running: Vec<Sshd>,
}

/// How to get in.
#[derive(Debug, Serialize)]
pub(crate) struct Reachable {
    address: &'static str,
    port: u16,
    user: String,
    key: PathBuf,
}

impl ThrowAway {
    /// Starts that many, or none where sshd is not installed.
    pub(crate) fn start(count: usize, folder: &Path) -> anyhow::Result<Self> {
        let mut hosts = Self {
            reachable: Vec::new(),
            _running: Vec::new(),
        };
        if count == 0 {
            return Ok(hosts);
        }
        let key = KeyFile::generate("ed25519")?;
        let file = key.copy_to(folder, "key")?;
        for _ in 0..count {
            let Some(host) = Sshd::builder().authorize(&key).start()? else {
                break;
            };
            hosts.reachable.push(Reachable {
                address: "127.0.0.1",
                port: host.port(),
                user: username()?,
                key: file.clone(),
            });
            hosts._running.push(host);
        }
        Ok(hosts)
    }

    pub(crate) fn reachable(&self) -> &[Reachable] {
        &self.reachable
    }
}
