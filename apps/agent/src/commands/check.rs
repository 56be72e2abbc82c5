//! `check`: does everything work that a run needs? It reads from hosts as a run does and reports nothing.

use async_trait::async_trait;
use luumen_api::agent::{Report, ReportAnswer};
use luumen_client::{ApiError, Told};
use luumen_model::{HostId, Outcome};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Check, Output},
    commands::run::planned,
    errors::{chain, tame},
    exit::{self, Exit},
    kept::Rereading,
    output,
    remote::Remote,
    round::HostResult,
    runs::Context,
};

/// Checks and says what it found.
pub(crate) async fn check(context: Context, args: Check, cancel: CancellationToken) -> Exit {
    let say = |line: &str| {
        if args.output == Output::Text {
            output::text(line);
        }
    };
    say(&format!(
        "ok    configuration: {} credentials, host keys {:?}",
        context.config.credentials.len(),
        context.config.ssh.policy
    ));
    for warning in &context.config.warnings {
        say(&format!("note  configuration: {}", tame(warning)));
    }
    let remote = Remote::new(context.client.clone(), &context.config.state_dir);
    let hosts = match planned(&context, remote, &args.host).await {
        Ok(hosts) => hosts,
        Err(exit) => {
            say(&format!("FAIL  API: {}", context.client.base()));
            return exit;
        }
    };
    if let Err(error) = context.heartbeat(None).await {
        say(&format!(
            "FAIL  API: {} ({}) {}",
            chain(&error),
            error.code(),
            error.next_step()
        ));
        return if error.is_auth() {
            Exit::ApiAuth
        } else {
            Exit::TryLater
        };
    }
    say(&format!(
        "ok    API: {} answers and names {} hosts",
        context.client.base(),
        hosts.len()
    ));
    match Box::pin(context.visit_all(hosts, Nobody, Rereading::Aside, cancel)).await {
        Ok(results) => {
            match args.output {
                Output::Text => results.iter().for_each(|result| say(&result_text(result))),
                Output::Json => output::document(&results.iter().map(result_json).collect::<Vec<_>>()),
            }
            exit::of_run(&results)
        }
        Err(error) => {
            say(&format!("FAIL  hosts: {}", chain(&error)));
            Exit::Config
        }
    }
}

fn result_text(result: &HostResult) -> String {
    let name = tame(&result.host.name);
    let place = result.host.place();
    let (Some(snapshot), _) = (&result.report.snapshot, ()) else {
        let error = result.report.error.as_ref();
        let said = error.map_or_else(String::new, |error| {
            format!("{}: {} {}", error.code, error.message, error.next_step)
        });
        return format!("FAIL  {name} ({place}) {}", tame(&said));
    };
    let complete = snapshot
        .sections
        .values()
        .filter(|record| record.status.is_complete())
        .count();
    let mark = if result.report.outcome == Outcome::Complete {
        "ok  "
    } else {
        "part"
    };
    let mut text = format!(
        "{mark}  {name} ({place}) signed in as {}; {complete} of {} sections complete",
        tame(&snapshot.username),
        snapshot.sections.len()
    );
    let lines = output::missing_lines(snapshot);
    if !lines.is_empty() {
        text.push_str("\n      missing sudo rights; these lines would grant them:");
        for line in lines {
            text.push_str(&format!("\n        {}", tame(&line)));
        }
    }
    text
}

fn result_json(result: &HostResult) -> Value {
    json!({
        "name": result.host.name,
        "address": result.host.address,
        "port": result.host.port,
        "outcome": result.report.outcome,
        "error": result.report.error,
        "missing_sudoers_lines": result.report.snapshot.as_ref().map(output::missing_lines),
    })
}

/// A check tells nobody.
struct Nobody;

#[async_trait]
impl crate::round::Teller for Nobody {
    async fn tell(&self, _host: HostId, _report: &Report) -> Result<Told, ApiError> {
        let answer = ReportAnswer {
            snapshot_id: None,
            repeated: false,
        };
        Ok(Told {
            answer,
            sections_sent: 0,
            body_bytes: 0,
        })
    }
}
