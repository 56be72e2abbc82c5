//! The arguments of `ssh` as other programs write them down: `-J gw`, `-o ProxyCommand="ssh -W %h:%p gw"`. Pure.

use super::{
    FoundHost,
    ssh_config::{self, jumps, plain_jump, plain_proxy, shown},
};

/// Said without any bearing on what Luumen does.
const WITHOUT_BEARING: [&str; 9] = ["-q", "-v", "-vv", "-vvv", "-a", "-x", "-n", "-T", "-4"];

/// Takes the way that some arguments lead to a host, and names what is not taken of them. `option` is what they are called.
pub(super) fn take(host: &mut FoundHost, option: &str, arguments: &str) {
    let mut rest = Vec::new();
    let mut lost = None;
    match ssh_config::split(arguments) {
        // Templates are filled in by others; here they would be taken as they stand.
        Ok(words) if !arguments.contains("{{") => lost = way(host, words, &mut rest),
        _ => {
            rest.push(shown(arguments));
            lost = ["ProxyCommand", "ProxyJump", "-J"]
                .into_iter()
                .find(|way| arguments.contains(way))
                .or(lost);
        }
    }
    if !rest.is_empty() {
        host.unsupported.push(format!("{option} {}", rest.join(" ")));
    }
    if let Some(what) = lost {
        host.warn_without_way(what);
    }
}

/// Answers by which word a way is said that is not taken. As for `ssh`, the first that is said holds.
fn way(host: &mut FoundHost, words: Vec<String>, rest: &mut Vec<String>) -> Option<&'static str> {
    let (mut lost, mut is_said) = (None, false);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (letter, value) = match word.split_at_checked(2) {
            Some((letter @ ("-o" | "-J"), value)) => (letter, value.to_owned()),
            _ => {
                if !WITHOUT_BEARING.contains(&word.as_str()) {
                    rest.push(word);
                }
                continue;
            }
        };
        let value = Some(value)
            .filter(|value| !value.is_empty())
            .or_else(|| words.next());
        let value = value.unwrap_or_default();
        let (keyword, value) = match letter {
            "-J" => ("ProxyJump", value.as_str()),
            _ => value
                .split_once(['=', ' '])
                .map_or((value.as_str(), ""), |(keyword, value)| {
                    (keyword.trim(), value.trim_start_matches([' ', '=']))
                }),
        };
        let known = ["ProxyJump", "ProxyCommand"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(keyword));
        match known {
            Some(_) if is_said => {}
            Some("ProxyJump") => host.jump = Some(jumps(value)),
            Some(known) if !command(host, value) => {
                lost = Some(known);
                rest.push(format!("-o {known}={}", shown(value)));
            }
            Some(_) => {}
            // A variable may hold a password.
            None if keyword.eq_ignore_ascii_case("SetEnv") => rest.push("-o SetEnv".to_owned()),
            None => rest.push(format!("-o {keyword}={value}")),
        }
        is_said |= known.is_some();
    }
    lost
}

/// Takes a `ProxyCommand` that is no more than a jump or a proxy.
fn command(host: &mut FoundHost, command: &str) -> bool {
    if command.eq_ignore_ascii_case("none") {
        host.jump = Some(Vec::new());
        return true;
    }
    if let Some(hop) = plain_jump(command) {
        host.jump = Some(vec![hop]);
        return true;
    }
    host.settings.proxy = plain_proxy(command);
    host.settings.proxy.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(arguments: &str) -> FoundHost {
        let mut host = FoundHost::new("web", "10.0.0.1");
        take(&mut host, "args", arguments);
        host
    }

    #[track_caller]
    fn jumps_through(arguments: &str, expected: &[&str]) {
        let host = taken(arguments);
        assert_eq!(host.jump.as_deref().unwrap_or_default(), expected, "{arguments}");
        assert!(host.warnings.is_empty(), "{arguments}");
    }

    #[test]
    fn a_way_is_taken_however_it_is_said() {
        jumps_through("-J gw", &["gw"]);
        jumps_through("-Jann@gw:2222,b -q", &["ann@gw:2222", "b"]);
        jumps_through("-o ProxyJump=ann@gw:2222 -q", &["ann@gw:2222"]);
        jumps_through("-oProxyJump=gw", &["gw"]);
        jumps_through("-o 'ProxyJump gw'", &["gw"]);
        jumps_through("-o ProxyCommand=\"ssh -W %h:%p -q ann@gw\"", &["ann@gw"]);
        jumps_through(
            "-o StrictHostKeyChecking=no -o 'proxycommand=ssh -W %h:%p -p 2222 gw'",
            &["gw:2222"],
        );
        jumps_through("-o ProxyJump=a -o ProxyCommand='nc x 1'", &["a"]);
        jumps_through("-o ForwardAgent=no", &[]);
        let proxy = taken("-o ProxyCommand='nc -X connect -x proxy:8080 %h %p'");
        assert_eq!(proxy.settings.proxy.as_deref(), Some("http://proxy:8080"));
        assert!(proxy.warnings.is_empty() && proxy.unsupported.is_empty());
    }

    #[test]
    fn a_way_that_is_not_taken_is_named_without_what_signs_in_and_warned_of() {
        for (arguments, named) in [
            (
                "-o ProxyCommand=\"ncat --proxy p:1 --proxy-auth ann:hunter2 %h %p\"",
                "args -o ProxyCommand=ncat --proxy p:1 --proxy-auth … %h %p",
            ),
            (
                "-o ProxyCommand=\"ssh -i k -W %h:%p gw\" -C",
                "args -o ProxyCommand=ssh -i k -W %h:%p gw -C",
            ),
            ("-J {{ gw }}", "args -J {{ gw }}"),
            ("-o ProxyCommand=\"open", "args -o ProxyCommand=\"open"),
        ] {
            let host = taken(arguments);
            assert_eq!(host.unsupported, [named], "{arguments}");
            assert_eq!(host.jump, None);
            assert_eq!(host.warnings.len(), 1, "{arguments}");
        }
        let host = taken("-o SetEnv=TOKEN=hunter2 -o ControlMaster=auto");
        assert_eq!(host.unsupported, ["args -o SetEnv -o ControlMaster=auto"]);
        assert!(host.warnings.is_empty());
    }
}
