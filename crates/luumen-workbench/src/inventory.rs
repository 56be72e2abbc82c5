//! Connects to one host as its person would with `ssh`, and looks.
//!
//! The way in is tried in rounds: what needs no question first, then what the server or a locked key
//! makes necessary to ask. [`next_round`] decides, the rest acts.

mod typed;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use luumen_collect::{CollectOptions, LookError};
use luumen_crypto::Secret;
use luumen_model::{PrivilegeTier, SectionKind, Snapshot};
use luumen_transport::{
    AuthMethod, ConnectError, ConnectOptions, Endpoint, HostKey, HostKeyPolicy, KnownHosts, Session as _,
    SshSession, SshTarget, Step, connect,
};
use tokio_util::sync::CancellationToken;

use self::typed::{Account, Conversation, Typed, account_of};
use crate::{
    Asker, Place, UnknownHostKey,
    ask::{Interactive, ask},
    keys::{KeyFile, default_keys},
};

/// What to do with a host that was never seen before. A changed key is an error in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewHostKeys {
    /// Ask the person, and remember what they accept.
    #[default]
    Ask,
    /// Refuse it.
    Refuse,
    /// Believe it and remember it.
    Trust,
}

/// How to get in and what to read.
#[derive(Clone, Debug)]
pub struct InventoryOptions {
    /// Account, when the place names none.
    pub username: String,
    /// Key files; with any, neither the ssh-agent nor the usual files are tried.
    pub keys: Vec<PathBuf>,
    /// Where the usual key files are (`~/.ssh`), if anywhere.
    pub key_folder: Option<PathBuf>,
    /// Whether an ssh-agent may be asked.
    pub use_agent: bool,
    /// The password of the account on the host itself, where it is already known. Hosts on the way never see it.
    pub password: Option<Secret>,
    /// Hosts to go through, nearest first.
    pub jumps: Vec<Place>,
    /// Files of known host keys; new ones are written to the first.
    pub known_hosts: Vec<PathBuf>,
    /// What to do with a host never seen before.
    pub new_host_keys: NewHostKeys,
    /// How much of `sudo` may be used.
    pub tier: PrivilegeTier,
    /// For connecting to each host on the way.
    pub connect_timeout: Duration,
    /// For the look itself.
    pub visit_timeout: Duration,
    /// Name and version of the program that looks.
    pub collector: (String, String),
    /// Who answers questions.
    pub asker: Arc<dyn Asker>,
    /// Gives up.
    pub cancel: CancellationToken,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// A key that was named cannot be read.
    #[error("the key {} cannot be read", path.display())]
    Key { path: PathBuf, source: io::Error },
    /// The known host keys cannot be read.
    #[error("the known host keys cannot be read")]
    KnownHosts { source: io::Error },
    /// An accepted key could not be remembered.
    #[error("the host key could not be remembered")]
    Remember {
        source: luumen_transport::known_hosts::LearnError,
    },
    /// No way in.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// In, but nothing could be run.
    #[error(transparent)]
    Exec(#[from] LookError),
}

impl InventoryError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Key { .. } => "LUM-SSH-KEY-UNREADABLE",
            Self::KnownHosts { .. } => "LUM-SSH-KNOWN-HOSTS",
            Self::Remember { .. } => "LUM-SSH-HOSTKEY-SAVE",
            Self::Connect(error) => error.code(),
            Self::Exec(error) => error.code(),
        }
    }

    /// True when a file or option on this side is wrong, and no host was reached.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Key { .. } | Self::KnownHosts { .. })
    }

    /// What to do now.
    pub fn next_step(&self) -> String {
        match self {
            Self::Key { .. } => "Check the path and the rights of the file.".to_owned(),
            Self::KnownHosts { .. } => "Check --known-hosts and the rights of the file.".to_owned(),
            Self::Remember { .. } => "Make the known_hosts file writable, or name another one.".to_owned(),
            Self::Connect(error) => error.next_step(),
            Self::Exec(error) => error.next_step().to_owned(),
        }
    }
}

/// Visits `place` once and says what it saw.
pub async fn inventory(place: &Place, options: &InventoryOptions) -> Result<Snapshot, InventoryError> {
    let mut way_in = WayIn::new(place, options)?;
    let mut session = Box::pin(way_in.open()).await?;
    let mut collect = CollectOptions::new(&options.collector.0, &options.collector.1);
    collect.tier = options.tier;
    collect.sections = SectionKind::ALL.iter().copied().collect::<BTreeSet<_>>();
    collect.visit_timeout = options.visit_timeout;
    collect.username = Some(way_in.username(place));
    let plan = luumen_collect::plan(&collect);
    let seen = Box::pin(luumen_collect::run(&mut session, &plan, &options.cancel)).await;
    session.close().await;
    Ok(seen?)
}

/// What is known while trying to get in.
struct WayIn<'a> {
    place: &'a Place,
    options: &'a InventoryOptions,
    known_hosts: Arc<KnownHosts>,
    keys: Vec<KeyFile>,
    typed: Arc<Typed>,
    asked: Asked,
}

