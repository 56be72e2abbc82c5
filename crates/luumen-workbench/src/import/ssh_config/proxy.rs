//! The way to a host: `ProxyJump`, and those `ProxyCommand`s that are nothing but a jump or a proxy. Pure.

use crate::hosts::WrittenProxy;

/// The hops of a `ProxyJump`, first hop first, as they are written.
pub(in crate::import) fn jumps(value: &str) -> Vec<String> {
    if value.eq_ignore_ascii_case("none") {
        return Vec::new();
    }
    value
        .split(',')
        .map(|hop| {
            hop.trim()
                .trim_start_matches("ssh://")
                .trim_end_matches('/')
                .to_owned()
        })
        .filter(|hop| !hop.is_empty())
        .collect()
}

/// The hop of `ssh -W %h:%p [user@]host`, if a command is no more than that.
pub(in crate::import) fn plain_jump(command: &str) -> Option<String> {
    let (program, mut words) = parted(command)?;
    if program != "ssh" {
        return None;
    }
    let (mut leads, mut user, mut port, mut hop) = (false, None, None, None);
    while let Some(word) = words.next() {
        match word {
            "-W" => leads = goes_on(words.next()?),
            "-q" | "-a" | "-x" | "-T" | "-n" | "-A" => {}
            "-l" => user = Some(words.next()?.to_owned()),
            "-p" => port = Some(words.next()?.parse::<u16>().ok()?),
            _ if word.strip_prefix("-W").is_some_and(goes_on) => leads = true,
            // What is left of its errors changes nothing about the way.
            "2>/dev/null" | "2>" | "/dev/null" => {}
            _ if word.starts_with('-') => return None,
            _ if hop.is_none() => hop = Some(word.to_owned()),
            _ => return None,
        }
    }
    let hop = hop.filter(|_| leads)?;
    if hop.contains('%') {
        return None;
    }
    let hop = match user {
        Some(user) if !hop.contains('@') => format!("{user}@{hop}"),
        _ => hop,
    };
    Some(match port {
        Some(port) => format!("{hop}:{port}"),
        None => hop,
    })
}

/// The program of a command without its folder, and the words behind it.
fn parted(command: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let command = command.strip_prefix("exec ").unwrap_or(command);
    let mut words = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']));
    let program = words.next()?;
    Some((program.rsplit('/').next().unwrap_or(program), words))
}

/// The proxy of a command that is nothing but the way through one, as the setting of a host says it.
pub(in crate::import) fn plain_proxy(command: &str) -> Option<String> {
    let (program, words) = parted(command)?;
    let words: Vec<&str> = words
        .filter(|word| !matches!(*word, "2>/dev/null" | "2>" | "/dev/null"))
        .collect();
    let way = match program {
        "nc" | "netcat" | "nc.openbsd" => openbsd_nc(&words).or_else(|| ncat(&words)),
        "ncat" => ncat(&words),
        "connect-proxy" | "connect" => connect_proxy(&words),
        _ => None,
    }?;
    let text = way.text();
    // Tokens, variables and whatever else a shell makes something of are not known here.
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:@[]/".contains(letter);
    (text.chars().all(plain) && WrittenProxy::read(&text).is_ok()).then_some(text)
}

/// A proxy as a command line says it, in parts.
#[derive(Default)]
struct Way<'a> {
    scheme: &'static str,
    user: Option<&'a str>,
    place: &'a str,
    usual_port: u16,
}

impl Way<'_> {
    fn text(&self) -> String {
        let account = self.user.map_or_else(String::new, |user| format!("{user}@"));
        let behind = self.place.rsplit(']').next().unwrap_or_default();
        if behind.contains(':') {
            format!("{}://{account}{}", self.scheme, self.place)
        } else {
            format!("{}://{account}{}:{}", self.scheme, self.place, self.usual_port)
        }
    }
}

