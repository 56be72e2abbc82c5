//! Puts the live rooms together: sessions, and what runs on them.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    bridge::{Changed, Event, Registry},
    core::Core,
    files::{self, Files},
    forwards::{self, Forwards},
    hosts::Hosts,
    identities::Identities,
    logs::{self, Logs},
    preferences,
    sessions::{self, Kept, Questions, Sessions, Tools},
};

/// How often old logs are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Registers the calls, and hands out the sessions for those who need their connections, and the files for the window.
pub(crate) fn register(
    registry: &mut Registry,
    core: &Arc<Core>,
    hosts: Arc<Hosts>,
    identities: Arc<Identities>,
) -> (Arc<Sessions>, Arc<Files>) {
    let (events, options) = (&core.events, &core.options);
    let logs = Arc::new(Logs::new(core.data_dir.join("logs"), events.clone()));
    let forwards = Forwards::new(events.clone());
    let sessions = Sessions::new(Tools {
        events: events.clone(),
        destinations: Arc::new(Kept {
            hosts,
            identities,
            ssh_folder: options.ssh_folder.clone(),
        }),
        questions: Arc::new(Questions::new(events.clone())),
        logs: logs.clone(),
        known_hosts: vec![
            options.ssh_folder.join("known_hosts"),
            PathBuf::from("/etc/ssh/ssh_known_hosts"),
        ],
        env: vec![("COLORTERM".to_owned(), "truecolor".to_owned())],
        riders: forwards.clone(),
    });
    let files = Files::new(
        sessions.clone(),
        events,
        core.guard.clone(),
        options.home.clone(),
        core.data_dir.join("edits"),
        core.data_dir.join("parts"),
    );
    sessions::register(registry, &sessions);
    forwards::register(registry, &forwards);
    logs::register(registry, core, &logs);
    files::register(registry, &files);
    tokio::spawn(prune(Arc::downgrade(core), logs));
    tokio::spawn(follow_hosts(events.listen(), Arc::downgrade(&sessions)));
    (sessions, files)
}

/// Tells open sessions when their hosts change.
async fn follow_hosts(mut events: broadcast::Receiver<Event>, sessions: Weak<Sessions>) {
    loop {
        match events.recv().await {
            Ok(Event::Changed { what: Changed::Hosts }) | Err(RecvError::Lagged(_)) => {}
            Ok(_) => continue,
            Err(RecvError::Closed) => return,
        }
        let Some(sessions) = sessions.upgrade() else {
            return;
        };
        sessions.hosts_changed().await;
    }
}

/// Removes logs that are older than their person wants them, now and when that changes.
async fn prune(core: Weak<Core>, logs: Arc<Logs>) {
    let Some(mut events) = core.upgrade().map(|core| core.events.listen()) else {
        return;
    };
    loop {
        let Some(open) = core.upgrade() else {
            return;
        };
        if let Ok(preferences) = preferences::read(&open).await {
            let logs = logs.clone();
            // A run that failed is made up for by the next.
            let _ = tokio::task::spawn_blocking(move || logs.keep(preferences.log_keep_days)).await;
        }
        drop(open);
        let changed = async {
            loop {
                match events.recv().await {
                    Ok(Event::Changed {
                        what: Changed::Preferences,
                    }) => return true,
                    Err(RecvError::Closed) => return false,
                    _ => {}
                }
            }
        };
        if let Ok(false) = tokio::time::timeout(PRUNE_EVERY, changed).await {
            return;
        }
    }
}
