//! Hosts and groups: saved, found, inherited, deleted and brought back.

use serde_json::{Value, json};

use crate::support::{Desk, draft, names, text};

async fn group(desk: &Desk, name: &str, parent: Option<&str>, settings: Value) -> String {
    let group = json!({"name": name, "parent": parent, "settings": settings});
    text(&desk.call("group_save", json!({"group": group})).await["id"])
}

#[tokio::test]
async fn hosts_outlive_a_restart_and_inherit_what_they_do_not_say() {
    let desk = Desk::open().await;
    let prod = group(
        &desk,
        "Prod",
        None,
        json!({"environment": "production", "port": 2222}),
    )
    .await;
    let web = group(&desk, "Web", Some(&prod), json!({"user": "deploy"})).await;
    let id = desk
        .host("web-1", json!({"group": web, "tags": [" a ", "b", "a"]}))
        .await;
    let desk = desk.again().await;
    let page = desk.call("host_get", json!({"id": id})).await;
    assert_eq!(page["host"]["tags"], json!(["a", "b"]));
    assert_eq!(
        page["effective"]["user"],
        json!({"value": "deploy", "from": {"group": web, "name": "Web"}})
    );
    assert_eq!(
        page["effective"]["port"],
        json!({"value": 2222, "from": {"group": prod, "name": "Prod"}})
    );
    assert_eq!(page["effective"]["environment"]["value"], "production");
    assert_eq!(
        page["effective"]["compression"],
        json!({"value": false, "from": "default"})
    );
}

#[tokio::test]
async fn what_cannot_be_connected_to_is_refused_with_what_to_do() {
    let desk = Desk::open().await;
    let hop = desk.host("hop", json!({})).await;
    let nobody = "0192f0c1-2345-7000-8000-000000000000";
    for (more, code) in [
        (json!({"name": " "}), "LUM-HOST-NAME"),
        (json!({"address": "root@web"}), "LUM-HOST-ADDRESS"),
        (json!({"address": "web:22"}), "LUM-HOST-ADDRESS"),
        (json!({"address": "-oProxyCommand=x"}), "LUM-HOST-ADDRESS"),
        (json!({"group": nobody}), "LUM-GROUP-GONE"),
        (json!({"settings": {"port": 0}}), "LUM-HOST-PORT"),
        (json!({"settings": {"user": "a b"}}), "LUM-HOST-USER"),
        (json!({"settings": {"proxy": "ftp://x"}}), "LUM-HOST-PROXY"),
        (
            json!({"settings": {"proxy": "http://me:hunter2@x:1"}}),
            "LUM-HOST-PROXY-PASSWORD",
        ),
        (
            json!({"settings": {"proxy": "http://me@x:1", "proxy_credential": nobody}}),
            "LUM-CREDENTIAL-GONE",
        ),
        (json!({"settings": {"credential": nobody}}), "LUM-CREDENTIAL-GONE"),
        (json!({"settings": {"jump": [hop, nobody]}}), "LUM-HOST-JUMP-GONE"),
        (json!({"settings": {"flying": true}}), "LUM-CALL-ARGS"),
    ] {
        let problem = desk
            .refused("host_save", json!({"host": draft("web", more.clone())}))
            .await;
        assert_eq!(problem.code, code, "{more}: {problem}");
        let said = format!("{problem:?}");
        assert!(
            !said.contains("hunter2"),
            "a password that was written in the wrong place is repeated: {said}"
        );
    }
    for (address, more) in [
        ("2001:db8::1", json!({})),
        ("10.0.0.1", json!({"settings": {"proxy": "socks5://proxy:1080"}})),
        ("10.0.0.1", json!({"settings": {"proxy": "http://me@proxy:3128"}})),
    ] {
        let mut more = more;
        more["address"] = json!(address);
        desk.host("fine", more).await;
    }
    let web = desk.host("web", json!({"settings": {"jump": [hop]}})).await;
    let back = json!({"id": hop, "host": draft("hop", json!({"settings": {"jump": [web]}}))});
    assert_eq!(desk.refused("host_save", back).await.code, "LUM-HOST-JUMP-LOOP");
}

