//! Connecting, being asked, losing the line and finding it again.

use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_workbench::bridge::Id;
use serde_json::{Value, json};

use crate::support::{Desk, Screen, place};

fn states(session: &Value) -> Vec<String> {
    let steps = session["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| {
            format!(
                "{} {}",
                step["step"].as_str().unwrap(),
                step["state"].as_str().unwrap()
            )
        })
        .collect()
}

#[tokio::test]
async fn a_new_host_is_asked_about_once_and_remembered_for_ssh_too() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(false, |server| server) else {
        return;
    };
    let session = desk.call("session_open", json!({"quick": place(&server)})).await;
    let question = desk.question("host_key_new").await;
    assert_eq!(question["session"], session["id"]);
    assert!(
        question["ask"]["art"].as_str().unwrap().contains("[ED25519"),
        "{question}"
    );
    assert_eq!(
        desk.call("questions_list", json!({})).await[0]["question"],
        question["question"]
    );
    desk.answer(&question, json!({"kind": "trust"})).await;
    let open = desk.until(&session, "open").await;
    assert_eq!(open["target"], place(&server));
    assert!(open["server"].as_str().unwrap().starts_with("OpenSSH"), "{open}");
    let done = [
        "resolve done",
        "connect done",
        "host_key done",
        "sign_in done",
        "shell waiting",
    ];
    assert_eq!(states(&open), done);
    let known = desk.known_hosts();
    assert!(known.contains(" luumen 20"), "{known}");
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo he''llo; exit 3\n").await;
    screen.shows("hello").await;
    let closed = desk
        .hear("the end of the terminal", |event| {
            event["event"] == "terminal_closed"
        })
        .await;
    assert_eq!((&closed["terminal"], &closed["exit"]), (&screen.id(), &json!(3)));
    desk.hear("the latency", |event| event["session"]["latency_ms"].is_number())
        .await;
    desk.call("session_close", json!({"id": session["id"]})).await;
    desk.until(&session, "closed").await;
    assert_eq!(desk.call("sessions_list", json!({})).await, json!([]));
    // It is known now.
    desk.session(&server).await;
}

#[tokio::test]
async fn a_changed_key_is_replaced_only_by_the_typed_name_and_no_password_is_sent() {
    let desk = Desk::open().await;
    let server = desk.server(false, |server| server.config("PasswordAuthentication yes"));
    let Some(server) = server else {
        return;
    };
    let old = KeyFile::generate("ed25519").unwrap();
    let line = format!(
        "[127.0.0.1]:{} {} luumen 2026-01-02T03:04:05.000Z\n",
        server.port(),
        old.public_key()
    );
    std::fs::write(desk.ssh().join("known_hosts"), &line).unwrap();
    let kept = desk.host("db-3", &server, json!({})).await;
    let open = json!({"host": kept["id"]});
    let session = desk.call("session_open", open.clone()).await;
    let question = desk.question("host_key_changed").await;
    let known = &question["ask"]["known"][0];
    assert_eq!(known["fingerprint"], old.fingerprint().unwrap());
    assert_eq!(known["first_seen_at"], "2026-01-02T03:04:05.000Z");
    assert_eq!(question["ask"]["name"], "db-3");
    let answer = |answer: Value| json!({"question": question["question"], "answer": answer});
    for wrong in [
        json!({"kind": "trust"}),
        json!({"kind": "replace", "typed_name": "db-33"}),
    ] {
        desk.refusal("question_answer", answer(wrong)).await;
    }
    desk.answer(&question, json!({"kind": "cancel"})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-SSH-HOSTKEY");
    assert!(
        states(&failed).contains(&"host_key failed".to_owned()),
        "{failed}"
    );
    assert!(
        states(&failed).contains(&"sign_in skipped".to_owned()),
        "{failed}"
    );
    let log = server.log();
    assert!(!log.contains("assword") && !log.contains("publickey"), "{log}");
    assert_eq!(desk.known_hosts(), line);

    let session = desk.call("session_open", open).await;
    let question = desk.question("host_key_changed").await;
    desk.answer(&question, json!({"kind": "replace", "typed_name": "db-3"}))
        .await;
    desk.until(&session, "open").await;
    assert!(!desk.known_hosts().contains(&old.public_key()));
}

#[tokio::test]
async fn three_jump_hosts_are_shown_and_passed() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    desk.usual_key(&key);
    let mut servers = Vec::new();
    for _ in 0..4 {
        let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
            return;
        };
        desk.know(&server);
        servers.push(server);
    }
    let outer = desk.host("outer", &servers[0], json!({})).await;
    // The way to the middle one leads through the outer one in its turn.
    let middle = desk
        .host("middle", &servers[1], json!({"jump": [outer["id"]]}))
        .await;
    let inner = desk.host("inner", &servers[2], json!({})).await;
    let goal = desk
        .host("goal", &servers[3], json!({"jump": [middle["id"], inner["id"]]}))
        .await;
    let session = desk.call("session_open", json!({"host": goal["id"]})).await;
    let open = desk.until(&session, "open").await;
    let hops: Vec<u64> = open["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["hop"].as_u64().unwrap())
        .collect();
    assert_eq!(hops, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]);
    assert!(
        open["steps"].as_array().unwrap()[..13]
            .iter()
            .all(|step| step["state"] == "done"),
        "{open}"
    );
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo port-${SSH_CONNECTION##* }-\n").await;
    screen.shows(&format!("port-{}-", servers[3].port())).await;
    desk.hear("the note on the host", |event| event["what"] == "hosts")
        .await;
    let page = desk.call("host_get", json!({"id": goal["id"]})).await;
    assert!(page["host"]["last_connected_at"].is_string(), "{page}");
}

