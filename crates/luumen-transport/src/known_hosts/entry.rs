//! One line of `known_hosts`, as OpenSSH writes it: who is meant, and which key they have.
//!
//! Text in, values out. It does not look a host up (`lookup` does) and opens no file (`store` does).
//! A line that cannot be read becomes a [`Problem`] and is otherwise left alone.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::host_key::HostKey;

/// What a line says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// The host has this key.
    Host,
    /// `@cert-authority`: certificates signed by this key are good for the host.
    CertAuthority,
    /// `@revoked`: neither this key nor a certificate signed by it may be used.
    Revoked,
}

/// One line that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the line says about its key.
    pub marker: Marker,
    /// Who is meant.
    pub hosts: Hosts,
    /// The key.
    pub key: HostKey,
    /// What follows the key.
    pub comment: String,
    /// The file, by the name it was read under.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

/// One line that could not be read. It stays in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, by the name it was read under.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// The first field of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// `|1|salt|hash`: a name that only whoever knows it can recognise.
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
    /// `db-3,10.0.0.3,*.example.org,!old.example.org`
    Patterns(Vec<Pattern>),
}

/// One of the comma-separated names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// `!` in front: a host that matches is not meant, whatever the other names say.
    pub negated: bool,
    /// In small letters; `*` and `?` stand for any text and any letter.
    pub text: String,
}

impl Hosts {
    /// Does the line mean this host? `name` is what [`lookup_name`] makes.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Hashed { salt, hash } => hash_name(salt, name).as_slice() == hash,
            Self::Patterns(patterns) => {
                let mut matched = false;
                for pattern in patterns {
                    if wildcard(pattern.text.as_bytes(), name.as_bytes()) {
                        if pattern.negated {
                            return false;
                        }
                        matched = true;
                    }
                }
                matched
            }
        }
    }

    /// The names, when all of them are plain: such lines can be found without trying each.
    pub(super) fn plain_names(&self) -> Option<impl Iterator<Item = &str>> {
        match self {
            Self::Patterns(patterns)
                if patterns
                    .iter()
                    .all(|pattern| !pattern.negated && !pattern.text.contains(['*', '?'])) =>
            {
                Some(patterns.iter().map(|pattern| pattern.text.as_str()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hashed { salt, hash } => {
                write!(f, "|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash))
            }
            Self::Patterns(patterns) => {
                for (index, pattern) in patterns.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    let not = if pattern.negated { "!" } else { "" };
                    write!(f, "{comma}{not}{}", pattern.text)?;
                }
                Ok(())
            }
        }
    }
}

/// The name a host is filed under: `db-3` on port 22, `[db-3]:2222` on any other.
pub fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 {
        host
    } else {
        format!("[{host}]:{port}")
    }
}

/// HMAC-SHA1 of a name, keyed with the salt.
pub(super) fn hash_name(salt: &[u8], name: &str) -> Vec<u8> {
    // HMAC takes keys of any length; the error arm exists in the type only.
    let Ok(mut mac) = <Hmac<Sha1> as KeyInit>::new_from_slice(salt) else {
        return Vec::new();
    };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Reads a whole file. `file` is only its name, for messages.
pub fn parse(text: &str, file: &str) -> (Vec<Entry>, Vec<Problem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        match parse_line(line) {
            Ok(Some(Line {
                marker,
                hosts,
                key,
                comment,
            })) => {
                entries.push(Entry {
                    marker,
                    hosts,
                    key,
                    comment,
                    file: file.to_owned(),
                    line: line_number,
                });
            }
            Ok(None) => {}
            Err(reason) => problems.push(Problem {
                file: file.to_owned(),
                line: line_number,
                reason,
            }),
        }
    }
    (entries, problems)
}

struct Line {
    marker: Marker,
    hosts: Hosts,
    key: HostKey,
    comment: String,
}

/// `Ok(None)` is an empty line or a comment.
fn parse_line(line: &str) -> Result<Option<Line>, &'static str> {
    let line = line.trim_matches([' ', '\t', '\r', '\0', '\u{feff}']);
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (marker, line) = parse_marker(line)?;
    let (hosts, rest) = word(line);
    let hosts = parse_hosts(hosts)?;
    let (algorithm, rest) = word(rest);
    let (encoded, comment) = word(rest);
    if encoded.is_empty() {
        return Err("the line ends before its key");
    }
    if algorithm.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a key of SSH version 1, which nobody speaks any more");
    }
    let blob = STANDARD.decode(encoded).map_err(|_| "the key is not base64")?;
    let key = HostKey::from_blob(blob).ok_or("the key's bytes are not a public key")?;
    if key.algorithm() != algorithm {
        return Err("the key is of another type than the line says");
    }
    Ok(Some(Line {
        marker,
        hosts,
        key,
        comment: comment.to_owned(),
    }))
}

