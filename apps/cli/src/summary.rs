//! A Snapshot on one screen: what the host is, what stands out, what could not be read. Pure.
//!
//! What a host did not tell is left out, never shown as zero.

use std::{collections::BTreeMap, fmt::Write as _};

use luumen_model::{
    Applications, Containers, Firewall, Hardware, Kernel, ListeningPorts, MandatoryAccess, Network, Os,
    Packages, PendingUpdates, PythonPackages, RebootRequired, SectionKind, SectionStatus, Services, Snapshot,
    TimeSync, Users, Vitals,
};

use crate::terminal::tame;

/// The page for `place`.
pub(crate) fn page(place: &str, snapshot: &Snapshot) -> String {
    let mut page = Page::default();
    page.head(place, snapshot);
    page.machine(snapshot);
    page.software(snapshot);
    page.exposure(snapshot);
    page.protection(snapshot);
    page.gaps(snapshot);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// A row; parts that are not known are not there.
    fn row<const N: usize>(&mut self, name: &str, parts: [Option<String>; N]) {
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        if !parts.is_empty() {
            let _ = writeln!(self.text, "  {name:<13}{}", tame(&parts.join(", ")));
        }
    }

    fn head(&mut self, place: &str, snapshot: &Snapshot) {
        let os = snapshot.get::<Os>().unwrap_or_default();
        let known = |text: String| if text.is_empty() { "?".to_owned() } else { text };
        let title = [known(os.hostname), known(os.name), known(os.arch)].join(" · ");
        let _ = writeln!(self.text, "{}", tame(&title));
        let sections = snapshot.sections.len();
        let complete = snapshot
            .sections
            .values()
            .filter(|record| record.status.is_complete())
            .count();
        let tier = word(snapshot.tier);
        let _ = writeln!(
            self.text,
            "{} as {}, {:.1} s, sudo {tier}: {complete} of {sections} sections complete\n",
            tame(place),
            tame(&snapshot.username),
            snapshot.duration_ms as f64 / 1000.0
        );
    }

    fn machine(&mut self, snapshot: &Snapshot) {
        let vitals = snapshot.get::<Vitals>();
        if let Some(hardware) = snapshot.get::<Hardware>() {
            self.row(
                "Machine",
                [
                    hardware.virtualization.filter(|kind| kind != "none"),
                    join(hardware.system_vendor, hardware.product_name),
                    hardware.cpu_threads.map(|threads| format!("{threads} CPUs")),
                    hardware.cpu_model,
                    hardware.mem_bytes.map(|bytes| format!("{} memory", size(bytes))),
                ],
            );
        }
        if let Some(vitals) = &vitals {
            let full = vitals
                .mounts
                .iter()
                .filter(|mount| mount.used_percent.is_some_and(|used| used >= 85.0));
            let full: Vec<String> = full
                .map(|mount| {
                    format!(
                        "{} {:.0} % full",
                        mount.mount_point,
                        mount.used_percent.unwrap_or_default()
                    )
                })
                .collect();
            self.row(
                "State",
                [
                    vitals.uptime_s.map(|seconds| format!("up {}", span(seconds))),
                    vitals.load_1m.map(|load| format!("load {load:.2}")),
                    Some(full.join(", ")),
                ],
            );
        }
        if let Some(network) = snapshot.get::<Network>() {
            let own = |address: &&String| !address.starts_with("127.") && !address.starts_with("::1");
            let addresses: Vec<String> = network
                .interfaces
                .iter()
                .flat_map(|interface| {
                    interface
                        .addresses
                        .iter()
                        .filter(own)
                        .map(|a| format!("{} {a}", interface.name))
                })
                .collect();
            self.row("Network", [Some(few(&addresses, 4))]);
        }
    }

    fn software(&mut self, snapshot: &Snapshot) {
        if let Some(packages) = snapshot.get::<Packages>() {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            let items = packages.items.iter();
            for package in items.filter(|package| package.is_installed()) {
                *counts.entry(word(package.manager)).or_default() += 1;
            }
            let mut parts: Vec<String> = counts
                .iter()
                .map(|(manager, count)| format!("{count} {manager}"))
                .collect();
            let python = snapshot
                .get::<PythonPackages>()
                .map(|python| python.items.len())
                .filter(|count| *count > 0);
            parts.extend(python.map(|count| format!("{count} Python")));
            let whole = is_whole(snapshot, SectionKind::Packages);
            self.row(
                "Packages",
                [
                    Some(parts.join(", ")),
                    (!whole).then(|| "and maybe more".to_owned()),
                ],
            );
        }
        if let Some(updates) = snapshot.get::<PendingUpdates>() {
            let age_s = updates
                .metadata_at
                .map(|at| snapshot.taken_at.millis_since(at) / 1000);
            self.row(
                "Updates",
                [
                    Some(count(
                        snapshot,
                        SectionKind::PendingUpdates,
                        updates.items.len(),
                        "pending",
                    )),
                    updates
                        .security_count
                        .map(|count| format!("{count} of them security")),
                    age_s.map(|seconds| format!("as of {} ago", span(seconds))),
                ],
            );
        }
        if let Some(kernel) = snapshot.get::<Kernel>() {
            let newer = kernel
                .newest_installed
                .filter(|_| kernel.running_is_newest == Some(false));
            self.row(
                "Kernel",
                [
                    Some(kernel.running),
                    newer.map(|newest| format!("newer installed: {newest}")),
                ],
            );
        }
        if let Some(reboot) = snapshot
            .get::<RebootRequired>()
            .filter(|reboot| reboot.required == Some(true))
        {
            self.row(
                "Reboot",
                [Some("required".to_owned()), Some(few(&reboot.reasons, 5))],
            );
        }
        if let Some(applications) = snapshot.get::<Applications>() {
            let names = applications
                .items
                .into_iter()
                .map(|app| join(Some(app.name), app.version).unwrap_or_default());
            self.row("Applications", [Some(few(&unique(names), 6))]);
        }
        if let Some(containers) = snapshot
            .get::<Containers>()
            .filter(|containers| !containers.runtimes.is_empty())
        {
            let running = containers
                .items
                .iter()
                .filter(|container| container.state == "running")
                .count();
            self.row(
                "Containers",
                [Some(format!("{running} of {} running", containers.items.len()))],
            );
        }
    }

    fn exposure(&mut self, snapshot: &Snapshot) {
        if let Some(ports) = snapshot.get::<ListeningPorts>() {
            let exposed = ports.items.into_iter().filter(|port| port.exposed);
            let exposed = exposed.map(|port| {
                join(Some(format!("{}/{}", port.port, port.protocol)), port.process).unwrap_or_default()
            });
            self.row("Listening", [Some(few(&unique(exposed), 8))]);
        }
        if let Some(services) = snapshot.get::<Services>() {
            let is = |wanted: &'static str| {
                move |service: &&luumen_model::Service| {
                    [&service.active_state, &service.sub_state]
                        .into_iter()
                        .flatten()
                        .any(|state| state == wanted)
                }
            };
            let running = services.items.iter().filter(is("running")).count();
            let failed: Vec<String> = services
                .items
                .iter()
                .filter(is("failed"))
                .map(|service| service.name.clone())
                .collect();
            let failed =
                (!failed.is_empty()).then(|| format!("{} failed: {}", failed.len(), few(&failed, 4)));
            self.row(
                "Services",
                [
                    Some(count(snapshot, SectionKind::Services, running, "running")),
                    failed,
                ],
            );
        }
        if let Some(users) = snapshot.get::<Users>() {
            let people: Vec<String> = users
                .items
                .iter()
                .filter(|user| user.login_allowed && !user.system)
                .map(|user| user.name.clone())
                .collect();
            let roots: Vec<String> = users
                .items
                .iter()
                .filter(|user| user.uid == 0 && user.name != "root")
                .map(|u| u.name.clone())
                .collect();
            let empty: Vec<String> = users
                .items
                .iter()
                .filter(|user| user.password_state.as_deref() == Some("empty"))
                .map(|user| user.name.clone())
                .collect();
            self.row(
                "Accounts",
                [
                    Some(format!("{} with a shell", few(&people, 6))).filter(|_| !people.is_empty()),
                    (!roots.is_empty()).then(|| format!("also uid 0: {}", few(&roots, 4))),
                    (!empty.is_empty()).then(|| format!("without a password: {}", few(&empty, 4))),
                ],
            );
        }
    }

    fn protection(&mut self, snapshot: &Snapshot) {
        let access = snapshot.get::<MandatoryAccess>().unwrap_or_default();
        let firewall = snapshot.get::<Firewall>().map(|firewall| {
            let active = firewall.tools.iter().filter(|tool| tool.active == Some(true));
            active.map(|tool| tool.name.clone()).collect::<Vec<_>>()
        });
        self.row(
            "Protection",
            [
                access
                    .selinux
                    .and_then(|selinux| selinux.mode)
                    .map(|mode| format!("SELinux {mode}")),
                access
                    .apparmor
                    .filter(|apparmor| apparmor.enabled == Some(true))
                    .map(|_| "AppArmor".to_owned()),
                firewall
                    .filter(|names| !names.is_empty())
                    .map(|names| format!("firewall {}", names.join(" + "))),
            ],
        );
        if let Some(time) = snapshot.get::<TimeSync>() {
            let state = time
                .synchronized
                .map(|good| if good { "in sync" } else { "NOT in sync" }.to_owned());
            self.row("Clock", [time.service, state]);
        }
    }

    /// Absence is not absence where we could not look, so this is never left out.
    fn gaps(&mut self, snapshot: &Snapshot) {
        let gaps: Vec<_> = snapshot
            .sections
            .iter()
            .filter(|(_, record)| !record.status.is_complete())
            .collect();
        if gaps.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "\nNot read, or not whole:");
        for (kind, record) in &gaps {
            let problem = record
                .problems
                .first()
                .map(|problem| format!(": {}", problem.message))
                .unwrap_or_default();
            let _ = writeln!(
                self.text,
                "  {:<22}{}{}",
                kind.title(),
                word(record.status),
                tame(&problem)
            );
        }
        let denied = gaps
            .iter()
            .any(|(_, record)| record.status == SectionStatus::Denied);
        let rights = gaps.iter().flat_map(|(_, record)| &record.missing_rights);
        let mut lines: Vec<(String, String)> = rights
            .filter_map(|right| Some((word(right.tier), right.sudoers_line.clone()?)))
            .collect();
        lines.sort();
        lines.dedup();
        if lines.is_empty() && denied {
            let _ = writeln!(
                self.text,
                "\nNo sudo right would change that; another account might see more."
            );
        }
        for (index, (tier, line)) in lines.iter().enumerate() {
            if index == 0 || lines[index - 1].0 != *tier {
                let _ = writeln!(
                    self.text,
                    "\nWith --sudo {tier} and these lines in /etc/sudoers.d/luumen it could be read:"
                );
            }
            let _ = writeln!(self.text, "  {}", tame(line));
        }
    }
}

