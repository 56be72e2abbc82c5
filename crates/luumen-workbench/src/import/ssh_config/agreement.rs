//! Ten configurations of the kind that people have, put to `ssh -G` and to us.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Asked, ExecRule, Files, forward, proxy, read};
use crate::{
    Place,
    hosts::{ForwardKind, ForwardSpec, HostKeyRule},
    import::FoundHost,
};

const CONFIGS: [&str; 10] = [
    "01-home",
    "02-wildcards",
    "03-bastions",
    "04-includes",
    "05-match",
    "06-forwards",
    "07-old-hand",
    "08-proxy-commands",
    "09-cloud",
    "10-final",
];

/// What `ssh -G` says, each keyword with all its values.
type Said = BTreeMap<String, Vec<String>>;

fn ssh_says(config: &Path, host: &str) -> Option<Said> {
    let output = Command::new("ssh")
        .arg("-G")
        .arg("-F")
        .arg(config)
        .arg("--")
        .arg(host)
        .output()
        .ok()?;
    assert!(
        output.status.success(),
        "{host}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut said = Said::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        said.entry(keyword.to_owned()).or_default().push(value.to_owned());
    }
    Some(said)
}

/// Copies a folder of configurations, with the place it comes to where it names itself.
fn copy(from: &Path, to: &Path, top: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, top);
        } else {
            let text = fs::read_to_string(&path).expect("a text");
            fs::write(&target, text.replace("@DIR@", &top.display().to_string())).expect("written");
        }
    }
}

fn whoami(what: &str) -> String {
    let output = Command::new("sh").args(["-c", what]).output().expect("a shell");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn ten_configurations_agree_with_ssh() {
    if Command::new("ssh").arg("-V").output().is_err() {
        eprintln!("skipped: no ssh on this machine");
        return;
    }
    let scratch = tempfile::tempdir().expect("a folder");
    let asked = Asked {
        local_user: whoami("id -un"),
        home: whoami("echo ~"),
        device: whoami("uname -n"),
        exec: ExecRule::Ask(std::sync::Arc::new(|_| true)),
    };
    let files = Files {
        home: PathBuf::from(&asked.home),
        ssh_folder: PathBuf::from(&asked.home).join(".ssh"),
    };
    let (mut hosts, mut options) = (0, 0);
    for name in CONFIGS {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/import/ssh_config/testdata")
            .join(name);
        let folder = scratch.path().join(name);
        copy(&source, &folder, &folder);
        let config = folder.join("config");
        let text = fs::read_to_string(&config).expect("a text");
        let found = read(&text, name, &files, &asked);
        assert!(
            found
                .problems
                .iter()
                .all(|problem| problem.text.contains("missing")),
            "{name}: {:?}",
            found.problems
        );
        assert!(!found.hosts.is_empty(), "{name}");
        for host in &found.hosts {
            let said = ssh_says(&config, &host.name).expect("ssh runs");
            options += compare(name, host, &said, &asked);
            hosts += 1;
        }
    }
    println!(
        "{hosts} hosts of {} configurations, {options} options agree with ssh -G",
        CONFIGS.len()
    );
    assert!(
        hosts >= 35 && options >= 10 * hosts,
        "{hosts} hosts, {options} options"
    );
}

fn one<'a>(said: &'a Said, keyword: &str) -> &'a str {
    said.get(keyword)
        .and_then(|values| values.first())
        .map_or("", String::as_str)
}

/// Compares a host with what `ssh` says, and answers how many options agreed.
fn compare(config: &str, host: &FoundHost, said: &Said, asked: &Asked) -> usize {
    let name = format!("{config}: {}", host.name);
    let settings = &host.settings;
    let yes_no = |yes: Option<bool>| if yes == Some(true) { "yes" } else { "no" };
    assert_eq!(host.address, one(said, "hostname"), "{name}");
    assert_eq!(
        host.user.as_ref().unwrap_or(&asked.local_user),
        one(said, "user"),
        "{name}"
    );
    assert_eq!(host.port.unwrap_or(22).to_string(), one(said, "port"), "{name}");
    assert_eq!(
        yes_no(settings.compression),
        one(said, "compression"),
        "{name}: compression"
    );
    assert_eq!(
        yes_no(settings.agent_forwarding),
        one(said, "forwardagent"),
        "{name}: forwardagent"
    );
    assert_eq!(
        settings.keepalive_s.unwrap_or(0).to_string(),
        one(said, "serveraliveinterval"),
        "{name}"
    );
    let timeout = settings
        .connect_timeout_s
        .map_or("none".to_owned(), |seconds| seconds.to_string());
    assert_eq!(timeout, one(said, "connecttimeout"), "{name}: connecttimeout");
    compare_host_keys(&name, host, said);
    compare_way(&name, host, said);
    compare_keys(&name, host, said, asked);
    let kinds = [
        (ForwardKind::Local, "localforward"),
        (ForwardKind::Remote, "remoteforward"),
        (ForwardKind::Dynamic, "dynamicforward"),
    ];
    for (kind, keyword) in kinds {
        compare_forwards(&name, kind, host, said.get(keyword).map_or(&[], Vec::as_slice));
    }
    15
}

