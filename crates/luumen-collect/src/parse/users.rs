//! Accounts and groups. Hashes never get here: the host only says their kind.

use std::collections::BTreeMap;

use luumen_model::{Group, Groups, User, Users};

use super::some_text;
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Users> {
    let lines = view.lines("/etc/passwd");
    if lines.is_empty() {
        return None;
    }
    let first_person = first_uid(view.lines("/etc/login.defs"));
    let mut items: Vec<User> = Vec::new();
    for line in lines
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with(['+', '-', '#']))
    {
        match user(line, first_person) {
            Some(user) => items.push(user),
            None => notes.odd("users.files", "not a line of passwd", line),
        }
    }
    let states = view.output("users.states").map(passwd_states).unwrap_or_default();
    let kinds = view
        .output("users.hash_kinds")
        .map(hash_kinds)
        .unwrap_or_default();
    for user in &mut items {
        if let Some(state) = states.get(user.name.as_str()) {
            state.apply(user);
        }
        if let Some(state) = kinds.get(user.name.as_str()) {
            state.apply(user);
        }
    }
    if !kinds.is_empty() {
        notes.forgive("users.states");
    }
    items.sort_by(|a, b| (a.uid, &a.name).cmp(&(b.uid, &b.name)));
    Some(Users {
        items,
        shadow_read: !states.is_empty() || !kinds.is_empty(),
    })
}

pub(super) fn read_groups(view: &View<'_>, notes: &mut Notes) -> Option<Groups> {
    let lines = view.lines("/etc/group");
    if lines.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    for line in lines
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with(['+', '-', '#']))
    {
        match group(line) {
            Some(group) => items.push(group),
            None => notes.odd("users.files", "not a line of group", line),
        }
    }
    items.sort_by(|a, b| (a.gid, &a.name).cmp(&(b.gid, &b.name)));
    Some(Groups { items })
}

fn user(line: &str, first_person: i64) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, password, uid, gid, gecos, home, shell] = fields.as_slice() else {
        return None;
    };
    let (uid, gid): (i64, i64) = (uid.parse().ok()?, gid.parse().ok()?);
    Some(User {
        name: (*name).to_owned(),
        uid,
        gid,
        gecos: some_text(gecos.trim_end_matches(',')),
        home: (*home).to_owned(),
        shell: (*shell).to_owned(),
        system: uid < first_person || uid == 65534,
        login_allowed: !["/nologin", "/false", "/sync", "/shutdown", "/halt"]
            .iter()
            .any(|end| shell.ends_with(end)),
        // An empty field lets anyone in, whatever shadow says.
        password_state: password.is_empty().then(|| "empty".to_owned()),
        ..User::default()
    })
}

fn group(line: &str) -> Option<Group> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, gid, members] = fields.as_slice() else {
        return None;
    };
    let mut members: Vec<String> = members
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    members.sort();
    Some(Group {
        name: (*name).to_owned(),
        gid: gid.parse().ok()?,
        members,
    })
}

fn first_uid(login_defs: &[&str]) -> i64 {
    let line = login_defs.iter().find_map(|line| line.strip_prefix("UID_MIN"));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(1000)
}

/// What is known of an account's password.
#[derive(Debug, Default, PartialEq)]
struct PasswordState {
    state: Option<&'static str>,
    hash_kind: Option<String>,
    changed_on: Option<String>,
    min_days: Option<i64>,
    max_days: Option<i64>,
    warn_days: Option<i64>,
    inactive_days: Option<i64>,
    expires_on: Option<String>,
}

impl PasswordState {
    fn apply(&self, user: &mut User) {
        if let Some(state) = self.state {
            user.password_state = Some(state.to_owned());
        }
        let keep = |old: &mut Option<i64>, new: Option<i64>| *old = new.filter(|days| *days >= 0).or(*old);
        keep(&mut user.password_min_days, self.min_days);
        keep(&mut user.password_max_days, self.max_days);
        keep(&mut user.password_warn_days, self.warn_days);
        keep(&mut user.password_inactive_days, self.inactive_days);
        user.password_changed_on = self.changed_on.clone().or(user.password_changed_on.take());
        user.password_hash_kind = self.hash_kind.clone().or(user.password_hash_kind.take());
        user.expires_on = self.expires_on.clone().or(user.expires_on.take());
    }
}

