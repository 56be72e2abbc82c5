//! Puts what a connection wants to know to the person, in the words of the window.
//!
//! What was typed is kept for as long as the session lives, so that its files and its next connection do
//! not ask again; whether the vault may keep it longer, the person says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::{
    AuthMethod, Endpoint, HostKey, HostKeyDecision, HostKeyJudge, HostKeyPolicy, HostKeyQuestion, Prompter,
    Questions as Asked, SecretAsker, SecretNeed, SshTarget, known_hosts::Entry,
};
use tokio_util::sync::CancellationToken;

use super::{
    destination::{Destination, Hop, Keep, Proof, WayOut},
    model::{Answer, AskedPrompt, KnownKey, Question},
    questions::Questions,
};
use crate::{
    bridge::{Id, Time},
    hosts::HostKeyRule,
};

/// The word before the time in the comment of a key that we wrote.
const COMMENT: &str = "luumen";

/// The person at one session.
#[derive(Debug)]
pub(super) struct Person {
    questions: Arc<Questions>,
    session: Id,
    /// Names of the hosts on the way, to be typed.
    names: Vec<(String, u16, String)>,
    /// Cancelled when the person leaves.
    pub(super) gave_up: CancellationToken,
    typed: Mutex<Vec<Typed>>,
}

/// Something that was typed. A passphrase opened its key; a password turned out right if the connection came about.
pub(super) struct Typed {
    what: What,
    pub(super) secret: Secret,
    /// Where it shall be kept.
    pub(super) remember: Option<Keep>,
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Typed({:?})", self.what)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// The password of an account: user, host, port.
    Password(String, String, u16),
    /// The passphrase of a key, by where it came from.
    Passphrase(String),
    /// The password of an account at a proxy: proxy, user.
    Proxy(String, String),
}

impl What {
    fn password_of(account: &Endpoint) -> Self {
        Self::Password(account.username.clone(), account.host.clone(), account.port)
    }
}

impl Person {
    pub(super) fn new(questions: Arc<Questions>, session: Id, destination: &Destination) -> Arc<Self> {
        let name = |hop: &Hop| (hop.address.clone(), hop.port, hop.name.clone());
        Arc::new(Self {
            questions,
            session,
            names: destination.hops.iter().map(name).collect(),
            gave_up: CancellationToken::new(),
            typed: Mutex::default(),
        })
    }

    /// Where to go, with this person to ask on the way.
    pub(super) fn target(self: &Arc<Self>, destination: &Destination) -> SshTarget {
        let mut hops: Vec<SshTarget> = destination.hops.iter().map(|hop| self.hop(hop)).collect();
        let mut goal = hops.pop().unwrap_or_else(|| SshTarget::new("", 22, ""));
        goal.jumps = hops;
        goal.proxy = destination.proxy.as_ref().map(|way| way.proxy.clone());
        goal
    }

    /// The destination with the password of its proxy, which is asked for where an account has none; `None` when the person
    /// leaves. A proxy is asked once and says only yes or no, so it has to be known before the first byte is sent.
    pub(super) async fn pass_proxy(&self, mut destination: Destination) -> Option<Destination> {
        let Some((way, what)) = destination.proxy.as_mut().and_then(unanswered) else {
            return Some(destination);
        };
        let What::Proxy(proxy, user) = &what else {
            return Some(destination);
        };
        let question = Question::Password {
            user: user.clone(),
            target: format!("the proxy {proxy}"),
            again: false,
            keep_in: way.keep.as_ref().and_then(Keep::credential).cloned(),
        };
        let Answer::Texts { texts, remember } = self.ask(question).await else {
            return None;
        };
        let secret = texts.into_iter().next()?;
        self.remember_typed(Typed {
            what,
            secret: secret.clone(),
            remember: way.keep.clone().filter(|_| remember == Some(true)),
        });
        way.proxy.set_password(Some(secret));
        way.typed = true;
        Some(destination)
    }

