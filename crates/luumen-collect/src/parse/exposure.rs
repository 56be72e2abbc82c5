//! What listens, who keeps the clock right, and which containers there are.

use std::net::{Ipv4Addr, Ipv6Addr};

use luumen_model::{Container, Containers, ListeningPort, ListeningPorts, TimeSync};

use crate::view::{Notes, View};

pub(super) fn read_ports(view: &View<'_>, notes: &mut Notes) -> Option<ListeningPorts> {
    let mut items = Vec::new();
    let complete = view.output("listening_ports.ss_sudo").is_some();
    if let Some(text) = view
        .output("listening_ports.ss_sudo")
        .or_else(|| view.output("listening_ports.ss"))
    {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match ss_line(line) {
                Some(port) => items.push(port),
                None => notes.odd("listening_ports.ss", "not a line of ss", line),
            }
        }
    } else {
        let text = view.output("listening_ports.proc")?;
        items.extend(text.lines().filter_map(proc_line));
        notes.problem(
            "listening_ports.proc",
            "there is no ss on this host: owners of sockets are not known",
        );
    }
    let key = |port: &ListeningPort| (port.protocol.clone(), port.port, port.address.clone());
    items.sort_by_key(key);
    // Workers of one program share a socket address; one line is enough.
    items.dedup_by_key(|port| key(port));
    Some(ListeningPorts {
        items,
        processes_read: complete,
    })
}

/// `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3)) ino:1 sk:1`.
fn ss_line(line: &str) -> Option<ListeningPort> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = words.get(4)?.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = address.split('%').next().unwrap_or(address).trim_end_matches(']');
    let six = address.contains(':') || address == "*";
    let address = if address == "*" {
        "::"
    } else {
        address.trim_start_matches("::ffff:")
    };
    let protocol = if six {
        format!("{}6", words.first()?)
    } else {
        (*words.first()?).to_owned()
    };
    let owner = line.split_once("users:((\"").map(|(_, rest)| rest);
    let uid = words
        .iter()
        .find_map(|word| word.strip_prefix("uid:")?.parse().ok());
    Some(ListeningPort {
        protocol,
        exposed: exposed(address),
        address: address.to_owned(),
        port: port.parse().ok()?,
        process: owner.and_then(|rest| rest.split('"').next()).map(str::to_owned),
        pid: None,
        // ss leaves out root's.
        uid: uid.or(Some(0)),
    })
}

/// `/proc/net/tcp:  0: 0100007F:0016 00000000:0000 0A … uid`.
fn proc_line(line: &str) -> Option<ListeningPort> {
    let (path, rest) = line.split_once(':')?;
    let protocol = path.rsplit('/').next()?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (address, port) = words.get(1)?.split_once(':')?;
    let state = *words.get(3)?;
    if (protocol.starts_with("tcp") && state != "0A") || (protocol.starts_with("udp") && state != "07") {
        return None;
    }
    let address = match address.len() {
        8 => Ipv4Addr::from(u32::from_str_radix(address, 16).ok()?.swap_bytes()).to_string(),
        32 => {
            // Four words, each in the host's byte order.
            let word = |index: usize| {
                Some(u128::from(
                    u32::from_str_radix(address.get(index * 8..index * 8 + 8)?, 16)
                        .ok()?
                        .swap_bytes(),
                ))
            };
            Ipv6Addr::from((0..4).try_fold(0u128, |sum, index| Some((sum << 32) | word(index)?))?).to_string()
        }
        _ => return None,
    };
    Some(ListeningPort {
        protocol: protocol.to_owned(),
        exposed: exposed(&address),
        address,
        port: i64::from(u16::from_str_radix(port, 16).ok()?),
        uid: words.get(7).and_then(|uid| uid.parse().ok()),
        ..ListeningPort::default()
    })
}

fn exposed(address: &str) -> bool {
    !address.starts_with("127.") && address != "::1"
}

/// Daemons that keep the clock, by the name of their process (cut to 15 characters by the kernel).
const CLOCKS: [(&str, &str); 6] = [
    ("chronyd", "chronyd"),
    ("ntpd", "ntpd"),
    ("ntpsec", "ntpd"),
    ("systemd-timesyn", "systemd-timesyncd"),
    ("openntpd", "openntpd"),
    ("ptp4l", "ptp4l"),
];

pub(super) fn read_time_sync(view: &View<'_>, _notes: &mut Notes) -> Option<TimeSync> {
    let programs = view.programs();
    if programs.is_empty() {
        return None;
    }
    let running = CLOCKS
        .iter()
        .find(|(process, _)| programs.contains(process))
        .map(|(_, name)| (*name).to_owned());
    let installed = [("/usr/sbin/chronyd", "chronyd"), ("/usr/sbin/ntpd", "ntpd")];
    let idle = || {
        installed
            .iter()
            .find(|(path, _)| view.exists(path))
            .map(|(_, name)| (*name).to_owned())
    };
    let chrony = view.output("time_sync.chrony").and_then(|text| {
        let status = text
            .lines()
            .find_map(|line| line.strip_prefix("Leap status")?.split_once(':'))?
            .1;
        Some(status.trim() == "Normal" || status.trim().contains("leap"))
    });
    let timesyncd = running.as_deref() == Some("systemd-timesyncd");
    let synchronized =
        chrony.or_else(|| timesyncd.then(|| view.exists("/run/systemd/timesync/synchronized")));
    Some(TimeSync {
        active: Some(running.is_some()),
        synchronized,
        servers: servers(view),
        service: running.or_else(idle),
    })
}

