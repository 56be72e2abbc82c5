//! The list of known host keys, and taking one out of its file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use luumen_transport::known_hosts::{self, Hosts, Marker};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Identities;
use crate::bridge::{NoArgs, Problem};

/// A line of a `known_hosts` file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct KnownHostLine {
    /// Who is meant, as the file has it; hashed names cannot be told.
    pub host: String,
    /// `ssh-ed25519`, …
    pub algorithm: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// Whether the line speaks of an authority or forbids the key.
    pub marker: Option<String>,
    /// Counted from 1.
    pub line: usize,
    /// The file.
    pub file: String,
}

/// A line to take out.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoveKnownHost {
    file: String,
    line: usize,
    /// The fingerprint that the line had when it was shown.
    #[serde(default)]
    #[ts(optional)]
    fingerprint: Option<String>,
}

impl Identities {
    fn known_hosts_file(&self) -> PathBuf {
        self.0.options.ssh_folder.join("known_hosts")
    }

    pub(super) async fn known_hosts(self: Arc<Self>, _: NoArgs) -> Result<Vec<KnownHostLine>, Problem> {
        let path = self.known_hosts_file();
        match tokio::fs::read(&path).await {
            Ok(text) => Ok(lines(
                &String::from_utf8_lossy(&text),
                &path.display().to_string(),
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(cannot("read", &path, &error)),
        }
    }

    pub(super) async fn remove_known_host(self: Arc<Self>, args: RemoveKnownHost) -> Result<(), Problem> {
        let path = self.known_hosts_file();
        // Only the file that was listed: the window names a line, never a place to write to.
        if Path::new(&args.file) != path {
            return Err(Problem::new(
                "LUM-KNOWN-HOSTS-FILE",
                "the line was not removed",
                format!("{} is not the file of known hosts", args.file),
            ));
        }
        let removed = tokio::task::spawn_blocking({
            let path = path.clone();
            move || remove(&path, args.line, args.fingerprint.as_deref())
        })
        .await
        .map_err(|error| io::Error::other(error.to_string()))
        .flatten()
        .map_err(|error| cannot("changed", &path, &error))?;
        if removed {
            return Ok(());
        }
        Err(Problem::new(
            "LUM-KNOWN-HOSTS-MOVED",
            "the line was not removed",
            "the file changed since it was shown",
        )
        .next("Look at the list again."))
    }
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Problem {
    Problem::of(
        "LUM-SSH-KNOWN-HOSTS",
        format!("{} cannot be {what}", path.display()),
        error,
    )
    .next("Look at the rights of the file.")
}

fn lines(text: &str, file: &str) -> Vec<KnownHostLine> {
    let (entries, _) = known_hosts::parse(text, file);
    entries
        .into_iter()
        .map(|entry| KnownHostLine {
            host: match &entry.hosts {
                Hosts::Hashed { .. } => "(hashed)".to_owned(),
                Hosts::Patterns(_) => names(text, entry.line),
            },
            algorithm: entry.key.algorithm().to_owned(),
            fingerprint: entry.key.fingerprint(),
            marker: match entry.marker {
                Marker::Host => None,
                Marker::CertAuthority => Some("cert-authority".to_owned()),
                Marker::Revoked => Some("revoked".to_owned()),
            },
            line: entry.line,
            file: entry.file,
        })
        .collect()
}

/// The names as they stand in the line.
fn names(text: &str, line: usize) -> String {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let mut words = line.split_whitespace().filter(|word| !word.starts_with('@'));
    words.next().unwrap_or_default().to_owned()
}

/// Takes a line out, if it still is the one that was shown.
fn remove(path: &Path, line: usize, fingerprint: Option<&str>) -> io::Result<bool> {
    let text = fs::read(path)?;
    let shown = lines(&String::from_utf8_lossy(&text), "");
    let is_it = |known: &KnownHostLine| {
        known.line == line && fingerprint.is_none_or(|fingerprint| known.fingerprint == fingerprint)
    };
    if !shown.iter().any(is_it) {
        return Ok(false);
    }
    let kept: Vec<&[u8]> = text
        .split_inclusive(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(at, _)| at + 1 != line)
        .map(|(_, line)| line)
        .collect();
    // Beside the real file, also where the name is a link to it.
    let real = fs::canonicalize(path)?;
    let new = real.with_extension("luumen-new");
    fs::write(&new, kept.concat())?;
    fs::set_permissions(&new, fs::metadata(&real)?.permissions())?;
    fs::rename(&new, &real)?;
    Ok(true)
}
