//! The calls about hosts and groups.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    CredentialUse, Defaults, Effective, Group, Host, HostDraft, Known, Quick, Settings, check, effective,
    leaving::Leaving,
    quick,
    search::{self, Suggestion},
    tidy_tags, users,
};
use crate::{
    bridge::{Changed, Id, NoArgs, Problem, Registry, Time},
    core::Core,
    identities::{Credential, CredentialKind},
    preferences,
    store::records::{self, Changes},
};

/// All hosts and groups.
#[derive(Clone, Debug, Serialize, TS)]
pub struct HostsTree {
    /// The groups, oldest first.
    pub groups: Vec<Group>,
    /// The hosts, oldest first.
    pub hosts: Vec<Host>,
}

/// A host and what holds for it.
#[derive(Clone, Debug, Serialize, TS)]
pub struct HostPage {
    /// The host.
    pub host: Host,
    /// What holds, and who says so.
    pub effective: Effective,
}

/// Something by its id.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ById {
    pub(crate) id: Id,
}

/// Hosts to delete.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeleteHosts {
    ids: Vec<Id>,
    /// Takes them out of the ways of the hosts that are reached through them. Without it, such a jump host is not deleted.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    shorten_ways: bool,
}

/// A host to save: a new one without an id.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveHost {
    host: HostDraft,
    #[serde(default)]
    #[ts(optional)]
    id: Option<Id>,
}

/// Hosts to put into a group, or into none.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MoveHosts {
    ids: Vec<Id>,
    group: Option<Id>,
}

/// Tags to put on hosts and to take off.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TagHosts {
    ids: Vec<Id>,
    add: Vec<String>,
    remove: Vec<String>,
}

/// A group to save: a new one without an id.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveGroup {
    group: GroupDraft,
}

/// A group as its person fills it in.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GroupDraft {
    #[serde(default)]
    #[ts(optional)]
    id: Option<Id>,
    parent: Option<Id>,
    name: String,
    settings: Settings,
}

/// A group to delete, and what becomes of its hosts.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeleteGroup {
    id: Id,
    hosts: GroupHosts,
    /// As for `hosts_delete`.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    shorten_ways: bool,
}

/// What becomes of the hosts and groups of a deleted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupHosts {
    /// They move into the group above.
    MoveUp,
    /// They are deleted too.
    Delete,
}

/// With what a change can be taken back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// For `undo`.
    pub undo: Id,
}

/// A text that a person typed.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    text: String,
}

/// The room.
#[derive(Debug)]
pub(crate) struct Hosts(Arc<Core>);

impl Hosts {
    /// A host and what holds for it, for whoever connects.
    pub(crate) async fn find(&self, id: Id) -> Result<HostPage, Problem> {
        let tree = self.read().await?;
        let host = tree.hosts.iter().find(|host| host.id == id).ok_or_else(gone)?;
        Ok(HostPage {
            effective: effective::effective(host, &tree.groups, &self.defaults().await?),
            host: host.clone(),
        })
    }

    /// What holds where no host and no group says anything.
    pub(crate) async fn defaults(&self) -> Result<Defaults, Problem> {
        Ok(Defaults {
            user: self.0.options.username.clone(),
            log: preferences::read(&self.0).await?.log_default,
        })
    }

    /// Who uses a credential just now.
    pub(crate) async fn users_of(&self, credential: &Credential) -> Result<CredentialUse, Problem> {
        let HostsTree { groups, hosts } = self.read().await?;
        Ok(users::users_of(
            credential,
            &hosts,
            &groups,
            &self.defaults().await?,
        ))
    }

    /// What a typed place means.
    pub(crate) async fn quick(&self, text: &str) -> Result<Quick, Problem> {
        quick::read(text, &self.read().await?.hosts)
    }

    /// Remembers that a session was opened, and what the host said it runs, if it did.
    pub(crate) async fn seen(&self, id: Id, at: Time, os: Option<String>) -> Result<(), Problem> {
        self.note(id, move |host| {
            host.last_connected_at = Some(at);
            host.os = os.or(host.os.take());
        })
        .await
    }

