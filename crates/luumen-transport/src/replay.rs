//! Sessions without a host: a recorded visit, played again.
//!
//! [`RecordingSession`] listens to a real session and keeps what was said; [`ReplaySession`] answers from
//! such a [`Transcript`]. For tests and for the fixtures in `fixtures/hosts`; nothing here judges what
//! a host says.
//!
//! A transcript is JSON:
//!
//! ```json
//! {
//!   "format": "luumen.transcript/1",
//!   "endpoint": "scan@db-3:22",
//!   "exchanges": [
//!     {
//!       "command": "/bin/sh -s",
//!       "stdin": { "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" },
//!       "stdout": "Debian GNU/Linux 12\n",
//!       "stderr": "",
//!       "status": { "code": 0 },
//!       "duration_ms": 41
//!     }
//!   ]
//! }
//! ```
//!
//! `stdin` is `{ "text": … }`, `{ "base64": … }`, `{ "sha256": … }`, or left out when any input will do.
//! `stdout` and `stderr` are a text, or `{ "base64": … }` where they are not UTF-8. `status` is `{ "code": n }`,
//! `{ "signal": "TERM" }` or `"unknown"`. `truncated` and `timed_out` are left out when false.

use std::{fmt::Write as _, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ExecError, ExecOutput, ExecRequest, ExitStatus, Session};

const FORMAT: &str = "luumen.transcript/1";

/// Everything that was said on one visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// `luumen.transcript/1`.
    pub format: String,
    /// Where it was recorded.
    pub endpoint: String,
    /// In the order of the visit.
    pub exchanges: Vec<Exchange>,
}

/// One command and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The command as it was sent.
    pub command: String,
    /// What it was fed; `None` matches any input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<RecordedInput>,
    /// What it answered.
    pub stdout: RecordedOutput,
    /// What it complained about.
    #[serde(default)]
    pub stderr: RecordedOutput,
    /// How it ended.
    pub status: RecordedStatus,
    /// True when a cap cut something off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// True when the time was up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_out: bool,
    /// From the command to its end.
    #[serde(default)]
    pub duration_ms: u64,
}

/// Input, or only what is needed to recognise it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedInput {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(String),
    /// In small hexadecimal digits.
    Sha256(String),
}

/// Output, as text where it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedOutput {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64 {
        /// In the standard alphabet, with padding.
        base64: String,
    },
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedStatus {
    /// With an exit code.
    Code(u32),
    /// By a signal.
    Signal(String),
    /// Without saying.
    Unknown,
}

/// Why a transcript cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// Not JSON, or not of this shape.
    #[error("the transcript cannot be read")]
    Json(#[from] serde_json::Error),
    /// Of another version.
    #[error("the transcript has the format {0}, and {FORMAT} is expected")]
    Format(String),
    /// A field that should be base64 is not.
    #[error("exchange {0} holds bytes that are not base64")]
    Base64(usize),
}

impl Default for RecordedOutput {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl RecordedOutput {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64 {
                base64: STANDARD.encode(bytes),
            },
        }
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64 { base64 } => STANDARD.decode(base64).ok(),
        }
    }
}

impl RecordedInput {
    /// Recognises the input without keeping it.
    pub fn hash_of(bytes: &[u8]) -> Self {
        let digits = Sha256::digest(bytes)
            .iter()
            .fold(String::new(), |mut digits, byte| {
                // Writing into a String cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            });
        Self::Sha256(digits)
    }

    /// Keeps the input.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    fn matches(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Text(text) => text.as_bytes() == bytes,
            Self::Base64(encoded) => *encoded == STANDARD.encode(bytes),
            Self::Sha256(_) => *self == Self::hash_of(bytes),
        }
    }
}