#[tokio::test]
async fn a_deleted_host_comes_back_with_the_ways_through_it() {
    let desk = Desk::open().await;
    let hop = desk.host("hop", json!({})).await;
    let web = desk.host("web", json!({"settings": {"jump": [hop]}})).await;
    let used = desk.refused("hosts_delete", json!({"ids": [hop]})).await;
    assert_eq!(
        (used.code.as_str(), used.detail.as_str()),
        ("LUM-HOST-JUMP-USED", "web is reached through hop")
    );
    assert_eq!(names(&desk.call("hosts_tree", json!({})).await), ["hop", "web"]);
    let undo = desk
        .call("hosts_delete", json!({"ids": [hop], "shorten_ways": true}))
        .await;
    assert_eq!(
        desk.call("host_get", json!({"id": web})).await["host"]["settings"]["jump"],
        json!([])
    );
    desk.call("undo", undo.clone()).await;
    assert_eq!(
        desk.call("host_get", json!({"id": web})).await["host"]["settings"]["jump"],
        json!([hop])
    );
    assert_eq!(names(&desk.call("hosts_tree", json!({})).await), ["hop", "web"]);
    assert_eq!(desk.refused("undo", undo).await.code, "LUM-UNDO-GONE");
}

#[tokio::test]
async fn what_is_reached_through_a_host_is_named_before_that_goes() {
    let desk = Desk::open().await;
    let gates = group(&desk, "Gates", None, json!({})).await;
    let hop = desk.host("hop", json!({"group": gates})).await;
    let behind = group(&desk, "Behind", None, json!({"jump": [hop]})).await;
    let one = json!({"ids": [hop]});
    let refused = desk.refused("hosts_delete", one.clone()).await;
    assert_eq!(
        refused.detail,
        "the way to hosts of the group Behind leads through hop"
    );
    for name in ["a", "b", "c", "d", "e", "f"] {
        desk.host(name, json!({"group": behind})).await;
    }
    let direct = json!({"group": behind, "settings": {"jump": []}});
    desk.host("direct", direct).await;
    let refused = desk.refused("hosts_delete", one).await;
    let expected = "6 hosts are reached through hop: a, b, c, d, e and 1 more";
    assert_eq!(refused.detail, expected);
    let whole = json!({"id": gates, "hosts": "delete"});
    assert_eq!(desk.refused("group_delete", whole).await.detail, expected);
    // Kept, it leads on. What goes together with what it leads to needs no question.
    desk.call("group_delete", json!({"id": gates, "hosts": "move_up"}))
        .await;
    desk.call("hosts_move", json!({"ids": [hop], "group": behind}))
        .await;
    desk.call("group_delete", json!({"id": behind, "hosts": "delete"}))
        .await;
    let empty = desk.call("hosts_tree", json!({})).await;
    assert_eq!(empty, json!({"groups": [], "hosts": []}));
}

#[tokio::test]
async fn a_group_goes_with_or_without_its_hosts() {
    let desk = Desk::open().await;
    let outer = group(&desk, "Outer", None, json!({})).await;
    let inner = group(&desk, "Inner", Some(&outer), json!({})).await;
    let host = desk.host("web", json!({"group": inner})).await;
    let looped = json!({"group": {"id": outer, "name": "Outer", "parent": inner, "settings": {}}});
    assert_eq!(desk.refused("group_save", looped).await.code, "LUM-GROUP-LOOP");
    desk.call("group_delete", json!({"id": inner, "hosts": "move_up"}))
        .await;
    assert_eq!(
        desk.call("host_get", json!({"id": host})).await["host"]["group"],
        json!(outer)
    );
    let undo = desk
        .call("group_delete", json!({"id": outer, "hosts": "delete"}))
        .await;
    let empty = desk.call("hosts_tree", json!({})).await;
    assert_eq!(
        (empty["groups"].clone(), empty["hosts"].clone()),
        (json!([]), json!([]))
    );
    desk.call("undo", undo).await;
    assert_eq!(names(&desk.call("hosts_tree", json!({})).await), ["web"]);
}

