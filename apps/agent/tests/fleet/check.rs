//! `check`: what it finds, as text and as a document, and that it leaves no trace.

use std::collections::BTreeMap;

use super::*;

/// Runs a check and gives the exit code and the document it printed.
fn check(agent: &Agent, args: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
    let mut command = agent.command(&[&["check", "--output", "json"], args].concat());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    no_secrets(&output.stdout);
    no_secrets(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let exit = output.status.code().unwrap();
    assert_eq!(document["exit_code"], exit, "{document:#}");
    assert_eq!(document["ok"], exit == 0, "{document:#}");
    (exit, document)
}

/// `part name status code` of each part, without what differs from run to run.
fn parts(document: &Value) -> Vec<String> {
    let parts = document["parts"].as_array().unwrap();
    let shown = parts.iter().map(|part| {
        assert!(part["code"].is_string() || part["status"] == "ok", "{part:#}");
        let name = part["name"].as_str().unwrap().split(" (").next().unwrap();
        let code = part["code"].as_str().unwrap_or("-");
        format!(
            "{} {name} {} {code}",
            part["part"].as_str().unwrap(),
            part["status"].as_str().unwrap()
        )
    });
    shown.collect()
}

fn part<'a>(document: &'a Value, kind: &str, name: &str) -> &'a Value {
    let parts = document["parts"].as_array().unwrap();
    let of = |part: &&Value| part["part"] == kind && part["name"].as_str().unwrap().starts_with(name);
    parts
        .iter()
        .find(of)
        .unwrap_or_else(|| panic!("{kind} {name} is not in {document:#}"))
}

