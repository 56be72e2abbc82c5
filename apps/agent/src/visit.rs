//! A real visit: connect over SSH, look, say goodbye. The moving part behind `round::Visitor`.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use luumen_collect::{CollectOptions, LookError};
use luumen_model::VisitError;
use luumen_transport::{
    ConnectError, ConnectEvent, ConnectObserver, ConnectOptions, Endpoint, HostKey, HostKeyDecision,
    HostKeyJudge, HostKeyPolicy, HostKeyQuestion, KnownHosts, Session as _, SignInGate, SshSession,
    SshTarget, Step, connect,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    credentials,
    door::Turn,
    errors::{self, chain, tame, visit_error},
    guard::{Account, Login},
    kept::{Place, Shelf},
    machine,
    plan::{HostRef, Visit},
    round::{Sight, Visitor},
    way,
};

/// For the goodbye, within the host's time.
const GOODBYE: Duration = Duration::from_secs(2);

/// Visits over SSH as the configuration says.
pub(crate) struct SshVisitor {
    config: Arc<Config>,
    options: ConnectOptions,
    shelf: Shelf,
}

impl SshVisitor {
    /// Reads the known host keys. With `new_keys`, none is written.
    pub(crate) fn new(config: Arc<Config>, shelf: Shelf, new_keys: Option<Arc<NewKeys>>) -> io::Result<Self> {
        let mut options = connect_options(&config)?;
        if let (HostKeyPolicy::Tofu, Some(new_keys)) = (options.host_keys, new_keys) {
            options.host_keys = HostKeyPolicy::Ask;
            options.judge = Some(new_keys);
        }
        Ok(Self {
            config,
            options,
            shelf,
        })
    }
}

/// Keys of hosts that were never seen before: those that `tofu` would keep. They are believed for now and written nowhere.
#[derive(Debug, Default)]
pub(crate) struct NewKeys(Mutex<BTreeMap<(String, u16), HostKey>>);

impl NewKeys {
    /// Each with the host that showed it.
    pub(crate) fn take(&self) -> BTreeMap<(String, u16), HostKey> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl HostKeyJudge for NewKeys {
    async fn decide(&self, question: HostKeyQuestion) -> HostKeyDecision {
        let HostKeyQuestion::New { endpoint, seen } = question else {
            // A changed key is refused by `tofu`, too.
            return HostKeyDecision::Refuse;
        };
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = keys
            .entry((endpoint.host, endpoint.port))
            .or_insert_with(|| seen.clone());
        // A second key of the same host within one run would be a changed one.
        if *first == seen {
            HostKeyDecision::TrustOnce
        } else {
            HostKeyDecision::Refuse
        }
    }
}

/// How this agent connects.
pub(crate) fn connect_options(config: &Config) -> io::Result<ConnectOptions> {
    let known_hosts = Arc::new(KnownHosts::load(&[&config.ssh.known_hosts])?);
    for problem in known_hosts.problems() {
        tracing::warn!(
            "{} has a line that cannot be read: {problem:?}",
            config.ssh.known_hosts.display()
        );
    }
    let mut options = ConnectOptions::new(known_hosts).with_policy(config.ssh.policy);
    options.connect_timeout = config.limits.connect_timeout;
    Ok(options)
}

/// The host, with the jump hosts and the proxy before it. Secrets are read here.
pub(crate) fn target(config: &Config, visit: &Visit) -> Result<SshTarget, String> {
    let mut target = SshTarget::new(&visit.host.address, visit.host.port, &visit.account.username);
    target.auth = credentials::methods(&config.credentials, &visit.account.credential)?;
    with_way(config, &config.ssh.jumps, target, Some(&visit.account.credential))
}

/// The host without any way to sign in there: enough to look at its key. `credential` is for the jump hosts, as with a visit.
pub(crate) fn target_of_key(
    config: &Config,
    host: &HostRef,
    credential: Option<&str>,
) -> Result<SshTarget, String> {
    let target = SshTarget::new(&host.address, host.port, "luumen");
    // A jump host is reached through those before it: its own key has to be known first.
    let itself = |jump: &way::JumpHost| jump.host == host.address && jump.port == host.port;
    let before = config.ssh.jumps.iter().position(itself);
    let jumps = &config.ssh.jumps[..before.unwrap_or(config.ssh.jumps.len())];
    with_way(config, jumps, target, credential)
}

fn with_way(
    config: &Config,
    jumps: &[way::JumpHost],
    mut target: SshTarget,
    credential: Option<&str>,
) -> Result<SshTarget, String> {
    let credential = config.ssh.jump_credential.as_deref().or(credential);
    for jump in jumps {
        let mut hop = SshTarget::new(&jump.host, jump.port, &jump.username);
        if let Some(name) = credential {
            hop.auth = credentials::methods(&config.credentials, name)?;
        }
        target = target.through(hop);
    }
    target.proxy = config.ssh.proxy.as_ref().and_then(way::parse_proxy);
    Ok(target)
}

#[async_trait]
impl Visitor for SshVisitor {
    async fn visit(
        &self,
        visit: &Visit,
        turn: &Arc<Turn>,
        cancel: &CancellationToken,
    ) -> Result<Sight, VisitError> {
        let began = Instant::now();
        let target =
            target(&self.config, visit).map_err(|why| visit_error(errors::CREDENTIAL_UNREADABLE, why))?;
        let way = Arc::new(AtTheDoor(Arc::clone(turn)));
        let options = ConnectOptions {
            cancel: cancel.clone(),
            gate: Some(Arc::clone(&way) as Arc<dyn SignInGate>),
            observer: Some(way),
            ..self.options.clone()
        };
        // All come by the same jump host, which bears few that stand before it and wait: there the line is outside of it.
        let waited = target.jumps.is_empty() || enter(turn, cancel).await;
        // The futures of a connection are large; they live on the heap while they wait.
        let connected = match waited {
            true => Box::pin(connect(&target, &options)).await,
            false => Err(ConnectError::Cancelled {
                endpoint: Endpoint::of(&target),
                step: Step::Resolve,
            }),
        };
        let mut session = match connected {
            Ok(session) => session,
            Err(error) => return Err(self.not_connected(visit, turn, &error)),
        };
        turn.tell(Login::Accepted);
        let options = self.collect_options(&visit.account.username, began.elapsed());
        let seen = self.look(visit, &options, &mut session, cancel).await;
        session.close().await;
        seen.map_err(|error| VisitError {
            code: error.code().to_owned(),
            message: chain(&error),
            next_step: error.next_step().to_owned(),
        })
    }
}

/// Where a connection meets the guard of the run.
#[derive(Debug)]
struct AtTheDoor(Arc<Turn>);

#[async_trait]
impl SignInGate for AtTheDoor {
    async fn may_sign_in(&self, _: &Endpoint) -> bool {
        self.0.enter().await
    }
}

impl ConnectObserver for AtTheDoor {
    fn on(&self, event: ConnectEvent<'_>) {
        match event {
            ConnectEvent::Started {
                step: Step::SignIn, ..
            } => self.0.proves(),
            ConnectEvent::Done {
                step: Step::SignIn,
                endpoint,
                ..
            } if endpoint.jump.is_some() => self.0.passed(),
            _ => {}
        }
    }
}

async fn enter(turn: &Turn, cancel: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = cancel.cancelled() => false,
        entered = turn.enter() => entered,
    }
}

