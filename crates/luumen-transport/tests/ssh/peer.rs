//! What `sshd` cannot be made to do without accounts of its own or ill will: passwords, conversations,
//! several factors, channels that a server opens uninvited. The peer is a small server in this process.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_testkit::sshd::KeyFile;
use luumen_transport::{
    AuthMethod, ConnectError, Prompter, Questions, Session as _, ShellEvent, ShellRequest, SshTarget, connect,
};
use russh::{
    Channel, ChannelId, MethodKind, MethodSet, Sig,
    keys::{Algorithm, HashAlg, PrivateKey},
    server::{self, Auth, ChannelOpenHandle, Msg, PublicKeyOffer, Response, VerifiedPublicKey},
};
use tokio::net::TcpListener;

use crate::support::{key_auth, request, run, trusting};

/// How the peer behaves.
#[derive(Clone, Default)]
struct Manners {
    methods: Vec<MethodKind>,
    /// Rounds of a conversation: what is asked, and the only right answers.
    rounds: Vec<Round>,
    /// The key first, and then still a password.
    wants_both: bool,
    rsa_hash: Option<HashAlg>,
    /// Opens channels of its own once a command runs, and ends the command with a signal.
    uninvited: bool,
    heard: Arc<Mutex<Vec<String>>>,
}

