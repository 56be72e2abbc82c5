//! Interfaces, routes and name servers, from `ip addr`, else from `/sys` and `/proc`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use luumen_model::{HostsEntry, Interface, Network, Route};

use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Network> {
    let mut interfaces = match (view.output("network.addresses"), view.output("network.fallback")) {
        (Some(text), _) => ip_addr(text, notes),
        (None, Some(text)) => from_sys(text),
        (None, None) => Vec::new(),
    };
    for interface in &mut interfaces {
        interface.addresses.sort();
        refine_kind(interface, view);
    }
    interfaces.sort_by(|a, b| a.name.cmp(&b.name));
    let mut routes: Vec<Route> = view
        .lines("/proc/net/route")
        .iter()
        .skip(1)
        .filter_map(|line| route4(line))
        .collect();
    routes.extend(
        view.lines("/proc/net/ipv6_route")
            .iter()
            .filter_map(|line| route6(line)),
    );
    routes.sort_by(|a, b| {
        (&a.destination, &a.gateway, &a.interface).cmp(&(&b.destination, &b.gateway, &b.interface))
    });
    routes.dedup();
    let gateway = |v6: bool| {
        let defaults = routes.iter().filter(|route| route.destination == "default");
        defaults
            .filter_map(|route| route.gateway.clone())
            .find(|gateway| gateway.contains(':') == v6)
    };
    let default_gateway = gateway(false).or_else(|| gateway(true));
    let (dns_servers, dns_search) = resolver(view.lines("/etc/resolv.conf"));
    let hosts_file = view
        .lines("/etc/hosts")
        .iter()
        .filter_map(|line| hosts_entry(line))
        .collect();
    if interfaces.is_empty() && routes.is_empty() && dns_servers.is_empty() {
        return None;
    }
    Some(Network {
        interfaces,
        routes,
        dns_servers,
        dns_search,
        default_gateway,
        hosts_file,
    })
}

/// Blocks of `2: eth0: <BROADCAST,UP> mtu 1500 … state UP …` with indented lines behind.
fn ip_addr(text: &str, notes: &mut Notes) -> Vec<Interface> {
    let mut out: Vec<Interface> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |key: &str| {
            words
                .iter()
                .position(|word| *word == key)
                .and_then(|at| words.get(at + 1))
                .copied()
        };
        if !line.starts_with(' ') {
            let Some(name) = words.get(1).and_then(|name| name.strip_suffix(':')) else {
                notes.odd("network.addresses", "not a line of ip addr", line);
                continue;
            };
            out.push(Interface {
                name: name.split('@').next().unwrap_or(name).to_owned(),
                mtu_bytes: after("mtu").and_then(|mtu| mtu.parse().ok()),
                state: after("state").map(str::to_lowercase),
                ..Interface::default()
            });
        } else if let Some(interface) = out.last_mut() {
            match words.as_slice() {
                [link, rest @ ..] if link.starts_with("link/") => {
                    interface.kind = link.strip_prefix("link/").map(str::to_owned);
                    interface.mac = rest
                        .first()
                        .filter(|mac| mac.len() == 17 && **mac != "00:00:00:00:00:00")
                        .map(|mac| (*mac).to_owned());
                }
                // Temporary IPv6 addresses change by themselves and would look like drift.
                ["inet" | "inet6", address, ..] if !words.contains(&"temporary") => {
                    interface.addresses.push((*address).to_owned());
                }
                _ => {}
            }
        }
    }
    out
}

/// Bridges, bonds and VLANs look like Ethernet to `ip addr`; the kernel's own notes know better.
fn refine_kind(interface: &mut Interface, view: &View<'_>) {
    let folder = format!("/sys/class/net/{}", interface.name);
    let uevent = view.lines(&format!("{folder}/uevent"));
    if let Some(kind) = uevent.iter().find_map(|line| line.strip_prefix("DEVTYPE=")) {
        interface.kind = Some(kind.to_owned());
    } else if view.exists(&format!("{folder}/bridge")) {
        interface.kind = Some("bridge".to_owned());
    } else if view.exists(&format!("{folder}/bonding")) {
        interface.kind = Some("bond".to_owned());
    }
}

