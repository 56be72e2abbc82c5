//! A session that is a shell of this machine: what a host would do, without a network.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod host;
pub(crate) mod overlay;
pub(crate) mod recording;

use std::{process::Stdio, time::Instant};

use async_trait::async_trait;
use luumen_transport::{ExecError, ExecOutput, ExecRequest, ExitStatus, Session};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// Runs scripts with a local shell, given as words (`["busybox", "sh"]`); `-s` is added.
#[derive(Debug)]
pub(crate) struct LocalShell {
    pub(crate) words: Vec<String>,
}

impl LocalShell {
    pub(crate) fn new(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    /// True when this machine has the program.
    pub(crate) fn exists(&self) -> bool {
        let found = |folder: &str| std::path::Path::new(folder).join(&self.words[0]).exists();
        ["/bin", "/usr/bin", "/sbin", "/usr/sbin"].into_iter().any(found)
    }
}

#[async_trait]
impl Session for LocalShell {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        let began = Instant::now();
        let mut child = Command::new(&self.words[0])
            .args(&self.words[1..])
            .arg("-s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| ExecError::Refused {
                endpoint: self.endpoint(),
                step: "spawn",
            })?;
        let mut stdin = child.stdin.take().expect("piped");
        let feed = async move {
            let _ = stdin.write_all(&request.stdin).await;
        };
        let (_, output) = tokio::join!(
            feed,
            tokio::time::timeout(request.timeout, child.wait_with_output())
        );
        let Ok(Ok(output)) = output else {
            return Err(ExecError::Refused {
                endpoint: self.endpoint(),
                step: "wait",
            });
        };
        Ok(ExecOutput {
            stdout: output.stdout,
            stderr: output.stderr,
            status: ExitStatus::Code(output.status.code().unwrap_or(-1).cast_unsigned()),
            truncated: false,
            timed_out: false,
            duration: began.elapsed(),
        })
    }

    fn endpoint(&self) -> String {
        "root@localhost:0".to_owned()
    }

    async fn close(&mut self) {}
}

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}
