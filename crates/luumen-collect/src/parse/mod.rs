//! Reads what a visit brought home: transcript in, Snapshot out. Pure: no host, no clock.

mod applications;
mod apt_lists;
mod apt_policy;
mod certificates;
mod containers;
mod disks;
mod exposure;
mod firewall;
mod hardware;
mod kernel;
mod mounts;
mod network;
mod os;
mod packages;
mod protection;
mod python;
mod quotes;
mod repo_settings;
mod repositories;
mod rpm_lists;
mod rpm_rules;
pub(crate) mod secrets;
mod services;
mod sshd;
mod sudo;
mod updates;
mod users;
mod vendors;
mod versionlock;
mod vitals;

use luumen_model::{Collector, SchemaTag, SectionKind, SectionRecord, Snapshot, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::{
    catalogue, judge,
    kept::{self, Seen},
    plan::Plan,
    transcript::Transcript,
    view::{Notes, View},
};

/// What is known of a visit besides its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitFacts {
    /// When it began, by the collector's clock.
    pub taken_at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// The account that was signed in.
    pub username: String,
    /// True when a cap on the whole visit's output cut something off.
    pub truncated: bool,
}

/// A section reader: the facts, or `None` when this host has no such thing or nothing could be read.
type Reader = fn(&View<'_>, &mut Notes) -> Option<Value>;

/// A stream as text. U+0000 goes the way of broken UTF-8: no database keeps it in a text.
fn text(stream: &[u8]) -> String {
    String::from_utf8_lossy(stream).replace('\0', "\u{fffd}")
}

/// Reads both streams of a visit into a snapshot. Bytes that are no UTF-8 are replaced; whatever a host
/// sends, every section that was asked for gets a record.
pub fn parse(plan: &Plan, stdout: &[u8], stderr: &[u8], facts: &VisitFacts) -> Snapshot {
    parse_seen(plan, stdout, stderr, facts).snapshot
}

/// The same, with what the next visit need not ask again.
pub fn parse_seen(plan: &Plan, stdout: &[u8], stderr: &[u8], facts: &VisitFacts) -> Seen {
    let (stdout, stderr) = (text(stdout), text(stderr));
    let mut transcript = Transcript::split(&stdout, &stderr, &plan.marker);
    let spared = kept::recall(plan, &mut transcript);
    let snapshot = snapshot(plan, &transcript, facts);
    let kept = kept::keep(plan, &transcript, &snapshot, &spared, facts.truncated);
    Seen {
        snapshot,
        kept,
        unchanged: kept::sections_of(&spared),
    }
}

fn snapshot(plan: &Plan, transcript: &Transcript<'_>, facts: &VisitFacts) -> Snapshot {
    let view = View::new(plan, transcript, facts);
    let sections = plan
        .options
        .sections
        .iter()
        .map(|kind| (*kind, read(*kind, &view)))
        .collect();
    Snapshot {
        schema: SchemaTag::V1,
        taken_at: facts.taken_at,
        duration_ms: facts.duration_ms,
        collector: Collector {
            name: plan.options.collector_name.clone(),
            version: plan.options.collector_version.clone(),
            catalogue: catalogue::version().to_owned(),
        },
        tier: plan.options.tier,
        username: facts.username.clone(),
        sections,
    }
}

fn read(kind: SectionKind, view: &View<'_>) -> SectionRecord {
    let mut notes = Notes::default();
    let data = reader(kind)(view, &mut notes);
    judge::record(kind, view, data, notes)
}

fn reader(kind: SectionKind) -> Reader {
    match kind {
        SectionKind::Os => |view, notes| json(os::read(view, notes)),
        SectionKind::Hardware => |view, notes| json(hardware::read(view, notes)),
        SectionKind::Disks => |view, notes| json(disks::read(view, notes)),
        SectionKind::Mounts => |view, notes| json(mounts::read(view, notes)),
        SectionKind::Network => |view, notes| json(network::read(view, notes)),
        SectionKind::Packages => |view, notes| json(packages::read(view, notes)),
        SectionKind::PythonPackages => |view, notes| json(python::read(view, notes)),
        SectionKind::Kernel => |view, notes| json(kernel::read(view, notes)),
        SectionKind::RebootRequired => |view, notes| json(kernel::read_reboot(view, notes)),
        SectionKind::Users => |view, notes| json(users::read(view, notes)),
        SectionKind::Groups => |view, notes| json(users::read_groups(view, notes)),
        SectionKind::Vitals => |view, notes| json(vitals::read(view, notes)),
        SectionKind::PendingUpdates => |view, notes| json(updates::read(view, notes)),
        SectionKind::Repositories => |view, notes| json(repositories::read(view, notes)),
        SectionKind::Services => |view, notes| json(services::read(view, notes)),
        SectionKind::Timers => |view, notes| json(services::read_timers(view, notes)),
        SectionKind::SudoPolicy => |view, notes| json(sudo::read(view, notes)),
        SectionKind::Sshd => |view, notes| json(sshd::read(view, notes)),
        SectionKind::Sysctl => |view, notes| json(protection::read_sysctl(view, notes)),
        SectionKind::MandatoryAccess => |view, notes| json(protection::read_mandatory_access(view, notes)),
        SectionKind::Firewall => |view, notes| json(firewall::read(view, notes)),
        SectionKind::Audit => |view, notes| json(protection::read_audit(view, notes)),
        SectionKind::CryptoPolicy => |view, notes| json(protection::read_crypto(view, notes)),
        SectionKind::TimeSync => |view, notes| json(exposure::read_time_sync(view, notes)),
        SectionKind::ListeningPorts => |view, notes| json(exposure::read_ports(view, notes)),
        SectionKind::Containers => |view, notes| json(containers::read(view, notes)),
        SectionKind::Certificates => |view, notes| json(certificates::read(view, notes)),
        SectionKind::Applications => |view, notes| json(applications::read(view, notes)),
    }
}

fn json<T: Serialize>(data: Option<T>) -> Option<Value> {
    serde_json::to_value(data?).ok()
}

/// `KEY=value` lines as os-release and login.defs-like files have them; quotes removed.
pub(crate) fn key_values<'a>(lines: &[&'a str]) -> Vec<(&'a str, String)> {
    let pairs = lines.iter().filter(|line| !line.trim_start().starts_with('#'));
    pairs
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), unquote(value.trim())))
        .collect()
}

fn unquote(value: &str) -> String {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    inner
        .unwrap_or(value)
        .replace("\\\"", "\"")
        .replace("\\$", "$")
        .replace("\\\\", "\\")
}

/// A trimmed text unless there is nothing in it.
pub(crate) fn some_text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
