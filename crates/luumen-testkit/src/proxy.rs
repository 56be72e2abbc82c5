//! Small proxies that speak the real protocols over loopback: HTTP `CONNECT` with Basic authentication (RFC 9110) and SOCKS5
//! with or without an account (RFC 1928, RFC 1929). Not for use outside of tests: they let anybody on this machine out.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// The account that a proxy with one lets in.
pub const USER: &str = "ali";
/// Its password.
pub const PASSWORD: &str = "sesame";
/// Both as `Basic` writes them.
pub const BASIC: &str = "YWxpOnNlc2FtZQ==";

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTTP `CONNECT`.
    Http,
    /// SOCKS version 5.
    Socks5,
}

/// A proxy that serves for as long as the test's runtime lives.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    passed: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts one; with `account` it wants [`USER`] and [`PASSWORD`].
    pub async fn start(kind: Kind, account: bool) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("a test's proxy cannot listen")?;
        let port = listener.local_addr()?.port();
        let passed = Arc::<AtomicUsize>::default();
        let count = passed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let count = count.clone();
                tokio::spawn(async move {
                    match kind {
                        Kind::Http => serve_http(client, account, &count).await,
                        Kind::Socks5 => serve_socks5(client, account, &count).await,
                    }
                });
            }
        });
        Ok(Self { port, passed })
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections it let through.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

async fn serve_http(mut client: TcpStream, account: bool, passed: &AtomicUsize) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    if account && !head.contains(&format!("Proxy-Authorization: Basic {BASIC}\r\n")) {
        client
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            .await
            .ok()?;
        return None;
    }
    let address = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    match TcpStream::connect(address).await {
        Ok(server) => {
            client
                .write_all(b"HTTP/1.1 200 OK\r\nVia: test\r\n\r\n")
                .await
                .ok()?;
            passed.fetch_add(1, Ordering::SeqCst);
            join(client, server).await
        }
        Err(_) => client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await.ok(),
    }
}

async fn serve_socks5(mut client: TcpStream, account: bool, passed: &AtomicUsize) -> Option<()> {
    let mut head = [0; 2];
    client.read_exact(&mut head).await.ok()?;
    let mut methods = vec![0; usize::from(head[1])];
    client.read_exact(&mut methods).await.ok()?;
    let method = if account { 2 } else { 0 };
    client
        .write_all(&[5, if methods.contains(&method) { method } else { 255 }])
        .await
        .ok()?;
    if account {
        let right = read_account(&mut client).await? == (USER.to_owned(), PASSWORD.to_owned());
        client.write_all(&[1, u8::from(!right)]).await.ok()?;
        if !right {
            return None;
        }
    }
    // The tests only name 127.0.0.1, so the request always has an IPv4 address.
    let mut request = [0; 10];
    client.read_exact(&mut request).await.ok()?;
    let port = u16::from_be_bytes([request[8], request[9]]);
    match TcpStream::connect(("127.0.0.1", port)).await {
        Ok(server) => {
            client
                .write_all(&[5, 0, 0, 3, 4, b't', b'e', b's', b't', 0, 0])
                .await
                .ok()?;
            passed.fetch_add(1, Ordering::SeqCst);
            join(client, server).await
        }
        Err(_) => client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok(),
    }
}

/// The version, a name and a password, each after its length.
async fn read_account(client: &mut TcpStream) -> Option<(String, String)> {
    let _version = client.read_u8().await.ok()?;
    let mut texts = [String::new(), String::new()];
    for text in &mut texts {
        let mut bytes = vec![0; usize::from(client.read_u8().await.ok()?)];
        client.read_exact(&mut bytes).await.ok()?;
        *text = String::from_utf8(bytes).ok()?;
    }
    let [user, password] = texts;
    Some((user, password))
}

async fn join(mut client: TcpStream, mut server: TcpStream) -> Option<()> {
    tokio::io::copy_bidirectional(&mut client, &mut server)
        .await
        .ok()
        .map(drop)
}
