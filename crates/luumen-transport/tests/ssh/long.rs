//! Long sessions: new keys under way, compressed and not, and a line that is watched.

use std::time::Duration;

use luumen_testkit::sshd::{KeyFile, Sshd};
use luumen_transport::{
    ConnectOptions, ExecRequest, RekeyAfter, Session as _, ShellEvent, ShellRequest, connect,
};
use sha2::{Digest as _, Sha256};

use crate::support::{key_auth, request, strict, target};

/// Text that compresses somewhat and never repeats.
fn text(bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 64);
    let mut line = 0u64;
    while text.len() < bytes {
        line += 1;
        let digest = Sha256::digest(line.to_be_bytes());
        text.extend(format!("{line:08} {:02x?}\n", &digest[..8]).into_bytes());
    }
    text.truncate(bytes);
    text
}

async fn there_and_back(change: impl FnOnce(&mut ConnectOptions), server: &str, at_least: u64) {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).config(server).start().unwrap() else {
        return;
    };
    let mut options = strict(&server);
    change(&mut options);
    let compression = options.compression;
    let mut session = connect(&target(&server, key_auth(&key)), &options).await.unwrap();
    let sent = text(24 * 1024 * 1024);
    let cat = ExecRequest {
        stdin: sent.clone(),
        ..request("cat")
    };
    let output = session.exec(cat).await.unwrap();
    assert!(output.stdout == sent, "{} bytes came back", output.stdout.len());
    let facts = session.facts();
    assert!(facts.key_exchanges > at_least, "{facts:?}");
    assert_eq!(facts.compression == "zlib", compression);
    assert!(facts.server.starts_with("SSH-2.0-OpenSSH"), "{facts:?}");
    // And it still works.
    assert_eq!(session.exec(request("echo on")).await.unwrap().stdout, b"on\n");
    session.close().await;
}

#[tokio::test]
async fn new_keys_come_after_so_many_bytes_without_compression() {
    let bytes = 2 * 1024 * 1024;
    there_and_back(|options| options.rekey.bytes = bytes, "", 8).await;
}

#[tokio::test]
async fn new_keys_come_after_so_many_bytes_with_compression() {
    let change = |options: &mut ConnectOptions| {
        options.compression = true;
        options.rekey.bytes = 2 * 1024 * 1024;
    };
    there_and_back(change, "Compression yes", 2).await;
}

#[tokio::test]
async fn the_server_may_want_new_keys_too() {
    let change = |options: &mut ConnectOptions| options.compression = true;
    there_and_back(change, "RekeyLimit 1M 1s", 3).await;
}

#[tokio::test]
async fn new_keys_come_after_some_time_while_a_terminal_is_used() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let mut options = strict(&server);
    options.rekey = RekeyAfter {
        time: Duration::from_millis(300),
        ..RekeyAfter::default()
    };
    options.keepalive_interval = Some(Duration::from_millis(100));
    options.compression = true;
    let session = connect(&target(&server, key_auth(&key)), &options).await.unwrap();
    let request = ShellRequest {
        command: Some("while read line; do echo got-$line; done".to_owned()),
        ..ShellRequest::new("xterm", 80, 24)
    };
    let mut shell = session.open_shell(&request).await.unwrap();
    for number in 0..20 {
        assert!(shell.input.write(format!("{number}\n")).await);
        let wanted = format!("got-{number}");
        let mut text = String::new();
        while !text.contains(&wanted) {
            match shell.output.next().await {
                ShellEvent::Data(data) => text.push_str(&String::from_utf8_lossy(&data)),
                end => panic!("{end:?} after {text:?}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(session.facts().key_exchanges >= 4, "{:?}", session.facts());
}
