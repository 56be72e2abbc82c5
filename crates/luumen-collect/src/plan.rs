//! Which commands a visit sends, and with which bounds.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use luumen_model::{PrivilegeTier, SectionKind, Timestamp};
use rand::Rng as _;

use crate::{
    catalogue,
    command::ReadCommand,
    kept::{self, Kept},
    script,
};

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
    /// Set when answers are kept from visit to visit.
    pub(crate) keeps: Option<Keeps>,
}

/// What a plan that keeps knows.
#[derive(Clone, Debug)]
pub(crate) struct Keeps {
    /// Digest of the script as it is when nothing is known.
    pub(crate) script: String,
    /// What was kept, if it may still be relied on.
    pub(crate) kept: Option<Arc<Kept>>,
}

impl Plan {
    /// What an earlier visit kept and this one relies on.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.keeps.as_ref()?.kept.as_deref()
    }

    /// True when the host need not answer again what an earlier visit kept, if its inputs have not changed.
    pub fn relies_on_kept(&self) -> bool {
        self.kept().is_some()
    }

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
    plan_with_marker(options, &random_marker())
}

/// Plans one of many visits to the same host: what an earlier one kept is not asked again while its inputs are as they
/// were. Something kept under another script, by another version, or a day before `now` is left aside, and all is read.
pub fn plan_again(options: &CollectOptions, kept: Option<Arc<Kept>>, now: Timestamp) -> Plan {
    let (commands, marker) = (choose(options, true), random_marker());
    let compose = |marker: &str, known| script::compose(&commands, bounds(options), marker, known);
    let collector = [
        options.collector_name.as_str(),
        options.collector_version.as_str(),
    ];
    let digest = kept::script_digest(&compose("", None), collector);
    let kept = kept.filter(|kept| kept.holds(&digest, now));
    let script = compose(&marker, kept.as_deref());
    Plan {
        options: options.clone(),
        commands,
        script,
        marker,
        keeps: Some(Keeps { script: digest, kept }),
    }
}

fn random_marker() -> String {
    let mut marker = String::with_capacity(32);
    let mut random = [0u8; 16];
    rand::rng().fill_bytes(&mut random);
    for byte in random {
        let _ = write!(marker, "{byte:02x}");
    }
    marker
}

/// Plans a visit with a known marker: for tests, and to read a recorded transcript again.
pub fn plan_with_marker(options: &CollectOptions, marker: &str) -> Plan {
    let commands = choose(options, false);
    let script = script::compose(&commands, bounds(options), marker, None);
    Plan {
        options: options.clone(),
        commands,
        script,
        marker: marker.to_owned(),
        keeps: None,
    }
}

fn bounds(options: &CollectOptions) -> script::Bounds {
    script::Bounds {
        tier: options.tier,
        // `timeout` counts whole seconds, and 0 would mean none at all.
        command_timeout_s: options
            .command_timeout
            .map(|limit| u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).max(1)),
    }
}

/// The commands of the wanted sections. `sudo` is asked what it allows when one of them may need it, and
/// never in the tier without it. The state of inputs is of use to a plan that keeps only.
fn choose(options: &CollectOptions, keeps: bool) -> Vec<&'static ReadCommand> {
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
            catalogue::STATE => keeps && wanted(command),
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