/// `nc [-X 5|connect] -x proxy[:port] [-P user] %h %p`; without `-X` it speaks SOCKS 5.
fn openbsd_nc<'a>(words: &[&'a str]) -> Option<Way<'a>> {
    let mut words = words.iter().copied();
    let (mut http, mut user, mut place) = (false, None, None);
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "-X" | "-X5" | "-Xconnect" => {
                http = match word.strip_prefix("-X").filter(|kind| !kind.is_empty()) {
                    Some(kind) => kind == "connect",
                    None => match words.next()? {
                        "5" => false,
                        "connect" => true,
                        _ => return None,
                    },
                };
            }
            "-x" => place = Some(words.next()?),
            "-P" => user = Some(words.next()?),
            "-v" | "-n" | "-N" => {}
            "-w" => {
                words.next()?;
            }
            _ if word.starts_with('-') => return None,
            _ => rest.push(word),
        }
    }
    goes_to_host(&rest).then_some(())?;
    Some(Way {
        scheme: if http { "http" } else { "socks5" },
        user,
        place: place?,
        usual_port: if http { 3128 } else { 1080 },
    })
}

/// `ncat --proxy proxy[:port] [--proxy-type socks5|http] %h %p`; without a type it speaks HTTP.
fn ncat<'a>(words: &[&'a str]) -> Option<Way<'a>> {
    let mut parts = words
        .iter()
        .flat_map(|word| match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => [Some(option), Some(value)],
            _ => [Some(*word), None],
        })
        .flatten();
    let (mut kind, mut place) = ("http", None);
    let mut rest = Vec::new();
    while let Some(word) = parts.next() {
        match word {
            "--proxy" => place = Some(parts.next()?),
            "--proxy-type" => kind = parts.next()?,
            "-v" | "--verbose" | "-n" => {}
            "-w" | "--wait" => {
                parts.next()?;
            }
            _ if word.starts_with('-') => return None,
            _ => rest.push(word),
        }
    }
    goes_to_host(&rest).then_some(())?;
    let (scheme, usual_port) = match kind {
        "socks5" => ("socks5", 1080),
        "http" => ("http", 3128),
        _ => return None,
    };
    Some(Way {
        scheme,
        user: None,
        place: place?,
        usual_port,
    })
}

/// `connect-proxy -S [user@]proxy[:port] %h %p` through SOCKS 5, or with `-H` through HTTP.
fn connect_proxy<'a>(words: &[&'a str]) -> Option<Way<'a>> {
    let mut words = words.iter().copied();
    let mut way = None;
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "-S" => way = Some(("socks5", words.next()?, 1080)),
            "-H" => way = Some(("http", words.next()?, 80)),
            "-5" | "-d" => {}
            _ if word.starts_with('-') => return None,
            _ => rest.push(word),
        }
    }
    goes_to_host(&rest).then_some(())?;
    let (scheme, place, usual_port) = way?;
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, place),
    };
    Some(Way {
        scheme,
        user,
        place,
        usual_port,
    })
}

/// What stands behind the options is the host that `ssh` asks for, and nothing else.
fn goes_to_host(rest: &[&str]) -> bool {
    matches!(rest, ["%h" | "[%h]", "%p"])
}

/// A command as it may be shown: without what signs in to its proxy.
pub(in crate::import) fn shown(command: &str) -> String {
    let mut shown = Vec::new();
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some(("--proxy-auth", _)) => shown.push("--proxy-auth=…"),
            _ => shown.push(word),
        }
        if word == "--proxy-auth" {
            words.next();
            shown.push("…");
        }
    }
    shown.join(" ")
}

