//! Reads where a SOCKS client wants to go: versions 4, 4a and 5 (RFC 1928), for dynamic forwards.
//!
//! Only CONNECT, and no sign-in: the port is on this machine. Whether the place can be reached is the
//! server's to say; the client is told with [`answer`].

use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const MAX_NAME_BYTES: usize = 255;

/// Where to go, and in which words to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) host: String,
    pub(super) port: u16,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Four,
    Five,
}

/// What came of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Open,
    /// The server does not allow it.
    Forbidden,
    /// The server could not get there.
    Unreachable,
}

/// Reads the wish. The error is a reason for a log; the client was told already, where it could be.
pub(super) async fn wish<S>(stream: &mut S) -> Result<Wish, &'static str>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match byte(stream).await? {
        4 => wish_4(stream).await,
        5 => wish_5(stream).await,
        _ => Err("it does not speak SOCKS"),
    }
}

/// Tells the client what came of its wish. Addresses in answers are of no use to anyone and stay zero.
pub(super) async fn answer<S>(stream: &mut S, wish: &Wish, outcome: Outcome) -> std::io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    match wish.version {
        Version::Four => {
            let code = if outcome == Outcome::Open { 90 } else { 91 };
            stream.write_all(&[0, code, 0, 0, 0, 0, 0, 0]).await
        }
        Version::Five => {
            let code = match outcome {
                Outcome::Open => 0,
                Outcome::Forbidden => 2,
                Outcome::Unreachable => 4,
            };
            stream.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await
        }
    }
}

async fn wish_4<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<Wish, &'static str> {
    let [command, high, low, a, b, c, d] = bytes(stream).await?;
    read_to_zero(stream).await?;
    // 4a: an impossible address, and the name behind it.
    let host = match [a, b, c, d] {
        [0, 0, 0, last] if last != 0 => read_to_zero(stream).await?,
        address => Ipv4Addr::from(address).to_string(),
    };
    let wish = Wish {
        host,
        port: u16::from_be_bytes([high, low]),
        version: Version::Four,
    };
    if command != 1 {
        // It hears no; whether it listens does not matter.
        let _ = answer(stream, &wish, Outcome::Forbidden).await;
        return Err("it wants something other than CONNECT");
    }
    Ok(wish)
}

async fn wish_5<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<Wish, &'static str> {
    let mut methods = vec![0; usize::from(byte(stream).await?)];
    stream.read_exact(&mut methods).await.map_err(|_| "it hung up")?;
    let method = if methods.contains(&0) { 0 } else { 0xff };
    stream.write_all(&[5, method]).await.map_err(|_| "it hung up")?;
    if method != 0 {
        return Err("it insists on signing in");
    }
    let [version, command, _, kind] = bytes(stream).await?;
    if version != 5 {
        return Err("it does not speak SOCKS5");
    }
    let host = match kind {
        1 => Ipv4Addr::from(bytes::<4, _>(stream).await?).to_string(),
        4 => Ipv6Addr::from(bytes::<16, _>(stream).await?).to_string(),
        3 => {
            let mut name = vec![0; usize::from(byte(stream).await?)];
            stream.read_exact(&mut name).await.map_err(|_| "it hung up")?;
            String::from_utf8(name).map_err(|_| "the name it wants is not text")?
        }
        _ => return Err("it wants an unknown kind of address"),
    };
    let port = u16::from_be_bytes(bytes(stream).await?);
    if command != 1 {
        // 7: this command is not known here.
        let _ = stream.write_all(&[5, 7, 0, 1, 0, 0, 0, 0, 0, 0]).await;
        return Err("it wants something other than CONNECT");
    }
    Ok(Wish {
        host,
        port,
        version: Version::Five,
    })
}

async fn read_to_zero<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, &'static str> {
    let mut name = Vec::new();
    loop {
        match byte(stream).await? {
            0 => return String::from_utf8(name).map_err(|_| "the name it wants is not text"),
            _ if name.len() >= MAX_NAME_BYTES => return Err("the name it wants is too long"),
            byte => name.push(byte),
        }
    }
}

async fn byte<S: AsyncRead + Unpin>(stream: &mut S) -> Result<u8, &'static str> {
    stream.read_u8().await.map_err(|_| "it hung up")
}

async fn bytes<const N: usize, S: AsyncRead + Unpin>(stream: &mut S) -> Result<[u8; N], &'static str> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.map_err(|_| "it hung up")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(sent: &[u8]) -> Result<(String, u16), &'static str> {
        let (mut client, mut server) = tokio::io::duplex(1024);
        client.write_all(sent).await.unwrap();
        client.shutdown().await.unwrap();
        wish(&mut server).await.map(|wish| (wish.host, wish.port))
    }

    #[tokio::test]
    async fn every_version_says_where_it_wants_to_go() {
        let cases: &[(&[u8], &str, u16)] = &[
            (&[4, 1, 0, 80, 10, 0, 0, 9, b'm', b'e', 0], "10.0.0.9", 80),
            (b"\x04\x01\x01\xbb\0\0\0\x07me\0db-3\0", "db-3", 443),
            (b"\x05\x01\0\x05\x01\0\x03\x04db-3\0\x16", "db-3", 22),
            (&[5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 22], "127.0.0.1", 22),
            (
                &[
                    5, 2, 2, 0, 5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 22,
                ],
                "::1",
                22,
            ),
        ];
        for (sent, host, port) in cases {
            assert_eq!(read(sent).await, Ok(((*host).to_owned(), *port)), "{sent:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_connect_is_turned_away() {
        let cases: &[&[u8]] = &[
            b"GET / HTTP/1.1\r\n",
            &[4, 2, 0, 80, 10, 0, 0, 9, 0],
            &[5, 1, 2],
            &[5, 1, 0, 5, 3, 0, 1, 127, 0, 0, 1, 0, 22],
            &[5, 1, 0, 5, 1, 0, 9],
            &[5],
            &[],
        ];
        for sent in cases {
            assert!(read(sent).await.is_err(), "{sent:?}");
        }
        let long = [&[4, 1, 0, 80, 0, 0, 0, 1][..], &[b'a'; 300]].concat();
        assert!(read(&long).await.is_err());
    }
}
