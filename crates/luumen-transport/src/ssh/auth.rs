//! Signs in: offers our proofs until the server is content.
//!
//! `plan` says which proof comes next, `passwords` offers passwords and holds conversations, `signers` signs. Whatever was
//! tried, or could not be, is noted for the error.

use std::{path::PathBuf, sync::Arc};

use russh::{
    MethodKind,
    client::AuthResult,
    keys::{Algorithm, Certificate, HashAlg, PrivateKey, agent::AgentIdentity},
};

use super::{
    connect::{Clock, Connection},
    keys::{KeyCache, KeyFault},
    locked::LockedKey,
    plan::{Outcome, Plan},
    signers::{Agent, KeySigner, SignError, connect_agent},
};
use crate::{AuthMethod, ConnectError, Prompter, SshTarget, Step};

/// Signs in, and says with which proof.
pub(super) async fn sign_in(
    connection: &mut Connection,
    target: &SshTarget,
    keys: &KeyCache,
    clock: &mut Clock,
) -> Result<String, ConnectError> {
    let mut plan = Plan::new(&target.auth);
    let mut attempt = Attempt {
        connection,
        username: &target.username,
        person: person_of(&target.auth),
        keys,
        clock,
        notes: Vec::new(),
        spent: Vec::new(),
        fault: None,
    };
    let asks_first = target.auth.is_empty() || attempt.may_answer_for(&target.auth);
    if asks_first && attempt.needs_no_proof(&mut plan).await? {
        return Ok("the server asks for no proof".to_owned());
    }
    while let Some(number) = plan.next() {
        let outcome = attempt.offer(&target.auth[number], &plan).await?;
        if let Outcome::Accepted = outcome {
            return Ok(attempt.notes.pop().unwrap_or_default());
        }
        plan.learn(number, &outcome);
        if attempt.connection.handle.is_closed() {
            attempt
                .notes
                .push(format!("then it hung up: {}", attempt.connection.ending.reason()));
            break;
        }
    }
    Err(attempt.refused(plan))
}

/// One sign-in under way.
pub(super) struct Attempt<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) username: &'a str,
    /// Answers what a password alone does not.
    pub(super) person: Option<Arc<dyn Prompter>>,
    keys: &'a KeyCache,
    pub(super) clock: &'a mut Clock,
    /// What was tried, for the error.
    pub(super) notes: Vec<String>,
    /// Keys of an agent that have served already, or are not wanted: a server that wants a second key wants another one.
    spent: Vec<String>,
    /// The first reason of our own why something could not be tried.
    fault: Option<ConnectError>,
}

