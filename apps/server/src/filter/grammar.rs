//! Reads a filter text. Pure: text in, terms out, or a fault that points at the term.
//!
//! ```text
//! filter   = { [ "-" ] term }                     all must hold; "-" negates
//! term     = word                                 part of name, address or system
//!          | key ":" value                        state os os_version arch tag reboot stale
//!          | "unseen:" (section | "any") [ "=" ("denied" | "other") ]    not read whole, and why
//!          | ("seen:" | "changed:" | "added:") ("<" | ">") age           newest snapshot, packages, host; 90m 24h 7d 4w
//!          | "seen:never"
//!          | "pkg:" name [ ("<"|"<="|"="|">="|">") version ]
//!          | path ("="|"!="|"<"|"<="|">="|">"|"~") value     a fact; "~" is "contains", value "*" is "is there"
//! ```
//! Double quotes keep spaces and take away the meaning of every sign in them.

use luumen_api::fleet::VersionOperator;
use luumen_model::SectionKind;
use luumen_store::hosts::{AgeBound, GapCause, HostMoment, HostState, PropertyOp};

use crate::routes::state_name;

/// A term as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub negated: bool,
    pub what: What,
}

/// What a term asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Text(String),
    State(HostState),
    Os(String),
    OsVersion(String),
    Arch(String),
    Tag(String),
    Reboot(bool),
    Stale,
    Unseen {
        section: Option<SectionKind>,
        cause: Option<GapCause>,
    },
    Age {
        of: HostMoment,
        bound: AgeBound,
    },
    NeverSeen,
    Package {
        name: String,
        version: Option<(VersionOperator, String)>,
    },
    Property {
        path: String,
        op: PropertyOp,
        value: String,
    },
}

/// A term that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{term}`: {message}")]
pub(crate) struct Fault {
    /// The term as it was typed.
    pub term: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

/// Most terms of a filter: each one is a condition for the database.
const MOST_TERMS: usize = 30;

/// The terms of a filter text.
pub(crate) fn read(text: &str) -> Result<Vec<Asked>, Fault> {
    let words = split(text)?;
    if words.len() > MOST_TERMS {
        let message = format!("the filter has {} terms, {MOST_TERMS} are allowed", words.len());
        return Err(Fault {
            term: words[MOST_TERMS].typed(),
            message,
        });
    }
    words.iter().map(read_term).collect()
}

/// The characters of a term; those that stood in quotes have no meaning but themselves.
#[derive(Clone, Debug, Default)]
struct Word(Vec<(char, bool)>);

impl Word {
    fn typed(&self) -> String {
        let text: String = self.0.iter().map(|(c, _)| *c).collect();
        if self.0.iter().any(|(_, quoted)| *quoted) {
            format!("\"{text}\"")
        } else {
            text
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(c, _)| *c).collect()
    }

    fn is_plain(&self, at: usize, wanted: char) -> bool {
        self.0.get(at).is_some_and(|(c, quoted)| *c == wanted && !quoted)
    }

    fn part(&self, range: std::ops::Range<usize>) -> Self {
        Self(self.0[range].to_vec())
    }

    fn from(&self, at: usize) -> Self {
        self.part(at..self.0.len())
    }

    /// The first of these signs that is not quoted and not inside of `[…]`.
    fn find_sign(&self, signs: &[char]) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, (c, quoted)) in self.0.iter().enumerate().filter(|(_, (_, quoted))| !quoted) {
            debug_assert!(!quoted);
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                c if depth == 0 && signs.contains(c) => return Some(at),
                _ => {}
            }
        }
        None
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault {
            term: self.typed(),
            message: message.into(),
        }
    }
}

