//! A file of the agent's state that only this agent on this machine can open.
//!
//! Its key is made of the API key and of the machine's identity, so that no key lies beside the file: whoever gets the state
//! folder alone, from a backup or another disk, reads nothing. Whoever reads `config.yaml` has the API key and can ask the
//! API the same; the seal is no wall against him.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use luumen_crypto::{SealError, SealKey, Secret};
use serde::{Serialize, de::DeserializeOwned};

use crate::{machine, replace::replace};

/// First byte of a file: how the rest is laid out (12 bytes of nonce, then AES-256-GCM).
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
/// More than the configuration of any workspace; a larger file is not one of ours.
const MAX_BYTES: u64 = 256 << 20;

/// Where it lies, who may open it, and what it must be about.
#[derive(Debug)]
pub(crate) struct SealedFile {
    path: PathBuf,
    api_key: Secret,
    machine: String,
    /// What is in it, such as `luumen.agent.remote-config/1`.
    schema: &'static str,
    /// The API that it came from: what one API said never stands for another one.
    base_url: String,
}

/// Why there is nothing in it for us.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("this version of the agent has not sealed it")]
    Foreign,
    #[error("it is damaged, or was sealed with another API key, on another machine or for another API")]
    Closed,
    #[error("what was sealed in it is of another version of the agent")]
    Content(#[source] serde_json::Error),
}

impl SealedFile {
    pub(crate) fn new(path: PathBuf, api_key: &Secret, schema: &'static str, base_url: &str) -> Self {
        Self {
            path,
            api_key: api_key.clone(),
            machine: machine::identity(),
            schema,
            base_url: base_url.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; `None` when there is no such file.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, OpenError> {
        let mut bytes = Vec::new();
        match fs::File::open(&self.path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OpenError::Unreadable(error)),
        }
        let Some((&VERSION, rest)) = bytes.split_first() else {
            return Err(OpenError::Foreign);
        };
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Closed)?;
        let open = |key: SealKey| key.open(nonce, &self.bound(), sealed);
        let json = self.key().and_then(open).map_err(|_| OpenError::Closed)?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(OpenError::Content)
    }

    /// Seals `value` in place of what was there.
    pub(crate) fn write(&self, value: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_vec(value)?;
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let seal = |key: SealKey| key.seal(&nonce, &self.bound(), &json);
        let sealed = self.key().and_then(seal).map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        replace(&self.path, |mut beside| {
            beside.write_all(&[VERSION])?;
            beside.write_all(&nonce)?;
            beside.write_all(&sealed)
        })
    }

    fn key(&self) -> Result<SealKey, SealError> {
        SealKey::of_strong_secret(&self.api_key, self.machine.as_bytes(), self.schema.as_bytes())
    }

    fn bound(&self) -> Vec<u8> {
        // Neither schema nor address can hold the byte between them.
        [&[VERSION], self.schema.as_bytes(), &[0], self.base_url.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "luumen.agent.test/1";
    const API: &str = "https://l.example.com/api/v1";

    fn file(dir: &Path) -> SealedFile {
        SealedFile::new(
            dir.join("state").join("sealed"),
            &Secret::new("lum_PLANTED"),
            SCHEMA,
            API,
        )
    }

    #[test]
    fn what_was_sealed_is_read_by_the_same_agent_and_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let ours = file(dir.path());
        assert!(matches!(ours.read::<String>(), Ok(None)));
        ours.write(&"db-PLANTED.example.com").expect("written");
        assert_eq!(
            ours.read::<String>().expect("ours").as_deref(),
            Some("db-PLANTED.example.com")
        );
        let bytes = fs::read(ours.path()).expect("bytes");
        assert!(
            !bytes.windows(7).any(|part| part == b"PLANTED"),
            "nothing of it is readable"
        );
        ours.write(&"db-PLANTED.example.com").expect("written");
        assert_ne!(
            bytes,
            fs::read(ours.path()).expect("bytes"),
            "every nonce is a new one"
        );

        for other in [
            SealedFile {
                api_key: Secret::new("lum_rotated"),
                ..file(dir.path())
            },
            SealedFile {
                machine: "another".to_owned(),
                ..file(dir.path())
            },
            SealedFile {
                schema: "luumen.agent.test/2",
                ..file(dir.path())
            },
            SealedFile {
                base_url: "https://other.example.com/api/v1".to_owned(),
                ..file(dir.path())
            },
        ] {
            assert!(
                matches!(other.read::<String>(), Err(OpenError::Closed)),
                "{other:?}"
            );
            assert!(!format!("{other:?}").contains("lum_"), "no key is printed");
        }
    }

    #[test]
    fn a_damaged_file_is_told_from_a_foreign_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let ours = file(dir.path());
        ours.write(&1).expect("written");
        let whole = fs::read(ours.path()).expect("bytes");
        let read = |bytes: &[u8]| {
            fs::write(ours.path(), bytes).expect("damaged");
            ours.read::<i64>().map_err(|error| error.to_string())
        };
        let closed = Err(OpenError::Closed.to_string());
        for at in 1..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(read(&damaged), closed, "byte {at}");
            assert_eq!(read(&whole[..at]), closed, "{at} bytes");
        }
        for foreign in [&b""[..], b"{\"base_url\": 1}", &[2, 0, 0]] {
            assert_eq!(read(foreign), Err(OpenError::Foreign.to_string()));
        }
        assert_eq!(read(&whole), Ok(Some(1)));
        assert!(matches!(ours.read::<String>(), Err(OpenError::Content(_))));
    }
}