/// What was asked already, so that nobody is asked without end.
#[derive(Debug, Default)]
struct Asked {
    passphrases: BTreeSet<PathBuf>,
    host_keys: usize,
}

/// What to do after a try that did not get in.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    AskHostKey,
    AskPassphrase(PathBuf),
    AskPassword,
    GiveUp,
}

/// `ssh` asks three times, too.
const MOST_PASSWORDS: usize = 3;

impl<'a> WayIn<'a> {
    fn new(place: &'a Place, options: &'a InventoryOptions) -> Result<Self, InventoryError> {
        let known_hosts =
            KnownHosts::load(&options.known_hosts).map_err(|source| InventoryError::KnownHosts { source })?;
        let keys = if options.keys.is_empty() {
            options
                .key_folder
                .as_deref()
                .map(default_keys)
                .unwrap_or_default()
        } else {
            let read = |path: &PathBuf| {
                KeyFile::read(path).map_err(|source| InventoryError::Key {
                    path: path.clone(),
                    source,
                })
            };
            options.keys.iter().map(read).collect::<Result<_, _>>()?
        };
        let way_in = Self {
            place,
            options,
            known_hosts: Arc::new(known_hosts),
            keys,
            typed: Arc::default(),
            asked: Asked::default(),
        };
        if let Some(password) = &options.password {
            way_in.typed.know(way_in.account(place), password);
        }
        Ok(way_in)
    }

    fn account(&self, place: &Place) -> Account {
        (self.username(place), place.host.clone(), place.port)
    }

    fn username(&self, place: &Place) -> String {
        place
            .username
            .clone()
            .unwrap_or_else(|| self.options.username.clone())
    }

    async fn open(&mut self) -> Result<SshSession, InventoryError> {
        loop {
            let target = self.target();
            let error = match connect(&target, &self.connect_options()).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            self.answer(&error).await?.then_some(()).ok_or(error)?;
        }
    }

    /// Asks until there is something new to try; false when there is nothing left to ask.
    async fn answer(&mut self, error: &ConnectError) -> Result<bool, InventoryError> {
        loop {
            let tries = self.typed.tries(&account_of(error.endpoint()));
            match next_round(
                error,
                &self.asked,
                tries,
                &self.locked(),
                self.options.new_host_keys,
            ) {
                Round::AskHostKey => return self.ask_host_key(error).await,
                Round::AskPassphrase(path) if self.ask_passphrase(path.clone()).await? => return Ok(true),
                // Without it, another key or a password may do.
                Round::AskPassphrase(_) => {}
                Round::AskPassword => return self.ask_password(error).await,
                Round::GiveUp => return Ok(false),
            }
        }
    }

    fn target(&self) -> SshTarget {
        let hop = |place: &Place| {
            let mut target = SshTarget::new(&place.host, place.port, self.username(place));
            target.auth = self.methods(place);
            target
        };
        self.options
            .jumps
            .iter()
            .fold(hop(self.place), |target, jump| target.through(hop(jump)))
    }

    /// Asks, until Ctrl-C.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Asker) -> T + Send + 'static,
    ) -> Result<Option<T>, ConnectError> {
        tokio::select! {
            biased;
            () = self.options.cancel.cancelled() => Err(ConnectError::Cancelled {
                endpoint: Endpoint::of(&self.target()),
                step: Step::SignIn,
            }),
            answer = ask(&self.options.asker, question) => Ok(answer),
        }
    }

    /// What needs no question comes first.
    fn methods(&self, place: &Place) -> Vec<AuthMethod> {
        let mut methods = Vec::new();
        if self.options.use_agent && self.options.keys.is_empty() {
            methods.push(AuthMethod::Agent { socket: None });
        }
        let open = |key: &&KeyFile| !key.locked || key.passphrase.is_some() || !self.options.keys.is_empty();
        methods.extend(self.keys.iter().filter(open).map(|key| AuthMethod::Key {
            private_key: key.text.clone(),
            passphrase: key.passphrase.clone(),
            certificate: key.certificate.clone(),
            origin: key.path.display().to_string(),
        }));
        methods.extend(
            self.typed
                .password(&self.account(place))
                .map(AuthMethod::Password),
        );
        // Also beside a password: the server may want a code after it.
        if self.options.asker.is_there() {
            let asker = Interactive(Arc::clone(&self.options.asker));
            let conversation = Conversation::new(asker, Arc::clone(&self.typed));
            methods.push(AuthMethod::KeyboardInteractive(Arc::new(conversation)));
        }
        methods
    }

    fn connect_options(&self) -> ConnectOptions {
        let policy = match self.options.new_host_keys {
            NewHostKeys::Trust => HostKeyPolicy::Tofu,
            NewHostKeys::Ask | NewHostKeys::Refuse => HostKeyPolicy::Strict,
        };
        let mut options = ConnectOptions::new(Arc::clone(&self.known_hosts)).with_policy(policy);
        options.connect_timeout = self.options.connect_timeout;
        options.cancel = self.options.cancel.clone();
        options
    }

    /// Locked keys that nobody was asked about yet.
    fn locked(&self) -> Vec<&Path> {
        self.keys
            .iter()
            .filter(|key| key.locked && key.passphrase.is_none())
            .map(|key| key.path.as_path())
            .collect()
    }

    async fn ask_host_key(&mut self, error: &ConnectError) -> Result<bool, InventoryError> {
        let ConnectError::HostKeyUnknown { endpoint, key } = error else {
            return Ok(false);
        };
        self.asked.host_keys += 1;
        let question = unknown(&endpoint.host_port(), key);
        if self.ask(move |asker| asker.accept_host_key(&question)).await? != Some(true) {
            return Ok(false);
        }
        let learned = self.known_hosts.learn(&endpoint.host, endpoint.port, key);
        learned
            .map(|()| true)
            .map_err(|source| InventoryError::Remember { source })
    }

    async fn ask_passphrase(&mut self, path: PathBuf) -> Result<bool, InventoryError> {
        self.asked.passphrases.insert(path.clone());
        let question = path.clone();
        let answer = self
            .ask(move |asker| asker.passphrase(&question))
            .await?
            .flatten();
        let mut given = false;
        for key in self.keys.iter_mut().filter(|key| key.path == path) {
            given = answer.is_some();
            key.passphrase.clone_from(&answer);
        }
        Ok(given)
    }

    async fn ask_password(&mut self, error: &ConnectError) -> Result<bool, InventoryError> {
        let endpoint = error.endpoint();
        let account = account_of(endpoint);
        self.typed.try_again(&account);
        let question = endpoint.to_string();
        let answer = self.ask(move |asker| asker.password(&question)).await?.flatten();
        if let Some(password) = &answer {
            self.typed.know(account, password);
        }
        Ok(answer.is_some())
    }
}