    /// Remembers a scan.
    pub(crate) async fn scanned(&self, id: Id, at: Time, os: Option<String>) -> Result<(), Problem> {
        self.note(id, move |host| {
            host.last_scan_at = Some(at);
            host.os = os.or(host.os.take());
        })
        .await
    }

    /// A scan was deleted: this is when the last one of those that are left was.
    pub(crate) async fn scan_forgotten(&self, id: Id, last: Option<Time>) -> Result<(), Problem> {
        self.note(id, move |host| host.last_scan_at = last).await
    }

    /// A host that was deleted meanwhile is not brought back.
    async fn note(&self, id: Id, change: impl FnOnce(&mut Host)) -> Result<(), Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        if let Some(mut host) = records::get::<Host>(changes.db(), id).await? {
            change(&mut host);
            changes.put(&host).await?;
            changes.commit().await?;
            self.0.events.changed(Changed::Hosts);
        }
        Ok(())
    }

    async fn read(&self) -> Result<HostsTree, Problem> {
        Ok(HostsTree {
            groups: records::all(self.0.store.db()).await?,
            hosts: records::all(self.0.store.db()).await?,
        })
    }

    async fn tree(self: Arc<Self>, _: NoArgs) -> Result<HostsTree, Problem> {
        self.read().await
    }

    async fn get(self: Arc<Self>, args: ById) -> Result<HostPage, Problem> {
        self.find(args.id).await
    }

    async fn save(self: Arc<Self>, args: SaveHost) -> Result<Host, Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let before: Option<Host> = match args.id {
            Some(id) => Some(records::get(changes.db(), id).await?.ok_or_else(gone)?),
            None => None,
        };
        let host = args
            .host
            .into_host(args.id.unwrap_or_else(Id::new), before.as_ref());
        let around = Around::read(&changes).await?;
        check::check_host(&host, &around.known())?;
        changes.put(&host).await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Hosts);
        Ok(host)
    }

    async fn delete(self: Arc<Self>, args: DeleteHosts) -> Result<Undo, Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let around = Around::read(&changes).await?;
        let leaving = Leaving {
            hosts: args.ids,
            groups: Vec::new(),
        };
        leaving.go(&mut changes, &around, args.shorten_ways).await?;
        self.finish(changes).await
    }

    async fn change_each(&self, ids: &[Id], change: impl Fn(&mut Host)) -> Result<(), Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let around = Around::read(&changes).await?;
        for id in ids {
            let mut host = around.host(*id)?.clone();
            change(&mut host);
            check::check_host(&host, &around.known())?;
            changes.put(&host).await?;
        }
        changes.commit().await?;
        self.0.events.changed(Changed::Hosts);
        Ok(())
    }

    async fn shift(self: Arc<Self>, args: MoveHosts) -> Result<(), Problem> {
        self.change_each(&args.ids, |host| host.group = args.group).await
    }

    async fn tag(self: Arc<Self>, args: TagHosts) -> Result<(), Problem> {
        self.change_each(&args.ids, |host| {
            let mut tags = std::mem::take(&mut host.tags);
            tags.retain(|tag| !args.remove.contains(tag));
            tags.extend(args.add.iter().cloned());
            host.tags = tidy_tags(tags);
        })
        .await
    }

    async fn undo(self: Arc<Self>, args: Undo) -> Result<(), Problem> {
        self.0.undos.undo(&self.0.store, args.undo).await?;
        for what in [Changed::Hosts, Changed::Credentials, Changed::Keys] {
            self.0.events.changed(what);
        }
        Ok(())
    }

    async fn save_group(self: Arc<Self>, args: SaveGroup) -> Result<Group, Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let group = Group {
            id: args.group.id.unwrap_or_else(Id::new),
            parent: args.group.parent,
            name: args.group.name.trim().to_owned(),
            settings: args.group.settings,
        };
        let around = Around::read(&changes).await?;
        check::check_group(&group, &around.known())?;
        changes.put(&group).await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Hosts);
        Ok(group)
    }

    async fn delete_group(self: Arc<Self>, args: DeleteGroup) -> Result<Undo, Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let around = Around::read(&changes).await?;
        let group = around.groups.iter().find(|group| group.id == args.id);
        let group = group.ok_or_else(|| {
            Problem::new(
                "LUM-GROUP-GONE",
                "the group is no longer there",
                "it was deleted already",
            )
        })?;
        match args.hosts {
            GroupHosts::MoveUp => {
                move_up(&mut changes, &around, group).await?;
                changes.remove::<Group>(group.id).await?;
            }
            GroupHosts::Delete => {
                let leaving = Leaving::group(&around, group);
                leaving.go(&mut changes, &around, args.shorten_ways).await?;
            }
        }
        self.finish(changes).await
    }

    async fn finish(&self, changes: Changes) -> Result<Undo, Problem> {
        let undo = changes.commit_with_undo(&self.0.undos).await?;
        self.0.events.changed(Changed::Hosts);
        Ok(Undo { undo })
    }

    async fn parse(self: Arc<Self>, args: Typed) -> Result<Quick, Problem> {
        self.quick(&args.text).await
    }

    async fn search(self: Arc<Self>, args: Typed) -> Result<Vec<Id>, Problem> {
        let tree = self.read().await?;
        let hosts = search::seen(&tree.hosts, &tree.groups, &self.defaults().await?);
        let found = search::find(&args.text, &hosts);
        Ok(found.iter().map(|host| host.id).collect())
    }

    async fn suggest(self: Arc<Self>, args: Typed) -> Result<Vec<Suggestion>, Problem> {
        let tree = self.read().await?;
        let hosts = search::seen(&tree.hosts, &tree.groups, &self.defaults().await?);
        Ok(search::suggest(&args.text, &hosts))
    }
}

