//! Judges the host: is the key it shows the one we expect?
//!
//! `guard` is what russh asks during the key exchange; it puts the question to a [`Gate`]. A key that
//! `known_hosts` does not vouch for is refused, believed or shown to a person, as the policy says.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use russh::keys::{Algorithm, Certificate, HashAlg, PublicKeyOrCertificate, ssh_key::certificate::CertType};
use tokio_util::sync::CancellationToken;

use super::person::PersonTime;
use crate::{
    ConnectError, Endpoint, HostKeyDecision, HostKeyJudge, HostKeyPolicy, HostKeyQuestion,
    known_hosts::{HostKey, Known, KnownHosts, LearnError, Verdict, wildcard},
};

/// Stands before one host and lets through the right key only.
pub(super) struct Gate {
    pub(super) endpoint: Endpoint,
    pub(super) purpose: Purpose,
    pub(super) known: Known,
}

/// Why we connect.
pub(super) enum Purpose {
    /// To work on the host, if its key is right.
    Visit {
        policy: HostKeyPolicy,
        known_hosts: Arc<KnownHosts>,
        person: Person,
    },
    /// To see its key and leave.
    LookAtKey(Arc<Mutex<Option<HostKey>>>),
}

/// Who decides about a key that is not known.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) judge: Option<Arc<dyn HostKeyJudge>>,
    pub(super) time: PersonTime,
    /// A question that nobody waits for any more is taken back.
    pub(super) cancel: CancellationToken,
}

impl Person {
    async fn decide(&self, question: HostKeyQuestion) -> HostKeyDecision {
        let Some(judge) = &self.judge else {
            return HostKeyDecision::Refuse;
        };
        let _thinking = self.time.start();
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => HostKeyDecision::Refuse,
            decision = judge.decide(question) => decision,
        }
    }
}

impl Gate {
    /// The key, when it is the right one.
    pub(super) async fn judge(&self, shown: &PublicKeyOrCertificate) -> Result<HostKey, ConnectError> {
        let key = host_key(shown).ok_or_else(|| ConnectError::HostCertificateInvalid {
            endpoint: self.endpoint.clone(),
            reason: "its key cannot be read".to_owned(),
        })?;
        match &self.purpose {
            Purpose::LookAtKey(seen) => {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
            }
            Purpose::Visit {
                policy,
                known_hosts,
                person,
            } => match shown {
                PublicKeyOrCertificate::Certificate(certificate) => {
                    self.judge_certificate(certificate, &key, *policy)?;
                }
                _ if *policy == HostKeyPolicy::Ca => {
                    self.not_revoked(&key)?;
                    return Err(self.invalid("it showed a plain key, and only certificates are trusted here"));
                }
                _ => self.judge_key(&key, *policy, known_hosts, person).await?,
            },
        }
        Ok(key)
    }

    async fn judge_key(
        &self,
        key: &HostKey,
        policy: HostKeyPolicy,
        known_hosts: &KnownHosts,
        person: &Person,
    ) -> Result<(), ConnectError> {
        self.not_revoked(key)?;
        let (host, port) = (self.endpoint.host.as_str(), self.endpoint.port);
        match (self.known.verdict(key), policy) {
            (Verdict::Known, _) => Ok(()),
            (Verdict::Changed(entry), HostKeyPolicy::Ask) => {
                let question = HostKeyQuestion::Changed {
                    endpoint: self.endpoint.clone(),
                    seen: key.clone(),
                    known: self.known.keys.clone(),
                };
                match person.decide(question).await {
                    HostKeyDecision::Remember { comment } => {
                        self.remembered(known_hosts.replace(host, port, key, &comment), key)
                    }
                    HostKeyDecision::Refuse | HostKeyDecision::TrustOnce => Err(self.changed(*entry, key)),
                }
            }
            (Verdict::Changed(entry) | Verdict::Revoked(entry), _) => Err(self.changed(*entry, key)),
            (Verdict::Unknown, HostKeyPolicy::Tofu) => {
                self.remembered(known_hosts.learn(host, port, key), key)
            }
            (Verdict::Unknown, HostKeyPolicy::Ask) => {
                let question = HostKeyQuestion::New {
                    endpoint: self.endpoint.clone(),
                    seen: key.clone(),
                };
                match person.decide(question).await {
                    HostKeyDecision::Remember { comment } => {
                        self.remembered(known_hosts.learn_with(host, port, key, &comment), key)
                    }
                    HostKeyDecision::TrustOnce => Ok(()),
                    HostKeyDecision::Refuse => Err(self.unknown(key)),
                }
            }
            (Verdict::Unknown, HostKeyPolicy::Strict | HostKeyPolicy::Ca) => Err(self.unknown(key)),
        }
    }

