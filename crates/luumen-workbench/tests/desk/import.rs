//! Hosts from elsewhere: looked at, taken, taken back, and written out again.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use luumen_testkit::sshd::KeyFile;
use luumen_workbench::Consent;
use serde_json::{Value, json};

use crate::support::{Desk, draft, names, text};

const CONFIG: &str = "Host bastion\n HostName bastion.example.com\n User jump\nHost web\n HostName 10.0.0.1\n Port 2222\n ProxyJump bastion,ann@gw.example.com:2200\n IdentityFile ~/.ssh/web\n SendEnv LANG\n";

async fn preview(desk: &Desk, kind: &str, text: &str) -> Value {
    desk.call("import_preview", json!({"kind": kind, "text": text}))
        .await
}

async fn take_all(desk: &Desk, preview: &Value, how: &str) -> Value {
    let count = preview["items"].as_array().unwrap().len();
    let take: Vec<Value> = (0..count)
        .map(|index| json!({"index": index, "as": how}))
        .collect();
    desk.call("import_apply", json!({"batch": preview["batch"], "take": take}))
        .await
}

fn host<'a>(tree: &'a Value, name: &str) -> &'a Value {
    let hosts = tree["hosts"].as_array().unwrap();
    hosts
        .iter()
        .find(|host| host["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {hosts:?}"))
}