fn split(text: &str) -> Result<Vec<Word>, Fault> {
    let (mut words, mut word, mut begun, mut quoted) = (Vec::new(), Word::default(), false, false);
    for c in text.chars() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                word.0.push((c, quoted));
                begun = true;
            }
        }
    }
    if quoted {
        return Err(word.fault("the quote is not closed; add a \" at its end"));
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

fn read_term(word: &Word) -> Result<Asked, Fault> {
    let negated = word.is_plain(0, '-');
    let rest = if negated { word.from(1) } else { word.clone() };
    if rest.0.is_empty() {
        return Err(word.fault("there is nothing to look for; write a word, or leave it out"));
    }
    Ok(Asked {
        negated,
        what: read_what(word, &rest)?,
    })
}

fn read_what(whole: &Word, word: &Word) -> Result<What, Fault> {
    let (colon, sign) = (word.find_sign(&[':']), word.find_sign(&['<', '>', '=', '!', '~']));
    match (colon, sign) {
        (Some(colon), sign) if sign.is_none_or(|sign| colon < sign) && is_key(word, colon) => {
            read_key(whole, &word.part(0..colon).text(), &word.from(colon + 1))
        }
        (_, Some(sign)) if is_path(word, sign) => read_property(whole, word, sign),
        (_, Some(_)) => Err(whole.fault(format!(
            "a fact is asked for by its path, such as {}; quote the term to look for the text",
            "sshd.settings.permitrootlogin=yes"
        ))),
        _ => Ok(What::Text(word.text())),
    }
}

/// Letters before a colon are meant as a key; `10.0.0.1:22` and `fe80::1` are not.
fn is_key(word: &Word, colon: usize) -> bool {
    let letters = word.0[..colon]
        .iter()
        .all(|(c, quoted)| !quoted && (c.is_ascii_alphabetic() || *c == '_'));
    colon > 0 && letters && !word.is_plain(colon + 1, ':')
}

const KEYS: &str = "state: os: os_version: arch: tag: reboot: stale: unseen: seen: changed: added: pkg:";

fn read_key(whole: &Word, key: &str, value: &Word) -> Result<What, Fault> {
    let text = value.text();
    if text.is_empty() {
        return Err(whole.fault(format!("there is nothing behind `{key}:`")));
    }
    match key.to_ascii_lowercase().as_str() {
        "state" => read_state(whole, &text).map(What::State),
        "os" => Ok(What::Os(text)),
        "os_version" => Ok(What::OsVersion(text)),
        "arch" => Ok(What::Arch(text)),
        "tag" => Ok(What::Tag(text)),
        "reboot" | "reboot_required" => read_bool(whole, &text).map(What::Reboot),
        "stale" => match read_bool(whole, &text)? {
            true => Ok(What::Stale),
            false => Err(whole.fault("write `-stale:true` for hosts that are not stale")),
        },
        "unseen" => read_unseen(whole, value),
        "seen" if text.eq_ignore_ascii_case("never") => Ok(What::NeverSeen),
        "seen" => read_age(whole, HostMoment::Seen, value),
        "changed" => read_age(whole, HostMoment::PackagesChanged, value),
        "added" => read_age(whole, HostMoment::Added, value),
        "pkg" => read_package(whole, value),
        _ => Err(whole.fault(format!(
            "`{key}:` is not known; there are {KEYS}. Quote the term to look for the text"
        ))),
    }
}

fn read_state(whole: &Word, text: &str) -> Result<HostState, Fault> {
    let name = |state: &HostState| state_name(crate::routes::host_state(*state));
    let wanted = text.to_ascii_lowercase();
    HostState::ALL
        .into_iter()
        .find(|state| name(state) == wanted)
        .ok_or_else(|| {
            let names: Vec<&str> = HostState::ALL.iter().map(name).collect();
            whole.fault(format!(
                "there is no state {text:?}; use one of {}",
                names.join(", ")
            ))
        })
}

fn read_bool(whole: &Word, text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        _ => Err(whole.fault(format!("{text:?} is neither true nor false"))),
    }
}

fn read_unseen(whole: &Word, value: &Word) -> Result<What, Fault> {
    let sign = value.find_sign(&['=']);
    let name = value
        .part(0..sign.unwrap_or(value.0.len()))
        .text()
        .to_ascii_lowercase();
    let section = match name.as_str() {
        "any" => None,
        name => Some(name.parse::<SectionKind>().map_err(|_| {
            whole.fault(format!(
                "{name:?} is not a section; use `any` or one of {}",
                section_names()
            ))
        })?),
    };
    let cause = match sign.map(|sign| value.from(sign + 1).text().to_ascii_lowercase()) {
        None => None,
        Some(cause) if cause == "denied" => Some(GapCause::Denied),
        Some(cause) if cause == "other" => Some(GapCause::Other),
        Some(cause) => {
            let words = format!("{cause:?} is not a cause; behind the `=` stands `denied` or `other`");
            return Err(whole.fault(words));
        }
    };
    Ok(What::Unseen { section, cause })
}