impl SshVisitor {
    /// Tells the guard, if it let us in, and gives the error as the API gets it.
    fn not_connected(&self, visit: &Visit, turn: &Turn, error: &ConnectError) -> VisitError {
        if let Some(why) = turn.refused() {
            return visit_error(errors::LOGIN_GUARD, why);
        }
        // Of what we gave up ourselves the turn knows how far it was.
        if !matches!(error, ConnectError::Cancelled { .. }) {
            let jump = self.config.ssh.jump_credential.as_ref();
            let jump = self
                .config
                .credentials
                .get(jump.unwrap_or(&visit.account.credential));
            let jumps_by_password = jump.is_some_and(|jump| jump.source.is_password());
            turn.tell(login_of(error, &visit.account, jumps_by_password));
        }
        of_connect(error)
    }

    /// Looks at a host that was seen before: what it answered then stands where it cannot have changed.
    async fn look(
        &self,
        visit: &Visit,
        options: &CollectOptions,
        session: &mut SshSession,
        cancel: &CancellationToken,
    ) -> Result<Sight, LookError> {
        let place = place(visit, session).filter(|_| self.shelf.keeps());
        let plan = match &place {
            Some(place) => luumen_collect::plan_again(options, self.shelf.take(place), machine::now()),
            None => luumen_collect::plan(options),
        };
        let seen = Box::pin(luumen_collect::run_again(session, &plan, cancel)).await?;
        if let (Some(place), Some(kept)) = (&place, &seen.kept) {
            self.shelf.put(place, kept);
        }
        Ok(Sight {
            snapshot: seen.snapshot,
            unchanged: seen.unchanged,
        })
    }

    /// `spent`: what connecting took of the host's time. Behind jump hosts that is many times `connect_timeout`.
    fn collect_options(&self, username: &str, spent: Duration) -> CollectOptions {
        let limits = &self.config.limits;
        let mut options = CollectOptions::new("luumen-agent", env!("CARGO_PKG_VERSION"));
        options.tier = self.config.tier;
        // Its end comes before the host's, so that what was seen until then is kept.
        let left = limits.per_host_timeout.saturating_sub(spent + GOODBYE);
        options.visit_timeout = left.max(Duration::from_secs(1));
        options.command_timeout = Some(limits.per_command_timeout);
        options.max_output_bytes = limits.max_output_bytes;
        options.username = Some(username.to_owned());
        options
    }
}

