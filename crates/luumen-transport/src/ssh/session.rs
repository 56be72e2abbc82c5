//! A host we are signed in to.
//!
//! One connection carries many channels: commands (`exec`), shells (`shell`), forwards (`forward`).
//! Clones share the connection, which ends with the last of them or with the first `close`.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use russh::Disconnect;
use tokio::time::{Instant, timeout};

use super::{connect::Connection, guard::ServerFacts};
use crate::{ExecError, ExecOutput, ExecRequest, Session, Watch};

/// How long a goodbye may take.
pub(super) const GOODBYE: Duration = Duration::from_millis(500);

/// A session over SSH. The jump hosts on the way stay connected as long as it lives.
#[derive(Clone)]
pub struct SshSession(Arc<Way>);

struct Way {
    // Declared before `jumps`, so that it is dropped before the way it runs on.
    connection: Connection,
    jumps: Vec<Connection>,
}

impl fmt::Debug for SshSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SshSession")
            .field("endpoint", &self.0.connection.endpoint)
            .field("jumps", &self.0.jumps.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}

impl SshSession {
    pub(super) fn new(connection: Connection, jumps: Vec<Connection>) -> Self {
        Self(Arc::new(Way { connection, jumps }))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// True once the connection has ended, whoever ended it.
    pub fn is_closed(&self) -> bool {
        self.0.connection.handle.is_closed()
    }

    /// Waits for the end of the connection and says why it came, as far as the server told.
    pub async fn closed(&self) -> String {
        self.0.connection.over.cancelled().await;
        self.0.connection.ending.reason()
    }

    /// What the server said of itself, and what both sides agreed on.
    pub fn facts(&self) -> ServerFacts {
        self.0.connection.facts.get()
    }

    /// How long a word takes to the server and back; `None` when the connection has ended meanwhile.
    pub async fn ping(&self) -> Option<Duration> {
        let started = Instant::now();
        let connection = &self.0.connection;
        tokio::select! {
            () = connection.over.cancelled() => None,
            answered = connection.handle.send_ping() => {
                answered.ok()?;
                (!self.is_closed()).then(|| started.elapsed())
            }
        }
    }

    /// Agrees on new keys now instead of when the limits are reached.
    pub async fn rekey(&self) {
        // A connection that has ended needs no keys.
        let _ = self.0.connection.handle.rekey_soon().await;
    }

    /// The same connection for somebody who may run commands but not end it.
    pub fn lend(&self) -> LentSession {
        LentSession(self.clone())
    }

    pub(super) fn name(&self) -> String {
        self.0.connection.endpoint.to_string()
    }
}

#[async_trait]
impl Session for SshSession {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        self.run(request, None).await
    }

    async fn exec_watched(
        &mut self,
        request: ExecRequest,
        watch: Arc<dyn Watch>,
    ) -> Result<ExecOutput, ExecError> {
        self.run(request, Some(watch)).await
    }

    fn endpoint(&self) -> String {
        self.name()
    }

    async fn close(&mut self) {
        for connection in std::iter::once(&self.0.connection).chain(self.0.jumps.iter().rev()) {
            let goodbye = async {
                let said = connection.handle.disconnect(Disconnect::ByApplication, "", "");
                if said.await.is_ok() {
                    connection.over.cancelled().await;
                }
            };
            // One that does not answer is left alone.
            let _ = timeout(GOODBYE, goodbye).await;
        }
    }
}

/// A session that belongs to somebody else: closing it closes nothing.
#[derive(Clone, Debug)]
pub struct LentSession(SshSession);

#[async_trait]
impl Session for LentSession {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        self.0.run(request, None).await
    }

    async fn exec_watched(
        &mut self,
        request: ExecRequest,
        watch: Arc<dyn Watch>,
    ) -> Result<ExecOutput, ExecError> {
        self.0.run(request, Some(watch)).await
    }

    fn endpoint(&self) -> String {
        self.0.name()
    }

    async fn close(&mut self) {}
}
