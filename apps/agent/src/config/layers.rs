//! What the file, the environment and the flags say, one above the other, and all that is wrong with it.
//!
//! Pure but for `*_FILE` variables, whose files are read through a function that the caller gives.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use luumen_crypto::Secret;
use serde_norway::Value;

use super::keys::{KEYS, Key, Kind, key};

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// Dotted path, or the name of a variable or file.
    pub(crate) key: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// A checked value.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Text(String),
    Secret(Secret),
    Path(PathBuf),
    Int(i64),
    Flag(bool),
}

/// Where settings come from.
pub(crate) struct Sources<'a> {
    /// Path and text of the file, when there is one.
    pub(crate) file: Option<(&'a Path, &'a str)>,
    /// The environment.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// `--set KEY=VALUE`, in order.
    pub(crate) flags: &'a [(String, String)],
    /// Reads the file of a `*_FILE` variable; an error is said in words.
    pub(crate) read_file: &'a dyn Fn(&Path) -> Result<Secret, String>,
}

/// The outcome of laying the sources over each other.
#[derive(Debug, Default)]
pub(crate) struct Layered {
    pub(crate) values: BTreeMap<&'static str, Typed>,
    /// `credentials:` as written.
    pub(crate) credentials: Option<Value>,
    /// True when the file itself holds a secret.
    pub(crate) secret_in_file: bool,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<String>,
}

/// Lays flags over environment over file over defaults.
pub(crate) fn layer(sources: &Sources<'_>) -> Layered {
    let mut layered = Layered::default();
    layered.take_defaults();
    if let Some((path, text)) = sources.file {
        layered.take_file(path, text);
    }
    layered.take_variables(sources);
    layered.take_flags(sources.flags);
    layered.name_missing();
    layered
}

impl Layered {
    fn take_defaults(&mut self) {
        for key in KEYS {
            if let Some(default) = key.default
                && let Ok(value) = from_text(key, default)
            {
                self.values.insert(key.path, value);
            }
        }
    }

    fn take_file(&mut self, path: &Path, text: &str) {
        let folder = path.parent().unwrap_or(Path::new(""));
        // Paths of the defaults count from the folder of the file, too.
        for key in KEYS.iter().filter(|key| matches!(key.kind, Kind::Path)) {
            if let Some(Typed::Path(path)) = self.values.get_mut(key.path) {
                *path = folder.join(&*path);
            }
        }
        match serde_norway::from_str::<Value>(text) {
            Ok(Value::Null) => {}
            Ok(Value::Mapping(map)) => self.walk("", &Value::Mapping(map), folder),
            Ok(_) => self.fault(
                path.display().to_string(),
                "it must hold keys and values, such as `log_dir: ./log`",
            ),
            Err(error) => self.fault(
                path.display().to_string(),
                format!("it is not valid YAML: {error}"),
            ),
        }
    }