fn gone() -> Problem {
    Problem::new(
        "LUM-HOST-GONE",
        "the host is no longer there",
        "it was deleted meanwhile",
    )
}

/// What a host is checked against.
#[derive(Debug)]
pub(crate) struct Around {
    pub(crate) groups: Vec<Group>,
    pub(crate) hosts: Vec<Host>,
    credentials: BTreeMap<Id, CredentialKind>,
}

impl Around {
    pub(crate) async fn read(changes: &Changes) -> Result<Self, Problem> {
        let credentials: Vec<Credential> = records::all(changes.db()).await?;
        Ok(Self {
            groups: records::all(changes.db()).await?,
            hosts: records::all(changes.db()).await?,
            credentials: credentials
                .iter()
                .map(|credential| (credential.id, credential.kind))
                .collect(),
        })
    }

    fn known(&self) -> Known<'_> {
        Known {
            groups: &self.groups,
            hosts: &self.hosts,
            credentials: &self.credentials,
        }
    }

    fn host(&self, id: Id) -> Result<&Host, Problem> {
        self.hosts.iter().find(|host| host.id == id).ok_or_else(gone)
    }
}

async fn move_up(changes: &mut Changes, around: &Around, group: &Group) -> Result<(), Problem> {
    for host in around.hosts.iter().filter(|host| host.group == Some(group.id)) {
        let host = Host {
            group: group.parent,
            ..host.clone()
        };
        changes.put(&host).await?;
    }
    for child in around
        .groups
        .iter()
        .filter(|child| child.parent == Some(group.id))
    {
        let child = Group {
            parent: group.parent,
            ..child.clone()
        };
        changes.put(&child).await?;
    }
    Ok(())
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) -> Arc<Hosts> {
    let room = Arc::new(Hosts(Arc::clone(core)));
    registry.call("hosts_tree", &room, Hosts::tree);
    registry.call("hosts_search", &room, Hosts::search);
    registry.call("hosts_suggest", &room, Hosts::suggest);
    registry.call("host_get", &room, Hosts::get);
    registry.call("host_save", &room, Hosts::save);
    registry.call("hosts_delete", &room, Hosts::delete);
    registry.call("hosts_move", &room, Hosts::shift);
    registry.call("hosts_tag", &room, Hosts::tag);
    registry.call("undo", &room, Hosts::undo);
    registry.call("group_save", &room, Hosts::save_group);
    registry.call("group_delete", &room, Hosts::delete_group);
    registry.call("quick_parse", &room, Hosts::parse);
    room
}
