//! What the tests of the command line share: running the program in a home of its own, and looking at what it said.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses its own part, and tests stop at the first surprise"
)]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The sample data that ships.
pub(crate) fn sample_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/sample"))
}

/// A person's device, without settings of whoever runs the tests.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text, for an argument.
    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, "")
    }

    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Output {
        let mut child = command(self.0.path(), args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that needs no input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs it with its result going elsewhere.
    pub(crate) fn run_into(&self, args: &[&str], out: impl Into<Stdio>) -> Output {
        let mut command = command(self.0.path(), args);
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped());
        command.spawn().unwrap().wait_with_output().unwrap()
    }

    /// Builds a catalogue of a folder into a file.
    pub(crate) fn catalogue(&self, name: &str, from: &Path) -> String {
        let (out, from) = (self.arg(name), from.display().to_string());
        let built = self.run(&["feeds", "build", "--from", &from, "--sample", "--out", &out]);
        ended(&built, 0, &out);
        out
    }
}

fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luumen"));
    command
        .args(args)
        .env("HOME", home)
        .env("NO_PROXY", "127.0.0.1")
        .env_remove("XDG_DATA_HOME")
        .env_remove("SSH_AUTH_SOCK");
    command
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
pub(crate) fn ended(output: &Output, code: i32, said: &str) {
    let text = stdout(output) + &stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(said), "{said:?} is not in {text}");
}
