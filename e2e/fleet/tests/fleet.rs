//! The whole Enterprise path over forty real hosts: sshd → agent → server → API.
//!
//! Needs root, the host launcher of the shared tools and its cached roots; says so and passes
//! when they are not there. Every host must be collected, and its package list must be exactly
//! what `dpkg-query` or `rpm` says about that root.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use luumen_api::{hosts::HostList, snapshots::SnapshotDocument};
use luumen_model::{PackageManager, Packages};

const HOSTS: usize = 40;
const PORT: &str = "2622";

/// Hosts and server end with the test, also when it fails.
struct Fleet {
    launcher: PathBuf,
    hosts_dir: PathBuf,
    server: Option<Child>,
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
        let _ = Command::new("bash")
            .arg(&self.launcher)
            .arg("down")
            .env("LUUMEN_HOSTS_DIR", &self.hosts_dir)
            .output();
    }
}

struct HostLine {
    name: String,
    address: String,
    port: String,
    root: String,
}

#[tokio::test]
async fn forty_hosts_are_collected_and_their_packages_are_right() -> Result<()> {
    let Some((launcher, roots)) = find_hosts() else {
        println!(
            "skipped: needs root, ssh-hosts/hosts.sh under LUUMEN_SHARED and its roots (hosts.sh roots)"
        );
        return Ok(());
    };
    let dir = tempfile::tempdir()?;
    // A state folder of our own, the roots shared: another launcher on this machine is not disturbed.
    let hosts_dir = dir.path().join("hosts");
    fs::create_dir_all(&hosts_dir)?;
    std::os::unix::fs::symlink(&roots, hosts_dir.join("rootfs"))?;
    let state = hosts_dir.join("state");
    fs::create_dir_all(&state)?;
    for key in ["id_ed25519", "id_ed25519.pub", "id_rsa", "id_rsa.pub"] {
        fs::copy(
            roots.parent().context("roots folder")?.join("state").join(key),
            state.join(key),
        )?;
    }
    let mut fleet = Fleet {
        launcher: launcher.clone(),
        hosts_dir: hosts_dir.clone(),
        server: None,
    };
    run(Command::new("bash")
        .arg(&launcher)
        .args(["up", &HOSTS.to_string(), PORT])
        .env("LUUMEN_HOSTS_DIR", &hosts_dir))?;
    let inventory = read_inventory(&state.join("inventory"))?;
    ensure!(inventory.len() == HOSTS, "{} hosts came up", inventory.len());

    let base = start_server(&mut fleet, dir.path()).await?;
    let read_key = enrol(dir.path(), &base, &inventory)?;
    write_agent_config(dir.path(), &base, &state)?;
    let agent = Command::new(binary("luumen-agent")?)
        .args([
            "--config",
            path_text(&dir.path().join("config.yaml")),
            "run",
            "--once",
        ])
        .env("LUUMEN_API_KEY_FILE", dir.path().join("agent.key"))
        .output()?;
    ensure!(
        agent.status.success(),
        "the agent ended with {}: {}",
        agent.status,
        String::from_utf8_lossy(&agent.stderr)
    );

    compare(&base, &read_key, &inventory, &roots).await
}

/// What the API has must be what each root's own package manager says.
async fn compare(base: &str, key: &str, inventory: &[HostLine], roots: &Path) -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()?;
    let hosts: HostList = get(&http, key, &format!("{base}/hosts?limit=1000")).await?;
    ensure!(
        hosts.total == i64::try_from(HOSTS)?,
        "{} hosts in the API",
        hosts.total
    );
    let mut truth_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut compared = 0;
    for host in &hosts.items {
        let line = inventory
            .iter()
            .find(|line| line.name == host.name)
            .context("host not in inventory")?;
        if !truth_of.contains_key(line.root.as_str()) {
            truth_of.insert(&line.root, installed(&roots.join(&line.root))?);
        }
        let document: SnapshotDocument =
            get(&http, key, &format!("{base}/hosts/{}/snapshot", host.id)).await?;
        let packages: Packages = document.snapshot.get().context("no packages section")?;
        let seen: BTreeSet<String> = packages
            .items
            .iter()
            .filter(|package| matches!(package.manager, PackageManager::Dpkg | PackageManager::Rpm))
            .map(|package| {
                format!(
                    "{} {} {}",
                    package.name,
                    package.version,
                    package.arch.as_deref().unwrap_or("-")
                )
            })
            .collect();
        let truth = &truth_of[line.root.as_str()];
        let wrong: Vec<&String> = truth.symmetric_difference(&seen).take(5).collect();
        ensure!(
            wrong.is_empty(),
            "{}: {} of the host, {} seen; first differences {wrong:?}",
            host.name,
            truth.len(),
            seen.len()
        );
        compared += seen.len();
    }
    println!(
        "{} hosts, {compared} packages equal to dpkg-query and rpm",
        hosts.items.len()
    );
    Ok(())
}

