//! Runs other programs from the top of the repository.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The top of the repository this tool was built from.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs us, so that `cargo +nightly xtask` stays nightly.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a command with our terminal and says whether it succeeded; failing to start is an error.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    Ok(status.success())
}

/// The same for a command that may hang, for instance where a network takes what is sent and never answers:
/// it is ended when its time is over, and has not succeeded.
pub(crate) fn succeeds_within(command: &mut Command, time: Duration) -> Result<bool> {
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let start = Instant::now();
    while start.elapsed() < time {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}

/// Runs a command and returns what it prints on stdout; its complaints go to our terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let printed = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !printed.status.success() {
        bail!("{:?} ended with {}", command.get_program(), printed.status);
    }
    String::from_utf8(printed.stdout).context("its output is not UTF-8")
}

/// What of the workspace cannot be built here: the desktop's window needs the system's web view.
pub(crate) fn left_out() -> &'static [&'static str] {
    if installed("pkg-config", &["--exists", "webkit2gtk-4.1"]) {
        &[]
    } else {
        &["--exclude", "luumen-desktop"]
    }
}

/// Builds all programs in one go: asked for one by one, each would want its own selection of features and so
/// a build of most dependencies of its own.
pub(crate) fn build_programs(repository: &Path) -> Result<()> {
    let mut build = Command::new(cargo());
    build.args(["build", "--quiet", "--workspace", "--bins"]);
    build.args(left_out());
    if succeeds(build.current_dir(repository))? {
        Ok(())
    } else {
        bail!("the programs could not be built")
    }
}

/// A program of ours, as built beside this tool.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("where this tool stands")?;
    Ok(here.with_file_name(name))
}

/// Whether a program answers to `--version`, that is, whether it is installed.
pub(crate) fn installed(program: &str, arguments: &[&str]) -> bool {
    let asked = Command::new(program).args(arguments).output();
    match asked {
        Ok(output) => output.status.success(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_ended_and_has_not_succeeded() {
        let within = |words: &[&str], time| {
            let mut command = Command::new(words[0]);
            succeeds_within(command.args(&words[1..]), Duration::from_millis(time)).ok()
        };
        assert_eq!(within(&["true"], 10_000), Some(true));
        assert_eq!(within(&["false"], 10_000), Some(false));
        let start = Instant::now();
        assert_eq!(within(&["sleep", "30"], 200), Some(false));
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "took {:?}",
            start.elapsed()
        );
    }
}
