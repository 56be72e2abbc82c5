//! The way to the hosts as `config.yaml` says it: a jump host, a proxy, an authority for host keys.

use super::{
    proxy::{ACCOUNT, Proxy, Speaks},
    *,
};

fn seen(document: &Value, name: &str) -> bool {
    ["complete", "partial"].contains(&code(document, name).as_str())
}

fn message(document: &Value) -> &str {
    document["hosts"][0]["error"]["message"]
        .as_str()
        .unwrap_or_default()
}

#[test]
fn hosts_are_visited_through_the_jump_host_with_its_own_credential() {
    let keys = Keys::new();
    let jump = Sshd::builder()
        .config("LogLevel DEBUG1")
        .authorize(&keys.bad)
        .start()
        .unwrap();
    let (Some(jump), Some(server)) = (jump, keys.server()) else {
        return;
    };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let user = username().unwrap();
    let through = format!("ssh.jump={user}@127.0.0.1:{}", jump.port());

    let (exit, document) = agent.once(&["--set", &through, "--set", "ssh.jump_credential=bad"]);
    assert!(exit == 0 && seen(&document, "db"), "{document:#}");
    assert!(server.log().contains("Accepted publickey"), "{}", server.log());
    let log = jump.log();
    assert!(log.contains("Accepted publickey"), "{log}");
    let asked = format!("target 127.0.0.1 port {}", server.port());
    assert!(log.contains(&asked), "the jump host opened the way: {log}");
    let known = fs::read_to_string(agent.path("known_hosts")).unwrap();
    assert!(
        known.contains(&format!(":{} ", jump.port())),
        "the jump host's key is kept, too: {known}"
    );

    // Without a credential of its own, the jump host is shown the host's, which it does not know.
    let (exit, document) = agent.once(&["--set", &through]);
    assert_eq!((exit, code(&document, "db").as_str()), (4, "LUM-SSH-AUTH"));
    assert!(message(&document).contains("jump 1 of 1"), "{document:#}");

    let nowhere = format!("ssh.jump={user}@127.0.0.1:{}", closed_port());
    let (exit, document) = agent.once(&["--set", &nowhere]);
    assert_eq!(
        (exit, code(&document, "db").as_str()),
        (4, "LUM-CONNECT"),
        "never past a jump host"
    );
}