/// `eth0  00000000  0102A8C0  0003  0 0 100  00000000 …`: addresses are hex in the host's byte order.
fn route4(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let address = |index: usize| {
        Some(Ipv4Addr::from(
            u32::from_str_radix(words.get(index)?, 16).ok()?.swap_bytes(),
        ))
    };
    let (destination, gateway, mask) = (address(1)?, address(2)?, address(7)?);
    let bits = mask.to_bits().count_ones();
    Some(Route {
        destination: if bits == 0 {
            "default".to_owned()
        } else {
            format!("{destination}/{bits}")
        },
        gateway: (!gateway.is_unspecified()).then(|| gateway.to_string()),
        interface: words.first().map(|name| (*name).to_owned()),
    })
}

/// `destination prefix source prefix next-hop metric ref use flags interface`, all hex.
fn route6(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let address = |index: usize| Some(Ipv6Addr::from(u128::from_str_radix(words.get(index)?, 16).ok()?));
    let (destination, bits, gateway) = (
        address(0)?,
        u32::from_str_radix(words.get(1)?, 16).ok()?,
        address(4)?,
    );
    let interface = *words.get(9)?;
    let flags = u32::from_str_radix(words.get(8)?, 16).ok()?;
    // Not up, reject, local table, or the routes that every interface has for itself.
    let own = destination.is_multicast() || (destination.segments()[0] & 0xffc0) == 0xfe80 || bits == 128;
    if flags & 1 == 0 || flags & 0x200 != 0 || flags & 0x8000_0000 != 0 || own || interface == "lo" {
        return None;
    }
    Some(Route {
        destination: if bits == 0 {
            "default".to_owned()
        } else {
            format!("{destination}/{bits}")
        },
        gateway: (!gateway.is_unspecified()).then(|| gateway.to_string()),
        interface: Some(interface.to_owned()),
    })
}

fn resolver(lines: &[&str]) -> (Vec<String>, Vec<String>) {
    let (mut servers, mut search) = (Vec::new(), Vec::new());
    for line in lines {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => servers.extend(words.next().map(str::to_owned)),
            Some("search" | "domain") => search = words.map(str::to_owned).collect(),
            _ => {}
        }
    }
    (servers, search)
}

fn hosts_entry(line: &str) -> Option<HostsEntry> {
    let mut words = line.split('#').next()?.split_whitespace();
    let address = words.next()?.to_owned();
    let names: Vec<String> = words.map(str::to_owned).collect();
    (!names.is_empty()).then_some(HostsEntry { address, names })
}

/// Without `ip`: link facts from `/sys`, IPv6 addresses from `if_inet6`. IPv4 addresses stand in
/// `fib_trie` without their interface, so they are listed under the loopback or under `?`.
fn from_sys(text: &str) -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    let mut local4 = Vec::new();
    let mut last4 = "";
    for line in text.lines() {
        let Some((path, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        if let Some((name, key)) = path
            .strip_prefix("/sys/class/net/")
            .and_then(|rest| rest.split_once('/'))
        {
            let interface = found.entry(name.to_owned()).or_insert_with(|| Interface {
                name: name.to_owned(),
                ..Interface::default()
            });
            match key {
                "address" if value.len() == 17 && value != "00:00:00:00:00:00" => {
                    interface.mac = Some(value.to_owned())
                }
                "mtu" => interface.mtu_bytes = value.parse().ok(),
                "operstate" => interface.state = Some(value.to_owned()),
                _ => {}
            }
        } else if path.ends_with("if_inet6") {
            let words: Vec<&str> = value.split_whitespace().collect();
            if let [hex, _, bits, _, _, name] = words.as_slice()
                && let (Ok(address), Ok(bits)) =
                    (u128::from_str_radix(hex, 16), u32::from_str_radix(bits, 16))
            {
                let interface = found.entry((*name).to_owned()).or_insert_with(|| Interface {
                    name: (*name).to_owned(),
                    ..Interface::default()
                });
                interface
                    .addresses
                    .push(format!("{}/{bits}", Ipv6Addr::from(address)));
            }
        } else if let Some(address) = value.strip_prefix("|-- ") {
            last4 = address;
        } else if value.starts_with("/32 host LOCAL") && !local4.contains(&last4) {
            local4.push(last4);
        }
    }
    for address in local4 {
        let name = if address.starts_with("127.") { "lo" } else { "?" };
        let interface = found.entry(name.to_owned()).or_insert_with(|| Interface {
            name: name.to_owned(),
            ..Interface::default()
        });
        interface.addresses.push(format!("{address}/32"));
    }
    found.into_values().collect()
}
