//! The calls about files.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use luumen_transport::sftp::{FileKind, Sftp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::{
    browser::{Browser, problem},
    change::{remove_all, set_mode},
    edit::{Editing, Edits},
    entry::{Entry, EntryKind},
    local,
    queue::Queue,
    source::Sources,
    threads::Threads,
    transfer::{OnConflict, Transfer, TransferDirection, TransferState},
};
use crate::{
    bridge::{Events, Id, NoArgs, Problem, Registry},
    guard::Guard,
    sessions::Sessions,
};

/// Links that are followed while a folder is listed; in a folder of more, the rest shows where they lead
/// only.
const MAX_LINKS: usize = 200;

/// Every browser.
#[derive(Debug)]
pub(crate) struct Files {
    sessions: Arc<Sessions>,
    home: PathBuf,
    threads: Arc<Threads>,
    sources: Arc<Sources>,
    queue: Arc<Queue>,
    edits: Arc<Edits>,
    browsers: Mutex<BTreeMap<Id, Arc<Browser>>>,
    /// Changes with what needs a browser.
    needs: watch::Sender<()>,
}

/// A browser for the files of a session.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenFiles {
    session: Id,
}

/// A browser that was opened.
#[derive(Clone, Debug, Serialize, TS)]
pub struct OpenedFiles {
    /// Its id.
    pub files: Id,
    /// The account's home on the host.
    pub home: String,
}

/// A browser.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneFiles {
    files: Id,
}

/// A path on a host.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemotePath {
    files: Id,
    path: String,
}

/// What is in a folder.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Listing {
    /// The folder, without links and dots.
    pub path: String,
    /// What is in it.
    pub entries: Vec<Entry>,
    /// Whether there is more than is shown.
    pub truncated: bool,
}

/// A thing of a host and its new name.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RenameFile {
    files: Id,
    from: String,
    to: String,
}

/// New permissions.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeMode {
    files: Id,
    path: String,
    /// As in `chmod`, as a number.
    mode: u32,
    /// Whether what is in it gets them, too.
    recursive: bool,
}

/// Things of a host.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemotePaths {
    files: Id,
    paths: Vec<String>,
}

/// A new link.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    files: Id,
    path: String,
    to: String,
}

/// A folder of this device; its person's home when it is left out.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LocalFolder {
    #[serde(default)]
    #[ts(optional, type = "string")]
    path: Option<PathBuf>,
}

/// Things to carry over.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddTransfers {
    files: Id,
    direction: TransferDirection,
    from: Vec<String>,
    /// The folder they go to.
    to: String,
    on_conflict: OnConflict,
}

/// What to do about something in the way.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ResolveTransfer {
    id: Id,
    choice: OnConflict,
    /// Whether the same shall be done for all that follow.
    all: bool,
}

/// A transfer.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneTransfer {
    id: Id,
}

/// Sends what was edited.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct UploadEdit {
    edit: Id,
    /// Even if the host's file changed meanwhile.
    #[serde(default)]
    #[ts(optional)]
    overwrite: Option<bool>,
    /// A browser to send it over, where the one that it was opened in is gone.
    #[serde(default)]
    #[ts(optional)]
    files: Option<Id>,
}

/// Writes what was edited into a file of this device.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveEdit {
    edit: Id,
    #[ts(type = "string")]
    path: PathBuf,
    /// Even if there is something in its place.
    #[serde(default)]
    #[ts(optional)]
    overwrite: Option<bool>,
}

/// A file that is open in an editor.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneEdit {
    edit: Id,
}

/// What ends with the program, or is left behind by it. In words for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Changes of edited files that their hosts do not have; they are kept for the next start.
    pub edits: Vec<String>,
    /// What is on its way; a part of it may be there already.
    pub transfers: Vec<String>,
}

impl Unfinished {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.transfers.is_empty()
    }
}

/// Registers the calls.
pub(crate) fn register(registry: &mut Registry, files: &Arc<Files>) {
    registry.call("files_open", files, Files::open);
    registry.call("files_close", files, Files::close);
    registry.call("files_list", files, Files::list);
    registry.call("files_stat", files, Files::stat);
    registry.call("files_mkdir", files, Files::make_directory);
    registry.call("files_rename", files, Files::rename);
    registry.call("files_chmod", files, Files::change_mode);
    registry.call("files_delete", files, Files::delete);
    registry.call("files_link", files, Files::link);
    registry.call("local_list", files, Files::local_list);
    registry.call("transfer_add", files, Files::transfer_add);
    registry.call("transfers_list", files, Files::transfers_list);
    registry.call("transfer_resolve", files, Files::transfer_resolve);
    registry.call("transfer_pause", files, Files::transfer_pause);
    registry.call("transfer_cancel", files, Files::transfer_cancel);
    registry.call("transfer_retry", files, Files::transfer_retry);
    registry.call("transfers_clear", files, Files::transfers_clear);
    registry.call("edit_open", files, Files::edit_open);
    registry.call("edits_list", files, Files::edits_list);
    registry.call("edit_upload", files, Files::edit_upload);
    registry.call("edit_save", files, Files::edit_save);
    registry.call("edit_close", files, Files::edit_close);
}

