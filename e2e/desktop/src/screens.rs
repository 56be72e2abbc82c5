//! The built screens, under the same rules of content as in the window.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use axum::{
    Router,
    extract::{Path as InAddress, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::Value;

const WINDOW: &str = include_str!("../../../apps/desktop/tauri.conf.json");

const KINDS: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("woff2", "font/woff2"),
    ("wasm", "application/wasm"),
];

/// A folder with an `index.html`.
#[derive(Clone, Debug)]
pub(crate) struct Screens {
    folder: Arc<Path>,
    content_rules: HeaderValue,
}

impl Screens {
    pub(crate) fn in_folder(folder: PathBuf) -> anyhow::Result<Self> {
        ensure!(
            folder.join("index.html").is_file(),
            "{} has no index.html: npm run build -w @luumen/desktop",
            folder.display()
        );
        Ok(Self {
            folder: folder.into(),
            content_rules: content_rules(WINDOW)?,
        })
    }

    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/", get(index))
            .route("/{*path}", get(file))
            .with_state(self)
    }

    fn answer(&self, path: &str) -> Response {
        let inside = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let contents = if inside {
            fs::read(self.folder.join(path)).ok()
        } else {
            None
        };
        match contents {
            Some(contents) => (
                [
                    (header::CONTENT_TYPE, HeaderValue::from_static(kind(path))),
                    (header::CONTENT_SECURITY_POLICY, self.content_rules.clone()),
                    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                ],
                contents,
            )
                .into_response(),
            None => (
                StatusCode::NOT_FOUND,
                "There is no such file among the screens.\n",
            )
                .into_response(),
        }
    }
}

async fn index(State(screens): State<Screens>) -> Response {
    screens.answer("index.html")
}

async fn file(State(screens): State<Screens>, InAddress(path): InAddress<String>) -> Response {
    screens.answer(&path)
}

fn kind(path: &str) -> &'static str {
    let ending = path.rsplit('.').next().unwrap_or_default();
    KINDS
        .iter()
        .find(|(known, _)| *known == ending)
        .map_or("application/octet-stream", |(_, kind)| kind)
}

/// The window's own rules, but for how the page reaches the workbench: so a browser finds what the window would refuse.
fn content_rules(window: &str) -> anyhow::Result<HeaderValue> {
    let window: Value = serde_json::from_str(window)?;
    let rules = window["app"]["security"]["csp"]
        .as_object()
        .context("the window's configuration has no rules of content")?;
    let mut text = String::new();
    for (name, value) in rules {
        let value = match name.as_str() {
            "connect-src" => "'self' ws://127.0.0.1:*",
            _ => value.as_str().context("a rule of content is a text")?,
        };
        text.push_str(&format!("{name} {value}; "));
    }
    Ok(HeaderValue::from_str(text.trim_end())?)
}