    fn walk(&mut self, prefix: &str, node: &Value, folder: &Path) {
        let Value::Mapping(map) = node else {
            let inner: Vec<&str> = inside(prefix).collect();
            return self.fault(
                prefix,
                format!("it is a group and takes the keys {}", inner.join(", ")),
            );
        };
        for (name, value) in map {
            let Some(name) = scalar(name) else {
                self.fault(prefix, "a key must be a text");
                continue;
            };
            let path = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}.{name}")
            };
            if path == "credentials" {
                self.credentials = Some(value.clone());
            } else if let Some(key) = key(&path) {
                self.take_value(key, value, folder);
            } else if inside(&path).next().is_none() {
                self.fault(&path, unknown(&path));
            } else if !value.is_null() {
                self.walk(&path, value, folder);
            }
        }
    }

    fn take_value(&mut self, key: &'static Key, value: &Value, folder: &Path) {
        let result = match (key.kind, value) {
            (_, Value::Null) => return,
            // A key of digits only would lose its leading zeros.
            (Kind::Secret, Value::String(text)) => from_text(key, text),
            (Kind::Secret, _) => Err("it takes a text; put it in quotes".to_owned()),
            (_, value) => match scalar(value) {
                Some(text) => from_text(key, &text),
                None => Err(format!("it takes {}", key.takes())),
            },
        };
        self.secret_in_file |= matches!(key.kind, Kind::Secret);
        let result = result.map(|value| match value {
            Typed::Path(path) => Typed::Path(folder.join(path)),
            other => other,
        });
        self.put(key, key.path, result);
    }

    fn take_variables(&mut self, sources: &Sources<'_>) {
        let mut known = vec!["LUUMEN_CONFIG".to_owned()];
        for key in KEYS {
            let plain = key.variable();
            let file = format!("{plain}_FILE");
            match (sources.variables.get(&plain), sources.variables.get(&file)) {
                (Some(_), Some(_)) => {
                    self.fault(&plain, format!("it is set together with {file}; set one of them"))
                }
                (Some(text), None) => self.put(key, &plain, from_text(key, text)),
                (None, Some(path)) => {
                    let result = (sources.read_file)(Path::new(path));
                    let result = result.and_then(|text| from_text(key, text.expose_secret().trim()));
                    self.put(key, &file, result);
                }
                (None, None) => {}
            }
            known.extend([plain, file]);
        }
        // Only a warning: other programs of ours, or of the admin, may use the prefix too.
        for name in sources
            .variables
            .keys()
            .filter(|name| name.starts_with("LUUMEN_") && !known.contains(name))
        {
            let hint = closest(name, known.iter().map(String::as_str));
            let hint = hint
                .map(|near| format!("; did you mean {near}?"))
                .unwrap_or_default();
            self.warnings
                .push(format!("the variable {name} means nothing to the agent{hint}"));
        }
    }

    fn take_flags(&mut self, flags: &[(String, String)]) {
        for (path, text) in flags {
            match key(path) {
                None => self.fault(format!("--set {path}"), unknown(path)),
                Some(key) if matches!(key.kind, Kind::Secret) => {
                    let variable = key.variable();
                    let message =
                        format!("everyone on this machine can see flags; use {variable} or {variable}_FILE");
                    self.fault(format!("--set {path}"), message);
                }
                Some(key) => self.put(key, &format!("--set {path}"), from_text(key, text)),
            }
        }
    }

    fn name_missing(&mut self) {
        for key in KEYS
            .iter()
            .filter(|key| key.required && !self.values.contains_key(key.path))
        {
            if !self
                .faults
                .iter()
                .any(|fault| fault.key == key.path || fault.key.starts_with(&key.variable()))
            {
                let message = format!(
                    "it is missing; {} It may also be given as {}.",
                    key.doc,
                    key.variable()
                );
                self.faults.push(Fault::new(key.path, message));
            }
        }
    }

    fn put(&mut self, key: &'static Key, name: &str, result: Result<Typed, String>) {
        match result {
            Ok(value) => {
                self.values.insert(key.path, value);
            }
            Err(message) => self.fault(name, message),
        }
    }

    fn fault(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault::new(key, message));
    }
}

/// Reads `text` as what `key` takes. The message never repeats a secret.
fn from_text(key: &Key, text: &str) -> Result<Typed, String> {
    let wrong = || format!("{text:?} is not {}", key.takes());
    match key.kind {
        _ if text.trim().is_empty() => Err(format!("it is empty; it takes {}", key.takes())),
        Kind::Text => Ok(Typed::Text(text.to_owned())),
        Kind::Secret => Ok(Typed::Secret(Secret::new(text))),
        Kind::Path => Ok(Typed::Path(PathBuf::from(text))),
        Kind::Int { min, max } => {
            let number: i64 = text.trim().replace('_', "").parse().map_err(|_| wrong())?;
            if (min..=max).contains(&number) {
                Ok(Typed::Int(number))
            } else {
                Err(wrong())
            }
        }
        Kind::Flag => match text {
            "true" | "yes" | "on" | "1" => Ok(Typed::Flag(true)),
            "false" | "no" | "off" | "0" => Ok(Typed::Flag(false)),
            _ => Err(wrong()),
        },
        Kind::OneOf(words) if words.contains(&text) => Ok(Typed::Text(text.to_owned())),
        Kind::OneOf(words) => match closest(text, words.iter().copied()) {
            Some(near) => Err(format!("{}; did you mean {near}?", wrong())),
            None => Err(wrong()),
        },
    }
}

/// A scalar as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Keys inside of the group at `prefix`.
fn inside(prefix: &str) -> impl Iterator<Item = &'static str> {
    let prefix = format!("{prefix}.");
    KEYS.iter()
        .map(|key| key.path)
        .filter(move |path| path.starts_with(&prefix))
}

fn unknown(path: &str) -> String {
    match closest(path, KEYS.iter().map(|key| key.path).chain(["credentials"])) {
        Some(near) => format!("there is no such key; did you mean {near}?"),
        None => "there is no such key; docs/reference/agent-config.md lists them all".to_owned(),
    }
}

/// The candidate that `text` was probably meant to be.
pub(super) fn closest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_lowercase();
    // `knwon_hosts` at the top level was meant to be `ssh.known_hosts`: the last part alone may decide.
    let score = |candidate: &str| {
        let whole = strsim::jaro_winkler(&text.to_lowercase(), &candidate.to_lowercase());
        let end = strsim::jaro_winkler(&last(text), &last(candidate)) - 0.01;
        whole.max(end)
    };
    candidates
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