impl Transcript {
    /// An empty one.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            endpoint: endpoint.into(),
            exchanges: Vec::new(),
        }
    }

    /// Reads JSON.
    pub fn from_json(text: &str) -> Result<Self, TranscriptError> {
        let transcript: Self = serde_json::from_str(text)?;
        if transcript.format != FORMAT {
            return Err(TranscriptError::Format(transcript.format));
        }
        for (number, exchange) in transcript.exchanges.iter().enumerate() {
            if exchange.stdout.bytes().is_none() || exchange.stderr.bytes().is_none() {
                return Err(TranscriptError::Base64(number));
            }
        }
        Ok(transcript)
    }

    /// Writes JSON that a person can read.
    pub fn to_json(&self) -> Result<String, TranscriptError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Exchange {
    /// What came of a command; its input only as a hash.
    pub fn of(command: &str, stdin: &[u8], output: &ExecOutput) -> Self {
        Self {
            command: command.to_owned(),
            stdin: Some(RecordedInput::hash_of(stdin)),
            stdout: RecordedOutput::of(&output.stdout),
            stderr: RecordedOutput::of(&output.stderr),
            status: match &output.status {
                ExitStatus::Code(code) => RecordedStatus::Code(*code),
                ExitStatus::Signal(name) => RecordedStatus::Signal(name.clone()),
                ExitStatus::Unknown => RecordedStatus::Unknown,
            },
            truncated: output.truncated,
            timed_out: output.timed_out,
            duration_ms: u64::try_from(output.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn answers(&self, request: &ExecRequest) -> bool {
        self.command == request.command
            && self
                .stdin
                .as_ref()
                .is_none_or(|stdin| stdin.matches(&request.stdin))
    }

    fn output(&self) -> ExecOutput {
        ExecOutput {
            stdout: self.stdout.bytes().unwrap_or_default(),
            stderr: self.stderr.bytes().unwrap_or_default(),
            status: match &self.status {
                RecordedStatus::Code(code) => ExitStatus::Code(*code),
                RecordedStatus::Signal(name) => ExitStatus::Signal(name.clone()),
                RecordedStatus::Unknown => ExitStatus::Unknown,
            },
            truncated: self.truncated,
            timed_out: self.timed_out,
            duration: Duration::from_millis(self.duration_ms),
        }
    }
}

/// Answers from a transcript. The same question asked twice gets the answers in their order, and the
/// last of them from then on; a question that was never recorded is refused.
#[derive(Clone, Debug)]
pub struct ReplaySession {
    transcript: Transcript,
    used: Vec<bool>,
    asked: Vec<(String, Vec<u8>)>,
}

impl ReplaySession {
    /// Plays from the beginning.
    pub fn new(transcript: Transcript) -> Self {
        let used = vec![false; transcript.exchanges.len()];
        Self {
            transcript,
            used,
            asked: Vec::new(),
        }
    }

    /// Every command and input so far, also those that were refused.
    pub fn asked(&self) -> &[(String, Vec<u8>)] {
        &self.asked
    }

    fn find(&mut self, request: &ExecRequest) -> Option<ExecOutput> {
        let fitting = |number: &usize| self.transcript.exchanges[*number].answers(request);
        let numbers = 0..self.transcript.exchanges.len();
        let fresh = numbers
            .clone()
            .find(|number| !self.used[*number] && fitting(number));
        let number = fresh.or_else(|| numbers.rev().find(fitting))?;
        self.used[number] = true;
        Some(self.transcript.exchanges[number].output())
    }
}

#[async_trait]
impl Session for ReplaySession {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        if request.cancel.is_cancelled() {
            return Err(ExecError::Cancelled {
                endpoint: self.endpoint(),
                step: "starting the command",
            });
        }
        self.asked.push((request.command.clone(), request.stdin.clone()));
        let step = "the transcript holds no answer to this command and input";
        self.find(&request).ok_or_else(|| ExecError::Refused {
            endpoint: self.endpoint(),
            step,
        })
    }

    fn endpoint(&self) -> String {
        self.transcript.endpoint.clone()
    }

    async fn close(&mut self) {}
}

/// Passes everything on to another session and keeps what was said.
#[derive(Debug)]
pub struct RecordingSession<S> {
    session: S,
    transcript: Transcript,
    keep_input: bool,
}

impl<S: Session> RecordingSession<S> {
    /// Keeps input as a hash only: scripts are long, and they are in the repository anyway.
    pub fn new(session: S) -> Self {
        let transcript = Transcript::new(session.endpoint());
        Self {
            session,
            transcript,
            keep_input: false,
        }
    }

    /// Keeps the input too.
    pub fn keeping_input(mut self) -> Self {
        self.keep_input = true;
        self
    }

    /// What was said so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Gives both back.
    pub fn into_parts(self) -> (S, Transcript) {
        (self.session, self.transcript)
    }
}

#[async_trait]
impl<S: Session> Session for RecordingSession<S> {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        let (command, stdin) = (request.command.clone(), request.stdin.clone());
        let output = self.session.exec(request).await?;
        let mut exchange = Exchange::of(&command, &stdin, &output);
        if self.keep_input {
            exchange.stdin = Some(RecordedInput::of(&stdin));
        }
        self.transcript.exchanges.push(exchange);
        Ok(output)
    }

    fn endpoint(&self) -> String {
        self.session.endpoint()
    }

    async fn close(&mut self) {
        self.session.close().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;

    const TEXT: &str = r#"{
      "format": "luumen.transcript/1",
      "endpoint": "scan@db-3:22",
      "exchanges": [
        { "command": "uptime", "stdout": "first", "status": { "code": 0 } },
        { "command": "uptime", "stdout": { "base64": "/wA=" }, "status": { "signal": "TERM" }, "timed_out": true },
        { "command": "sh -s", "stdin": { "text": "id" }, "stdout": "", "stderr": "no", "status": "unknown" }
      ]
    }"#;

    fn request(command: &str, stdin: &str) -> ExecRequest {
        ExecRequest {
            command: command.to_owned(),
            stdin: stdin.as_bytes().to_vec(),
            timeout: Duration::from_secs(1),
            max_output_bytes: 1024,
            cancel: CancellationToken::new(),
        }
    }

    #[tokio::test]
    async fn answers_come_in_their_order_and_the_last_one_stays() {
        let mut session = ReplaySession::new(Transcript::from_json(TEXT).unwrap());
        assert_eq!(session.endpoint(), "scan@db-3:22");
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(session.exec(request("uptime", "")).await.unwrap());
        }
        assert_eq!(answers[0].stdout, b"first");
        assert_eq!(answers[1].stdout, [255, 0]);
        assert_eq!(
            (&answers[1].status, answers[1].timed_out),
            (&ExitStatus::Signal("TERM".into()), true)
        );
        assert_eq!(answers[2], answers[1]);
        assert_eq!(session.asked().len(), 3);
    }

    #[tokio::test]
    async fn input_is_compared_and_the_unknown_is_refused() {
        let mut session = ReplaySession::new(Transcript::from_json(TEXT).unwrap());
        assert_eq!(session.exec(request("sh -s", "id")).await.unwrap().stderr, b"no");
        assert!(matches!(
            session.exec(request("sh -s", "rm")).await,
            Err(ExecError::Refused { .. })
        ));
        assert!(matches!(
            session.exec(request("reboot", "")).await,
            Err(ExecError::Refused { .. })
        ));
    }

    #[tokio::test]
    async fn a_recorded_visit_can_be_played() {
        let mut recording = RecordingSession::new(ReplaySession::new(Transcript::from_json(TEXT).unwrap()));
        let first = recording.exec(request("sh -s", "id")).await.unwrap();
        let (_, transcript) = recording.into_parts();
        assert!(matches!(
            transcript.exchanges[0].stdin,
            Some(RecordedInput::Sha256(_))
        ));
        let text = transcript.to_json().unwrap();
        let mut again = ReplaySession::new(Transcript::from_json(&text).unwrap());
        assert_eq!(again.exec(request("sh -s", "id")).await.unwrap(), first);
    }

    #[test]
    fn a_transcript_of_another_kind_is_named() {
        let other = TEXT.replace("transcript/1", "transcript/9");
        assert!(matches!(
            Transcript::from_json(&other),
            Err(TranscriptError::Format(_))
        ));
        let broken = TEXT.replace("/wA=", "???");
        assert!(matches!(
            Transcript::from_json(&broken),
            Err(TranscriptError::Base64(1))
        ));
    }
}
