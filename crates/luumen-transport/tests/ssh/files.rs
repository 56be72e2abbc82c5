//! Files over SFTP, with the server's own eyes as the judge.

use std::{
    fs,
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    path::Path,
};

use luumen_testkit::sshd::{KeyFile, Sshd, SshdBuilder};
use luumen_transport::{
    connect,
    sftp::{Attributes, FileKind, FileReader, FileWriter, Open, Sftp, name_to_bytes},
};

use crate::support::{key_auth, strict, target};

async fn open() -> Option<(Sshd, Sftp, String)> {
    open_with(|server| server).await
}

async fn open_with(change: impl FnOnce(SshdBuilder) -> SshdBuilder) -> Option<(Sshd, Sftp, String)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = change(Sshd::builder().authorize(&key)).start().unwrap()?;
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    let sftp = Sftp::open(session).await.unwrap();
    let folder = server.dir().join("files");
    fs::create_dir(&folder).unwrap();
    Some((server, sftp, folder.to_str().unwrap().to_owned()))
}

#[tokio::test]
async fn a_directory_is_read_as_it_is() {
    let Some((_server, sftp, folder)) = open().await else {
        return;
    };
    let place = Path::new(&folder);
    fs::write(place.join("größe 表"), "12345").unwrap();
    fs::set_permissions(place.join("größe 表"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::create_dir(place.join("sub")).unwrap();
    std::os::unix::fs::symlink("sub", place.join("link")).unwrap();
    fs::write(place.join(std::ffi::OsStr::from_bytes(b"odd-\xff")), "").unwrap();
    let mut listing = sftp.list(&folder, 100).await.unwrap();
    assert!(!listing.truncated);
    listing.entries.sort_by_key(|entry| name_to_bytes(&entry.name));
    let seen: Vec<_> = listing
        .entries
        .iter()
        .map(|e| (name_to_bytes(&e.name), e.attributes.kind()))
        .collect();
    assert_eq!(
        seen,
        [
            ("größe 表".as_bytes().to_vec(), FileKind::File),
            (b"link".to_vec(), FileKind::Link),
            (b"odd-\xff".to_vec(), FileKind::File),
            (b"sub".to_vec(), FileKind::Directory),
        ]
    );
    let file = &listing.entries[0];
    assert_eq!(
        (file.attributes.size, file.attributes.permissions()),
        (Some(5), Some(0o640))
    );
    assert!(file.owner_names().is_some(), "{file:?}");
    assert_eq!(sftp.read_link(&format!("{folder}/link")).await.unwrap(), "sub");
    assert!(sftp.is_directory(&format!("{folder}/link")).await.unwrap());
    assert_eq!(
        sftp.real_path(&format!("{folder}/link/..")).await.unwrap(),
        folder
    );
    // The odd name works, too.
    sftp.remove(&format!("{folder}/{}", listing.entries[2].name))
        .await
        .unwrap();
    assert!(sftp.list(&folder, 2).await.unwrap().truncated);
}

#[tokio::test]
async fn directories_change_as_asked_and_refusals_say_why() {
    let Some((_server, sftp, folder)) = open().await else {
        return;
    };
    let at = |name: &str| format!("{folder}/{name}");
    sftp.make_directory(&at("a")).await.unwrap();
    sftp.rename(&at("a"), &at("b")).await.unwrap();
    sftp.link(&at("link"), "b").await.unwrap();
    assert_eq!(fs::read_link(at("link")).unwrap(), Path::new("b"));
    fs::write(at("one"), "one").unwrap();
    fs::write(at("two"), "two").unwrap();
    let error = sftp.rename(&at("one"), &at("two")).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SFTP-FAILED");
    sftp.replace(&at("one"), &at("two")).await.unwrap();
    assert_eq!(fs::read_to_string(at("two")).unwrap(), "one");
    let changes = Attributes {
        mode: Some(0o600),
        times: Some((1_000_000_000, 1_000_000_001)),
        ..Attributes::default()
    };
    sftp.set_stat(&at("two"), &changes).await.unwrap();
    let stat = sftp.stat(&at("two")).await.unwrap();
    assert_eq!((stat.permissions(), stat.times), (Some(0o600), changes.times));
    sftp.remove_directory(&at("b")).await.unwrap();
    assert_eq!(sftp.lstat(&at("link")).await.unwrap().kind(), FileKind::Link);
    let missing = sftp.stat(&at("link")).await.unwrap_err();
    assert!(missing.is_missing(), "{missing}");
    assert_eq!(missing.code(), "LUM-SFTP-NO-SUCH-FILE");
}

#[tokio::test]
async fn big_files_come_and_go_unharmed_from_any_offset() {
    let Some((_server, sftp, folder)) = open().await else {
        return;
    };
    let path = format!("{folder}/big");
    let content: Vec<u8> = (0u32..5_000_001)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let file = sftp.open_file(&path, Open::CreateNew, Some(0o600)).await.unwrap();
    let mut writer = FileWriter::new(&file, 0);
    for part in content[..3_000_000].chunks(77_777) {
        writer.write(part).await.unwrap();
    }
    writer.finish().await.unwrap();
    assert_eq!(writer.confirmed(), 3_000_000);
    file.close().await.unwrap();
    assert!(sftp.open_file(&path, Open::CreateNew, None).await.is_err());
    let file = sftp.open_file(&path, Open::Continue, None).await.unwrap();
    let mut writer = FileWriter::new(&file, 3_000_000);
    writer.write(&content[3_000_000..]).await.unwrap();
    writer.finish().await.unwrap();
    file.sync().await.unwrap();
    assert_eq!(file.stat().await.unwrap().size, Some(5_000_001));
    file.close().await.unwrap();
    assert!(fs::read(&path).unwrap() == content);

    let file = sftp.open_file(&path, Open::Read, None).await.unwrap();
    for (offset, expected) in [
        (0, 5_000_001),
        (4_999_999, 5_000_001),
        (1_000_000, 10),
        (6_000_000, 0),
    ] {
        let mut reader = FileReader::new(&file, offset, expected);
        let mut read = Vec::new();
        while let Some(part) = reader.next().await.unwrap() {
            read.extend(part);
        }
        assert!(
            read == content[content.len().min(offset as usize)..],
            "from {offset}"
        );
    }
    // Files of the kernel claim to be empty.
    let kernel = sftp.open_file("/proc/version", Open::Read, None).await.unwrap();
    let mut reader = FileReader::new(&kernel, 0, 0);
    assert!(!reader.next().await.unwrap().unwrap().is_empty());
    assert_eq!(reader.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_server_without_files_says_so() {
    for command in ["true", "echo Welcome to db-3, all that you do here is watched"] {
        let key = KeyFile::generate("ed25519").unwrap();
        let server = Sshd::builder()
            .authorize(&key)
            .config(format!("ForceCommand {command}"));
        let Some(server) = server.start().unwrap() else {
            return;
        };
        let session = connect(&target(&server, key_auth(&key)), &strict(&server))
            .await
            .unwrap();
        let error = Sftp::open(session).await.unwrap_err();
        assert_eq!(error.code(), "LUM-SFTP-PROTOCOL", "{error}");
    }
}

#[tokio::test]
async fn where_a_server_cannot_exchange_files_at_once_the_old_one_goes_last() {
    let old_server = |server: SshdBuilder| server.config("ForceCommand internal-sftp -P posix-rename");
    let Some((_server, sftp, folder)) = open_with(old_server).await else {
        return;
    };
    let at = |name: &str| format!("{folder}/{name}");
    let there = |name: &str| fs::read_to_string(at(name)).unwrap_or_else(|_| "-".to_owned());
    fs::write(at("old"), "old").unwrap();
    // Nothing to put in its place: what is there stays.
    sftp.replace(&at("none"), &at("old")).await.unwrap_err();
    assert_eq!(
        (there("old"), there("old.luumen-old")),
        ("old".into(), "-".into())
    );
    fs::write(at("new"), "new").unwrap();
    sftp.replace(&at("new"), &at("old")).await.unwrap();
    assert_eq!((there("old"), there("new")), ("new".into(), "-".into()));
    fs::create_dir(at("folder")).unwrap();
    sftp.replace(&at("old"), &at("folder")).await.unwrap_err();
    assert!(Path::new(&at("folder")).is_dir() && there("old") == "new");
    // A cut came between: the next try ends it, and tidies up.
    fs::rename(at("old"), at("old.luumen-old")).unwrap();
    fs::write(at("newer"), "newer").unwrap();
    sftp.replace(&at("newer"), &at("old")).await.unwrap();
    assert_eq!(
        (there("old"), there("old.luumen-old")),
        ("newer".into(), "-".into())
    );
}
