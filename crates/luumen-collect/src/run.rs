//! The door: sends a plan's script over a session and hands the answer to `parse`.

use std::sync::Arc;

use luumen_model::{Snapshot, Timestamp};
use luumen_transport::{ExecError, ExecOutput, ExecRequest, Session};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{
    kept::Seen,
    parse::{VisitFacts, parse_seen},
    plan::Plan,
    unseen::{LookError, nothing_seen},
    watch::{Reached, Watcher},
};

/// Visits a host. A visit that runs out of time, output or connection gives a snapshot of what came until
/// then, which says so in its sections.
///
/// # Errors
/// When the host ran nothing at all, or the caller cancelled.
pub async fn run(
    session: &mut dyn Session,
    plan: &Plan,
    cancel: &CancellationToken,
) -> Result<Snapshot, LookError> {
    run_watched(session, plan, cancel, Arc::new(|_| {})).await
}

/// The same for a plan of [`crate::plan_again`]: with what its next visit need not ask again.
///
/// # Errors
/// As [`run`].
pub async fn run_again(
    session: &mut dyn Session,
    plan: &Plan,
    cancel: &CancellationToken,
) -> Result<Seen, LookError> {
    look(session, plan, cancel, Arc::new(|_| {})).await
}

/// The same, telling how far it has come.
///
/// # Errors
/// As [`run`].
pub async fn run_watched(
    session: &mut dyn Session,
    plan: &Plan,
    cancel: &CancellationToken,
    told: Arc<dyn Fn(Reached) + Send + Sync>,
) -> Result<Snapshot, LookError> {
    Ok(look(session, plan, cancel, told).await?.snapshot)
}

async fn look(
    session: &mut dyn Session,
    plan: &Plan,
    cancel: &CancellationToken,
    told: Arc<dyn Fn(Reached) + Send + Sync>,
) -> Result<Seen, LookError> {
    let taken_at = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
    let request = ExecRequest {
        command: plan.command_line().to_owned(),
        stdin: plan.script().as_bytes().to_vec(),
        timeout: plan.options().visit_timeout,
        max_output_bytes: plan.options().max_output_bytes,
        cancel: cancel.clone(),
    };
    let output = match session
        .exec_watched(request, Arc::new(Watcher::new(plan, told)))
        .await
    {
        Ok(output) => output,
        // What a login prints before the script is no facts: without a mark, the loss is all there is to say.
        Err(ExecError::Lost { partial, .. }) if has_begun(plan, &partial.stdout) => *partial,
        Err(error) => return Err(error.into()),
    };
    debug!(endpoint = session.endpoint(), ?output, "the visit's script ended");
    if !has_begun(plan, &output.stdout) {
        return Err(nothing_seen(session.endpoint(), plan, &output));
    }
    let facts = facts(session, plan, &output, taken_at);
    Ok(parse_seen(plan, &output.stdout, &output.stderr, &facts))
}

/// True when the host ran at least the first line of the script.
fn has_begun(plan: &Plan, stdout: &[u8]) -> bool {
    let mark = format!("@{} ", plan.marker);
    stdout.windows(mark.len()).any(|window| window == mark.as_bytes())
}

fn facts(session: &dyn Session, plan: &Plan, output: &ExecOutput, taken_at: Timestamp) -> VisitFacts {
    let endpoint = session.endpoint();
    let from_endpoint = endpoint.rsplit_once('@').map(|(username, _)| username.to_owned());
    VisitFacts {
        taken_at,
        duration_ms: i64::try_from(output.duration.as_millis()).unwrap_or(i64::MAX),
        username: plan
            .options()
            .username
            .clone()
            .or(from_endpoint)
            .unwrap_or_default(),
        truncated: output.truncated,
    }
}
