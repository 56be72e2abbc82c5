//! `commands`, `sudoers`, `schema`, `version`: what is compiled in, for admins and for the docs.

use luumen_model::PrivilegeTier;
use serde_json::{Value, json};

use crate::{args::Commands, output};

/// Every command that a host is ever sent.
pub(crate) fn commands(args: &Commands) {
    if args.json {
        output::document(
            &luumen_collect::catalogue::commands()
                .map(command_json)
                .collect::<Vec<_>>(),
        );
    } else if args.markdown {
        output::text(&luumen_collect::commands_markdown());
    } else {
        for command in luumen_collect::catalogue::commands() {
            output::text(&format!(
                "{}  [{}]  {}",
                command.id(),
                tier(command.tier()),
                command.why()
            ));
            for text in command.texts() {
                output::text(&format!("    {}", text.replace('\n', "\n    ")));
            }
            if command.inputs().next().is_some() {
                output::text(
                    "    (by the agent only when what packages.inputs lists has changed, and once a day)",
                );
            }
        }
    }
}

fn command_json(command: &luumen_collect::ReadCommand) -> Value {
    json!({
        "id": command.id(),
        "sections": command.sections(),
        "platforms": command.platforms(),
        "privilege": command.tier(),
        "why": command.why(),
        "commands": command.texts(),
        "timeout_s": command.timeout_s(),
        "cap_bytes": command.cap_bytes(),
        "inputs": command.inputs().collect::<Vec<_>>(),
    })
}

fn tier(tier: PrivilegeTier) -> &'static str {
    match tier {
        PrivilegeTier::None => "no privilege",
        PrivilegeTier::Standard => "sudo, tier standard",
        PrivilegeTier::Extended => "sudo, tier extended",
    }
}

/// The sudoers file of a tier.
pub(crate) fn sudoers(tier: PrivilegeTier, user: &str) {
    output::text(&luumen_collect::sudoers(tier, user));
}

/// The JSON Schema of the Snapshot document.
pub(crate) fn schema() {
    output::document(&luumen_collect::schema_json());
}

/// The version.
pub(crate) fn version(as_json: bool) {
    let version = env!("CARGO_PKG_VERSION");
    if as_json {
        output::document(&json!({
            "name": "luumen-agent",
            "version": version,
            "catalogue": luumen_collect::catalogue::version(),
            "snapshot_schema": luumen_model::SNAPSHOT_SCHEMA,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        }));
    } else {
        output::text(&format!("luumen-agent {version}"));
    }
}
