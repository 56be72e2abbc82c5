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
    let wanted = |command: &&ReadCommand| {
        command
            .sections
            .iter()
            .any(|section| options.sections.contains(section))
    };
    let commands: Vec<&'static ReadCommand> = catalogue::commands().filter(wanted).collect();
    let script = script::compose(&commands, options.tier, marker);
    Plan {
        options: options.clone(),
        commands,
        script,
        marker: marker.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CollectOptions, plan};
    use luumen_model::SectionKind;

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
