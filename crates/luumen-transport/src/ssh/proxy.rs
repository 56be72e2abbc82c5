//! Asks a proxy for the way out: HTTP `CONNECT` (RFC 9110 §9.3.6) and SOCKS5 (RFC 1928, RFC 1929).
//!
//! The proxy resolves the host's name, so a name that only it knows works. Works on any stream;
//! opening the one to the proxy is `tcp`'s work.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::Proxy;

/// The longest answer we read from an HTTP proxy before we call it none.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Makes `stream`, which ends at the proxy, end at `host:port`. The error is a reason for a person.
pub(super) async fn open<S>(stream: &mut S, proxy: &Proxy, host: &str, port: u16) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match proxy {
        Proxy::Http {
            username, password, ..
        } => {
            let account = username
                .as_deref()
                .map(|user| (user, password.as_ref().map_or("", |p| p.expose_secret())));
            http_connect(stream, host, port, account).await
        }
        Proxy::Socks5 {
            username, password, ..
        } => {
            let account = username
                .as_deref()
                .map(|user| (user, password.as_ref().map_or("", |p| p.expose_secret())));
            socks5(stream, host, port, account).await
        }
    }
}

async fn http_connect<S>(
    stream: &mut S,
    host: &str,
    port: u16,
    account: Option<(&str, &str)>,
) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if host.contains(['\r', '\n', ' ']) {
        return Err("the host's name cannot be sent to a proxy".to_owned());
    }
    let authority = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some((user, password)) = account {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {credentials}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let head = read_head(stream).await?;
    let status = head.lines().next().unwrap_or_default();
    match status.split_ascii_whitespace().nth(1) {
        Some(code) if code.len() == 3 && code.starts_with('2') => Ok(()),
        Some("407") => Err("it wants a user name and password, or other ones (407)".to_owned()),
        Some(_) => Err(format!(
            "it answered “{}”",
            status.chars().take(120).collect::<String>()
        )),
        None => Err("it does not speak HTTP".to_owned()),
    }
}

/// Reads up to the empty line, byte by byte: what follows belongs to SSH already.
async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD_BYTES {
            return Err("its answer is too long".to_owned());
        }
        head.push(stream.read_u8().await.map_err(broken)?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn socks5<S>(stream: &mut S, host: &str, port: u16, account: Option<(&str, &str)>) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let methods: &[u8] = if account.is_some() {
        &[5, 2, 0, 2]
    } else {
        &[5, 1, 0]
    };
    stream.write_all(methods).await.map_err(broken)?;
    let [version, method] = read(stream).await?;
    if version != 5 {
        return Err("it does not speak SOCKS5".to_owned());
    }
    match (method, account) {
        (0, _) => {}
        (2, Some(account)) => socks5_sign_in(stream, account).await?,
        _ => return Err("it wants a user name and password".to_owned()),
    }
    let mut request = vec![5, 1, 0];
    request.extend(socks5_address(host)?);
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await.map_err(broken)?;
    let [_, reply, _, kind] = read(stream).await?;
    if reply != 0 {
        return Err(socks5_reason(reply));
    }
    // The address it connected from: of no use to us, but it lies before the first SSH byte.
    let length = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(stream.read_u8().await.map_err(broken)?),
        _ => return Err("it does not speak SOCKS5".to_owned()),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map_err(broken)?;
    Ok(())
}

async fn socks5_sign_in<S>(stream: &mut S, (user, password): (&str, &str)) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let length =
        |text: &str| u8::try_from(text.len()).map_err(|_| "its account is too long for SOCKS5".to_owned());
    let mut request = vec![1, length(user)?];
    request.extend(user.as_bytes());
    request.push(length(password)?);
    request.extend(password.as_bytes());
    stream.write_all(&request).await.map_err(broken)?;
    match read(stream).await? {
        [_, 0] => Ok(()),
        _ => Err("it refused the user name or password".to_owned()),
    }
}

fn socks5_address(host: &str) -> Result<Vec<u8>, String> {
    Ok(match host.parse() {
        Ok(std::net::IpAddr::V4(address)) => [vec![1], address.octets().to_vec()].concat(),
        Ok(std::net::IpAddr::V6(address)) => [vec![4], address.octets().to_vec()].concat(),
        Err(_) => {
            let length =
                u8::try_from(host.len()).map_err(|_| "the host's name is too long for SOCKS5".to_owned())?;
            [vec![3, length], host.as_bytes().to_vec()].concat()
        }
    })
}

fn socks5_reason(reply: u8) -> String {
    match reply {
        1 => "it failed".to_owned(),
        2 => "its rules do not allow it".to_owned(),
        3 => "it cannot reach the network".to_owned(),
        4 => "it cannot reach the host".to_owned(),
        5 => "the host refused the connection".to_owned(),
        6 => "the host did not answer in time".to_owned(),
        7 => "it knows no CONNECT".to_owned(),
        8 => "it cannot handle this kind of address".to_owned(),
        other => format!("it answered with code {other}"),
    }
}

async fn read<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.map_err(broken)?;
    Ok(bytes)
}

fn broken(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it hung up".to_owned(),
        _ => error.to_string(),
    }
}
