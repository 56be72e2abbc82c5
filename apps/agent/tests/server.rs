//! The agent with the real server: what it reports is what the API shows.
//!
//! Needs `luumen-server` beside the agent's binary and sshd; where one is missing, the test says so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise, and say so when they are skipped"
)]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use luumen_testkit::sshd::{KeyFile, Sshd, username};
use serde_json::Value;

struct Server {
    binary: PathBuf,
    database: String,
    address: String,
    child: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Server {
    fn find(dir: &Path) -> Option<Self> {
        let binary = Path::new(env!("CARGO_BIN_EXE_luumen-agent")).with_file_name("luumen-server");
        if !binary.is_file() {
            eprintln!(
                "skipped: {} is not built (cargo build -p luumen-server)",
                binary.display()
            );
            return None;
        }
        let database = format!("sqlite://{}", dir.join("luumen.db").display());
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Some(Self {
            binary,
            database,
            address: format!("127.0.0.1:{port}"),
            child: None,
        })
    }

    /// Runs a command of the server and gives what it printed.
    fn admin(&self, args: &[&str]) -> String {
        let output = Command::new(&self.binary)
            .args(args)
            .args(["--database", &self.database])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn start(&mut self, log: fs::File) {
        let url = format!("http://{}", self.address);
        let child = Command::new(&self.binary)
            .args([
                "serve",
                "--database",
                &self.database,
                "--listen",
                &self.address,
                "--public-url",
                &url,
            ])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.child = Some(child.unwrap());
        let began = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the server did not start"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A GET as simple as can be: HTTP/1.0, so that the answer ends with the connection.
    fn get(&self, path: &str, key: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET /api/v1{path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {key}\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{head}\n{body}"))
    }
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn what_the_agent_reports_is_what_the_api_shows() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut server) = Server::find(dir.path()) else {
        return;
    };
    let (key, bad) = (
        KeyFile::generate("ed25519").unwrap(),
        KeyFile::generate("ed25519").unwrap(),
    );
    let servers: Vec<Option<Sshd>> = (0..4)
        .map(|_| Sshd::builder().authorize(&key).start().unwrap())
        .collect();
    let Some(hosts) = servers.into_iter().collect::<Option<Vec<_>>>() else {
        return;
    };
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();

    let mut csv = "name,address,port,username,credential,tags\n".to_owned();
    for (number, host) in hosts.iter().enumerate() {
        let credential = if number == 3 { "bad" } else { "good" };
        csv.push_str(&format!("h{number},127.0.0.1,{},,{credential},\n", host.port()));
    }
    csv.push_str(&format!("closed,127.0.0.1,{closed},,good,\n"));
    csv.push_str(&format!(
        "silent,127.0.0.1,{},,good,\n",
        silent.local_addr().unwrap().port()
    ));
    fs::write(dir.path().join("hosts.csv"), csv).unwrap();

    server.admin(&[
        "admin",
        "create",
        "--email",
        "a@example.com",
        "--name",
        "A",
        "--workspace",
        "Test",
    ]);
    server.admin(&[
        "hosts",
        "import",
        "--workspace",
        "Test",
        dir.path().join("hosts.csv").to_str().unwrap(),
    ]);
    let agent_key = server.admin(&[
        "api-key",
        "create",
        "--workspace",
        "Test",
        "--name",
        "agent",
        "--scope",
        "agent",
    ]);
    let reader_key = server.admin(&[
        "api-key",
        "create",
        "--workspace",
        "Test",
        "--name",
        "r",
        "--scope",
        "read",
    ]);
    server.start(fs::File::create(dir.path().join("server.log")).unwrap());

    key.copy_to(dir.path(), "good").unwrap();
    bad.copy_to(dir.path(), "bad").unwrap();
    let user = username().unwrap();
    private(
        &dir.path().join("config.yaml"),
        &format!(
            "luumen: {{api: {{key: '{agent_key}', base_url: 'http://{}'}}}}\nconnect_timeout_s: 5\n\
             ssh: {{host_key_policy: tofu}}\ncredentials:\n  good: {{username: '{user}', key_file: good}}\n  \
             bad: {{username: '{user}', key_file: bad}}\n",
            server.address
        ),
    );
    let run = || -> Output {
        Command::new(env!("CARGO_BIN_EXE_luumen-agent"))
            .args(["run", "--once", "--output", "json", "--config"])
            .arg(dir.path().join("config.yaml"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let first = run();
    let server_log = || fs::read_to_string(dir.path().join("server.log")).unwrap();
    assert_eq!(first.status.code(), Some(3), "{first:?}\n{}", server_log());
    let listed = server.get("/hosts?limit=100", &reader_key);
    let host = |name: &str| {
        let hosts = listed["items"].as_array().expect("hosts");
        hosts
            .iter()
            .find(|host| host["name"] == name)
            .expect(name)
            .clone()
    };
    for name in ["h0", "h1", "h2"] {
        assert!(
            host(name)["package_count"]
                .as_i64()
                .is_some_and(|count| count > 0),
            "{}",
            host(name)
        );
        assert!(host(name)["os_name"].is_string(), "{}", host(name));
    }
    assert_eq!(host("h3")["last_error"]["code"], "LUM-SSH-AUTH");
    assert_eq!(host("closed")["last_error"]["code"], "LUM-CONNECT");
    assert_eq!(host("silent")["last_error"]["code"], "LUM-CONNECT-TIMEOUT");

    let second = run();
    let (first, second) = (bytes(&first), bytes(&second));
    println!("reports of one unchanged host: first {first} bytes, second {second} bytes");
    assert!(
        second * 2 < first,
        "the second report sends hashes: {second} of {first}"
    );
    assert!(!server_log().contains(&agent_key));
}

/// What the reports of a run had in bytes.
fn bytes(output: &Output) -> u64 {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let hosts = document["hosts"].as_array().unwrap();
    hosts
        .iter()
        .filter_map(|host| host["report"]["body_bytes"].as_u64())
        .sum()
}
