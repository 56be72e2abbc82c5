//! The calls about hosts from elsewhere: look, take, and write out.

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Found, FoundHost, ImportItem, ImportKind, ImportProblem, ansible,
    apply::{self, TakeAs, Taken},
    export,
    left_out::{Form, left_out},
    mobaxterm, mremoteng, own,
    plan::{self, Kept},
    putty,
    ssh_config::{self, Asked, ExecRule, Files},
    ssh_export, table, termius, text,
};
use crate::{
    bridge::{Changed, Event, Id, NoticeLevel, Problem, Registry},
    consent::Consent,
    core::Core,
    guard, identities,
    store::{
        Store,
        records::{self, Changes},
    },
    write_out,
};

/// The most that a file may be long.
const MOST_BYTES: u64 = 64 << 20;
/// Batches that wait for their person.
const BATCHES_KEPT: usize = 8;

/// A file or text to look at.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewImport {
    kind: ImportKind,
    #[serde(default)]
    #[ts(optional)]
    path: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    text: Option<String>,
    /// Asks the person, outside of the page, whether the commands of `Match exec` may run.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    run_match_exec: bool,
}

/// What was found.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ImportPreview {
    /// For `import_apply`.
    pub batch: Id,
    /// The hosts.
    pub items: Vec<ImportItem>,
    /// What was not taken.
    pub problems: Vec<ImportProblem>,
}

/// Hosts of a batch to take.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ApplyImport {
    batch: Id,
    take: Vec<ImportTake>,
}

/// A host to take, and how.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportTake {
    index: usize,
    r#as: TakeAs,
    /// Whether it may use this device's ssh-agent, where the file or its group says so.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    agent_forwarding: bool,
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct ImportDone {
    /// Hosts that are new, with those that only lead to others.
    pub added: usize,
    /// Hosts that were kept already.
    pub changed: usize,
    /// With what it can be taken back.
    pub undo: Id,
}

/// What to write, and where to.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportHosts {
    kind: ExportKind,
    /// Without it, all.
    #[serde(default)]
    #[ts(optional)]
    ids: Option<Vec<Id>>,
    path: String,
    /// Even if there is something in its place.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    overwrite: bool,
}

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "told in `ImportKind`")]
pub enum ExportKind {
    Csv,
    SshConfig,
    Luumen,
}

/// What was written.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ExportDone {
    /// Hosts, with those that the others are reached through.
    pub written: usize,
    /// What is not in the file, and why.
    pub left_out: Vec<String>,
}

struct Room {
    core: Arc<Core>,
    batches: Mutex<VecDeque<(Id, Vec<FoundHost>)>>,
}

impl Room {
    async fn preview(self: Arc<Self>, args: PreviewImport) -> Result<ImportPreview, Problem> {
        let kept = kept(&self.core.store).await?;
        let home = self.core.options.clone();
        // Files are read, and with leave commands are run.
        let found = tokio::task::spawn_blocking(move || {
            let (text, name) = source(&args, &home)?;
            let asked = asked(&home, args.run_match_exec);
            let files = Files {
                home: home.home.clone(),
                ssh_folder: home.ssh_folder.clone(),
            };
            Ok::<_, Problem>(read(args.kind, &text, &name, &files, &asked))
        });
        let mut found = found.await.map_err(|_| {
            Problem::new("LUM-IMPORT-FAILED", "the file was not read", "reading it failed")
                .next("Send us the file, if you may, so that we can mend it.")
        })??;
        leave_missing_keys(&mut found, &kept, &self.core.options).await;
        plan::leave_unknown_ways(&mut found.hosts, &kept);
        let items = plan::items(&found.hosts, &kept);
        let batch = Id::new();
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.push_back((batch, found.hosts));
        while batches.len() > BATCHES_KEPT {
            batches.pop_front();
        }
        Ok(ImportPreview {
            batch,
            items,
            problems: found.problems,
        })
    }

