//! Which files of this device no page may touch by itself, and why.

use std::{
    ffi::OsStr,
    fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
};

use super::resolve;
use crate::consent::{Deed, Guarded};

/// How much of a file is looked at for a private key: it may stand behind its certificates.
const LOOKED_AT_BYTES: u64 = 16 * 1024;

/// What stands in the first lines of private keys: PEM and OpenSSH, OpenPGP, SSH Communications, PuTTY, age.
const KEY_MARKS: &[&str] = &[
    "PRIVATE KEY-----",
    "PRIVATE KEY BLOCK-----",
    "PRIVATE KEY ----",
    "PuTTY-User-Key-File-",
    "AGE-SECRET-KEY-",
];

/// Where SSH keeps keys, and much that is none.
const SSH: &str = ".ssh";

/// Where other programs keep keys and passwords, wherever it lies: root reads everybody's.
const SECRETS: &[&str] = &[
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config/gcloud",
    ".config/gh",
    ".local/share/keyrings",
    ".password-store",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".vault-token",
];

/// What only root may read, and what the system shows of programs.
const SYSTEM_SECRETS: &[&str] = &["/etc/shadow", "/etc/gshadow", "/proc", "/dev"];

/// What the system itself runs and reads.
const SYSTEM: &[&str] = &[
    "/etc",
    "/private/etc",
    "/usr",
    "/boot",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/run/systemd",
    "/var/spool/cron",
    "/dev",
    "/proc",
    "/sys",
];

/// What lies right under a home and is run or read by programs, besides what is hidden.
const RUN_AT_HOME: &[&str] = &[
    "bin",
    #[cfg(windows)]
    "AppData",
    #[cfg(target_os = "macos")]
    "Library",
];

const OWN: &str = "Luumen's own data";
const SECRET: &str = "a place of keys and passwords";
const KEY: &str = "a private key";
const HIDDEN: &str = "a place that programs read their settings from, or are started from";
const OF_SYSTEM: &str = "a part of the system";

/// The places that are judged by.
#[derive(Debug)]
pub(super) struct Judge {
    homes: Vec<PathBuf>,
    data: PathBuf,
    ssh: PathBuf,
}

impl Judge {
    pub(super) fn new(home: &Path, data: &Path, ssh: &Path) -> Self {
        Self {
            homes: vec![resolve::behind(home), PathBuf::from("/root")],
            data: resolve::behind(data),
            ssh: resolve::behind(ssh),
        }
    }

    /// Why a path is guarded against this, if it is, and where it really is.
    pub(super) fn guarded(&self, deed: Deed, path: &Path) -> Option<Guarded> {
        let places = resolve::places(path);
        let why = |place: &PathBuf| match deed {
            Deed::Send => self.against_reading(place),
            Deed::Fetch | Deed::Export => self.against_writing(place),
        };
        let found = places.iter().find_map(|place| Some((place, why(place)?)));
        found.map(|(place, why)| Guarded {
            path: place.clone(),
            why,
        })
    }

    fn against_reading(&self, path: &Path) -> Option<&'static str> {
        // Not opened: some of the system's files wait for ever.
        if SYSTEM_SECRETS.iter().any(|folder| path.starts_with(folder)) {
            return Some(OF_SYSTEM);
        }
        holds_key(path).then_some(KEY).or_else(|| self.in_secrets(path))
    }

    fn against_writing(&self, path: &Path) -> Option<&'static str> {
        self.in_secrets(path)
            .or_else(|| {
                let at_home = self
                    .homes
                    .iter()
                    .filter_map(|home| path.strip_prefix(home).ok())
                    .any(is_read_by_programs);
                at_home.then_some(HIDDEN)
            })
            .or_else(|| {
                // A system whose homes lie in one of them has its own in another.
                let is_in = |folder: &&&str| path.starts_with(folder) && !self.homes[0].starts_with(folder);
                SYSTEM.iter().find(is_in).map(|_| OF_SYSTEM)
            })
    }

    fn in_secrets(&self, path: &Path) -> Option<&'static str> {
        if path.starts_with(&self.data) {
            return Some(OWN);
        }
        let is_secret = path.starts_with(&self.ssh) || lies_in(path, &[SSH]) || lies_in(path, SECRETS);
        is_secret.then_some(SECRET)
    }
}

