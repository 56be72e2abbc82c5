//! What holds for one host: the first value said, with `Host` and `Match` as OpenSSH reads them.

use std::{collections::BTreeSet, fmt, process::Command, sync::Arc};

use super::{
    pattern,
    tokens::{self, Tokens},
    tree::{Line, Tree},
};

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The account on this device.
    pub(crate) local_user: String,
    /// The home on this device.
    pub(crate) home: String,
    /// The name of this device.
    pub(crate) device: String,
    /// Whether `Match exec` may run its command.
    pub(crate) exec: ExecRule,
}

/// Whether `Match exec` may run its command.
#[derive(Clone)]
pub(crate) enum ExecRule {
    /// It is not run, and does not match.
    Leave,
    /// It is run by `/bin/sh` when the person, who is shown it as it would run, says so.
    Ask(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl ExecRule {
    /// Whether no command runs, whoever is asked.
    pub(super) fn leaves(&self) -> bool {
        matches!(self, Self::Leave)
    }

    fn lets(&self, command: &str) -> bool {
        match self {
            Self::Leave => false,
            Self::Ask(may) => may(command),
        }
    }
}

impl fmt::Debug for ExecRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.leaves() { "Leave" } else { "Ask" })
    }
}

/// A value and where it was said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) keyword: String,
    pub(super) words: Vec<String>,
    pub(super) rest: String,
}

/// What holds for a host.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    pub(super) host_name: String,
    said: Vec<Said>,
    /// Criteria that could not be judged, in words for the person.
    pub(super) unjudged: BTreeSet<String>,
}

/// Said more than once, each counts.
const LISTS: [&str; 7] = [
    "identityfile",
    "certificatefile",
    "localforward",
    "remoteforward",
    "dynamicforward",
    "sendenv",
    "setenv",
];

impl Resolved {
    /// The one value of a keyword.
    pub(super) fn value(&self, keyword: &str) -> Option<&str> {
        let said = self.said.iter().find(|said| said.keyword == keyword)?;
        said.words.first().map(String::as_str)
    }

    /// Everything that was said.
    pub(super) fn said(&self) -> &[Said] {
        &self.said
    }

    fn take(&mut self, line: &Line) {
        let way = ["proxyjump", "proxycommand"];
        let is_said = |keyword: &str| self.said.iter().any(|said| said.keyword == keyword);
        // Of the two that say the way, only the first is heard.
        let heard = if way.contains(&line.keyword.as_str()) {
            way.iter().any(|keyword| is_said(keyword))
        } else {
            is_said(&line.keyword) && !LISTS.contains(&line.keyword.as_str())
        };
        let again = self
            .said
            .iter()
            .any(|said| said.keyword == line.keyword && said.words == line.words);
        if heard || (LISTS.contains(&line.keyword.as_str()) && again) {
            return;
        }
        self.said.push(Said {
            keyword: line.keyword.clone(),
            words: line.words.clone(),
            rest: line.rest.clone(),
        });
    }
}

/// What holds for the host that is asked for as `name`.
pub(super) fn resolve(tree: &Tree, name: &str, asked: &Asked) -> Resolved {
    let mut pass = Pass {
        asked,
        original: name,
        host: name.to_owned(),
        is_final: false,
        wants_final: false,
        resolved: Resolved::default(),
    };
    let mut active = true;
    pass.walk(&tree.lines, &mut active, true);
    pass.settle();
    if pass.wants_final {
        pass.is_final = true;
        active = true;
        pass.walk(&tree.lines, &mut active, true);
        pass.settle();
    }
    pass.resolved
}

/// One reading of the whole configuration for one host.
struct Pass<'a> {
    asked: &'a Asked,
    original: &'a str,
    /// What `Host` looks at: the name asked for, and in the final pass where it led.
    host: String,
    is_final: bool,
    wants_final: bool,
    resolved: Resolved,
}