#[tokio::test]
async fn hosts_are_found_by_words_and_fields() {
    let desk = Desk::open().await;
    let prod = group(
        &desk,
        "Production",
        None,
        json!({"environment": "production", "user": "deploy"}),
    )
    .await;
    let web = desk
        .host("web-1", json!({"group": prod, "tags": ["nginx"]}))
        .await;
    let db = desk
        .host(
            "db-1",
            json!({"note": "the old one", "settings": {"user": "postgres"}}),
        )
        .await;
    for (text, expected) in [
        ("", vec![&web, &db]),
        ("WEB", vec![&web]),
        ("old", vec![&db]),
        ("example -tag:nginx", vec![&db]),
        ("user:deploy env:prod", vec![&web]),
        ("group:production", vec![&web]),
        ("user:nobody", vec![]),
        ("ENV:prod", vec![&web]),
        ("production", vec![&web]),
        ("-env:production", vec![&db]),
        ("postgres", vec![&db]),
        ("\"the old one\"", vec![&db]),
        ("\"old the\"", vec![]),
        ("group:\"prod", vec![&web]),
        // An open field asks nothing yet, and what is no field is a word.
        ("tag:", vec![&web, &db]),
        ("colour:red", vec![]),
    ] {
        assert_eq!(
            desk.call("hosts_search", json!({"text": text})).await,
            json!(expected),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn the_search_suggests_what_it_understands() {
    let desk = Desk::open().await;
    let shop = group(&desk, "Web shop", None, json!({"environment": "production"})).await;
    desk.host("web-1", json!({"group": shop, "tags": ["nginx", "edge"]}))
        .await;
    desk.host("web-2", json!({"group": shop, "tags": ["nginx"]}))
        .await;
    let suggested = async |text: &str| {
        let found = desk.call("hosts_suggest", json!({ "text": text })).await;
        let word = |each: &Value| {
            format!(
                "{} ({})",
                each["term"].as_str().unwrap(),
                each["hint"].as_str().unwrap()
            )
        };
        found.as_array().unwrap().iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(suggested("").await.len(), 7);
    assert_eq!(suggested("ta").await[0], "tag: (a tag)");
    assert_eq!(
        suggested("tag:").await,
        ["tag:nginx (2 hosts)", "tag:edge (1 host)"]
    );
    assert_eq!(suggested("-TAG:ED").await, ["-tag:edge (1 host)"]);
    assert_eq!(suggested("shop").await, ["group:\"Web shop\" (2 hosts)"]);
    assert_eq!(suggested("env:").await, ["env:production (2 hosts)"]);
    assert_eq!(suggested("nothing").await, Vec::<String>::new());
    // What is suggested finds as many as it says.
    for term in ["tag:edge", "-tag:edge", "group:\"Web shop\""] {
        let found = desk.call("hosts_search", json!({ "text": term })).await;
        let wanted = if term.starts_with("group") { 2 } else { 1 };
        assert_eq!(found.as_array().unwrap().len(), wanted, "{term}");
    }
}

#[tokio::test]
async fn many_hosts_are_moved_and_tagged_at_once_or_not_at_all() {
    let desk = Desk::open().await;
    let to = group(&desk, "To", None, json!({})).await;
    let ids = [
        desk.host("a", json!({})).await,
        desk.host("b", json!({"tags": ["old"]})).await,
    ];
    desk.call("hosts_move", json!({"ids": ids, "group": to})).await;
    desk.call(
        "hosts_tag",
        json!({"ids": ids, "add": ["new"], "remove": ["old"]}),
    )
    .await;
    let nobody = "0192f0c1-2345-7000-8000-000000000000";
    let half = json!({"ids": [ids[0], nobody], "group": null});
    assert_eq!(desk.refused("hosts_move", half).await.code, "LUM-HOST-GONE");
    for host in desk.call("hosts_tree", json!({})).await["hosts"]
        .as_array()
        .unwrap()
    {
        assert_eq!(
            (host["group"].clone(), host["tags"].clone()),
            (json!(to), json!(["new"]))
        );
    }
}

#[tokio::test]
async fn preferences_and_the_layout_are_kept() {
    let desk = Desk::open().await;
    let set = json!({"preferences": {"theme": "dark", "keys": {"palette": "Ctrl+P"}}});
    desk.call("preferences_set", set).await;
    desk.call("layout_set", json!({"layout": {"tabs": [1, 2]}})).await;
    let bad = json!({"preferences": {"font_size": 400}});
    assert_eq!(desk.refused("preferences_set", bad).await.code, "LUM-PREFERENCES");
    let desk = desk.again().await;
    let preferences = desk.call("preferences_get", json!({})).await;
    assert_eq!(
        (preferences["theme"].clone(), preferences["paste_guard"].clone()),
        (json!("dark"), json!(true))
    );
    assert_eq!(desk.call("layout_get", json!({})).await, json!({"tabs": [1, 2]}));
    let about = desk.call("about", json!({})).await;
    assert!(about["licences"].as_array().unwrap().len() > 100);
}