    async fn apply(self: Arc<Self>, args: ApplyImport) -> Result<ImportDone, Problem> {
        let found = {
            let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
            let batch = batches.iter().find(|(id, _)| *id == args.batch);
            batch.map(|(_, hosts)| hosts.clone())
        };
        let gone = |what: &str| {
            Problem::new("LUM-IMPORT-GONE", "nothing was imported", what).next("Look at the file again.")
        };
        let found = found.ok_or_else(|| gone("what was found is no longer there"))?;
        let mut changes = Changes::begin(&self.core.store).await?;
        let mut kept = read_kept(changes.db()).await?;
        // Compared anew: what is kept may have changed while the person looked.
        let items = plan::items(&found, &kept);
        let mut taken = Vec::new();
        for take in &args.take {
            match (found.get(take.index), items.get(take.index)) {
                (Some(found), Some(item)) => taken.push(Taken {
                    found,
                    item,
                    how: take.r#as,
                    agent: take.agent_forwarding,
                }),
                _ => return Err(gone("it names a host that was not found")),
            }
        }
        let home = self.core.options.home.display().to_string();
        let file = apply::File {
            found: &found,
            items: &items,
        };
        let applied = apply::apply(&mut changes, &mut kept, file, taken, &home).await?;
        let undo = changes.commit_with_undo(&self.core.undos).await?;
        for what in [Changed::Hosts, Changed::Credentials, Changed::Keys] {
            self.core.events.changed(what);
        }
        for problem in applied.left {
            let level = NoticeLevel::Warning;
            self.core.events.send(Event::Notice { level, problem });
        }
        Ok(ImportDone {
            added: applied.added,
            changed: applied.changed,
            undo,
        })
    }

    async fn export(self: Arc<Self>, args: ExportHosts) -> Result<ExportDone, Problem> {
        let kept = kept(&self.core.store).await?;
        let wanted = kept.with_hops(args.ids.as_deref());
        let found = || wanted.iter().map(|host| kept.described(host)).collect::<Vec<_>>();
        let title = format!("{} was not written", args.path);
        let (text, left_out) = match args.kind {
            ExportKind::Csv => (
                export::table(&found()).map_err(|error| Problem::of("LUM-EXPORT", &title, &error))?,
                left_out(&kept, &wanted, Form::Table),
            ),
            ExportKind::SshConfig => {
                let written = ssh_export::ssh_config(&kept, &wanted);
                (written.text, written.left_out)
            }
            ExportKind::Luumen => (export::own(&found()), left_out(&kept, &wanted, Form::Own)),
        };
        let path = self.core.export_path(&args.path).await?;
        let out = write_out::text(text, path, args.overwrite).await;
        out.map_err(|error| error.problem("LUM-EXPORT-TAKEN", "LUM-EXPORT", title))?;
        Ok(ExportDone {
            written: wanted.len(),
            left_out,
        })
    }
}

async fn kept(store: &Store) -> Result<Kept, Problem> {
    read_kept(store.db()).await
}

async fn read_kept(db: &impl sea_orm::ConnectionTrait) -> Result<Kept, Problem> {
    Ok(Kept {
        hosts: records::all(db).await?,
        groups: records::all(db).await?,
        credentials: records::all(db).await?,
        keys: records::all(db).await?,
    })
}

/// A key that cannot be read now is not taken, nor is a certificate without its key: that is said before.
async fn leave_missing_keys(found: &mut Found, kept: &Kept, options: &crate::Options) {
    let mut readable: BTreeMap<PathBuf, bool> = BTreeMap::new();
    for host in &mut found.hosts {
        if let Some(written) = host.key_file.take() {
            let path = options.path(&written);
            let is_kept = kept
                .keys
                .iter()
                .any(|key| key.path.as_ref().is_some_and(|known| Path::new(known) == path));
            let is_readable = match readable.get(&path) {
                Some(known) => *known,
                None => is_kept || identities::in_file(&path).await.is_some(),
            };
            readable.insert(path, is_readable);
            if is_readable {
                host.key_file = Some(written);
            } else {
                host.unsupported.push(format!(
                    "key file {written} (not there, or not readable without its passphrase)"
                ));
            }
        }
        if host.key_file.is_none()
            && let Some(certificate) = host.certificate.take()
        {
            host.unsupported.push(format!(
                "certificate {certificate} (its key does not come with it)"
            ));
        }
    }
}

