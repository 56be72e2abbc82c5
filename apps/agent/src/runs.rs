//! A whole run: say that it begins, visit and report, say that it ended.

use std::{
    fs::{self, File, TryLockError},
    io,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use luumen_api::agent::{AgentConfig, FinishRun, Heartbeat, Report, StartRun};
use luumen_client::{ApiError, Client, Told};
use luumen_model::{HostId, RunId, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    config::Config,
    errors::chain,
    exit::{self, Exit},
    kept::{Rereading, Shelf},
    machine,
    mail::{Mail, Patience},
    output,
    plan::{self, Local, Planned},
    round::{Bounds, HostResult, Round, Teller},
    visit::SshVisitor,
};

/// After a signal, visits under way have this long to hand over what they have.
const FAREWELL: Duration = Duration::from_secs(10);

/// What every run needs.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) config: Arc<Config>,
    pub(crate) client: Client,
}

/// A finished run.
pub(crate) struct RunEnd {
    pub(crate) run: RunId,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) results: Vec<HostResult>,
    pub(crate) exit: Exit,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("the run did not begin")]
    Api(#[source] ApiError),
    #[error("another run of this agent is under way")]
    Busy,
    #[error("the known host keys in {file} cannot be read")]
    KnownHosts { file: String, source: io::Error },
}

impl Context {
    /// Plans for this machine's credentials; the error names words that are no hosts.
    pub(crate) fn plan(&self, remote: &AgentConfig, only: &[String]) -> Result<Vec<Planned>, Vec<String>> {
        let jump_credential = self
            .config
            .ssh
            .jump_credential
            .as_deref()
            .filter(|_| !self.config.ssh.jumps.is_empty());
        plan::plan(
            remote,
            Local {
                credentials: &self.config.credentials,
                jump_credential,
            },
            only,
        )
    }

    /// Makes one run over the planned hosts.
    pub(crate) async fn run(
        &self,
        run: RunId,
        planned: Vec<Planned>,
        rereading: Rereading,
        cancel: CancellationToken,
    ) -> Result<RunEnd, RunError> {
        let _lock = self.lock()?;
        let started_at = machine::now();
        let host_count = i64::try_from(planned.len()).unwrap_or(i64::MAX);
        let start = StartRun {
            agent: self.config.agent_name.clone(),
            started_at,
            host_count,
        };
        self.client.start_run(run, &start).await.map_err(RunError::Api)?;
        info!(run.id = %run, hosts = host_count, "The run begins: {host_count} hosts");
        let told = Reporter {
            client: self.client.clone(),
            run,
        };
        let results = self.visit_all(planned, told, rereading, cancel).await?;
        let finished_at = machine::now();
        let mut exit = exit::of_run(&results);
        if let Err(error) = self.client.finish_run(run, &FinishRun { finished_at }).await {
            warn!(run.id = %run, code = error.code(), "The end of the run could not be told: {}", chain(&error));
            if exit == Exit::Fine && error.is_try_later() {
                exit = Exit::TryLater;
            }
        }
        info!(
            run.id = %run, duration_ms = finished_at.millis_since(started_at),
            "The run ended: {}", output::summary(&results).trim_end()
        );
        Ok(RunEnd {
            run,
            started_at,
            finished_at,
            results,
            exit,
        })
    }

    /// Keeps runs of other processes of this agent from overlapping with ours, until it is dropped.
    fn lock(&self) -> Result<Option<File>, RunError> {
        let path = self.config.state_dir.join("run.lock");
        let _ = fs::create_dir_all(&self.config.state_dir);
        match File::create(&path)
            .map_err(TryLockError::Error)
            .and_then(|file| file.try_lock().map(|()| file))
        {
            Ok(file) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Err(RunError::Busy),
            // A folder that cannot be written to is no reason to leave the hosts alone.
            Err(TryLockError::Error(error)) => {
                warn!(
                    "Runs are not kept apart: {} cannot be locked: {error}",
                    path.display()
                );
                Ok(None)
            }
        }
    }

    /// Visits all and hands each result to `teller`.
    pub(crate) async fn visit_all(
        &self,
        planned: Vec<Planned>,
        teller: impl Teller,
        rereading: Rereading,
        cancel: CancellationToken,
    ) -> Result<Vec<HostResult>, RunError> {
        let limits = self.config.limits;
        let shelf = Shelf::open(&self.config.state_dir, rereading);
        let visitor =
            SshVisitor::new(Arc::clone(&self.config), shelf).map_err(|source| RunError::KnownHosts {
                file: self.config.ssh.known_hosts.display().to_string(),
                source,
            })?;
        let round = Round {
            visitor,
            mail: Mail::new(teller, Patience::default()),
            bounds: Bounds {
                concurrency: limits.concurrency,
                per_host_timeout: limits.per_host_timeout,
                farewell: FAREWELL,
                login_guard_failures: limits.login_guard_failures,
            },
            now: machine::now,
            cancel,
        };
        Ok(round.go(planned).await)
    }

    /// Says that the agent lives.
    pub(crate) async fn heartbeat(&self, run_id: Option<RunId>) -> Result<(), ApiError> {
        let heartbeat = Heartbeat {
            agent: self.config.agent_name.clone(),
            hostname: machine::hostname(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id,
            tier: self.config.tier,
        };
        let answer = self.client.heartbeat(&heartbeat).await?;
        let ahead_ms = machine::now().millis_since(answer.server_time);
        if ahead_ms.abs() > 120_000 {
            warn!(
                ahead_ms,
                "The clock of this machine and the one of the API differ by {} s",
                ahead_ms / 1000
            );
        }
        Ok(())
    }
}

/// A new run's id. The agent makes it, so that a repeated call is the same run.
pub(crate) fn new_run_id() -> RunId {
    RunId(uuid::Uuid::now_v7())
}

/// Reports to the API.
struct Reporter {
    client: Client,
    run: RunId,
}

#[async_trait]
impl Teller for Reporter {
    async fn tell(&self, host: HostId, report: &Report) -> Result<Told, ApiError> {
        self.client.report(self.run, host, report).await
    }
}
