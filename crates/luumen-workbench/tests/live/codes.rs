//! A host that wants a password and a one-time code, which `sshd` alone cannot be made to ask for: a small
//! server in this process.

use std::{
    borrow::Cow,
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use luumen_testkit::sshd::KeyFile;
use russh::{
    Channel, ChannelId, MethodKind, MethodSet,
    keys::PrivateKey,
    server::{self, Auth, ChannelOpenHandle, Msg, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::Desk;

/// Everything that was answered, on every connection.
type Heard = Arc<Mutex<Vec<String>>>;

struct Bouncer {
    password_was_right: bool,
    heard: Heard,
}

fn asks(text: &'static str, echo: bool) -> Auth {
    Auth::Partial {
        name: Cow::Borrowed("Two steps"),
        instructions: Cow::Borrowed(""),
        prompts: vec![(Cow::Borrowed(text), echo)].into(),
    }
}

impl server::Handler for Bouncer {
    type Error = russh::Error;

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let said = response.and_then(|mut answers| answers.next());
        if let Some(said) = &said {
            let said = String::from_utf8_lossy(said).into_owned();
            self.heard.lock().unwrap().push(said);
        }
        Ok(match (said.as_deref(), self.password_was_right) {
            (None, _) => asks("Password: ", false),
            (Some(b"sesame"), false) => {
                self.password_was_right = true;
                asks("One-time code: ", true)
            }
            (Some(b"123456"), true) => Auth::Accept,
            _ => Auth::Reject {
                proceed_with_methods: Some(MethodSet::from(&[MethodKind::KeyboardInteractive][..])),
                partial_success: false,
            },
        })
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

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        session.data(channel, "welcome in\r\n".as_bytes().to_vec())
    }
}

async fn bouncer(desk: &Desk) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    bouncer_at(desk, listener)
}

fn bouncer_at(desk: &Desk, listener: TcpListener) -> (u16, Heard) {
    let key = KeyFile::generate("ed25519").unwrap();
    let config = Arc::new(server::Config {
        methods: MethodSet::from(&[MethodKind::KeyboardInteractive][..]),
        keys: vec![PrivateKey::from_openssh(&key.private).unwrap()],
        auth_rejection_time: std::time::Duration::ZERO,
        ..server::Config::default()
    });
    let place = listener.local_addr().unwrap();
    let port = place.port();
    let line = format!("[{}]:{port} {}\n", place.ip(), key.public_key());
    fs::write(desk.ssh().join("known_hosts"), line).unwrap();
    let heard = Heard::default();
    let hears = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, heard) = (config.clone(), hears.clone());
            let bouncer = Bouncer {
                password_was_right: false,
                heard,
            };
            tokio::spawn(async move {
                if let Ok(running) = server::run_stream(config, stream, bouncer).await {
                    let _ = running.await;
                }
            });
        }
    });
    (port, heard)
}

#[tokio::test]
async fn a_password_and_a_one_time_code_are_asked_for_in_the_servers_words() {
    let desk = Desk::open().await;
    let (port, heard) = bouncer(&desk).await;
    let session = desk
        .call("session_open", json!({"quick": format!("ann@127.0.0.1:{port}")}))
        .await;
    let screen = desk.terminal(&session).await;
    let question = desk.question("prompts").await;
    let ask = &question["ask"];
    assert_eq!(ask["prompts"], json!([{"text": "Password: ", "echo": false}]));
    assert!(ask["title"].as_str().unwrap().contains("ann@127.0.0.1"), "{ask}");
    assert_eq!(ask["instruction"], "Two steps");
    let short = json!({"question": question["question"], "answer": {"kind": "texts", "texts": []}});
    assert_eq!(
        desk.refusal("question_answer", short).await.code,
        "LUM-QUESTION-ANSWER"
    );
    desk.answer(&question, json!({"kind": "texts", "texts": ["sesame"]}))
        .await;
    let question = desk.question("prompts").await;
    assert_eq!(question["ask"]["prompts"][0]["text"], "One-time code: ");
    desk.answer(&question, json!({"kind": "texts", "texts": ["123456"]}))
        .await;
    desk.until(&session, "open").await;
    screen.shows("welcome in").await;

    only_the_code_again(&desk, &session, &heard).await;
}

