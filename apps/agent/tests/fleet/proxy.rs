//! A proxy that speaks SOCKS5 (RFC 1928, RFC 1929) or HTTP `CONNECT`, wants an account, and knows a name that nobody else does.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Base64 of `scan:PLANTED-proxy`, as HTTP sends it.
const BASIC: &str = "Basic c2NhbjpQTEFOVEVELXByb3h5";
pub(crate) const ACCOUNT: &str = "scan:PLANTED-proxy";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Speaks {
    Socks5,
    Http,
}

/// A running proxy. It ends with the test's process.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// `name:port` of each way that was opened, in order.
    pub(crate) opened: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start(speaks: Speaks) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let opened = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&opened);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // A client that hangs up in between is its own matter.
                thread::spawn(move || serve(client, speaks, &seen).ok());
            }
        });
        Ok(Self { port, opened })
    }

    pub(crate) fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, speaks: Speaks, opened: &Mutex<Vec<String>>) -> io::Result<()> {
    let asked = match speaks {
        Speaks::Socks5 => socks5(&mut client)?,
        Speaks::Http => http(&mut client)?,
    };
    let Some((name, port)) = asked else { return Ok(()) };
    // Every name is this machine: the client's own resolver would know none of them.
    let host = TcpStream::connect(("127.0.0.1", port))?;
    opened.lock().unwrap().push(format!("{name}:{port}"));
    match speaks {
        Speaks::Socks5 => client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?,
        Speaks::Http => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?,
    }
    let (from_client, to_host) = (client.try_clone()?, host.try_clone()?);
    thread::spawn(move || pump(from_client, to_host));
    pump(host, client);
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

fn exactly<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(client: &mut TcpStream) -> io::Result<String> {
    let [length] = exactly(client)?;
    let mut bytes = vec![0; usize::from(length)];
    client.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn socks5(client: &mut TcpStream) -> io::Result<Option<(String, u16)>> {
    let [version, count] = exactly(client)?;
    let mut methods = vec![0; usize::from(count)];
    client.read_exact(&mut methods)?;
    if version != 5 || !methods.contains(&2) {
        client.write_all(&[5, 0xff])?;
        return Ok(None);
    }
    client.write_all(&[5, 2])?;
    let [_version] = exactly(client)?;
    let account = format!("{}:{}", text(client)?, text(client)?);
    client.write_all(&[1, u8::from(account != ACCOUNT)])?;
    if account != ACCOUNT {
        return Ok(None);
    }
    let [_version, _connect, _reserved, kind] = exactly(client)?;
    let name = match kind {
        1 => std::net::Ipv4Addr::from(exactly::<4>(client)?).to_string(),
        3 => text(client)?,
        _ => return Ok(None),
    };
    Ok(Some((name, u16::from_be_bytes(exactly(client)?))))
}

fn http(client: &mut TcpStream) -> io::Result<Option<(String, u16)>> {
    let mut head = BufReader::new(client.try_clone()?);
    let (mut first, mut known) = (String::new(), false);
    head.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.trim_end().split_once(": ").unwrap_or_default();
        known |= name.eq_ignore_ascii_case("proxy-authorization") && value == BASIC;
    }
    if !known {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")?;
        return Ok(None);
    }
    let place = first
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split_once(' '))
        .unwrap_or_default()
        .0;
    Ok(place
        .rsplit_once(':')
        .and_then(|(name, port)| Some((name.to_owned(), port.parse().ok()?))))
}