/// Closes a browser when its session is closed, and when nothing that was begun in it needs it any more.
async fn end_with_session(files: Weak<Files>, id: Id, over: CancellationToken) {
    over.cancelled().await;
    let Some(mut needs) = files.upgrade().map(|files| files.needs.subscribe()) else {
        return;
    };
    loop {
        let Some(files) = files.upgrade() else { return };
        if !files.queue.needs(id) && !files.edits.needs(id) {
            // It may be closed already.
            let _ = files.close(OneFiles { files: id }).await;
            return;
        }
        drop(files);
        if needs.changed().await.is_err() {
            return;
        }
    }
}

impl Files {
    /// `edits` and `parts` are folders of their own. What was sent out of it is removed; changes that were not are taken up.
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        events: &Events,
        guard: Arc<Guard>,
        home: PathBuf,
        edits: PathBuf,
        parts: PathBuf,
    ) -> Arc<Self> {
        let threads = Arc::new(Threads::start());
        let needs = watch::Sender::new(());
        Arc::new(Self {
            sessions,
            home,
            queue: Queue::new(events.clone(), guard.clone(), threads.clone(), needs.clone()),
            threads,
            sources: Arc::new(Sources::new(parts)),
            edits: Edits::new(edits, events.clone(), guard, needs.clone()),
            browsers: Mutex::default(),
            needs,
        })
    }

    async fn open(self: Arc<Self>, args: OpenFiles) -> Result<OpenedFiles, Problem> {
        let over = self.sessions.over(args.session)?;
        let (sessions, threads) = (self.sessions.clone(), self.threads.clone());
        let browser = Browser::new(sessions, threads, self.sources.clone(), args.session)?;
        let sftp = browser.sftp().await?;
        let home = sftp.real_path(".").await;
        let home = home.map_err(|error| problem("the home folder cannot be found".to_owned(), &error))?;
        let files = browser.id;
        self.with(|browsers| browsers.insert(files, browser));
        tokio::spawn(end_with_session(Arc::downgrade(&self), files, over));
        Ok(OpenedFiles { files, home })
    }

    async fn close(self: Arc<Self>, args: OneFiles) -> Result<(), Problem> {
        let browser = self
            .with(|browsers| browsers.remove(&args.files))
            .ok_or_else(unknown)?;
        self.queue.browser_closed(args.files);
        browser.close().await;
        Ok(())
    }

    async fn list(self: Arc<Self>, args: RemotePath) -> Result<Listing, Problem> {
        let sftp = self.sftp(args.files).await?;
        let failed = |error: &_| problem(format!("{} cannot be listed", args.path), error);
        let path = sftp.real_path(&args.path).await.map_err(|error| failed(&error))?;
        let listing = sftp
            .list(&path, local::MAX_ENTRIES)
            .await
            .map_err(|error| failed(&error))?;
        let mut entries: Vec<Entry> = listing
            .entries
            .iter()
            .map(|entry| Entry::remote(&path, entry))
            .collect();
        let links = entries
            .iter_mut()
            .filter(|entry| entry.kind == EntryKind::Link)
            .take(MAX_LINKS);
        futures::future::join_all(links.map(|entry| follow(&sftp, entry))).await;
        Ok(Listing {
            path,
            entries,
            truncated: listing.truncated,
        })
    }

    async fn stat(self: Arc<Self>, args: RemotePath) -> Result<Entry, Problem> {
        let sftp = self.sftp(args.files).await?;
        let found = sftp.lstat(&args.path).await;
        let found = found.map_err(|error| problem(format!("{} cannot be looked at", args.path), &error))?;
        let mut entry = Entry::of(&args.path, &found);
        if entry.kind == EntryKind::Link {
            follow(&sftp, &mut entry).await;
        }
        Ok(entry)
    }

    async fn make_directory(self: Arc<Self>, args: RemotePath) -> Result<(), Problem> {
        let made = self.sftp(args.files).await?.make_directory(&args.path).await;
        made.map_err(|error| problem(format!("the folder {} could not be made", args.path), &error))
    }

    async fn rename(self: Arc<Self>, args: RenameFile) -> Result<(), Problem> {
        let renamed = self.sftp(args.files).await?.rename(&args.from, &args.to).await;
        renamed.map_err(|error| {
            problem(
                format!("{} could not be renamed to {}", args.from, args.to),
                &error,
            )
        })
    }

    async fn change_mode(self: Arc<Self>, args: ChangeMode) -> Result<(), Problem> {
        let sftp = self.sftp(args.files).await?;
        set_mode(&sftp, &args.path, args.mode & 0o7777, args.recursive).await
    }

    async fn delete(self: Arc<Self>, args: RemotePaths) -> Result<(), Problem> {
        let sftp = self.sftp(args.files).await?;
        for path in &args.paths {
            remove_all(&sftp, path).await?;
        }
        Ok(())
    }

    async fn link(self: Arc<Self>, args: NewLink) -> Result<(), Problem> {
        let linked = self.sftp(args.files).await?.link(&args.path, &args.to).await;
        linked.map_err(|error| problem(format!("the link {} could not be made", args.path), &error))
    }

    async fn local_list(self: Arc<Self>, args: LocalFolder) -> Result<Listing, Problem> {
        let folder = args.path.unwrap_or_else(|| self.home.clone());
        let listed = tokio::task::spawn_blocking(move || local::list(&folder)).await;
        listed.map_err(|error| Problem::of("LUM-LOCAL-LIST", "the folder cannot be listed", &error))?
    }

    async fn transfer_add(self: Arc<Self>, args: AddTransfers) -> Result<Vec<Transfer>, Problem> {
        let browser = self.browser(args.files)?;
        Ok(self
            .queue
            .add(&browser, args.direction, &args.from, &args.to, args.on_conflict))
    }

    async fn transfers_list(self: Arc<Self>, _: NoArgs) -> Result<Vec<Transfer>, Problem> {
        Ok(self.queue.list())
    }

    async fn transfer_resolve(self: Arc<Self>, args: ResolveTransfer) -> Result<(), Problem> {
        self.queue.resolve(args.id, args.choice, args.all)
    }

    async fn transfer_pause(self: Arc<Self>, args: OneTransfer) -> Result<(), Problem> {
        self.queue.stop(args.id, TransferState::Paused).await
    }

    async fn transfer_cancel(self: Arc<Self>, args: OneTransfer) -> Result<(), Problem> {
        self.queue.stop(args.id, TransferState::Cancelled).await
    }

    async fn transfer_retry(self: Arc<Self>, args: OneTransfer) -> Result<(), Problem> {
        self.queue.retry(args.id)
    }

    async fn transfers_clear(self: Arc<Self>, _: NoArgs) -> Result<(), Problem> {
        self.queue.clear();
        Ok(())
    }

    async fn edit_open(self: Arc<Self>, args: RemotePath) -> Result<Editing, Problem> {
        let browser = self.browser(args.files)?;
        self.edits.open(browser, &args.path).await
    }

    async fn edits_list(self: Arc<Self>, _: NoArgs) -> Result<Vec<Editing>, Problem> {
        self.edits.list().await
    }

    async fn edit_upload(self: Arc<Self>, args: UploadEdit) -> Result<(), Problem> {
        let over = args.files.map(|files| self.browser(files)).transpose()?;
        let overwrite = args.overwrite.unwrap_or(false);
        self.edits.upload(args.edit, overwrite, over).await
    }

    async fn edit_save(self: Arc<Self>, args: SaveEdit) -> Result<(), Problem> {
        let path = match args.path.strip_prefix("~") {
            Ok(rest) => self.home.join(rest),
            Err(_) => args.path,
        };
        self.edits
            .save(args.edit, path, args.overwrite.unwrap_or(false))
            .await
    }

    async fn edit_close(self: Arc<Self>, args: OneEdit) -> Result<(), Problem> {
        self.edits.close(args.edit)
    }

    /// Where the copy of an edited file is.
    pub(crate) fn edited(&self, edit: Id) -> Result<PathBuf, Problem> {
        self.edits.local(edit)
    }

    /// What would be cut off or left behind if the program ended now.
    pub(crate) async fn unfinished(&self) -> Result<Unfinished, Problem> {
        let edits = self.edits.list().await?;
        let changed = edits.iter().filter(|edit| edit.changed);
        Ok(Unfinished {
            edits: changed
                .map(|edit| format!("{} on {}", edit.path, edit.title))
                .collect(),
            transfers: self.queue.on_its_way(),
        })
    }

    async fn sftp(&self, files: Id) -> Result<Sftp, Problem> {
        self.browser(files)?.sftp().await
    }

    fn browser(&self, files: Id) -> Result<Arc<Browser>, Problem> {
        self.with(|browsers| browsers.get(&files).cloned())
            .ok_or_else(unknown)
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Id, Arc<Browser>>) -> T) -> T {
        work(&mut self.browsers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Finds out where a link leads.
async fn follow(sftp: &Sftp, entry: &mut Entry) {
    entry.link_to = sftp.read_link(&entry.path).await.ok();
    match sftp.stat(&entry.path).await {
        Ok(there) => entry.link_directory = there.kind() == FileKind::Directory,
        // Whether it is missing or hidden: it cannot be followed.
        Err(_) => entry.link_broken = true,
    }
}

fn unknown() -> Problem {
    Problem::new(
        "LUM-FILES-UNKNOWN",
        "there is no such file browser",
        "it was closed",
    )
}
