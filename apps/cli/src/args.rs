//! The command line of `luumen`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use luumen_model::PrivilegeTier;
use luumen_workbench::{NewHostKeys, Place};

const AFTER: &str = "\
Exit codes: 0 every section is complete, 1 usage, 3 some sections are not complete, 4 the host could not be visited.";

const MATCH_AFTER: &str = "\
Exit codes: 0 everything was judged, 1 usage, 3 something could not be judged (it is named).";

const VERSION_AFTER: &str = "\
Exit codes: 0 every line holds, 1 some line does not hold or cannot be read.";

/// Understand and look after servers without installing anything on them.
#[derive(Debug, Parser)]
#[command(name = "luumen", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at a host over SSH, with read-only commands, and say what it is
    #[command(after_help = AFTER)]
    Inventory(Box<Inventory>),
    /// Match a snapshot with a catalogue of vulnerabilities, offline, and say why
    #[command(after_help = MATCH_AFTER)]
    Match(Match),
    /// Check lines `a<TAB>op<TAB>b` (op: < = >) against a version order; prints those that do not hold
    #[command(after_help = VERSION_AFTER)]
    Version(Version),
}

#[derive(Args, Debug)]
pub(crate) struct Match {
    /// Snapshot document, as `luumen inventory --json` prints it; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: PathBuf,

    /// Catalogue, as `luumen feeds build` makes it
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: PathBuf,

    /// A page to read, the report as a document, or lines for other programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Only what is open; without it tsv and json also say what was fixed and what is not affected
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    /// Source package, version, id, verdict, fixed version, deciding source
    Tsv,
}

#[derive(Args, Debug)]
pub(crate) struct Version {
    /// Whose order: dpkg, rpm, apk, pacman, semver, pep440, maven, nuget, rubygems, windows, letters, generic
    #[arg(long, value_name = "SCHEME")]
    pub(crate) scheme: String,

    /// Files of lines; standard input without any
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Inventory {
    /// user@host, user@host:port, user@[address]:port
    #[arg(value_name = "HOST")]
    pub(crate) place: Place,

    /// Print the whole Snapshot document
    #[arg(long)]
    pub(crate) json: bool,

    /// Private key; may be given several times. Without it: ssh-agent, then the usual keys of ~/.ssh
    #[arg(short = 'i', long = "identity", value_name = "KEY")]
    pub(crate) keys: Vec<PathBuf>,

    /// Hosts to go through, nearest first
    #[arg(
        short = 'J',
        long = "jump",
        value_name = "JUMP[,JUMP…]",
        value_delimiter = ','
    )]
    pub(crate) jumps: Vec<Place>,

    /// File of known host keys [default: ~/.ssh/known_hosts]
    #[arg(long, value_name = "FILE")]
    pub(crate) known_hosts: Option<PathBuf>,

    /// What to do with a host never seen before; a changed key is refused in any case
    #[arg(long, value_enum, default_value_t = Policy::Ask)]
    pub(crate) host_key_policy: Policy,

    /// How much of sudo may be used
    #[arg(long = "sudo", value_enum, default_value_t = Tier::None, value_name = "TIER")]
    pub(crate) tier: Tier,

    /// Most seconds for the look itself
    #[arg(long, default_value_t = 120, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,

    /// Most seconds for connecting to each host on the way
    #[arg(long, default_value_t = 15, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) connect_timeout: u64,

    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,

    /// Ask nothing, fail instead
    #[arg(long)]
    pub(crate) batch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Policy {
    /// Ask on the terminal, else refuse
    Ask,
    /// Refuse
    Strict,
    /// Believe and remember
    Tofu,
}

impl From<Policy> for NewHostKeys {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Ask => Self::Ask,
            Policy::Strict => Self::Refuse,
            Policy::Tofu => Self::Trust,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    None,
    Standard,
    Extended,
}

impl From<Tier> for PrivilegeTier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::None => Self::None,
            Tier::Standard => Self::Standard,
            Tier::Extended => Self::Extended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
