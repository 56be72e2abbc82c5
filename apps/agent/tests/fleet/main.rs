//! The agent as people run it: the binary, real sshd, and a small peer for the API.
//!
//! Where sshd is not installed, the tests say so and end green.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod again;
mod api;
mod check;
mod login;
mod proxy;
mod silent;
mod way;

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use api::{API_KEY, Api};
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use serde_json::Value;

const PASSPHRASE: &str = "PLANTED-passphrase";
const PASSWORD: &str = "PLANTED-password";

/// An agent in a folder of its own.
struct Agent {
    dir: tempfile::TempDir,
}

impl Agent {
    fn new(api: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let user = username().unwrap();
        let config = format!(
            "luumen: {{api: {{key: '{API_KEY}', base_url: '{api}'}}}}\nlog_level: trace\nconnect_timeout_s: 5\njitter_s: 0\n\
             ssh: {{host_key_policy: tofu}}\n{more}\n\
             credentials:\n  good: {{username: '{user}', key_file: good, passphrase_file: passphrase}}\n  \
             bad: {{username: '{user}', key_file: bad}}\n  password: {{username: '{user}', env: PLANTED_PASSWORD}}\n"
        );
        let agent = Self { dir };
        agent.write("config.yaml", &config);
        agent.write("passphrase", &format!("{PASSPHRASE}\n"));
        agent
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luumen-agent"));
        command
            .args(args)
            .arg("--config")
            .arg(self.path("config.yaml"))
            .stdin(Stdio::null());
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("LUUMEN_") || name == "SSH_AUTH_SOCK")
        {
            command.env_remove(name);
        }
        command.env("PLANTED_PASSWORD", PASSWORD);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        no_secrets(&output.stdout);
        no_secrets(&output.stderr);
        output
    }

    /// Makes a run and gives the exit code and the document it printed.
    fn once(&self, args: &[&str]) -> (i32, Value) {
        let output = self.run(&[&["run", "--once", "--output", "json"], args].concat());
        let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().unwrap(), document)
    }

    /// The same with variables of the environment, which may hold secrets.
    fn once_with(&self, args: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
        let mut command = self.command(&[&["run", "--once", "--output", "json"], args].concat());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        no_secrets(&output.stdout);
        no_secrets(&output.stderr);
        let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().unwrap(), document)
    }

    fn logs(&self) -> String {
        let files = fs::read_dir(self.path("log")).unwrap();
        files
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
            .collect()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.path("log").exists() {
            no_secrets(self.logs().as_bytes());
        }
    }
}

#[track_caller]
fn no_secrets(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(!text.contains("PLANTED-"), "a planted secret was said: {text}");
}

/// Two keys: one that the servers accept, locked by a passphrase, and one that they do not.
struct Keys {
    good: KeyFile,
    bad: KeyFile,
}

impl Keys {
    fn new() -> Self {
        let good = KeyFile::generate_with("ed25519", PASSPHRASE, &["-a", "1"]).unwrap();
        Self {
            good,
            bad: KeyFile::generate("ed25519").unwrap(),
        }
    }

    fn give(&self, agent: &Agent) {
        self.good.copy_to(agent.dir.path(), "good").unwrap();
        self.bad.copy_to(agent.dir.path(), "bad").unwrap();
    }

    fn server(&self) -> Option<Sshd> {
        Sshd::builder().authorize(&self.good).start().unwrap()
    }
}

/// An agent with a host `db` that lets it in, and an API that tells of it.
struct Ready {
    keys: Keys,
    server: Sshd,
    api: Api,
    agent: Agent,
}

impl Ready {
    fn new() -> Option<Self> {
        let keys = Keys::new();
        let server = keys.server()?;
        let api = Api::start().unwrap();
        api.host("db", server.port(), "good");
        let agent = Agent::new(&api.base_url, "");
        keys.give(&agent);
        Some(Self {
            keys,
            server,
            api,
            agent,
        })
    }
}