fn states(preview: &Value) -> Vec<String> {
    preview["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(&item["state"]))
        .collect()
}

#[tokio::test]
async fn a_configuration_is_taken_with_its_ways_and_keys_and_can_be_taken_back() {
    let desk = Desk::open().await;
    fs::create_dir(desk.home().join(".ssh")).unwrap();
    let key = KeyFile::generate("ed25519").unwrap();
    fs::write(desk.home().join(".ssh/web"), &key.private).unwrap();
    let missing = preview(&desk, "ssh_config", "Host x\n IdentityFile ~/.ssh/gone\n").await;
    let said = missing["items"][0]["unsupported"][0].as_str().unwrap();
    assert!(said.contains("gone (not there"), "{said}");
    let seen = preview(&desk, "ssh_config", CONFIG).await;
    assert_eq!(states(&seen), ["new", "new"]);
    assert_eq!(seen["items"][1]["unsupported"], json!(["SendEnv"]));
    assert_eq!(desk.call("hosts_tree", json!({})).await["hosts"], json!([]));
    let done = take_all(&desk, &seen, "new").await;
    // The gateway that only the way names is a host too.
    assert_eq!(
        (done["added"].clone(), done["changed"].clone()),
        (json!(3), json!(0))
    );
    let tree = desk.call("hosts_tree", json!({})).await;
    let web = host(&tree, "web");
    let hops = [
        host(&tree, "bastion")["id"].clone(),
        host(&tree, "ann@gw.example.com:2200")["id"].clone(),
    ];
    assert_eq!(web["settings"]["jump"], json!(hops));
    let keys = desk.call("keys_list", json!({})).await;
    assert_eq!(
        (keys[0]["source"].clone(), keys[0]["fingerprint"].clone()),
        (json!("file"), json!(key.fingerprint().unwrap()))
    );
    assert_eq!(
        desk.call("credentials_list", json!({})).await[0]["id"],
        web["settings"]["credential"]
    );
    assert_eq!(
        states(&preview(&desk, "ssh_config", CONFIG).await),
        ["same", "same"]
    );
    desk.call("undo", json!({"undo": done["undo"]})).await;
    assert_eq!(desk.call("hosts_tree", json!({})).await["hosts"], json!([]));
    assert_eq!(desk.call("keys_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn taking_an_import_back_leaves_alone_what_was_done_to_other_hosts_since() {
    let desk = Desk::open().await;
    let other = desk.host("other", json!({})).await;
    let done = take_all(&desk, &preview(&desk, "ssh_config", CONFIG).await, "new").await;
    let edit = json!({"id": other, "host": draft("other", json!({"note": "mine"}))});
    desk.call("host_save", edit).await;
    desk.call("undo", json!({"undo": done["undo"]})).await;
    let tree = desk.call("hosts_tree", json!({})).await;
    assert_eq!(names(&tree), ["other"]);
    assert_eq!(host(&tree, "other")["note"], "mine");
}

/// Hosts in Luumen's own form, each with a name, an address and its hops.
fn own(hosts: &[(&str, &str, Option<&str>)]) -> String {
    let host = |(name, address, jump): &(&str, &str, Option<&str>)| {
        let jump: Option<Vec<&str>> = jump.map(|hop| vec![hop]);
        json!({"name": name, "address": address, "jump": jump})
    };
    let hosts: Vec<Value> = hosts.iter().map(host).collect();
    json!({"format": "luumen-hosts", "version": 1, "hosts": hosts}).to_string()
}

#[tokio::test]
async fn a_way_through_a_host_that_nobody_knows_is_named_and_stays_as_it_was() {
    let desk = Desk::open().await;
    let hop = desk.host("hop", json!({})).await;
    let kept = desk
        .host("web", json!({"address": "10.0.0.1", "settings": {"jump": [hop]}}))
        .await;
    let text = own(&[
        ("web", "10.0.0.1", Some("My gate")),
        ("db", "10.0.0.2", Some("My gate")),
    ]);
    let seen = preview(&desk, "luumen", &text).await;
    let item = &seen["items"][0];
    assert_eq!(
        item["unsupported"],
        json!(["jump host My gate (no host is called so)"])
    );
    assert_eq!(
        item["warnings"],
        json!(["Without its jump host, this host would be reached directly"])
    );
    assert_eq!(item["jump"], json!([]));
    take_all(&desk, &seen, "merge").await;
    let tree = desk.call("hosts_tree", json!({})).await;
    assert_eq!(host(&tree, "web")["id"], json!(kept));
    assert_eq!(host(&tree, "web")["settings"]["jump"], json!([hop]));
    assert_eq!(host(&tree, "db")["settings"]["jump"], json!(null));
}

#[tokio::test]
async fn the_hosts_that_lead_to_those_that_are_taken_come_along_as_the_file_has_them() {
    let desk = Desk::open().await;
    // Another one that is called so is not the one that the file means.
    let other = desk.host("gate", json!({"address": "192.0.2.1"})).await;
    let text = own(&[
        ("web", "10.0.0.1", Some("My gate")),
        ("My gate", "10.0.0.2", Some("gate")),
        ("gate", "10.0.0.3", None),
        ("idle", "10.0.0.4", None),
    ]);
    let seen = preview(&desk, "luumen", &text).await;
    let take = json!({"batch": seen["batch"], "take": [{"index": 0, "as": "new"}]});
    assert_eq!(desk.call("import_apply", take).await["added"], 3);
    let tree = desk.call("hosts_tree", json!({})).await;
    let jump = |name: &str| host(&tree, name)["settings"]["jump"].clone();
    let id = |name: &str| host(&tree, name)["id"].clone();
    assert_eq!(names(&tree), ["My gate", "gate", "gate (2)", "web"]);
    assert_eq!(id("gate"), json!(other));
    assert_eq!(jump("web"), json!([id("My gate")]));
    assert_eq!(jump("My gate"), json!([id("gate (2)")]));
    assert_eq!(host(&tree, "gate (2)")["address"], "10.0.0.3");
}

#[tokio::test]
async fn a_way_that_leads_back_stays_as_it_was_and_that_is_said() {
    let desk = Desk::open().await;
    let mut events = desk.workbench.events();
    let text = own(&[("a", "10.0.0.1", Some("b")), ("b", "10.0.0.2", Some("a"))]);
    take_all(&desk, &preview(&desk, "luumen", &text).await, "new").await;
    let tree = desk.call("hosts_tree", json!({})).await;
    assert_eq!(
        host(&tree, "a")["settings"]["jump"],
        json!([host(&tree, "b")["id"]])
    );
    assert_eq!(host(&tree, "b")["settings"]["jump"], json!(null));
    let mut said = String::new();
    while let Ok(event) = events.try_recv() {
        said.push_str(&serde_json::to_string(&event).unwrap());
    }
    assert!(said.contains("LUM-IMPORT-WAY"), "{said}");
}

#[tokio::test]
async fn merging_keeps_what_the_file_does_not_say_and_replacing_does_not() {
    let desk = Desk::open().await;
    let id = desk
        .host(
            "web",
            json!({"address": "10.0.0.1", "note": "mine", "settings": {"user": "ann", "compression": true}}),
        )
        .await;
    let text = "Host web\n HostName 10.0.0.1\n User root\n";
    let seen = preview(&desk, "ssh_config", text).await;
    assert_eq!(states(&seen), ["changes"]);
    assert_eq!(
        seen["items"][0]["changes"],
        json!([{"field": "user", "from": "ann", "to": "root"}])
    );
    take_all(&desk, &seen, "merge").await;
    let merged = desk.call("host_get", json!({"id": id})).await["host"].clone();
    assert_eq!(
        (
            merged["settings"]["user"].clone(),
            merged["settings"]["compression"].clone()
        ),
        (json!("root"), json!(true))
    );
    assert_eq!(merged["note"], "mine");
    take_all(&desk, &preview(&desk, "ssh_config", text).await, "replace").await;
    let replaced = desk.call("host_get", json!({"id": id})).await["host"].clone();
    assert_eq!(replaced["settings"]["compression"], json!(null));
    let other = preview(&desk, "ssh_config", "Host web\n HostName 10.0.0.99\n").await;
    assert_eq!(states(&other), ["name_taken"]);
    take_all(&desk, &other, "new").await;
    assert_eq!(
        names(&desk.call("hosts_tree", json!({})).await),
        ["web", "web (2)"]
    );
}

#[tokio::test]
async fn nothing_of_a_new_host_is_taken_unseen() {
    let desk = Desk::open().await;
    fs::create_dir(desk.home().join(".ssh")).unwrap();
    let key = KeyFile::generate("ed25519").unwrap();
    fs::write(desk.home().join(".ssh/web"), &key.private).unwrap();
    let config = "Host web\n HostName 10.0.0.1\n IdentityFile ~/.ssh/web\n CertificateFile ~/.ssh/web-cert.pub\n StrictHostKeyChecking yes\n LocalForward 8080 db:80\n DynamicForward 1080\n ServerAliveInterval 30\n";
    let seen = preview(&desk, "ssh_config", config).await;
    let said = |field: &str| -> Vec<String> {
        let fields = seen["items"][0]["fields"].as_array().unwrap();
        let of = fields.iter().filter(|said| said["field"] == field);
        of.map(|said| text(&said["value"])).collect()
    };
    assert_eq!(
        said("forward"),
        [
            "L localhost:8080→db:80 (listens from the first connect)",
            "D localhost:1080 (listens from the first connect)"
        ]
    );
    assert_eq!(said("host_key_policy"), ["strict"]);
    assert_eq!(said("keepalive_s"), ["30"]);
    assert!(said("key")[0].ends_with(".ssh/web"), "{seen}");
    assert!(said("certificate")[0].ends_with(".ssh/web-cert.pub"), "{seen}");
    let own = json!({"format": "luumen-hosts", "version": 1, "hosts": [{
        "name": "own", "address": "10.0.0.2", "tags": ["a", "b"], "certificate": "/home/x/c.pub",
        "settings": {"log": "full", "sudo_tier": "extended"},
    }]});
    let seen = preview(&desk, "luumen", &own.to_string()).await;
    assert_eq!(
        seen["items"][0]["fields"],
        json!([
            {"field": "address", "value": "10.0.0.2"},
            {"field": "log", "value": "full"},
            {"field": "name", "value": "own"},
            {"field": "sudo_tier", "value": "extended"},
            {"field": "tag", "value": "a"},
            {"field": "tag", "value": "b"},
        ])
    );
    assert_eq!(
        seen["items"][0]["unsupported"],
        json!(["certificate /home/x/c.pub (its key does not come with it)"])
    );
}

#[tokio::test]
async fn an_import_lends_the_agent_only_to_hosts_that_its_person_ticks() {
    let desk = Desk::open().await;
    let on = json!({"group": {"name": "Lent", "parent": null, "settings": {"agent_forwarding": true}}});
    desk.call("group_save", on).await;
    let config = "Host a b\nHost c\n ForwardAgent no\nHost *\n ForwardAgent yes\n";
    let seen = preview(&desk, "ssh_config", config).await;
    let of = |seen: &Value| -> Vec<Value> {
        let items = seen["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["agent_forwarding"].clone())
            .collect()
    };
    assert_eq!(of(&seen), [json!("the file"), json!("the file"), json!(null)]);
    let take = json!([
        {"index": 0, "as": "new"},
        {"index": 1, "as": "new", "agent_forwarding": true},
        {"index": 2, "as": "new", "agent_forwarding": true},
    ]);
    desk.call("import_apply", json!({"batch": seen["batch"], "take": take}))
        .await;
    let grouped = preview(
        &desk,
        "csv",
        "name,address,group\nd,10.0.0.4,Lent\ne,10.0.0.5,Lent/Inner\nf,10.0.0.6,Lent\ng,10.0.0.7,\n",
    )
    .await;
    assert_eq!(
        of(&grouped),
        [
            json!("the group Lent"),
            json!("the group Lent"),
            json!("the group Lent"),
            json!(null)
        ]
    );
    let take = json!([
        {"index": 0, "as": "new"},
        {"index": 1, "as": "new"},
        {"index": 2, "as": "new", "agent_forwarding": true},
        {"index": 3, "as": "new"},
    ]);
    desk.call("import_apply", json!({"batch": grouped["batch"], "take": take}))
        .await;
    let tree = desk.call("hosts_tree", json!({})).await;
    let mut lent = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        let id = &host(&tree, name)["id"];
        let effective = desk.call("host_get", json!({"id": id})).await["effective"].clone();
        if effective["agent_forwarding"]["value"] == true {
            lent.push(name);
        }
    }
    assert_eq!(lent, ["b", "f"]);
    // Merged, a host that had it keeps it, and one that had it not does not get it.
    let seen = preview(&desk, "ssh_config", config).await;
    take_all(&desk, &seen, "merge").await;
    let tree = desk.call("hosts_tree", json!({})).await;
    let own = |name: &str| host(&tree, name)["settings"]["agent_forwarding"].clone();
    assert_eq!((own("a"), own("b")), (json!(false), json!(true)));
}

#[tokio::test]
async fn what_merging_does_to_tags_and_forwards_is_what_was_shown() {
    let desk = Desk::open().await;
    let forward = |port: u16, to: &str| json!({"id": "0192f0c1-2b3c-7d4e-8f50-a1b2c3d4e5f6", "kind": "local", "bind": "localhost", "port": port, "to_host": to, "to_port": 80, "auto": false, "label": "mine"});
    let id = desk
        .host(
            "web",
            json!({"address": "10.0.0.1", "tags": ["old"], "forwards": [forward(8080, "db")]}),
        )
        .await;
    let own = |to: &str| {
        json!({"format": "luumen-hosts", "version": 1, "hosts": [{"name": "web", "address": "10.0.0.1", "tags": ["old"], "forwards": [forward(8080, to)]}]}).to_string()
    };
    assert_eq!(states(&preview(&desk, "luumen", &own("db")).await), ["same"]);
    let seen = preview(&desk, "luumen", &own("other")).await;
    assert_eq!(
        seen["items"][0]["changes"],
        json!([{
            "field": "forwards",
            "from": "L localhost:8080→db:80 (listens when you start it)",
            "to": "L localhost:8080→other:80 (listens when you start it)",
        }])
    );
    take_all(&desk, &seen, "merge").await;
    let merged = desk.call("host_get", json!({"id": id})).await["host"].clone();
    assert_eq!(merged["forwards"].as_array().unwrap().len(), 1);
    assert_eq!(merged["forwards"][0]["to_host"], "other");
    assert_eq!(states(&preview(&desk, "luumen", &own("other")).await), ["same"]);
}

#[tokio::test]
async fn what_is_exported_comes_back_the_same() {
    for kind in ["luumen", "csv", "ssh_config"] {
        let desk = Desk::open().await;
        let group = json!({"group": {"name": "Prod", "parent": null, "settings": {}}});
        let group = text(&desk.call("group_save", group).await["id"]);
        let hop = desk.host("hop", json!({"address": "10.0.0.2"})).await;
        let settings = json!({"user": "root", "port": 2222, "jump": [hop]});
        desk.host(
            "web",
            json!({"address": "10.0.0.1", "group": group, "tags": ["a", "b"], "settings": settings}),
        )
        .await;
        let path = desk.home().join("out").display().to_string();
        let written = desk
            .call("export_hosts", json!({"kind": kind, "path": path}))
            .await;
        assert_eq!(written["written"], 2);
        let seen = desk
            .call("import_preview", json!({"kind": kind, "path": path}))
            .await;
        assert_eq!(states(&seen), ["same", "same"], "{kind}: {seen}");
        let other = Desk::open().await;
        let seen = other
            .call("import_preview", json!({"kind": kind, "path": path}))
            .await;
        take_all(&other, &seen, "new").await;
        let tree = other.call("hosts_tree", json!({})).await;
        let web = host(&tree, "web");
        assert_eq!(
            web["settings"]["jump"],
            json!([host(&tree, "hop")["id"]]),
            "{kind}"
        );
        assert_eq!(
            (web["settings"]["port"].clone(), web["address"].clone()),
            (json!(2222), json!("10.0.0.1"))
        );
        if kind != "ssh_config" {
            assert_eq!(
                (web["tags"].clone(), tree["groups"][0]["name"].clone()),
                (json!(["a", "b"]), json!("Prod"))
            );
        }
    }
}

/// A person who lets only some commands run, and remembers which were shown.
#[derive(Clone, Debug, Default)]
struct Careful(Arc<Mutex<Vec<String>>>);

impl Consent for Careful {
    fn may_run(&self, command: &str) -> bool {
        self.0.lock().unwrap().push(command.to_owned());
        !command.contains("refused")
    }
}

#[tokio::test]
async fn a_command_in_a_configuration_runs_only_when_its_person_says_so() {
    let person = Careful::default();
    let desk = Desk::asking(person.clone()).await;
    let mark = |name: &str| desk.home().join(name);
    let block = |name: &str| format!("Match exec \"touch {}\"\n User {name}\n", mark(name).display());
    let text = format!("Host web\n{}", block("root"));
    let seen = preview(&desk, "ssh_config", &text).await;
    assert!(
        !mark("root").exists() && seen["problems"][0]["why"].as_str().unwrap().contains("not run"),
        "{seen}"
    );
    assert!(person.0.lock().unwrap().is_empty(), "nobody is asked before that");
    let args = |text: &str| json!({"kind": "ssh_config", "text": text, "run_match_exec": true});
    let seen = desk.call("import_preview", args(&text)).await;
    assert!(mark("root").exists());
    assert_eq!(seen["items"][0]["user"], "root");
    let shown = format!("touch {}", mark("root").display());
    assert_eq!(*person.0.lock().unwrap(), [shown], "once, as it runs");
    let text = format!("Host web\n{}{}", block("refused"), block("other"));
    let seen = desk.call("import_preview", args(&text)).await;
    assert!(!mark("refused").exists() && !mark("other").exists());
    assert_eq!(person.0.lock().unwrap().len(), 2, "not asked again after a no");
    assert_eq!(seen["items"][0]["user"], json!(null), "{seen}");
}

#[tokio::test]
async fn without_anybody_to_ask_no_command_runs() {
    let desk = Desk::open().await;
    let mark = desk.home().join("ran");
    let text = format!("Host web\nMatch exec \"touch {}\"\n User root\n", mark.display());
    let args = json!({"kind": "ssh_config", "text": text, "run_match_exec": true});
    desk.call("import_preview", args).await;
    assert!(!mark.exists());
}

#[tokio::test]
async fn a_private_key_is_never_shown_as_a_list_of_hosts() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    let file = key.copy_to(desk.home(), "id_ed25519").unwrap();
    let body = key.private.lines().nth(1).unwrap();
    for kind in [
        "ssh_config",
        "putty",
        "csv",
        "ansible",
        "termius",
        "mobaxterm",
        "mremoteng",
        "luumen",
    ] {
        let refused = desk
            .refused("import_preview", json!({"kind": kind, "path": file}))
            .await;
        assert_eq!(refused.code, "LUM-IMPORT-KEY", "{kind}");
    }
    let text = format!("Include {}\nHost web\n", file.display());
    let seen = preview(&desk, "ssh_config", &text).await;
    assert!(!seen.to_string().contains(body), "{seen}");
    assert!(
        seen["problems"][0]["why"]
            .as_str()
            .unwrap()
            .contains("private key"),
        "{seen}"
    );
}

#[tokio::test]
async fn no_file_makes_it_stumble() {
    let desk = Desk::open().await;
    let kinds = [
        "ssh_config",
        "putty",
        "csv",
        "ansible",
        "termius",
        "mobaxterm",
        "mremoteng",
        "luumen",
    ];
    let texts = [
        "",
        "\u{0}\u{1}",
        "Host",
        "{\"a\": [",
        "<a",
        "[x",
        "a,b\n\"",
        "---\n- &a [*a]",
        "Host -oProxyCommand=x\n HostName -x",
    ];
    for kind in kinds {
        for text in texts {
            let seen = preview(&desk, kind, text).await;
            let problems = seen["problems"].as_array().unwrap();
            let items = seen["items"].as_array().unwrap();
            assert!(items.is_empty() || !text.is_empty(), "{kind}: {seen}");
            assert!(
                problems
                    .iter()
                    .all(|problem| !problem["next"].as_str().unwrap().is_empty())
            );
        }
        let path = Path::new("/nowhere/file").display().to_string();
        let problem = desk
            .refused("import_preview", json!({"kind": kind, "path": path}))
            .await;
        assert_eq!(problem.code, "LUM-IMPORT-FILE");
    }
}
