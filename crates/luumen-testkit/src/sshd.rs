//! Throw-away SSH servers: the real `sshd`, on loopback, with keys and settings of its own.
//!
//! Needs no root and touches nothing outside a temporary directory (as root, `sshd` insists on
//! `/run/sshd`, which is made if missing). Where `sshd` is not installed, [`SshdBuilder::start`] says so
//! and returns `None`, and the test ends green. It knows nothing of Luumen's own transport.
#![allow(
    clippy::print_stderr,
    reason = "a skipped test has to say so where people read test output"
)]

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;

const START_WITHIN: Duration = Duration::from_secs(60);
const PORT_TRIES: usize = 5;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Sshd {
    child: Child,
    port: u16,
    // Last, so that the files outlive the process.
    dir: TempDir,
}

/// How the server shall be.
#[derive(Debug)]
pub struct SshdBuilder {
    lines: Vec<String>,
    authorized: Vec<String>,
    host_keys: Vec<KeyFile>,
}

/// The account that the server lets in: the one the test runs as.
pub fn username() -> anyhow::Result<String> {
    let uid = nix::unistd::getuid();
    let user = nix::unistd::User::from_uid(uid)?.with_context(|| format!("no account has the id {uid}"))?;
    Ok(user.name)
}

/// Finds a program where it usually lies, also outside of `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(usual)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

impl Sshd {
    /// A server with an Ed25519 host key that lets nobody in yet.
    pub fn builder() -> SshdBuilder {
        SshdBuilder {
            lines: Vec::new(),
            authorized: Vec::new(),
            host_keys: Vec::new(),
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// The server's own directory, for files that shall vanish with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// `[127.0.0.1]:port ssh-ed25519 AAAA…` for each host key.
    pub fn known_hosts(&self) -> anyhow::Result<String> {
        let mut lines = String::new();
        for number in 0.. {
            let Ok(public) = fs::read_to_string(self.dir.path().join(format!("host_key_{number}.pub")))
            else {
                break;
            };
            let key: Vec<&str> = public.split_whitespace().take(2).collect();
            lines.push_str(&format!("[127.0.0.1]:{} {}\n", self.port, key.join(" ")));
        }
        ensure!(!lines.is_empty(), "the server has no host key");
        Ok(lines)
    }
}

impl Sshd {
    /// Ends the server and every connection to it, as a machine does that goes down.
    pub fn stop(&mut self) {
        let descendants = descendants(self.child.id());
        // It may have ended by itself; either way it must not become a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in descendants {
            // One that ended with its parent needs no signal.
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), nix::sys::signal::SIGKILL);
        }
    }

    /// Starts it again after [`Sshd::stop`], with the same keys on the same port.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        let sshd = find_program("sshd").context("sshd is gone")?;
        let log = fs::File::create(self.dir.path().join("log"))?;
        self.child = spawn(&sshd, &self.dir.path().join("sshd_config"), log)?;
        self.wait_until_ready()
    }
}

