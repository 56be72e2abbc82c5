//! `run` and no argument at all: the service, one run, or a look at what a run would do.

use luumen_api::agent::AgentConfig;
use luumen_client::ApiError;
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Output, Run},
    errors::chain,
    exit::{self, Exit},
    kept::Rereading,
    output,
    plan::Planned,
    remote::{Keeping, Origin, Remote},
    runs::{Context, Opening, RunEnd, RunError, new_run_id},
    service,
};

/// Does what the arguments say.
pub(crate) async fn run(context: Context, args: Run, cancel: CancellationToken) -> Exit {
    let mut remote = Remote::new(context.client.clone(), &context.config, Keeping::Keep);
    if !args.once {
        return service::serve(context, remote, cancel).await;
    }
    let (origin, planned) = match planned(&context, &mut remote, &args.host).await {
        Ok(planned) => planned,
        Err(error) => return not_planned(&error),
    };
    say_origin(&origin);
    if args.dry_run {
        dry_run(&context, &planned, &args);
        return Exit::Fine;
    }
    let run = new_run_id();
    let opening = match origin {
        Origin::Api => Opening::Try,
        Origin::Kept(_) => Opening::Later,
    };
    let ended = Box::pin(context.run(run, planned, rereading(&args), opening, cancel)).await;
    if let Err(error) = context.heartbeat(None).await {
        tracing::debug!(code = error.code(), "The heartbeat failed: {}", chain(&error));
    }
    match ended {
        Ok(end) => show(&end, &origin, args.output),
        Err(error) => failed(&error),
    }
}

/// Why it is not known whom to visit.
#[derive(Debug)]
pub(crate) enum NotPlanned {
    /// The API did not say, and nothing was kept; or it said no.
    Api(ApiError),
    /// The API says that nothing changed, to somebody who knows nothing.
    Unsaid,
    /// These were asked for and are no hosts, each with what a person may have meant.
    Strangers(Vec<String>),
}

/// Pulls the configuration, or takes the last good one, and plans.
pub(crate) async fn planned(
    context: &Context,
    remote: &mut Remote,
    only: &[String],
) -> Result<(Origin, Vec<Planned>), NotPlanned> {
    let origin = remote.pull_or_kept().await.map_err(NotPlanned::Api)?;
    let known = remote.known().ok_or(NotPlanned::Unsaid)?;
    let planned = context.plan(known, only).map_err(|strangers| {
        let names: Vec<&str> = known.hosts.iter().map(|host| host.name.as_str()).collect();
        let said = strangers.iter().map(|stranger| unknown_host(stranger, &names));
        NotPlanned::Strangers(said.collect())
    })?;
    Ok((origin, planned))
}

fn not_planned(error: &NotPlanned) -> Exit {
    match error {
        NotPlanned::Api(error) => {
            output::trouble(
                &format!("{} ({})", chain(error), error.code()),
                &error.next_step(),
            );
            exit::of_api(error)
        }
        NotPlanned::Unsaid => {
            output::trouble("The API did not say which hosts there are.", "");
            Exit::TryLater
        }
        NotPlanned::Strangers(said) => {
            said.iter().for_each(|said| output::trouble(said, ""));
            Exit::Config
        }
    }
}

fn say_origin(origin: &Origin) {
    if let Origin::Kept(error) = origin {
        tracing::warn!(
            code = error.code(),
            "The last good configuration is used: {}",
            chain(error)
        );
        output::trouble(
            &format!("{} ({})", chain(error), error.code()),
            "The last good configuration is used.",
        );
    }
}

fn unknown_host(stranger: &str, names: &[&str]) -> String {
    let near = names
        .iter()
        .map(|name| (strsim::jaro_winkler(stranger, name), name));
    let near = near
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, name)) => format!("The workspace has no host {stranger:?}; did you mean {name}?"),
        None => format!(
            "The workspace has no host {stranger:?} among its {} hosts.",
            names.len()
        ),
    }
}

fn rereading(args: &Run) -> Rereading {
    if args.full {
        Rereading::Full
    } else {
        Rereading::Spare
    }
}

fn dry_run(context: &Context, planned: &[Planned], args: &Run) {
    let ids: Vec<&str> = luumen_collect::catalogue::commands()
        .map(|command| command.id())
        .collect();
    let config = &context.config;
    match args.output {
        Output::Text => output::text(&output::dry_run_text(config, planned, ids.len(), args.full)),
        Output::Json => output::document(&output::dry_run_json(config, planned, &ids, args.full)),
    }
}

fn show(end: &RunEnd, origin: &Origin, how: Output) -> Exit {
    match how {
        Output::Text => output::text(&output::results_text(end, origin)),
        Output::Json => output::document(&output::results_json(end, origin)),
    }
    let lost = end
        .results
        .iter()
        .filter(|result| result.delivery == crate::mail::Delivery::Lost)
        .count();
    if lost > 0 {
        let message =
            format!("{lost} reports could not be delivered and are lost; these hosts keep their last data.");
        output::trouble(&message, "Run again when the API answers.");
    }
    end.exit
}

fn failed(error: &RunError) -> Exit {
    match error {
        RunError::Api(error) => {
            output::trouble(
                &format!("{} ({})", chain(error), error.code()),
                &error.next_step(),
            );
            exit::of_api(error)
        }
        RunError::Busy => {
            output::trouble(&chain(error), "Wait for its end, or stop the service.");
            Exit::TryLater
        }
        RunError::KnownHosts { .. } => {
            output::trouble(&chain(error), "Correct ssh.known_hosts or its rights.");
            Exit::Config
        }
    }
}

/// Names of hosts, for other commands.
pub(crate) fn find<'a>(remote: &'a AgentConfig, word: &str) -> Option<&'a luumen_api::agent::AgentHost> {
    remote
        .hosts
        .iter()
        .find(|host| host.name == word || host.id.to_string() == word)
}