fn unknown(place: &str, key: &HostKey) -> UnknownHostKey {
    UnknownHostKey {
        place: place.to_owned(),
        algorithm: key.algorithm().to_owned(),
        fingerprint: key.fingerprint(),
    }
}

/// Decides what a failed try calls for. `tries`: how often the person was asked for the password of the account. Pure.
fn next_round(
    error: &ConnectError,
    asked: &Asked,
    tries: usize,
    locked: &[&Path],
    new_host_keys: NewHostKeys,
) -> Round {
    let unasked = locked.iter().find(|path| !asked.passphrases.contains(**path));
    match error {
        // One host key for each host on the way, and no end to it would be odd.
        ConnectError::HostKeyUnknown { .. } if new_host_keys == NewHostKeys::Ask && asked.host_keys < 16 => {
            Round::AskHostKey
        }
        ConnectError::PassphraseNeeded { .. } | ConnectError::AuthRefused { .. } if unasked.is_some() => {
            unasked.map_or(Round::GiveUp, |path| Round::AskPassphrase(path.to_path_buf()))
        }
        ConnectError::AuthRefused { offered, .. }
            if tries < MOST_PASSWORDS && offered.iter().any(|method| method == "password") =>
        {
            Round::AskPassword
        }
        _ => Round::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            username: "u".into(),
            host: "h".into(),
            port: 22,
            jump: None,
        }
    }

    fn refused(offered: &[&str]) -> ConnectError {
        ConnectError::AuthRefused {
            endpoint: endpoint(),
            tried: Vec::new(),
            offered: offered.iter().map(|method| (*method).to_owned()).collect(),
        }
    }

    #[track_caller]
    fn check(error: &ConnectError, asked: &Asked, tries: usize, locked: &[&Path], expected: Round) {
        assert_eq!(
            next_round(error, asked, tries, locked, NewHostKeys::Ask),
            expected
        );
    }

    #[test]
    fn a_locked_key_is_asked_for_before_a_password() {
        let key = Path::new("id_rsa");
        let error = refused(&["publickey", "password"]);
        check(
            &error,
            &Asked::default(),
            0,
            &[key],
            Round::AskPassphrase(key.to_owned()),
        );
        let asked = Asked {
            passphrases: BTreeSet::from([key.to_owned()]),
            ..Asked::default()
        };
        check(&error, &asked, 0, &[key], Round::AskPassword);
    }

    #[test]
    fn a_password_is_asked_for_three_times_and_only_where_it_is_taken() {
        let asked = Asked::default();
        check(&refused(&["password"]), &asked, 2, &[], Round::AskPassword);
        check(&refused(&["password"]), &asked, 3, &[], Round::GiveUp);
        check(&refused(&["publickey"]), &asked, 0, &[], Round::GiveUp);
    }

    #[test]
    fn other_errors_are_not_for_asking() {
        check(
            &ConnectError::Cancelled {
                endpoint: endpoint(),
                step: Step::SignIn,
            },
            &Asked::default(),
            0,
            &[Path::new("id_rsa")],
            Round::GiveUp,
        );
    }
}
