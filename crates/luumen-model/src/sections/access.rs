//! Who may get in and become whom: accounts, groups, sudo, sshd.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use std::collections::BTreeMap;

/// Accounts of `/etc/passwd` with status and ages, never hashes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Users {
    /// Sorted by uid, name.
    pub items: Vec<User>,
    /// False when password states could not be read.
    pub shadow_read: bool,
}

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct User {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: i64,
    /// Primary group id.
    pub gid: i64,
    /// Full name field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gecos: Option<String>,
    /// Home directory.
    pub home: String,
    /// Login shell.
    pub shell: String,
    /// True below the first uid for people.
    pub system: bool,
    /// False for `nologin` and `false` shells.
    pub login_allowed: bool,
    /// `set`, `locked`, `empty`, `none`; absent when it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_state: Option<String>,
    /// `yescrypt`, `sha512`, `md5`, …; the kind only, never the hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash_kind: Option<String>,
    /// Date (YYYY-MM-DD).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_changed_on: Option<String>,
    /// Days before it may change again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_min_days: Option<i64>,
    /// Days after which it must change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_max_days: Option<i64>,
    /// Days of warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_warn_days: Option<i64>,
    /// Days after expiry until the account locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_inactive_days: Option<i64>,
    /// Account end (YYYY-MM-DD).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
    /// Day of the last login with a terminal (YYYY-MM-DD), where the host keeps it. A day, so that a host on which people
    /// work is not another one at each visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login_on: Option<String>,
    /// Number of keys in `.ssh/authorized_keys`, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_keys: Option<i64>,
}

/// Groups of `/etc/group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Groups {
    /// Sorted by gid, name.
    pub items: Vec<Group>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Group id.
    pub gid: i64,
    /// Members by name, sorted.
    pub members: Vec<String>,
}

/// Who may become whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SudoPolicy {
    /// Rules in file order.
    pub rules: Vec<SudoRule>,
    /// `Defaults` lines, sorted by file.
    pub defaults: Vec<String>,
    /// What `sudo -l` tells the visiting account about itself.
    pub own_rights: Vec<String>,
}

/// A rule of sudoers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SudoRule {
    /// File it is written in.
    pub path: String,
    /// The rule as written.
    pub line: String,
    /// User, `%group` or alias.
    pub who: String,
    /// True when some command of it needs no password.
    pub nopasswd: bool,
    /// True when it allows ALL commands.
    pub all_commands: bool,
}

/// What sshd really does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Sshd {
    /// As the daemon says it, such as `OpenSSH_9.2p1 Debian-2+deb12u3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `sshd -T` (effective) or `files` (as written; defaults and Match blocks not resolved).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Lower-case keyword to values; a keyword that may repeat has several.
    pub settings: BTreeMap<String, Vec<String>>,
    /// Conditions of `Match` blocks.
    pub match_blocks: Vec<String>,
    /// Public host keys.
    pub host_keys: Vec<SshHostKey>,
}

/// A public host key of the host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SshHostKey {
    /// `ssh-ed25519`, …
    pub kind: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// File of the public key.
    pub path: String,
}