    fn remembered(&self, learnt: Result<(), LearnError>, key: &HostKey) -> Result<(), ConnectError> {
        learnt.map_err(|error| match error {
            LearnError::Changed(entry) => self.changed(*entry, key),
            LearnError::Write { file, source } => ConnectError::HostKeyNotSaved {
                endpoint: self.endpoint.clone(),
                file,
                source,
            },
        })
    }

    fn unknown(&self, key: &HostKey) -> ConnectError {
        ConnectError::HostKeyUnknown {
            endpoint: self.endpoint.clone(),
            key: Box::new(key.clone()),
        }
    }

    fn judge_certificate(
        &self,
        certificate: &Certificate,
        key: &HostKey,
        policy: HostKeyPolicy,
    ) -> Result<(), ConnectError> {
        self.not_revoked(key)?;
        let authority = encode(certificate.signature_key());
        if let Some(authority) = &authority {
            self.not_revoked(authority)?;
        }
        let trusted =
            authority.is_some_and(|key| self.known.authorities.iter().any(|entry| entry.key == key));
        if !trusted {
            // The host may have a certificate for others and a plain key that we know.
            if policy != HostKeyPolicy::Ca && self.known.verdict(key) == Verdict::Known {
                return Ok(());
            }
            let authority = certificate.signature_key().fingerprint(HashAlg::Sha256);
            return Err(self.invalid(&format!("no line trusts its authority {authority}")));
        }
        check_certificate(certificate, &self.endpoint.host, now()).map_err(|reason| self.invalid(&reason))
    }

    fn not_revoked(&self, key: &HostKey) -> Result<(), ConnectError> {
        match self.known.revocation(key) {
            None => Ok(()),
            Some(entry) => Err(ConnectError::HostKeyRevoked {
                endpoint: self.endpoint.clone(),
                key: Box::new(key.clone()),
                file: entry.file.clone(),
                line: entry.line,
            }),
        }
    }

    fn changed(&self, known: crate::known_hosts::Entry, seen: &HostKey) -> ConnectError {
        ConnectError::HostKeyChanged {
            endpoint: self.endpoint.clone(),
            known: Box::new(known.key),
            seen: Box::new(seen.clone()),
            file: known.file,
            line: known.line,
        }
    }

    fn invalid(&self, reason: &str) -> ConnectError {
        ConnectError::HostCertificateInvalid {
            endpoint: self.endpoint.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Everything but the authority, which the caller found in `known_hosts`.
fn check_certificate(certificate: &Certificate, host: &str, now: u64) -> Result<(), String> {
    if certificate.cert_type() != CertType::Host {
        return Err("it is a user certificate".to_owned());
    }
    if matches!(
        certificate.signature().algorithm(),
        Algorithm::Rsa { hash: None } | Algorithm::Dsa
    ) {
        return Err("it is signed with SHA-1".to_owned());
    }
    if !certificate.critical_options().is_empty() {
        return Err("it carries a critical option that we do not know".to_owned());
    }
    if now < certificate.valid_after() {
        return Err("it is not valid yet".to_owned());
    }
    if now >= certificate.valid_before() {
        return Err("it has expired".to_owned());
    }
    let host = host.to_ascii_lowercase();
    let named = |principal: &String| wildcard(principal.to_ascii_lowercase().as_bytes(), host.as_bytes());
    if !certificate.valid_principals().iter().any(named) {
        return Err(format!(
            "it is for “{}”, not for “{host}”",
            certificate.valid_principals().join(", ")
        ));
    }
    let authority = certificate.signature_key().fingerprint(HashAlg::Sha256);
    certificate
        .validate_at(now, [&authority])
        .map_err(|_| "its signature is wrong".to_owned())
}

fn now() -> u64 {
    // A clock before 1970 makes every certificate invalid, which is the safe answer.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn host_key(shown: &PublicKeyOrCertificate) -> Option<HostKey> {
    encode(shown.public_key().key_data())
}

fn encode(key: &russh::keys::ssh_key::public::KeyData) -> Option<HostKey> {
    let blob = russh::keys::PublicKey::new(key.clone(), "").to_bytes().ok()?;
    HostKey::from_blob(blob)
}
