//! Judges the host: is the key it shows the one we expect?
//!
//! [`Guard`] is what russh asks during the key exchange. It also turns away every channel a server
//! opens on its own: we asked for no forwarding, and russh would accept by default.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use russh::{
    Channel, ChannelId, ChannelOpenFailure,
    client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session},
    keys::{Algorithm, Certificate, HashAlg, PublicKeyOrCertificate, ssh_key::certificate::CertType},
};

use crate::{
    ConnectError, Endpoint, HostKeyPolicy,
    known_hosts::{HostKey, Known, KnownHosts, LearnError, Verdict, wildcard},
};

/// What the guard stands for during one connection.
pub(super) struct Guard {
    pub(super) endpoint: Endpoint,
    pub(super) purpose: Purpose,
    pub(super) known: Known,
    pub(super) ending: Ending,
}

/// Why we connect.
pub(super) enum Purpose {
    /// To work on the host, if its key is right.
    Visit {
        policy: HostKeyPolicy,
        known_hosts: Arc<KnownHosts>,
    },
    /// To see its key and leave.
    LookAtKey(Arc<Mutex<Option<HostKey>>>),
}

/// Why a connection ended, as far as it said so. Shared by the guard and whoever waits for an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<Mutex<Option<String>>>);

impl Ending {
    fn set(&self, reason: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// The reason, or that there was none.
    pub(super) fn reason(&self) -> String {
        let reason = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reason.unwrap_or_else(|| "it hung up without a reason".to_owned())
    }
}

/// What russh carries from the guard to us.
#[derive(Debug)]
pub(super) enum GuardError {
    Ssh(russh::Error),
    HostKey(Box<ConnectError>),
}

impl From<russh::Error> for GuardError {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

impl Guard {
    fn judge(&self, shown: &PublicKeyOrCertificate) -> Result<(), ConnectError> {
        let key = host_key(shown).ok_or_else(|| ConnectError::HostCertificateInvalid {
            endpoint: self.endpoint.clone(),
            reason: "its key cannot be read".to_owned(),
        })?;
        match (&self.purpose, shown) {
            (Purpose::LookAtKey(seen), _) => {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
                Ok(())
            }
            (Purpose::Visit { policy, .. }, PublicKeyOrCertificate::Certificate(certificate)) => {
                self.judge_certificate(certificate, &key, *policy)
            }
            (
                Purpose::Visit {
                    policy: HostKeyPolicy::Ca,
                    ..
                },
                _,
            ) => {
                self.not_revoked(&key)?;
                Err(self.invalid("it showed a plain key, and only certificates are trusted here"))
            }
            (Purpose::Visit { policy, known_hosts }, _) => self.judge_key(key, *policy, known_hosts),
        }
    }

    fn judge_key(
        &self,
        key: HostKey,
        policy: HostKeyPolicy,
        known_hosts: &KnownHosts,
    ) -> Result<(), ConnectError> {
        self.not_revoked(&key)?;
        match self.known.verdict(&key) {
            Verdict::Known => Ok(()),
            Verdict::Changed(entry) | Verdict::Revoked(entry) => Err(self.changed(*entry, key)),
            Verdict::Unknown if policy == HostKeyPolicy::Tofu => {
                match known_hosts.learn(&self.endpoint.host, self.endpoint.port, &key) {
                    Ok(()) => Ok(()),
                    Err(LearnError::Changed(entry)) => Err(self.changed(*entry, key)),
                    Err(LearnError::Write { file, source }) => Err(ConnectError::HostKeyNotSaved {
                        endpoint: self.endpoint.clone(),
                        file,
                        source,
                    }),
                }
            }
            Verdict::Unknown => Err(ConnectError::HostKeyUnknown {
                endpoint: self.endpoint.clone(),
                key: Box::new(key),
            }),
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

    fn changed(&self, known: crate::known_hosts::Entry, seen: HostKey) -> ConnectError {
        ConnectError::HostKeyChanged {
            endpoint: self.endpoint.clone(),
            known: Box::new(known.key),
            seen: Box::new(seen),
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

/// Says no to a channel that the server opens on its own.
async fn refuse(reply: ChannelOpenHandle) -> Result<(), GuardError> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}

impl Handler for Guard {
    type Error = GuardError;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, GuardError> {
        self.judge(shown)
            .map_err(|error| GuardError::HostKey(Box::new(error)))?;
        Ok(true)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<GuardError>) -> Result<(), GuardError> {
        self.ending.set(match reason {
            DisconnectReason::ReceivedDisconnect(info) if info.message.is_empty() => {
                format!("{:?}", info.reason_code)
            }
            DisconnectReason::ReceivedDisconnect(info) => info.message,
            DisconnectReason::Error(GuardError::Ssh(error)) => error.to_string(),
            DisconnectReason::Error(GuardError::HostKey(error)) => error.to_string(),
        });
        Ok(())
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn should_accept_unknown_server_channel(&mut self, _: ChannelId, _: &str) -> bool {
        false
    }

    async fn server_channel_open_unknown(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }
}