fn names(host: &FoundHost, keyword: &str) -> usize {
    host.unsupported
        .iter()
        .filter(|text| text.starts_with(keyword))
        .count()
}

fn compare_host_keys(name: &str, host: &FoundHost, said: &Said) {
    let expected = match one(said, "stricthostkeychecking") {
        "true" => HostKeyRule::Strict,
        "false" => {
            assert_eq!(names(host, "StrictHostKeyChecking"), 1, "{name}");
            HostKeyRule::Ask
        }
        _ => HostKeyRule::Ask,
    };
    assert_eq!(
        host.settings.host_key_policy.unwrap_or(HostKeyRule::Ask),
        expected,
        "{name}"
    );
    let usual = one(said, "userknownhostsfile").contains(".ssh/known_hosts");
    assert_eq!(
        names(host, "UserKnownHostsFile"),
        usize::from(!usual),
        "{name}: {}",
        one(said, "userknownhostsfile")
    );
}

fn compare_way(name: &str, host: &FoundHost, said: &Said) {
    let place = |hop: &String| {
        hop.parse::<Place>()
            .map(|place| place.to_string())
            .unwrap_or_else(|_| hop.clone())
    };
    let ours: Vec<String> = host.jump.iter().flatten().map(place).collect();
    let (theirs, proxy) = match (said.get("proxyjump"), said.get("proxycommand")) {
        (Some(jump), _) => (proxy::jumps(&jump[0]), None),
        (None, Some(command)) => {
            let hop = proxy::plain_jump(&command[0]);
            let proxy = proxy::plain_proxy(&command[0]);
            let is_odd = hop.is_none() && proxy.is_none();
            assert_eq!(
                names(host, "ProxyCommand"),
                usize::from(is_odd),
                "{name}: {command:?}"
            );
            assert_eq!(host.warnings.len(), usize::from(is_odd), "{name}: {command:?}");
            (hop.into_iter().collect(), proxy)
        }
        (None, None) => (Vec::new(), None),
    };
    assert_eq!(host.settings.proxy, proxy, "{name}: the proxy");
    assert_eq!(
        ours,
        theirs.iter().map(place).collect::<Vec<_>>(),
        "{name}: the way"
    );
}

fn compare_keys(name: &str, host: &FoundHost, said: &Said, asked: &Asked) {
    // What they print is as it was written: tokens and ~ are still in it.
    let written = |text: &str| text.replace("~/", &format!("{}/", asked.home));
    let theirs: Vec<String> = said
        .get("identityfile")
        .into_iter()
        .flatten()
        .map(|text| written(text))
        .collect();
    match &host.key_file {
        Some(key) => {
            let port = host.port.unwrap_or(22).to_string();
            let user = host.user.clone().unwrap_or_default();
            let expanded = theirs[0]
                .replace("%h", &host.address)
                .replace("%r", &user)
                .replace("%p", &port);
            assert_eq!(*key, expanded, "{name}: identityfile");
            assert_eq!(
                names(host, "IdentityFile"),
                theirs.len() - 1,
                "{name}: more identityfiles"
            );
        }
        None => assert!(
            theirs.iter().any(|file| file.ends_with("/id_rsa")),
            "{name}: {theirs:?}"
        ),
    }
    let certificate = said.get("certificatefile").map(|files| written(&files[0]));
    assert_eq!(host.certificate, certificate, "{name}: certificatefile");
}

fn compare_forwards(name: &str, kind: ForwardKind, host: &FoundHost, said: &[String]) {
    let told = |spec: &ForwardSpec| {
        let bind = if spec.bind == "localhost" {
            ""
        } else {
            spec.bind.as_str()
        };
        (bind.to_owned(), spec.port, spec.to_host.clone(), spec.to_port)
    };
    let ours: Vec<_> = host
        .forwards
        .iter()
        .filter(|spec| spec.kind == kind)
        .map(told)
        .collect();
    let theirs: Vec<_> = said
        .iter()
        .map(|line| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            told(&forward::read(kind, &words).expect("their own words"))
        })
        .collect();
    assert_eq!(ours, theirs, "{name}: {kind:?} forwards");
}
