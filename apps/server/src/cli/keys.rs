//! API keys and host lists from the command line.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::ValueEnum;
use luumen_api::hosts::ImportResult;
use luumen_model::WorkspaceId;
use luumen_store::{
    Store, TokenHash,
    api_keys::{self, KeyScope, NewApiKey},
    hosts::StateClock,
    workspaces,
};

use super::{
    admin::find_workspace,
    print::{fail, say},
};
use crate::{
    clock,
    import::{self, How},
    problem::Problem,
    secrets,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make an API key and print it; it is shown this once
    Create {
        #[arg(long, value_name = "NAME")]
        workspace: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        scope: Scope,
    },
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Scope {
    /// What an agent needs, nothing else
    Agent,
    /// Read everything
    Read,
    /// Read everything; write hosts, settings, exceptions and agents, never API keys or feeds
    Write,
}

pub(crate) async fn run(command: &Command, store: &Store) -> Result<()> {
    let Command::Create {
        workspace,
        name,
        scope,
    } = command;
    let workspace = workspace_named(store, workspace).await?;
    let (key, prefix) = secrets::new_api_key()?;
    let new = NewApiKey {
        name,
        scope: match scope {
            Scope::Agent => KeyScope::Agent,
            Scope::Read => KeyScope::Read,
            Scope::Write => KeyScope::Write,
        },
        prefix: &prefix,
        hash: TokenHash::of(key.expose_secret()),
        expires_at: None,
    };
    api_keys::create(store.writer(), workspace, &new, clock::now()).await?;
    say(key.expose_secret());
    Ok(())
}

/// Imports a file of hosts and says what became of its rows.
pub(crate) async fn import(store: &Store, workspace: &str, file: &Path, how: How) -> Result<()> {
    let id = workspace_named(store, workspace).await?;
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let sheet = import::read(&bytes).map_err(in_words)?;
    let settings = workspaces::get(store.read(), id).await?;
    let clock = StateClock::of(&settings, clock::now());
    let report = import::store(store, id, &sheet, how, clock)
        .await
        .map_err(in_words)?;
    for row in report
        .rows
        .iter()
        .filter(|row| row.result == ImportResult::Rejected)
    {
        fail(&format!("line {}: {}", row.line, row.messages.join("; ")));
    }
    let done = if how.dry_run { "would be" } else { "were" };
    say(&format!(
        "{} hosts {done} created, {} updated, {} are there already, {} rejected",
        report.created, report.updated, report.existing, report.rejected
    ));
    if report.rejected > 0 {
        bail!("{} rows were rejected", report.rejected)
    } else {
        Ok(())
    }
}

async fn workspace_named(store: &Store, name: &str) -> Result<WorkspaceId> {
    let found = find_workspace(store, name).await?;
    found.with_context(|| format!("there is no workspace {name:?}; `workspace list` shows those there are"))
}

fn in_words(problem: Problem) -> anyhow::Error {
    let document = problem.document("");
    let mut text = document.detail.unwrap_or(document.title);
    for error in document.errors {
        text.push_str(&format!("\n  {}: {}", error.field, error.message));
    }
    if let Some(cause) = problem.cause_chain() {
        text.push_str(&format!(": {cause}"));
    }
    anyhow!(text)
}
