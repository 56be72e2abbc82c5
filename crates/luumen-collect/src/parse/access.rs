//! Who may become whom, and what sshd really does.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use luumen_model::{SshHostKey, Sshd, SudoPolicy, SudoRule};
use sha2::{Digest, Sha256};

use crate::view::{Notes, View};

pub(super) fn read_sudo(view: &View<'_>, _notes: &mut Notes) -> Option<SudoPolicy> {
    let own = view.output("sudo_policy.own_rights").map(own_rights);
    let rules = view.output("sudo_policy.rules");
    if own.is_none() && rules.is_none() {
        return None;
    }
    let mut policy = SudoPolicy {
        own_rights: own.unwrap_or_default(),
        ..SudoPolicy::default()
    };
    let mut half = String::new();
    for row in rules.unwrap_or_default().lines() {
        let Some((path, line)) = row.split_once(':') else {
            continue;
        };
        half.push_str(line.trim());
        // A backslash at the end goes on in the next line.
        if half.ends_with('\\') && half.len() < 65_536 {
            half.pop();
            continue;
        }
        let line = std::mem::take(&mut half);
        sudoers_line(path, &line, &mut policy);
    }
    policy.defaults.sort();
    policy.defaults.dedup();
    Some(policy)
}

fn sudoers_line(path: &str, line: &str, policy: &mut SudoPolicy) {
    let comment = line.starts_with('#') && !line.starts_with("#include");
    if line.is_empty() || comment {
        return;
    }
    if line.starts_with("Defaults") {
        policy.defaults.push(line.to_owned());
        return;
    }
    let includes = [
        "#include",
        "@include",
        "User_Alias",
        "Runas_Alias",
        "Host_Alias",
        "Cmnd_Alias",
        "Cmd_Alias",
    ];
    let (who, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if includes.iter().any(|word| who.starts_with(word)) || !rest.contains('=') {
        return;
    }
    let commands = rest.rsplit('=').next().unwrap_or("");
    policy.rules.push(SudoRule {
        path: path.to_owned(),
        line: line.to_owned(),
        who: who.to_owned(),
        nopasswd: rest.contains("NOPASSWD"),
        all_commands: commands
            .split([',', ':', ' ', ')'])
            .any(|word| word.trim() == "ALL"),
    });
}

/// The indented lines of `sudo -l`, behind "may run the following commands".
fn own_rights(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .skip_while(|line| !line.contains("may run the following"));
    lines
        .skip(1)
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

pub(super) fn read_sshd(view: &View<'_>, notes: &mut Notes) -> Option<Sshd> {
    let mut sshd = Sshd::default();
    if let Some(text) = view.output("sshd.effective").filter(|text| !text.is_empty()) {
        sshd.source = Some("sshd -T".to_owned());
        for line in text.lines() {
            put(&mut sshd, line);
        }
        // The effective settings hold all that the files say.
        notes.forgive("sshd.files");
    } else {
        let main = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"]
            .into_iter()
            .find(|path| view.has_file(path));
        let included = view
            .files("/etc/ssh/sshd_config.d/", ".conf")
            .map(|(_, lines)| lines);
        // sshd takes the first value of a keyword, and distributions include the folder first.
        let files: Vec<&[&str]> = included.chain(main.map(|path| view.lines(path))).collect();
        if files.is_empty() {
            return None;
        }
        sshd.source = Some("files".to_owned());
        for lines in files {
            from_file(&mut sshd, lines);
        }
        notes.problem(
            "sshd.files",
            "read as written: defaults, later includes and Match blocks are not resolved",
        );
    }
    for (path, lines) in view.files("/etc/ssh/ssh_host_", "_key.pub") {
        sshd.host_keys
            .extend(lines.first().and_then(|line| host_key(path, line)));
    }
    for path in ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"] {
        sshd.match_blocks.extend(match_blocks(view.lines(path)));
    }
    sshd.match_blocks.sort();
    sshd.match_blocks.dedup();
    Some(sshd)
}

fn put(sshd: &mut Sshd, line: &str) {
    if let Some((key, value)) = line.trim().split_once(char::is_whitespace) {
        sshd.settings
            .entry(key.to_lowercase())
            .or_default()
            .push(value.trim().to_owned());
    }
}

/// Keywords that add up when they repeat; of all others the first one counts.
const REPEATABLE: [&str; 8] = [
    "acceptenv",
    "allowgroups",
    "allowusers",
    "denygroups",
    "denyusers",
    "hostkey",
    "listenaddress",
    "port",
];

fn from_file(sshd: &mut Sshd, lines: &[&str]) {
    for line in lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (key, value) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
        let key = key.to_lowercase();
        if key == "match" {
            break;
        }
        let value = value
            .trim_start_matches(['=', ' ', '\t'])
            .trim()
            .trim_matches('"');
        let repeat = REPEATABLE.contains(&key.as_str());
        let values = sshd.settings.entry(key).or_default();
        if values.is_empty() || repeat {
            values.push(value.to_owned());
        }
    }
}