    fn hop(self: &Arc<Self>, hop: &Hop) -> SshTarget {
        let mut target = SshTarget::new(&hop.address, hop.port, &hop.user);
        target.host_keys = (hop.host_keys == HostKeyRule::Strict).then_some(HostKeyPolicy::Strict);
        let mut keep_password = None;
        let asks = |keep| Asks {
            person: self.clone(),
            keep,
            passphrase: Mutex::default(),
        };
        for proof in &hop.proofs {
            target.auth.push(match proof {
                Proof::Password(secret) | Proof::Typed(secret) => AuthMethod::Password(secret.clone()),
                Proof::AskPassword { keep } => {
                    keep_password.clone_from(keep);
                    continue;
                }
                Proof::Agent(socket) => AuthMethod::Agent {
                    socket: socket.clone(),
                },
                Proof::Key {
                    private_key,
                    passphrase,
                    certificate,
                    origin,
                    keep,
                    ..
                } => AuthMethod::AskKey {
                    private_key: private_key.clone(),
                    passphrase: passphrase.clone(),
                    certificate: certificate.clone(),
                    origin: origin.clone(),
                    asker: Arc::new(asks(keep.clone())),
                },
            });
        }
        // As OpenSSH does it: what the server words itself comes before a plain password.
        target.auth.push(AuthMethod::KeyboardInteractive(Arc::new(asks(
            keep_password.clone(),
        ))));
        target
            .auth
            .push(AuthMethod::AskPassword(Arc::new(asks(keep_password))));
        target
    }

    /// The destination with what was typed in place of what would be asked again.
    pub(super) fn knowing(&self, destination: &Destination) -> Destination {
        let typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |what: &What| {
            typed
                .iter()
                .rev()
                .find(|typed| typed.what == *what)
                .map(|typed| typed.secret.clone())
        };
        let mut known = destination.clone();
        for hop in &mut known.hops {
            for proof in &mut hop.proofs {
                // One that was asked for took the place of one that did not open the key.
                if let Proof::Key {
                    passphrase,
                    typed,
                    origin,
                    ..
                } = proof
                    && let Some(opens) = find(&What::Passphrase(origin.clone()))
                {
                    *passphrase = Some(opens);
                    *typed = true;
                }
            }
            let account = What::Password(hop.user.clone(), hop.address.clone(), hop.port);
            if let Some(password) = find(&account) {
                hop.know_password(password);
            }
        }
        known
    }

    /// What shall be remembered, now that it turned out right.
    pub(super) fn to_remember(&self) -> Vec<(Keep, Secret)> {
        let typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |typed: &Typed| Some((typed.remember.clone()?, typed.secret.clone()));
        typed.iter().filter_map(wanted).collect()
    }

    fn remember_typed(&self, new: Typed) {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        typed.retain(|typed| typed.what != new.what);
        typed.push(new);
    }

    async fn ask(&self, question: Question) -> Answer {
        self.questions.ask(Some(self.session), question).await
    }

    /// Ends the connection that is being made. Nothing is answered, so that nothing else is tried in its last moment.
    async fn leave<T>(&self) -> T {
        self.gave_up.cancel();
        std::future::pending().await
    }

    /// What has to be typed for a host.
    fn name_of(&self, endpoint: &Endpoint) -> String {
        let same =
            |(address, port, _): &&(String, u16, String)| *address == endpoint.host && *port == endpoint.port;
        let named = self.names.iter().find(same);
        named.map_or_else(|| endpoint.host.clone(), |(_, _, name)| name.clone())
    }
}

#[async_trait]
impl HostKeyJudge for Person {
    async fn decide(&self, question: HostKeyQuestion) -> HostKeyDecision {
        let (question, seen) = match question {
            HostKeyQuestion::New { endpoint, seen } => (new_key(&endpoint, &seen), seen),
            HostKeyQuestion::Changed {
                endpoint,
                seen,
                known,
            } => (
                changed_key(&endpoint, self.name_of(&endpoint), &seen, &known),
                seen,
            ),
        };
        match self.ask(question).await {
            Answer::TrustOnce => HostKeyDecision::TrustOnce,
            Answer::Trust | Answer::Replace { .. } => {
                tracing::info!("A person believes the host key {}", seen.fingerprint());
                let comment = format!("{COMMENT} {}", Time::now());
                HostKeyDecision::Remember { comment }
            }
            Answer::Cancel | Answer::WithoutKey | Answer::Texts { .. } => HostKeyDecision::Refuse,
        }
    }
}

fn new_key(endpoint: &Endpoint, seen: &HostKey) -> Question {
    Question::HostKeyNew {
        target: endpoint.host_port(),
        algorithm: seen.algorithm().to_owned(),
        fingerprint: seen.fingerprint(),
        art: seen.art(),
    }
}

fn changed_key(endpoint: &Endpoint, name: String, seen: &HostKey, known: &[Entry]) -> Question {
    let known = known.iter().map(|entry| KnownKey {
        algorithm: entry.key.algorithm().to_owned(),
        fingerprint: entry.key.fingerprint(),
        first_seen_at: first_seen(&entry.comment),
        file: entry.file.clone(),
        line: u32::try_from(entry.line).unwrap_or(u32::MAX),
    });
    Question::HostKeyChanged {
        target: endpoint.host_port(),
        name,
        algorithm: seen.algorithm().to_owned(),
        fingerprint: seen.fingerprint(),
        known: known.collect(),
    }
}