#[test]
fn hosts_are_visited_through_the_proxy_which_resolves_their_names() {
    let keys = Keys::new();
    let Some(server) = keys.server() else { return };
    let api = Api::start().unwrap();
    api.host_at("db", "db.inside.invalid", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let (exit, document) = agent.once(&[]);
    assert_eq!(
        (exit, code(&document, "db").as_str()),
        (4, "LUM-DNS"),
        "nobody here knows the name"
    );

    for (speaks, scheme) in [(Speaks::Socks5, "socks5"), (Speaks::Http, "http")] {
        let proxy = Proxy::start(speaks).unwrap();
        let way = format!("{scheme}://{ACCOUNT}@127.0.0.1:{}", proxy.port);
        let (exit, document) = agent.once_with(&[], &[("LUUMEN_SSH_PROXY", &way)]);
        assert!(exit == 0 && seen(&document, "db"), "{speaks:?}: {document:#}");
        assert_eq!(proxy.opened(), [format!("db.inside.invalid:{}", server.port())]);

        let wrong = format!("{scheme}://scan:PLANTED-other@127.0.0.1:{}", proxy.port);
        let (exit, document) = agent.once_with(&[], &[("LUUMEN_SSH_PROXY", &wrong)]);
        assert_eq!(
            (exit, code(&document, "db").as_str()),
            (4, "LUM-PROXY"),
            "{document:#}"
        );
        assert_eq!(proxy.opened().len(), 1, "{speaks:?}");
    }
}

#[test]
fn the_proxy_stands_before_the_jump_host() {
    let keys = Keys::new();
    let (Some(jump), Some(server)) = (keys.server(), keys.server()) else {
        return;
    };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let proxy = Proxy::start(Speaks::Socks5).unwrap();
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let through = format!(
        "ssh.jump={}@jump.inside.invalid:{}",
        username().unwrap(),
        jump.port()
    );
    let way = format!("socks5://{ACCOUNT}@127.0.0.1:{}", proxy.port);
    let (exit, document) = agent.once_with(&["--set", &through], &[("LUUMEN_SSH_PROXY", &way)]);
    assert!(exit == 0 && seen(&document, "db"), "{document:#}");
    assert_eq!(proxy.opened(), [format!("jump.inside.invalid:{}", jump.port())]);
    assert!(jump.log().contains("Accepted") && server.log().contains("Accepted"));
}

#[test]
fn keys_are_accepted_behind_the_proxy_and_the_jump_host() {
    let keys = Keys::new();
    let (Some(jump), Some(server)) = (keys.server(), keys.server()) else {
        return;
    };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let proxy = Proxy::start(Speaks::Socks5).unwrap();
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let inside = format!("jump.inside.invalid:{}", jump.port());
    let through = format!("ssh.jump={}@{inside}", username().unwrap());
    let way = format!("socks5://{ACCOUNT}@127.0.0.1:{}", proxy.port);
    let strict = ["--set", "ssh.host_key_policy=strict", "--set", &through];
    let variables = [("LUUMEN_SSH_PROXY", way.as_str())];
    let accept = |host: &str| {
        let mut command = agent.command(&[&["hostkeys", "accept", host, "--yes"][..], &strict].concat());
        let output = command.envs(variables).output().unwrap();
        (output.status.code(), format!("{output:?}"))
    };
    // The jump host itself is reached without itself. Nothing names its credential but the host behind it.
    let (exit, said) = accept(&inside);
    assert_eq!(exit, Some(0), "{said}");
    assert_eq!(
        agent.once_with(&strict, &variables).0,
        4,
        "the host is not known yet"
    );
    let (exit, said) = accept("db");
    assert_eq!(exit, Some(0), "{said}");
    let known = fs::read_to_string(agent.path("known_hosts")).unwrap();
    assert!(known.contains(&server.known_hosts().unwrap()), "{known}");
    assert_eq!(agent.once_with(&strict, &variables).0, 0);
    assert_eq!(
        proxy.opened(),
        [&inside, &inside, &inside, &inside].map(String::clone)
    );
    assert!(
        !server.log().contains("user luumen"),
        "nobody tries to sign in there to see its key"
    );
}

#[test]
fn the_api_is_asked_through_its_own_proxy() {
    let api = Api::start().unwrap();
    let agent = Agent::new(&api.base_url, "");
    Keys::new().give(&agent);
    let proxy = Proxy::start(Speaks::Socks5).unwrap();
    let way = format!("socks5h://{ACCOUNT}@127.0.0.1:{}", proxy.port);
    let (exit, _) = agent.once_with(&[], &[("LUUMEN_API_PROXY", &way)]);
    assert_eq!(exit, 0);
    let port = api.base_url.rsplit(':').next().unwrap();
    assert!(
        proxy.opened().contains(&format!("127.0.0.1:{port}")),
        "{:?}",
        proxy.opened()
    );
}

/// A server whose host key an authority has signed, for these names.
fn certified(keys: &Keys, authority: &KeyFile, names: &str) -> Option<Sshd> {
    let host_key = KeyFile::generate("ed25519")
        .unwrap()
        .signed_by(authority, &["-h", "-n", names])
        .unwrap();
    Sshd::builder()
        .authorize(&keys.good)
        .host_key(host_key)
        .start()
        .unwrap()
}

#[test]
fn with_an_authority_only_its_certificates_are_trusted() {
    let (keys, authority) = (Keys::new(), KeyFile::generate("ed25519").unwrap());
    let Some(right) = certified(&keys, &authority, "127.0.0.1") else {
        return;
    };
    let misnamed = certified(&keys, &authority, "db.example.com").unwrap();
    let stranger = certified(&keys, &KeyFile::generate("ed25519").unwrap(), "127.0.0.1").unwrap();
    let plain = keys.server().unwrap();
    let api = Api::start().unwrap();
    for (name, server) in [
        ("right", &right),
        ("misnamed", &misnamed),
        ("stranger", &stranger),
        ("plain", &plain),
    ] {
        api.host(name, server.port(), "good");
    }
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let known = format!(
        "@cert-authority * {}\n{}",
        authority.public_key(),
        plain.known_hosts().unwrap()
    );
    agent.write("trusted", &known);
    let file = format!("ssh.known_hosts={}", agent.path("trusted").display());
    let (exit, document) = agent.once(&["--set", "ssh.host_key_policy=ca", "--set", &file]);
    assert!(exit == 3 && seen(&document, "right"), "{document:#}");
    for name in ["misnamed", "stranger", "plain"] {
        assert_eq!(code(&document, name), "LUM-SSH-HOSTCERT", "{document:#}");
    }
    for server in [&misnamed, &stranger, &plain] {
        assert!(!server.log().contains("Accepted"), "{}", server.log());
    }
    assert_eq!(fs::read_to_string(agent.path("trusted")).unwrap(), known);
}
