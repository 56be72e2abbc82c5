//! Lists the commands that the window has, and makes sure that there are screens to embed.

use std::{env, fs, io, path::Path};

use tauri_build::{AppManifest, Attributes};

/// What the screens may ask of this program; `capabilities/main.json` grants each by name.
const COMMANDS: &[&str] = &[
    "call",
    "events",
    "attach",
    "window_events",
    "choose_path",
    "open_link",
    "open_edit",
];

const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Luumen</title></head>
<body>
<h1>The screens were not built</h1>
<p><code>npm ci &amp;&amp; npm run build -w @luumen/desktop</code>, then build the desktop again.</p>
</body>
</html>
"#;

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let dist = Path::new(&manifest).join("../../ui/desktop/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LUUMEN_UPDATE_PUBKEY");
    println!("cargo::rerun-if-changed=../../ui/desktop/dist");
    if env::var_os("TAURI_CONFIG").is_some() {
        // It may name the screens with the tests' hook, as the benchmark's does.
        println!("cargo::rerun-if-changed=../../ui/desktop/dist-test");
    }
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))
        .map_err(io::Error::other)
}