#[tokio::test]
async fn a_jump_host_that_refuses_new_keys_refuses_them_on_the_way_to_others_too() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    desk.usual_key(&key);
    let start = || Sshd::builder().authorize(&key).start().unwrap();
    let (Some(bastion), Some(server)) = (start(), start()) else {
        return;
    };
    desk.know(&server);
    let hop = desk
        .host("bastion", &bastion, json!({"host_key_policy": "strict"}))
        .await;
    let goal = desk.host("goal", &server, json!({"jump": [hop["id"]]})).await;
    let session = desk.call("session_open", json!({"host": goal["id"]})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-SSH-HOSTKEY-UNKNOWN");
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
    // One that asks is asked about, whatever the host behind it says of itself.
    desk.know(&bastion);
    desk.reconnect(&session).await;
}

#[tokio::test]
async fn another_port_of_a_kept_host_is_reached_as_it_was_typed_and_not_as_that_host() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    desk.usual_key(&key);
    let start = || Sshd::builder().authorize(&key).start().unwrap();
    let (Some(kept), Some(other)) = (start(), start()) else {
        return;
    };
    desk.know(&kept);
    desk.know(&other);
    let host = desk.host("web-1", &kept, json!({})).await;
    let open = json!({"quick": format!("web-1:{}", other.port())});
    let session = desk.call("session_open", open).await;
    let session = desk.until(&session, "open").await;
    assert_eq!(session["host"], Value::Null);
    assert_eq!(session["target"], place(&other));
    let page = desk.call("host_get", json!({"id": host["id"]})).await;
    assert_eq!(page["host"]["last_connected_at"], Value::Null);
    // With its own port it is the kept one.
    let open = json!({"quick": format!("web-1:{}", kept.port())});
    let session = desk.call("session_open", open).await;
    let session = desk.until(&session, "open").await;
    assert_eq!(session["host"], host["id"]);
}