/// Whose answers these are; nobody's when the host showed no key that could be told again.
fn place(visit: &Visit, session: &SshSession) -> Option<Place> {
    Some(Place {
        host: visit.host.id,
        address: visit.host.address.clone(),
        port: visit.host.port,
        username: visit.account.username.clone(),
        host_key: session.facts().host_key?.fingerprint(),
    })
}

/// What the error says about the account.
fn login_of(error: &ConnectError, account: &Account, jumps_by_password: bool) -> Login {
    match error {
        ConnectError::Lost {
            endpoint,
            step: Step::SignIn,
            ..
        }
        | ConnectError::TimedOut {
            endpoint,
            step: Step::SignIn,
            ..
        } => match (&endpoint.jump, jumps_by_password) {
            (None, _) => Login::Cut,
            (Some(_), true) => Login::CutOnTheWay,
            (Some(_), false) => Login::Untried,
        },
        ConnectError::AuthRefused { endpoint, .. } if endpoint.jump.is_some() => Login::RefusedOnTheWay,
        // A server that takes no passwords at all has counted none, even where it was shown one. Nor has one that asks for a
        // key now, behind a password that was right.
        ConnectError::AuthRefused { offered, .. } if account.password && !takes_passwords(offered) => {
            Login::Untried
        }
        ConnectError::AuthRefused { tried, .. } if !tried.is_empty() => Login::Refused,
        _ => Login::Untried,
    }
}

/// Whether a server that offers this may have looked at a password. One that offers nothing more may have, too.
fn takes_passwords(offered: &[String]) -> bool {
    let ways = ["password", "keyboard-interactive"];
    offered.is_empty() || offered.iter().any(|offer| ways.contains(&offer.as_str()))
}

/// The error as the API and people get it.
pub(crate) fn of_connect(error: &ConnectError) -> VisitError {
    VisitError {
        code: error.code().to_owned(),
        message: chain(error),
        next_step: tame(&error.next_step()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use luumen_transport::Jump;

    fn endpoint(is_jump: bool) -> Endpoint {
        let jump = Jump {
            number: 1,
            of: 1,
            towards: "db:22".into(),
        };
        Endpoint {
            username: "scan".into(),
            host: "h".into(),
            port: 22,
            jump: is_jump.then(|| Box::new(jump)),
        }
    }

    fn account(password: bool) -> Account {
        Account {
            username: "scan".into(),
            credential: "c".into(),
            password,
        }
    }

    #[track_caller]
    fn check(step: Step, is_jump: bool, jumps_by_password: bool, expected: Login) {
        let lost = ConnectError::Lost {
            endpoint: endpoint(is_jump),
            step,
            reason: "it hung up".into(),
        };
        let late = ConnectError::TimedOut {
            endpoint: endpoint(is_jump),
            step,
            after: Duration::from_secs(1),
        };
        for error in [lost, late] {
            let login = login_of(&error, &account(true), jumps_by_password);
            assert_eq!(login, expected, "{error}");
        }
    }

    #[test]
    fn a_login_that_ends_without_an_answer_may_have_been_counted() {
        check(Step::SignIn, false, false, Login::Cut);
        check(Step::SignIn, true, true, Login::CutOnTheWay);
        check(Step::SignIn, true, false, Login::Untried);
        for step in [Step::Connect, Step::KeyExchange] {
            check(step, false, false, Login::Untried);
            check(step, true, true, Login::Untried);
        }
    }
    #[test]
    fn a_server_that_takes_no_passwords_has_refused_none() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let refused = |is_jump, tried: &[&str], offered: &[&str]| ConnectError::AuthRefused {
            endpoint: endpoint(is_jump),
            tried: words(tried),
            offered: words(offered),
        };
        for (password, tried, offered, expected) in [
            (true, &["password"][..], &["publickey"][..], Login::Untried),
            (
                true,
                &["password"],
                &["publickey", "gssapi-with-mic"],
                Login::Untried,
            ),
            (true, &["password"], &["publickey", "password"], Login::Refused),
            (
                true,
                &["keyboard-interactive"],
                &["keyboard-interactive"],
                Login::Refused,
            ),
            (true, &["password"], &[], Login::Refused),
            (true, &[], &["password"], Login::Untried),
            (false, &["key /k"], &["publickey"], Login::Refused),
        ] {
            let error = refused(false, tried, offered);
            assert_eq!(login_of(&error, &account(password), false), expected, "{error}");
            let error = refused(true, tried, offered);
            let login = login_of(&error, &account(password), true);
            assert_eq!(login, Login::RefusedOnTheWay, "{error}");
        }
    }
}