/// A proxy that wants a password which is not known.
fn unanswered(way: &mut WayOut) -> Option<(&mut WayOut, What)> {
    let user = way.proxy.username()?.to_owned();
    let what = What::Proxy(way.proxy.to_string(), user);
    way.proxy.password().is_none().then_some((way, what))
}

/// When we wrote a line, if we did.
fn first_seen(comment: &str) -> Option<Time> {
    let mut words = comment
        .split_ascii_whitespace()
        .skip_while(|word| *word != COMMENT);
    words.nth(1)?.parse().ok().map(Time)
}

/// The person, asked on behalf of one account or key.
struct Asks {
    person: Arc<Person>,
    keep: Option<Keep>,
    /// The passphrase that was typed last. Whether it opens its key is not known yet.
    passphrase: Mutex<Option<Typed>>,
}

impl Asks {
    fn typed_passphrase(&self) -> MutexGuard<'_, Option<Typed>> {
        self.passphrase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretAsker for Asks {
    async fn secret(&self, need: SecretNeed) -> Option<Secret> {
        let (question, what) = match need {
            SecretNeed::Password { endpoint, again } => (
                Question::Password {
                    user: endpoint.username.clone(),
                    target: endpoint.to_string(),
                    again,
                    keep_in: self.keep.as_ref().and_then(Keep::credential).cloned(),
                },
                What::password_of(&endpoint),
            ),
            SecretNeed::Passphrase { origin, again } => (
                Question::Passphrase {
                    key: origin.clone(),
                    again,
                    may_remember: self.keep.is_some(),
                },
                What::Passphrase(origin),
            ),
        };
        let password = matches!(what, What::Password(..));
        match self.person.ask(question).await {
            Answer::Texts { texts, remember } => {
                let secret = texts.into_iter().next()?;
                let typed = Typed {
                    what,
                    secret: secret.clone(),
                    remember: self.keep.clone().filter(|_| remember == Some(true)),
                };
                if password {
                    self.person.remember_typed(typed);
                } else {
                    *self.typed_passphrase() = Some(typed);
                }
                Some(secret)
            }
            Answer::WithoutKey => None,
            _ => self.person.leave().await,
        }
    }

    /// A connection may come about by something else than this key: only now the passphrase is known to be one.
    fn opened_key(&self) {
        if let Some(typed) = self.typed_passphrase().take() {
            self.person.remember_typed(typed);
        }
    }
}

#[async_trait]
impl Prompter for Asks {
    async fn answer(&self, asked: Asked) -> Option<Vec<Secret>> {
        let prompts: Vec<AskedPrompt> = asked
            .prompts
            .iter()
            .map(|prompt| AskedPrompt {
                text: prompt.text.clone(),
                echo: prompt.echo,
            })
            .collect();
        let question = Question::Prompts {
            title: asked.endpoint.to_string(),
            instruction: [asked.name.as_str(), asked.instructions.as_str()]
                .join("\n")
                .trim()
                .to_owned(),
            prompts,
            again: asked.again,
        };
        match self.person.ask(question).await {
            Answer::Texts { texts, remember } => {
                // One hidden line is a password; several, or a code, are not to be said again.
                if let ([secret], [prompt]) = (texts.as_slice(), asked.prompts.as_slice())
                    && prompt.asks_for_password()
                {
                    self.person.remember_typed(Typed {
                        what: What::password_of(&asked.endpoint),
                        secret: secret.clone(),
                        remember: self.keep.clone().filter(|_| remember == Some(true)),
                    });
                }
                Some(texts)
            }
            _ => self.person.leave().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_comments_say_when_a_key_was_first_seen() {
        let seen = |comment: &str| first_seen(comment).map(|time| time.to_string());
        assert_eq!(
            seen("luumen 2026-11-24T18:00:00.000Z"),
            Some("2026-11-24T18:00:00.000Z".into())
        );
        assert_eq!(
            seen("root@db-3 luumen 2026-11-24T18:00:00Z"),
            Some("2026-11-24T18:00:00.000Z".into())
        );
        assert_eq!(seen("root@db-3 2026-11-24T18:00:00Z"), None);
        assert_eq!(seen("luumen"), None);
        assert_eq!(seen(""), None);
    }
}
