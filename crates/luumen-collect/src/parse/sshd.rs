//! What sshd really does.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use luumen_model::{SshHostKey, Sshd};
use sha2::{Digest, Sha256};

use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Sshd> {
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
    use super::{from_file, host_key};
    use luumen_model::Sshd;

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