impl Attempt<'_> {
    /// Whether a password is known and a person is there for what it does not answer: then it matters what is offered.
    fn may_answer_for(&self, methods: &[AuthMethod]) -> bool {
        let known = |method: &AuthMethod| matches!(method, AuthMethod::Password(_));
        self.person.is_some() && methods.iter().any(known)
    }

    /// Asks what is offered. A few appliances let everyone in.
    async fn needs_no_proof(&mut self, plan: &mut Plan) -> Result<bool, ConnectError> {
        let asked = self.connection.handle.authenticate_none(self.username);
        let reply = self.clock.run(Step::SignIn, asked).await?;
        match self.answer(reply)? {
            AuthResult::Success => Ok(true),
            AuthResult::Failure {
                remaining_methods, ..
            } => {
                plan.offered = Some(remaining_methods.to_vec());
                Ok(false)
            }
        }
    }

    async fn offer(&mut self, method: &AuthMethod, plan: &Plan) -> Result<Outcome, ConnectError> {
        match method {
            AuthMethod::Password(password) => self.offer_password(password, plan).await,
            AuthMethod::KeyboardInteractive(person) => self.ask_person(person).await,
            AuthMethod::Key {
                private_key,
                passphrase,
                certificate,
                origin,
            } => match self.keys.open(private_key, passphrase.as_ref()).await {
                Ok(key) => self.offer_key(key, certificate.as_deref(), origin).await,
                Err(fault) => Ok(self.cannot_read(origin, fault)),
            },
            AuthMethod::AskKey {
                private_key,
                passphrase,
                certificate,
                origin,
                asker,
            } => {
                let locked = LockedKey {
                    keys: self.keys,
                    text: private_key,
                    known: passphrase.as_ref(),
                    origin,
                    asker: asker.as_ref(),
                    person: self.clock.person.clone(),
                };
                self.ask_key(locked, certificate.as_deref()).await
            }
            AuthMethod::AskPassword(asker) => self.ask_password(asker.as_ref()).await,
            AuthMethod::Agent { socket } => self.offer_agent(socket.clone()).await,
        }
    }

    /// Offers a key that may be locked. Where its public half can be read, the passphrase is asked for only
    /// once the server wants this key.
    async fn ask_key(
        &mut self,
        mut locked: LockedKey<'_>,
        certificate: Option<&str>,
    ) -> Result<Outcome, ConnectError> {
        let origin = locked.origin;
        match locked.open().await {
            Ok(key) => return self.offer_key(key, certificate, origin).await,
            Err(KeyFault::PassphraseNeeded) => {}
            Err(fault) => return Ok(self.cannot_read(origin, fault)),
        }
        let public = match certificate {
            None => locked.public_half(),
            Some(_) => None,
        };
        let Some(public) = public else {
            let opened = locked.unlock();
            return match self.clock.pause(opened).await {
                Ok(key) => self.offer_key(key, certificate, origin).await,
                Err(fault) => Ok(self.cannot_read(origin, fault)),
            };
        };
        let algorithm = public.algorithm();
        let print = public.fingerprint(HashAlg::Sha256);
        let Some(hash) = self.rsa_hash(&algorithm, origin).await? else {
            return Ok(Outcome::NotTried);
        };
        self.notes
            .push(format!("key {origin} ({} {print})", key_type(&algorithm)));
        let handle = &mut self.connection.handle;
        let offer = handle.authenticate_publickey_with(self.username, public, hash, &mut locked);
        match self.clock.run_with_person(Step::SignIn, offer).await? {
            Ok(result) => Ok(Outcome::of(result)),
            Err(SignError::Locked(fault)) => {
                self.notes.pop();
                Ok(self.cannot_read(origin, fault))
            }
            Err(error) => Err(self.lost(error.to_string())),
        }
    }

    async fn offer_key(
        &mut self,
        key: Arc<PrivateKey>,
        certificate: Option<&str>,
        origin: &str,
    ) -> Result<Outcome, ConnectError> {
        let algorithm = key.algorithm();
        let print = key.fingerprint(HashAlg::Sha256);
        let Some(hash) = self.rsa_hash(&algorithm, origin).await? else {
            return Ok(Outcome::NotTried);
        };
        if let Some(text) = certificate {
            let certificate = match Certificate::from_openssh(text.trim()) {
                Ok(certificate) if certificate.public_key() == key.public_key().key_data() => certificate,
                Ok(_) => return Ok(self.unreadable(origin, "its certificate is for another key".to_owned())),
                Err(error) => return Ok(self.unreadable(origin, format!("its certificate: {error}"))),
            };
            self.notes.push(format!(
                "certificate “{}” with key {origin} ({print})",
                certificate.key_id()
            ));
            let mut signer = KeySigner { key };
            let handle = &mut self.connection.handle;
            let offer = handle.authenticate_certificate_with(self.username, certificate, hash, &mut signer);
            return match self.clock.run(Step::SignIn, offer).await? {
                Ok(result) => Ok(Outcome::of(result)),
                Err(error) => Err(self.lost(error.to_string())),
            };
        }
        self.notes
            .push(format!("key {origin} ({} {print})", key_type(&algorithm)));
        let public = key.public_key().clone();
        let mut signer = KeySigner { key };
        let handle = &mut self.connection.handle;
        let offer = handle.authenticate_publickey_with(self.username, public, hash, &mut signer);
        match self.clock.run(Step::SignIn, offer).await? {
            Ok(result) => Ok(Outcome::of(result)),
            Err(error) => Err(self.lost(error.to_string())),
        }
    }

    /// For RSA: the hash both sides know. `None` when there is none but SHA-1.
    async fn rsa_hash(
        &mut self,
        algorithm: &Algorithm,
        origin: &str,
    ) -> Result<Option<Option<HashAlg>>, ConnectError> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(Some(None));
        }
        let asked = self.connection.handle.best_supported_rsa_hash();
        match self.answer(self.clock.run(Step::SignIn, asked).await?)? {
            Some(Some(hash)) => Ok(Some(Some(hash))),
            // The server does not say; every one of the last ten years can.
            None => Ok(Some(Some(HashAlg::Sha512))),
            Some(None) => {
                self.notes.push(format!(
                    "key {origin} (not tried: the server takes RSA with SHA-1 only)"
                ));
                Ok(None)
            }
        }
    }

    async fn offer_agent(&mut self, socket: Option<PathBuf>) -> Result<Outcome, ConnectError> {
        let (mut agent, identities) = match self.clock.run(Step::SignIn, self.open_agent(socket)).await? {
            Ok(opened) => opened,
            Err(reason) => {
                self.notes.push(format!("ssh-agent (not tried: {reason})"));
                let endpoint = self.clock.endpoint.clone();
                self.fault
                    .get_or_insert(ConnectError::AgentUnavailable { endpoint, reason });
                return Ok(Outcome::NotTried);
            }
        };
        let mut last = Outcome::NotTried;
        for identity in identities {
            let name = name_of(&identity);
            if self.spent.contains(&name) {
                continue;
            }
            let outcome = self.offer_identity(&mut agent, identity).await?;
            match &outcome {
                Outcome::Accepted => return Ok(outcome),
                Outcome::Partial(_) => {
                    self.spent.push(name);
                    return Ok(outcome);
                }
                Outcome::Refused(offered) if offered.contains(&MethodKind::PublicKey) => {
                    self.spent.push(name);
                }
                // Something else is wanted first; the same keys may be right after it.
                Outcome::Refused(_) => return Ok(outcome),
                Outcome::NotTried => {}
            }
            last = outcome;
            if self.connection.handle.is_closed() {
                break;
            }
        }
        Ok(last)
    }

    async fn open_agent(&self, socket: Option<PathBuf>) -> Result<(Agent, Vec<AgentIdentity>), String> {
        let mut agent = connect_agent(socket).await?;
        if let Some(binding) = self.connection.handle.agent_session_binding() {
            // Keys that are bound to certain hosts need this; agents that do not know it say no.
            let _ = agent.bind_session(binding, false).await;
        }
        let identities = agent
            .request_identities()
            .await
            .map_err(|error| error.to_string())?;
        if identities.is_empty() {
            Err("it holds no key".to_owned())
        } else {
            Ok((agent, identities))
        }
    }

    async fn offer_identity(
        &mut self,
        agent: &mut Agent,
        identity: AgentIdentity,
    ) -> Result<Outcome, ConnectError> {
        let key = identity.public_key().into_owned();
        let algorithm = key.algorithm();
        let print = key.fingerprint(HashAlg::Sha256);
        let origin = format!("“{}” of ssh-agent", identity.comment());
        let Some(hash) = self.rsa_hash(&algorithm, &origin).await? else {
            return Ok(Outcome::NotTried);
        };
        self.notes
            .push(format!("key {origin} ({} {print})", key_type(&algorithm)));
        let handle = &mut self.connection.handle;
        let offered = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let offer = handle.authenticate_publickey_with(self.username, key, hash, agent);
                self.clock.run(Step::SignIn, offer).await?
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let offer = handle.authenticate_certificate_with(self.username, certificate, hash, agent);
                self.clock.run(Step::SignIn, offer).await?
            }
        };
        match offered {
            Ok(result) => Ok(Outcome::of(result)),
            // The person at the agent said no, or the key has gone; the next one may do.
            Err(error) => {
                self.notes.push(format!("the agent did not sign: {error}"));
                Ok(Outcome::NotTried)
            }
        }
    }

    fn cannot_read(&mut self, origin: &str, fault: KeyFault) -> Outcome {
        match fault {
            KeyFault::Unreadable(reason) => self.unreadable(origin, reason),
            KeyFault::PassphraseNeeded => {
                self.notes
                    .push(format!("key {origin} (not tried: it is encrypted)"));
                let endpoint = self.clock.endpoint.clone();
                self.fault.get_or_insert(ConnectError::PassphraseNeeded {
                    endpoint,
                    origin: origin.to_owned(),
                });
                Outcome::NotTried
            }
        }
    }

    fn unreadable(&mut self, origin: &str, reason: String) -> Outcome {
        self.notes.push(format!("key {origin} (not tried: {reason})"));
        let endpoint = self.clock.endpoint.clone();
        self.fault.get_or_insert(ConnectError::KeyUnreadable {
            endpoint,
            origin: origin.to_owned(),
            reason,
        });
        Outcome::NotTried
    }

    pub(super) fn answer<T>(&self, reply: Result<T, russh::Error>) -> Result<T, ConnectError> {
        reply.map_err(|error| match error {
            russh::Error::SendError | russh::Error::RecvError => self.lost(self.connection.ending.reason()),
            error => self.lost(error.to_string()),
        })
    }

    pub(super) fn lost(&self, reason: String) -> ConnectError {
        ConnectError::Lost {
            endpoint: self.clock.endpoint.clone(),
            step: Step::SignIn,
            reason,
        }
    }

    /// When the server never saw a proof, our own fault is the news; otherwise its refusal is.
    fn refused(self, plan: Plan) -> ConnectError {
        match self.fault {
            Some(fault) if plan.offered.is_none() => fault,
            _ => ConnectError::AuthRefused {
                endpoint: self.clock.endpoint.clone(),
                tried: self.notes,
                offered: plan
                    .offered
                    .unwrap_or_default()
                    .iter()
                    .map(String::from)
                    .collect(),
            },
        }
    }
}

fn person_of(methods: &[AuthMethod]) -> Option<Arc<dyn Prompter>> {
    methods.iter().find_map(|method| match method {
        AuthMethod::KeyboardInteractive(person) => Some(person.clone()),
        _ => None,
    })
}

/// A key and a certificate for it are two proofs.
fn name_of(identity: &AgentIdentity) -> String {
    let print = identity.public_key().fingerprint(HashAlg::Sha256);
    match identity {
        AgentIdentity::PublicKey { .. } => print.to_string(),
        AgentIdentity::Certificate { .. } => format!("certificate for {print}"),
    }
}

fn key_type(algorithm: &Algorithm) -> &str {
    match algorithm {
        Algorithm::Rsa { .. } => "ssh-rsa",
        other => other.as_str(),
    }
}