fn is_whole(snapshot: &Snapshot, kind: SectionKind) -> bool {
    snapshot
        .sections
        .get(&kind)
        .is_some_and(|record| record.status.is_complete())
}

/// A number of things. What could not be read whole is never a plain zero.
fn count(snapshot: &Snapshot, kind: SectionKind, number: usize, what: &str) -> String {
    match (is_whole(snapshot, kind), number) {
        (true, number) => format!("{number} {what}"),
        (false, 0) => format!("not known how many {what}"),
        (false, number) => format!("at least {number} {what}"),
    }
}

/// The word that travels.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn join(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one} {other}")),
        (one, other) => one.or(other),
    }
}

fn unique(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// The first `most`, and how many more there are.
fn few(items: &[String], most: usize) -> String {
    let shown = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match items.len().checked_sub(most).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}

fn size(bytes: i64) -> String {
    let gib = bytes as f64 / f64::from(1 << 30);
    if gib >= 1.0 {
        format!("{gib:.1} GiB")
    } else {
        format!("{:.0} MiB", gib * 1024.0)
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        s if s >= 2 * 86_400 => format!("{} days", s / 86_400),
        s if s >= 2 * 3_600 => format!("{} hours", s / 3_600),
        s if s >= 120 => format!("{} minutes", s / 60),
        s => format!("{} seconds", s.max(0)),
    }
}

#[cfg(test)]
mod tests;