/// A listener that takes connections, counts them and says nothing.
fn silent_host() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            seen.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
        }
    });
    (port, count)
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn code(document: &Value, name: &str) -> String {
    let host = document["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|host| host["name"] == name)
        .unwrap();
    match host["error"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => host["outcome"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn every_host_of_a_mixed_fleet_ends_with_its_own_result() {
    let keys = Keys::new();
    let servers: Vec<Option<Sshd>> = (0..3).map(|_| keys.server()).collect();
    let Some(servers) = servers.into_iter().collect::<Option<Vec<_>>>() else {
        return;
    };
    let api = Api::start().unwrap();
    for (number, server) in servers.iter().enumerate() {
        api.host(&format!("good-{number}"), server.port(), "good");
    }
    let wrong_key = keys.server().unwrap();
    api.host("wrong-key", wrong_key.port(), "bad");
    api.host("closed", closed_port(), "good");
    api.host("silent", silent_host().0, "good");
    api.host("stranger", 22, "unheard-of");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);

    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 3, "{document:#}");
    for number in 0..3 {
        let outcome = code(&document, &format!("good-{number}"));
        assert!(
            ["complete", "partial"].contains(&outcome.as_str()),
            "{document:#}"
        );
    }
    assert_eq!(code(&document, "wrong-key"), "LUM-SSH-AUTH");
    assert_eq!(code(&document, "closed"), "LUM-CONNECT");
    assert_eq!(code(&document, "silent"), "LUM-CONNECT-TIMEOUT");
    assert_eq!(code(&document, "stranger"), "LUM-CREDENTIAL-UNKNOWN");
    let first_bytes = std::mem::take(&mut api.told.lock().unwrap().body_bytes);
    assert_eq!(
        api.told.lock().unwrap().reports.len(),
        7,
        "every host is reported"
    );
    assert_eq!((api.calls("/finish"), api.calls("heartbeat")), (1, 1));
    let beat = api.told.lock().unwrap().beats[0].clone();
    assert_eq!(beat.interval_s, None, "the schedule is the API's");

    let (exit, _) = agent.once(&["--host", "good-0", "--host", "good-1", "--host", "good-2"]);
    assert_eq!(exit, 0);
    let told = api.told.lock().unwrap();
    println!(
        "first run {first_bytes} bytes, second run {} bytes",
        told.body_bytes
    );
    assert!(
        told.body_bytes * 3 < first_bytes,
        "{} of {first_bytes}",
        told.body_bytes
    );
    let second = &told.reports["good-0"][1];
    let sent = second
        .snapshot
        .as_ref()
        .unwrap()
        .sections
        .iter()
        .filter(|(_, record)| record.data.is_some());
    let sent: Vec<String> = sent.map(|(kind, _)| kind.to_string()).collect();
    assert!(sent.len() <= 4, "sent again: {sent:?}");
}

#[test]
fn a_changed_host_key_stops_us_before_anything_is_said() {
    let Some(Ready {
        keys: _keys,
        server,
        api: _api,
        agent,
    }) = Ready::new()
    else {
        return;
    };
    let other = KeyFile::generate("ed25519").unwrap();
    agent.write(
        "known_hosts",
        &format!("[127.0.0.1]:{} {}\n", server.port(), other.public_key()),
    );
    let (exit, document) = agent.once(&[]);
    assert_eq!((exit, code(&document, "db").as_str()), (4, "LUM-SSH-HOSTKEY"));
    let message = document["hosts"][0]["error"]["message"].as_str().unwrap();
    assert!(message.contains(&other.fingerprint().unwrap()), "{message}");
    let log = server.log();
    assert!(!log.contains("Accepted") && !log.contains("publickey"), "{log}");
}

#[test]
fn a_run_that_cannot_begin_is_not_begun_at_the_api() {
    let Some(ready) = Ready::new() else {
        return;
    };
    // Root reads every file; a folder in its place nobody does.
    fs::remove_file(ready.agent.path("known_hosts")).ok();
    fs::create_dir(ready.agent.path("known_hosts")).unwrap();
    let run = ready.agent.run(&["run", "--once"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert_eq!(ready.api.calls("/agent/runs"), 0);
}

#[test]
fn an_unknown_host_is_accepted_by_fingerprint_and_revoked() {
    let keys = Keys::new();
    let host_key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder()
        .authorize(&keys.good)
        .host_key(host_key.clone())
        .start()
        .unwrap()
    else {
        return;
    };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    // Before any run: the name is asked of the API, and is no address.
    let wrong = agent.run(&["hostkeys", "accept", "db", "--fingerprint", "SHA256:wrong"]);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let shown = format!("{} shows ", server.port());
    assert!(
        String::from_utf8_lossy(&wrong.stdout).contains(&shown),
        "{wrong:?}"
    );

    let strict = ["--set", "ssh.host_key_policy=strict"];
    let (exit, document) = agent.once(&strict);
    assert_eq!(
        (exit, code(&document, "db").as_str()),
        (4, "LUM-SSH-HOSTKEY-UNKNOWN")
    );

    let fingerprint = host_key.fingerprint().unwrap();
    let right = agent.run(&["hostkeys", "accept", "db", "--fingerprint", &fingerprint]);
    assert_eq!(right.status.code(), Some(0), "{right:?}");
    let list = agent.run(&["hostkeys", "list"]);
    assert!(
        String::from_utf8_lossy(&list.stdout).contains(&fingerprint),
        "{list:?}"
    );
    assert_eq!(agent.once(&strict).0, 0);

    let place = format!("127.0.0.1:{}", server.port());
    let revoked = agent.run(&["hostkeys", "revoke", &place]);
    assert_eq!(revoked.status.code(), Some(0));
    assert!(
        String::from_utf8_lossy(&revoked.stdout).contains("Revoked 1 key of"),
        "{revoked:?}"
    );
    let (_, document) = agent.once(&strict);
    assert_eq!(code(&document, "db"), "LUM-SSH-HOSTKEY-REVOKED");
    assert_eq!(agent.run(&["hostkeys", "revoke", &place]).status.code(), Some(1));
}

#[test]
fn a_key_is_replaced_and_revoked_in_lines_that_hosts_share() {
    let Some(ready) = Ready::new() else {
        return;
    };
    let (server, agent) = (&ready.server, &ready.agent);
    let [old, shared] = [(); 2].map(|()| KeyFile::generate("ed25519").unwrap().public_key());
    let place = format!("[127.0.0.1]:{}", server.port());
    agent.write("known_hosts", &format!("{place} {old}\n{place},db-9 {shared}\n"));
    let word = format!("127.0.0.1:{}", server.port());
    let accept = ["hostkeys", "accept", &word, "--yes"];
    assert_eq!(agent.run(&accept).status.code(), Some(1), "not without --replace");
    let replaced = agent.run(&[&accept[..], &["--replace"]].concat());
    assert_eq!(replaced.status.code(), Some(0), "{replaced:?}");
    let known = fs::read_to_string(agent.path("known_hosts")).unwrap();
    assert_eq!(known, format!("db-9 {shared}\n{}", server.known_hosts().unwrap()));
    assert_eq!(agent.once(&["--set", "ssh.host_key_policy=strict"]).0, 0);

    let own = server.known_hosts().unwrap();
    agent.write("known_hosts", &own.replacen(' ', ",web-1 ", 1));
    let revoke = agent.run(&["hostkeys", "revoke", &word]);
    assert_eq!(revoke.status.code(), Some(0), "{revoke:?}");
    let (_, document) = agent.once(&["--set", "ssh.host_key_policy=strict"]);
    assert_eq!(code(&document, "db"), "LUM-SSH-HOSTKEY-REVOKED");
}

#[test]
fn a_wrong_password_is_not_tried_on_the_whole_fleet() {
    let keys = Keys::new();
    let servers: Vec<Option<Sshd>> = (0..4)
        .map(|_| {
            Sshd::builder()
                .config("PasswordAuthentication yes")
                .start()
                .unwrap()
        })
        .collect();
    let Some(servers) = servers.into_iter().collect::<Option<Vec<_>>>() else {
        return;
    };
    let api = Api::start().unwrap();
    for (number, server) in servers.iter().enumerate() {
        api.host(&format!("h{number}"), server.port(), "password");
    }
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 4);
    let codes: Vec<String> = (0..4)
        .map(|number| code(&document, &format!("h{number}")))
        .collect();
    assert_eq!(
        codes.iter().filter(|code| *code == "LUM-SSH-AUTH").count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| *code == "LUM-LOGIN-GUARD").count(),
        3,
        "{codes:?}"
    );
    let knocked = servers
        .iter()
        .filter(|server| server.log().contains("Failed password"))
        .count();
    assert_eq!(knocked, 1);
}

#[test]
fn a_host_that_takes_keys_alone_does_not_stop_those_that_take_passwords() {
    let keys = Keys::new();
    let servers: Vec<Option<Sshd>> = (0..3).map(|_| Sshd::builder().start().unwrap()).collect();
    let Some(servers) = servers.into_iter().collect::<Option<Vec<_>>>() else {
        return;
    };
    let api = Api::start().unwrap();
    for (number, server) in servers.iter().enumerate() {
        api.host(&format!("h{number}"), server.port(), "password");
    }
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 4);
    for number in 0..3 {
        let code = code(&document, &format!("h{number}"));
        assert_eq!(code, "LUM-SSH-AUTH", "{document:#}");
    }
}

#[test]
fn a_dry_run_contacts_no_host() {
    let api = Api::start().unwrap();
    let (port, knocks) = silent_host();
    api.host("silent", port, "good");
    api.host("stranger", 22, "unheard-of");
    let agent = Agent::new(&api.base_url, "");
    Keys::new().give(&agent);
    let (exit, document) = agent.once(&["--dry-run"]);
    assert_eq!(exit, 0);
    assert_eq!(document["hosts"][0]["would_visit"], true);
    assert_eq!(document["hosts"][1]["error"]["code"], "LUM-CREDENTIAL-UNKNOWN");
    assert!(document["commands"].as_array().unwrap().len() > 10);
    let text = agent.run(&["run", "--once", "--dry-run"]);
    assert!(
        String::from_utf8_lossy(&text.stdout).contains("visit  silent"),
        "{text:?}"
    );
    assert_eq!(knocks.load(Ordering::SeqCst), 0);
    assert_eq!(api.calls("/runs/"), 0, "and no run began");
}

#[test]
fn times_of_ones_own_are_told_to_the_api() {
    let api = Api::start().unwrap();
    let agent = Agent::new(&api.base_url, "schedule:\n  interval_s: 86400\n  polling_s: 1800");
    Keys::new().give(&agent);
    assert_eq!(agent.once(&[]).0, 0);
    let beat = &api.told.lock().unwrap().beats[0];
    assert_eq!((beat.interval_s, beat.polling_s), (Some(86_400), Some(1800)));
}

#[test]
fn the_exit_code_says_what_went_wrong() {
    let api = Api::start().unwrap();
    let agent = Agent::new(&api.base_url, "");
    Keys::new().give(&agent);
    assert_eq!(
        agent.run(&["run", "--once"]).status.code(),
        Some(0),
        "no hosts, no trouble"
    );
    let refused = agent
        .command(&["run", "--once"])
        .env("LUUMEN_API_KEY", "lum_other")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("LUM-API-UNAUTHENTICATED"));
    let service = agent
        .command(&["run"])
        .env("LUUMEN_API_KEY", "lum_other")
        .output()
        .unwrap();
    assert_eq!(service.status.code(), Some(2), "{service:?}");

    let config = agent.run(&["run", "--once", "--set", "concurency=1", "--set", "jitter_s=x"]);
    assert_eq!(config.status.code(), Some(1));
    let said = String::from_utf8_lossy(&config.stderr);
    assert!(
        said.contains("2 faults") && said.contains("did you mean concurrency?"),
        "{said}"
    );
    assert_eq!(
        agent.run(&["run", "--once", "--host", "nobody"]).status.code(),
        Some(1)
    );
    assert_eq!(agent.run(&["fly"]).status.code(), Some(1));

    fs::set_permissions(agent.path("bad"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = agent.run(&["run", "--once"]);
    assert_eq!(open.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&open.stderr).contains("credentials.bad.key_file"),
        "{open:?}"
    );
}

#[test]
fn an_api_that_is_down_means_try_later() {
    let nobody = format!("http://127.0.0.1:{}", closed_port());
    let agent = Agent::new(&nobody, "");
    Keys::new().give(&agent);
    let output = agent.run(&["run", "--once"]);
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("LUM-API-UNREACHABLE"));
}

