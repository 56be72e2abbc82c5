//! `credentials:` of `config.yaml`: a name, and where its secret lies. The server knows only the name.
//!
//! Reads the entries; the secrets themselves are read at the time of a visit (`credentials`), so
//! that a rotated key works at the next run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_norway::Value;

use super::{
    keys::CREDENTIAL_KEYS,
    layers::{Fault, closest, scalar},
};

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    /// Account, for hosts that have none of their own.
    pub(crate) username: Option<String>,
    pub(crate) source: Source,
}

/// Where the secret lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Key {
        file: PathBuf,
        passphrase_file: Option<PathBuf>,
        certificate_file: Option<PathBuf>,
    },
    PasswordFile(PathBuf),
    PasswordVariable(String),
    Agent {
        socket: Option<PathBuf>,
    },
}

impl Source {
    /// Wrong passwords lock accounts; refused keys do not.
    pub(crate) fn is_password(&self) -> bool {
        matches!(self, Self::PasswordFile(_) | Self::PasswordVariable(_))
    }

    /// For a dry run: what would be used, without any of it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Key {
                file,
                certificate_file: Some(certificate),
                ..
            } => {
                format!(
                    "key {} with certificate {}",
                    file.display(),
                    certificate.display()
                )
            }
            Self::Key { file, .. } => format!("key {}", file.display()),
            Self::PasswordFile(file) => format!("password in {}", file.display()),
            Self::PasswordVariable(name) => format!("password in the variable {name}"),
            Self::Agent { socket: Some(socket) } => format!("ssh-agent at {}", socket.display()),
            Self::Agent { socket: None } => "ssh-agent at SSH_AUTH_SOCK".to_owned(),
        }
    }

    /// Files that hold secrets, with the name of their key.
    pub(crate) fn secret_files(&self) -> Vec<(&'static str, &Path)> {
        match self {
            Self::Key {
                file,
                passphrase_file,
                ..
            } => {
                let passphrase = passphrase_file.as_deref().map(|path| ("passphrase_file", path));
                [Some(("key_file", file.as_path())), passphrase]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Self::PasswordFile(file) => vec![("password_file", file.as_path())],
            Self::PasswordVariable(_) | Self::Agent { .. } => Vec::new(),
        }
    }
}

/// Reads the entries; `folder` is where relative paths count from.
pub(crate) fn read(section: &Value, folder: &Path, faults: &mut Vec<Fault>) -> BTreeMap<String, Credential> {
    let mut credentials = BTreeMap::new();
    let Value::Mapping(map) = section else {
        if !section.is_null() {
            faults.push(Fault::new(
                "credentials",
                "it takes names with their keys, such as `linux: {key_file: id_ed25519}`",
            ));
        }
        return credentials;
    };
    for (name, entry) in map {
        let Some(name) = scalar(name) else {
            faults.push(Fault::new("credentials", "a name must be a text"));
            continue;
        };
        let path = format!("credentials.{name}");
        match fields(&path, entry, faults) {
            Some(fields) => match build(&fields, folder) {
                Ok(credential) => drop(credentials.insert(name, credential)),
                Err(message) => faults.push(Fault::new(path, message)),
            },
            None => faults.push(Fault::new(path, "it takes keys such as `key_file`")),
        }
    }
    credentials
}

fn fields(path: &str, entry: &Value, faults: &mut Vec<Fault>) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (name, value) in entry.as_mapping()? {
        let name = scalar(name).unwrap_or_default();
        if !CREDENTIAL_KEYS.iter().any(|(known, _)| *known == name) {
            let near = closest(&name, CREDENTIAL_KEYS.iter().map(|(known, _)| *known));
            let message = match near {
                Some(near) => format!("there is no such key; did you mean {near}?"),
                // People try `password: …`; the answer must not repeat it.
                None if name == "password" => {
                    "secrets do not stand here; use password_file or env".to_owned()
                }
                None => "there is no such key".to_owned(),
            };
            faults.push(Fault::new(format!("{path}.{name}"), message));
            continue;
        }
        match scalar(value).filter(|text| !text.is_empty()) {
            Some(text) => drop(fields.insert(name, text)),
            None => faults.push(Fault::new(format!("{path}.{name}"), "it takes a text")),
        }
    }
    Some(fields)
}

fn build(fields: &BTreeMap<String, String>, folder: &Path) -> Result<Credential, String> {
    let file = |name: &str| fields.get(name).map(|path| folder.join(path));
    let mut sources = Vec::new();
    if let Some(key) = file("key_file") {
        let (passphrase_file, certificate_file) = (file("passphrase_file"), file("certificate_file"));
        sources.push(Source::Key {
            file: key,
            passphrase_file,
            certificate_file,
        });
    } else if let Some(lonely) = ["passphrase_file", "certificate_file"]
        .iter()
        .find(|name| fields.contains_key(**name))
    {
        return Err(format!("{lonely} is of use only together with key_file"));
    }
    sources.extend(file("password_file").map(Source::PasswordFile));
    sources.extend(fields.get("env").cloned().map(Source::PasswordVariable));
    match fields.get("agent").map(String::as_str) {
        None | Some("false") => {}
        Some("true") => sources.push(Source::Agent { socket: None }),
        Some(socket) => sources.push(Source::Agent {
            socket: Some(folder.join(socket)),
        }),
    }
    match (sources.pop(), sources.is_empty()) {
        (Some(source), true) => Ok(Credential {
            username: fields.get("username").cloned(),
            source,
        }),
        (None, _) => Err("it names no secret; add one of key_file, password_file, env, agent".to_owned()),
        (Some(_), false) => {
            Err("it names several secrets; keep one of key_file, password_file, env, agent".to_owned())
        }
    }
}