/// `root L 2026-01-01 0 99999 7 -1` of `passwd -S -a`; dates are `01/31/2026` in older ones.
fn passwd_states(text: &str) -> BTreeMap<&str, PasswordState> {
    let line = |line: &'_ str| -> Option<PasswordState> {
        let mut words = line.split_whitespace().skip(1);
        let state = match words.next()? {
            "P" | "PS" => "set",
            "L" | "LK" => "locked",
            "NP" => "empty",
            _ => return None,
        };
        let changed = words.next()?;
        let mut days = || words.next().and_then(|days| days.parse().ok());
        Some(PasswordState {
            state: Some(state),
            changed_on: date(changed),
            min_days: days(),
            max_days: days(),
            warn_days: days(),
            inactive_days: days(),
            ..PasswordState::default()
        })
    };
    text.lines()
        .filter_map(|text| Some((text.split_whitespace().next()?, line(text)?)))
        .collect()
}

fn date(text: &str) -> Option<String> {
    if let [month, day, year] = text.split('/').collect::<Vec<_>>().as_slice() {
        return Some(format!("{year}-{month}-{day}")).filter(|date| date.len() == 10);
    }
    (text.len() == 10 && text.as_bytes()[4] == b'-').then(|| text.to_owned())
}

/// `name|kind|first letter|length|changed|min|max|warn|inactive|expires`, counted in days since 1970.
fn hash_kinds(text: &str) -> BTreeMap<&str, PasswordState> {
    let line = |line: &'_ str| -> Option<PasswordState> {
        let fields: Vec<&str> = line.split('|').collect();
        let [_, kind, first, length, changed, min, max, warn, inactive, expires] = fields.as_slice() else {
            return None;
        };
        let state = match (*first, *length) {
            ("", _) => "empty",
            ("!", _) => "locked",
            ("*", _) => "none",
            _ => "set",
        };
        Some(PasswordState {
            state: Some(state),
            hash_kind: hash_kind(kind, length),
            changed_on: changed.parse().ok().and_then(day),
            min_days: min.parse().ok(),
            max_days: max.parse().ok(),
            warn_days: warn.parse().ok(),
            inactive_days: inactive.parse().ok(),
            expires_on: expires.parse().ok().and_then(day),
        })
    };
    text.lines()
        .filter_map(|text| Some((text.split('|').next()?, line(text)?)))
        .collect()
}

fn hash_kind(id: &str, length: &str) -> Option<String> {
    let name = match id {
        "1" => "md5",
        "2" | "2a" | "2b" | "2x" | "2y" => "bcrypt",
        "5" => "sha256",
        "6" => "sha512",
        "7" => "scrypt",
        "y" => "yescrypt",
        "gy" => "gost-yescrypt",
        "" if length == "13" => "des",
        "" => return None,
        other => other,
    };
    Some(name.to_owned())
}

/// A day since 1970 as a date.
fn day(days: i64) -> Option<String> {
    let at = jiff::Timestamp::from_second(days.checked_mul(86_400)?).ok()?;
    Some(at.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::{date, hash_kinds, passwd_states, user};

    #[test]
    fn reads_both_ways_to_write_a_state() {
        let seen = passwd_states("root L 2026-01-31 0 99999 7 -1\nann P 01/31/2026 1 90 14 30\nodd\n");
        assert_eq!(
            (seen["root"].state, seen["root"].max_days),
            (Some("locked"), Some(99999))
        );
        assert_eq!(seen["ann"].changed_on.as_deref(), Some("2026-01-31"));
        assert_eq!(seen.len(), 2);
        assert_eq!(date("never"), None);
    }

    #[test]
    fn a_hash_is_known_by_its_kind_only() {
        let seen =
            hash_kinds("ann|y|$|73|20000|0|90|7||\nbob||!|1|20000|0|99999|7||20100\neve||a|13|1|0|1|7||\n");
        assert_eq!(
            (seen["ann"].state, seen["ann"].hash_kind.as_deref()),
            (Some("set"), Some("yescrypt"))
        );
        assert_eq!(
            (seen["bob"].state, seen["bob"].expires_on.as_deref()),
            (Some("locked"), Some("2025-01-12"))
        );
        assert_eq!(seen["eve"].hash_kind.as_deref(), Some("des"));
    }

    #[test]
    fn an_empty_password_field_is_seen_without_any_right() {
        let ann = user("ann::1000:1000:Ann,,,:/home/ann:/bin/bash", 1000).expect("a user");
        assert_eq!(
            (
                ann.password_state.as_deref(),
                ann.gecos.as_deref(),
                ann.login_allowed
            ),
            (Some("empty"), Some("Ann"), true)
        );
        assert!(user("ann:x:abc", 1000).is_none());
    }
}
