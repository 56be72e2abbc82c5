//! What is a good configuration, what is not, and what is said about it.

use std::{collections::BTreeMap, path::Path};

use luumen_crypto::Secret;

use super::{Config, Fault, Source, build, layers::*};

const MINIMAL: &str = "luumen: {api: {key: lum_secret, base_url: 'https://l.example.com'}}\n";

fn load(yaml: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, Vec<Fault>> {
    // A folder that nobody but us can read is not needed: the tests hand the text over.
    let path = Path::new("/nonexistent/luumen/config.yaml");
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let variables: BTreeMap<String, String> = own(variables).into_iter().collect();
    let mut layered = layer(&Sources {
        file: Some((path, yaml)),
        variables: &variables,
        flags: &own(flags),
        read_file: &|path| match path.to_str() {
            Some("/run/key") => Ok(Secret::new("lum_from_file\n")),
            _ => Err(format!("{} cannot be read", path.display())),
        },
    });
    layered.secret_in_file = false;
    build(layered, path)
}

#[track_caller]
fn good(yaml: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Config {
    load(&format!("{MINIMAL}{yaml}"), variables, flags).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[track_caller]
fn bad(yaml: &str, expected: &[&str]) {
    let faults = load(&format!("{MINIMAL}{yaml}"), &[], &[]).expect_err("a bad configuration");
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, expected);
}

#[test]
fn a_key_and_an_address_are_enough() {
    let config = good("", &[], &[]);
    assert_eq!(config.limits.concurrency, 50);
    assert_eq!(config.limits.login_guard_failures, 1);
    assert_eq!(config.log.dir, Path::new("/nonexistent/luumen/log"));
    assert_eq!(
        config.ssh.known_hosts,
        Path::new("/nonexistent/luumen/known_hosts")
    );
    assert!(!format!("{config:?}").contains("lum_secret"));
}

#[test]
fn a_flag_beats_a_variable_beats_the_file() {
    let yaml = "concurrency: 10\njitter_s: 10\nlog_dir: logs";
    let variables = [
        ("LUUMEN_CONCURRENCY", "20"),
        ("LUUMEN_JITTER_S", "20"),
        ("LUUMEN_LOG_DIR", "here"),
    ];
    let config = good(yaml, &variables, &[("concurrency", "30")]);
    assert_eq!(config.limits.concurrency, 30);
    assert_eq!(config.jitter.as_secs(), 20);
    assert_eq!(config.log.dir, Path::new("here"));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let config = good("", &[("LUUMEN_API_KEY_FILE", "/run/key")], &[]);
    assert_eq!(config.api.key.expose_secret(), "lum_from_file");
}

#[test]
fn every_fault_is_named_at_once() {
    let faults = load(
        "luumen: {api: {key: 12345}}\nconcurency: 10\nssh: {host_key_policy: tofuu}\nknwon_hosts: x\n\
         log_retention_days: 0\nprivilege: standard\ncredentials: {a: {}, b: {key_fil: x}, c: {key_file: x, env: Y}}\n",
        &[("LUUMEN_JITTER_S", "soon"), ("LUUMEN_API_BASE_URL", "nowhere")],
        &[("luumen.api.key", "lum_hunter2"), ("concurrency", "0")],
    )
    .expect_err("a bad configuration");
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let text = faults.join("\n");
    for expected in [
        "luumen.api.key: it takes a text; put it in quotes",
        "concurency: there is no such key; did you mean concurrency?",
        "ssh.host_key_policy: \"tofuu\" is not one of strict, tofu, ca; did you mean tofu?",
        "knwon_hosts: there is no such key; did you mean ssh.known_hosts?",
        "log_retention_days: \"0\" is not a whole number from 1 to 3650",
        "privilege: it is a group and takes the keys privilege.tier",
        "credentials.a: it names no secret; add one of key_file, password_file, env, agent",
        "credentials.b.key_fil: there is no such key; did you mean key_file?",
        "credentials.c: it names several secrets; keep one of key_file, password_file, env, agent",
        "LUUMEN_JITTER_S: \"soon\" is not a whole number from 0 to 3600",
        "--set luumen.api.key: everyone on this machine can see flags; use LUUMEN_API_KEY or LUUMEN_API_KEY_FILE",
        "--set concurrency: \"0\" is not a whole number from 1 to 1000",
    ] {
        assert!(
            faults.iter().any(|fault| fault == expected),
            "{expected} is not in\n{text}"
        );
    }
    assert!(!text.contains("12345") && !text.contains("hunter2"), "{text}");
}

#[test]
fn faults_say_what_would_be_right() {
    bad(
        "ssh: {jump: 'a@b:x'}",
        &["ssh.jump: \"a@b:x\" is not user@host or user@host:port"],
    );
    bad(
        "ssh: {proxy: 'ftp://u:hunter2@h'}",
        &["ssh.proxy: it is not http://[user:password@]host:port or socks5://…"],
    );
    bad(
        "ssh: {jump_credential: linx}\ncredentials: {linux: {agent: true}}",
        &["ssh.jump_credential: credentials has no \"linx\"; did you mean linux?"],
    );
    bad(
        "credentials: {a: {password: hunter2, agent: true}}",
        &["credentials.a.password: there is no such key; did you mean password_file?"],
    );
    bad(
        "credentials: {a: {passphrase_file: x}}",
        &["credentials.a: passphrase_file is of use only together with key_file"],
    );
    bad(
        "credentials: {a: {password_file: pw}}",
        &[
            "credentials.a.password_file: /nonexistent/luumen/pw cannot be read: No such file or directory (os error 2)",
        ],
    );
}

#[test]
fn what_is_missing_is_named_with_its_variable() {
    let faults = load("", &[], &[]).expect_err("nothing there");
    let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["luumen.api.base_url", "luumen.api.key"]);
    assert!(faults[1].message.contains("LUUMEN_API_KEY"), "{}", faults[1]);
}

#[test]
fn plain_http_to_others_is_a_fault() {
    let faults = load(
        "luumen: {api: {key: k, base_url: 'http://l.example.com'}}",
        &[],
        &[],
    )
    .expect_err("plain");
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].message.contains("luumen.api.allow_http"),
        "{}",
        faults[0]
    );
    good(
        "",
        &[
            ("LUUMEN_API_BASE_URL", "http://l.example.com"),
            ("LUUMEN_API_ALLOW_HTTP", "true"),
        ],
        &[],
    );
}

