//! Accounts and groups. Hashes never get here: the host only says their kind.

use std::collections::BTreeMap;

use luumen_model::{Group, Groups, User, Users};

use super::some_text;
use crate::view::{Notes, View, complaints};

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
    let logins = view.output("users.logins").map(logins).unwrap_or_default();
    let keys = view
        .output("users.keys")
        .filter(|_| usual_key_files(view))
        .map(key_counts);
    // What find could not enter may hold keys, too: a home on another machine that does not trust our root.
    let failed = view.said("users.keys").and_then(|said| complaints(&said).next());
    if let Some(line) = failed.filter(|_| keys.is_some()) {
        notes.odd("users.keys", "not every home could be looked into", line);
    }
    for user in &mut items {
        user.last_login_on = logins.get(user.name.as_str()).cloned();
        user.authorized_keys = keys
            .as_ref()
            .and_then(|keys| keys_of(user, keys, failed.is_none()));
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

/// `ann  pts/0  192.0.2.7  Sun Nov 29 10:00:10 +0000 2026` of `lastlog`, by account; who never came is left out.
fn logins(text: &str) -> BTreeMap<&str, String> {
    let line = |line: &'_ str| -> Option<String> {
        let mut words = line.split_whitespace().rev();
        let (year, _zone, _time) = (words.next()?, words.next()?, words.next()?);
        let (day, month) = (words.next()?.parse::<u8>().ok()?, words.next()?);
        let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
        let month = months.find(month).filter(|at| at % 3 == 0 && month.len() == 3)? / 3 + 1;
        (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| format!("{year}-{month:02}-{day:02}"))
    };
    text.lines()
        .filter_map(|text| Some((text.split_whitespace().next()?, line(text)?)))
        .collect()
}

/// Whether sshd reads keys where they were counted: by what it told, else by its files, if all of them could be read. Where
/// neither could, that there is no key in the usual place says nothing.
fn usual_key_files(view: &View<'_>) -> bool {
    if let Some(effective) = view.output("sshd.effective").filter(|text| !text.is_empty()) {
        return effective.lines().all(names_usual_files);
    }
    let mains = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"];
    let closed = view.denied().iter().any(|path| path.contains("/ssh/sshd_config"));
    if closed || !mains.iter().any(|path| view.has_file(path)) {
        return false;
    }
    let included = view
        .files("/etc/ssh/sshd_config.d/", ".conf")
        .map(|(_, lines)| lines);
    let mains = mains.iter().map(|path| view.lines(path));
    included
        .chain(mains)
        .flatten()
        .all(|line| names_usual_files(line))
}

/// True for every line of sshd's settings, but for one that has keys read elsewhere.
fn names_usual_files(line: &str) -> bool {
    let line = line.trim();
    let (key, files) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
    let files = files.trim_matches(|c: char| c.is_whitespace() || c == '=');
    !key.eq_ignore_ascii_case("authorizedkeysfile")
        || files
            .split_whitespace()
            .all(|file| file.contains(".ssh/authorized_keys"))
}

/// `/home/ann/.ssh/authorized_keys:2`, by the home; the file's older name ends in 2 and counts, too.
fn key_counts(text: &str) -> BTreeMap<&str, i64> {
    let mut out = BTreeMap::new();
    for line in text.lines() {
        let counted = line.rsplit_once(':').and_then(|(path, count)| {
            let home = path
                .strip_suffix('2')
                .unwrap_or(path)
                .strip_suffix("/.ssh/authorized_keys")?;
            Some((home, count.parse::<i64>().ok()?))
        });
        if let Some((home, count)) = counted {
            *out.entry(home).or_default() += count;
        }
    }
    out
}

/// None where nobody looked: only `/root` and the homes right under `/home` are counted, and no file is no key only where
/// every one of them could be looked into.
fn keys_of(user: &User, keys: &BTreeMap<&str, i64>, everywhere: bool) -> Option<i64> {
    let home = user.home.trim_end_matches('/');
    let looked = home == "/root"
        || home
            .strip_prefix("/home/")
            .is_some_and(|name| !name.contains('/'));
    let none = everywhere.then_some(0);
    keys.get(home).copied().or(none).filter(|_| looked)
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
    use super::{date, hash_kinds, key_counts, keys_of, logins, names_usual_files, passwd_states, user};

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

    #[test]
    fn the_last_login_is_a_day() {
        let seen = logins(
            "Username         Port     From                                       Latest\n\
             root             pts/0    192.0.2.7                                 Sun Nov  9 10:00:10 +0000 2026\n\
             daemon                                                              **Never logged in**\n\
             ann              tty1                                               Tue Dec 30 23:59:59 +0100 2025\n",
        );
        assert_eq!(seen["root"], "2026-11-09");
        assert_eq!(seen["ann"], "2025-12-30");
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn keys_may_lie_elsewhere() {
        let usual = [
            "authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2",
            "AuthorizedKeysFile\t%h/.ssh/authorized_keys",
            "AuthorizedKeysFile = \".ssh/authorized_keys\"",
            "# AuthorizedKeysFile /etc/ssh/keys/%u",
            "PermitRootLogin no",
            "",
        ];
        assert!(usual.iter().all(|line| names_usual_files(line)));
        let elsewhere = [
            "authorizedkeysfile /etc/ssh/keys/%u",
            "  AuthorizedKeysFile=/etc/ssh/keys/%u",
            "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u",
        ];
        assert!(!elsewhere.iter().any(|line| names_usual_files(line)));
    }

    #[test]
    fn keys_are_counted_where_somebody_looked() {
        let keys = key_counts(
            "/home/ann/.ssh/authorized_keys:1\n/home/ann/.ssh/authorized_keys2:1\n/root/.ssh/authorized_keys:1\nodd\n",
        );
        let of = |line| keys_of(&user(line, 1000).expect("a user"), &keys, true);
        assert_eq!(of("ann:x:1000:1000::/home/ann:/bin/sh"), Some(2));
        assert_eq!(of("bob:x:1001:1001::/home/bob/:/bin/sh"), Some(0));
        assert_eq!(of("root:x:0:0::/root:/bin/sh"), Some(1));
        assert_eq!(of("db:x:110:110::/var/lib/db:/bin/sh"), None);
        let bob = user("bob:x:1001:1001::/home/bob:/bin/sh", 1000).expect("a user");
        assert_eq!(
            keys_of(&bob, &keys, false),
            None,
            "a home could not be looked into"
        );
    }
}
