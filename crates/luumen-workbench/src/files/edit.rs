//! Files of a host that are open in an editor here.
//!
//! When the editor saves a copy, the window is told and asks its person; it is sent only then, and only if the host's file is still
//! the one that was fetched. A change that was not sent outlives the session and the program: it is there again at the next start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::{
    browser::{Browser, problem},
    carry::{self, Carried, Progress, on_disk},
    copies::{Copies, Record, Seen, digest, stamp},
    part::Place,
};
use crate::{
    bridge::{Event, Events, Id, NoticeLevel, Problem, Time},
    consent::Deed,
    guard::Guard,
    write_out,
};

/// How often a copy is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A file of a host that is open in an editor here, or was, and was changed and not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Editing {
    /// Its id.
    pub edit: Id,
    /// The host, if it is kept.
    pub host: Option<Id>,
    /// What was typed to connect to it, if something was.
    pub quick: Option<String>,
    /// What was signed in with, in place of the host's own.
    pub credential: Option<Id>,
    /// What was gone through, in place of the host's own jump hosts.
    pub jump: Option<Id>,
    /// What the host is called.
    pub title: String,
    /// `user@host:port`.
    pub target: String,
    /// The file on the host.
    pub path: String,
    /// The copy on this device.
    #[ts(type = "string")]
    pub local_path: PathBuf,
    /// The session that it would be sent over; none since the program was started anew.
    pub session: Option<Id>,
    /// Whether the copy is not what the host was given.
    pub changed: bool,
    /// When the copy was last saved.
    pub saved_at: Option<Time>,
    /// When it was fetched.
    pub opened_at: Time,
}

/// What is being edited.
#[derive(Debug)]
pub(super) struct Edits {
    copies: Copies,
    events: Events,
    guard: Arc<Guard>,
    open: Mutex<BTreeMap<Id, Edit>>,
    /// Is told when a browser may not be needed any more.
    needs: watch::Sender<()>,
}

#[derive(Clone, Debug)]
struct Edit {
    record: Record,
    local: PathBuf,
    /// None for what an earlier start left.
    browser: Option<Arc<Browser>>,
    watching: CancellationToken,
}

impl Edit {
    /// Whether the copy is not what the host was given. One that cannot be read may be.
    fn is_changed(&self) -> bool {
        digest(&self.local).map_or(true, |content| content != self.record.sent)
    }

    fn shown(&self, edit: Id) -> Editing {
        let origin = self.record.origin.clone();
        let saved = stamp(&self.local).and_then(|(saved, _)| saved.duration_since(UNIX_EPOCH).ok());
        let saved = saved.and_then(|since| i64::try_from(since.as_millis()).ok());
        Editing {
            edit,
            host: origin.host,
            quick: origin.quick,
            credential: origin.credential,
            jump: origin.jump,
            title: origin.title,
            target: origin.target,
            path: self.record.path.clone(),
            local_path: self.local.clone(),
            session: self.browser.as_ref().map(|browser| browser.session),
            changed: self.is_changed(),
            saved_at: saved.map(Time::from_millis),
            opened_at: self.record.opened_at,
        }
    }
}

impl Edits {
    /// Takes up what an earlier start left and its host does not have.
    pub(super) fn new(
        root: PathBuf,
        events: Events,
        guard: Arc<Guard>,
        needs: watch::Sender<()>,
    ) -> Arc<Self> {
        let edits = Arc::new(Self {
            copies: Copies::new(root),
            events,
            guard,
            open: Mutex::default(),
            needs,
        });
        for (id, record) in edits.copies.unsent() {
            edits.watch(id, record, None);
        }
        edits
    }

    /// Fetches a file and watches the copy.
    pub(super) async fn open(
        self: &Arc<Self>,
        browser: Arc<Browser>,
        path: &str,
    ) -> Result<Editing, Problem> {
        let id = Id::new();
        let local = self.copies.place(id, path);
        self.copies.make(id).map_err(|error| {
            Problem::of(
                "LUM-EDIT-OPEN",
                "the file could not be opened for editing",
                &error,
            )
        })?;
        match self.fetch(id, &browser, path, &local).await {
            Ok(record) => Ok(self.watch(id, record, Some(browser)).shown(id)),
            Err(problem) => {
                // Nothing in it is of use.
                let _ = self.copies.remove(id);
                Err(problem)
            }
        }
    }

