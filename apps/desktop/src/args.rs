//! What may stand behind `luumen-desktop` on the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use luumen_workbench::SecretPlace;

/// Longer than any place that a person can mean.
const LONGEST_LINK: usize = 512;

/// Terminals, files and scans of servers.
#[derive(Debug, Parser)]
#[command(name = "luumen-desktop", version)]
pub(crate) struct Args {
    /// Where to connect: `ssh://user@host:port`, as the system hands over a link that was clicked
    #[arg(value_parser = link)]
    pub(crate) link: Option<String>,
    /// Where everything is kept, instead of the usual folder
    #[arg(long, value_name = "FOLDER", env = "LUUMEN_DESKTOP_DATA")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where passwords and passphrases are kept
    #[arg(long, value_enum, default_value_t, env = "LUUMEN_DESKTOP_SECRETS")]
    pub(crate) secrets: Secrets,
    /// Says whether a package is an update that is signed by the key of this program, and ends. Asks nobody on the network
    #[arg(long, num_args = 2, value_names = ["LATEST.JSON", "PACKAGE"], exclusive = true)]
    pub(crate) verify_update: Option<Vec<PathBuf>>,
}

/// Where secrets live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Secrets {
    /// In the system's keychain where there is one, else in a file that a passphrase seals
    #[default]
    Automatic,
    /// In the sealed file, even where there is a keychain
    VaultFile,
}

impl From<Secrets> for SecretPlace {
    fn from(secrets: Secrets) -> Self {
        match secrets {
            Secrets::Automatic => Self::Automatic,
            Secrets::VaultFile => Self::VaultFile,
        }
    }
}

/// Lets only links through that a person can read. What they name is judged by the workbench, which asks before it connects.
fn link(text: &str) -> Result<String, String> {
    if !text.starts_with("ssh://") {
        return Err("a link begins with ssh://, as in ssh://root@db-3:2222".to_owned());
    }
    if text.len() > LONGEST_LINK {
        return Err(format!("a link has {LONGEST_LINK} characters at most"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("a link has no spaces and no invisible characters".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads a link that came another way than by the command line.
pub(crate) fn read_link(text: &str) -> Option<String> {
    link(text).ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Args;

    #[track_caller]
    fn check(arguments: &[&str], expected: Result<Option<&str>, &str>) {
        let all = std::iter::once("luumen-desktop").chain(arguments.iter().copied());
        let seen = Args::try_parse_from(all);
        match (seen, expected) {
            (Ok(args), Ok(link)) => assert_eq!(args.link.as_deref(), link),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (seen, _) => panic!("{arguments:?} gave {seen:?}"),
        }
    }

    #[test]
    fn a_link_names_a_place_to_connect_to() {
        check(&[], Ok(None));
        check(&["ssh://root@db-3:2222"], Ok(Some("ssh://root@db-3:2222")));
    }

    #[test]
    fn a_link_of_another_kind_is_refused_with_a_reason() {
        check(&["https://db-3"], Err("begins with ssh://"));
        check(&["db-3"], Err("begins with ssh://"));
        check(&["ssh://db-3 -oProxyCommand=x"], Err("no spaces"));
        check(&["ssh://db-3\u{7}"], Err("no invisible characters"));
        check(&[&format!("ssh://{}", "x".repeat(600))], Err("512 characters"));
    }
}
