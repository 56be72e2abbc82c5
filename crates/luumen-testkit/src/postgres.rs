//! A PostgreSQL of one's own: a throw-away server on loopback, from the system's package, gone when dropped.
//!
//! Knows nothing of what is stored in it. A machine without PostgreSQL skips such tests, and says so.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User},
};
use tempfile::TempDir;

const START_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(5);

const CERTIFICATE: &str = "certificate.pem";

/// The role that owns everything in it.
const ROLE: &str = "luumen";

/// A running server. It trusts whoever reaches loopback and syncs nothing to disk: for tests only.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    bin: PathBuf,
    port: u16,
    databases: AtomicU32,
    // Removed after the server has ended: fields are dropped after `drop` has run.
    _dir: TempDir,
}

impl Postgres {
    /// Starts a server, or says that none is installed.
    ///
    /// # Panics
    /// If one is installed and does not start: PostgreSQL's half of a test must not vanish unseen.
    #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn start() -> Option<Self> {
        let Some(bin) = find_bin() else {
            eprintln!(
                "skipped on PostgreSQL: no /usr/lib/postgresql/*/bin/postgres (apt-get install postgresql)"
            );
            return None;
        };
        Some(Self::start_of(&bin, false))
    }

    /// Starts one that speaks TLS, with a certificate of its own for 127.0.0.1.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_with_tls() -> Option<Self> {
        Some(Self::start_of(&find_bin()?, true))
    }

    fn start_of(bin: &Path, tls: bool) -> Self {
        // Another program may take the port before PostgreSQL does.
        match start(bin, tls).or_else(|_| start(bin, tls)) {
            Ok(server) => server,
            Err(error) => panic!("PostgreSQL is installed and does not start: {error:#}"),
        }
    }

    /// The certificate of one that speaks TLS.
    pub fn certificate(&self) -> PathBuf {
        self._dir.path().join(CERTIFICATE)
    }

    /// Makes an empty database and answers its address.
    pub fn database(&self) -> anyhow::Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let mut createdb = Command::new(self.bin.join("createdb"));
        createdb.args([
            "--host",
            "127.0.0.1",
            "--username",
            ROLE,
            "--port",
            &self.port.to_string(),
            &name,
        ]);
        run(&mut createdb)?;
        Ok(format!("postgres://{ROLE}@127.0.0.1:{}/{name}", self.port))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).map(Pid::from_raw);
        // SIGINT is PostgreSQL's fast shutdown: it ends its own children and gives its shared memory back.
        if let Ok(pid) = pid {
            let _ = kill(pid, Signal::SIGINT);
        }
        let asked = Instant::now();
        while asked.elapsed() < STOP_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(bin: &Path, tls: bool) -> anyhow::Result<Postgres> {
    let account = account()?;
    let dir = tempfile::Builder::new().prefix("luumen-postgres-").tempdir()?;
    if let Some(account) = &account {
        chown(dir.path(), Some(account.uid.as_raw()), Some(account.gid.as_raw()))?;
    }
    let data = dir.path().join("data");
    let mut initdb = as_account(&bin.join("initdb"), account.as_ref(), dir.path());
    initdb
        .args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--username",
            ROLE,
            "--pgdata",
        ])
        .arg(&data);
    run(&mut initdb)?;
    let port = free_port()?;
    if tls {
        certify(account.as_ref(), dir.path())?;
    }
    let log = fs::File::create(dir.path().join("log"))?;
    let child = as_account(&bin.join("postgres"), account.as_ref(), dir.path())
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(dir.path())
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args([
            "-c",
            "fsync=off",
            "-c",
            "full_page_writes=off",
            "-c",
            "synchronous_commit=off",
        ])
        .args(["-c", "max_connections=60", "-c", "shared_buffers=64MB"])
        .args(["-c", if tls { "ssl=on" } else { "ssl=off" }])
        .args([
            "-c",
            "ssl_cert_file=../certificate.pem",
            "-c",
            "ssl_key_file=../key.pem",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("could not start postgres")?;
    let mut server = Postgres {
        child,
        bin: bin.to_owned(),
        port,
        databases: AtomicU32::new(0),
        _dir: dir,
    };
    server.wait_until_ready()?;
    Ok(server)
}

/// Makes key and certificate; PostgreSQL wants the key to be its account's alone.
fn certify(account: Option<&User>, dir: &Path) -> anyhow::Result<()> {
    let mut openssl = as_account(Path::new("openssl"), account, dir);
    openssl
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        // One that may sign others, as the system's settings would have it, is not taken for a server's.
        .args([
            "-config",
            "/dev/null",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", "key.pem", "-out", CERTIFICATE]);
    run(&mut openssl)
}

impl Postgres {
    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                let log = fs::read_to_string(self._dir.path().join("log")).unwrap_or_default();
                bail!("postgres ended with {status}: {log}");
            }
            let mut asked = Command::new(self.bin.join("pg_isready"));
            asked.args(["--host", "127.0.0.1", "--quiet", "--port", &self.port.to_string()]);
            if asked.status()?.success() {
                return Ok(());
            }
            ensure!(started.elapsed() < START_WITHIN, "postgres did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The newest installed server's programs.
fn find_bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let bins = versions.flatten().filter_map(|version| {
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        let bin = version.path().join("bin");
        bin.join("postgres").is_file().then_some((number, bin))
    });
    bins.max().map(|(_, bin)| bin)
}

/// PostgreSQL refuses to run as root; then it runs as the account of its package, or as nobody.
fn account() -> anyhow::Result<Option<User>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL does not run as root, and there is neither an account postgres nor nobody")
}

fn as_account(program: &Path, account: Option<&User>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    if let Some(account) = account {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not run {command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{command:?} ended with {}: {errors}",
        output.status
    );
    Ok(())
}
