//! A workbench in a folder of its own, with ears for its events and eyes for its terminals.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use luumen_testkit::sshd::{KeyFile, Sshd, SshdBuilder, username};
use luumen_workbench::{
    Consent, NoConsent, Options, SecretPlace, Workbench,
    bridge::{Id, Output, Problem},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Desk {
    pub(crate) workbench: Workbench,
    heard: Arc<Mutex<Vec<Value>>>,
    folder: TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        Self::open_in(folder, Arc::new(NoConsent)).await
    }

    /// A person who is asked before guarded files are touched.
    pub(crate) async fn asking(consent: impl Consent) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        Self::open_in(folder, Arc::new(consent)).await
    }

    /// The same person starts the program again. Nothing of it was told to end, as after a crash.
    pub(crate) async fn start_again(self) -> Self {
        let Self {
            workbench, folder, ..
        } = self;
        drop(workbench);
        Self::open_in(folder, Arc::new(NoConsent)).await
    }

    async fn open_in(folder: TempDir, consent: Arc<dyn Consent>) -> Self {
        let mut options = Options::new("0.1.0-test", username().unwrap(), folder.path());
        options.secrets = SecretPlace::VaultFile;
        options.consent = consent;
        let workbench = Workbench::open(&folder.path().join("data"), options)
            .await
            .unwrap();
        let heard: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (mut events, keep) = (workbench.events(), heard.clone());
        tokio::spawn(async move {
            while let Ok(event) = events.recv().await {
                keep.lock().unwrap().push(serde_json::to_value(event).unwrap());
            }
        });
        Self {
            workbench,
            heard,
            folder,
        }
    }

    /// A server that lets the usual key of this desk in, known to it or not.
    pub(crate) fn server(
        &self,
        known: bool,
        change: impl FnOnce(SshdBuilder) -> SshdBuilder,
    ) -> Option<Sshd> {
        let key = KeyFile::generate("ed25519").unwrap();
        self.usual_key(&key);
        let server = change(Sshd::builder().authorize(&key)).start().unwrap()?;
        if known {
            self.know(&server);
        }
        Some(server)
    }

    pub(crate) fn usual_key(&self, key: &KeyFile) {
        key.copy_to(&self.ssh(), "id_ed25519").unwrap();
        if let Some(certificate) = &key.certificate {
            fs::write(self.ssh().join("id_ed25519-cert.pub"), certificate).unwrap();
        }
    }

    pub(crate) fn know(&self, server: &Sshd) {
        let before = self.known_hosts();
        fs::write(
            self.ssh().join("known_hosts"),
            before + &server.known_hosts().unwrap(),
        )
        .unwrap();
    }

    pub(crate) fn known_hosts(&self) -> String {
        fs::read_to_string(self.ssh().join("known_hosts")).unwrap_or_default()
    }

    pub(crate) fn ssh(&self) -> PathBuf {
        self.folder.path().join(".ssh")
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn call(&self, name: &str, args: Value) -> Value {
        match self.workbench.call(name, args).await {
            Ok(answer) => answer,
            Err(problem) => panic!("{name}: {problem}"),
        }
    }

    pub(crate) async fn refusal(&self, name: &str, args: Value) -> Problem {
        self.workbench.call(name, args).await.unwrap_err()
    }

    /// Waits until something is refused for this reason.
    pub(crate) async fn refused_at_last(&self, name: &str, args: Value, code: &str) {
        let started = Instant::now();
        let refused = async || {
            let answer = self.workbench.call(name, args.clone()).await;
            answer.is_err_and(|problem| problem.code == code)
        };
        while !refused().await {
            assert!(
                started.elapsed() < PATIENCE,
                "{name} is never refused with {code}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for something that the workbench tells, now or before.
    pub(crate) async fn hear(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            {
                let mut heard = self.heard.lock().unwrap();
                if let Some(place) = heard.iter().position(&wanted) {
                    return heard.remove(place);
                }
            }
            if started.elapsed() > PATIENCE {
                panic!("never heard {what}; heard {:#?}", self.heard.lock().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All that was told and not yet listened to.
    pub(crate) fn told(&self) -> String {
        format!("{:?}", self.heard.lock().unwrap())
    }

    /// Waits until a session stands so, and hands it back.
    pub(crate) async fn until(&self, session: &Value, state: &str) -> Value {
        let wanted = |event: &Value| {
            event["event"] == "session"
                && event["session"]["id"] == session["id"]
                && event["session"]["state"] == state
        };
        self.hear(state, wanted).await["session"].clone()
    }

    /// Connects a session again, up to where it is open. What was told of it before is forgotten.
    pub(crate) async fn reconnect(&self, session: &Value) -> Value {
        self.heard
            .lock()
            .unwrap()
            .retain(|event| event["session"]["id"] != session["id"] && event["event"] != "forward");
        self.call("session_reconnect", json!({"id": session["id"]})).await;
        self.until(session, "open").await
    }

    pub(crate) async fn question(&self, kind: &str) -> Value {
        let wanted = |event: &Value| event["event"] == "question" && event["ask"]["kind"] == kind;
        self.hear(&format!("the question {kind}"), wanted).await
    }

    pub(crate) async fn answer(&self, question: &Value, answer: Value) {
        self.call(
            "question_answer",
            json!({"question": question["question"], "answer": answer}),
        )
        .await;
    }

    /// Keeps a host that is a server of this test.
    pub(crate) async fn host(&self, name: &str, server: &Sshd, change: Value) -> Value {
        let mut settings = json!({"port": server.port(), "user": username().unwrap()});
        settings
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let host = json!({
            "group": null, "name": name, "protocol": "ssh", "address": "127.0.0.1", "tags": [], "note": "",
            "settings": settings, "forwards": [],
        });
        self.call("host_save", json!({ "host": host })).await
    }

    /// Saves a host that was changed.
    pub(crate) async fn save_again(&self, kept: &Value) {
        let mut host = kept.clone();
        let fields = host.as_object_mut().unwrap();
        for field in ["id", "last_connected_at", "os", "last_scan_at"] {
            fields.remove(field);
        }
        self.call("host_save", json!({"id": kept["id"], "host": host}))
            .await;
    }

    /// Opens a session to a server that is known, up to where it is open.
    pub(crate) async fn session(&self, server: &Sshd) -> Value {
        let session = self.call("session_open", json!({"quick": place(server)})).await;
        self.until(&session, "open").await
    }

    pub(crate) async fn terminal(&self, session: &Value) -> Screen {
        let opened = self
            .call(
                "terminal_open",
                json!({"session": session["id"], "cols": 80, "rows": 24}),
            )
            .await;
        let screen = Screen::default();
        let id: Id = opened["terminal"].as_str().unwrap().parse().unwrap();
        self.workbench.attach(id, Box::new(screen.clone())).unwrap();
        screen.0.lock().unwrap().terminal = opened["terminal"].clone();
        screen
    }

    pub(crate) async fn write(&self, screen: &Screen, text: &str) {
        self.call("terminal_write", json!({"terminal": screen.id(), "text": text}))
            .await;
    }
}

pub(crate) fn place(server: &Sshd) -> String {
    format!("{}@127.0.0.1:{}", username().unwrap(), server.port())
}

/// What a terminal shows.
#[derive(Clone, Default)]
pub(crate) struct Screen(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    terminal: Value,
    bytes: Vec<u8>,
    longest: usize,
    /// Where shells were lost.
    lost_at: Vec<usize>,
}

impl Output for Screen {
    fn write(&mut self, batch: &[u8]) -> bool {
        let mut shown = self.0.lock().unwrap();
        shown.bytes.extend_from_slice(batch);
        if batch.is_empty() {
            let at = shown.bytes.len();
            shown.lost_at.push(at);
        }
        shown.longest = shown.longest.max(batch.len());
        true
    }
}

impl Screen {
    pub(crate) fn id(&self) -> Value {
        self.0.lock().unwrap().terminal.clone()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap().bytes).into_owned()
    }

    pub(crate) fn length(&self) -> usize {
        self.0.lock().unwrap().bytes.len()
    }

    /// What was shown until each shell was lost.
    pub(crate) fn until_lost(&self) -> Vec<String> {
        let shown = self.0.lock().unwrap();
        let until = |at: &usize| String::from_utf8_lossy(&shown.bytes[..*at]).into_owned();
        shown.lost_at.iter().map(until).collect()
    }

    pub(crate) fn longest(&self) -> usize {
        self.0.lock().unwrap().longest
    }

    pub(crate) async fn shows(&self, wanted: &str) {
        let started = Instant::now();
        while !self.text().contains(wanted) {
            assert!(
                started.elapsed() < PATIENCE,
                "{wanted:?} is not in {:?}",
                self.text()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
