//! Opens the TCP connection: resolves the name, then tries its addresses.
//!
//! A host with a dead IPv6 address and a good IPv4 one must not cost the whole timeout, so a new
//! address is tried every 250 ms while the others are still pending (RFC 8305, in short).

use std::{io, net::SocketAddr, time::Duration};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::net::{TcpStream, lookup_host};

const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// The addresses of a name, IPv6 and IPv4 taking turns, in the resolver's order otherwise.
pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
    if found.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    Ok(take_turns(found))
}

fn take_turns(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.into_iter().partition(|a| a.is_ipv6() == first_is_v6);
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns.dedup();
    turns
}

/// The first address that answers.
pub(super) async fn open(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut attempts: FuturesUnordered<_> = addresses
        .iter()
        .zip(0u32..)
        .map(|(&address, place)| async move {
            tokio::time::sleep(NEXT_ADDRESS_AFTER * place).await;
            TcpStream::connect(address).await
        })
        .collect();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to try");
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => {
                // Commands are short and answered at once; waiting to fill a packet only adds delay.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_take_turns() {
        let addresses = |text: &str| {
            text.split(' ')
                .map(|a| a.parse().unwrap())
                .collect::<Vec<SocketAddr>>()
        };
        assert_eq!(
            take_turns(addresses("[::1]:1 [::2]:1 [::3]:1 1.1.1.1:1")),
            addresses("[::1]:1 1.1.1.1:1 [::2]:1 [::3]:1")
        );
        assert_eq!(
            take_turns(addresses("1.1.1.1:1 1.1.1.1:1")),
            addresses("1.1.1.1:1")
        );
    }

    #[tokio::test]
    async fn a_dead_address_does_not_hide_a_good_one() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        // Port 1 on loopback: refused at once.
        let stream = open(&["127.0.0.1:1".parse().unwrap(), good]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(stream.nodelay().unwrap());
    }
}