fn section_names() -> String {
    let names: Vec<&str> = SectionKind::ALL.iter().map(|kind| kind.as_str()).collect();
    names.join(", ")
}

/// Ages are kept to the millisecond, so `<=` is as good as `<`, and `>` as `>=`.
fn read_age(whole: &Word, of: HostMoment, value: &Word) -> Result<What, Fault> {
    let fault = || {
        whole
            .fault("an age is written with <, <=, > or >=, and m, h, d or w, as in `seen:<24h` or `seen:>7d`")
    };
    let behind = if value.is_plain(1, '=') { 2 } else { 1 };
    let text = value.from(behind.min(value.0.len())).text().to_ascii_lowercase();
    let age_ms = age_ms(&text).ok_or_else(fault)?;
    let bound = match value.0.first() {
        Some(('<', false)) => AgeBound::Under(age_ms),
        Some(('>', false)) => AgeBound::AtLeast(age_ms),
        _ => return Err(fault()),
    };
    Ok(What::Age { of, bound })
}

/// `90m`, `24h`, `7d` or `4w` in milliseconds.
fn age_ms(text: &str) -> Option<i64> {
    const MINUTE_MS: i64 = 60_000;
    let unit = text.chars().next_back()?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return None,
    };
    let number = &text[..text.len() - unit.len_utf8()];
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = plain.then(|| number.parse().ok())??;
    number.checked_mul(minutes * MINUTE_MS)
}

fn read_package(whole: &Word, value: &Word) -> Result<What, Fault> {
    let Some(sign) = value.find_sign(&['<', '>', '=', '!', '~']) else {
        return Ok(What::Package {
            name: value.text(),
            version: None,
        });
    };
    let (op, behind) = match (value.0[sign].0, value.is_plain(sign + 1, '=')) {
        ('<', true) => (VersionOperator::LessOrEqual, sign + 2),
        ('<', false) => (VersionOperator::Less, sign + 1),
        ('>', true) => (VersionOperator::GreaterOrEqual, sign + 2),
        ('>', false) => (VersionOperator::Greater, sign + 1),
        ('=', false) => (VersionOperator::Equal, sign + 1),
        _ => return Err(whole.fault("versions are compared by <, <=, =, >= or >, as in pkg:openssl<3.0.7")),
    };
    let (name, version) = (value.part(0..sign).text(), value.from(behind).text());
    if name.is_empty() {
        return Err(whole.fault("the package has no name, as in pkg:openssl<3.0.7"));
    }
    if version.is_empty() {
        return Err(whole.fault("there is no version to compare with, as in pkg:openssl<3.0.7"));
    }
    Ok(What::Package {
        name,
        version: Some((op, version)),
    })
}

