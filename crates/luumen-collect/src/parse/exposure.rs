//! What listens, and who keeps the clock right.

use std::net::{Ipv4Addr, Ipv6Addr};

use luumen_model::{ListeningPort, ListeningPorts, TimeSync};

use crate::view::{Notes, View};

pub(super) fn read_ports(view: &View<'_>, notes: &mut Notes) -> Option<ListeningPorts> {
    let mut items = Vec::new();
    let complete = view.output("listening_ports.ss_sudo").is_some();
    if let Some(text) = view
        .output("listening_ports.ss_sudo")
        .or_else(|| view.output("listening_ports.ss"))
    {
        let format = Format::of(text);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match ss_line(line, format) {
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
    items.sort_by_key(|port| (key(port), port.process.clone()));
    // Workers of one program share a socket address; one line is enough.
    items.dedup_by_key(|port| (key(port), port.process.clone()));
    Some(ListeningPorts {
        items,
        processes_read: complete,
    })
}

/// How ss writes "any address". Until 2017 (RHEL 7, Debian 9) `*` was any of IPv4, and `::` any of IPv6; since then `*` is
/// any of both, `0.0.0.0` any of IPv4, and addresses of IPv6 have brackets.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Old,
    New,
}

impl Format {
    fn of(text: &str) -> Self {
        // The socket's own address, and that of its peer.
        let mut addresses = text
            .lines()
            .flat_map(|line| line.split_whitespace().skip(4).take(2));
        let is_new = |address: &str| address.starts_with('[') || address.starts_with("0.0.0.0:");
        // Only the newer one knows the setting, and it tells it of each socket of IPv6.
        if text.contains(" v6only:") || addresses.any(is_new) {
            Self::New
        } else {
            Self::Old
        }
    }
}

/// `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3)) ino:1 sk:1`.
fn ss_line(line: &str, format: Format) -> Option<ListeningPort> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = words.get(4)?.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = address.split('%').next().unwrap_or(address).trim_end_matches(']');
    let six = address.contains(':') || (address == "*" && format == Format::New);
    let address = match (address, format) {
        ("*", Format::New) => "::",
        ("*", Format::Old) => "0.0.0.0",
        (address, _) => address.trim_start_matches("::ffff:"),
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

pub(super) fn read_time_sync(view: &View<'_>, notes: &mut Notes) -> Option<TimeSync> {
    let known = view.programs(notes);
    let is_known = known.is_some();
    let programs = known.unwrap_or_default();
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
    let chrony = view.output("time_sync.chrony").and_then(chrony_is_right);
    let timesyncd = running.as_deref() == Some("systemd-timesyncd") && view.probe_ran();
    let synchronized =
        chrony.or_else(|| timesyncd.then(|| view.exists("/run/systemd/timesync/synchronized")));
    Some(TimeSync {
        active: is_known.then_some(running.is_some()),
        synchronized,
        servers: servers(view),
        service: running.or_else(idle),
    })
}

/// `Leap status     : Normal`, or `Insert second` and `Delete second` while a leap second is announced: the clock is right.
fn chrony_is_right(text: &str) -> Option<bool> {
    let mut lines = text.lines();
    let (_, status) = lines.find_map(|line| line.strip_prefix("Leap status")?.split_once(':'))?;
    let status = status.trim();
    (!status.is_empty()).then(|| !status.eq_ignore_ascii_case("not synchronised"))
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

#[cfg(test)]
mod tests {
    use super::{Format, chrony_is_right, proc_line, ss_line};

    #[test]
    fn a_leap_second_to_come_is_no_wrong_clock() {
        let says = |status: &str| {
            let text = format!("Reference ID    : C0A80101 (ntp)\nLeap status     : {status}\n");
            chrony_is_right(&text)
        };
        for right in ["Normal", "Insert second", "Delete second"] {
            assert_eq!(says(right), Some(true), "{right}");
        }
        assert_eq!(says("Not synchronised"), Some(false));
        assert_eq!(says(""), None);
        assert_eq!(chrony_is_right("506 Cannot talk to daemon\n"), None);
    }

    #[track_caller]
    fn check(line: &str, expected: (&str, &str, i64, Option<&str>, bool)) {
        let port = ss_line(line, Format::of(line)).expect("a line of ss");
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
            "udp UNCONN 0 0 *:5353 *:* uid:107 ino:1 sk:1 v6only:0 <->",
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
        assert!(ss_line("tcp LISTEN", Format::New).is_none());
    }

    #[test]
    fn a_star_is_of_ipv4_where_ss_is_old() {
        let old = "tcp LISTEN 0 128 *:22 *:* users:((\"sshd\",pid=1,fd=3)) ino:1 sk:1 <->\n\
                   tcp LISTEN 0 128 :::22 :::* users:((\"sshd\",pid=1,fd=4)) ino:2 sk:2 <->\n\
                   udp UNCONN 0 0 *%eth0:68 *:* ino:3 sk:3 <->\n";
        let new = "tcp LISTEN 0 128 127.0.0.1:631 0.0.0.0:* ino:1 sk:1 <->\n\
                   tcp LISTEN 0 511 *:80 *:* ino:2 sk:2 v6only:0 <->\n\
                   tcp LISTEN 0 128 [::1]:631 [::]:* ino:3 sk:3 <->\n\
                   udp UNCONN 0 0 *:5353 *:* ino:4 sk:4 <->\n";
        let seen = |text: &str| -> Vec<String> {
            let ports = text.lines().filter_map(|line| ss_line(line, Format::of(text)));
            ports
                .map(|port| format!("{} {} {}", port.protocol, port.address, port.port))
                .collect()
        };
        assert_eq!(seen(old), ["tcp 0.0.0.0 22", "tcp6 :: 22", "udp 0.0.0.0 68"]);
        assert_eq!(
            seen(new),
            ["tcp 127.0.0.1 631", "tcp6 :: 80", "tcp6 ::1 631", "udp6 :: 5353"]
        );
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
}
