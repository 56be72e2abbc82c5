//! `luumen inventory`: looks at one host and says what it is.

use std::{
    io::{self, BufRead as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use luumen_model::Snapshot;
use luumen_workbench::{Asker, InventoryError, InventoryOptions, Nobody, Place, Secret, inventory};
use tokio_util::sync::CancellationToken;

use super::{COMPLETE, NOT_VISITED, PARTIAL, USAGE, chain, home, in_runtime};
use crate::{
    args::Inventory,
    summary,
    terminal::{self, Terminal},
};

/// Runs it, and answers the exit code.
pub(crate) fn main(args: Inventory) -> u8 {
    match options(&args) {
        Ok(options) => in_runtime(Box::pin(run(args, options))),
        Err(message) => {
            terminal::trouble(&message, "");
            USAGE
        }
    }
}

async fn run(args: Inventory, options: InventoryOptions) -> u8 {
    let snapshot = match look(&args.place, &options).await {
        Ok(snapshot) => snapshot,
        Err(code) => return code,
    };
    if let Err(message) = tell(&args, &snapshot) {
        terminal::trouble(&message, "");
        return USAGE;
    }
    if snapshot.is_complete() { COMPLETE } else { PARTIAL }
}

fn tell(args: &Inventory, snapshot: &Snapshot) -> Result<(), String> {
    let text = if args.json {
        serde_json::to_string_pretty(snapshot)
            .map_err(|error| format!("The snapshot could not be written: {error}"))?
    } else {
        summary::page(&args.place.to_string(), snapshot)
    };
    Ok(terminal::print(&text)?)
}

/// Looks at the host until the end or Ctrl-C; what went wrong is told, and the exit code answered.
pub(crate) async fn look(place: &Place, options: &InventoryOptions) -> Result<Snapshot, u8> {
    let cancel = options.cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    inventory(place, options).await.map_err(|error| {
        terminal::trouble(
            &format!("{} ({})", chain(&error), error.code()),
            &error.next_step(),
        );
        if matches!(&error, InventoryError::Connect(_) | InventoryError::Exec(_)) || !error.is_usage() {
            NOT_VISITED
        } else {
            USAGE
        }
    })
}

/// How to get in and what to read, from the arguments and this user's surroundings.
pub(crate) fn options(args: &Inventory) -> Result<InventoryOptions, String> {
    let ssh_folder = home().map(|home| home.join(".ssh"));
    let known_hosts = match (&args.known_hosts, &ssh_folder) {
        (Some(file), _) => vec![file.clone()],
        // New keys are written to the first; what the admin of this machine knows counts, too.
        (None, Some(folder)) => vec![
            folder.join("known_hosts"),
            PathBuf::from("/etc/ssh/ssh_known_hosts"),
        ],
        (None, None) => return Err("There is no home folder; name a file with --known-hosts.".to_owned()),
    };
    let username = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    if args.place.username.is_none() && username.is_none() {
        return Err("Name the account: user@host.".to_owned());
    }
    let asker: Arc<dyn Asker> = if Terminal::is_there() && !args.batch && !args.password_stdin {
        Arc::new(Terminal)
    } else {
        Arc::new(Nobody)
    };
    Ok(InventoryOptions {
        username: username.unwrap_or_default(),
        keys: args.keys.clone(),
        key_folder: ssh_folder,
        use_agent: std::env::var_os("SSH_AUTH_SOCK").is_some(),
        password: if args.password_stdin {
            Some(password_from_stdin()?)
        } else {
            None
        },
        jumps: args.jumps.clone(),
        known_hosts,
        new_host_keys: args.host_key_policy.into(),
        tier: args.tier.into(),
        connect_timeout: Duration::from_secs(args.connect_timeout),
        visit_timeout: Duration::from_secs(args.timeout),
        collector: ("luumen".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        asker,
        cancel: CancellationToken::new(),
    })
}

fn password_from_stdin() -> Result<Secret, String> {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(read) if read > 0 => Ok(Secret::new(line.trim_end_matches(['\r', '\n']))),
        _ => Err("No password came on standard input.".to_owned()),
    }
}
