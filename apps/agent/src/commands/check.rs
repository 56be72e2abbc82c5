//! `check`: does everything work that a run needs? It signs in to hosts and reads from them as a run does.
//!
//! It changes nothing: no host key is kept, no state is written, and the API is asked for the configuration and told
//! nothing, so that it does not take a check for a sign of life.

mod names;
mod parts;

use std::sync::Arc;

use async_trait::async_trait;
use luumen_api::agent::{Report, ReportAnswer};
use luumen_client::{ApiError, Told};
use luumen_model::{HostId, Outcome};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use self::parts::{Findings, Part};
use crate::{
    args::{Check, Output},
    commands::run::{NotPlanned, planned},
    config::Fault,
    errors::{self, chain, tame},
    exit::{self, Exit},
    kept::Rereading,
    mail::Patience,
    output,
    plan::Planned,
    remote::{Keeping, Origin, Remote},
    round::HostResult,
    runs::Context,
    visit::NewKeys,
};

/// Checks and says what it found.
pub(crate) async fn check(context: Context, args: Check, cancel: CancellationToken) -> Exit {
    let mut findings = Findings::new(args.output);
    findings.add(configuration(&context));
    let within = context.config.limits.connect_timeout;
    let names = names::of_api(&context.config, |name| std::env::var(name).ok());
    let mut no_names = names.is_empty();
    for part in names::resolve(names, within).await {
        findings.add(part);
    }
    let mut remote = Remote::new(context.client.clone(), &context.config, Keeping::Look);
    let planned = planned(&context, &mut remote, &args.host).await;
    findings.add(api(&context, &planned));
    let (origin, hosts) = match planned {
        Ok(planned) => planned,
        Err(error) => return without_hosts(findings, &error),
    };
    let names = names::of_hosts(&context.config, hosts.iter().map(Planned::host));
    no_names &= names.is_empty();
    for part in names::resolve(names, within).await {
        findings.add(part);
    }
    if no_names {
        let message = "there are only addresses and no names to resolve";
        findings.add(Part::skipped("dns", "", "LUM-CHECK-NO-NAMES", message));
    }
    let exit = Box::pin(visit(&context, hosts, &mut findings, cancel)).await;
    findings.end(match origin {
        // What the API may say now is not known, whatever the hosts say.
        Origin::Kept(_) if exit != Exit::Config => Exit::TryLater,
        _ => exit,
    })
}

/// A configuration with faults, for whoever asked for a document.
pub(crate) fn faulty(faults: &[Fault], how: Output) -> Exit {
    if how == Output::Text {
        output::faults(faults);
        return Exit::Config;
    }
    let mut findings = Findings::new(how);
    let said: Vec<String> = faults.iter().map(|fault| tame(&fault.to_string())).collect();
    let message = format!("it has {} faults: {}", said.len(), said.join("; "));
    let part = Part::failed("configuration", "", "LUM-CONFIG", message).with("faults", said);
    findings.add(part.next_step("Correct what is named."));
    let message = "nothing is started with a faulty configuration";
    findings.add(Part::skipped("api", "", "LUM-CHECK-NOT-REACHED", message));
    findings.add(Part::skipped("hosts", "", "LUM-CHECK-NOT-REACHED", message));
    findings.end(Exit::Config)
}

fn configuration(context: &Context) -> Part {
    let config = &context.config;
    let message = format!(
        "{} credentials, host keys {:?}, sudo tier {:?}",
        config.credentials.len(),
        config.ssh.policy,
        config.tier
    );
    let mut part = Part::ok("configuration", "", message).with("warnings", config.warnings.clone());
    part.lines = config
        .warnings
        .iter()
        .map(|warning| format!("note: {}", tame(warning)))
        .collect();
    part
}

