//! Makes and checks secrets: tokens, API keys, passwords.
//!
//! Tokens and keys are 256 random bits, so the store keeps a plain SHA-256 of them. Passwords are not
//! random, so they get Argon2id. No secret is ever logged: they travel as [`Secret`].

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use luumen_crypto::Secret;
use rand::{TryRng, rngs::SysRng};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Every API key begins so, which lets secret scanners find one that leaked.
const KEY_PREFIX: &str = "lum_";
/// How much of a key is shown to recognise it by.
const SHOWN_CHARS: usize = 8;

/// The system gave no randomness, or a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the system gave no random bytes")]
    NoRandomness(#[source] rand::rngs::SysError),
    #[error("the password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    #[error("the password hasher ended early")]
    Interrupted,
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        Self::internal(error)
    }
}

/// A token of 256 random bits, safe in URLs and cookies.
pub fn new_token() -> Result<Secret, SecretError> {
    let mut bytes = [0_u8; 32];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(SecretError::NoRandomness)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// An API key and the part of it that may be shown.
pub fn new_api_key() -> Result<(Secret, String), SecretError> {
    let key = format!("{KEY_PREFIX}{}", new_token()?.expose_secret());
    let shown = key.chars().take(SHOWN_CHARS).collect();
    Ok((Secret::new(key), shown))
}

// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of no password that anyone has, with the same cost: checking an unknown person takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG5vYm9keQ$\
                      R1VWaW5nIG5vYm9keSBhIGhhc2ggdG8gY29tcGFyZSA";

/// Two at once: each takes a core and 19 MiB, and a flood of sign-ins must not take the machine.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Hashes a password.
pub async fn hash_password(password: Secret) -> Result<String, SecretError> {
    off_the_reactor(move || {
        let hash = hasher()?
            .hash_password(password.expose_secret().as_bytes())
            .map_err(SecretError::Hash)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether the password is the one of the hash. Without a hash it takes as long, and is wrong.
pub async fn password_matches(password: Secret, hash: Option<String>) -> Result<bool, SecretError> {
    off_the_reactor(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let verified = hasher()?.verify_password(password.expose_secret().as_bytes(), hash.as_str());
        Ok(verified.is_ok() && known)
    })
    .await
}

fn hasher() -> Result<Argon2<'static>, SecretError> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| SecretError::Hash(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn off_the_reactor<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    let place = AT_ONCE.acquire().await.map_err(|_| SecretError::Interrupted)?;
    let work = move || {
        // The place is the work's and not the caller's: whoever hangs up leaves a thread that hashes on.
        let _place = place;
        work()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| SecretError::Interrupted)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn keys_are_long_and_never_the_same() {
        let (one, shown) = new_api_key().expect("key");
        let (two, _) = new_api_key().expect("key");
        assert_ne!(one, two);
        assert_eq!(one.expose_secret().len(), 4 + 43);
        assert!(one.expose_secret().starts_with(&shown) && shown.len() == SHOWN_CHARS);
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hash = hash_password(Secret::new("correct horse battery"))
            .await
            .expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let matches =
            |password: &str, hash: Option<&String>| password_matches(Secret::new(password), hash.cloned());
        assert!(
            matches("correct horse battery", Some(&hash))
                .await
                .expect("check")
        );
        assert!(
            !matches("correct horse batterz", Some(&hash))
                .await
                .expect("check")
        );
        assert!(!matches("correct horse battery", None).await.expect("check"));
    }

    #[tokio::test]
    async fn who_hangs_up_frees_no_place_before_the_work_is_done() {
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
        for _ in 0..2 {
            let wait = std::sync::Arc::clone(&wait);
            let (began, begins) = tokio::sync::oneshot::channel();
            let work = move || {
                let _ = began.send(());
                let _ = wait.lock().expect("lock").recv();
                Ok(())
            };
            let asked = tokio::spawn(off_the_reactor(work));
            begins.await.expect("it begins");
            asked.abort();
            assert!(asked.await.is_err(), "the caller has gone");
        }
        let next = tokio::spawn(off_the_reactor(|| Ok(())));
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(!next.is_finished(), "both still work");
        go_on.send(()).expect("one ends");
        next.await.expect("join").expect("now there is a place");
        go_on.send(()).expect("the other ends");
    }

    #[tokio::test]
    async fn an_unknown_person_takes_as_long() {
        let hash = hash_password(Secret::new("correct horse battery"))
            .await
            .expect("hash");
        let began = Instant::now();
        let _ = password_matches(Secret::new("wrong"), Some(hash)).await;
        let known = began.elapsed();
        let began = Instant::now();
        let _ = password_matches(Secret::new("wrong"), None).await;
        let unknown = began.elapsed();
        assert!(unknown * 4 > known, "{unknown:?} against {known:?}");
    }
}