fn goes_on(target: &str) -> bool {
    matches!(target, "%h:%p" | "[%h]:%p")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: Option<&str>) {
        assert_eq!(plain_jump(command).as_deref(), expected, "{command}");
    }

    #[test]
    fn a_command_that_is_a_plain_jump_is_one() {
        check("ssh -W %h:%p bastion", Some("bastion"));
        check("ssh bastion -W %h:%p", Some("bastion"));
        check(
            "/usr/bin/ssh -q -W [%h]:%p ann@bastion -p 2222 2>/dev/null",
            Some("ann@bastion:2222"),
        );
        check("exec ssh -l ann -W \"%h:%p\" bastion", Some("ann@bastion"));
        check("ssh -W%h:%p bastion", Some("bastion"));
        for other in [
            "nc -X 5 -x proxy:1080 %h %p",
            "ssh bastion nc %h %p",
            "ssh -i key -W %h:%p bastion",
            "ssh -W %h:22 bastion",
            "ssh -W %h:%p gw-%n",
            "ssh -F other -W %h:%p bastion",
            "aws ssm start-session --target %h",
        ] {
            check(other, None);
        }
    }

    #[track_caller]
    fn leads_through(command: &str, expected: Option<&str>) {
        assert_eq!(plain_proxy(command).as_deref(), expected, "{command}");
    }

    #[test]
    fn a_command_that_is_the_way_through_a_proxy_is_that_proxy() {
        for (command, expected) in [
            ("nc -X 5 -x proxy:1080 %h %p", "socks5://proxy:1080"),
            ("nc -x proxy:9050 %h %p", "socks5://proxy:9050"),
            (
                "exec /usr/bin/nc -X connect -x 10.0.0.1:8080 %h %p 2>/dev/null",
                "http://10.0.0.1:8080",
            ),
            (
                "nc -v -w 5 -Xconnect -x proxy -P ann %h %p",
                "http://ann@proxy:3128",
            ),
            (
                "/bin/nc.openbsd -x [2001:db8::1]:1080 -X 5 \"%h\" %p",
                "socks5://[2001:db8::1]:1080",
            ),
            (
                "ncat --proxy proxy:1080 --proxy-type socks5 %h %p",
                "socks5://proxy:1080",
            ),
            (
                "/opt/bin/ncat --proxy=proxy:8080 --proxy-type=http %h %p",
                "http://proxy:8080",
            ),
            ("ncat --proxy proxy %h %p", "http://proxy:3128"),
            (
                "nc --proxy proxy:1080 --proxy-type socks5 %h %p",
                "socks5://proxy:1080",
            ),
            ("connect-proxy -S ann@proxy:1081 %h %p", "socks5://ann@proxy:1081"),
            ("connect -H proxy:8080 %h %p", "http://proxy:8080"),
            ("connect-proxy -5 -S proxy %h %p", "socks5://proxy:1080"),
        ] {
            leads_through(command, Some(expected));
        }
    }

    #[test]
    fn what_is_more_than_the_way_through_a_proxy_is_none() {
        for other in [
            "nc %h %p",
            "nc -X 4 -x proxy:1080 %h %p",
            "nc -X 5 -x proxy:1080 %h 22",
            "nc -X 5 -x proxy:1080 gate 22",
            "nc -X 5 -x $PROXY:1080 %h %p",
            "nc -X 5 -x %n:1080 %h %p",
            "nc -X 5 -x proxy:port %h %p",
            "nc -X 5 -x proxy:1080 %h %p | tee log",
            "nc -X 5 -x proxy:1080 -s 10.0.0.9 %h %p",
            "ncat -x proxy:1080 %h %p",
            "ncat --proxy proxy:1080 --proxy-type socks4 %h %p",
            "ncat --proxy proxy:8080 --proxy-auth ann:hunter2 %h %p",
            "connect-proxy -4 -S proxy:1080 %h %p",
            "connect-proxy %h %p",
            "sh -c 'nc -X 5 -x proxy:1080 %h %p'",
            "ssh -W %h:%p bastion",
        ] {
            leads_through(other, None);
        }
    }

    #[test]
    fn what_signs_in_to_a_proxy_is_not_shown() {
        for command in [
            "ncat --proxy p:1 --proxy-auth ann:hunter2 %h %p",
            "ncat --proxy p:1 --proxy-auth=ann:hunter2 %h %p",
        ] {
            let seen = shown(command);
            assert!(!seen.contains("hunter2") && seen.ends_with("%h %p"), "{seen}");
        }
    }

    #[test]
    fn hops_are_parted() {
        assert_eq!(jumps("a, ann@b:2222,ssh://c:22/"), ["a", "ann@b:2222", "c:22"]);
        assert!(jumps("none").is_empty());
    }
}