    async fn fetch(&self, id: Id, browser: &Browser, path: &str, local: &Path) -> Result<Record, Problem> {
        let sftp = browser.sftp().await?;
        let stat = sftp.stat(path).await;
        let stat = stat.map_err(|error| problem(format!("{path} could not be opened"), &error))?;
        carry::download_file(browser, &sftp, path, local, Place::Replace, &Progress::default()).await?;
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
        let record = Record {
            origin: browser.origin.clone(),
            path: path.to_owned(),
            seen: Seen::of(&stat),
            sent,
            opened_at: Time::now(),
        };
        self.copies.write(id, &record).map_err(|error| {
            Problem::of("LUM-EDIT-OPEN", "it could not be noted what was opened", &error)
                .next("Check that the disk of this device is not full.")
        })?;
        Ok(record)
    }

    /// Everything that is open, and what an earlier start left.
    pub(super) async fn list(self: &Arc<Self>) -> Result<Vec<Editing>, Problem> {
        let edits = self.clone();
        let title = "the copies of edited files cannot be looked at".to_owned();
        on_disk(title, move || {
            let open = edits.with(|open| open.clone());
            Ok(open.iter().map(|(id, edit)| edit.shown(*id)).collect())
        })
        .await
    }

    /// Sends the copy, over another browser if one is given. Where the host's file is another one by now, only if it shall be
    /// overwritten.
    pub(super) async fn upload(
        &self,
        id: Id,
        overwrite: bool,
        over: Option<Arc<Browser>>,
    ) -> Result<(), Problem> {
        let edit = self.with(|open| open.get(&id).cloned()).ok_or_else(unknown)?;
        let Record {
            origin, path, seen, ..
        } = edit.record;
        if over.as_ref().is_some_and(|over| !origin.is_of(&over.origin)) {
            return Err(Problem::new(
                "LUM-EDIT-OTHER-HOST",
                format!("{path} was not sent"),
                format!("it came from {}, and the session leads elsewhere", origin.target),
            ));
        }
        let browser = over
            .or(edit.browser)
            .ok_or_else(|| not_connected(&path, &origin.title))?;
        let sftp = browser.sftp().await?;
        let now = sftp.stat(&path).await.ok();
        if !overwrite && now.as_ref().map(Seen::of) != Some(seen) {
            return Err(conflict(&path));
        }
        let sent = digest(&edit.local)
            .map_err(|error| Problem::of("LUM-EDIT-READ", "the copy could not be read", &error))?;
        let progress = Progress::default();
        let carried =
            carry::upload_file(&browser, &sftp, &edit.local, &path, Place::Replace, &progress).await?;
        let Carried::InPlace(after) = carried else {
            return Err(conflict(&path));
        };
        if let Some(owner) = after.owner {
            self.events.send(Event::Notice {
                level: NoticeLevel::Warning,
                problem: other_owner(&format!("{path} on {}: {}", origin.title, owner.words())),
            });
        }
        let record = self.with(|open| {
            let edit = open.get_mut(&id)?;
            edit.record.seen = Seen::of(&after.now);
            edit.record.sent = sent;
            edit.record.origin = browser.origin.clone();
            edit.browser = Some(browser);
            Some(edit.record.clone())
        });
        // It may have been opened in another.
        self.needs.send_replace(());
        if let Some(record) = record
            && let Err(error) = self.copies.write(id, &record)
        {
            // The host has it. At the next start it is asked about once more, which loses nothing.
            tracing::warn!(%error, "It could not be noted that an edited file was sent");
        }
        Ok(())
    }

