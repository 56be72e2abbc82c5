//! Whether a package is an update of ours: by a signature of the key that was built in, without any network.
//!
//! Nothing here looks for updates or installs one (packaging/desktop/README.md): a person, or a package manager's hook, brings both files.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign_verify::{PublicKey, Signature};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The public half of the key that releases are signed with, as `tauri signer generate` writes it. Without one no update is believed.
pub(crate) const KEY: Option<&str> = option_env!("LUUMEN_UPDATE_PUBKEY");

/// The key to believe. A build for tests that was given none takes it from the same variable at its start; a release never does.
fn trusted() -> Option<String> {
    let built_in = KEY.filter(|key| !key.is_empty()).map(str::to_owned);
    if cfg!(debug_assertions) {
        return built_in.or_else(|| std::env::var("LUUMEN_UPDATE_PUBKEY").ok());
    }
    built_in
}

/// `latest.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    version: String,
    #[serde(rename = "notes")]
    _notes: String,
    #[serde(rename = "date")]
    _date: String,
    /// By the name of the file.
    packages: BTreeMap<String, Package>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    sha256: String,
    /// A minisign signature in base64, as `tauri signer sign` writes it.
    signature: String,
}

/// Why a package is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    #[error("updates are not prepared in this build: it was built without a key (LUUMEN_UPDATE_PUBKEY)")]
    NotPrepared,
    #[error("the key that was built in cannot be read")]
    Key,
    #[error("{name} cannot be read")]
    Read { name: String, source: std::io::Error },
    #[error("the manifest is odd")]
    Manifest(#[source] serde_json::Error),
    #[error("the manifest does not name {0}")]
    Unknown(String),
    #[error("{0} is not the file that the manifest tells of: its SHA-256 is another one")]
    Altered(String),
    #[error("the signature of {0} is not by the key of this program")]
    Forged(String),
    #[error("the signature was made for {signed:?}, and not for {wanted:?}")]
    Elsewhere { signed: String, wanted: String },
    #[error("{offered} is older than {own}, which is what this program is")]
    Older { offered: String, own: String },
}

/// Reads both files and says which version the package is.
pub(crate) fn verify_files(manifest: &Path, package: &Path, own: &str) -> Result<String, UpdateError> {
    let read = |path: &Path| {
        fs::read(path).map_err(|source| UpdateError::Read {
            name: path.display().to_string(),
            source,
        })
    };
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    let key = trusted().ok_or(UpdateError::NotPrepared)?;
    verify(&read(manifest)?, &name, &read(package)?, &key, own)
}

/// Whether these bytes are an update of the program of version `own`.
fn verify(manifest: &[u8], name: &str, package: &[u8], key: &str, own: &str) -> Result<String, UpdateError> {
    let key = unpacked(key)
        .and_then(|text| PublicKey::decode(&text).ok())
        .ok_or(UpdateError::Key)?;
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(UpdateError::Manifest)?;
    let told = manifest
        .packages
        .get(name)
        .ok_or_else(|| UpdateError::Unknown(name.to_owned()))?;
    let sum: String = Sha256::digest(package)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if sum != told.sha256 {
        return Err(UpdateError::Altered(name.to_owned()));
    }
    let forged = || UpdateError::Forged(name.to_owned());
    let signature = unpacked(&told.signature)
        .and_then(|text| Signature::decode(&text).ok())
        .ok_or_else(forged)?;
    key.verify(package, &signature, false).map_err(|_| forged())?;
    // The manifest is signed by nobody. What was signed says itself what it is, so that an old package does not pass for a new one.
    for wanted in [format!("file:{name}"), format!("version:{}", manifest.version)] {
        if !signature.trusted_comment().split('\t').any(|said| said == wanted) {
            return Err(UpdateError::Elsewhere {
                signed: signature.trusted_comment().to_owned(),
                wanted,
            });
        }
    }
    if numbers(&manifest.version) < numbers(own) {
        return Err(UpdateError::Older {
            offered: manifest.version,
            own: own.to_owned(),
        });
    }
    Ok(manifest.version)
}

fn unpacked(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64.trim()).ok()?).ok()
}

