//! How quick are our file transfers beside OpenSSH's own `sftp`? Both carry the same file over a throw-away
//! `sshd` on loopback, connecting included, three times in turn; the best of each counts.
//!
//! `cargo run --release -p luumen-transport --example sftp`
#![allow(clippy::print_stdout, reason = "a measurement has to say what it measured")]

use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use luumen_crypto::Secret;
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_transport::{
    AuthMethod, Buffers, ConnectOptions, KnownHosts, Session as _, SshTarget, connect,
    sftp::{FileReader, FileWriter, Open, Sftp},
};
use tokio::sync::mpsc;

const MEGABYTES: usize = 200;
const ROUNDS: usize = 3;
const PIECE_BYTES: usize = 255 * 1024;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let key = KeyFile::generate("ed25519")?;
    let Some(server) = Sshd::builder().authorize(&key).start()? else {
        return Ok(());
    };
    let (from, to) = (server.dir().join("from"), server.dir().join("to"));
    let mut file = fs::File::create(&from)?;
    for _ in 0..MEGABYTES {
        file.write_all(&rand::random::<[u8; 32]>().repeat(32 * 1024))?;
    }
    drop(file);
    let (mut ours, mut theirs) = ([Duration::MAX; 2], [Duration::MAX; 2]);
    for _ in 0..ROUNDS {
        for (number, way) in ["get", "put"].into_iter().enumerate() {
            theirs[number] = theirs[number].min(openssh(&server, &key, way, &from, &to)?);
            same(&from, &to)?;
            ours[number] = ours[number].min(luumen(&server, &key, way, &from, &to).await?);
            same(&from, &to)?;
        }
    }
    for (number, way) in ["download", "upload"].into_iter().enumerate() {
        let speed = |time: Duration| MEGABYTES as f64 / time.as_secs_f64();
        println!(
            "{way}: {:.0} MB/s, OpenSSH sftp {:.0} MB/s, ratio {:.2}",
            speed(ours[number]),
            speed(theirs[number]),
            theirs[number].as_secs_f64() / ours[number].as_secs_f64()
        );
    }
    Ok(())
}

fn same(from: &Path, to: &Path) -> anyhow::Result<()> {
    ensure!(
        fs::read(from)? == fs::read(to)?,
        "the file was changed on the way"
    );
    Ok(fs::remove_file(to)?)
}

fn openssh(server: &Sshd, key: &KeyFile, way: &str, from: &Path, to: &Path) -> anyhow::Result<Duration> {
    let identity = key.copy_to(server.dir(), "id")?;
    let started = Instant::now();
    let mut sftp = Command::new("sftp")
        .args(["-q", "-b", "-", "-F", "none", "-o", "StrictHostKeyChecking=no"])
        .args(["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-i"])
        .arg(identity)
        .args([
            "-P",
            &server.port().to_string(),
            &format!("{}@127.0.0.1", username()?),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("could not start sftp")?;
    let mut orders = sftp.stdin.take().context("sftp takes no orders")?;
    writeln!(orders, "{way} {} {}", from.display(), to.display())?;
    drop(orders);
    ensure!(sftp.wait()?.success(), "sftp failed");
    Ok(started.elapsed())
}

async fn luumen(server: &Sshd, key: &KeyFile, way: &str, from: &Path, to: &Path) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let target = SshTarget::new("127.0.0.1", server.port(), username()?).with_auth(AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: None,
        certificate: None,
        origin: "bench".to_owned(),
    });
    let mut options = ConnectOptions::new(Arc::new(KnownHosts::from_text(&server.known_hosts()?)));
    options.buffers = Buffers::FILES;
    let mut session = connect(&target, &options).await?;
    let sftp = Sftp::open(session.clone()).await?;
    if way == "get" {
        download(&sftp, from, to).await?;
    } else {
        upload(&sftp, from, to).await?;
    }
    session.close().await;
    Ok(started.elapsed())
}

async fn download(sftp: &Sftp, from: &Path, to: &Path) -> anyhow::Result<()> {
    let file = sftp.open_file(&from.to_string_lossy(), Open::Read, None).await?;
    let length = file.stat().await?.size.unwrap_or(0);
    let (pieces, mut queue) = mpsc::channel::<bytes::Bytes>(16);
    let mut local = fs::File::create(to)?;
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(piece) = queue.blocking_recv() {
            local.write_all(&piece)?;
        }
        std::io::Result::Ok(())
    });
    let mut reader = FileReader::new(&file, 0, length);
    while let Some(piece) = reader.next().await? {
        pieces.send(piece).await?;
    }
    drop(pieces);
    Ok(writing.await??)
}

async fn upload(sftp: &Sftp, from: &Path, to: &Path) -> anyhow::Result<()> {
    let file = sftp.open_file(&to.to_string_lossy(), Open::Create, None).await?;
    let (pieces, mut queue) = mpsc::channel::<Vec<u8>>(16);
    let mut local = fs::File::open(from)?;
    let reading = tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            if (&mut local).take(PIECE_BYTES as u64).read_to_end(&mut piece)? == 0 {
                return std::io::Result::Ok(());
            }
            if pieces.blocking_send(piece).is_err() {
                return Ok(());
            }
        }
    });
    let mut writer = FileWriter::new(&file, 0);
    while let Some(piece) = queue.recv().await {
        writer.write(&piece).await?;
    }
    writer.finish().await?;
    reading.await??;
    Ok(file.close().await?)
}
