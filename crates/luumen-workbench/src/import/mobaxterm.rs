//! MobaXterm's sessions (`.mxtsessions`, or the bookmarks of `MobaXterm.ini`). Pure.

use super::{
    Found, FoundHost, ImportProblem,
    text::{port, some},
};

/// The places of an SSH session's fields, which percent signs part.
const KIND: usize = 0;
const HOST: usize = 1;
const PORT: usize = 2;
const USER: usize = 3;
const COMPRESSION: usize = 6;
const COMMAND: usize = 7;
const GATEWAY: usize = 8;
const GATEWAY_PORT: usize = 9;
const GATEWAY_USER: usize = 10;
const KEY: usize = 14;

/// What the number in front of a session stands for.
const KINDS: [&str; 9] = [
    "SSH", "Telnet", "Rsh", "XDMCP", "RDP", "VNC", "FTP", "SFTP", "serial",
];

/// Reads the bookmarks.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let (mut inside, mut group) = (false, Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = section.starts_with("Bookmarks");
            group = Vec::new();
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| inside) else {
            continue;
        };
        match name.trim() {
            "SubRep" => group = value.split('\\').filter_map(some).collect(),
            "ImgNum" => {}
            name => take(number, name, value, &group, &mut found),
        }
    }
    if found.hosts.is_empty() && found.problems.is_empty() {
        let next =
            "In MobaXterm, right-click “User sessions”, choose “Export all sessions”, and take that file.";
        found.problems.push(ImportProblem::new(
            None,
            "the file",
            "it holds no MobaXterm session",
            next,
        ));
    }
    found
}

fn take(number: u32, name: &str, value: &str, group: &[String], found: &mut Found) {
    // `#icon#fields#look of the terminal#…`
    let fields: Vec<String> = value
        .split('#')
        .nth(2)
        .unwrap_or_default()
        .split('%')
        .map(plain)
        .collect();
    let get = |at: usize| fields.get(at).and_then(|field| some(field));
    let mut refuse = |why: String, next: &str| {
        found
            .problems
            .push(ImportProblem::new(Some(number), name, why, next));
    };
    let kind = get(KIND).and_then(|kind| kind.parse::<usize>().ok());
    match kind {
        Some(0) => {}
        Some(kind) => {
            let kind = KINDS.get(kind).copied().unwrap_or("no SSH");
            refuse(
                format!("it is a {kind} session; only SSH is taken"),
                "Nothing needs to be done.",
            );
            return;
        }
        None => {
            refuse(
                "it is not written as MobaXterm writes sessions".to_owned(),
                "Add the host by hand.",
            );
            return;
        }
    }
    let Some(address) = get(HOST) else {
        refuse("it has no host".to_owned(), "Add the host by hand.");
        return;
    };
    let mut host = FoundHost::new(name, address);
    host.port = get(PORT).as_deref().and_then(port);
    // `<default>` and `[name of a credential]` are no accounts.
    host.user = get(USER).filter(|user| !user.starts_with(['<', '[']));
    host.group = group.to_vec();
    host.settings.compression = get(COMPRESSION).filter(|yes| yes == "0").map(|_| false);
    host.key_file = get(KEY).map(|key| key.replace("_CurrentDrive_:", "C:"));
    host.jump = gateways(&fields);
    if get(COMMAND).is_some() {
        host.unsupported.push("command at sign-in".to_owned());
    }
    found.hosts.push(host);
}

/// Gateways may be several, parted alike in all three fields.
fn gateways(fields: &[String]) -> Option<Vec<String>> {
    let list = |at: usize| {
        fields
            .get(at)
            .map(|field| field.split('|').collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let (hosts, ports, users) = (list(GATEWAY), list(GATEWAY_PORT), list(GATEWAY_USER));
    let hop = |(at, host): (usize, &&str)| {
        let host = some(host)?;
        let user = users
            .get(at)
            .and_then(|user| some(user))
            .filter(|user| !user.starts_with(['<', '[']));
        let port = ports.get(at).and_then(|text| port(text)).unwrap_or(22);
        Some(match user {
            Some(user) => format!("{user}@{host}:{port}"),
            None => format!("{host}:{port}"),
        })
    };
    let hops: Vec<String> = hosts.iter().enumerate().filter_map(hop).collect();
    (!hops.is_empty()).then_some(hops)
}

/// Letters that part fields are written as words.
fn plain(field: &str) -> String {
    let mut plain = field.to_owned();
    for (word, letter) in [
        ("__PERCENT__", "%"),
        ("__PIPE__", "|"),
        ("__DIEZE__", "#"),
        ("__DBLQUO__", "\""),
        ("__PTVIRG__", ";"),
    ] {
        plain = plain.replace(word, letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_are_read_with_their_folders() {
        let found = read(concat!(
            "[Bookmarks]\nSubRep=\nImgNum=42\n",
            "local= #109#0%10.0.0.1%22%<default>%%-1%-1%%%22%%0%0%0%%%-1%0%0%0%%1080%%0%0%1#MobaFont%10#0# #-1\n",
            "[Bookmarks_1]\nSubRep=Prod\\Web\nImgNum=41\n",
            "web= #109#0%web.example.com%2222%deploy%%-1%0%%gw.example.com__PIPE__gw2%22__PIPE__2200%ann__PIPE__%0%0%0%_CurrentDrive_:\\keys\\id.ppk%%-1#x#0# #-1\n",
            "desk= #91#4%win.example.com%3389%admin%0%0#x\n",
            "[Misc]\nx=#109#0%no\n",
        ));
        let told: Vec<_> = found
            .hosts
            .iter()
            .map(|host| {
                (
                    host.name.as_str(),
                    host.group.join("/"),
                    host.user.as_deref(),
                    host.port,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("local", String::new(), None, Some(22)),
                ("web", "Prod/Web".to_owned(), Some("deploy"), Some(2222))
            ]
        );
        let web = &found.hosts[1];
        assert_eq!(
            web.jump.as_deref(),
            Some(["ann@gw.example.com:22".to_owned(), "gw2:2200".to_owned()].as_slice())
        );
        assert_eq!(web.key_file.as_deref(), Some("C:\\keys\\id.ppk"));
        assert_eq!(found.problems.len(), 1);
        assert!(found.problems[0].why.contains("RDP"));
    }
}
