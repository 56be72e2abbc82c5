//! The command line of `luumen`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use luumen_model::PrivilegeTier;
use luumen_workbench::{NewHostKeys, Place};

const AFTER: &str = "\
Exit codes: 0 every section is complete, 1 usage, 3 some sections are not complete, 4 the host could not be visited.";

const MATCH_AFTER: &str = "\
Exit codes: 0 everything was judged, 1 usage, 3 something could not be judged (it is named).";

const SCAN_AFTER: &str = "\
Exit codes: 0 everything was judged, 1 usage, 2 --fail-on holds, 3 something could not be collected or judged, 4 the host could not be visited.";

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
    /// Look at a host over SSH and say which vulnerabilities it has, and why
    #[command(after_help = SCAN_AFTER)]
    Scan(Box<Scan>),
    /// Fetch, build, carry and install what the world says about vulnerabilities
    #[command(subcommand)]
    Feeds(Feeds),
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

#[derive(Args, Debug)]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) inventory: Inventory,

    /// Catalogue to use [default: the one that is installed for this user]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,

    /// Print SARIF 2.1.0
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,

    /// Exit with 2 when there is an open finding of that kind
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Severity critical, or known to be exploited
    Critical,
    /// Known to be exploited (CISA)
    Kev,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Feeds {
    /// Fetch what is new from the publishers
    Pull(Pull),
    /// Build a catalogue and install it for this user
    Build(Build),
    /// Write the installed catalogue as a signed bundle, for machines without a network
    Export(Export),
    /// Check a signed bundle and install its catalogue
    Import(Import),
    /// Say how fresh each source is, and which catalogue is installed
    Status(Store),
    /// Make a key that signs bundles
    Keygen(Keygen),
}

#[derive(Args, Debug)]
pub(crate) struct Store {
    /// Folder for feeds and catalogues [default: $XDG_DATA_HOME/luumen, else ~/.local/share/luumen]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Pull {
    #[command(flatten)]
    pub(crate) store: Store,

    /// Only these sources (several times); without it all that are switched on
    #[arg(long = "source", value_name = "ID")]
    pub(crate) sources: Vec<String>,

    /// Fetch a source from another place: ID=URL (several times)
    #[arg(long = "base", value_name = "ID=URL")]
    pub(crate) bases: Vec<String>,

    /// Proxy, http:// or socks5://; without it HTTPS_PROXY and NO_PROXY apply
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,

    /// Certificates to trust besides those of the system (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// File with the key of the NVD's API; it allows ten times as many requests
    #[arg(long, value_name = "FILE")]
    pub(crate) nvd_key_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) store: Store,

    /// Folder of files that somebody carried here, instead of what was fetched
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,

    /// Write the catalogue to this file instead of installing it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Mark it as made up for show
    #[arg(long)]
    pub(crate) sample: bool,

    /// Believe sources that say less than half of what they said before
    #[arg(long)]
    pub(crate) accept_less: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) store: Store,

    /// Bundle to write
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,

    /// File with the signing key, as `luumen feeds keygen` makes it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) store: Store,

    /// Bundle to read
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,

    /// File of public keys whose bundles are taken, one on a line
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: PathBuf,

    /// Also when it is older than the installed one
    #[arg(long)]
    pub(crate) older: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Keygen {
    /// File for the signing key; the public key is printed and written beside it as FILE.pub
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    /// Source package, version, id, verdict, fixed version, deciding source
    Tsv,
    /// SARIF 2.1.0
    Sarif,
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

    /// Print everything as one JSON document: the Snapshot, or the report of a scan
    #[arg(long)]
    pub(crate) json: bool,

    /// Private key; may be given several times. Without it: ssh-agent, then the usual keys of ~/.ssh; with any, neither
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

    /// File of known host keys [default: ~/.ssh/known_hosts, then /etc/ssh/ssh_known_hosts]
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

    /// Read the password for HOST from the first line of standard input; jump hosts are never told it
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
