//! Makes sure that there is a web app to embed: if it was not built, a page that says how.

use std::{env, fs, io, path::Path};

const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Luumen</title></head>
<body>
<h1>The web app was not built</h1>
<p>The server runs and the API answers at <a href="/api/v1/openapi.json">/api/v1</a>.</p>
<p>To get the web app: <code>npm ci &amp;&amp; npm run build -w @luumen/web</code>, then build the server again.</p>
</body>
</html>
"#;

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let dist = Path::new(&manifest).join("../../ui/web/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../ui/web/dist");
    Ok(())
}
