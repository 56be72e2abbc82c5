//! The API does not answer: the last good configuration, sealed on disk, stands in, and nothing is said to be reported.

use super::*;

const SEALED: &str = "remote-config.sealed";

/// An agent with one host that it has visited and reported once.
fn visited_once() -> Option<(Api, Sshd, Agent)> {
    let keys = Keys::new();
    let server = keys.server()?;
    let api = Api::start().unwrap();
    api.host("db-seven.example", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 0, "{document:#}");
    let from = serde_json::json!({"from": "api"});
    assert_eq!(
        (&document["configuration"], &document["known_to_api"]),
        (&from, &true.into())
    );
    Some((api, server, agent))
}

fn logins(server: &Sshd) -> usize {
    server.log().matches("Accepted publickey").count()
}

#[test]
fn hosts_are_visited_by_the_last_good_configuration_and_nothing_is_said_to_be_reported() {
    let Some((api, server, agent)) = visited_once() else {
        return;
    };
    drop(api);
    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 75, "{document:#}");
    let from = serde_json::json!({"from": "last_good", "because": "LUM-API-UNREACHABLE"});
    assert_eq!(
        (&document["configuration"], &document["known_to_api"]),
        (&from, &false.into())
    );
    assert!(
        ["complete", "partial"].contains(&code(&document, "db-seven.example").as_str()),
        "{document:#}"
    );
    assert_eq!(
        document["hosts"][0]["report"],
        serde_json::json!({"state": "lost"})
    );
    assert_eq!(logins(&server), 2, "the host was visited again");

    let logs = agent.logs();
    assert!(
        logs.contains("The API did not answer during the whole run"),
        "{logs}"
    );
}

#[test]
fn an_api_that_returns_during_the_run_gets_run_and_reports() {
    let Some((api, server, agent)) = visited_once() else {
        return;
    };
    api.told.lock().unwrap().config_down = true;
    let (exit, document) = agent.once(&[]);
    assert_eq!(exit, 0, "{document:#}");
    assert_eq!(document["configuration"]["from"], "last_good");
    assert_eq!(document["known_to_api"], true);
    assert_eq!(logins(&server), 2);
    assert_eq!(api.told.lock().unwrap().reports["db-seven.example"].len(), 2);
    let run = document["run_id"].as_str().unwrap();
    assert_eq!(
        api.calls(&format!("PUT /api/v1/agent/runs/{run}")),
        2,
        "begun, and one report"
    );
    assert_eq!(api.calls(&format!("POST /api/v1/agent/runs/{run}/finish")), 1);
}

#[test]
fn the_last_good_configuration_is_sealed_for_the_owner_alone() {
    let Some((_api, _server, agent)) = visited_once() else {
        return;
    };
    let bytes = fs::read(agent.path(SEALED)).unwrap();
    for secret in ["db-seven", "good", "hosts", "127.0.0.1", "Test", API_KEY] {
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
            "{secret}"
        );
    }
    let mode = fs::metadata(agent.path(SEALED)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let beside = fs::read_dir(agent.dir.path()).unwrap();
    let names: Vec<_> = beside.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !names.iter().any(|name| name.to_string_lossy().contains(".new")),
        "{names:?}"
    );
}

/// The API is gone, and what was kept cannot be opened: no run, no crash, and the log says why.
#[track_caller]
fn left_aside(agent: &Agent, server: &Sshd, key: &str, why: &str) {
    let before = logins(server);
    let output = agent
        .command(&["run", "--once"])
        .env("LUUMEN_API_KEY", key)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    no_secrets(&output.stderr);
    assert_eq!(logins(server), before);
    let logs = agent.logs();
    assert!(
        logs.contains("is left aside") && logs.contains(why),
        "{why} is not in {logs}"
    );
    assert!(!logs.contains(key), "no key in the log");
}

#[test]
fn a_copy_that_cannot_be_opened_is_said_ignored_and_replaced() {
    let Some((api, server, agent)) = visited_once() else {
        return;
    };
    let whole = fs::read(agent.path(SEALED)).unwrap();
    api.told.lock().unwrap().config_down = true;
    let closed = "it is damaged, or was sealed with another API key";
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(agent.path(SEALED), damaged).unwrap();
    left_aside(&agent, &server, API_KEY, closed);
    fs::write(agent.path(SEALED), "{\"base_url\": \"x\"}").unwrap();
    left_aside(
        &agent,
        &server,
        API_KEY,
        "this version of the agent has not sealed it",
    );

    api.told.lock().unwrap().config_down = false;
    assert_eq!(agent.once(&[]).0, 0);
    let anew = fs::read(agent.path(SEALED)).unwrap();
    assert!(anew != whole && anew.len() == whole.len(), "it is sealed anew");
    drop(api);
    left_aside(&agent, &server, "lum_rotated", closed);
    assert_eq!(
        fs::read(agent.path(SEALED)).unwrap(),
        anew,
        "the right key may come back"
    );
}

#[test]
fn the_plain_copy_of_an_older_version_is_not_read_and_goes() {
    let Some(Ready {
        keys: _keys,
        server: _server,
        api,
        agent,
    }) = Ready::new()
    else {
        return;
    };
    let config = serde_json::json!({"base_url": format!("{}/api/v1", api.base_url), "etag": "\"1\"", "config": {
        "workspace": "Old", "schedule": {"interval_s": 3600, "polling_s": 5}, "default_credential": null,
        "default_username": null, "hosts": []}});
    agent.write("remote-config.json", &config.to_string());
    let (exit, document) = agent.once(&[]);
    assert_eq!(
        (exit, document["hosts"].as_array().unwrap().len()),
        (0, 1),
        "{document:#}"
    );
    assert!(
        agent
            .logs()
            .contains("was kept by an older version of the agent and is not sealed")
    );
    assert!(!agent.path("remote-config.json").exists() && agent.path(SEALED).exists());
}
