//! Runs over hosts that were visited before. The host is this machine, so nothing is changed on it; what happens when
//! something changes is tested in `luumen-collect`.

use super::*;

const SKIPPED: &str = "skipped: no sshd here, or no package database that is known, or it changed just now";

/// An agent with one host, after a first run that was read in full. `None` where there is no sshd, or where this
/// machine has no package database whose answers are kept.
fn visited_once() -> Option<(Api, Sshd, Agent, Value)> {
    let keys = Keys::new();
    let server = keys.server()?;
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    let (_, first) = agent.once(&[]);
    assert_eq!(unchanged(&first), 0, "{first:#}");
    if kept_files(&agent).is_empty() {
        return None;
    }
    Some((api, server, agent, first))
}

fn unchanged(document: &Value) -> u64 {
    document["counts"]["sections_unchanged"].as_u64().unwrap()
}

fn kept_files(agent: &Agent) -> Vec<PathBuf> {
    let files = fs::read_dir(agent.path("kept")).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_second_run_asks_only_for_what_may_have_changed() {
    let Some((api, _server, agent, first)) = visited_once() else {
        println!("{SKIPPED}");
        return;
    };
    let file = kept_files(&agent).remove(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&agent.path("kept")), mode(&file)), (0o700, 0o600));

    let (_, second) = agent.once(&[]);
    assert!(unchanged(&second) >= 1, "{second:#}");
    let listed = second["hosts"][0]["sections_unchanged"].as_array().unwrap();
    assert!(listed.contains(&"packages".into()), "{second:#}");
    assert_eq!(
        first["hosts"][0]["sections"], second["hosts"][0]["sections"],
        "what was spared stands as complete as what was read"
    );
    assert!(
        agent.logs().contains("sections complete, 1 unchanged") || agent.logs().contains(", 2 unchanged")
    );

    let (_, full) = agent.once(&["--full"]);
    assert_eq!(unchanged(&full), 0, "{full:#}");
    let told = api.told.lock().unwrap();
    let hashes: Vec<_> = told.reports["db"]
        .iter()
        .map(|report| report.snapshot.as_ref().unwrap().hashes())
        .collect();
    for kind in ["packages", "pending_updates", "kernel", "reboot_required"] {
        let of = |run: usize| {
            hashes[run]
                .iter()
                .find(|(seen, _)| seen.as_str() == kind)
                .map(|(_, hash)| hash)
        };
        assert_eq!((of(0), of(0)), (of(1), of(2)), "{kind}");
    }
}

#[test]
fn whoever_else_visits_asks_everything() {
    let Some((_api, _server, agent, _)) = visited_once() else {
        println!("{SKIPPED}");
        return;
    };
    let (_, other_tier) = agent.once(&["--set", "privilege.tier=standard"]);
    assert_eq!(unchanged(&other_tier), 0, "{other_tier:#}");
    let (_, tier_back) = agent.once(&[]);
    assert_eq!(unchanged(&tier_back), 0, "one answer a host is kept");
    assert!(unchanged(&agent.once(&[]).1) >= 1);
    let (_, other_limit) = agent.once(&["--set", "per_command_timeout_s=7"]);
    assert_eq!(unchanged(&other_limit), 0, "{other_limit:#}");

    let before = fs::read(kept_files(&agent).remove(0)).unwrap();
    assert!(agent.run(&["check"]).status.code().is_some_and(|code| code != 1));
    assert_eq!(
        before,
        fs::read(kept_files(&agent).remove(0)).unwrap(),
        "a check keeps nothing"
    );
}

#[test]
fn a_damaged_file_costs_a_full_reading_and_no_visit() {
    let Some((_api, _server, agent, first)) = visited_once() else {
        println!("{SKIPPED}");
        return;
    };
    let file = kept_files(&agent).remove(0);
    let whole = fs::read(&file).unwrap();
    let text = String::from_utf8(zstd::decode_all(&*whole).unwrap()).unwrap();
    let mut hostile: Value = serde_json::from_str(&text).unwrap();
    hostile["kept"]["state"] = format!("1'; touch {}; '", agent.path("planted").display()).into();
    let mut other_key: Value = serde_json::from_str(&text).unwrap();
    other_key["place"]["host_key"] = "SHA256:other".into();
    let packed = |value: &Value| zstd::encode_all(value.to_string().as_bytes(), 1).unwrap();
    for damaged in [
        Vec::new(),
        whole[..whole.len() / 2].to_vec(),
        b"not packed at all".to_vec(),
        zstd::encode_all(&b"{\"place\": 1}"[..], 1).unwrap(),
        packed(&hostile),
        packed(&other_key),
    ] {
        fs::write(&file, damaged).unwrap();
        let (_, run) = agent.once(&[]);
        assert_eq!(unchanged(&run), 0, "{run:#}");
        assert_eq!(run["hosts"][0]["sections"], first["hosts"][0]["sections"]);
        assert!(unchanged(&agent.once(&[]).1) >= 1, "and it is kept anew");
    }
    assert!(!agent.path("planted").exists());

    fs::remove_dir_all(agent.path("kept")).unwrap();
    assert_eq!(unchanged(&agent.once(&[]).1), 0, "the folder may be removed");
    fs::remove_dir_all(agent.path("kept")).unwrap();
    agent.write("kept", "a file where the folder would be");
    let (_, run) = agent.once(&[]);
    assert_eq!(run["hosts"][0]["sections"], first["hosts"][0]["sections"]);
    assert!(agent.logs().contains("hosts are read in full"));
}

#[test]
fn a_dry_run_says_what_is_kept() {
    let Some((_api, _server, agent, _)) = visited_once() else {
        println!("{SKIPPED}");
        return;
    };
    let (_, document) = agent.once(&["--dry-run"]);
    assert!(
        document["hosts"][0]["answers_kept_for_s"].is_u64(),
        "{document:#}"
    );
    let (_, document) = agent.once(&["--dry-run", "--full"]);
    assert_eq!(
        (&document["full"], &document["hosts"][0]["answers_kept_for_s"]),
        (&true.into(), &Value::Null)
    );
    let text = agent.run(&["run", "--once", "--dry-run"]);
    assert!(
        String::from_utf8_lossy(&text.stdout).contains("answers kept 0 min ago"),
        "{text:?}"
    );
}
