//! The nouns of a session as the window sees them.

use luumen_crypto::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    bridge::{Id, Problem, Time},
    hosts::{CredentialUse, Environment, LogMode},
};

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// On its way; the steps say how far.
    Connecting,
    /// It can be used.
    Open,
    /// The connection has ended by itself. Its terminals stay, and it can be connected again.
    Lost,
    /// Its person closed it.
    Closed,
    /// It never got there; the step that failed says why.
    Failed,
}

/// What a session is spoken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// SSH.
    Ssh,
}

/// One connection to a host.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Session {
    /// Its id.
    pub id: Id,
    /// The kept host, if it is one.
    pub host: Option<Id>,
    /// What the tab is called.
    pub title: String,
    /// `user@host:port`.
    pub target: String,
    /// What it is spoken in.
    pub kind: SessionKind,
    /// What the host is for.
    pub environment: Environment,
    /// How it stands.
    pub state: SessionState,
    /// The way there, step by step.
    pub steps: Vec<Step>,
    /// Why it is lost or failed.
    pub problem: Option<Problem>,
    /// When it was asked for.
    pub opened_at: Time,
    /// How long a word takes to the host and back.
    pub latency_ms: Option<u32>,
    /// How much of it is logged.
    pub recording: LogMode,
    /// What the server calls itself.
    pub server: Option<String>,
    /// What both sides agreed on.
    pub ciphers: Option<String>,
    /// Whether the host may use this device's ssh-agent.
    pub agent_forwarding: bool,
    /// What its person should know.
    pub warnings: Vec<String>,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Turning the name into addresses.
    Resolve,
    /// Opening a connection, through a proxy or a jump host where there is one.
    Connect,
    /// Making sure that it is the right host.
    HostKey,
    /// Proving who we are.
    SignIn,
    /// Opening the terminal.
    Shell,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Others come first.
    Waiting,
    /// Now.
    Running,
    /// Well.
    Done,
    /// Not well; the session's problem says why.
    Failed,
    /// It was not needed, or is not reached any more.
    Skipped,
}

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Step {
    /// Which host on the way, counted from 0.
    pub hop: u32,
    /// `host:port` of that host.
    pub endpoint: String,
    /// What is done.
    pub step: StepName,
    /// How it stands.
    pub state: StepState,
    /// What came of it.
    pub detail: String,
    /// How long it took; a person's time counts.
    pub ms: Option<u32>,
}

/// One question of a server's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct AskedPrompt {
    /// As the server words it.
    pub text: String,
    /// Whether the answer may be seen while it is typed.
    pub echo: bool,
}

/// A key that is known of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct KnownKey {
    /// Its type.
    pub algorithm: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// When it was first believed, if Luumen wrote the line.
    pub first_seen_at: Option<Time>,
    /// The file of the line.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// The password of an account.
    Password {
        /// The account.
        user: String,
        /// `user@host:port`.
        target: String,
        /// True when the one before was wrong.
        again: bool,
        /// The credential that it can be kept in. From then on it is sent to all who use that, unasked.
        keep_in: Option<CredentialUse>,
    },
    /// The passphrase of a key.
    Passphrase {
        /// The key's name or path.
        key: String,
        /// True when one was tried, kept or just typed, and does not open the key.
        again: bool,
        /// True when it can be remembered.
        may_remember: bool,
    },
    /// What a server wants to know: a password, a code, anything.
    Prompts {
        /// Who asks.
        title: String,
        /// What the server says to it.
        instruction: String,
        /// The questions.
        prompts: Vec<AskedPrompt>,
        /// True when the answers before were wrong, and it asks from the beginning.
        again: bool,
    },
    /// A host that was never seen.
    HostKeyNew {
        /// `host:port`.
        target: String,
        /// Type of its key.
        algorithm: String,
        /// `SHA256:…`.
        fingerprint: String,
        /// The fingerprint as a picture.
        art: String,
    },
    /// A host that showed another key than before. Leaving is the safe answer.
    HostKeyChanged {
        /// `host:port`.
        target: String,
        /// What has to be typed to replace the key.
        name: String,
        /// Type of the key it showed.
        algorithm: String,
        /// `SHA256:…` of the key it showed.
        fingerprint: String,
        /// The keys that are known.
        known: Vec<KnownKey>,
    },
    /// The vault has to be unlocked first. There is no answer but to leave: the question goes away once the vault is open, wherever
    /// that is done.
    VaultLocked,
}

/// What the person says.
#[derive(Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Leave: the connection that asks is not made.
    Cancel,
    /// Go on without the key whose passphrase is asked for.
    WithoutKey,
    /// What was typed, in the order of the questions.
    Texts {
        /// One for each question.
        #[ts(type = "(string | TypedSecret)[]")]
        texts: Vec<Secret>,
        /// Whether to keep it for the next time.
        #[serde(default)]
        #[ts(optional)]
        remember: Option<bool>,
    },
    /// Believe the new key this time.
    TrustOnce,
    /// Believe the new key from now on.
    Trust,
    /// Put the new key in the place of the known one.
    Replace {
        /// The name of the host, typed.
        typed_name: String,
    },
}
