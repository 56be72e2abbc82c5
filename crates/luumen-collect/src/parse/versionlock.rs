//! The versions that dnf5 is told to stay with: `/etc/dnf/versionlock.toml`.
//!
//! Reads what dnf5 writes and its manual shows: tables, and texts in quotes. Whatever else TOML allows is said not to be
//! understood, and holds nothing back.

use std::cmp::Ordering;

use luumen_version::rpm;

use super::{repo_settings::is_like, rpm_lists::Offer};

/// The only version of the file that there is.
const VERSION: &str = "1.0";

/// The locks of a host.
#[derive(Debug, Default)]
pub(super) struct Locks(Vec<Lock>);

/// A package, by a pattern of its name, and what its version has to be.
#[derive(Debug, Default)]
struct Lock {
    name: String,
    conditions: Vec<Condition>,
}

#[derive(Debug, Default)]
struct Condition {
    key: String,
    comparator: String,
    value: String,
}

/// Which table a line belongs to.
enum Table {
    Top,
    Package,
    Condition,
}

impl Locks {
    /// The locks, or the line that is not understood.
    pub(super) fn parse<'a>(lines: &[&'a str]) -> Result<Self, &'a str> {
        let (mut out, mut table, mut version) = (Self::default(), Table::Top, None);
        for line in lines.iter().map(|line| line.trim()) {
            match without_comment(line) {
                "" => {}
                "[[packages]]" => {
                    table = Table::Package;
                    out.0.push(Lock::default());
                }
                "[[packages.conditions]]" => {
                    table = Table::Condition;
                    let lock = out.0.last_mut().ok_or(line)?;
                    lock.conditions.push(Condition::default());
                }
                pair => {
                    let (key, value) = pair.split_once('=').ok_or(line)?;
                    let value = quoted(value).ok_or(line)?;
                    match table {
                        Table::Top if key.trim() == "version" => version = Some(value),
                        Table::Top => return Err(line),
                        Table::Package => out.name(key.trim(), value),
                        Table::Condition => out.condition(key.trim(), value),
                    }
                }
            }
        }
        match version {
            Some(VERSION) => Ok(out),
            // dnf5 passes over it.
            None if out.0.is_empty() => Ok(out),
            version => Err(version.unwrap_or("no version")),
        }
    }

    fn name(&mut self, key: &str, value: &str) {
        if let Some(lock) = self.0.last_mut().filter(|_| key == "name") {
            value.clone_into(&mut lock.name);
        }
    }

    fn condition(&mut self, key: &str, value: &str) {
        let lock = self.0.last_mut();
        if let Some(condition) = lock.and_then(|lock| lock.conditions.last_mut()) {
            match key {
                "key" => value.clone_into(&mut condition.key),
                "comparator" => value.clone_into(&mut condition.comparator),
                "value" => value.clone_into(&mut condition.value),
                _ => {}
            }
        }
    }

    /// Of a package that has locks, one has to hold. One without conditions is none.
    pub(super) fn allow(&self, offer: &Offer<'_>) -> bool {
        let of_name = |lock: &&Lock| !lock.conditions.is_empty() && is_like(offer.name, &lock.name);
        let mut locks = self.0.iter().filter(of_name).peekable();
        locks.peek().is_none() || locks.any(|lock| lock.conditions.iter().all(|one| one.holds(offer)))
    }
}

impl Condition {
    /// dnf5 passes over a condition that it does not know.
    fn holds(&self, offer: &Offer<'_>) -> bool {
        let order = match self.key.as_str() {
            "evr" => rpm::compare(&offer.version, &self.value),
            "epoch" => {
                let epoch = offer.version.split_once(':').map_or("0", |(epoch, _)| epoch);
                match (epoch.parse::<u64>(), self.value.parse::<u64>()) {
                    (Ok(epoch), Ok(value)) => epoch.cmp(&value),
                    _ => return true,
                }
            }
            "arch" => offer.arch.cmp(&self.value),
            _ => return true,
        };
        match self.comparator.as_str() {
            "=" | "==" => order.is_eq(),
            "!=" | "<>" => order.is_ne(),
            _ if self.key == "arch" => true,
            "<" => order == Ordering::Less,
            "<=" => order.is_le(),
            ">" => order == Ordering::Greater,
            ">=" => order.is_ge(),
            _ => true,
        }
    }
}