fn match_blocks(lines: &[&str]) -> Vec<String> {
    let block = |line: &&str| {
        let (key, condition) = line.trim().split_once(char::is_whitespace)?;
        key.eq_ignore_ascii_case("match")
            .then(|| condition.trim().to_owned())
    };
    lines.iter().filter_map(block).collect()
}

/// `ssh-ed25519 AAAA… comment`.
fn host_key(path: &str, line: &str) -> Option<SshHostKey> {
    let mut words = line.split_whitespace();
    let (kind, blob) = (words.next()?, STANDARD.decode(words.next()?).ok()?);
    let fingerprint = STANDARD_NO_PAD.encode(Sha256::digest(blob));
    Some(SshHostKey {
        kind: kind.to_owned(),
        fingerprint: format!("SHA256:{fingerprint}"),
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{from_file, host_key, own_rights, sudoers_line};
    use luumen_model::{Sshd, SudoPolicy};

    #[test]
    fn a_rule_says_who_and_how_much() {
        let mut policy = SudoPolicy::default();
        for line in [
            "# comment",
            "Defaults env_reset",
            "root ALL=(ALL:ALL) ALL",
            "%wheel ALL=(ALL) NOPASSWD: ALL",
            "scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T",
            "@includedir /etc/sudoers.d",
            "User_Alias A=x",
        ] {
            sudoers_line("/etc/sudoers", line, &mut policy);
        }
        let seen: Vec<(&str, bool, bool)> = policy
            .rules
            .iter()
            .map(|rule| (rule.who.as_str(), rule.nopasswd, rule.all_commands))
            .collect();
        assert_eq!(
            seen,
            [
                ("root", false, true),
                ("%wheel", true, true),
                ("scan", true, false)
            ]
        );
        assert_eq!(policy.defaults, ["Defaults env_reset"]);
    }

    #[test]
    fn own_rights_are_the_indented_lines() {
        let text = "Matching Defaults entries for scan on h:\n    env_reset\n\nUser scan may run the following commands on h:\n    (root) NOPASSWD: /usr/sbin/sshd -T\n";
        assert_eq!(own_rights(text), ["(root) NOPASSWD: /usr/sbin/sshd -T"]);
    }

    #[test]
    fn the_first_value_counts_and_match_ends_the_file() {
        let mut sshd = Sshd::default();
        from_file(
            &mut sshd,
            &[
                "PermitRootLogin no",
                "permitrootlogin yes",
                "Port 22",
                "Port=2222",
                "Match User x",
                "X11Forwarding yes",
            ],
        );
        assert_eq!(sshd.settings["permitrootlogin"], ["no"]);
        assert_eq!(sshd.settings["port"], ["22", "2222"]);
        assert!(!sshd.settings.contains_key("x11forwarding"));
    }

    #[test]
    fn a_host_key_has_the_fingerprint_that_ssh_shows() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxCk4Zql6BuPpvq0hhSgJVKzdhkYCjrOjMkSkFxcVZB root@h";
        let key = host_key("/etc/ssh/ssh_host_ed25519_key.pub", line).expect("a key");
        assert!(
            key.fingerprint.starts_with("SHA256:") && key.fingerprint.len() == 50,
            "{}",
            key.fingerprint
        );
        assert!(host_key("p", "ssh-rsa ???").is_none());
    }
}