fn is_path(word: &Word, sign: usize) -> bool {
    let path = word.part(0..sign).text();
    path.split_once('.').is_some_and(|(section, rest)| {
        let section = section.split('[').next().unwrap_or(section);
        !rest.is_empty()
            && section
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn read_property(whole: &Word, word: &Word, sign: usize) -> Result<What, Fault> {
    let path = word.part(0..sign).text();
    let section = path.split('.').next().unwrap_or(&path);
    if section.parse::<SectionKind>().is_err() {
        return Err(whole.fault(format!(
            "{section:?} is not a section; a path begins with one of {}",
            section_names()
        )));
    }
    let (op, behind) = match (word.0[sign].0, word.is_plain(sign + 1, '=')) {
        ('<', true) => (PropertyOp::LessOrEqual, sign + 2),
        ('<', false) => (PropertyOp::Less, sign + 1),
        ('>', true) => (PropertyOp::GreaterOrEqual, sign + 2),
        ('>', false) => (PropertyOp::Greater, sign + 1),
        ('=', false) => (PropertyOp::Equals, sign + 1),
        ('!', true) => (PropertyOp::NotEquals, sign + 2),
        ('~', false) => (PropertyOp::Contains, sign + 1),
        _ => return Err(whole.fault("facts are compared by =, !=, <, <=, >=, > or ~ (contains)")),
    };
    let behind = word.from(behind);
    let value = behind.text();
    if value.is_empty() && !word.0.is_empty() && behind.0.is_empty() && op != PropertyOp::Equals {
        return Err(whole.fault("there is nothing to compare with"));
    }
    if op == PropertyOp::Equals && behind.0.len() == 1 && behind.is_plain(0, '*') {
        return Ok(What::Property {
            path,
            op: PropertyOp::Exists,
            value: String::new(),
        });
    }
    let compares_numbers = matches!(
        op,
        PropertyOp::Less | PropertyOp::LessOrEqual | PropertyOp::Greater | PropertyOp::GreaterOrEqual
    );
    if compares_numbers && !value.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(whole.fault(format!(
            "{value:?} is not a number; texts are compared by =, != or ~ (contains)"
        )));
    }
    Ok(What::Property { path, op, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let terms = match read(text) {
            Ok(terms) => terms.iter().map(show).collect::<Vec<_>>().join(" & "),
            Err(fault) => format!("! {fault}"),
        };
        assert_eq!(terms, expected, "{text}");
    }

    fn show(asked: &Asked) -> String {
        let what = match &asked.what {
            What::Text(text) => format!("text({text})"),
            What::State(state) => format!("state({state:?})"),
            What::Os(id) => format!("os({id})"),
            What::OsVersion(version) => format!("os_version({version})"),
            What::Arch(arch) => format!("arch({arch})"),
            What::Tag(tag) => format!("tag({tag})"),
            What::Reboot(required) => format!("reboot({required})"),
            What::Stale => "stale".to_owned(),
            What::Unseen { section, cause } => {
                let section = section.map_or("any", |section| section.as_str());
                format!("unseen({section} {cause:?})")
            }
            What::Age { of, bound } => format!("{of:?} {bound:?}"),
            What::NeverSeen => "never seen".to_owned(),
            What::Package { name, version: None } => format!("pkg({name})"),
            What::Package {
                name,
                version: Some((op, version)),
            } => format!("pkg({name} {op:?} {version})"),
            What::Property { path, op, value } => format!("{path} {op:?} {value:?}"),
        };
        if asked.negated {
            format!("not {what}")
        } else {
            what
        }
    }

    #[test]
    fn words_and_keys() {
        check("", "");
        check("  web-1  ", "text(web-1)");
        check("web os:debian tag:prod", "text(web) & os(debian) & tag(prod)");
        check("state:never_seen State:OK", "state(NeverSeen) & state(Ok)");
        check("-tag:prod -web", "not tag(prod) & not text(web)");
        check(
            "reboot:yes stale:true -stale:true",
            "reboot(true) & stale & not stale",
        );
        check(
            "10.0.0.1:22 fe80::1 dead::1",
            "text(10.0.0.1:22) & text(fe80::1) & text(dead::1)",
        );
    }

    #[test]
    fn quotes_keep_spaces_and_take_meaning_away() {
        check("\"web server\"", "text(web server)");
        check("tag:\"a b\"", "tag(a b)");
        check(
            "\"state:ok\" \"-x\" \"a=b\"",
            "text(state:ok) & text(-x) & text(a=b)",
        );
        check("-\"web server\"", "not text(web server)");
        check(
            "os.name=\"Debian GNU/Linux\"",
            "os.name Equals \"Debian GNU/Linux\"",
        );
    }

    #[test]
    fn packages() {
        check("pkg:openssl", "pkg(openssl)");
        check("pkg:openssl<3.0.7", "pkg(openssl Less 3.0.7)");
        check("pkg:openssl<=1:3.0.7-2", "pkg(openssl LessOrEqual 1:3.0.7-2)");
        check(
            "-pkg:libstdc++6>=12.2.0-14 pkg:x=1 pkg:x>1",
            "not pkg(libstdc++6 GreaterOrEqual 12.2.0-14) & pkg(x Equal 1) & pkg(x Greater 1)",
        );
    }

    #[test]
    fn what_could_not_be_read() {
        check("unseen:firewall", "unseen(firewall None)");
        check(
            "unseen:sshd=denied -unseen:any=other Unseen:ANY",
            "unseen(sshd Some(Denied)) & not unseen(any Some(Other)) & unseen(any None)",
        );
        check(
            "unseen:sshd=tired",
            "! `unseen:sshd=tired`: \"tired\" is not a cause; behind the `=` stands `denied` or `other`",
        );
    }

    #[test]
    fn ages() {
        check(
            "seen:<90m seen:>=6h changed:<1d -added:>4w",
            "Seen Under(5400000) & Seen AtLeast(21600000) & PackagesChanged Under(86400000) & not Added AtLeast(2419200000)",
        );
        check("seen:never -seen:Never", "never seen & not never seen");
        let fault =
            "an age is written with <, <=, > or >=, and m, h, d or w, as in `seen:<24h` or `seen:>7d`";
        for odd in [
            "24h",
            "<24",
            "<",
            "<=",
            "<h",
            "<1.5h",
            "<-1h",
            "<é",
            "=1h",
            "<99999999999999999w",
            "<300000000000w",
        ] {
            check(&format!("seen:{odd}"), &format!("! `seen:{odd}`: {fault}"));
        }
    }

    #[test]
    fn facts() {
        check(
            "sshd.settings.permitrootlogin=yes",
            "sshd.settings.permitrootlogin Equals \"yes\"",
        );
        check(
            "hardware.mem_bytes>8589934592",
            "hardware.mem_bytes Greater \"8589934592\"",
        );
        check(
            "os.id!=debian os.name~gnu os.id=*",
            "os.id NotEquals \"debian\" & os.name Contains \"gnu\" & os.id Exists \"\"",
        );
        check(
            "mounts.items[/a=b].size_bytes>=1e9",
            "mounts.items[/a=b].size_bytes GreaterOrEqual \"1e9\"",
        );
        check(
            "mounts.items[*].fs_type=nfs",
            "mounts.items[*].fs_type Equals \"nfs\"",
        );
        check("os.name=\"*\"", "os.name Equals \"*\"");
    }

    #[test]
    fn faults_point_at_the_term() {
        check(
            "web state:gone",
            "! `state:gone`: there is no state \"gone\"; use one of failing, stale, partial, never_seen, ok, disabled",
        );
        check(
            "-",
            "! `-`: there is nothing to look for; write a word, or leave it out",
        );
        check("os:", "! `os:`: there is nothing behind `os:`");
        check(
            "color:red",
            "! `color:red`: `color:` is not known; there are state: os: os_version: arch: tag: reboot: stale: unseen: seen: changed: added: pkg:. Quote the term to look for the text",
        );
        check(
            "pkg:openssl<",
            "! `pkg:openssl<`: there is no version to compare with, as in pkg:openssl<3.0.7",
        );
        check(
            "pkg:<1",
            "! `pkg:<1`: the package has no name, as in pkg:openssl<3.0.7",
        );
        check(
            "pkg:a!=1",
            "! `pkg:a!=1`: versions are compared by <, <=, =, >= or >, as in pkg:openssl<3.0.7",
        );
        check(
            "\"web",
            "! `\"web\"`: the quote is not closed; add a \" at its end",
        );
        check(
            "a=b",
            "! `a=b`: a fact is asked for by its path, such as sshd.settings.permitrootlogin=yes; quote the term to look for the text",
        );
        check(
            "hardware.mem_bytes>big",
            "! `hardware.mem_bytes>big`: \"big\" is not a number; texts are compared by =, != or ~ (contains)",
        );
        check(
            "reboot:maybe",
            "! `reboot:maybe`: \"maybe\" is neither true nor false",
        );
        assert!(
            read("nope.x=1")
                .expect_err("section")
                .message
                .starts_with("\"nope\" is not a section; a path begins with one of os, ")
        );
    }

    #[test]
    fn odd_texts_never_panic() {
        for text in [
            "\"\"",
            "-\"\"",
            "::",
            ":",
            "=",
            "!",
            "a.=",
            ".a=1",
            "[",
            "]",
            "os.[=1",
            "pkg:[<1]",
            "-",
            "--",
            "é:ü",
            "os.id<NaN",
        ] {
            let _ = read(text);
        }
    }
}