impl Pass<'_> {
    /// `may` is false inside of what a block includes that does not match: nothing in there can match again.
    fn walk(&mut self, lines: &[Line], active: &mut bool, may: bool) {
        for line in lines {
            match line.keyword.as_str() {
                "host" => *active = may && self.host_matches(&line.words),
                "match" => *active = may && self.criteria_match(&line.words),
                "include" => {
                    let before = *active;
                    for file in &line.included {
                        let mut inside = before;
                        self.walk(file, &mut inside, may && before);
                    }
                    *active = before;
                }
                _ if *active => self.resolved.take(line),
                _ => {}
            }
        }
    }

    fn settle(&mut self) {
        self.resolved.host_name = self.target().to_lowercase();
        self.host = self.resolved.host_name.clone();
    }

    /// Where it leads, as far as it is known.
    fn target(&self) -> String {
        let written = self.resolved.value("hostname");
        written
            .and_then(|written| tokens::expand_host_name(written, self.original).ok())
            .unwrap_or_else(|| self.original.to_owned())
    }

    fn host_matches(&self, patterns: &[String]) -> bool {
        let mut matches = false;
        for pattern in patterns {
            let (negated, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) => (true, pattern),
                None => (false, pattern.as_str()),
            };
            if pattern::fits(&self.host, pattern) {
                if negated {
                    return false;
                }
                matches = true;
            }
        }
        matches
    }

    fn criteria_match(&mut self, criteria: &[String]) -> bool {
        let mut result = true;
        let mut words = criteria.iter();
        while let Some(word) = words.next() {
            let (negated, attribute) = match word.strip_prefix('!') {
                Some(attribute) => (true, attribute.to_ascii_lowercase()),
                None => (false, word.to_ascii_lowercase()),
            };
            let holds = match attribute.as_str() {
                "all" => true,
                "final" | "canonical" => {
                    self.wants_final |= attribute == "final";
                    self.is_final
                }
                _ => match words.next() {
                    // Every other criterion needs an argument.
                    None => return false,
                    Some(argument) => match self.criterion(&attribute, argument, result) {
                        Some(holds) => holds,
                        // What cannot be judged holds neither way.
                        None => {
                            result = false;
                            continue;
                        }
                    },
                },
            };
            result &= holds != negated;
        }
        result
    }

    fn criterion(&mut self, attribute: &str, argument: &str, needed: bool) -> Option<bool> {
        let user = self.resolved.value("user").unwrap_or(&self.asked.local_user);
        match attribute {
            "host" => Some(pattern::fits_list(
                &self.match_host().to_lowercase(),
                argument,
                true,
            )),
            "originalhost" => Some(pattern::fits_list(&self.original.to_lowercase(), argument, true)),
            "user" => Some(pattern::fits_list(user, argument, false)),
            "localuser" => Some(pattern::fits_list(&self.asked.local_user, argument, false)),
            "exec" if !self.asked.exec.leaves() && needed => self.run(argument),
            "exec" if !needed => None,
            "exec" => {
                self.resolved
                    .unjudged
                    .insert(format!("Match exec {argument:?} was not run"));
                None
            }
            other => {
                self.resolved.unjudged.insert(format!("Match {other} {argument}"));
                None
            }
        }
    }

    fn match_host(&self) -> String {
        match self.resolved.value("hostname") {
            Some(_) => self.target(),
            None => self.host.clone(),
        }
    }

    /// Runs a command as `ssh` would, if the person lets it.
    fn run(&mut self, command: &str) -> Option<bool> {
        let target = self.match_host();
        let port = self
            .resolved
            .value("port")
            .and_then(|port| port.parse().ok())
            .unwrap_or(22);
        let tokens = Tokens {
            host: &target,
            asked: self.original,
            port,
            user: self.resolved.value("user").unwrap_or(&self.asked.local_user),
            local_user: &self.asked.local_user,
            home: &self.asked.home,
            device: &self.asked.device,
        };
        let expanded = tokens::expand(command, &tokens);
        let expanded = expanded.ok();
        if expanded
            .as_ref()
            .is_some_and(|command| !self.asked.exec.lets(command))
        {
            self.resolved
                .unjudged
                .insert(format!("Match exec {command:?} was not run"));
            return None;
        }
        let ended = expanded.and_then(|command| {
            let mut shell = Command::new("/bin/sh");
            shell.arg("-c").arg(command).stdin(std::process::Stdio::null());
            shell
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null());
            shell.status().ok()
        });
        if ended.is_none() {
            self.resolved
                .unjudged
                .insert(format!("Match exec {command:?} could not be run"));
        }
        ended.map(|status| status.success())
    }
}

/// The names that stand in the configuration for themselves alone, in their order.
pub(super) fn names(lines: &[Line]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        let patterns: Vec<&str> = match line.keyword.as_str() {
            "host" => line.words.iter().map(String::as_str).collect(),
            "match" => original_hosts(&line.words),
            _ => Vec::new(),
        };
        for name in patterns
            .into_iter()
            .filter(|pattern| pattern::is_literal(pattern))
        {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        for file in &line.included {
            for name in self::names(file) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    names
}

fn original_hosts(criteria: &[String]) -> Vec<&str> {
    criteria
        .windows(2)
        .filter(|pair| pair[0].eq_ignore_ascii_case("originalhost"))
        .flat_map(|pair| pair[1].split(','))
        .collect()
}
