//! `run` and no argument at all: the service, one run, or a look at what a run would do.

use luumen_api::agent::AgentConfig;
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Output, Run},
    errors::chain,
    exit::Exit,
    kept::Rereading,
    output,
    plan::Planned,
    remote::Remote,
    runs::{Context, RunEnd, RunError, new_run_id},
    service,
};

/// Does what the arguments say.
pub(crate) async fn run(context: Context, args: Run, cancel: CancellationToken) -> Exit {
    let remote = Remote::new(context.client.clone(), &context.config.state_dir);
    if !args.once {
        return service::serve(context, remote, cancel).await;
    }
    let planned = match planned(&context, remote, &args.host).await {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    if args.dry_run {
        dry_run(&context, &planned, &args);
        return Exit::Fine;
    }
    let run = new_run_id();
    let ended = Box::pin(context.run(run, planned, rereading(&args), cancel)).await;
    if let Err(error) = context.heartbeat(None).await {
        tracing::debug!(code = error.code(), "The heartbeat failed: {}", chain(&error));
    }
    match ended {
        Ok(end) => show(&end, args.output),
        Err(error) => failed(&error),
    }
}

/// Pulls the configuration, or takes the last good one, and plans.
pub(crate) async fn planned(
    context: &Context,
    mut remote: Remote,
    only: &[String],
) -> Result<Vec<Planned>, Exit> {
    if let Err(error) = remote.pull().await {
        let kept = remote.known().is_some() && error.is_try_later();
        let next_step = if kept {
            "The last good configuration is used.".to_owned()
        } else {
            error.next_step()
        };
        output::trouble(&format!("{} ({})", chain(&error), error.code()), &next_step);
        match (error.is_auth(), kept) {
            (true, _) => return Err(Exit::ApiAuth),
            (false, false) => return Err(Exit::TryLater),
            (false, true) => {}
        }
    }
    let Some(known) = remote.known() else {
        return Err(Exit::TryLater);
    };
    context.plan(known, only).map_err(|strangers| {
        let names: Vec<&str> = known.hosts.iter().map(|host| host.name.as_str()).collect();
        for stranger in strangers {
            output::trouble(&unknown_host(&stranger, &names), "");
        }
        Exit::Config
    })
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

fn show(end: &RunEnd, how: Output) -> Exit {
    match how {
        Output::Text => output::text(&output::results_text(&end.results)),
        Output::Json => {
            let run = end.run.to_string();
            output::document(&output::results_json(
                &run,
                end.started_at,
                end.finished_at,
                &end.results,
            ));
        }
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
            if error.is_auth() {
                Exit::ApiAuth
            } else {
                Exit::TryLater
            }
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
