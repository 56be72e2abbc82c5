//! What a check found, part by part: printed as it is found, or as one document at the end.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{args::Output, errors::tame, exit::Exit, output};

/// How a part fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Ok,
    Failed,
    /// It was not looked at; the code says why.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    /// `configuration`, `api`, `dns`, `hosts`, `host` or `host_key`.
    pub(crate) part: &'static str,
    /// Which of its kind: a host, a name.
    pub(crate) name: String,
    pub(crate) status: Status,
    /// Stable, for programs. None when all is well.
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) next_step: String,
    /// What only this kind of part has.
    #[serde(flatten)]
    pub(crate) more: Map<String, Value>,
    /// Further lines for a person.
    #[serde(skip)]
    pub(crate) lines: Vec<String>,
    /// Not all that was wanted was seen, and that is no failure.
    #[serde(skip)]
    pub(crate) in_part: bool,
}

impl Part {
    pub(crate) fn ok(part: &'static str, name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            part,
            name: name.into(),
            status: Status::Ok,
            code: None,
            message: tame(&message.into()),
            next_step: String::new(),
            more: Map::new(),
            lines: Vec::new(),
            in_part: false,
        }
    }

    pub(crate) fn failed(
        part: &'static str,
        name: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Failed,
            code: Some(code.to_owned()),
            ..Self::ok(part, name, message)
        }
    }

    pub(crate) fn skipped(
        part: &'static str,
        name: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Skipped,
            ..Self::failed(part, name, code, message)
        }
    }

    pub(crate) fn next_step(mut self, next_step: impl Into<String>) -> Self {
        self.next_step = tame(&next_step.into());
        self
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    fn text(&self) -> String {
        let mark = match self.status {
            Status::Ok if self.in_part => "part",
            Status::Ok => "ok  ",
            Status::Failed => "FAIL",
            Status::Skipped => "skip",
        };
        let mut text = format!("{mark}  {}: {}", self.head(), self.message);
        if let Some(code) = &self.code {
            text.push_str(&format!(" ({})", tame(code)));
        }
        for line in [&self.next_step].into_iter().chain(&self.lines) {
            if !line.is_empty() {
                text.push_str(&format!("\n      {}", tame(line)));
            }
        }
        text
    }

    fn head(&self) -> String {
        let kind = match self.part {
            "api" => "API",
            "dns" => "DNS",
            "host" => return tame(&self.name),
            "host_key" => "host key of",
            other => other,
        };
        if self.name.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind} {}", tame(&self.name))
        }
    }
}

/// All of them, in the order in which they were found.
#[derive(Debug)]
pub(crate) struct Findings {
    how: Output,
    parts: Vec<Part>,
}

impl Findings {
    pub(crate) fn new(how: Output) -> Self {
        Self {
            how,
            parts: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, part: Part) {
        if self.how == Output::Text {
            output::text(&part.text());
        }
        self.parts.push(part);
    }

    /// Ends the check: the document, for whoever asked for one, names every part.
    pub(crate) fn end(self, exit: Exit) -> Exit {
        if self.how == Output::Json {
            output::document(&serde_json::json!({
                "ok": exit == Exit::Fine && self.parts.iter().all(|part| part.status != Status::Failed),
                "exit_code": exit as u8,
                "parts": self.parts,
            }));
        }
        exit
    }
}
