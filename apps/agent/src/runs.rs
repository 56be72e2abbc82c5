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
use tokio::sync::OnceCell;
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
    visit::{NewKeys, SshVisitor},
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
    /// False when the API never answered: it knows of no such run, and has none of its reports.
    pub(crate) begun: bool,
}

/// When the API is told that a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Before anything else; without its answer there is no run. For a service, which comes again.
    Must,
    /// Before anything else, and with the first report when it does not answer.
    Try,
    /// With the first report: it did not answer a moment ago.
    Later,
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
        opening: Opening,
        cancel: CancellationToken,
    ) -> Result<RunEnd, RunError> {
        let _lock = self.lock()?;
        // Before the API hears of the run: what cannot begin must not stand there as lost.
        let visitor = self.visitor(rereading, None)?;
        let started_at = machine::now();
        let host_count = i64::try_from(planned.len()).unwrap_or(i64::MAX);
        let reporter = Arc::new(Reporter {
            client: self.client.clone(),
            run,
            start: StartRun {
                agent: self.config.agent_name.clone(),
                started_at,
                host_count,
            },
            begun: OnceCell::new(),
        });
        let patience = reporter.open(opening).await.map_err(RunError::Api)?;
        info!(run.id = %run, hosts = host_count, "The run begins: {host_count} hosts");
        let results = self
            .visit_all(visitor, planned, Arc::clone(&reporter), patience, cancel)
            .await;
        let finished_at = machine::now();
        let exit = reporter.close(finished_at, exit::of_run(&results)).await;
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
            begun: reporter.begun.initialized(),
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

    /// Who visits. With `new_keys`, keys of unknown hosts go there and not into the file of known ones.
    pub(crate) fn visitor(
        &self,
        rereading: Rereading,
        new_keys: Option<Arc<NewKeys>>,
    ) -> Result<SshVisitor, RunError> {
        let shelf = Shelf::open(&self.config.state_dir, rereading);
        SshVisitor::new(Arc::clone(&self.config), shelf, new_keys).map_err(|source| RunError::KnownHosts {
            file: self.config.ssh.known_hosts.display().to_string(),
            source,
        })
    }

    /// Visits all and hands each result to `teller`.
    pub(crate) async fn visit_all(
        &self,
        visitor: SshVisitor,
        planned: Vec<Planned>,
        teller: impl Teller,
        patience: Patience,
        cancel: CancellationToken,
    ) -> Vec<HostResult> {
        let limits = self.config.limits;
        let round = Round {
            visitor,
            mail: Mail::new(teller, patience),
            bounds: Bounds {
                concurrency: limits.concurrency,
                per_host_timeout: limits.per_host_timeout,
                farewell: FAREWELL,
                login_guard_failures: limits.login_guard_failures,
            },
            now: machine::now,
            cancel,
        };
        round.go(planned).await
    }

    /// Says that the agent lives.
    pub(crate) async fn heartbeat(&self, run_id: Option<RunId>) -> Result<(), ApiError> {
        let heartbeat = Heartbeat {
            agent: self.config.agent_name.clone(),
            hostname: machine::hostname(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id,
            tier: self.config.tier,
            // The API knows its own; ours it would not know, and would call our hosts stale, or us silent, by the wrong one.
            interval_s: self.config.interval.map(seconds),
            polling_s: self.config.polling.map(seconds),
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

fn seconds(own: Duration) -> i64 {
    i64::try_from(own.as_secs()).unwrap_or(i64::MAX)
}

/// A new run's id. The agent makes it, so that a repeated call is the same run.
pub(crate) fn new_run_id() -> RunId {
    RunId(uuid::Uuid::now_v7())
}

/// Reports to the API, which takes no report of a run that it was not told of.
struct Reporter {
    client: Client,
    run: RunId,
    start: StartRun,
    /// Set once the API knows of the run.
    begun: OnceCell<()>,
}

impl Reporter {
    async fn begin(&self) -> Result<(), ApiError> {
        let begin = || self.client.start_run(self.run, &self.start);
        self.begun.get_or_try_init(begin).await.copied()
    }

    /// Says that the run begins, where that must or may be; gives how long reports may wait.
    async fn open(&self, opening: Opening) -> Result<Patience, ApiError> {
        if opening == Opening::Later {
            return Ok(Patience::SHORT);
        }
        match self.begin().await {
            Ok(()) => Ok(Patience::default()),
            Err(error) if opening == Opening::Try && error.is_try_later() => {
                warn!(
                    run.id = %self.run, code = error.code(),
                    "The beginning of the run could not be told, and goes with the first report: {}", chain(&error)
                );
                Ok(Patience::SHORT)
            }
            Err(error) => Err(error),
        }
    }

    /// Says that the run is over, if the API knows of it; gives how the agent ends.
    async fn close(&self, finished_at: Timestamp, exit: Exit) -> Exit {
        let exit_unless_worse = if exit == Exit::ApiAuth {
            exit
        } else {
            Exit::TryLater
        };
        if !self.begun.initialized() {
            warn!(run.id = %self.run, "The API did not answer during the whole run: it has no report of it");
            return exit_unless_worse;
        }
        match self.client.finish_run(self.run, &FinishRun { finished_at }).await {
            Ok(()) => exit,
            Err(error) => {
                warn!(
                    run.id = %self.run, code = error.code(),
                    "The end of the run could not be told: {}", chain(&error)
                );
                if exit == Exit::Fine && error.is_try_later() {
                    Exit::TryLater
                } else {
                    exit
                }
            }
        }
    }
}

#[async_trait]
impl Teller for Arc<Reporter> {
    async fn tell(&self, host: HostId, report: &Report) -> Result<Told, ApiError> {
        self.begin().await?;
        self.client.report(self.run, host, report).await
    }
}
