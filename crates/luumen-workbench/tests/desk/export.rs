//! Hosts for elsewhere: what is not in the file is named, and no file is replaced unasked.

use std::fs;

use serde_json::json;

use crate::support::{Desk, text};

#[tokio::test]
async fn an_export_names_what_is_not_in_it() {
    let desk = Desk::open().await;
    let group = json!({"group": {"name": "Prod", "parent": null, "settings": {"environment": "production"}}});
    let group = text(&desk.call("group_save", group).await["id"]);
    let credential =
        json!({"name": "each time", "user": null, "kind": "ask", "key": null, "certificate": null});
    let credential = desk
        .call("credential_save", json!({"credential": credential}))
        .await;
    let settings = json!({"credential": credential["id"], "host_key_policy": "strict"});
    desk.host("web", json!({"group": group, "settings": settings}))
        .await;
    let mut left_out = Vec::new();
    for kind in ["csv", "luumen"] {
        let export = json!({"kind": kind, "path": format!("~/{kind}")});
        left_out.push(desk.call("export_hosts", export).await["left_out"].clone());
    }
    let both = [
        "the credential \"each time\" of web: only keys in files are written",
        "environment of the group Prod: only the names of groups are written, not what their hosts inherit",
    ];
    let column = "new host keys of web: a table has no column for that";
    assert_eq!(left_out, [json!([column, both[0], both[1]]), json!(both)]);
}

#[tokio::test]
async fn an_export_replaces_no_file_unasked() {
    let desk = Desk::open().await;
    desk.host("web", json!({})).await;
    let file = desk.home().join("hosts");
    for kind in ["luumen", "csv", "ssh_config"] {
        fs::write(&file, "of years").unwrap();
        let export = json!({"kind": kind, "path": "~/hosts"});
        let problem = desk.refused("export_hosts", export).await;
        assert_eq!(problem.code, "LUM-EXPORT-TAKEN", "{kind}: {problem}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "of years");
        let export = json!({"kind": kind, "path": "~/hosts", "overwrite": true});
        desk.call("export_hosts", export).await;
        assert!(fs::read_to_string(&file).unwrap().contains("web.example.com"));
    }
}