/// Prompts with their echo, and the answers to them.
type Round = (Vec<(&'static str, bool)>, Vec<&'static str>);

impl Manners {
    /// Whether it was ever told something with all of these in it.
    fn heard(&self, words: &[&str]) -> bool {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .any(|told| words.iter().all(|word| told.contains(word)))
    }
}

struct Peer {
    manners: Manners,
    round: usize,
}

impl Peer {
    fn heard(&self, word: impl Into<String>) {
        self.manners.heard.lock().unwrap().push(word.into());
    }

    fn ask(&self) -> Auth {
        let prompts = self.manners.rounds[self.round].0.iter();
        Auth::Partial {
            name: Cow::Borrowed("check"),
            instructions: Cow::Borrowed(""),
            prompts: prompts
                .map(|(text, echo)| (Cow::Borrowed(*text), *echo))
                .collect(),
        }
    }

    fn no(&self) -> Auth {
        Auth::Reject {
            proceed_with_methods: Some(MethodSet::from(self.manners.methods.as_slice())),
            partial_success: false,
        }
    }
}

impl server::Handler for Peer {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        self.heard(format!("password {password}"));
        let allowed = self.manners.methods.contains(&MethodKind::Password);
        Ok(if allowed && password == "sesame" {
            Auth::Accept
        } else {
            self.no()
        })
    }

    async fn auth_publickey_offered(
        &mut self,
        _: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, russh::Error> {
        self.heard(format!("key {}", offer.algorithm));
        let wanted = self
            .manners
            .rsa_hash
            .is_none_or(|hash| *offer.algorithm == Algorithm::Rsa { hash: Some(hash) });
        Ok(if wanted { Auth::Accept } else { self.no() })
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        if !self.manners.wants_both {
            return Ok(Auth::Accept);
        }
        self.manners.methods = vec![MethodKind::Password];
        Ok(Auth::Reject {
            proceed_with_methods: Some(MethodSet::from(&[MethodKind::Password][..])),
            partial_success: true,
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        if self.manners.rounds.is_empty() {
            return Ok(self.no());
        }
        if let Some(answers) = response {
            let answers: Vec<String> = answers
                .map(|answer| String::from_utf8_lossy(&answer).into_owned())
                .collect();
            self.heard(format!("answers {}", answers.join("+")));
            if answers != self.manners.rounds[self.round].1 {
                self.round = 0;
                return Ok(self.no());
            }
            self.round += 1;
            if self.round == self.manners.rounds.len() {
                return Ok(Auth::Accept);
            }
        }
        Ok(self.ask())
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        _: u32,
        _: u32,
        _: u32,
        _: u32,
        _: &[(russh::Pty, u32)],
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)
    }

    /// Greets before it says yes.
    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.data(channel, b"one ".to_vec())?;
        session.extended_data(channel, 1, b"two ".to_vec())?;
        session.data(channel, b"three ".to_vec())?;
        session.channel_success(channel)?;
        session.data(channel, b"four".to_vec())?;
        session.close(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        if command == b"refuse me" {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        let (handle, uninvited, heard) = (
            session.handle(),
            self.manners.uninvited,
            self.manners.heard.clone(),
        );
        tokio::spawn(async move {
            if uninvited {
                let agent = handle.channel_open_agent().await.is_ok();
                let tcp = handle
                    .channel_open_forwarded_tcpip("127.0.0.1", 1, "127.0.0.1", 2)
                    .await
                    .is_ok();
                let x11 = handle.channel_open_x11("127.0.0.1", 6000).await.is_ok();
                let session = handle.channel_open_session().await.is_ok();
                heard
                    .lock()
                    .unwrap()
                    .push(format!("opened {agent} {tcp} {x11} {session}"));
            }
            handle.data(channel, b"hello".to_vec()).await.unwrap();
            if uninvited {
                handle
                    .exit_signal_request(channel, Sig::SEGV, true, String::new(), String::new())
                    .await
                    .unwrap();
            } else {
                handle.exit_status_request(channel, 0).await.unwrap();
            }
            handle.eof(channel).await.unwrap();
            handle.close(channel).await.unwrap();
        });
        Ok(())
    }
}

async fn peer(manners: Manners) -> SshTarget {
    let host_key = KeyFile::generate("ed25519").unwrap();
    let mut config = server::Config {
        keys: vec![PrivateKey::from_openssh(&host_key.private).unwrap()],
        methods: MethodSet::from(manners.methods.as_slice()),
        auth_rejection_time: Duration::ZERO,
        ..server::Config::default()
    };
    if let Some(hash) = manners.rsa_hash {
        config.preferred.key = vec![Algorithm::Ed25519, Algorithm::Rsa { hash: Some(hash) }].into();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let peer = Peer {
                manners: manners.clone(),
                round: 0,
            };
            let running = server::run_stream(config.clone(), stream, peer).await;
            tokio::spawn(async move {
                if let Ok(running) = running {
                    // How a visit ends is the visitor's to judge.
                    let _ = running.await;
                }
            });
        }
    });
    SshTarget::new("127.0.0.1", port, "scan")
}

fn password(text: &str) -> AuthMethod {
    AuthMethod::Password(Secret::new(text))
}

async fn signs_in(target: &SshTarget) {
    let mut session = connect(target, &trusting()).await.unwrap();
    assert_eq!(run(&mut session, "anything").await.stdout, b"hello");
    session.close().await;
}

#[tokio::test]
async fn a_password_signs_in_and_a_wrong_one_is_tried_once() {
    let manners = Manners {
        methods: vec![MethodKind::Password, MethodKind::KeyboardInteractive],
        ..Manners::default()
    };
    let target = peer(manners.clone()).await;
    signs_in(&target.clone().with_auth(password("sesame"))).await;
    manners.heard.lock().unwrap().clear();
    let error = connect(&target.with_auth(password("barley")), &trusting())
        .await
        .unwrap_err();
    let ConnectError::AuthRefused { tried, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(tried, &["password"]);
    assert!(!format!("{error} {error:?}").contains("barley"));
    // A second try of the same wrong password would only bring a lock-out nearer.
    assert_eq!(*manners.heard.lock().unwrap(), ["password barley"]);
}

#[tokio::test]
async fn a_password_answers_a_conversation_with_empty_rounds() {
    let manners = Manners {
        methods: vec![MethodKind::KeyboardInteractive],
        rounds: vec![
            (vec![], vec![]),
            (vec![("Password: ", false)], vec!["sesame"]),
            (vec![], vec![]),
        ],
        ..Manners::default()
    };
    signs_in(&peer(manners).await.with_auth(password("sesame"))).await;
}

#[tokio::test]
async fn a_password_is_not_given_to_a_question_for_something_else() {
    for asked in [vec![("Old: ", false), ("New: ", false)], vec![("User: ", true)]] {
        let expected = vec!["never"; asked.len()];
        let manners = Manners {
            methods: vec![MethodKind::KeyboardInteractive],
            rounds: vec![(asked, expected)],
            ..Manners::default()
        };
        let error = connect(
            &peer(manners.clone()).await.with_auth(password("sesame")),
            &trusting(),
        )
        .await
        .unwrap_err();
        assert_eq!(error.code(), "LUM-SSH-AUTH");
        assert!(!manners.heard(&["answers", "sesame"]));
    }
}

/// Gives these answers one after the other, and then gives up.
struct Person {
    answers: Mutex<VecDeque<Vec<&'static str>>>,
    thinks_for: Duration,
    asked: Arc<Mutex<Vec<Questions>>>,
}

impl Person {
    fn saying(answers: &[&[&'static str]]) -> Self {
        Self {
            answers: Mutex::new(answers.iter().map(|answer| answer.to_vec()).collect()),
            thinks_for: Duration::ZERO,
            asked: Arc::default(),
        }
    }
}

#[async_trait]
impl Prompter for Person {
    async fn answer(&self, questions: Questions) -> Option<Vec<Secret>> {
        tokio::time::sleep(self.thinks_for).await;
        self.asked.lock().unwrap().push(questions);
        let answers = self.answers.lock().unwrap().pop_front()?;
        Some(answers.into_iter().map(Secret::new).collect())
    }
}

#[tokio::test]
async fn a_person_answers_every_question_and_may_take_their_time() {
    let manners = Manners {
        methods: vec![MethodKind::KeyboardInteractive],
        rounds: vec![
            (
                vec![("Password: ", false), ("Code: ", true)],
                vec!["sesame", "123456"],
            ),
            (vec![], vec![]),
        ],
        ..Manners::default()
    };
    let target = peer(manners).await;
    let mut slow = Person::saying(&[&["sesame", "123456"]]);
    slow.thinks_for = Duration::from_secs(4);
    let asked = slow.asked.clone();
    let by = |person| target.clone().with_auth(conversation(person));
    let mut options = trusting();
    options.connect_timeout = Duration::from_secs(3);
    connect(&by(slow), &options).await.unwrap();
    let questions = asked.lock().unwrap().clone();
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].name, "check");
    assert!(questions[0].endpoint.to_string().starts_with("scan@127.0.0.1:"));
    let echo: Vec<bool> = questions[0].prompts.iter().map(|prompt| prompt.echo).collect();
    assert_eq!(echo, [false, true]);

    let wrong: [&[&[&'static str]]; 3] = [&[], &[&["sesame"]], &[&["sesame", "000000"]]];
    for answers in wrong {
        let error = connect(&by(Person::saying(answers)), &options).await.unwrap_err();
        assert_eq!(error.code(), "LUM-SSH-AUTH");
    }
}

fn conversation(person: Person) -> AuthMethod {
    AuthMethod::KeyboardInteractive(Arc::new(person))
}

/// Asks for a password and then for a code.
fn two_steps() -> Manners {
    Manners {
        methods: vec![MethodKind::KeyboardInteractive],
        rounds: vec![
            (vec![("Password: ", false)], vec!["sesame"]),
            (vec![("One-time password: ", false)], vec!["123456"]),
        ],
        ..Manners::default()
    }
}

#[tokio::test]
async fn a_known_password_leaves_the_code_to_the_person() {
    let manners = two_steps();
    let person = Person::saying(&[&["123456"]]);
    let asked = person.asked.clone();
    let target = peer(manners.clone()).await.with_auth(password("sesame"));
    signs_in(&target.with_auth(conversation(person))).await;
    let asked: Vec<String> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|round| round.prompts[0].text.clone())
        .collect();
    assert_eq!(asked, ["One-time password: "]);
    let mut heard = manners.heard.lock().unwrap().clone();
    heard.retain(|word| word.starts_with("answers"));
    assert_eq!(heard, ["answers sesame", "answers 123456"]);
}

#[tokio::test]
async fn with_a_person_a_known_password_answers_before_it_is_tried_by_itself() {
    let both = vec![MethodKind::Password, MethodKind::KeyboardInteractive];
    let manners = Manners {
        methods: both.clone(),
        ..two_steps()
    };
    let target = peer(manners.clone()).await.with_auth(password("sesame"));
    signs_in(&target.with_auth(conversation(Person::saying(&[&["123456"]])))).await;
    assert_eq!(
        *manners.heard.lock().unwrap(),
        ["answers sesame", "answers 123456"]
    );

    // Where a conversation asks nothing, the password is tried by itself.
    let manners = Manners {
        methods: both,
        ..Manners::default()
    };
    let target = peer(manners.clone()).await.with_auth(password("sesame"));
    signs_in(&target.with_auth(conversation(Person::saying(&[])))).await;
    assert_eq!(*manners.heard.lock().unwrap(), ["password sesame"]);

    // Who gives up has not asked for another try.
    let manners = Manners {
        methods: vec![MethodKind::Password, MethodKind::KeyboardInteractive],
        rounds: vec![(vec![("Code: ", false)], vec!["123456"])],
        ..Manners::default()
    };
    let target = peer(manners.clone()).await.with_auth(password("barley"));
    let error = connect(&target.with_auth(conversation(Person::saying(&[]))), &trusting())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH");
    assert!(!manners.heard(&["barley"]));
}

#[tokio::test]
async fn a_wrong_answer_may_be_given_anew_three_times_in_all() {
    let manners = two_steps();
    let target = peer(manners.clone()).await;
    let person = Person::saying(&[&["barley"], &["sesame"], &["000000"], &["sesame"], &["123456"]]);
    let asked = person.asked.clone();
    signs_in(&target.clone().with_auth(conversation(person))).await;
    let again: Vec<bool> = asked.lock().unwrap().iter().map(|round| round.again).collect();
    assert_eq!(again, [false, true, true, true, true]);

    manners.heard.lock().unwrap().clear();
    let stubborn = Person::saying(&[&["barley"], &["barley"], &["barley"], &["barley"]]);
    let error = connect(&target.with_auth(conversation(stubborn)), &trusting())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH");
    assert_eq!(*manners.heard.lock().unwrap(), ["answers barley"; 3]);
}

#[tokio::test]
async fn two_factors_are_given_one_after_the_other() {
    let key = KeyFile::generate("ed25519").unwrap();
    let manners = Manners {
        methods: vec![MethodKind::PublicKey],
        wants_both: true,
        ..Manners::default()
    };
    let target = peer(manners).await;
    // In either order: the server says what it wants.
    signs_in(
        &target
            .clone()
            .with_auth(key_auth(&key))
            .with_auth(password("sesame")),
    )
    .await;
    signs_in(
        &target
            .clone()
            .with_auth(password("sesame"))
            .with_auth(key_auth(&key)),
    )
    .await;
    let error = connect(&target.with_auth(key_auth(&key)), &trusting())
        .await
        .unwrap_err();
    let ConnectError::AuthRefused { offered, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(offered, &["password"]);
}

#[tokio::test]
async fn rsa_uses_the_hash_that_the_server_names() {
    let key = KeyFile::generate("rsa-2048").unwrap();
    for hash in [HashAlg::Sha256, HashAlg::Sha512] {
        let manners = Manners {
            methods: vec![MethodKind::PublicKey],
            rsa_hash: Some(hash),
            ..Manners::default()
        };
        signs_in(&peer(manners.clone()).await.with_auth(key_auth(&key))).await;
        let expected = Algorithm::Rsa { hash: Some(hash) }.to_string();
        assert_eq!(*manners.heard.lock().unwrap(), [format!("key {expected}")]);
    }
}

#[tokio::test]
async fn channels_that_a_server_opens_uninvited_are_refused() {
    let manners = Manners {
        methods: vec![MethodKind::Password],
        uninvited: true,
        ..Manners::default()
    };
    let target = peer(manners.clone()).await.with_auth(password("sesame"));
    let mut session = connect(&target, &trusting()).await.unwrap();
    let output = run(&mut session, "anything").await;
    assert_eq!(output.stdout, b"hello");
    assert_eq!(output.status, luumen_transport::ExitStatus::Signal("SEGV".into()));
    let heard = manners.heard.lock().unwrap().clone();
    assert_eq!(heard, ["password sesame", "opened false false false false"]);
}

#[tokio::test]
async fn what_a_server_says_before_it_answers_is_shown_in_its_order() {
    let manners = Manners {
        methods: vec![MethodKind::Password],
        ..Manners::default()
    };
    let target = peer(manners).await.with_auth(password("sesame"));
    let session = connect(&target, &trusting()).await.unwrap();
    let mut shell = session
        .open_shell(&ShellRequest::new("xterm", 80, 24))
        .await
        .unwrap();
    let mut shown = Vec::new();
    while let ShellEvent::Data(data) = shell.output.next().await {
        shown.extend(data);
    }
    assert_eq!(String::from_utf8(shown).unwrap(), "one two three four");
}

#[tokio::test]
async fn a_refused_command_is_said_so() {
    let manners = Manners {
        methods: vec![MethodKind::Password],
        ..Manners::default()
    };
    let target = peer(manners).await.with_auth(password("sesame"));
    let mut session = connect(&target, &trusting()).await.unwrap();
    let error = session.exec(request("refuse me")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} refused to run a command (starting the command)",
            session.endpoint()
        )
    );
}
