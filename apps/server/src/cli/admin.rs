//! Admins from the command line: whoever can open the database may make one.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use luumen_crypto::Secret;
use luumen_model::{UserId, WorkspaceId};
use luumen_store::{
    Store, StoreError, TokenHash,
    sessions::{self, LinkPurpose},
    transaction,
    users::{self, Role},
    workspaces,
};

use super::print::say;
use crate::{clock, config::PublicUrl, secrets};

/// A sign-in link is good for a day.
const LINK_MS: i64 = 24 * 3600 * 1000;
/// As for people in a browser.
const SHORTEST_PASSWORD: usize = 12;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make an admin and, if it is not there, the workspace; of a person who is there already only the password
    /// (if one is given: their sessions end) and the membership change
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_name = "NAME")]
        workspace: String,
        /// File whose first line is the password; without it, sign in by link
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Take a person away, with their sessions and sign-in links; API keys that they made stay and can be revoked in the web app
    Remove {
        #[arg(long)]
        email: String,
        /// Only from this workspace; without it, from all of them
        #[arg(long, value_name = "NAME")]
        workspace: Option<String>,
    },
    /// Print a link that signs this person in, once
    Link {
        #[arg(long)]
        email: String,
    },
}

pub(crate) async fn run(command: &Command, store: &Store, public_url: &PublicUrl) -> Result<()> {
    match command {
        Command::Create {
            email,
            name,
            workspace,
            password_file,
        } => {
            let password = password_file.as_ref().map(read_password).transpose()?;
            create(store, email, name, workspace, password).await
        }
        Command::Remove { email, workspace } => remove(store, email, workspace.as_deref()).await,
        Command::Link { email } => {
            let link = link(store, email, public_url).await?;
            say(&link);
            Ok(())
        }
    }
}

async fn create(
    store: &Store,
    email: &str,
    name: &str,
    workspace: &str,
    password: Option<Secret>,
) -> Result<()> {
    if !email.contains('@') || email.contains(char::is_whitespace) {
        bail!("{email:?} is not an e-mail address");
    }
    let hash = match password {
        Some(password) => Some(secrets::hash_password(password).await?),
        None => None,
    };
    let user = find_or_make_person(store, email, name, hash.as_deref()).await?;
    let workspace_id = find_or_make_workspace(store, workspace).await?;
    users::add_member(store.writer(), workspace_id, user, Role::Owner, clock::now()).await?;
    say(&format!("{email} is an admin of {workspace}"));
    Ok(())
}

async fn find_or_make_person(store: &Store, email: &str, name: &str, hash: Option<&str>) -> Result<UserId> {
    let Some(user) = users::find_by_email(store.read(), email).await? else {
        let user = users::create(store.writer(), email, name, hash, clock::now()).await?;
        // The link that the server printed made the first admin; there is one now.
        sessions::revoke_links(store.writer(), LinkPurpose::Setup).await?;
        return Ok(user.id);
    };
    if let Some(hash) = hash {
        users::set_password(store.writer(), user.id, hash).await?;
        sessions::delete_others(store.writer(), user.id, None).await?;
    }
    Ok(user.id)
}

async fn find_or_make_workspace(store: &Store, name: &str) -> Result<WorkspaceId> {
    match find_workspace(store, name).await? {
        Some(workspace) => Ok(workspace),
        None => Ok(workspaces::create(store.writer(), name, clock::now()).await?.id),
    }
}

async fn remove(store: &Store, email: &str, workspace: Option<&str>) -> Result<()> {
    let user = users::find_by_email(store.read(), email).await?;
    let user = user.with_context(|| format!("there is no {email}"))?.id;
    let Some(name) = workspace else {
        transaction!(store, StoreError, |tx| users::remove(tx, user))?;
        say(&format!("{email} is gone"));
        return Ok(());
    };
    let workspace = find_workspace(store, name).await?;
    let workspace = workspace.with_context(|| format!("there is no workspace {name:?}"))?;
    transaction!(store, StoreError, |tx| users::remove_member(tx, workspace, user))
        .with_context(|| format!("{email} is no member of {name}"))?;
    say(&format!("{email} is no member of {name} any more"));
    Ok(())
}

/// The workspace of that name.
pub(crate) async fn find_workspace(store: &Store, name: &str) -> Result<Option<WorkspaceId>> {
    let workspaces = workspaces::list(store.read()).await?;
    Ok(workspaces
        .into_iter()
        .find(|workspace| workspace.name == name)
        .map(|workspace| workspace.id))
}

async fn link(store: &Store, email: &str, public_url: &PublicUrl) -> Result<String> {
    let user = users::find_by_email(store.read(), email).await?;
    let user = user.with_context(|| format!("there is no {email}; make one with `admin create`"))?;
    let (token, now) = (secrets::new_token()?, clock::now());
    let hash = TokenHash::of(token.expose_secret());
    sessions::add_link(
        store.writer(),
        hash,
        LinkPurpose::SignIn,
        Some(user.id),
        now,
        now.plus_millis(LINK_MS),
    )
    .await?;
    Ok(public_url.page_with_secret("link", token.expose_secret()))
}

fn read_password(file: &PathBuf) -> Result<Secret> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let password = text.lines().next().unwrap_or_default();
    if password.chars().count() < SHORTEST_PASSWORD {
        bail!(
            "the password in {} has fewer than {SHORTEST_PASSWORD} characters",
            file.display()
        );
    }
    Ok(Secret::new(password))
}
