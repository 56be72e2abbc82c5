//! Which commands a visit sends, and with which bounds.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use luumen_model::{PrivilegeTier, SectionKind};
use rand::Rng as _;

use crate::{catalogue, command::ReadCommand, script};

/// What to look at, how, and in whose name.
#[derive(Clone, Debug)]
pub struct CollectOptions {
    /// How much of `sudo` the visit may use; root needs none.
    pub tier: PrivilegeTier,
    /// Which sections to read.
    pub sections: BTreeSet<SectionKind>,
    /// Time for the whole visit; what came until then is kept.
    pub visit_timeout: Duration,
    /// Upper limit for one command, where the host has `timeout`; commands with a shorter one keep it.
    pub command_timeout: Option<Duration>,
    /// Most bytes taken from the host, on each of both streams.
    pub max_output_bytes: usize,
    /// Name of the program that looks: `luumen-agent`, `luumen`, …
    pub collector_name: String,
    /// Its version.
    pub collector_version: String,
    /// The account that is signed in; taken from the session's endpoint when absent.
    pub username: Option<String>,
}

impl CollectOptions {
    /// All sections, no `sudo`, two minutes, 32 MiB.
    pub fn new(collector_name: &str, collector_version: &str) -> Self {
        Self {
            tier: PrivilegeTier::None,
            sections: SectionKind::ALL.iter().copied().collect(),
            visit_timeout: Duration::from_secs(120),
            command_timeout: None,
            max_output_bytes: 32 << 20,
            collector_name: collector_name.to_owned(),
            collector_version: collector_version.to_owned(),
            username: None,
        }
    }
}

/// One visit, thought through: the script and what is needed to read its answer.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) options: CollectOptions,
    pub(crate) commands: Vec<&'static ReadCommand>,
    pub(crate) script: String,
    pub(crate) marker: String,
}

impl Plan {
    /// What is fed to `/bin/sh -s` on the host: everything that is ever sent.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// The command line that the session is asked to run.
    pub fn command_line(&self) -> &'static str {
        "/bin/sh -s"
    }

    /// The read commands of the script, in order.
    pub fn commands(&self) -> &[&'static ReadCommand] {
        &self.commands
    }

    /// The options it was made from.
    pub fn options(&self) -> &CollectOptions {
        &self.options
    }
}

/// Plans a visit. Its marker is random, so that no file or program name on the host can forge a section.
pub fn plan(options: &CollectOptions) -> Plan {
    let mut marker = String::with_capacity(32);
    let mut random = [0u8; 16];
    rand::rng().fill_bytes(&mut random);
    for byte in random {
        let _ = write!(marker, "{byte:02x}");
    }
    plan_with_marker(options, &marker)
}

/// Plans a visit with a known marker: for tests, and to read a recorded transcript again.
pub fn plan_with_marker(options: &CollectOptions, marker: &str) -> Plan {
    let commands = choose(options);
    let bounds = script::Bounds {
        tier: options.tier,
        // `timeout` counts whole seconds, and 0 would mean none at all.
        command_timeout_s: options
            .command_timeout
            .map(|limit| u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).max(1)),
    };
    let script = script::compose(&commands, bounds, marker);
    Plan {
        options: options.clone(),
        commands,
        script,
        marker: marker.to_owned(),
    }
}

/// The commands of the wanted sections. `sudo` is asked what it allows when one of them may need it, and
/// never in the tier without it.
fn choose(options: &CollectOptions) -> Vec<&'static ReadCommand> {
    let wanted = |command: &ReadCommand| {
        command
            .sections
            .iter()
            .any(|section| options.sections.contains(section))
    };
    let by_sudo =
        |command: &ReadCommand| command.tier() != PrivilegeTier::None && command.tier() <= options.tier;
    let ask_sudo = options.tier != PrivilegeTier::None
        && (options.sections.contains(&SectionKind::SudoPolicy)
            || catalogue::commands().any(|command| wanted(command) && by_sudo(command)));
    catalogue::commands()
        .filter(|command| match command.id() {
            catalogue::SUDO_GATE => ask_sudo,
            _ => wanted(command),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CollectOptions, plan};
    use std::time::Duration;

    use luumen_model::{PrivilegeTier, SectionKind};

    #[test]
    fn the_tier_without_sudo_never_calls_it() {
        let options = CollectOptions::new("test", "0");
        assert!(!plan(&options).script().contains("sudo -k"));
    }

    #[test]
    fn one_section_alone_still_asks_what_sudo_allows() {
        let mut options = CollectOptions::new("test", "0");
        options.sections = [SectionKind::Sshd].into();
        options.tier = PrivilegeTier::Standard;
        let script = plan(&options).script().to_owned();
        assert!(script.contains("sudo -k -n -l"));
        assert!(script.contains("sudo -k -n /usr/sbin/sshd -T"));
    }

    #[test]
    fn a_limit_for_each_command_shortens_the_longer_ones() {
        let mut options = CollectOptions::new("test", "0");
        options.sections = [SectionKind::Packages].into();
        assert!(plan(&options).script().contains("$T 60 dpkg-query"));
        options.command_timeout = Some(Duration::from_secs(7));
        let script = plan(&options).script().to_owned();
        assert!(script.contains("$T 7 dpkg-query"));
        assert!(!script.contains("$T 60"));
    }

    #[test]
    fn every_visit_has_a_marker_of_its_own() {
        let options = CollectOptions::new("test", "0");
        assert_ne!(plan(&options).marker, plan(&options).marker);
    }

    #[test]
    fn only_what_is_asked_for_is_sent() {
        let mut options = CollectOptions::new("test", "0");
        options.sections = [SectionKind::Groups].into();
        let plan = plan(&options);
        let ids: Vec<&str> = plan.commands().iter().map(|command| command.id()).collect();
        assert_eq!(ids, ["users.files"]);
        assert!(plan.script().contains("/etc/group"));
        assert!(!plan.script().contains("dpkg-query"));
    }
}
