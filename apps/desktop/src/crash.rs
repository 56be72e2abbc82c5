//! What is kept of a crash: when, where in the code, and in which build. Never what was in memory.
//!
//! A panic's own words may quote what a person typed, so they go to standard error of that moment only and into no file;
//! and the process leaves no core dump, which would hold every password of the session.

use std::{
    fs::File,
    io::{self, Write},
    panic::{self, PanicHookInfo},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::places::{self, Places};

/// Enough to find a fault by; a file that grows for ever helps nobody.
const LARGEST_LOG: u64 = 256 * 1024;

/// Sees to it that a crash is noted, and that no memory is written out.
pub(crate) fn prepare(places: &Places) {
    #[cfg(unix)]
    if let Err(error) = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0) {
        eprintln!("warning: a crash may leave a core dump, for the limit could not be set: {error}");
    }
    // The limit is not asked by every collector of crashes; this is. It also keeps other programs of the person out of here.
    #[cfg(target_os = "linux")]
    if let Err(error) = nix::sys::prctl::set_dumpable(false) {
        eprintln!("warning: other programs of yours may read the memory of this one: {error}");
    }
    let log = places.crash_log.clone();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Err(error) = note(&log, info) {
            eprintln!("the crash could not be noted in {}: {error}", log.display());
        }
        before(info);
    }));
}

fn note(log: &Path, info: &PanicHookInfo<'_>) -> io::Result<()> {
    if let Some(folder) = log.parent() {
        places::make_private(folder)?;
    }
    let full = log.metadata().is_ok_and(|file| file.len() > LARGEST_LOG);
    let mut options = File::options();
    options.create(true);
    if full {
        options.write(true).truncate(true);
    } else {
        options.append(true);
    }
    let mut file = options.open(log)?;
    let thread = std::thread::current();
    let place = info.location().map(ToString::to_string);
    describe(&mut file, place.as_deref(), thread.name())
}

fn describe(out: &mut impl Write, place: Option<&str>, thread: Option<&str>) -> io::Result<()> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    writeln!(
        out,
        "{seconds} (seconds since 1970) luumen-desktop {} stopped at {} in thread {}",
        env!("CARGO_PKG_VERSION"),
        place.unwrap_or("an unknown place"),
        thread.unwrap_or("without a name"),
    )?;
    writeln!(out, "{}", std::backtrace::Backtrace::force_capture())
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, thread};

    use super::*;

    #[test]
    fn a_crash_says_where_and_keeps_no_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("state/crash.log");
        prepare(&Places {
            home: PathBuf::from("/"),
            data: folder.path().to_owned(),
            crash_log: log.clone(),
            webview: folder.path().to_owned(),
        });
        let planted = format!("hunter{}", 2);
        let words = planted.clone();
        thread::Builder::new()
            .name("crashing".to_owned())
            .spawn(move || panic!("the password is {words}"))
            .expect("a thread")
            .join()
            .expect_err("it crashes");
        let text = std::fs::read_to_string(&log).expect("noted");
        assert!(text.contains("crash.rs:"), "{text}");
        assert!(text.contains("in thread crashing"), "{text}");
        assert!(!text.contains(&planted), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn no_memory_is_written_out() {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(&Places {
            home: PathBuf::from("/"),
            data: folder.path().to_owned(),
            crash_log: folder.path().join("crash.log"),
            webview: folder.path().to_owned(),
        });
        let limits = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_CORE);
        assert_eq!(limits, Ok((0, 0)));
        #[cfg(target_os = "linux")]
        assert_eq!(nix::sys::prctl::get_dumpable(), Ok(false));
    }
}
