//! What the web view may ask of the program, and what it may load. A new permission has to be written down here too.
#![allow(clippy::expect_used, reason = "a test ends where its world does")]

use serde_json::{Value, json};

const CAPABILITY: &str = include_str!("../capabilities/main.json");
const CONFIG: &str = include_str!("../tauri.conf.json");
const MANIFEST: &str = include_str!("../Cargo.toml");
const BUILD: &str = include_str!("../build.rs");

/// Each command of the program that a screen can call, and nothing that Tauri brings along.
const GRANTED: [&str; 7] = [
    "allow-call",
    "allow-events",
    "allow-attach",
    "allow-window-events",
    "allow-choose-path",
    "allow-open-link",
    "allow-open-edit",
];

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_screens_may_call_these_commands_and_no_others() {
    assert_eq!(read(CAPABILITY)["permissions"], json!(GRANTED));
    assert_eq!(read(CAPABILITY)["windows"], json!(["main"]));
    assert_eq!(read(CAPABILITY)["remote"], Value::Null, "no address is let in");
    assert_eq!(read(CONFIG)["app"]["security"]["capabilities"], json!(["main"]));
    for permission in GRANTED {
        let command = permission.replace("allow-", "").replace('-', "_");
        assert!(
            BUILD.contains(&format!("\"{command}\"")),
            "{command} is a command of ours"
        );
    }
}

#[test]
fn there_is_one_capability_and_no_plugin() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities")).expect("the folder");
    assert_eq!(folder.count(), 1);
    assert!(
        !MANIFEST.contains("tauri-plugin"),
        "plugins bring commands of their own"
    );
    assert_eq!(read(CONFIG)["plugins"], Value::Null);
    assert_eq!(read(CONFIG)["app"]["withGlobalTauri"], Value::Null);
}

#[test]
fn the_window_loads_only_what_it_carries() {
    let security = &read(CONFIG)["app"]["security"];
    assert_eq!(
        security["csp"],
        json!({
            "default-src": "'none'",
            "script-src": "'self'",
            // The terminal writes its colours as style elements.
            "style-src": "'self' 'unsafe-inline'",
            "font-src": "'self' data:",
            "img-src": "'self' data: blob:",
            // How the page reaches the program. It is no network: nothing listens.
            "connect-src": "ipc: http://ipc.localhost",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "object-src": "'none'",
        })
    );
    assert_eq!(
        security["dangerousDisableAssetCspModification"],
        json!(["style-src"])
    );
    assert_eq!(
        security["assetProtocol"],
        Value::Null,
        "no file of the device is served to the page"
    );
    assert_eq!(
        read(CONFIG)["build"]["devUrl"],
        Value::Null,
        "not even while developing"
    );
}
