//! Files of a host that are open in an editor here.
//!
//! A copy lies in a private folder. When the editor saves it, the window is told and asks its person; it
//! is sent only then, and only if the host's file is still the one that was fetched.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use luumen_transport::sftp::Attributes;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{
    browser::{Browser, problem},
    carry::{self, Progress},
    entry::name,
    part::Place,
    walk,
};
use crate::bridge::{Event, Events, Id, Problem};

/// How often the copy is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is being edited.
#[derive(Debug)]
pub(super) struct Edits {
    root: PathBuf,
    events: Events,
    open: Mutex<BTreeMap<Id, Edit>>,
}

#[derive(Clone, Debug)]
struct Edit {
    browser: Arc<Browser>,
    remote: String,
    local: PathBuf,
    /// The host's file when it was fetched or last sent.
    seen: Seen,
    /// What was fetched or last sent.
    sent: [u8; 32],
    watching: CancellationToken,
}

/// What tells one state of a host's file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    size: Option<u64>,
    changed: Option<u32>,
}

impl Seen {
    fn of(attributes: &Attributes) -> Self {
        Self {
            size: attributes.size,
            changed: attributes.times.map(|(_, changed)| changed),
        }
    }
}

impl Edits {
    pub(super) fn new(root: PathBuf, events: Events) -> Arc<Self> {
        // What a crash left behind belongs to nobody any more.
        if let Err(error) = fs::remove_dir_all(&root)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "Old copies of edited files could not be removed");
        }
        Arc::new(Self {
            root,
            events,
            open: Mutex::default(),
        })
    }

    /// Fetches a file and watches the copy.
    pub(super) async fn open(
        self: &Arc<Self>,
        browser: Arc<Browser>,
        path: &str,
    ) -> Result<(Id, PathBuf), Problem> {
        let id = Id::new();
        let folder = self.root.join(id.to_string());
        let local = folder.join(walk::local_name(name(path)));
        make_private(&folder).map_err(|error| {
            Problem::of(
                "LUM-EDIT-OPEN",
                "the file could not be opened for editing",
                &error,
            )
        })?;
        let fetched = self.fetch(&browser, path, &local).await;
        let (seen, sent) = match fetched {
            Ok(fetched) => fetched,
            Err(problem) => {
                // Nothing in it is of use.
                let _ = fs::remove_dir_all(&folder);
                return Err(problem);
            }
        };
        let watching = CancellationToken::new();
        let edit = Edit {
            browser,
            remote: path.to_owned(),
            local: local.clone(),
            seen,
            sent,
            watching: watching.clone(),
        };
        self.with(|open| open.insert(id, edit));
        tokio::spawn(self.clone().watch(id, local.clone(), watching));
        Ok((id, local))
    }

    async fn fetch(&self, browser: &Browser, path: &str, local: &Path) -> Result<(Seen, [u8; 32]), Problem> {
        let sftp = browser.sftp().await?;
        let stat = sftp.stat(path).await;
        let stat = stat.map_err(|error| problem(format!("{path} could not be opened"), &error))?;
        carry::download_file(&sftp, path, local, Place::Replace, &Progress::default()).await?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let private = fs::Permissions::from_mode(0o600);
            fs::set_permissions(local, private).map_err(|error| {
                Problem::of("LUM-EDIT-OPEN", "the copy could not be made private", &error)
            })?;
        }
        let sent = digest(local)
            .map_err(|error| Problem::of("LUM-EDIT-OPEN", "the copy could not be read", &error))?;
        Ok((Seen::of(&stat), sent))
    }

    /// Sends the copy. Where the host's file is another one by now, only if it shall be overwritten.
    pub(super) async fn upload(&self, id: Id, overwrite: bool) -> Result<(), Problem> {
        let edit = self.with(|open| open.get(&id).cloned()).ok_or_else(unknown)?;
        let sftp = edit.browser.sftp().await?;
        let now = sftp.stat(&edit.remote).await.ok();
        if !overwrite && now.as_ref().map(Seen::of) != Some(edit.seen) {
            return Err(Problem::new(
                "LUM-EDIT-CONFLICT",
                format!("{} was not sent", edit.remote),
                "somebody else changed or removed it on the host since you opened it",
            )
            .next("Compare the two, then overwrite it, or save yours under another name."));
        }
        let sent = digest(&edit.local)
            .map_err(|error| Problem::of("LUM-EDIT-READ", "the copy could not be read", &error))?;
        let progress = Progress::default();
        let after = carry::upload_file(&sftp, &edit.local, &edit.remote, Place::Replace, &progress).await?;
        self.with(|open| {
            if let Some(edit) = open.get_mut(&id) {
                edit.seen = Seen::of(&after);
                edit.sent = sent;
            }
        });
        Ok(())
    }

    /// Whether a file of a browser is open.
    pub(super) fn needs(&self, files: Id) -> bool {
        self.with(|open| open.values().any(|edit| edit.browser.id == files))
    }

    /// Where the copy is.
    pub(super) fn local(&self, id: Id) -> Result<PathBuf, Problem> {
        self.with(|open| open.get(&id).map(|edit| edit.local.clone()))
            .ok_or_else(unknown)
    }

    /// Stops watching and removes the copy.
    pub(super) fn close(&self, id: Id) -> Result<(), Problem> {
        let edit = self.with(|open| open.remove(&id)).ok_or_else(unknown)?;
        edit.watching.cancel();
        fs::remove_dir_all(self.root.join(id.to_string())).map_err(|error| {
            Problem::of("LUM-EDIT-CLOSE", "the copy could not be removed", &error)
                .next(format!("Remove {} yourself.", edit.local.display()))
        })
    }

    async fn watch(self: Arc<Self>, id: Id, local: PathBuf, watching: CancellationToken) {
        let mut last: Option<(SystemTime, u64)> = stamp(&local);
        let mut told: Option<[u8; 32]> = None;
        loop {
            tokio::select! {
                () = watching.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            // Editors write in several steps; what changes again by the next look is looked at again.
            let now = stamp(&local);
            if now == last || now.is_none() {
                continue;
            }
            last = now;
            let Ok(content) = digest(&local) else {
                continue;
            };
            let edit = self.with(|open| open.get(&id).map(|edit| (edit.sent, edit.remote.clone())));
            let Some((sent, path)) = edit else {
                return;
            };
            if content != sent && told != Some(content) {
                told = Some(content);
                self.events.send(Event::EditChanged { edit: id, path });
            }
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Id, Edit>) -> T) -> T {
        work(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
    Ok(hash.finalize().into())
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn unknown() -> Problem {
    Problem::new(
        "LUM-EDIT-UNKNOWN",
        "the file is not open for editing",
        "it was closed",
    )
}
