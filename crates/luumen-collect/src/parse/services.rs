//! Services and timers of systemd, OpenRC and SysV, and cron.

use std::collections::BTreeMap;

use luumen_model::{CronJob, Service, Services, Timer, Timers};

use super::{secrets::in_command, some_text};
use crate::view::{Notes, View, complaints};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Services> {
    let mut items: BTreeMap<String, Service> = BTreeMap::new();
    let manager = if let Some(units) = view.output("services.units") {
        for line in units.lines().filter(|line| !line.trim().is_empty()) {
            match unit(line) {
                Some(service) => drop(items.insert(service.name.clone(), service)),
                None => notes.odd("services.units", "not a line of systemctl", line),
            }
        }
        for (name, state) in unit_files(view, ".service") {
            let service = items.entry(name.clone()).or_insert_with(|| Service {
                name,
                ..Service::default()
            });
            service.enabled = Some(state);
        }
        "systemd"
    } else if let Some(status) = view.output("services.openrc") {
        items.extend(openrc(status, view));
        "openrc"
    } else {
        items.extend(links(view));
        if items.is_empty() {
            return None;
        }
        // Links say what starts at boot; nobody said what runs now.
        notes.problem(
            "probe.links",
            "no running service manager: only what starts at boot is known",
        );
        if view.probed("/etc/systemd/system/").next().is_some() {
            "systemd"
        } else {
            "sysv"
        }
    };
    Some(Services {
        manager: Some(manager.to_owned()),
        items: items.into_values().collect(),
    })
}

/// `ssh.service loaded active running OpenBSD Secure Shell server`; failed units have a dot in front.
fn unit(line: &str) -> Option<Service> {
    let mut words = line.trim_start_matches(['\u{25cf}', '*', ' ']).split_whitespace();
    let name = words.next()?;
    let (load, active, sub) = (words.next()?, words.next()?, words.next()?);
    let name = name.strip_suffix(".service")?;
    Some(Service {
        name: name.to_owned(),
        load_state: Some(load.to_owned()),
        active_state: Some(active.to_owned()),
        sub_state: Some(sub.to_owned()),
        enabled: None,
        description: some_text(&words.collect::<Vec<_>>().join(" ")),
    })
}

/// `ssh.service enabled enabled` lines of one kind of unit.
fn unit_files(view: &View<'_>, suffix: &str) -> Vec<(String, String)> {
    let lines = view.output("services.unit_files").unwrap_or_default().lines();
    lines
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((
                words.next()?.strip_suffix(suffix)?.to_owned(),
                words.next()?.to_owned(),
            ))
        })
        .collect()
}

/// ` sshd   [  started  ]` lines, and run levels from their links.
fn openrc(status: &str, view: &View<'_>) -> BTreeMap<String, Service> {
    let mut items: BTreeMap<String, Service> = BTreeMap::new();
    for line in status.lines() {
        let Some((name, state)) = line.split_once('[') else {
            continue;
        };
        let state = state.split(']').next().unwrap_or("").split_whitespace().next();
        let service = Service {
            name: name.trim().to_owned(),
            active_state: state.map(str::to_owned),
            ..Service::default()
        };
        items.insert(service.name.clone(), service);
    }
    for path in view.probed("/etc/runlevels/") {
        let mut parts = path.split('/').skip(3);
        let (Some(level), Some(name)) = (parts.next(), parts.next()) else {
            continue;
        };
        let service = items.entry(name.to_owned()).or_insert_with(|| Service {
            name: name.to_owned(),
            ..Service::default()
        });
        let levels = service.enabled.get_or_insert_default();
        if !levels.is_empty() {
            levels.push(' ');
        }
        levels.push_str(level);
    }
    items
}

/// What starts at boot, where no manager runs that could be asked.
fn links(view: &View<'_>) -> BTreeMap<String, Service> {
    let systemd = view
        .probed("/etc/systemd/system/")
        .filter_map(|path| path.rsplit('/').next()?.strip_suffix(".service"));
    let sysv = view.probed("/etc/rc").filter_map(|path| {
        let link = path.rsplit('/').next()?;
        let name = link
            .strip_prefix('S')?
            .trim_start_matches(|c: char| c.is_ascii_digit());
        (link.starts_with('S') && path.contains(".d/")).then_some(name)
    });
    let service = |name: &str| Service {
        name: name.to_owned(),
        enabled: Some("enabled".to_owned()),
        ..Service::default()
    };
    systemd
        .chain(sysv)
        .map(|name| (name.to_owned(), service(name)))
        .collect()
}

