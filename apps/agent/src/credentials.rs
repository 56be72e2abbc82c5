//! Turns the name of a credential into ways to sign in, at the time of a visit.
//!
//! The secrets are read anew each time and kept nowhere, so that a rotated key works at the next run
//! and a memory dump between runs shows none.

use std::{collections::BTreeMap, fs};

use luumen_crypto::Secret;
use luumen_transport::AuthMethod;

use crate::config::{Credential, Source, read_secret, read_secret_line};

/// Reads the secret of `name`; the error is in words and never holds any of it.
pub(crate) fn methods(
    credentials: &BTreeMap<String, Credential>,
    name: &str,
) -> Result<Vec<AuthMethod>, String> {
    let credential = credentials
        .get(name)
        .ok_or_else(|| format!("there is no credential {name:?}"))?;
    let method = match &credential.source {
        Source::Key {
            file,
            passphrase_file,
            certificate_file,
        } => AuthMethod::Key {
            private_key: read_secret(file)?,
            passphrase: passphrase_file.as_deref().map(read_secret_line).transpose()?,
            certificate: match certificate_file {
                Some(file) => {
                    let text = fs::read_to_string(file);
                    Some(text.map_err(|error| format!("{} cannot be read: {error}", file.display()))?)
                }
                None => None,
            },
            origin: file.display().to_string(),
        },
        Source::PasswordFile(file) => AuthMethod::Password(read_secret_line(file)?),
        Source::PasswordVariable(variable) => match std::env::var(variable) {
            Ok(password) if !password.is_empty() => AuthMethod::Password(Secret::new(password)),
            _ => return Err(format!("the variable {variable} is not set")),
        },
        Source::Agent { socket } => AuthMethod::Agent {
            socket: socket.clone(),
        },
    };
    Ok(vec![method])
}