#[test]
fn the_service_runs_at_once_and_ends_politely() {
    let Some(Ready {
        keys: _keys,
        server: _server,
        api,
        agent,
    }) = Ready::new()
    else {
        return;
    };
    let mut service = agent.command(&["run"]).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("a report", || api.told.lock().unwrap().reports.contains_key("db"));
    wait_until("the end of the run", || api.calls("/finish") == 1);
    let kill = Command::new("kill")
        .args(["-TERM", &service.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let mut said = String::new();
    service.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(service.wait().unwrap().code(), Some(0), "{said}");
    no_secrets(said.as_bytes());
    assert!(said.contains("The service ended"), "{said}");
}

#[test]
fn a_service_that_is_stopped_reports_what_it_has() {
    let keys = Keys::new();
    let Some(server) = keys.server() else { return };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    api.host("silent", silent_host().0, "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let service = agent
        .command(&["run", "--set", "connect_timeout_s=300"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("a report", || api.told.lock().unwrap().reports.contains_key("db"));
    let began = Instant::now();
    Command::new("kill")
        .args(["-TERM", &service.id().to_string()])
        .status()
        .unwrap();
    let mut service = service;
    assert_eq!(service.wait().unwrap().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20));
    let told = api.told.lock().unwrap();
    let silent = told.reports["silent"][0].error.as_ref().unwrap();
    assert_eq!(silent.code, "LUM-CANCELLED");
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "waited in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_compiled_in_can_be_seen_without_a_configuration() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_luumen-agent"))
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["version"]).starts_with("luumen-agent "));
    let version: Value = serde_json::from_str(&run(&["version", "--json"])).unwrap();
    assert_eq!(version["snapshot_schema"], "luumen.snapshot/1");
    assert!(run(&["commands"]).lines().count() > 20);
    assert!(
        serde_json::from_str::<Value>(&run(&["commands", "--json"]))
            .unwrap()
            .as_array()
            .unwrap()
            .len()
            > 10
    );
    assert!(
        run(&["sudoers", "--tier", "standard", "--user", "scan"]).contains("scan ALL=(root) NOPASSWD: /")
    );
    let schema: Value = serde_json::from_str(&run(&["schema"])).unwrap();
    assert!(schema.is_object());
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(docs.join("commands.md"), run(&["commands", "--markdown"])).unwrap();
        fs::write(docs.join("snapshot.schema.json"), run(&["schema"])).unwrap();
    }
}
