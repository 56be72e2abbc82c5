//! `luumen feeds`: from files to a bundle, and on to a machine that has no network; and fetching, from a server on loopback.

#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::Output,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use support::{Home, ended, sample_folder, stderr, stdout};

/// Builds and installs a catalogue, and writes it as a bundle.
fn bundle(home: &Home, name: &str) -> String {
    let (folder, key, out) = (
        sample_folder().display().to_string(),
        home.arg("key"),
        home.arg(name),
    );
    if !home.path("key").exists() {
        ended(
            &home.run(&["feeds", "keygen", &key]),
            0,
            "luumen-bundle-public-1 ",
        );
    }
    ended(
        &home.run(&["feeds", "build", "--from", &folder, "--sample"]),
        0,
        "debian-tracker: 1 documents",
    );
    let exported = home.run(&["feeds", "export", &out, "--key", &key]);
    ended(&exported, 0, "signed with key");
    out
}

fn import(home: &Home, bundle: &str, trust: &str, more: &[&str]) -> Output {
    let mut args = vec!["feeds", "import", bundle, "--trust", trust];
    args.extend(more);
    home.run(&args)
}

#[test]
fn a_catalogue_travels_as_a_signed_bundle() {
    let (desk, island) = (Home::new(), Home::new());
    let (bundle, trust) = (bundle(&desk, "world.bundle"), desk.arg("key.pub"));
    ended(&island.run(&["feeds", "status"]), 0, "No catalogue is installed.");
    ended(
        &import(&island, &bundle, &trust, &[]),
        0,
        "Installed the catalogue of",
    );
    let status = island.run(&["feeds", "status"]);
    ended(&status, 0, "sample data");
    let text = stdout(&status);
    assert!(text.contains("Installed: catalogue of"), "{text}");
    assert!(text.contains("debian-tracker: never fetched"), "{text}");
}

#[test]
fn a_bundle_that_was_changed_is_refused_and_nothing_is_installed() {
    let (desk, island) = (Home::new(), Home::new());
    let (bundle, trust) = (bundle(&desk, "world.bundle"), desk.arg("key.pub"));
    let good = fs::read(&bundle).unwrap();
    for at in [40, good.len() / 2, good.len() - 20] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&bundle, &bad).unwrap();
        let refused = import(&island, &bundle, &trust, &[]);
        ended(&refused, 1, "the bundle is not taken");
    }
    fs::write(&bundle, &good[..good.len() - 7]).unwrap();
    ended(
        &import(&island, &bundle, &trust, &[]),
        1,
        "the bundle is not taken",
    );
    let other = island.write("notes.txt", "not a bundle");
    ended(&import(&island, &other, &trust, &[]), 1, "not a bundle of Luumen");
    ended(&island.run(&["feeds", "status"]), 0, "No catalogue is installed.");
}

#[test]
fn a_bundle_of_somebody_else_is_refused() {
    let (desk, stranger) = (Home::new(), Home::new());
    let bundle = bundle(&desk, "world.bundle");
    let key = stranger.arg("theirs");
    ended(&stranger.run(&["feeds", "keygen", &key]), 0, "");
    let trust = stranger.arg("theirs.pub");
    ended(
        &import(&stranger, &bundle, &trust, &[]),
        1,
        "not among the trusted",
    );
    // The secret key belongs nowhere near where bundles are checked.
    ended(&import(&stranger, &bundle, &key, &[]), 1, "secret key");
}

#[test]
fn an_older_bundle_is_taken_only_when_asked_for() {
    let (desk, island) = (Home::new(), Home::new());
    let older = bundle(&desk, "older.bundle");
    // Days have milliseconds here; the second one is later in any case.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let newer = bundle(&desk, "newer.bundle");
    let trust = desk.arg("key.pub");
    ended(&import(&island, &newer, &trust, &[]), 0, "Installed");
    ended(&import(&island, &older, &trust, &[]), 1, "is newer");
    ended(&import(&island, &older, &trust, &["--older"]), 0, "Installed");
}

