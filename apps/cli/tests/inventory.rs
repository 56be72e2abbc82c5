//! `luumen inventory` as people run it, against real sshd. Where that is not installed, the tests say so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use luumen_model::{Os, Snapshot};
use luumen_testkit::sshd::{KeyFile, Sshd, username};

/// A person's device: a home of its own, a key, and a server that knows it.
struct Device {
    home: tempfile::TempDir,
    server: Sshd,
    place: String,
}

impl Device {
    fn new(passphrase: &str) -> Option<Self> {
        let key = KeyFile::generate_with("ed25519", passphrase, &["-a", "1"]).unwrap();
        let server = Sshd::builder().authorize(&key).start().unwrap()?;
        let home = tempfile::tempdir().unwrap();
        key.copy_to(home.path(), "key").unwrap();
        let place = format!("{}@127.0.0.1:{}", username().unwrap(), server.port());
        Some(Self { home, server, place })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luumen"));
        command
            .arg("inventory")
            .args(args)
            .args(["--known-hosts".into(), self.path("known_hosts")])
            .env("HOME", self.home.path())
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null());
        command
    }

    fn key(&self) -> String {
        self.path("key").display().to_string()
    }
}

#[track_caller]
fn ended(output: &Output, code: i32, said: &str) {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(said), "{said} is not in {text}");
}

#[test]
fn a_host_is_looked_at_as_document_and_as_page() {
    let Some(device) = Device::new("") else { return };
    let output = device.run(&[
        "--json",
        "-i",
        &device.key(),
        "--host-key-policy",
        "tofu",
        &device.place,
    ]);
    let snapshot: Snapshot = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(
        output.status.code(),
        Some(if snapshot.is_complete() { 0 } else { 3 })
    );
    assert_eq!(snapshot.collector.name, "luumen");
    let os = snapshot.get::<Os>().expect("an operating system");
    let known = std::fs::read_to_string(device.path("known_hosts")).unwrap();
    assert!(known.contains("ssh-ed25519"), "the key is remembered: {known}");

    let page = device.run(&["-i", &device.key(), "--host-key-policy", "strict", &device.place]);
    let text = String::from_utf8_lossy(&page.stdout);
    assert!(text.contains(&os.name) && text.contains("Packages"), "{text}");

    #[cfg(target_os = "linux")]
    for form in [&["--json"][..], &[]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = device.command(&[form, &["-i", &device.key(), &device.place]].concat());
        let output = command.stdout(full).output().unwrap();
        ended(&output, 1, "could not be written");
    }
}

#[test]
fn the_usual_key_is_found_by_itself() {
    let Some(device) = Device::new("") else { return };
    std::fs::create_dir(device.path(".ssh")).unwrap();
    std::fs::rename(device.path("key"), device.path(".ssh/id_ed25519")).unwrap();
    let output = device.run(&["--json", "--host-key-policy", "tofu", &device.place]);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
}

#[test]
fn a_jump_host_is_on_the_way() {
    let (Some(device), Some(jump)) = (Device::new(""), Device::new("")) else {
        return;
    };
    // One key for both, as with `ssh -J -i`.
    let both = Sshd::builder()
        .authorize_line(std::fs::read_to_string(device.path("key.pub")).unwrap())
        .start()
        .unwrap();
    let Some(both) = both else { return };
    let way = format!("{}@127.0.0.1:{}", username().unwrap(), both.port());
    let output = device.run(&[
        "--json",
        "-i",
        &device.key(),
        "--host-key-policy",
        "tofu",
        "-J",
        &way,
        &device.place,
    ]);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    assert!(both.log().contains("Accepted publickey"));
    drop(jump);
}

#[test]
fn what_goes_wrong_has_a_code_and_a_next_step() {
    let Some(device) = Device::new("PLANTED-passphrase") else {
        return;
    };
    let key = device.key();
    ended(
        &device.run(&["-i", &key, &device.place]),
        4,
        "LUM-SSH-HOSTKEY-UNKNOWN",
    );
    let trusting = ["--host-key-policy", "tofu", "-i", &key, &device.place];
    ended(&device.run(&trusting), 4, "Give the passphrase of");
    ended(
        &device.run(&["-i", "/nonexistent/key", &device.place]),
        1,
        "/nonexistent/key",
    );
    ended(&device.run(&["not a host"]), 1, "user@host");
    ended(&device.run(&["--sudo", "all", &device.place]), 1, "extended");
    let other = KeyFile::generate("ed25519").unwrap();
    let line = format!("[127.0.0.1]:{} {}\n", device.server.port(), other.public_key());
    std::fs::write(device.path("known_hosts"), line).unwrap();
    let changed = device.run(&trusting);
    ended(&changed, 4, "LUM-SSH-HOSTKEY");
    ended(&changed, 4, &other.fingerprint().unwrap());
    assert!(!device.server.log().contains("Accepted"));
}

#[test]
fn the_reference_names_every_option() {
    let page = include_str!("../../../docs/reference/cli.md");
    let commands: [&[&str]; 10] = [
        &["inventory"],
        &["scan"],
        &["match"],
        &["version"],
        &["feeds", "pull"],
        &["feeds", "build"],
        &["feeds", "export"],
        &["feeds", "import"],
        &["feeds", "status"],
        &["feeds", "keygen"],
    ];
    for command in commands {
        let help = Command::new(env!("CARGO_BIN_EXE_luumen"))
            .args(command)
            .arg("--help")
            .output()
            .unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(help.contains("--help"), "{command:?} has no help");
        for option in help
            .split_whitespace()
            .filter(|word| word.starts_with("--") && word.len() > 2)
        {
            let option = option.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            assert!(
                option == "--help" || page.contains(option),
                "docs/reference/cli.md lacks {option} of {command:?}"
            );
        }
    }
}
