//! The service: drives the scheduler with a real clock, polls, and runs.

use std::{sync::Arc, time::Duration};

use luumen_api::agent::AgentConfig;
use luumen_client::ApiError;
use luumen_model::RunId;
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    errors::chain,
    exit::Exit,
    kept::Rereading,
    remote::{Remote, pace},
    runs::{Context, Opening, RunError, new_run_id},
    schedule::{Effect, Event, Scheduler},
};

/// A poll under way gives the remote configuration back when it ends.
type Poll = JoinHandle<(Remote, Result<bool, ApiError>)>;

/// A service manager kills what takes longer; what could not be told until then is lost either way.
const LONGEST_END: Duration = Duration::from_secs(60);

struct Service {
    context: Context,
    cancel: CancellationToken,
    began: Instant,
    scheduler: Scheduler,
    /// `None` while a poll has it.
    remote: Option<Remote>,
    latest: Option<Arc<AgentConfig>>,
    poll: Option<Poll>,
    /// The task says whether the run began.
    run: Option<(RunId, JoinHandle<bool>)>,
    reach: Reach,
}

/// What was last said about the API, so that the log tells changes and not every poll.
#[derive(PartialEq, Eq)]
enum Reach {
    Unknown,
    Well,
    Bad(String),
}

/// Serves until `cancel`; ends early only when the API refuses the key at the very first question.
pub(crate) async fn serve(context: Context, remote: Remote, cancel: CancellationToken) -> Exit {
    let jitter_ms = u64::try_from(context.config.jitter.as_millis()).unwrap_or(0);
    let latest = remote.known().cloned().map(Arc::new);
    let mut service = Service {
        scheduler: Scheduler::new(0, jitter_ms),
        context,
        cancel,
        began: Instant::now(),
        remote: Some(remote),
        latest,
        poll: None,
        run: None,
        reach: Reach::Unknown,
    };
    info!("The service begins as {}", service.context.config.agent_name);
    let exit = service.serve().await;
    service.end().await;
    exit
}

impl Service {
    async fn serve(&mut self) -> Exit {
        loop {
            let wake_at = self.wake_at();
            let event = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Exit::Fine,
                polled = joined(self.poll.as_mut()) => match self.polled(polled) {
                    Ok(event) => event,
                    Err(exit) => return exit,
                },
                began = run_ended(self.run.as_mut()) => {
                    self.run = None;
                    if began { Event::RunEnded } else { Event::RunPutOff }
                }
                () = wake(wake_at) => Event::Tick,
            };
            for effect in self.scheduler.handle(event, self.now_ms(), rand::random()) {
                match effect {
                    Effect::Poll => self.begin_poll(),
                    Effect::Run => self.begin_run(),
                }
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wake_at(&self) -> Option<Instant> {
        // A timer may fire a little early; one more millisecond saves a second turn.
        self.scheduler
            .wake_at_ms()
            .map(|at_ms| self.began + Duration::from_millis(at_ms + 1))
    }

    fn begin_poll(&mut self) {
        let Some(mut remote) = self.remote.take() else {
            return;
        };
        let context = self.context.clone();
        let run_id = self.run.as_ref().map(|(run, _)| *run);
        self.poll = Some(tokio::spawn(async move {
            let result = match remote.pull().await {
                Ok(changed) => context.heartbeat(run_id).await.map(|()| changed),
                Err(error) => Err(error),
            };
            (remote, result)
        }));
    }

    /// Takes the end of a poll: what it means for the schedule, or that there is no point in going on.
    fn polled(
        &mut self,
        polled: Result<(Remote, Result<bool, ApiError>), tokio::task::JoinError>,
    ) -> Result<Event, Exit> {
        self.poll = None;
        let (remote, result) = match polled {
            Ok(polled) => polled,
            Err(error) => {
                error!("A poll ended without an answer: {error}");
                return Err(Exit::TryLater);
            }
        };
        self.latest = remote.known().cloned().map(Arc::new);
        self.remote = Some(remote);
        if let Err(error) = &result
            && error.is_auth()
            && self.reach == Reach::Unknown
        {
            error!(code = error.code(), "{}. {}", chain(error), error.next_step());
            return Err(Exit::ApiAuth);
        }
        self.say(result);
        Ok(Event::Polled(
            self.latest
                .as_ref()
                .map(|remote| pace(&self.context.config, remote)),
        ))
    }

    fn say(&mut self, result: Result<bool, ApiError>) {
        let reach = match &result {
            Ok(_) => Reach::Well,
            Err(error) => Reach::Bad(error.code().to_owned()),
        };
        if reach == self.reach {
            return;
        }
        match &result {
            Ok(_) if self.reach == Reach::Unknown => {
                info!("The API answers at {}", self.context.client.base())
            }
            Ok(_) => info!("The API answers again"),
            Err(error) => warn!(code = error.code(), "{}. {}", chain(error), error.next_step()),
        }
        self.reach = reach;
    }

    fn begin_run(&mut self) {
        let Some(remote) = self.latest.clone() else { return };
        let (context, cancel, run) = (self.context.clone(), self.cancel.clone(), new_run_id());
        let task = tokio::spawn(async move {
            let planned = context.plan(&remote, &[]).unwrap_or_default();
            match Box::pin(context.run(run, planned, Rereading::Spare, Opening::Must, cancel)).await {
                Ok(_) => true,
                Err(RunError::Api(error)) => {
                    warn!(
                        code = error.code(),
                        "The run is put off: {}. {}",
                        chain(&error),
                        error.next_step()
                    );
                    false
                }
                Err(error) => {
                    error!("The run did not begin: {}", chain(&error));
                    false
                }
            }
        });
        self.run = Some((run, task));
    }

    /// Lets the run under way hand over what it has.
    async fn end(&mut self) {
        if let Some(poll) = self.poll.take() {
            poll.abort();
        }
        if let Some((run, task)) = self.run.take() {
            info!(run.id = %run, "Stopping; the run under way hands over what it has");
            if tokio::time::timeout(LONGEST_END, task).await.is_err() {
                error!(run.id = %run, "The run did not end within {} s and is left alone", LONGEST_END.as_secs());
            }
        }
        info!("The service ended");
    }
}

async fn wake(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn joined(poll: Option<&mut Poll>) -> Result<(Remote, Result<bool, ApiError>), tokio::task::JoinError> {
    match poll {
        Some(poll) => poll.await,
        None => std::future::pending().await,
    }
}

async fn run_ended(run: Option<&mut (RunId, JoinHandle<bool>)>) -> bool {
    match run {
        // A run that panicked did begin; its log line is the panic's.
        Some((_, task)) => task.await.unwrap_or(true),
        None => std::future::pending().await,
    }
}