    /// Writes the copy into a file of this device. What is there is replaced only if it shall be.
    pub(super) async fn save(&self, id: Id, to: PathBuf, overwrite: bool) -> Result<(), Problem> {
        let edit = self.with(|open| open.get(&id).cloned()).ok_or_else(unknown)?;
        let (local, target) = (edit.local, edit.record.origin.target);
        let title = format!("{} was not written", to.display());
        self.guard
            .may(Deed::Fetch, Some(target), vec![to.clone()])
            .await?;
        let written = write_out::copy(local, to, overwrite).await;
        written.map_err(|error| error.problem("LUM-EDIT-TAKEN", "LUM-LOCAL-FILE", title))
    }

    /// Whether a file of a browser is open.
    pub(super) fn needs(&self, files: Id) -> bool {
        let is_of = |edit: &Edit| edit.browser.as_ref().is_some_and(|browser| browser.id == files);
        self.with(|open| open.values().any(is_of))
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
        self.needs.send_replace(());
        self.copies.remove(id).map_err(|error| {
            Problem::of("LUM-EDIT-CLOSE", "the copy could not be removed", &error)
                .next(format!("Remove {} yourself.", edit.local.display()))
        })
    }

    /// From now on a copy is open and looked at.
    fn watch(self: &Arc<Self>, id: Id, record: Record, browser: Option<Arc<Browser>>) -> Edit {
        let edit = Edit {
            local: self.copies.place(id, &record.path),
            record,
            browser,
            watching: CancellationToken::new(),
        };
        self.with(|open| open.insert(id, edit.clone()));
        let (edits, local, watching) = (Arc::downgrade(self), edit.local.clone(), edit.watching.clone());
        // Now, not when the task begins: what is saved meanwhile would be taken for what was there.
        let mut looks = Looks::new(&local);
        tokio::spawn(async move {
            while !watching.is_cancelled() {
                tokio::select! {
                    () = watching.cancelled() => return,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
                let Some(edits) = edits.upgrade() else { return };
                if let Some(content) = looks.again(&local) {
                    edits.saved(id, &content, &mut looks);
                }
            }
        });
        edit
    }

    /// A copy was saved. Its person is told once of each state that the host does not have.
    fn saved(&self, id: Id, content: &str, looks: &mut Looks) {
        let known = |open: &mut BTreeMap<Id, Edit>| open.get(&id).map(|edit| edit.record.clone());
        let Some(record) = self.with(known) else { return };
        if content != record.sent && looks.told.as_deref() != Some(content) {
            looks.told = Some(content.to_owned());
            self.events.send(Event::EditChanged {
                edit: id,
                path: record.path,
            });
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Id, Edit>) -> T) -> T {
        work(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What was seen of a copy so far.
struct Looks {
    last: Option<(std::time::SystemTime, u64)>,
    told: Option<String>,
}

impl Looks {
    fn new(local: &Path) -> Self {
        Self {
            last: stamp(local),
            told: None,
        }
    }

    /// What is in it, if it was saved since. Editors write in several steps; what changes again by the next look is looked at again.
    fn again(&mut self, local: &Path) -> Option<String> {
        let now = stamp(local);
        if now == self.last || now.is_none() {
            return None;
        }
        self.last = now;
        digest(local).ok()
    }
}

fn conflict(path: &str) -> Problem {
    Problem::new(
        "LUM-EDIT-CONFLICT",
        format!("{path} was not sent"),
        "somebody else changed or removed it on the host since you opened it",
    )
    .next("Compare the two, then overwrite it, or save yours as a file.")
}

/// Its title names no file: the system may show it on a locked screen.
fn other_owner(detail: &str) -> Problem {
    Problem::new(
        "LUM-EDIT-OWNER",
        "a file that you sent has another owner now",
        detail,
    )
    .next("Give it back with chown on the host.")
}

fn not_connected(path: &str, title: &str) -> Problem {
    Problem::new(
        "LUM-EDIT-NOT-CONNECTED",
        format!("{path} was not sent"),
        format!("no session to {title} is open"),
    )
    .next("Connect to it, and upload the change.")
}

fn unknown() -> Problem {
    Problem::new(
        "LUM-EDIT-UNKNOWN",
        "the file is not open for editing",
        "it was closed",
    )
}
