//! The way to a host: `ProxyJump`, and those `ProxyCommand`s that are nothing but a jump. Pure.

/// The hops of a `ProxyJump`, first hop first, as they are written.
pub(super) fn jumps(value: &str) -> Vec<String> {
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
pub(super) fn plain_jump(command: &str) -> Option<String> {
    let command = command.strip_prefix("exec ").unwrap_or(command);
    let mut words = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']));
    let program = words.next()?;
    if program.rsplit('/').next() != Some("ssh") {
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

    #[test]
    fn hops_are_parted() {
        assert_eq!(jumps("a, ann@b:2222,ssh://c:22/"), ["a", "ann@b:2222", "c:22"]);
        assert!(jumps("none").is_empty());
    }
}
