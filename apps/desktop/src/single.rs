//! One window for each data folder: whoever holds the lock is the first, and listens to those who come later.
//!
//! Nothing but this person's own programs can speak here: lock and socket lie in a folder that is closed to others.

use std::{
    fs::{File, TryLockError},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{args, places};

const ANSWER_WITHIN: Duration = Duration::from_secs(3);
const LONGEST_MESSAGE: u64 = 4096;
const UNDERSTOOD: &str = "ok\n";

/// What a later start tells the first.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// Where to connect, if a link was opened.
    pub(crate) link: Option<String>,
}

/// Which start this is.
#[derive(Debug)]
pub(crate) enum Claim {
    First(First),
    Another(Another),
}

/// The first: it holds the lock for as long as it lives.
#[derive(Debug)]
pub(crate) struct First {
    lock: File,
    listener: Option<UnixListener>,
}

/// A later one, and the way to the first.
#[derive(Debug)]
pub(crate) struct Another {
    socket: PathBuf,
}

/// Why it is not known which start this is.
#[derive(Debug, thiserror::Error)]
#[error("could not use {} to see whether Luumen is already open", path.display())]
pub(crate) struct ClaimError {
    path: PathBuf,
    source: io::Error,
}

/// Why the first could not be told.
#[derive(Debug, thiserror::Error)]
#[error("Luumen is already open, but does not answer; close its window, or end the process luumen-desktop")]
pub(crate) struct TellError(#[from] io::Error);

/// Takes the lock of a data folder, or finds who has it.
pub(crate) fn claim(data: &Path) -> Result<Claim, ClaimError> {
    let socket = data.join("window.socket");
    let path = data.join("window.lock");
    let failed = |source| ClaimError {
        path: path.clone(),
        source,
    };
    places::make_private(data).map_err(failed)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Claim::Another(Another { socket })),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    Ok(Claim::First(First {
        lock,
        listener: listen(&socket),
    }))
}

/// Listens where a crashed one before us may have left its socket: the lock says that nobody uses it any more.
fn listen(socket: &Path) -> Option<UnixListener> {
    let listener = match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => UnixListener::bind(socket),
    };
    match listener {
        Ok(listener) => Some(listener),
        Err(error) => {
            // As with a path that is longer than a socket's may be. The window works without.
            tracing::warn!(%error, "A second start will not reach this window");
            None
        }
    }
}

impl First {
    /// Hands over what later starts say, from a thread of its own.
    pub(crate) fn listen(self, mut heard: impl FnMut(Message) + Send + 'static) {
        thread::spawn(move || {
            let lock = self.lock;
            for stream in self.listener.iter().flat_map(UnixListener::incoming) {
                match stream.and_then(|stream| hear(&stream)) {
                    Ok(message) => heard(message),
                    Err(error) => tracing::warn!(%error, "A later start could not be understood"),
                }
            }
            // Without a socket the lock is still ours until the window is closed.
            loop {
                thread::park();
                tracing::trace!(?lock, "Still the first");
            }
        });
    }
}

/// From now on a later start is not answered, so that it waits until it can be the first itself: the window is gone already.
pub(crate) fn stop_answering(data: &Path) {
    // There may be none: see `listen`.
    let _ = std::fs::remove_file(data.join("window.socket"));
}

fn hear(stream: &UnixStream) -> io::Result<Message> {
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_MESSAGE)).read_line(&mut line)?;
    let mut message: Message = serde_json::from_str(&line)?;
    message.link = message.link.as_deref().and_then(args::read_link);
    (&*stream).write_all(UNDERSTOOD.as_bytes())?;
    Ok(message)
}

impl Another {
    /// Tells the first, and waits until it has understood.
    pub(crate) fn tell(&self, message: &Message) -> Result<(), TellError> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        let mut line = serde_json::to_string(message).map_err(io::Error::from)?;
        line.push('\n');
        stream.write_all(line.as_bytes())?;
        let mut answer = String::new();
        stream.take(LONGEST_MESSAGE).read_to_string(&mut answer)?;
        if answer == UNDERSTOOD {
            Ok(())
        } else {
            Err(io::Error::from(io::ErrorKind::InvalidData).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn first(data: &Path) -> First {
        match claim(data).expect("claimed") {
            Claim::First(first) => first,
            Claim::Another(another) => panic!("{another:?}"),
        }
    }

    fn another(data: &Path) -> Another {
        match claim(data).expect("claimed") {
            Claim::Another(another) => another,
            Claim::First(first) => panic!("{first:?}"),
        }
    }

    #[test]
    fn a_second_start_tells_the_first_and_nobody_else() {
        let data = tempfile::tempdir().expect("a folder");
        let (sender, heard) = mpsc::channel();
        first(data.path()).listen(move |message| sender.send(message).expect("somebody waits"));
        let link = Some("ssh://root@db-3".to_owned());
        another(data.path())
            .tell(&Message { link: link.clone() })
            .expect("told");
        assert_eq!(heard.recv().expect("heard").link, link);
        let other = tempfile::tempdir().expect("a folder");
        first(other.path());
    }

    #[test]
    fn one_that_ends_answers_nobody_and_is_still_the_first() {
        let data = tempfile::tempdir().expect("a folder");
        first(data.path()).listen(|message| panic!("{message:?}"));
        stop_answering(data.path());
        let told = another(data.path()).tell(&Message { link: None });
        assert!(told.is_err(), "it would be told to a window that is gone");
    }

    #[test]
    fn what_is_no_link_is_not_handed_on() {
        let data = tempfile::tempdir().expect("a folder");
        let (sender, heard) = mpsc::channel();
        first(data.path()).listen(move |message| sender.send(message).expect("somebody waits"));
        another(data.path())
            .tell(&Message {
                link: Some("file:///etc/passwd".to_owned()),
            })
            .expect("told");
        assert_eq!(heard.recv().expect("heard"), Message { link: None });
    }

    #[test]
    fn after_a_crash_the_next_start_is_the_first_again() {
        let data = tempfile::tempdir().expect("a folder");
        drop(first(data.path()));
        assert!(data.path().join("window.socket").exists(), "left behind");
        drop(first(data.path()));
    }

    #[test]
    fn a_first_that_does_not_answer_is_said_so() {
        let data = tempfile::tempdir().expect("a folder");
        let _deaf = first(data.path());
        std::fs::remove_file(data.path().join("window.socket")).expect("removed");
        let error = another(data.path())
            .tell(&Message { link: None })
            .expect_err("nobody listens");
        assert!(error.to_string().contains("does not answer"), "{error}");
    }
}