#[test]
fn a_key_is_never_written_over_and_is_for_its_owner_alone() {
    let home = Home::new();
    let key = home.arg("key");
    let made = home.run(&["feeds", "keygen", &key]);
    let secret = fs::read_to_string(&key).unwrap();
    assert!(
        !stdout(&made).contains(secret.trim()),
        "the secret key was printed"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    ended(&home.run(&["feeds", "keygen", &key]), 1, "cannot be written");
    assert_eq!(fs::read_to_string(&key).unwrap(), secret);
}

#[test]
fn what_is_missing_or_not_recognised_is_named() {
    let home = Home::new();
    let bundle = home.arg("b");
    let missing = home.arg("missing");
    ended(
        &home.run(&["feeds", "export", &bundle, "--key", &missing]),
        1,
        &missing,
    );
    let key = home.arg("key");
    ended(&home.run(&["feeds", "keygen", &key]), 0, "");
    let none = home.run(&["feeds", "export", &bundle, "--key", &key]);
    ended(&none, 1, "no catalogue is installed");
    assert!(!home.path("b").exists());
    ended(&home.run(&["feeds", "build", "--from", &missing]), 1, &missing);
    home.write("odd/readme.txt", "nothing to see");
    let odd = home.run(&["feeds", "build", "--from", &home.arg("odd")]);
    ended(&odd, 1, "no file in");
    // Whatever is installed stays: an empty catalogue would read as "nothing is vulnerable".
    ended(
        &home.run(&["feeds", "build"]),
        1,
        "nothing to build a catalogue of",
    );
    ended(&home.run(&["feeds", "pull", "--base", "nvd"]), 1, "ID=URL");
    ended(
        &home.run(&["feeds", "pull", "--base", "nobody=http://127.0.0.1/"]),
        1,
        "nobody",
    );
    ended(&home.run(&["feeds", "pull", "--source", "nobody"]), 3, "nobody");
}

/// A publisher with one document, which can be out of order.
struct Publisher {
    base: String,
    broken: Arc<AtomicBool>,
    answers: Arc<Mutex<Vec<u16>>>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    fn start(document: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let (broken, end) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let (is_broken, ended, told) = (Arc::clone(&broken), Arc::clone(&end), Arc::clone(&answers));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let code = answer(stream.unwrap(), &document, is_broken.load(Ordering::Relaxed));
                told.lock().unwrap().push(code);
            }
        });
        Self {
            base,
            broken,
            answers,
            end,
            thread: Some(thread),
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        // One more call, so that the thread looks at its end.
        let address = self.base.trim_start_matches("http://").trim_end_matches('/');
        drop(TcpStream::connect(address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, document: &[u8], broken: bool) -> u16 {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines
        .by_ref()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let known = head
        .iter()
        .any(|line| line.eq_ignore_ascii_case("if-none-match: \"one\""));
    let (code, rest) = match (broken, known) {
        (true, _) => (503, "Retry-After: 86400\r\nContent-Length: 0\r\n".to_owned()),
        (false, true) => (304, "ETag: \"one\"\r\n".to_owned()),
        (false, false) => (
            200,
            format!("ETag: \"one\"\r\nContent-Length: {}\r\n", document.len()),
        ),
    };
    let _ = write!(stream, "HTTP/1.1 {code} \r\n{rest}Connection: close\r\n\r\n");
    if code == 200 {
        let _ = stream.write_all(document);
    }
    code
}

#[test]
fn what_is_fetched_is_asked_for_once_and_kept_while_its_publisher_is_down() {
    let document = fs::read(sample_folder().join("known_exploited_vulnerabilities.json")).unwrap();
    let publisher = Publisher::start(document);
    let home = Home::new();
    let base = format!("cisa-kev={}", publisher.base);
    let pull = || home.run(&["feeds", "pull", "--source", "cisa-kev", "--base", &base]);
    ended(&pull(), 0, "cisa-kev: 1 new, 0 unchanged, 0 gone");
    ended(&pull(), 0, "cisa-kev: 0 new, 1 unchanged, 0 gone, 0 bytes");
    publisher.broken.store(true, Ordering::Relaxed);
    let failed = pull();
    ended(
        &failed,
        3,
        "asks us to wait 86400 seconds; the next run tries again",
    );
    assert_eq!(*publisher.answers.lock().unwrap(), [200, 304, 503]);

    ended(
        &home.run(&["feeds", "build"]),
        0,
        "cisa-kev: 1 documents, 8 records, 0 problems",
    );
    let status = home.run(&["feeds", "status"]);
    let text = stdout(&status);
    assert!(text.contains("cisa-kev: fetched"), "{text}{}", stderr(&failed));
}