fn servers(view: &View<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for prefix in ["/etc/chrony", "/etc/ntp", "/etc/openntpd/"] {
        for (_, lines) in view.files(prefix, "") {
            for line in lines {
                let mut words = line.split_whitespace();
                if let (Some("server" | "pool" | "peer" | "servers"), Some(name)) =
                    (words.next(), words.next())
                {
                    out.push(name.to_owned());
                }
            }
        }
    }
    for (_, lines) in view.files("/etc/systemd/timesyncd.conf", "") {
        for line in lines {
            if let Some(names) = line.trim().strip_prefix("NTP=") {
                out.extend(names.split_whitespace().map(str::to_owned));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

pub(super) fn read_containers(view: &View<'_>, notes: &mut Notes) -> Option<Containers> {
    let known = [
        ("/usr/bin/docker", "docker"),
        ("/usr/bin/podman", "podman"),
        ("/usr/bin/containerd", "containerd"),
        ("/usr/bin/crictl", "crictl"),
        ("/usr/local/bin/k3s", "k3s"),
    ];
    let runtimes: Vec<String> = known
        .iter()
        .filter(|(path, _)| view.exists(path))
        .map(|(_, name)| (*name).to_owned())
        .collect();
    if runtimes.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    for (id, runtime) in [
        ("containers.docker", "docker"),
        ("containers.docker_sudo", "docker"),
        ("containers.podman", "podman"),
    ] {
        for line in view
            .output(id)
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            match container(line, runtime) {
                Some(container) => items.push(container),
                None => notes.odd(id, "not a line of ps", line),
            }
        }
    }
    items.sort_by(|a, b| (&a.runtime, &a.name, &a.id).cmp(&(&b.runtime, &b.name, &b.id)));
    items.dedup();
    Some(Containers { runtimes, items })
}

/// `id|name|image|state|ports`.
fn container(line: &str, runtime: &str) -> Option<Container> {
    let fields: Vec<&str> = line.splitn(5, '|').collect();
    let [id, name, image, state, ports] = fields.as_slice() else {
        return None;
    };
    let (image, image_id) = match image.split_once("@sha256:") {
        Some((name, digest)) => (name, Some(format!("sha256:{digest}"))),
        None => (*image, None),
    };
    let ports: Vec<String> = ports
        .split(", ")
        .filter(|port| !port.is_empty())
        .map(str::to_owned)
        .collect();
    Some(Container {
        id: id.chars().take(12).collect(),
        name: (*name).to_owned(),
        runtime: runtime.to_owned(),
        image: image.to_owned(),
        image_id,
        state: state.to_lowercase(),
        ports,
    })
}

#[cfg(test)]
mod tests {
    use super::{container, proc_line, ss_line};

    #[track_caller]
    fn check(line: &str, expected: (&str, &str, i64, Option<&str>, bool)) {
        let port = ss_line(line).expect("a line of ss");
        assert_eq!(
            (
                port.protocol.as_str(),
                port.address.as_str(),
                port.port,
                port.process.as_deref(),
                port.exposed
            ),
            expected,
            "{line}"
        );
    }

    #[test]
    fn reads_what_ss_says() {
        check(
            "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:((\"sshd\",pid=1,fd=3)) ino:1 sk:1",
            ("tcp", "0.0.0.0", 22, Some("sshd"), true),
        );
        check(
            "tcp LISTEN 0 128 [::1]:631 [::]:* ino:1",
            ("tcp6", "::1", 631, None, false),
        );
        check(
            "udp UNCONN 0 0 *:5353 *:* uid:107 ino:1",
            ("udp6", "::", 5353, None, true),
        );
        check(
            "udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*",
            ("udp", "127.0.0.53", 53, None, false),
        );
        check(
            "udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:*",
            ("udp6", "fe80::1", 546, None, true),
        );
        assert!(ss_line("tcp LISTEN").is_none());
    }

    #[test]
    fn reads_what_the_kernel_says() {
        let port = proc_line("/proc/net/tcp:   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 1").expect("a line");
        assert_eq!(
            (port.address.as_str(), port.port, port.uid, port.exposed),
            ("127.0.0.1", 22, Some(1000), false)
        );
        let port = proc_line("/proc/net/tcp6:   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0 0 0 0 0").expect("a line");
        assert_eq!(port.address, "::1");
        assert!(proc_line("/proc/net/tcp:   0: 0100007F:0016 0100007F:1234 01 0 0 0 0").is_none());
    }

    #[test]
    fn reads_a_container() {
        let seen = container(
            "0123456789abcdef|web|nginx@sha256:aa|running|0.0.0.0:80->80/tcp, :::80->80/tcp",
            "docker",
        )
        .expect("a container");
        assert_eq!(
            (
                seen.id.as_str(),
                seen.image.as_str(),
                seen.image_id.as_deref(),
                seen.ports.len()
            ),
            ("0123456789ab", "nginx", Some("sha256:aa"), 2)
        );
        assert!(container("odd", "docker").is_none());
    }
}
