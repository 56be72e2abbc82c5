//! The list of known host keys, and taking one out of its file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use luumen_transport::known_hosts::{self, Hosts, Marker};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
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
    /// The digest of the whole line, by which it is found again.
    pub digest: String,
    /// The file.
    pub file: String,
}

/// A line to take out.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoveKnownHost {
    file: String,
    /// Where it was when it was shown.
    line: usize,
    /// What it was when it was shown; where it is now does not matter.
    digest: String,
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
            move || remove(&path, args.line, &args.digest)
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
            "the file changed since it was shown, and the line is not in it any more",
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
            digest: digest(text.lines().nth(entry.line.saturating_sub(1)).unwrap_or_default()),
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

/// What tells one line from every other: its bytes as they are shown, without the end.
fn digest(line: &str) -> String {
    let hash = Sha256::digest(line);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes a line out, if it is still there, wherever that is now. Of lines that are the same the one that was shown goes.
fn remove(path: &Path, line: usize, wanted: &str) -> io::Result<bool> {
    let text = fs::read(path)?;
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let is_it =
        |raw: &[u8]| digest(String::from_utf8_lossy(raw).lines().next().unwrap_or_default()) == wanted;
    let same = (0..lines.len()).filter(|at| is_it(lines[*at]));
    let Some(gone) = same.min_by_key(|at| at.abs_diff(line.saturating_sub(1))) else {
        return Ok(false);
    };
    let kept: Vec<&[u8]> = lines
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != gone)
        .map(|(_, line)| *line)
        .collect();
    // Beside the real file, also where the name is a link to it.
    let real = fs::canonicalize(path)?;
    let new = real.with_extension("luumen-new");
    fs::write(&new, kept.concat())?;
    fs::set_permissions(&new, fs::metadata(&real)?.permissions())?;
    fs::rename(&new, &real)?;
    Ok(true)
}
