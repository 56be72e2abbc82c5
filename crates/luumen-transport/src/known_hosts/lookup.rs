//! What is known about one host, and what that means for the key it shows.
//!
//! Pure: it works on the lines that `entry` read and decides nothing about trust on first use
//! (`ssh::host_key` does).

use std::collections::HashMap;

use super::{
    entry::{Entry, Marker, lookup_name},
    host_key::HostKey,
};

/// Lines in an order in which a host is found without trying each of them.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// Lines with plain names only, by name.
    plain: HashMap<String, Vec<usize>>,
    /// Hashed names and wildcards have to be tried one by one.
    others: Vec<usize>,
}

impl Index {
    pub(super) fn push(&mut self, entry: Entry) {
        let number = self.entries.len();
        match entry.hosts.plain_names() {
            Some(names) => {
                for name in names {
                    self.plain.entry(name.to_owned()).or_default().push(number);
                }
            }
            None => self.others.push(number),
        }
        self.entries.push(entry);
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines that mean `name`, in the order of the files.
    pub(super) fn find(&self, name: &str) -> Vec<&Entry> {
        let plain = self.plain.get(name).into_iter().flatten();
        let others = self
            .others
            .iter()
            .filter(|&&number| self.entries[number].hosts.matches(name));
        let mut numbers: Vec<usize> = plain.chain(others).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| &self.entries[number]).collect()
    }

    pub(super) fn known(&self, host: &str, port: u16) -> Known {
        let mut known = Known::default();
        for entry in self.find(&lookup_name(host, port)) {
            match entry.marker {
                Marker::Host => known.keys.push(entry.clone()),
                Marker::CertAuthority => known.authorities.push(entry.clone()),
                Marker::Revoked => known.revoked.push(entry.clone()),
            }
        }
        // OpenSSH falls back to lines without a port. They can vouch for a key; that another key is
        // found there proves no change, because another port may well be another server.
        if port != 22 {
            for entry in self.find(&lookup_name(host, 22)) {
                match entry.marker {
                    Marker::Host if known.keys.is_empty() => known.portless.push(entry.clone()),
                    Marker::Host => {}
                    Marker::CertAuthority => known.authorities.push(entry.clone()),
                    Marker::Revoked => known.revoked.push(entry.clone()),
                }
            }
        }
        known
    }
}

/// What the files say about one host.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its keys.
    pub keys: Vec<Entry>,
    /// Authorities that may vouch for it.
    pub authorities: Vec<Entry>,
    /// Keys that must not be used.
    pub revoked: Vec<Entry>,
    portless: Vec<Entry>,
}

/// What a shown key is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The files name this very key.
    Known,
    /// The files name no key of this host.
    Unknown,
    /// The files name another key, on this line.
    Changed(Box<Entry>),
    /// The files forbid this key, on this line.
    Revoked(Box<Entry>),
}

impl Known {
    /// Judges a plain host key.
    pub fn verdict(&self, shown: &HostKey) -> Verdict {
        if let Some(entry) = self.revocation(shown) {
            return Verdict::Revoked(Box::new(entry.clone()));
        }
        if self
            .keys
            .iter()
            .chain(&self.portless)
            .any(|entry| entry.key == *shown)
        {
            return Verdict::Known;
        }
        // A key of another type than the known ones counts as changed: we asked for the known types
        // first, so a server that still had one of those keys would have shown it.
        let same_type = self
            .keys
            .iter()
            .find(|entry| entry.key.algorithm() == shown.algorithm());
        match same_type.or(self.keys.first()) {
            Some(entry) => Verdict::Changed(Box::new(entry.clone())),
            None => Verdict::Unknown,
        }
    }

    /// The keys that would be believed, each once.
    pub(super) fn trusted(&self) -> Vec<HostKey> {
        let mut keys: Vec<HostKey> = Vec::new();
        for entry in self.keys.iter().chain(&self.portless) {
            if self.revocation(&entry.key).is_none() && !keys.contains(&entry.key) {
                keys.push(entry.key.clone());
            }
        }
        keys
    }

    /// The line that forbids `key`, be it a host's or an authority's.
    pub fn revocation(&self, key: &HostKey) -> Option<&Entry> {
        self.revoked.iter().find(|entry| entry.key == *key)
    }

    /// The types of the known keys, so that the server is asked for those first.
    pub fn algorithms(&self) -> impl Iterator<Item = &str> {
        self.keys
            .iter()
            .chain(&self.portless)
            .map(|entry| entry.key.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entry::parse, *};

    const RED: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const BLUE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN+Wjn4+4Fcvl2JlKpggT+wCRxpSvtqqpVrQrKN1/A22";
    const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFJm0ay0W\
                         sTFvNDkSpEmhhs0hUpUtIbeLbtjmJvF5rtvbB2/8Mn3DtLaPwDMHHHu0QDm9DlZjJGpwVhm4YUWDwE=";

    fn key(text: &str) -> HostKey {
        HostKey::from_openssh(text).unwrap()
    }

    #[track_caller]
    fn check(file: &str, host: &str, port: u16, shown: &str, expected: &str) {
        let mut index = Index::default();
        for entry in parse(file, "f").0 {
            index.push(entry);
        }
        let verdict = match index.known(host, port).verdict(&key(shown)) {
            Verdict::Known => "known".to_owned(),
            Verdict::Unknown => "unknown".to_owned(),
            Verdict::Changed(entry) => format!("changed, line {}", entry.line),
            Verdict::Revoked(entry) => format!("revoked, line {}", entry.line),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_key_is_known_unknown_changed_or_revoked() {
        check(&format!("db-3 {RED}"), "db-3", 22, RED, "known");
        check(&format!("db-3 {RED}"), "db-4", 22, RED, "unknown");
        check(&format!("db-3 {RED}"), "db-3", 22, BLUE, "changed, line 1");
        check(
            &format!("db-3 {RED}\n@revoked * {RED}"),
            "db-3",
            22,
            RED,
            "revoked, line 2",
        );
        check(&format!("@revoked db-9 {RED}"), "db-3", 22, RED, "unknown");
    }

    #[test]
    fn one_of_several_keys_is_enough() {
        check(&format!("db-3 {RED}\ndb-3 {BLUE}"), "db-3", 22, BLUE, "known");
        check(
            &format!("db-3 {ECDSA}\ndb-3 {RED}"),
            "db-3",
            22,
            BLUE,
            "changed, line 2",
        );
    }

    #[test]
    fn a_key_of_another_type_is_a_change() {
        check(&format!("db-3 {ECDSA}"), "db-3", 22, RED, "changed, line 1");
    }

    #[test]
    fn a_line_without_port_vouches_but_never_accuses() {
        check(&format!("db-3 {RED}"), "db-3", 2222, RED, "known");
        check(&format!("db-3 {RED}"), "db-3", 2222, BLUE, "unknown");
        check(
            &format!("[db-3]:2222 {BLUE}\ndb-3 {RED}"),
            "db-3",
            2222,
            RED,
            "changed, line 1",
        );
        check(
            &format!("@revoked db-3 {RED}"),
            "db-3",
            2222,
            RED,
            "revoked, line 1",
        );
    }

    #[test]
    fn an_authority_is_no_host_key() {
        check(&format!("@cert-authority * {RED}"), "db-3", 22, RED, "unknown");
    }
}