fn parse_marker(line: &str) -> Result<(Marker, &str), &'static str> {
    if !line.starts_with('@') {
        return Ok((Marker::Host, line));
    }
    match word(line) {
        ("@cert-authority", rest) => Ok((Marker::CertAuthority, rest)),
        ("@revoked", rest) => Ok((Marker::Revoked, rest)),
        _ => Err("an unknown @marker"),
    }
}

fn parse_hosts(field: &str) -> Result<Hosts, &'static str> {
    if let Some(hashed) = field.strip_prefix("|1|") {
        let (salt, hash) = hashed.split_once('|').ok_or("a hashed name without its hash")?;
        let salt = STANDARD
            .decode(salt)
            .map_err(|_| "a hashed name that is not base64")?;
        let hash = STANDARD
            .decode(hash)
            .map_err(|_| "a hashed name that is not base64")?;
        if hash.len() != 20 {
            return Err("a hashed name of the wrong length");
        }
        return Ok(Hosts::Hashed { salt, hash });
    }
    if field.starts_with('|') {
        return Err("a name hashed in a way we do not know");
    }
    let patterns = field
        .split(',')
        .filter(|name| !matches!(*name, "" | "!"))
        .map(|name| {
            let (negated, text) = match name.strip_prefix('!') {
                Some(text) => (true, text),
                None => (false, name),
            };
            Pattern {
                negated,
                text: text.to_ascii_lowercase(),
            }
        });
    let patterns: Vec<_> = patterns.collect();
    if patterns.is_empty() {
        Err("no host name")
    } else {
        Ok(Hosts::Patterns(patterns))
    }
}

/// Splits at the first run of blanks.
fn word(text: &str) -> (&str, &str) {
    match text.split_once([' ', '\t']) {
        Some((first, rest)) => (first, rest.trim_start_matches([' ', '\t'])),
        None => (text, ""),
    }
}

