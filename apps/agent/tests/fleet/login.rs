//! Hosts that let the account in and then run nothing, or take their time.

use std::io;

use super::*;

/// An agent with a host whose login runs `program` instead of a shell.
fn forced(program: &str) -> Option<(Keys, Sshd, Api, Agent)> {
    let keys = Keys::new();
    let line = format!("command=\"{program}\" {}", keys.good.public);
    let server = Sshd::builder().authorize_line(line).start().unwrap()?;
    let api = Api::start().unwrap();
    api.host("db", server.port(), "good");
    let agent = Agent::new(&api.base_url, "");
    keys.give(&agent);
    Some((keys, server, api, agent))
}

#[test]
fn a_login_without_a_shell_is_a_failed_visit() {
    let Some((_keys, _server, api, agent)) = forced("echo Your account has expired; false") else {
        return;
    };
    let (exit, document) = agent.once(&[]);
    assert_eq!(
        (exit, code(&document, "db").as_str()),
        (4, "LUM-NO-SHELL"),
        "{document:#}"
    );
    let message = document["hosts"][0]["error"]["message"].as_str().unwrap();
    assert!(
        message.ends_with("(exit code 1): Your account has expired"),
        "{message}"
    );
    let told = api.told.lock().unwrap();
    let report = &told.reports["db"][0];
    assert!(
        report.snapshot.is_none(),
        "nothing takes the place of what is known"
    );
    assert_eq!(report.error.as_ref().unwrap().code, "LUM-NO-SHELL");
    drop(told);

    let check = agent.run(&["check"]);
    let said = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(4), "{said}");
    assert!(
        said.contains("FAIL  db") && said.contains("LUM-NO-SHELL"),
        "{said}"
    );
}

/// Passes connections on, each after a while.
fn late(port: u16, after: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let near = near.unwrap();
            std::thread::spawn(move || {
                std::thread::sleep(after);
                let far = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
                let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                std::thread::spawn(move || io::copy(&mut from, &mut to));
                let _ = io::copy(&mut { far }, &mut { near });
            });
        }
    });
    own
}

/// Each host on the way may take `connect_timeout`, so together they take more than one.
#[test]
fn what_is_seen_behind_a_slow_way_is_kept() {
    let Some((keys, server, api, agent)) = forced("/bin/sh -s; sleep 60") else {
        return;
    };
    let Some(jump) = keys.server() else { return };
    let after = Duration::from_secs(4);
    api.host("behind", late(server.port(), after), "good");
    let through = format!(
        "ssh.jump={}@127.0.0.1:{}",
        username().unwrap(),
        late(jump.port(), after)
    );
    let limit = [
        "--set",
        &through,
        "--set",
        "per_host_timeout_s=12",
        "--host",
        "behind",
    ];
    let (_, document) = agent.once(&limit);
    let outcome = code(&document, "behind");
    assert!(
        ["complete", "partial"].contains(&outcome.as_str()),
        "{document:#}"
    );
}