#[tokio::test]
async fn a_password_typed_for_an_account_of_a_directory_at_an_ipv6_address_is_kept() {
    let desk = Desk::open().await;
    let listener = match TcpListener::bind("[::1]:0").await {
        Ok(listener) => listener,
        // No IPv6 here: the account alone is odd enough.
        Err(_) => TcpListener::bind("127.0.0.1:0").await.unwrap(),
    };
    let place = listener.local_addr().unwrap();
    let (_, heard) = bouncer_at(&desk, listener);
    let quick = format!("ann@corp.example.com@{place}");
    let session = desk.call("session_open", json!({"quick": quick})).await;
    let question = desk.question("prompts").await;
    let title = question["ask"]["title"].as_str().unwrap();
    assert!(title.contains(&quick), "{title}");
    desk.answer(&question, json!({"kind": "texts", "texts": ["sesame"]}))
        .await;
    let question = desk.question("prompts").await;
    desk.answer(&question, json!({"kind": "texts", "texts": ["123456"]}))
        .await;
    desk.until(&session, "open").await;
    only_the_code_again(&desk, &session, &heard).await;
}

/// Another connection wants the code again, and only the code.
async fn only_the_code_again(desk: &Desk, session: &Value, heard: &Heard) {
    let files = tokio::spawn({
        let workbench = desk.workbench.clone();
        let session = session["id"].clone();
        async move { workbench.call("files_open", json!({"session": session})).await }
    });
    let question = desk.question("prompts").await;
    assert_eq!(question["ask"]["prompts"][0]["text"], "One-time code: ");
    desk.answer(&question, json!({"kind": "texts", "texts": ["123456"]}))
        .await;
    let started = Instant::now();
    while heard.lock().unwrap().len() < 4 {
        assert!(started.elapsed() < Duration::from_secs(10), "{heard:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It has a shell and no files; how far it came is what matters.
    files.abort();
    assert_eq!(*heard.lock().unwrap(), ["sesame", "123456", "sesame", "123456"]);
}

#[tokio::test]
async fn a_code_that_is_wrong_may_be_typed_again() {
    let desk = Desk::open().await;
    let (port, _) = bouncer(&desk).await;
    let session = desk
        .call("session_open", json!({"quick": format!("ann@127.0.0.1:{port}")}))
        .await;
    for (said, again) in [("barley", false), ("sesame", true)] {
        let question = desk.question("prompts").await;
        assert_eq!(question["ask"]["again"], again);
        desk.answer(&question, json!({"kind": "texts", "texts": [said]}))
            .await;
    }
    let question = desk.question("prompts").await;
    desk.answer(&question, json!({"kind": "texts", "texts": ["123456"]}))
        .await;
    desk.until(&session, "open").await;
}

#[tokio::test]
async fn who_leaves_the_sign_in_is_not_connected() {
    let desk = Desk::open().await;
    let (port, _) = bouncer(&desk).await;
    let session = desk
        .call("session_open", json!({"quick": format!("ann@127.0.0.1:{port}")}))
        .await;
    let question = desk.question("prompts").await;
    desk.answer(&question, json!({"kind": "cancel"})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-CANCELLED");
}

#[tokio::test]
async fn who_leaves_the_sign_in_of_the_files_still_has_the_session() {
    let desk = Desk::open().await;
    let (port, _) = bouncer(&desk).await;
    let session = desk
        .call("session_open", json!({"quick": format!("ann@127.0.0.1:{port}")}))
        .await;
    for said in ["sesame", "123456"] {
        let question = desk.question("prompts").await;
        desk.answer(&question, json!({"kind": "texts", "texts": [said]}))
            .await;
    }
    desk.until(&session, "open").await;
    let files = tokio::spawn({
        let workbench = desk.workbench.clone();
        let session = session["id"].clone();
        async move { workbench.call("files_open", json!({"session": session})).await }
    });
    let question = desk.question("prompts").await;
    desk.answer(&question, json!({"kind": "cancel"})).await;
    let problem = files.await.unwrap().unwrap_err();
    assert_eq!(problem.code, "LUM-CANCELLED");
    assert_eq!(problem.title, "the files were not opened");
    let sessions = desk.call("sessions_list", json!({})).await;
    assert_eq!(sessions[0]["state"], "open");
    desk.terminal(&session).await.shows("welcome in").await;
}