/// Whether what stands in a file must not be shown, not even where it is repeated because nobody understands it. SSH's own
/// configuration may be; its keys may not.
pub(crate) fn is_secret(path: &Path) -> bool {
    let of_system = |place: &Path| SYSTEM_SECRETS.iter().any(|folder| place.starts_with(folder));
    resolve::places(path)
        .iter()
        .any(|place| lies_in(place, SECRETS) || of_system(place) || holds_key(place))
}

fn lies_in(path: &Path, places: &[&str]) -> bool {
    let names: Vec<_> = path.components().map(Component::as_os_str).collect();
    places.iter().any(|place| {
        let place: Vec<_> = Path::new(place).iter().collect();
        let is_place = |names: &[&OsStr]| names.iter().zip(&place).all(|(name, part)| is_same(name, part));
        names.windows(place.len()).any(is_place)
    })
}

/// Many file systems take `Bin` and `bin` for one folder. Where they are two, asking once too often does no harm.
fn is_same(name: &OsStr, other: impl AsRef<OsStr>) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// What of a home is hidden or run: shells, desktops and editors do what stands there.
fn is_read_by_programs(below_home: &Path) -> bool {
    let first = below_home.iter().next();
    first.is_some_and(|first| {
        first.as_encoded_bytes().starts_with(b".") || RUN_AT_HOME.iter().any(|name| is_same(first, name))
    })
}

