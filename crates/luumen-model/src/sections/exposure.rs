//! What the host offers to others and when it acts by itself: services, timers, ports, certificates, clock.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// Services and their state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Services {
    /// `systemd`, `openrc`, `sysv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// Sorted by name.
    pub items: Vec<Service>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Service {
    /// Unit or script name.
    pub name: String,
    /// systemd load state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_state: Option<String>,
    /// `active`, `inactive`, `failed`, `started`, `stopped`, `crashed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_state: Option<String>,
    /// `running`, `exited`, `dead`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_state: Option<String>,
    /// `enabled`, `disabled`, `static`, `masked`, or OpenRC run levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<String>,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Timers and cron jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Timers {
    /// systemd timers.
    pub timers: Vec<Timer>,
    /// Cron lines.
    pub cron: Vec<CronJob>,
}

/// A systemd timer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Timer {
    /// Timer unit.
    pub unit: String,
    /// Unit it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activates: Option<String>,
    /// `enabled`, `disabled`, `static`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<String>,
}

/// A cron line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CronJob {
    /// File it is written in.
    pub path: String,
    /// Five fields, a nickname such as `@daily`, or the directory's name.
    pub schedule: String,
    /// As whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What runs; words that look like secrets are replaced by `***`.
    pub command: String,
}

/// Who keeps the clock right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TimeSync {
    /// `chronyd`, `ntpd`, `systemd-timesyncd`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether that service runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Whether the kernel's clock is synchronised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synchronized: Option<bool>,
    /// Servers it is told to use.
    pub servers: Vec<String>,
}

/// What listens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ListeningPorts {
    /// Sorted by protocol, port, address.
    pub items: Vec<ListeningPort>,
    /// False when the owner of some sockets could not be read.
    pub processes_read: bool,
}

/// A listening socket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ListeningPort {
    /// `tcp`, `tcp6`, `udp`, `udp6`.
    pub protocol: String,
    /// Local address; `0.0.0.0` and `::` mean all.
    pub address: String,
    /// Port.
    pub port: i64,
    /// Program name, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// Owner of the socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<i64>,
    /// True when the address is not loopback.
    pub exposed: bool,
}

/// Certificates on the usual paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Certificates {
    /// Sorted by path.
    pub items: Vec<Certificate>,
    /// Files with more than 20 certificates, of which the first 20 are among `items`: lists of authorities, mostly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<CertificateBundle>,
}

/// A file with many certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CertificateBundle {
    /// File.
    pub path: String,
    /// How many certificates it holds.
    pub certificates: i64,
}

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Certificate {
    /// File.
    pub path: String,
    /// Subject, RFC 4514.
    pub subject: String,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Hex.
    pub serial: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid to.
    pub not_after: Timestamp,
    /// `rsa`, `ec`, `ed25519`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_kind: Option<String>,
    /// Key size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_bits: Option<i64>,
    /// Such as `sha256WithRSAEncryption`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_algorithm: Option<String>,
    /// Subject alternative names.
    pub names: Vec<String>,
    /// Whether it may sign others.
    pub is_ca: bool,
    /// Whether subject and issuer are the same.
    pub self_signed: bool,
    /// Hex.
    pub fingerprint_sha256: String,
}
