//! The command line of the agent.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use luumen_model::PrivilegeTier;

const AFTER: &str = "\
Without a command, one run is made now.

Exit codes:
   0  all well
   1  configuration or usage
   2  the API refused the key
   3  some hosts could not be visited
   4  no host could be visited
  75  the API could not be reached, or another run of this agent is under way: try again later";

/// Visits hosts over SSH with read-only commands and reports what it saw to the Luumen API.
#[derive(Debug, Parser)]
#[command(name = "luumen-agent", disable_version_flag = true, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Cli {
    /// Configuration file [default: config.yaml beside the binary]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Sets a key of the configuration, above file and environment; not for secrets
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) settings: Vec<(String, String)>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run on the schedule until a signal comes; with --once, make one run and end
    Run(Run),
    /// Check configuration, API, names, logins and sudo rights, and change nothing
    Check(Check),
    /// Print every command that a host is ever sent, with its privilege and its reason
    Commands(Commands),
    /// Print the sudoers file that a privilege tier needs
    Sudoers {
        /// Which tier
        #[arg(long, value_enum, default_value_t = Tier::Standard)]
        tier: Tier,
        /// Account that the agent signs in to
        #[arg(long, default_value = "luumen")]
        user: String,
    },
    /// Look after the known host keys
    Hostkeys {
        #[command(subcommand)]
        command: Hostkeys,
    },
    /// Print the JSON Schema of the Snapshot document
    Schema,
    /// Print the version
    Version {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug, Default)]
pub(crate) struct Run {
    /// One run now instead of the service
    #[arg(long)]
    pub(crate) once: bool,
    /// Only this host (name, address or id); may be given several times
    #[arg(long, value_name = "HOST", requires = "once")]
    pub(crate) host: Vec<String>,
    /// Show what would be visited, as whom and with what; connect to no host
    #[arg(long, requires = "once")]
    pub(crate) dry_run: bool,
    /// Ask hosts again also for what cannot have changed since the last visit
    #[arg(long, requires = "once")]
    pub(crate) full: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Output::Text, requires = "once")]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Only this host (name, address or id); may be given several times
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Vec<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Commands {
    /// As the page docs/reference/commands.md
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Hostkeys {
    /// List the known host keys
    List,
    /// Fetch the key of a host, show it, and remember it
    Accept {
        /// host, host:port, [address]:port, or a host's name in the web app once a run, or
        /// `run --once --dry-run`, has fetched the configuration
        host: String,
        /// Accept without asking, if the key has this fingerprint (SHA256:…)
        #[arg(long)]
        fingerprint: Option<String>,
        /// Accept without asking, whatever key the host shows
        #[arg(long, conflicts_with = "fingerprint")]
        yes: bool,
        /// Replace a key that is known already
        #[arg(long)]
        replace: bool,
    },
    /// Mark the known keys of a host as revoked, so that they are never trusted again
    Revoke {
        /// host, host:port, or [address]:port
        host: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    #[default]
    Text,
    Json,
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

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("it takes KEY=VALUE, such as concurrency=10")?;
    Ok((key.trim().to_owned(), value.to_owned()))
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
