//! One browser: a connection for files, made when it is needed and again when it was lost.

use std::sync::Arc;

use luumen_transport::{
    Session as _,
    sftp::{Sftp, SftpError},
};
use tokio::sync::Mutex;

use super::{copies::Origin, source::Sources, threads::Threads};
use crate::{
    bridge::{Id, Problem},
    sessions::Sessions,
};

/// The way to the files of one session.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) id: Id,
    pub(super) session: Id,
    /// Where it leads, for what outlives it.
    pub(super) origin: Origin,
    /// What is known of parts that were begun.
    pub(super) sources: Arc<Sources>,
    pub(super) sessions: Arc<Sessions>,
    threads: Arc<Threads>,
    sftp: Mutex<Option<Sftp>>,
}

impl Browser {
    pub(super) fn new(
        sessions: Arc<Sessions>,
        threads: Arc<Threads>,
        sources: Arc<Sources>,
        session: Id,
    ) -> Result<Arc<Self>, Problem> {
        let (wish, shown) = sessions.asked_for(session)?;
        Ok(Arc::new(Self {
            id: Id::new(),
            session,
            origin: Origin {
                host: shown.host,
                quick: wish.quick.filter(|_| wish.host.is_none()),
                credential: wish.credential,
                jump: wish.jump,
                title: shown.title,
                target: shown.target,
            },
            sources,
            sessions,
            threads,
            sftp: Mutex::new(None),
        }))
    }

    /// The files. One that was lost is found again as long as its session is open.
    pub(super) async fn sftp(&self) -> Result<Sftp, Problem> {
        let mut kept = self.sftp.lock().await;
        if let Some(sftp) = kept.as_ref().filter(|sftp| !sftp.session().is_closed()) {
            return Ok(sftp.clone());
        }
        let opened = self.threads.run(open(self.sessions.clone(), self.session));
        Ok(kept.insert(opened.await?).clone())
    }

    pub(super) async fn close(&self) {
        if let Some(sftp) = self.sftp.lock().await.take() {
            sftp.session().clone().close().await;
        }
    }
}

async fn open(sessions: Arc<Sessions>, session: Id) -> Result<Sftp, Problem> {
    let connection = sessions.another_connection(session).await?;
    Sftp::open(connection).await.map_err(|error| {
        Problem::of(error.code(), "the files cannot be opened", &error)
            .next("Check the line “Subsystem sftp” in the server's sshd_config.")
    })
}

/// What did not work with a file of a host.
pub(super) fn problem(title: String, error: &SftpError) -> Problem {
    let problem = Problem::of(error.code(), title, error);
    match error.code() {
        "LUM-SFTP-DENIED" => {
            problem.next("Check the permissions of the file and its folder for your account.")
        }
        "LUM-SFTP-NO-SUCH-FILE" => problem.next("Refresh the list: it may have been moved or removed."),
        "LUM-SSH-LOST" => problem.next("Reconnect the session, and try again."),
        "LUM-SFTP-FAILED" => problem
            .next("Check that the name is free, the folder is empty, or the disk of the host is not full."),
        _ => problem,
    }
}