fn installed(root: &Path) -> Result<BTreeSet<String>> {
    let rpm = root.join("etc/redhat-release").exists();
    let mut command = Command::new("chroot");
    command.arg(root);
    if rpm {
        command.args([
            "rpm",
            "-qa",
            "--qf",
            "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\n",
        ]);
    } else {
        command.args([
            "dpkg-query",
            "-W",
            "-f",
            "${db:Status-Status} ${Package} ${Version} ${Architecture}\n",
        ]);
    }
    let text = run(&mut command)?;
    let lines = text.lines().filter_map(|line| {
        if rpm {
            Some(line)
        } else {
            line.strip_prefix("installed ")
        }
    });
    Ok(lines.map(str::to_owned).collect())
}

async fn start_server(fleet: &mut Fleet, dir: &Path) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let log = fs::File::create(dir.join("server.log"))?;
    let server = Command::new(binary("luumen-server")?)
        .args([
            "serve",
            "--database",
            &database(dir),
            "--listen",
            &format!("127.0.0.1:{port}"),
        ])
        .args(["--public-url", &format!("http://127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    fleet.server = Some(server);
    for _ in 0..300 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(format!("http://127.0.0.1:{port}/api/v1"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!(
        "the server did not start: {}",
        fs::read_to_string(dir.join("server.log"))?
    )
}

/// Makes workspace, keys and hosts; answers a key that may read.
fn enrol(dir: &Path, base: &str, inventory: &[HostLine]) -> Result<String> {
    let server = binary("luumen-server")?;
    let db = database(dir);
    let url = base.trim_end_matches("/api/v1");
    run(Command::new(&server)
        .args([
            "admin",
            "create",
            "--database",
            &db,
            "--email",
            "admin@fleet.test",
        ])
        .args(["--name", "Admin", "--workspace", "Fleet"]))?;
    let key = |name: &str, scope: &str| {
        run(Command::new(&server).args([
            "api-key",
            "create",
            "--database",
            &db,
            "--workspace",
            "Fleet",
            "--name",
            name,
            "--scope",
            scope,
        ]))
        .map(|text| text.trim().to_owned())
    };
    fs::write(dir.join("agent.key"), key("agent", "agent")?)?;
    restrict(&dir.join("agent.key"))?;
    let mut csv = String::from("name,address,port,username,credential,tags\n");
    for host in inventory {
        csv.push_str(&format!(
            "{},{},{},scan,fleet,{}\n",
            host.name, host.address, host.port, host.root
        ));
    }
    fs::write(dir.join("hosts.csv"), csv)?;
    run(Command::new(&server).args([
        "hosts",
        "import",
        "--database",
        &db,
        "--workspace",
        "Fleet",
        path_text(&dir.join("hosts.csv")),
    ]))
    .with_context(|| format!("importing hosts into {url}"))?;
    key("reader", "read")
}

fn write_agent_config(dir: &Path, base: &str, state: &Path) -> Result<()> {
    let text = format!(
        "luumen:\n  api:\n    base_url: {base}\nlog_dir: {logs}\njitter_s: 0\n\
         ssh:\n  host_key_policy: strict\n  known_hosts: {known}\ncredentials:\n  fleet:\n    username: scan\n    key_file: {id}\n",
        logs = dir.join("log").display(),
        known = state.join("known_hosts").display(),
        id = state.join("id_ed25519").display(),
    );
    fs::write(dir.join("config.yaml"), text)?;
    restrict(&dir.join("config.yaml"))
}

async fn get<T: serde::de::DeserializeOwned>(http: &reqwest::Client, key: &str, url: &str) -> Result<T> {
    let answer = http.get(url).bearer_auth(key).send().await?;
    ensure!(answer.status().is_success(), "{url}: {}", answer.status());
    Ok(answer.json().await?)
}

fn find_hosts() -> Option<(PathBuf, PathBuf)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("LUUMEN_SHARED").map_or_else(|| top.join("../shared"), PathBuf::from);
    let launcher = shared.join("tools/ssh-hosts/hosts.sh").canonicalize().ok()?;
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    let cache =
        std::env::var_os("LUUMEN_HOSTS_DIR").map_or_else(|| home.join(".cache/luumen-hosts"), PathBuf::from);
    let root = run(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0");
    (root && cache.join("rootfs/rocky9/.ok").exists()).then(|| (launcher, cache.join("rootfs")))
}

fn read_inventory(path: &Path) -> Result<Vec<HostLine>> {
    let text = fs::read_to_string(path)?;
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some(HostLine {
            name: words.next()?,
            address: words.next()?,
            port: words.next()?,
            root: words.next()?,
        })
    });
    Ok(lines.collect())
}

/// Programs stand beside the folder that this test runs from: `target/<profile>/deps/fleet-…`.
fn binary(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here.ancestors().nth(2).context("target folder")?.join(name);
    ensure!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins",
        path.display()
    );
    Ok(path)
}

fn run(command: &mut Command) -> Result<String> {
    let out = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        out.status.success(),
        "{command:?} ended with {}: {}",
        out.status,
        String::from_utf8_lossy(&out.stderr)
    );
    Ok(String::from_utf8(out.stdout)?)
}

fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}

fn database(dir: &Path) -> String {
    format!("sqlite://{}", dir.join("fleet.db").display())
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