/// A line without the comment behind it; within quotes, `#` begins none.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let comment = line.find(|character: char| {
        match quote {
            None if matches!(character, '"' | '\'') => quote = Some(character),
            Some(open) if open == character => quote = None,
            _ => {}
        }
        quote.is_none() && character == '#'
    });
    line[..comment.unwrap_or(line.len())].trim()
}

/// The text in quotes, if there is nothing in it that means something else.
fn quoted(value: &str) -> Option<&str> {
    let value = value.trim();
    let plain = |quote: char, odd: &[char]| {
        let text = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!text.contains(odd)).then_some(text)
    };
    plain('"', &['"', '\\']).or_else(|| plain('\'', &['\'']))
}

#[cfg(test)]
mod tests {
    use super::{super::rpm_lists, Locks};

    /// As `dnf5 versionlock add` and `exclude` write it, and as its manual shows it.
    const FILE: &str = r#"version = "1.0"

[[packages]]
name = "bash"
comment = "Added by 'versionlock add' command on 2024-05-06 07:08:09 # 1"
[[packages.conditions]]
key = "evr"  # epoch, evr or arch
comparator = "="
value = "0:5.2.26-3.fc41"

[[packages]]
name = 'iftop'
[[packages.conditions]]
key = "evr"
comparator = "!="
value = "0:1.0-0.34.fc41"

[[packages]]
name = "*nvidia*"

[[packages.conditions]]
key = "evr"
comparator = ">="
value = "3:570"

[[packages.conditions]]
key = "evr"
comparator = "<"
value = "3:571"
"#;

    fn parse(text: &str) -> Result<Locks, &str> {
        Locks::parse(&text.lines().collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(text: &str, name: &str, version: &str, expected: bool) {
        let offer = rpm_lists::offer(name, version, "x86_64");
        let locks = parse(text).expect("locks");
        assert_eq!(locks.allow(&offer), expected, "{name} {version}");
    }

    #[test]
    fn a_locked_package_keeps_to_what_is_said() {
        check(FILE, "bash", "5.2.26-3.fc41", true);
        check(FILE, "bash", "5.2.32-1.fc41", false);
        check(FILE, "bash-doc", "5.2.32-1.fc41", true);
        check(FILE, "iftop", "1.0-0.34.fc41", false);
        check(FILE, "iftop", "1.0-0.35.fc41", true);
        check(FILE, "akmod-nvidia", "3:570.86-1.fc41", true);
        check(FILE, "akmod-nvidia", "3:571.1-1.fc41", false);
        check(FILE, "akmod-nvidia", "570.86-1.fc41", false);
        let twice = format!("{FILE}{}", FILE[16..].replace("5.2.26-3", "5.2.32-1"));
        check(&twice, "bash", "5.2.32-1.fc41", true);
        let arch = FILE
            .replace("\"evr\"  #", "\"arch\"  #")
            .replace("0:5.2.26-3.fc41", "noarch");
        check(&arch, "bash", "5.2.26-3.fc41", false);
        let epoch = FILE
            .replace("\"evr\"  #", "\"epoch\"  #")
            .replace("0:5.2.26-3.fc41", "0");
        check(&epoch, "bash", "5.3-1", true);
        check(&epoch, "bash", "1:5.3-1", false);
        check("", "bash", "1-1", true);
        check(
            "version = \"1.0\"\n[[packages]]\nname = \"bash\"",
            "bash",
            "1-1",
            true,
        );
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for odd in [
            "packages = []",
            "[packages]",
            "[[packages.conditions]]",
            "name = \"a\\u0062\"",
            "name = \"\"\"a\"\"\"",
            "odd",
        ] {
            assert_eq!(parse(&format!("version = \"1.0\"\n{odd}")).err(), Some(odd));
        }
        let two = FILE.replace("1.0", "2.0");
        assert_eq!(parse(&two).err(), Some("2.0"));
        assert!(parse(&FILE[16..]).is_err());
        assert!(parse("# nothing").is_ok());
    }
}