#[test]
fn broken_yaml_is_one_fault_with_its_place() {
    let faults = load("luumen: [", &[], &[]).expect_err("broken");
    assert!(
        faults
            .iter()
            .any(|fault| fault.message.contains("not valid YAML")),
        "{faults:#?}"
    );
}

#[test]
fn an_odd_variable_is_a_warning() {
    let config = good(
        "",
        &[("LUUMEN_API_KY", "x"), ("LUUMEN_SSH_KNOWN_HOSTS", "/k")],
        &[],
    );
    assert_eq!(
        config.warnings,
        ["the variable LUUMEN_API_KY means nothing to the agent; did you mean LUUMEN_API_KEY?"]
    );
}

#[test]
fn credentials_say_where_their_secret_lies() {
    let config = good(
        "credentials: {a: {agent: true, username: u}, b: {env: PW}, c: {agent: s/agent.sock}}",
        &[],
        &[],
    );
    assert_eq!(config.credentials["a"].source, Source::Agent { socket: None });
    assert_eq!(config.credentials["a"].username.as_deref(), Some("u"));
    assert!(config.credentials["b"].source.is_password());
    assert_eq!(
        config.credentials["c"].source.describe(),
        "ssh-agent at /nonexistent/luumen/s/agent.sock"
    );
}