#[tokio::test]
async fn a_locked_key_is_asked_about_once_for_terminal_files_and_the_next_connection() {
    let desk = Desk::open().await;
    let key = KeyFile::generate_with("ed25519", "opens it", &[]).unwrap();
    desk.usual_key(&key);
    let Some(mut server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    desk.know(&server);
    let session = desk.call("session_open", json!({"quick": place(&server)})).await;
    let question = desk.question("passphrase").await;
    assert!(
        question["ask"]["key"].as_str().unwrap().ends_with("id_ed25519"),
        "{question}"
    );
    desk.answer(&question, json!({"kind": "texts", "texts": ["wrong"]}))
        .await;
    let question = desk.question("passphrase").await;
    assert_eq!(question["ask"]["again"], true);
    desk.answer(&question, json!({"kind": "texts", "texts": ["opens it"]}))
        .await;
    desk.until(&session, "open").await;
    desk.call("files_open", json!({"session": session["id"]})).await;
    server.stop();
    desk.until(&session, "lost").await;
    server.start_again().unwrap();
    desk.reconnect(&session).await;
    let waiting = desk.call("questions_list", json!({})).await;
    assert_eq!(waiting, json!([]));
}

#[tokio::test]
async fn a_certificate_signs_in_where_the_key_alone_does_not() {
    let desk = Desk::open().await;
    let authority = KeyFile::generate("ed25519").unwrap();
    let user = username().unwrap();
    let key = KeyFile::generate("ed25519")
        .unwrap()
        .signed_by(&authority, &["-n", &user])
        .unwrap();
    desk.usual_key(&key);
    let trusted = desk.home().join("authority.pub");
    std::fs::write(&trusted, format!("{}\n", authority.public)).unwrap();
    let server = Sshd::builder()
        .config(format!("TrustedUserCAKeys {}", trusted.display()))
        .start()
        .unwrap();
    let Some(server) = server else {
        return;
    };
    desk.know(&server);
    let open = desk.session(&server).await;
    let sign_in = open["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["step"] == "sign_in")
        .unwrap();
    assert!(
        sign_in["detail"].as_str().unwrap().contains("certificate"),
        "{sign_in}"
    );
}

#[tokio::test]
async fn a_lost_session_keeps_its_terminals_and_is_connected_again_in_place() {
    let desk = Desk::open().await;
    let Some(mut server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let (first, second) = (desk.terminal(&session).await, desk.terminal(&session).await);
    for screen in [&first, &second] {
        desk.write(screen, "echo be''fore\n").await;
        screen.shows("before").await;
    }
    server.stop();
    let lost = desk.until(&session, "lost").await;
    assert_eq!(lost["problem"]["code"], "LUM-SSH-LOST");
    let refused = desk
        .refusal(
            "terminal_write",
            json!({"terminal": first.id(), "text": "rm -rf x\n"}),
        )
        .await;
    assert_eq!(refused.code, "LUM-TERMINAL-LOST");
    // Nobody is there yet.
    desk.call("session_reconnect", json!({"id": session["id"]})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-CONNECT");
    server.start_again().unwrap();
    desk.reconnect(&session).await;
    for screen in [&first, &second] {
        desk.write(screen, "echo af''ter\n").await;
        screen.shows("after").await;
        assert!(screen.text().contains("before") && !screen.text().contains("rm -rf"));
        let until_lost = screen.until_lost();
        assert!(
            until_lost
                .iter()
                .all(|shown| shown.contains("before") && !shown.contains("after"))
        );
        assert!(!until_lost.is_empty());
    }
    // What a window wrote when it left the lost shell is shown again where that ended, however late it says so.
    let kept = json!({"terminal": first.id(), "text": "<left>"});
    desk.call("terminal_keep", kept).await;
    let anew = Screen::default();
    let id: Id = first.id().as_str().unwrap().parse().unwrap();
    desk.workbench.attach(id, Box::new(anew.clone())).unwrap();
    anew.shows("after").await;
    let text = anew.text();
    let at = |what: &str| text.find(what).unwrap();
    assert!(
        at("before") < at("<left>") && at("<left>") < at("after"),
        "{text}"
    );
    assert!(anew.until_lost().is_empty(), "that shell was left already");
    let again = desk
        .refusal("session_reconnect", json!({"id": session["id"]}))
        .await;
    assert_eq!(again.code, "LUM-SESSION-OPEN");
}

#[tokio::test]
async fn what_was_changed_in_a_host_holds_when_it_is_connected_again() {
    let desk = Desk::open().await;
    let Some(mut old) = desk.server(true, |server| server) else {
        return;
    };
    let mut kept = desk.host("web-1", &old, json!({})).await;
    let session = desk.call("session_open", json!({"host": kept["id"]})).await;
    desk.until(&session, "open").await;
    // With it the key of this device becomes another one.
    let new = desk.server(true, |server| server).unwrap();
    old.stop();
    desk.until(&session, "lost").await;
    kept["settings"]["port"] = json!(new.port());
    desk.save_again(&kept).await;
    let open = desk.reconnect(&session).await;
    assert!(
        open["target"]
            .as_str()
            .unwrap()
            .ends_with(&format!(":{}", new.port())),
        "{open}"
    );
}

#[tokio::test]
async fn what_fails_says_where_why_and_what_to_do() {
    let desk = Desk::open().await;
    let session = desk
        .call("session_open", json!({"quick": "ann@127.0.0.1:1"}))
        .await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-CONNECT");
    assert!(failed["problem"]["next"].is_string(), "{failed}");
    assert_eq!(states(&failed)[..2], ["resolve done", "connect failed"]);
    let problem = desk.refusal("session_open", json!({})).await;
    assert_eq!(problem.code, "LUM-SESSION-NOWHERE");
    // Closing a session that waits for an answer takes the question away.
    let Some(server) = desk.server(false, |server| server) else {
        return;
    };
    let session = desk.call("session_open", json!({"quick": place(&server)})).await;
    let question = desk.question("host_key_new").await;
    desk.call("session_close", json!({"id": session["id"]})).await;
    let gone = |event: &Value| event["event"] == "question_gone" && event["question"] == question["question"];
    desk.hear("that the question is gone", gone).await;
}

#[tokio::test]
async fn a_scan_runs_beside_the_terminal_of_its_session() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let screen = desk.terminal(&session).await;
    let scan = desk.call("scan_start", json!({"session": session["id"]})).await;
    desk.write(&screen, "echo al''ive\n").await;
    screen.shows("alive").await;
    let done = |event: &Value| event["event"] == "scan_done" && event["scan"] == scan["scan"];
    desk.hear("the end of the scan", done).await;
    let scan = desk.call("scan_get", json!({"scan": scan["scan"]})).await;
    assert_eq!(
        (&scan["state"], &scan["target"]),
        (&json!("done"), &session["target"])
    );
    assert!(
        scan["sections"]
            .as_array()
            .unwrap()
            .iter()
            .any(|section| section["status"] == "ok"),
        "{scan}"
    );
    // The scan was lent the connection and has not closed it.
    desk.write(&screen, "echo st''ill\n").await;
    screen.shows("still").await;
}

#[tokio::test]
async fn a_typed_place_may_go_through_a_kept_host_for_once() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    desk.usual_key(&key);
    let start = || Sshd::builder().authorize(&key).start().unwrap();
    let (Some(jump), Some(goal)) = (start(), start()) else {
        return;
    };
    desk.know(&jump);
    desk.know(&goal);
    let hop = desk.host("bastion", &jump, json!({})).await;
    // By another name than the jump host's, or it would be meant.
    let typed = place(&goal).replace("127.0.0.1", "localhost");
    let wish = json!({"quick": typed, "jump": hop["id"], "log": "metadata"});
    let session = desk.call("session_open", wish).await;
    let question = desk.question("host_key_new").await;
    desk.answer(&question, json!({"kind": "trust_once"})).await;
    let open = desk.until(&session, "open").await;
    let hops: Vec<u64> = open["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["hop"].as_u64().unwrap())
        .collect();
    assert_eq!(hops, [0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(
        (&open["recording"], &open["host"]),
        (&json!("metadata"), &Value::Null)
    );
    // A kept host that goes straight takes the same way for once.
    let kept = desk.host("web", &goal, json!({"jump": []})).await;
    let session = desk
        .call("session_open", json!({"host": kept["id"], "jump": hop["id"]}))
        .await;
    let open = desk.until(&session, "open").await;
    assert_eq!(open["steps"].as_array().unwrap().len(), 8);
    // Nobody is its own way.
    let session = desk
        .call("session_open", json!({"host": kept["id"], "jump": kept["id"]}))
        .await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-HOST-LOOP");
}