fn spawn(sshd: &Path, config: &Path, log: fs::File) -> anyhow::Result<Child> {
    let mut command = Command::new(sshd);
    command
        .args(["-D", "-e", "-f"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    command.spawn().context("could not start sshd")
}

/// Every process below one, by `/proc`; none where there is no `/proc`.
fn descendants(of: u32) -> Vec<i32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let parent = |entry: fs::DirEntry| {
        let process: i32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name of the program is in brackets and may hold anything.
        let parent: i32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((process, parent))
    };
    let all: Vec<(i32, i32)> = processes.flatten().filter_map(parent).collect();
    let mut below: Vec<i32> = i32::try_from(of).into_iter().collect();
    let mut next = 0;
    while let Some(parent) = below.get(next).copied() {
        next += 1;
        below.extend(
            all.iter()
                .filter(|(_, of)| *of == parent)
                .map(|(process, _)| *process),
        );
    }
    below.split_off(1.min(below.len()))
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must not become a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl SshdBuilder {
    /// Adds a line of `sshd_config`. The first line for a keyword wins, and these come first.
    pub fn config(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Lets the owner of a key in.
    pub fn authorize(mut self, key: &KeyFile) -> Self {
        self.authorized.push(key.public.clone());
        self
    }

    /// Adds a line of `authorized_keys` as it stands.
    pub fn authorize_line(mut self, line: impl Into<String>) -> Self {
        self.authorized.push(line.into());
        self
    }

    /// Adds a host key; without one, an Ed25519 key is made.
    pub fn host_key(mut self, key: KeyFile) -> Self {
        self.host_keys.push(key);
        self
    }

    /// Starts the server, or says why the test is skipped.
    pub fn start(mut self) -> anyhow::Result<Option<Sshd>> {
        let (Some(sshd), Some(_)) = (find_program("sshd"), find_program("ssh-keygen")) else {
            eprintln!("skipped: sshd or ssh-keygen is not installed (Debian: apt install openssh-server)");
            return Ok(None);
        };
        if self.host_keys.is_empty() {
            self.host_keys.push(KeyFile::generate("ed25519")?);
        }
        if nix::unistd::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").context("sshd wants /run/sshd when it runs as root")?;
        }
        let mut last = anyhow::anyhow!("never tried");
        for _ in 0..PORT_TRIES {
            // Between here and the start another process may take the port; then the next one is tried.
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            match self.start_on(&sshd, port) {
                Ok(server) => return Ok(Some(server)),
                Err(error) if format!("{error:#}").contains("Address already in use") => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn start_on(&self, sshd: &Path, port: u16) -> anyhow::Result<Sshd> {
        let dir = tempfile::Builder::new().prefix("luumen-sshd-").tempdir()?;
        let config = dir.path().join("sshd_config");
        fs::write(&config, self.config_text(dir.path(), port)?)?;
        let log = fs::File::create(dir.path().join("log"))?;
        let child = spawn(sshd, &config, log)?;
        let mut server = Sshd { child, port, dir };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn config_text(&self, dir: &Path, port: u16) -> anyhow::Result<String> {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        for (number, key) in self.host_keys.iter().enumerate() {
            let file = key.copy_to(dir, &format!("host_key_{number}"))?;
            text.push_str(&format!("HostKey {}\n", file.display()));
            if let Some(certificate) = &key.certificate {
                let file = dir.join(format!("host_key_{number}-cert.pub"));
                fs::write(&file, certificate)?;
                text.push_str(&format!("HostCertificate {}\n", file.display()));
            }
        }
        // The dotfiles of whoever runs the tests may take their time, and locks, in each shell.
        let home = dir.join("home");
        fs::create_dir(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755))?;
        let authorized = dir.join("authorized_keys");
        fs::write(&authorized, self.authorized.join("\n") + "\n")?;
        text.push_str(&format!(
            "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nAuthorizedKeysFile {}\n\
             UsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nMaxStartups 500\nMaxSessions 100\nUseDNS no\n\
             PrintMotd no\nLogLevel VERBOSE\nSubsystem sftp internal-sftp\nSetEnv HOME={}\n",
            authorized.display(),
            home.display()
        ));
        Ok(text)
    }
}

impl Sshd {
    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let log = self.log();
            // Another server may listen on the same port of ::; only our own address counts.
            if log.contains("Server listening on 127.0.0.1") {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("sshd ended with {status}: {log}");
            }
            ensure!(
                started.elapsed() < START_WITHIN,
                "sshd did not start within {START_WITHIN:?}: {log}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A key pair made by `ssh-keygen`, kept as texts.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// The private key's file.
    pub private: String,
    /// The line of the `.pub` file.
    pub public: String,
    /// The line of the `-cert.pub` file, once an authority has signed.
    pub certificate: Option<String>,
}

impl KeyFile {
    /// A key without passphrase: `ed25519`, `ecdsa-256`, `ecdsa-384`, `ecdsa-521`, `rsa-2048`, …
    pub fn generate(kind: &str) -> anyhow::Result<Self> {
        Self::generate_with(kind, "", &[])
    }

    /// The same with a passphrase and further arguments of `ssh-keygen`, as `-m PEM`.
    pub fn generate_with(kind: &str, passphrase: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("key");
        let (kind, bits) = kind
            .split_once('-')
            .map_or((kind, None), |(kind, bits)| (kind, Some(bits)));
        let mut command = Command::new("ssh-keygen");
        command
            .args(["-q", "-t", kind, "-N", passphrase, "-C", "luumen-test", "-f"])
            .arg(&file)
            .args(arguments);
        if let Some(bits) = bits {
            command.args(["-b", bits]);
        }
        run(&mut command)?;
        let public = fs::read_to_string(file.with_extension("pub"))?.trim().to_owned();
        Ok(Self {
            private: fs::read_to_string(&file)?,
            public,
            certificate: None,
        })
    }

    /// Has an authority sign this key. `arguments` are those of `ssh-keygen -s`: `-h`, `-n`, `-V`, ….
    pub fn signed_by(mut self, authority: &KeyFile, arguments: &[&str]) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let authority = authority.copy_to(dir.path(), "authority")?;
        let file = self.copy_to(dir.path(), "key")?;
        let public = file.with_extension("pub");
        run(Command::new("ssh-keygen")
            .args(["-q", "-I", "luumen-test", "-s"])
            .arg(authority)
            .args(arguments)
            .arg(&public))?;
        self.certificate = Some(
            fs::read_to_string(dir.path().join("key-cert.pub"))?
                .trim()
                .to_owned(),
        );
        Ok(self)
    }

    /// Writes the pair as `name` and `name.pub`, readable for the owner only.
    pub fn copy_to(&self, dir: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let file = dir.join(name);
        fs::File::create(&file)?.write_all(self.private.as_bytes())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        fs::write(file.with_extension("pub"), format!("{}\n", self.public))?;
        Ok(file)
    }

    /// `ssh-ed25519 AAAA…`, without the comment.
    pub fn public_key(&self) -> String {
        self.public
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        let dir = tempfile::tempdir()?;
        let file = self.copy_to(dir.path(), "key")?;
        let printed = run(Command::new("ssh-keygen")
            .arg("-lf")
            .arg(file.with_extension("pub")))?;
        printed
            .split_whitespace()
            .nth(1)
            .map(str::to_owned)
            .context("ssh-keygen printed no fingerprint")
    }
}

/// An ssh-agent of its own. Dropping it ends it.
#[derive(Debug)]
pub struct SshAgent {
    child: Child,
    socket: PathBuf,
    _dir: TempDir,
}

impl SshAgent {
    /// Starts an agent without keys, or says why the test is skipped.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let (Some(program), Some(_)) = (find_program("ssh-agent"), find_program("ssh-add")) else {
            eprintln!("skipped: ssh-agent or ssh-add is not installed (Debian: apt install openssh-client)");
            return Ok(None);
        };
        let dir = tempfile::Builder::new().prefix("luumen-agent-").tempdir()?;
        let socket = dir.path().join("socket");
        let child = Command::new(program)
            .args(["-D", "-a"])
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let agent = Self {
            child,
            socket,
            _dir: dir,
        };
        let started = Instant::now();
        while !agent.socket.exists() {
            ensure!(started.elapsed() < START_WITHIN, "ssh-agent did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Some(agent))
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Gives it a key, with its certificate if there is one.
    pub fn add(&self, key: &KeyFile) -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let file = key.copy_to(dir.path(), "key")?;
        if let Some(certificate) = &key.certificate {
            fs::write(dir.path().join("key-cert.pub"), format!("{certificate}\n"))?;
        }
        run(Command::new("ssh-add")
            .arg("-q")
            .arg(file)
            .env("SSH_AUTH_SOCK", &self.socket))
        .map(drop)
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must not become a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> anyhow::Result<String> {
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
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
