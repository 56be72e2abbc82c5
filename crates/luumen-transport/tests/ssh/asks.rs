//! A person at the keyboard: what they hear of a connection, and what they decide about host keys.

use std::{
    fmt::Write as _,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_testkit::sshd::{KeyFile, Sshd};
use luumen_transport::{
    AuthMethod, ConnectError, ConnectEvent, ConnectObserver, ConnectOptions, Endpoint, HostKeyDecision,
    HostKeyJudge, HostKeyPolicy, HostKeyQuestion, KnownHosts, SecretAsker, SecretNeed, SignInGate, Step,
    connect,
};

use crate::support::{key_auth, target, trusting, visit};

/// Decides always the same, after a while, and remembers what was asked.
#[derive(Debug)]
struct Person {
    decision: HostKeyDecision,
    thinks: Duration,
    asked: Mutex<Vec<HostKeyQuestion>>,
}

#[async_trait]
impl HostKeyJudge for Person {
    async fn decide(&self, question: HostKeyQuestion) -> HostKeyDecision {
        self.asked.lock().unwrap().push(question);
        tokio::time::sleep(self.thinks).await;
        self.decision.clone()
    }
}

fn person(decision: HostKeyDecision) -> Arc<Person> {
    Arc::new(Person {
        decision,
        thinks: Duration::ZERO,
        asked: Mutex::default(),
    })
}

fn remember() -> HostKeyDecision {
    HostKeyDecision::Remember {
        comment: "met on a Tuesday".to_owned(),
    }
}

fn asking(known_hosts: KnownHosts, person: &Arc<Person>) -> ConnectOptions {
    ConnectOptions {
        judge: Some(person.clone()),
        ..ConnectOptions::new(Arc::new(known_hosts)).with_policy(HostKeyPolicy::Ask)
    }
}

/// Says what it was told to, one after the other, and remembers what was asked.
struct Says {
    secrets: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<SecretNeed>>,
    /// What was left to say whenever a key opened.
    opened: Mutex<Vec<usize>>,
}

#[async_trait]
impl SecretAsker for Says {
    async fn secret(&self, need: SecretNeed) -> Option<Secret> {
        self.asked.lock().unwrap().push(need);
        self.secrets.lock().unwrap().pop().map(Secret::new)
    }

    fn opened_key(&self) {
        let left = self.secrets.lock().unwrap().len();
        self.opened.lock().unwrap().push(left);
    }
}

fn says(mut secrets: Vec<&'static str>) -> Arc<Says> {
    secrets.reverse();
    Arc::new(Says {
        secrets: Mutex::new(secrets),
        asked: Mutex::default(),
        opened: Mutex::default(),
    })
}

fn asked_key(key: &KeyFile, asker: &Arc<Says>) -> AuthMethod {
    known_key(key, None, asker)
}

fn known_key(key: &KeyFile, passphrase: Option<&str>, asker: &Arc<Says>) -> AuthMethod {
    AuthMethod::AskKey {
        private_key: Secret::new(key.private.clone()),
        passphrase: passphrase.map(Secret::new),
        certificate: None,
        origin: "id_test".to_owned(),
        asker: asker.clone(),
    }
}

#[tokio::test]
async fn a_passphrase_is_asked_for_only_when_the_server_wants_the_key() {
    let formats: [&[&str]; 2] = [&[], &["-m", "PEM"]];
    for (number, format) in formats.into_iter().enumerate() {
        let kind = if number == 0 { "ed25519" } else { "rsa-2048" };
        let wanted = KeyFile::generate_with(kind, "opens it", format).unwrap();
        let unwanted = KeyFile::generate_with("ed25519", "never said", &[]).unwrap();
        let Some(server) = Sshd::builder().authorize(&wanted).start().unwrap() else {
            return;
        };
        let (one, other) = (says(vec!["wrong", "opens it"]), says(vec![]));
        let mut way = target(&server, asked_key(&unwanted, &other));
        way.auth.push(asked_key(&wanted, &one));
        visit(&way, &trusting()).await;
        assert!(
            other.asked.lock().unwrap().is_empty(),
            "the server did not want this key"
        );
        let asked = one.asked.lock().unwrap();
        let again: Vec<bool> = asked
            .iter()
            .map(|need| matches!(need, SecretNeed::Passphrase { again: true, .. }))
            .collect();
        assert_eq!(again, [false, true]);
        assert_eq!(*one.opened.lock().unwrap(), [0], "only the right one opened it");
    }
}

#[tokio::test]
async fn a_passphrase_that_is_known_is_asked_for_only_where_it_is_not_the_right_one() {
    let formats: [&[&str]; 2] = [&[], &["-m", "PEM"]];
    for (number, format) in formats.into_iter().enumerate() {
        let kind = if number == 0 { "ed25519" } else { "rsa-2048" };
        let key = KeyFile::generate_with(kind, "opens it", format).unwrap();
        let bare = KeyFile::generate(kind).unwrap();
        let server = Sshd::builder().authorize(&key).authorize(&bare).start().unwrap();
        let Some(server) = server else {
            return;
        };
        let nobody = says(vec![]);
        for way in [
            known_key(&key, Some("opens it"), &nobody),
            known_key(&bare, Some("it has none"), &nobody),
            asked_key(&bare, &nobody),
        ] {
            visit(&target(&server, way), &trusting()).await;
        }
        assert!(nobody.asked.lock().unwrap().is_empty());

        let one = says(vec!["opens it"]);
        visit(
            &target(&server, known_key(&key, Some("opened it once"), &one)),
            &trusting(),
        )
        .await;
        let again = matches!(
            one.asked.lock().unwrap().as_slice(),
            [SecretNeed::Passphrase { again: true, .. }]
        );
        assert!(again, "{:?}", one.asked);
    }
}

#[tokio::test]
async fn a_key_that_nobody_opens_is_passed_over() {
    let locked = KeyFile::generate_with("ed25519", "opens it", &[]).unwrap();
    let other = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder()
        .authorize(&locked)
        .authorize(&other)
        .start()
        .unwrap();
    let Some(server) = server else {
        return;
    };
    let mut way = target(&server, asked_key(&locked, &says(vec![])));
    way.auth.push(key_auth(&other));
    visit(&way, &trusting()).await;
}

#[derive(Debug, Default)]
struct Checklist(Mutex<String>);

impl ConnectObserver for Checklist {
    fn on(&self, event: ConnectEvent<'_>) {
        let mut list = self.0.lock().unwrap();
        match event {
            ConnectEvent::Started { hop, step, .. } => writeln!(list, "{hop} {step}").unwrap(),
            ConnectEvent::Done {
                hop, step, detail, ..
            } => {
                assert!(!detail.is_empty(), "{step} says nothing");
                writeln!(list, "{hop} {step}: done").unwrap();
            }
            ConnectEvent::Banner { text, .. } => writeln!(list, "banner {}", text.trim()).unwrap(),
        }
    }
}

#[tokio::test]
async fn every_step_of_every_hop_is_told() {
    let key = KeyFile::generate("ed25519").unwrap();
    let banner = tempfile::NamedTempFile::new().unwrap();
    fs::write(banner.path(), "Authorised people only\n").unwrap();
    let jump = Sshd::builder().authorize(&key);
    let goal = Sshd::builder()
        .authorize(&key)
        .config(format!("Banner {}", banner.path().display()));
    let (Some(jump), Some(goal)) = (jump.start().unwrap(), goal.start().unwrap()) else {
        return;
    };
    let checklist = Arc::new(Checklist::default());
    let mut options = trusting();
    options.observer = Some(checklist.clone());
    let way = target(&goal, key_auth(&key)).through(target(&jump, key_auth(&key)));
    visit(&way, &options).await;
    let expected = "\
        0 resolving the name\n0 resolving the name: done\n0 opening the connection\n\
        0 opening the connection: done\n0 the key exchange\n0 the key exchange: done\n0 signing in\n\
        0 signing in: done\n1 asking the jump host\n1 asking the jump host: done\n1 the key exchange\n\
        1 the key exchange: done\n1 signing in\nbanner Authorised people only\n1 signing in: done\n";
    assert_eq!(*checklist.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_new_key_is_believed_once_remembered_or_refused() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let way = target(&server, key_auth(&key));
    let file = server.dir().join("known");

    let careful = person(HostKeyDecision::Refuse);
    let error = connect(&way, &asking(KnownHosts::empty(), &careful))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY-UNKNOWN");

    let once = person(HostKeyDecision::TrustOnce);
    let options = asking(KnownHosts::load(&[&file]).unwrap(), &once);
    visit(&way, &options).await;
    visit(&way, &options).await;
    assert_eq!(once.asked.lock().unwrap().len(), 2);
    assert!(!file.exists());

    let ever = person(remember());
    let options = asking(KnownHosts::load(&[&file]).unwrap(), &ever);
    visit(&way, &options).await;
    visit(&way, &options).await;
    assert_eq!(ever.asked.lock().unwrap().len(), 1);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.ends_with(" met on a Tuesday\n"), "{written}");
    assert_eq!(
        KnownHosts::load(&[&file]).unwrap().entries()[0].comment,
        "met on a Tuesday"
    );

    // Nobody to ask is as strict as can be.
    let mut options = asking(KnownHosts::empty(), &careful);
    options.judge = None;
    assert_eq!(
        connect(&way, &options).await.unwrap_err().code(),
        "LUM-SSH-HOSTKEY-UNKNOWN"
    );
}

#[tokio::test]
async fn a_changed_key_is_refused_unless_it_is_replaced_and_no_password_is_sent() {
    let key = KeyFile::generate("ed25519").unwrap();
    let old = KeyFile::generate("ed25519").unwrap();
    let other = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder()
        .authorize(&key)
        .config("PasswordAuthentication yes")
        .start()
        .unwrap();
    let Some(server) = server else {
        return;
    };
    let name = format!("[127.0.0.1]:{}", server.port());
    let (first, second) = (server.dir().join("first"), server.dir().join("second"));
    let read = || KnownHosts::load(&[&first, &second]).unwrap();
    fs::write(&first, format!("# mine\nweb-1 {}\n", other.public_key())).unwrap();
    let shared = format!("{name},db-3 {} shared\n", old.public_key());
    fs::write(&second, format!("{shared}{name} {}\n", old.public_key())).unwrap();
    let with_password = target(&server, AuthMethod::Password(Secret::new("hunter2")));
    for decision in [HostKeyDecision::Refuse, HostKeyDecision::TrustOnce] {
        let person = person(decision);
        let error = connect(&with_password, &asking(read(), &person))
            .await
            .unwrap_err();
        assert!(matches!(error, ConnectError::HostKeyChanged { .. }), "{error:?}");
        let asked = person.asked.lock().unwrap();
        let HostKeyQuestion::Changed { seen, known, .. } = &asked[0] else {
            panic!("{asked:?}");
        };
        assert_eq!(known[0].key.fingerprint(), old.fingerprint().unwrap());
        assert_ne!(seen.fingerprint(), known[0].key.fingerprint());
    }
    let log = server.log();
    assert!(
        !log.contains("password"),
        "a password reached a host with a changed key: {log}"
    );

    let way = target(&server, key_auth(&key));
    visit(&way, &asking(read(), &person(remember()))).await;
    let first = fs::read_to_string(&first).unwrap();
    assert!(first.starts_with("# mine\nweb-1 "), "{first}");
    assert!(
        first.contains(&name) && first.ends_with("met on a Tuesday\n"),
        "{first}"
    );
    let second = fs::read_to_string(&second).unwrap();
    assert_eq!(second, format!("db-3 {} shared\n", old.public_key()));
    visit(&way, &asking(read(), &person(HostKeyDecision::Refuse))).await;
}

#[tokio::test]
async fn a_wildcard_cannot_be_replaced_for_one_host() {
    let key = KeyFile::generate("ed25519").unwrap();
    let old = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let file = server.dir().join("known");
    let line = format!("[127.0.0.*]:{} {}\n", server.port(), old.public_key());
    fs::write(&file, &line).unwrap();
    let options = asking(KnownHosts::load(&[&file]).unwrap(), &person(remember()));
    let error = connect(&target(&server, key_auth(&key)), &options)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY");
    assert_eq!(fs::read_to_string(&file).unwrap(), line);
}

#[tokio::test]
async fn the_time_a_person_thinks_is_not_the_hosts() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let way = target(&server, key_auth(&key));
    let slow = Arc::new(Person {
        decision: remember(),
        thinks: Duration::from_secs(4),
        asked: Mutex::default(),
    });
    let mut options = asking(KnownHosts::empty(), &slow);
    options.connect_timeout = Duration::from_secs(3);
    visit(&way, &options).await;

    // A question that nobody waits for any more is taken back.
    let never = Arc::new(Person {
        decision: remember(),
        thinks: Duration::from_secs(3600),
        asked: Mutex::default(),
    });
    let mut options = asking(KnownHosts::empty(), &never);
    options.connect_timeout = Duration::from_secs(3);
    let cancel = options.cancel.clone();
    let connecting = tokio::spawn(async move { connect(&way, &options).await });
    while never.asked.lock().unwrap().is_empty() {
        assert!(!connecting.is_finished(), "it ended before it asked");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert!(!connecting.is_finished());
    cancel.cancel();
    assert_eq!(connecting.await.unwrap().unwrap_err().code(), "LUM-CANCELLED");
}

/// Lets nobody in, or everybody after a while.
#[derive(Debug)]
struct Gate {
    opens: bool,
    after: Duration,
}

#[async_trait]
impl SignInGate for Gate {
    async fn may_sign_in(&self, _: &Endpoint) -> bool {
        tokio::time::sleep(self.after).await;
        self.opens
    }
}

#[tokio::test]
async fn nothing_is_proven_before_the_gate_opens_and_waiting_for_it_costs_no_time() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let target = target(&server, key_auth(&key));
    let waiting = |opens, after| ConnectOptions {
        gate: Some(Arc::new(Gate { opens, after })),
        connect_timeout: Duration::from_secs(2),
        ..trusting()
    };
    let error = connect(&target, &waiting(false, Duration::ZERO))
        .await
        .unwrap_err();
    assert!(
        matches!(
            &error,
            ConnectError::Cancelled {
                step: Step::SignIn,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!server.log().contains("publickey"), "{}", server.log());
    visit(&target, &waiting(true, Duration::from_secs(3))).await;
}