/// `*` any text, `?` any one letter. Goes back to the last star only, so hostile patterns stay cheap.
pub(crate) fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&letter) if letter == b'?' || letter == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((star_p, star_n)) = star else {
                    return false;
                };
                star = Some((star_p, star_n + 1));
                p = star_p + 1;
                n = star_n + 1;
            }
        }
    }
    pattern[p..].iter().all(|&letter| letter == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[track_caller]
    fn check(field: &str, host: &str, port: u16, expected: bool) {
        let hosts = parse_hosts(field).unwrap();
        assert_eq!(
            hosts.matches(&lookup_name(host, port)),
            expected,
            "{field} and {host}:{port}"
        );
    }

    #[test]
    fn names_match_as_openssh_matches_them() {
        check("db-3", "db-3", 22, true);
        check("db-3", "DB-3", 22, true);
        check("DB-3", "db-3", 22, true);
        check("db-3", "db-33", 22, false);
        check("web,db-3", "db-3", 22, true);
        check("db-3", "db-3", 2222, false);
        check("[db-3]:2222", "db-3", 2222, true);
        check("[2001:db8::1]:2222", "2001:db8::1", 2222, true);
        check("2001:db8::1", "2001:db8::1", 22, true);
        check("*.example.org", "a.b.example.org", 22, true);
        check("*.example.org", "example.org", 22, false);
        check("10.0.0.?", "10.0.0.7", 22, true);
        check("10.0.0.?", "10.0.0.70", 22, false);
        check("*.example.org,!old.example.org", "old.example.org", 22, false);
        check("*.example.org,!old.example.org", "new.example.org", 22, true);
        check("!old.example.org", "new.example.org", 22, false);
        check("*", "anything", 2222, true);
        check("a*b*c", "aXXbYYc", 22, true);
        check("a*b*c", "aXXbYYd", 22, false);
    }

    #[test]
    fn a_hashed_name_is_recognised() {
        // `ssh-keygen -H` made this of `db-3`.
        let text = "|1|5HHtj3FJqtIQ7DOmuk0PHtgTsUE=|79e4G770Ey029Q81lG99qQHUNgE=";
        let hosts = parse_hosts(text).unwrap();
        assert_eq!(hosts.to_string(), text);
        assert!(hosts.matches("db-3"));
        assert!(!hosts.matches("db-4"));
    }

    #[test]
    fn markers_comments_and_blank_lines_are_read() {
        let text = format!(
            "# a comment\n\n  \t\ndb-3 {KEY} root@db-3 since 2019\n@cert-authority *.example.org {KEY}\n\
             @revoked\t*  {KEY}\r\n"
        );
        let (entries, problems) = parse(&text, "f");
        assert_eq!(problems, []);
        let seen: Vec<_> = entries
            .iter()
            .map(|e| (e.line, e.marker, e.hosts.to_string()))
            .collect();
        assert_eq!(
            seen,
            [
                (4, Marker::Host, "db-3".to_owned()),
                (5, Marker::CertAuthority, "*.example.org".to_owned()),
                (6, Marker::Revoked, "*".to_owned()),
            ]
        );
        assert_eq!(entries[0].comment, "root@db-3 since 2019");
    }

    #[test]
    fn odd_lines_are_named_and_cost_nothing_else() {
        let text = format!(
            "db-1\ndb-2 ssh-rsa {}\n@odd db-3 {KEY}\n|2|x|y {KEY}\ndb-4 1024 35 12345\n, {KEY}\ndb-5 ssh-ed25519 ???\n\
             db-6 {KEY}\n",
            &KEY[12..]
        );
        let (entries, problems) = parse(&text, "f");
        assert_eq!(entries.len(), 1);
        assert_eq!(
            problems.iter().map(|p| p.line).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(
            problems[4].to_string(),
            "f:5: a key of SSH version 1, which nobody speaks any more"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,400}", name in "\\PC{0,40}") {
            let (entries, _) = parse(&text, "f");
            for entry in entries {
                let _ = entry.hosts.matches(&name);
            }
        }

        #[test]
        fn any_near_miss_is_read_without_a_panic(
            marker in "(@cert-authority|@revoked|@|)[ \t]{0,2}",
            hosts in "[a-z0-9.*?!,|\\[\\]:=]{0,40}",
            key in "(ssh-ed25519|ssh-rsa|1024|) [A-Za-z0-9+/=]{0,60}",
            port in any::<u16>(),
        ) {
            let (entries, problems) = parse(&format!("{marker}{hosts} {key}\n"), "f");
            prop_assert!(entries.len() + problems.len() <= 1);
            if let Ok(hosts) = parse_hosts(&hosts) {
                let _ = hosts.matches(&lookup_name("db-3.example.org", port));
            }
        }

        #[test]
        fn wildcards_stay_cheap(stars in 1usize..40, letters in 0usize..200) {
            let pattern = "*a".repeat(stars) + "b";
            prop_assert!(!wildcard(pattern.as_bytes(), "a".repeat(letters).as_bytes()));
        }
    }
}