/// Every file below the agent's folder with what is in it.
fn files(agent: &Agent) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![agent.dir.path().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.insert(path.clone(), Vec::new());
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_check_names_what_works_and_what_does_not() {
    let keys = Keys::new();
    let Some(server) = keys.server() else { return };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    api.host("wrong-key", server.port(), "bad");
    api.host("stranger", 22, "unheard-of");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let output = agent.run(&["check"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    for expected in [
        "ok    configuration: 3 credentials",
        "ok    API: http://127.0.0.1:",
        "skip  DNS: there are only addresses and no names to resolve (LUM-CHECK-NO-NAMES)",
        "db (127.0.0.1:",
        "signed in as",
        "FAIL  wrong-key",
        "(LUM-SSH-AUTH)",
        "FAIL  stranger",
        "(LUM-CREDENTIAL-UNKNOWN)",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn a_check_leaves_no_trace_here_or_at_the_api() {
    let keys = Keys::new();
    let host_key = KeyFile::generate("ed25519").unwrap();
    let builder = Sshd::builder().authorize(&keys.good).host_key(host_key.clone());
    let Some(server) = builder.start().unwrap() else {
        return;
    };
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let before = files(&agent);

    let fingerprint = host_key.fingerprint().unwrap();
    let (exit, document) = check(&agent, &[], &[]);
    assert_eq!(exit, 0, "{document:#}");
    assert_eq!(
        part(&document, "host_key", "127.0.0.1 port")["would_keep"],
        fingerprint.as_str()
    );
    let text = agent.run(&["check"]);
    let text = String::from_utf8_lossy(&text.stdout);
    assert!(
        text.contains(&format!("would be kept: {fingerprint} (ssh-ed25519)")),
        "{text}"
    );
    assert_eq!(files(&agent), before, "no host key, no cache, no log, no folder");

    let stranger = format!(
        "[127.0.0.1]:1 {}\n",
        KeyFile::generate("ed25519").unwrap().public_key()
    );
    agent.write("known_hosts", &stranger);
    assert_eq!(check(&agent, &[], &[]).0, 0);
    assert_eq!(fs::read_to_string(agent.path("known_hosts")).unwrap(), stranger);

    let calls = api.told.lock().unwrap().calls.clone();
    assert_eq!(
        calls,
        vec!["GET /api/v1/agent/config"; 3],
        "it is asked, and told nothing"
    );

    // A run keeps what the check announced, and then there is nothing to announce.
    assert_eq!(agent.once(&[]).0, 0);
    let kept = agent.run(&["hostkeys", "list"]);
    assert!(
        String::from_utf8_lossy(&kept.stdout).contains(&fingerprint),
        "{kept:?}"
    );
    let (_, document) = check(&agent, &[], &[]);
    assert!(!document.to_string().contains("would_keep"), "{document:#}");
}

#[test]
fn a_check_trusts_no_key_that_a_run_would_refuse() {
    let Some(Ready {
        keys: _keys,
        server,
        api: _api,
        agent,
    }) = Ready::new()
    else {
        return;
    };
    let (exit, document) = check(&agent, &["--set", "ssh.host_key_policy=strict"], &[]);
    assert_eq!(exit, 4);
    assert_eq!(part(&document, "host", "db")["code"], "LUM-SSH-HOSTKEY-UNKNOWN");

    let other = KeyFile::generate("ed25519").unwrap().public_key();
    agent.write("known_hosts", &format!("[127.0.0.1]:{} {other}\n", server.port()));
    let (exit, document) = check(&agent, &[], &[]);
    assert_eq!(exit, 4);
    assert_eq!(part(&document, "host", "db")["code"], "LUM-SSH-HOSTKEY");
    assert!(!server.log().contains("Accepted"), "{}", server.log());
}

#[test]
fn a_check_prints_its_document_whatever_fails() {
    let api = Api::start().unwrap();
    let agent = Agent::new(&api.base_url, "");
    Keys::new().give(&agent);
    let (exit, document) = check(&agent, &[], &[("LUUMEN_API_KEY", "lum_other")]);
    assert_eq!(exit, 2, "{document:#}");
    let expected = [
        "configuration  ok -",
        "api  failed LUM-API-UNAUTHENTICATED",
        "hosts  skipped LUM-CHECK-NO-HOSTS",
    ];
    assert_eq!(parts(&document), expected);

    let (exit, document) = check(&agent, &["--host", "nobody"], &[]);
    assert_eq!(exit, 1, "{document:#}");
    let expected = [
        "configuration  ok -",
        "api  ok -",
        "hosts  failed LUM-CHECK-NO-SUCH-HOST",
    ];
    assert_eq!(parts(&document), expected);

    let (exit, document) = check(&agent, &["--set", "concurency=1", "--set", "jitter_s=x"], &[]);
    assert_eq!(exit, 1, "{document:#}");
    let expected = [
        "configuration  failed LUM-CONFIG",
        "api  skipped LUM-CHECK-NOT-REACHED",
        "hosts  skipped LUM-CHECK-NOT-REACHED",
    ];
    assert_eq!(parts(&document), expected);
    assert_eq!(document["parts"][0]["faults"].as_array().unwrap().len(), 2);

    drop(api);
    let (exit, document) = check(&agent, &[], &[]);
    assert_eq!(exit, 75, "{document:#}");
    let expected = [
        "configuration  ok -",
        "api  failed LUM-API-UNREACHABLE",
        "hosts  skipped LUM-CHECK-NO-HOSTS",
    ];
    assert_eq!(parts(&document), expected);
    let step = part(&document, "api", "")["next_step"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(step.contains("luumen.api.base_url"), "{step}");
}

#[test]
fn a_check_goes_on_with_the_last_good_configuration() {
    let Some(Ready {
        keys: _keys,
        server: _server,
        api,
        agent,
    }) = Ready::new()
    else {
        return;
    };
    assert_eq!(agent.once(&[]).0, 0);
    drop(api);
    let (exit, document) = check(&agent, &[], &[]);
    assert_eq!(exit, 75, "{document:#}");
    assert_eq!(part(&document, "api", "")["code"], "LUM-API-UNREACHABLE");
    assert_eq!(part(&document, "host", "db")["status"], "ok");
}

#[test]
fn a_check_resolves_every_name_that_a_run_needs() {
    let keys = Keys::new();
    let Some(server) = keys.server() else { return };
    let api = Api::start().unwrap();
    api.host_at("db", "localhost", server.port(), "good");
    api.host_at("gone", "no-such-host.invalid", 22, "good");
    let named = api.base_url.replace("127.0.0.1", "localhost");
    let agent = Agent::new(&named, "");
    keys.give(&agent);
    let (exit, document) = check(&agent, &[], &[]);
    assert_eq!(exit, 3, "{document:#}");
    let names: Vec<String> = parts(&document)
        .into_iter()
        .filter(|part| part.starts_with("dns"))
        .collect();
    assert_eq!(
        names,
        [
            "dns localhost ok -",
            "dns localhost ok -",
            "dns no-such-host.invalid failed LUM-DNS"
        ]
    );
    let found = part(&document, "dns", "localhost");
    assert_eq!(found["of"], serde_json::json!(["the API"]));
    assert!(found["addresses"].to_string().contains("127.0.0.1"), "{found:#}");
    assert_eq!(part(&document, "host", "gone")["code"], "LUM-DNS");

    let text = agent.run(&["check"]);
    let text = String::from_utf8_lossy(&text.stdout);
    for expected in [
        "ok    DNS localhost: ",
        "FAIL  DNS no-such-host.invalid: it does not resolve: ",
        "Correct the name of host gone, or have this machine's resolver",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }

    let proxy = [("LUUMEN_SSH_PROXY", "socks5://no-such-proxy.invalid:1080")];
    let (_, document) = check(&agent, &["--host", "gone"], &proxy);
    assert_eq!(part(&document, "dns", "no-such-proxy.invalid")["code"], "LUM-DNS");
    let elsewhere = part(&document, "dns", "no-such-host.invalid");
    assert_eq!(
        elsewhere["code"], "LUM-CHECK-DNS-ELSEWHERE",
        "the proxy resolves it"
    );
}
