//! The files of known host keys: what is changed in them, and all that stays as it is.

use std::{fs, path::PathBuf};

use luumen_testkit::sshd::KeyFile;
use luumen_transport::{
    HostKey, KnownHosts,
    known_hosts::{LearnError, Verdict},
};

fn new_key() -> HostKey {
    HostKey::from_openssh(&KeyFile::generate("ed25519").unwrap().public_key()).unwrap()
}

/// A file in a folder of its own.
struct Kept {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Kept {
    fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("known_hosts");
        fs::write(&path, bytes).unwrap();
        Self { _dir: dir, path }
    }

    fn load(&self) -> KnownHosts {
        KnownHosts::load(std::slice::from_ref(&self.path)).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }
}

#[track_caller]
fn check(known: &KnownHosts, host: &str, port: u16, key: &HostKey, expected: &str) {
    let verdict = match known.lookup(host, port).verdict(key) {
        Verdict::Known => "known",
        Verdict::Unknown => "unknown",
        Verdict::Changed(_) => "changed",
        Verdict::Revoked(_) => "revoked",
    };
    assert_eq!(verdict, expected, "{host}:{port}");
}

#[test]
fn every_key_of_a_host_is_revoked_wherever_it_stands_and_no_other_host_loses_one() {
    let [own, shared, wild, portless] = [(); 4].map(|()| new_key());
    let keys = [&own, &shared, &wild, &portless].map(HostKey::to_openssh);
    let file = Kept::new(
        format!(
            "# ours\r\ndb-3 {}\nodd\ndb-3,10.0.0.3 {}\ndb-? {}\nweb-1 {}",
            keys[0], keys[1], keys[2], keys[3]
        )
        .as_bytes(),
    );
    let before = file.bytes();
    let known = file.load();
    assert_eq!(
        known.revoke("db-9", 2222).unwrap(),
        1,
        "the wildcard vouches there, too"
    );
    assert_eq!(known.revoke("db-3", 22).unwrap(), 3);
    assert_eq!(known.revoke("web-1", 2222).unwrap(), 1);
    assert_eq!(known.revoke("db-3", 22).unwrap(), 0, "once is enough");
    assert_eq!(known.revoke("nobody", 22).unwrap(), 0);
    assert!(file.bytes().starts_with(&before), "no line was touched");
    for known in [known, file.load()] {
        for key in [&own, &shared, &wild] {
            check(&known, "db-3", 22, key, "revoked");
        }
        check(&known, "10.0.0.3", 22, &shared, "known");
        check(&known, "db-4", 22, &wild, "known");
        check(&known, "db-9", 2222, &wild, "revoked");
        check(&known, "web-1", 2222, &portless, "revoked");
        check(&known, "web-1", 22, &portless, "known");
        // Nobody who answers for the host with a new key is believed at first sight.
        check(&known, "db-3", 22, &new_key(), "changed");
    }
}

#[test]
fn hashed_names_are_revoked_hashed_and_memory_is_enough() {
    let key = new_key();
    let file = Kept::new(b"");
    let known = file.load().hashing_names(true);
    known.learn("db-3", 22, &key).unwrap();
    assert_eq!(known.revoke("db-3", 22).unwrap(), 1);
    let text = String::from_utf8(file.bytes()).unwrap();
    assert!(text.contains("@revoked |1|") && !text.contains("db-3"), "{text}");
    check(&file.load(), "db-3", 22, &key, "revoked");

    let known = KnownHosts::from_text(&format!("db-3 {}\n", key.to_openssh()));
    assert_eq!(known.revoke("db-3", 22).unwrap(), 1);
    check(&known, "db-3", 22, &key, "revoked");
}

#[test]
fn a_key_is_replaced_in_shared_lines_too_and_every_other_byte_stays() {
    let [old, shared, other, new] = [(); 4].map(|()| new_key());
    let (o, s, w) = (old.to_openssh(), shared.to_openssh(), other.to_openssh());
    let text = [
        b"# gr\xfc\xdfe\r\n".to_vec(),
        format!("DB-3 {o} own\n").into_bytes(),
        format!("  Web-1,db-3\t{s}  J\u{fffd}").into_bytes(),
        b"\xfcrgen\r\n".to_vec(),
        format!("web-2 {w} ").into_bytes(),
        b"\xfc\r\n".to_vec(),
    ]
    .concat();
    let file = Kept::new(&text);
    let known = file.load();
    known.replace("db-3", 22, &new, "").unwrap();
    let expected = [
        b"# gr\xfc\xdfe\r\n".to_vec(),
        format!("  Web-1\t{s}  J\u{fffd}").into_bytes(),
        b"\xfcrgen\r\n".to_vec(),
        format!("web-2 {w} ").into_bytes(),
        b"\xfc\r\n".to_vec(),
        format!("db-3 {}\n", new.to_openssh()).into_bytes(),
    ]
    .concat();
    assert_eq!(
        String::from_utf8_lossy(&file.bytes()),
        String::from_utf8_lossy(&expected)
    );
    assert!(file.bytes() == expected);
    for known in [known, file.load()] {
        check(&known, "db-3", 22, &new, "known");
        check(&known, "db-3", 22, &shared, "changed");
        check(&known, "web-1", 22, &shared, "known");
    }
}

#[test]
fn a_wildcard_is_not_replaced_and_nothing_is_written() {
    let [old, new] = [(); 2].map(|()| new_key());
    let text = format!("db-3 {0}\ndb-* {0}\n", old.to_openssh());
    let file = Kept::new(text.as_bytes());
    let error = file.load().replace("db-3", 22, &new, "").unwrap_err();
    assert!(matches!(error, LearnError::Changed(entry) if entry.line == 2));
    assert_eq!(file.bytes(), text.as_bytes());
}

#[cfg(unix)]
#[test]
fn a_file_that_is_written_anew_keeps_its_rights_its_owner_and_its_place() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    let [old, new] = [(); 2].map(|()| new_key());
    for mode in [0o644, 0o600, 0o640] {
        let file = Kept::new(format!("db-3 {}\n", old.to_openssh()).as_bytes());
        fs::set_permissions(&file.path, fs::Permissions::from_mode(mode)).unwrap();
        // Where the test may give files away, the owner is another one.
        let _ = std::os::unix::fs::chown(&file.path, Some(65_534), Some(65_534));
        let before = fs::metadata(&file.path).unwrap();
        let link = file.path.with_file_name("link");
        symlink(&file.path, &link).unwrap();
        let known = KnownHosts::load(&[&link]).unwrap();
        known.replace("db-3", 22, &new, "").unwrap();
        let after = fs::metadata(&file.path).unwrap();
        assert_eq!(after.mode() & 0o7777, mode);
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let left = fs::read_dir(file.path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 2, "nothing is left beside it");
    }
}