/// Whether a private key stands in a file, whatever it is called.
fn holds_key(path: &Path) -> bool {
    // Opening what is no file may wait for ever.
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return false;
    }
    let mut beginning = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(LOOKED_AT_BYTES).read_to_end(&mut beginning));
    // What cannot be read cannot be sent either.
    // Of letters of two bytes, as Windows writes them, every other byte is nothing.
    beginning.retain(|byte| *byte != 0);
    let text = String::from_utf8_lossy(&beginning);
    read.is_ok() && KEY_MARKS.iter().any(|mark| text.contains(mark))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    struct Device {
        folder: TempDir,
        judge: Judge,
    }

    /// A home with a key, a hidden folder, an ordinary file, and the workbench's data beside it.
    fn device() -> Device {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home");
        for name in [".ssh", ".config", "work"] {
            fs::create_dir_all(home.join(name)).expect("a folder");
        }
        fs::create_dir(folder.path().join("data")).expect("a folder");
        fs::write(home.join(".ssh/id"), "anything").expect("a file");
        fs::write(home.join("work/notes"), "about PRIVATE KEYS").expect("a file");
        let judge = Judge::new(&home, &folder.path().join("data"), &home.join(".ssh"));
        Device { folder, judge }
    }

    impl Device {
        fn home(&self) -> PathBuf {
            self.folder.path().join("home")
        }

        #[track_caller]
        fn check(&self, deed: Deed, path: impl AsRef<Path>, why: Option<&str>) {
            let path = self.home().join(path);
            let seen = self.judge.guarded(deed, &path).map(|guarded| guarded.why);
            assert_eq!(seen, why, "{deed:?} {}", path.display());
        }
    }

    #[test]
    fn what_is_read_is_guarded_by_where_it_really_is() {
        let device = device();
        symlink("../.ssh/id", device.home().join("work/link")).expect("a link");
        symlink(".ssh", device.home().join("keys")).expect("a link");
        for path in [
            ".ssh/id",
            "work/link",
            "keys/id",
            "work/../.ssh/id",
            ".ssh/new",
            "other/.aws/credentials",
        ] {
            device.check(Deed::Send, path, Some(SECRET));
        }
        fs::write(device.home().join(".ssh/key"), "-----BEGIN PRIVATE KEY-----\n").expect("a file");
        device.check(Deed::Send, ".ssh/key", Some(KEY));
        device.check(Deed::Send, "../data/store.sqlite", Some(OWN));
        device.check(Deed::Send, "/proc/self/environ", Some(OF_SYSTEM));
        for path in [
            "work/notes",
            "work",
            ".bashrc",
            ".config/x",
            "gcloud",
            "/etc/hostname",
        ] {
            device.check(Deed::Send, path, None);
        }
        let link = device.judge.guarded(Deed::Send, &device.home().join("work/link"));
        let id = device.home().canonicalize().expect("real").join(".ssh/id");
        assert_eq!(link.expect("guarded").path, id, "it is named as what it is");
    }

    #[test]
    fn a_private_key_is_guarded_wherever_it_lies() {
        let device = device();
        let begins = |kind: &str| format!("-----BEGIN {kind}PRIVATE KEY-----\nAAAA\n");
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(begins("").bytes().flat_map(|byte| [byte, 0]))
            .collect();
        for (name, content) in [
            ("openssh", begins("OPENSSH ").into_bytes()),
            ("rsa", begins("RSA ").into_bytes()),
            (
                "behind",
                format!("{}{}", "certificate\n".repeat(700), begins("")).into_bytes(),
            ),
            ("pgp", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n".to_vec()),
            ("ssh2", b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n".to_vec()),
            ("age", b"# created: 2026\nAGE-SECRET-KEY-1\n".to_vec()),
            ("putty", b"PuTTY-User-Key-File-3: ssh-ed25519\n".to_vec()),
            ("wide", wide),
        ] {
            fs::write(device.home().join("work").join(name), content).expect("a file");
            device.check(Deed::Send, format!("work/{name}"), Some(KEY));
            device.check(Deed::Fetch, format!("work/{name}"), None);
        }
    }

    #[test]
    fn what_is_shown_is_no_secret() {
        let device = device();
        fs::create_dir(device.home().join(".aws")).expect("a folder");
        symlink("../.aws/credentials", device.home().join("work/list")).expect("a link");
        fs::write(device.home().join(".ssh/key"), "-----BEGIN PRIVATE KEY-----\n").expect("a file");
        for path in [
            ".aws/credentials",
            "work/list",
            ".ssh/key",
            "/etc/shadow",
            "/proc/self/environ",
        ] {
            assert!(is_secret(&device.home().join(path)), "{path}");
        }
        for path in [".ssh/config", "work/notes", ".config/hosts.csv"] {
            assert!(!is_secret(&device.home().join(path)), "{path}");
        }
    }

    #[test]
    fn what_programs_read_or_run_is_guarded_against_writing() {
        let device = device();
        symlink("../.bashrc", device.home().join("work/hollow")).expect("a link to what is not there");
        for path in [
            ".bashrc",
            ".config/autostart/x.desktop",
            ".new/folder/x",
            "bin/ls",
            "BIN/ls",
            "work/../.profile",
            "no/../.profile",
            "work/hollow",
            "/root/.bashrc",
        ] {
            device.check(Deed::Fetch, path, Some(HIDDEN));
            device.check(Deed::Export, path, Some(HIDDEN));
        }
        for path in [
            ".ssh/authorized_keys",
            ".ssh",
            "/srv/bob/.ssh/authorized_keys",
            "/srv/bob/.SSH/authorized_keys",
        ] {
            device.check(Deed::Fetch, path, Some(SECRET));
        }
        device.check(Deed::Export, "../data/vault.json", Some(OWN));
        for path in [
            "/etc/cron.d/x",
            "/usr/local/bin/ls",
            "/etc",
            "/var/spool/cron/root",
        ] {
            device.check(Deed::Fetch, path, Some(OF_SYSTEM));
        }
        for path in [
            "work/new",
            "work/.hidden",
            "new/folder/x",
            "bing",
            "../beside",
            "/srv/x",
            "/etcetera",
        ] {
            device.check(Deed::Fetch, path, None);
        }
    }
}