pub(super) fn read_timers(view: &View<'_>, notes: &mut Notes) -> Option<Timers> {
    let mut timers: Vec<Timer> = unit_files(view, ".timer")
        .into_iter()
        .map(|(name, state)| Timer {
            activates: Some(format!("{name}.service")),
            unit: format!("{name}.timer"),
            enabled: Some(state),
        })
        .collect();
    if view.output("services.unit_files").is_none() {
        let linked = view
            .probed("/etc/systemd/system/")
            .filter_map(|path| path.rsplit('/').next());
        timers = linked
            .filter_map(|name| Some((name, name.strip_suffix(".timer")?)))
            .map(|(unit, stem)| Timer {
                unit: unit.to_owned(),
                activates: Some(format!("{stem}.service")),
                enabled: Some("enabled".to_owned()),
            })
            .collect();
    }
    timers.sort_by(|a, b| a.unit.cmp(&b.unit));
    timers.dedup();
    let mut cron = Vec::new();
    for (path, lines) in view
        .files("/etc/crontab", "")
        .chain(view.files("/etc/cron.d/", ""))
    {
        cron.extend(lines.iter().filter_map(|line| cron_line(path, line, true, notes)));
    }
    for (path, line) in rows("timers.closed", view, notes) {
        // The account may read some of them itself, and cron passes over hidden files.
        let is_table = path == "/etc/crontab" || path.starts_with("/etc/cron.d/");
        if is_table && !path.contains("/.") && !view.has_file(path) {
            cron.extend(cron_line(path, line, true, notes));
        }
    }
    for (path, line) in rows("timers.user_crontabs", view, notes) {
        let owner = path.rsplit('/').next().unwrap_or("");
        let job = cron_line(path, line, false, notes);
        cron.extend(job.map(|job| CronJob {
            username: Some(owner.to_owned()),
            ..job
        }));
    }
    let links = view.output("probe.links").unwrap_or_default().lines();
    for folder in links.filter_map(|line| line.strip_prefix("closed ")) {
        notes.odd(
            "probe.links",
            "the account may not look into this folder, so the jobs in it are not known",
            folder,
        );
    }
    for prefix in ["/etc/cron.", "/etc/periodic/"] {
        for path in view.probed(prefix) {
            let Some((folder, name)) = path.rsplit_once('/') else {
                continue;
            };
            let schedule = folder.rsplit(['/', '.']).next().unwrap_or(folder);
            cron.push(CronJob {
                path: path.to_owned(),
                schedule: schedule.to_owned(),
                username: Some("root".to_owned()),
                command: name.to_owned(),
            });
        }
    }
    cron.sort_by(|a, b| (&a.path, &a.schedule, &a.command).cmp(&(&b.path, &b.schedule, &b.command)));
    Some(Timers { timers, cron })
}

/// The rows of `grep -r`: a file, and a line of it. What it could not read is noted; not every host has every folder.
fn rows<'a>(id: &str, view: &View<'a>, notes: &mut Notes) -> Vec<(&'a str, &'a str)> {
    let said = view.said(id);
    for line in said.iter().flat_map(complaints) {
        if view.output(id).is_some() && !line.ends_with(": No such file or directory") {
            notes.odd(id, "not all jobs could be read", line);
        }
    }
    let mut out = Vec::new();
    for row in view.output(id).unwrap_or_default().lines() {
        if row.starts_with("Binary file ") || row.ends_with(": binary file matches") {
            let message = "this file holds more than text, and its jobs are not known";
            notes.odd(id, message, row);
        } else {
            out.extend(row.split_once(':'));
        }
    }
    out
}

/// Five fields or a nickname, a user in system tables, and the command.
fn cron_line(path: &str, line: &str, has_user: bool, notes: &mut Notes) -> Option<CronJob> {
    let line = line.trim();
    let first = line.chars().next()?;
    let assignment = line
        .split_once('=')
        .is_some_and(|(name, _)| name.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    if first == '#' || (assignment && !first.is_ascii_digit() && first != '*') {
        return None;
    }
    let count = if first == '@' { 1 } else { 5 };
    let mut rest = line;
    let mut take = || {
        let (word, after) = rest.split_once(char::is_whitespace)?;
        rest = after.trim_start();
        Some(word)
    };
    let schedule: Option<Vec<&str>> = (0..count).map(|_| take()).collect();
    let username = if has_user { take() } else { Some("") };
    let (Some(schedule), Some(username)) = (schedule, username) else {
        notes.odd("timers.cron", "not a line of a crontab", line);
        return None;
    };
    Some(CronJob {
        path: path.to_owned(),
        schedule: schedule.join(" "),
        username: some_text(username),
        command: in_command(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::{cron_line, unit};
    use crate::view::Notes;

    #[test]
    fn reads_a_unit_with_or_without_its_dot() {
        let seen = unit("\u{25cf} foo.service loaded failed failed The Foo").expect("a unit");
        assert_eq!(
            (seen.name.as_str(), seen.active_state.as_deref()),
            ("foo", Some("failed"))
        );
        assert_eq!(seen.description.as_deref(), Some("The Foo"));
        assert!(unit("short.service").is_none());
    }

    #[test]
    fn reads_a_crontab() {
        let mut notes = Notes::default();
        let mut read = |line: &str| cron_line("/etc/crontab", line, true, &mut notes);
        let job = read("17 *\t* * *\troot\tcd / && run-parts /etc/cron.hourly").expect("a job");
        assert_eq!(
            (job.schedule.as_str(), job.username.as_deref()),
            ("17 * * * *", Some("root"))
        );
        assert_eq!(job.command, "cd / && run-parts /etc/cron.hourly");
        assert_eq!(
            read("@daily root /x").map(|job| job.schedule).as_deref(),
            Some("@daily")
        );
        assert!(read("# m h dom mon dow user command").is_none());
        assert!(read("PATH=/usr/bin").is_none());
        assert!(read("1 2 3").is_none());
        assert_eq!(notes.problems.len(), 1);
    }
}