fn api(context: &Context, planned: &Result<(Origin, Vec<Planned>), NotPlanned>) -> Part {
    let base = context.client.base();
    match planned {
        Ok((Origin::Api, _)) | Err(NotPlanned::Strangers(_)) => {
            Part::ok("api", "", format!("{base} answers"))
        }
        Ok((Origin::Kept(error), _)) => {
            Part::failed("api", "", error.code(), chain(error)).next_step(format!(
                "{} The hosts below are those of the last good configuration.",
                error.next_step()
            ))
        }
        Err(NotPlanned::Api(error)) => {
            Part::failed("api", "", error.code(), chain(error)).next_step(error.next_step())
        }
        Err(NotPlanned::Unsaid) => {
            let message = format!("{base} says that nothing changed, and nothing was known");
            Part::failed("api", "", "LUM-API-NOT-UNDERSTOOD", message)
        }
    }
    .with("base_url", base)
}

fn without_hosts(mut findings: Findings, error: &NotPlanned) -> Exit {
    let exit = match error {
        NotPlanned::Api(error) => exit::of_api(error),
        NotPlanned::Unsaid => Exit::TryLater,
        NotPlanned::Strangers(said) => {
            for said in said {
                findings.add(Part::failed("hosts", "", "LUM-CHECK-NO-SUCH-HOST", said.as_str()));
            }
            return findings.end(Exit::Config);
        }
    };
    let message =
        "which hosts there are is not known: the API did not say, and no last good configuration can be used";
    findings.add(Part::skipped("hosts", "", "LUM-CHECK-NO-HOSTS", message));
    findings.end(exit)
}

async fn visit(
    context: &Context,
    hosts: Vec<Planned>,
    findings: &mut Findings,
    cancel: CancellationToken,
) -> Exit {
    if hosts.is_empty() {
        findings.add(Part::skipped(
            "hosts",
            "",
            "LUM-CHECK-NO-HOSTS",
            "the workspace has no hosts",
        ));
        return Exit::Fine;
    }
    let new_keys = Arc::<NewKeys>::default();
    let visitor = match context.visitor(Rereading::Aside, Some(Arc::clone(&new_keys))) {
        Ok(visitor) => visitor,
        Err(error) => {
            let part = Part::failed("hosts", "", "LUM-KNOWN-HOSTS", chain(&error));
            findings.add(part.next_step("Correct ssh.known_hosts or its rights."));
            return Exit::Config;
        }
    };
    let results = context
        .visit_all(visitor, hosts, Nobody, Patience::SHORT, cancel)
        .await;
    for ((host, port), key) in new_keys.take() {
        let message = format!("would be kept: {} ({})", key.fingerprint(), key.algorithm());
        let part = Part::ok("host_key", format!("{host} port {port}"), message);
        findings.add(part.with("would_keep", key.fingerprint()));
    }
    for result in &results {
        findings.add(host(result));
    }
    exit::of_run(&results)
}

fn host(result: &HostResult) -> Part {
    let name = format!("{} ({})", result.host.name, result.host.place());
    let part = match (&result.report.snapshot, &result.report.error) {
        (Some(snapshot), _) => {
            let complete = snapshot
                .sections
                .values()
                .filter(|record| record.status.is_complete())
                .count();
            let message = format!(
                "signed in as {}; {complete} of {} sections complete",
                snapshot.username,
                snapshot.sections.len()
            );
            let missing = output::missing_lines(snapshot);
            let mut part = Part::ok("host", name, message).with("missing_sudoers_lines", missing.clone());
            part.in_part = result.report.outcome != Outcome::Complete;
            if !missing.is_empty() {
                part.lines = vec!["missing sudo rights; these lines would grant them:".to_owned()];
                part.lines.extend(missing.iter().map(|line| format!("  {line}")));
            }
            part
        }
        (None, Some(error)) => {
            // Not tried, and for no fault of the host's own.
            let spared = [errors::LOGIN_GUARD.code, errors::CANCELLED.code].contains(&error.code.as_str());
            let part = if spared { Part::skipped } else { Part::failed };
            part("host", name, &error.code, error.message.clone()).next_step(error.next_step.as_str())
        }
        (None, None) => Part::failed(
            "host",
            name,
            "LUM-INTERNAL",
            "there is neither a snapshot nor an error",
        ),
    };
    let host = &result.host;
    part.with(
        "host",
        json!({"id": host.id, "name": host.name, "address": host.address, "port": host.port}),
    )
    .with("outcome", json!(result.report.outcome))
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