fn asked(options: &crate::Options, run_match_exec: bool) -> Asked {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Asked {
        local_user: options.username.clone(),
        home: options.home.display().to_string(),
        device: name.trim().to_owned(),
        exec: if run_match_exec {
            ExecRule::Ask(ask_once(Arc::clone(&options.consent)))
        } else {
            ExecRule::Leave
        },
    }
}

/// Asks about each command once, and about no more after the first that is refused.
fn ask_once(consent: Arc<dyn Consent>) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
    let answers: Mutex<BTreeMap<String, bool>> = Mutex::default();
    Arc::new(move |command| {
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers.get(command) {
            return *known;
        }
        let may = !answers.values().any(|may| !may) && consent.may_run(command);
        answers.insert(command.to_owned(), may);
        may
    })
}

/// The text, and what to call it.
fn source(args: &PreviewImport, options: &crate::Options) -> Result<(String, String), Problem> {
    if let Some(text) = &args.text {
        return Ok((text.clone(), "the text".to_owned()));
    }
    let Some(path) = &args.path else {
        return Err(Problem::new(
            "LUM-IMPORT-FILE",
            "nothing was read",
            "neither a file nor a text was given",
        ));
    };
    let path = options.path(path);
    let failed = |error: &dyn std::error::Error| {
        Problem::of(
            "LUM-IMPORT-FILE",
            format!("{} was not read", path.display()),
            error,
        )
        .next("Look whether the file is there and whether you may read it.")
    };
    let length = std::fs::metadata(&path).map_err(|error| failed(&error))?.len();
    if length > MOST_BYTES {
        let why = format!("it is {length} bytes long; at most {MOST_BYTES} are read");
        return Err(Problem::new(
            "LUM-IMPORT-LONG",
            format!("{} was not read", path.display()),
            why,
        ));
    }
    let bytes = std::fs::read(&path).map_err(|error| failed(&error))?;
    let text = text::decode(&bytes);
    if guard::is_secret(&path) || text::is_private_key(&text) {
        // A preview repeats the lines that it does not understand: a page would read the key.
        return Err(Problem::new(
            "LUM-IMPORT-KEY",
            format!("{} was not read", path.display()),
            "it is a private key or a place of passwords, and no list of hosts",
        )
        .next("Keys are taken in under Keys."));
    }
    Ok((text, path.display().to_string()))
}

fn read(kind: ImportKind, text: &str, name: &str, files: &Files, asked: &Asked) -> Found {
    let mut found = match kind {
        ImportKind::SshConfig => ssh_config::read(text, name, files, asked),
        ImportKind::Putty => putty::read(text),
        ImportKind::Csv => table::read(text),
        ImportKind::Ansible => ansible::read(text),
        ImportKind::Termius => termius::read(text, name, files, asked),
        ImportKind::Mobaxterm => mobaxterm::read(text),
        ImportKind::Mremoteng => mremoteng::read(text),
        ImportKind::Luumen => own::read(text),
    };
    found.refuse_what_no_host_can_be();
    found
}

impl Found {
    /// What could not be saved by hand is not imported either.
    fn refuse_what_no_host_can_be(&mut self) {
        let mut hosts = std::mem::take(&mut self.hosts);
        hosts.retain_mut(|host| {
            host.name = host.name.trim().to_owned();
            let odd_name = host.name.is_empty() || host.name.chars().any(char::is_control);
            let address = crate::hosts::check_address(&host.address);
            if let Some(user) = &host.user
                && (user
                    .chars()
                    .any(|letter| letter.is_whitespace() || letter.is_control())
                    || user.starts_with('-'))
            {
                host.unsupported.push(format!("user name {user:?}"));
                host.user = None;
            }
            let why = match (odd_name, address) {
                (true, _) => "it has no name".to_owned(),
                (_, Err(problem)) => problem.detail,
                _ => return true,
            };
            let next = "Correct it in the file, or add the host by hand.";
            self.problems
                .push(ImportProblem::new(None, host.name.clone(), why, next));
            false
        });
        self.hosts = hosts;
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    let room = Arc::new(Room {
        core: Arc::clone(core),
        batches: Mutex::default(),
    });
    registry.call("import_preview", &room, Room::preview);
    registry.call("import_apply", &room, Room::apply);
    registry.call("export_hosts", &room, Room::export);
}