/// A version to compare by. One that is none is older than all.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let release = version.split(['-', '+']).next()?;
    release.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use blake2::Blake2b512;
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    use super::*;

    const NAME: &str = "Luumen_0.2.0_amd64.deb";
    const PACKAGE: &[u8] = b"a package";

    /// A key for this test, and nothing else. Signs in the format of minisign, as `tauri signer sign --app-version` does.
    struct Signer(SigningKey);

    impl Signer {
        fn new(seed: u8) -> Self {
            Self(SigningKey::from_bytes(&[seed; 32]))
        }

        fn id(&self) -> [u8; 8] {
            [self.0.to_bytes()[0]; 8]
        }

        fn public(&self) -> String {
            let bytes = [b"Ed".as_slice(), &self.id(), self.0.verifying_key().as_bytes()].concat();
            STANDARD.encode(format!("untrusted comment: a key\n{}\n", STANDARD.encode(bytes)))
        }

        fn sign(&self, name: &str, version: &str) -> String {
            let comment = format!("timestamp:1795949546\tfile:{name}\tversion:{version}");
            let signature = self.0.sign(&Blake2b512::digest(PACKAGE)).to_bytes();
            let whole = self
                .0
                .sign(&[signature.as_slice(), comment.as_bytes()].concat())
                .to_bytes();
            let bytes = [b"ED".as_slice(), &self.id(), &signature].concat();
            STANDARD.encode(format!(
                "untrusted comment: a signature\n{}\ntrusted comment: {comment}\n{}\n",
                STANDARD.encode(bytes),
                STANDARD.encode(whole)
            ))
        }
    }

    fn manifest(version: &str, signature: &str) -> Vec<u8> {
        let sha256: String = Sha256::digest(PACKAGE)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let packages = json!({ NAME: {"sha256": sha256, "signature": signature} });
        json!({"version": version, "notes": "", "date": "2026-11-29T00:00:00Z", "packages": packages})
            .to_string()
            .into_bytes()
    }

    #[track_caller]
    fn refused(seen: Result<String, UpdateError>, words: &str) {
        let error = seen.expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
    }

    #[test]
    fn what_our_key_signed_is_an_update() {
        let signer = Signer::new(1);
        let latest = manifest("0.2.0", &signer.sign(NAME, "0.2.0"));
        let seen = verify(&latest, NAME, PACKAGE, &signer.public(), "0.1.0");
        assert_eq!(seen.expect("an update"), "0.2.0");
    }

    #[test]
    fn the_signer_of_the_build_is_understood() {
        // Made by `npx tauri signer generate` and `sign --app-version 0.1.0` for this test; the private half is thrown away.
        let key = "dW50cnVzdGVkIGNvbW1lbnQ6IG1pbmlzaWduIHB1YmxpYyBrZXk6IDRFRDBBMDlDODY2NDJDOTUKUldTVkxHU0duS0RRVG5zeEZRK0ZEcENITVVBNzd4NERsNlhsZzZLdE5GbHR3MENndGlZS0pCVmsK";
        let signature = "dW50cnVzdGVkIGNvbW1lbnQ6IHNpZ25hdHVyZSBmcm9tIHRhdXJpIHNlY3JldCBrZXkKUlVTVkxHU0duS0RRVGhrVVpSUTNaQXJ5cTBubldDSm5hWXU3OXYwbHFpN3JUeTA1OFZDczBJYjhaR3d4Skc4VEtvKzNhU2pZeEFZWlNOajA2ZFN4VUU5SU0vemNmUndvWWdzPQp0cnVzdGVkIGNvbW1lbnQ6IHRpbWVzdGFtcDoxNzk1OTQ5NTQ2CWZpbGU6THV1bWVuXzAuMS4wX2FtZDY0LmRlYgl2ZXJzaW9uOjAuMS4wCkVCcURCQ1V2T2RyYTJFTzFBTUZFWE9WNEdhRTMwRnlnb1V1b0hmTXBUbFdKS2dnZWtkK0UvQk5YK1QwSzFBQ2pqanVpbHpZdnRBaXg3cHFKR1cxVURRPT0K";
        let sum: String = Sha256::digest(b"hello\n")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let packages = json!({ "Luumen_0.1.0_amd64.deb": {"sha256": sum, "signature": signature} });
        let latest = json!({"version": "0.1.0", "notes": "", "date": "", "packages": packages}).to_string();
        let seen = verify(
            latest.as_bytes(),
            "Luumen_0.1.0_amd64.deb",
            b"hello\n",
            key,
            "0.1.0",
        );
        assert_eq!(seen.expect("an update"), "0.1.0");
    }

    #[test]
    fn what_was_changed_or_signed_by_another_is_none() {
        let (signer, other) = (Signer::new(1), Signer::new(2));
        let latest = manifest("0.2.0", &signer.sign(NAME, "0.2.0"));
        refused(
            verify(&latest, NAME, b"a packagf", &signer.public(), "0.1.0"),
            "SHA-256",
        );
        refused(
            verify(&latest, NAME, PACKAGE, &other.public(), "0.1.0"),
            "not by the key",
        );
        refused(
            verify(&latest, "other.deb", PACKAGE, &signer.public(), "0.1.0"),
            "does not name",
        );
        refused(verify(&latest, NAME, PACKAGE, "nonsense", "0.1.0"), "built in");
        refused(verify(b"{}", NAME, PACKAGE, &signer.public(), "0.1.0"), "odd");
        // The sum of another file, with the signature of the right one.
        let text = String::from_utf8(latest).expect("text");
        let sum: String = Sha256::digest(b"evil")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let right: String = Sha256::digest(PACKAGE)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let forged = text.replace(&right, &sum);
        refused(
            verify(forged.as_bytes(), NAME, b"evil", &signer.public(), "0.1.0"),
            "not by the key",
        );
    }

    #[test]
    fn an_older_one_is_refused_and_cannot_be_called_a_newer_one() {
        let signer = Signer::new(1);
        let old = signer.sign(NAME, "0.2.0");
        refused(
            verify(
                &manifest("0.2.0", &old),
                NAME,
                PACKAGE,
                &signer.public(),
                "0.10.0",
            ),
            "older",
        );
        refused(
            verify(
                &manifest("9.0.0", &old),
                NAME,
                PACKAGE,
                &signer.public(),
                "0.10.0",
            ),
            "version:9.0.0",
        );
        let same = verify(&manifest("0.2.0", &old), NAME, PACKAGE, &signer.public(), "0.2.0");
        assert_eq!(same.expect("the same version"), "0.2.0");
        let elsewhere = manifest("0.2.0", &signer.sign("other.deb", "0.2.0"));
        refused(
            verify(&elsewhere, NAME, PACKAGE, &signer.public(), "0.1.0"),
            "file:Luumen",
        );
    }
}
