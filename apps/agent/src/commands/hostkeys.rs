//! `hostkeys`: look at the known host keys, accept one after comparing it, revoke one for good.

use std::io::{self, IsTerminal as _, Write as _};

use luumen_api::agent::{AgentConfig, AgentHost};
use luumen_model::HostId;
use luumen_transport::{
    HostKey, KnownHosts, fetch_host_key,
    known_hosts::{LearnError, Marker, Verdict},
};
use tracing::warn;

use crate::{
    args::Hostkeys,
    commands::run::find,
    errors::{chain, tame},
    exit::Exit,
    output,
    plan::{HostRef, credential_name},
    remote::{Keeping, Remote},
    runs::Context,
    visit, way,
};

/// Does what the arguments say.
pub(crate) async fn hostkeys(context: &Context, command: Hostkeys) -> Exit {
    let file = &context.config.ssh.known_hosts;
    let known = match KnownHosts::load(&[file]) {
        Ok(known) => known,
        Err(error) => return no(&format!("{} cannot be read: {error}", file.display()), ""),
    };
    match command {
        Hostkeys::List => list(&known),
        Hostkeys::Accept {
            host,
            fingerprint,
            yes,
            replace,
        } => {
            let consent = match (fingerprint, yes) {
                (Some(fingerprint), _) => Consent::To(fingerprint),
                (None, true) => Consent::Any,
                (None, false) => Consent::Ask,
            };
            accept(context, &known, &host, &consent, replace).await
        }
        Hostkeys::Revoke { host } => revoke(context, &known, &host).await,
    }
}

/// What the caller has agreed to already.
enum Consent {
    To(String),
    Any,
    Ask,
}

fn list(known: &KnownHosts) -> Exit {
    for entry in known.entries() {
        let marker = match entry.marker {
            Marker::Host => "",
            Marker::CertAuthority => "  cert-authority",
            Marker::Revoked => "  REVOKED",
        };
        let key = &entry.key;
        output::text(&tame(&format!(
            "{}  {}  {}{marker}",
            entry.hosts,
            key.algorithm(),
            key.fingerprint()
        )));
    }
    Exit::Fine
}

async fn accept(context: &Context, known: &KnownHosts, word: &str, consent: &Consent, replace: bool) -> Exit {
    let Some((host, credential)) = place(context, word).await else {
        return not_a_place(word);
    };
    let shown = match fetch(context, &host, credential.as_deref()).await {
        Ok(key) => key,
        Err(exit) => return exit,
    };
    output::text(&format!(
        "{} shows {} {}",
        host.place(),
        shown.algorithm(),
        shown.fingerprint()
    ));
    match known.lookup(&host.address, host.port).verdict(&shown) {
        Verdict::Known => {
            output::text("This key is known already.");
            return Exit::Fine;
        }
        Verdict::Revoked(entry) => {
            return no(
                &format!("This key is revoked ({} line {}).", entry.file, entry.line),
                "Do not connect; ask who revoked it, and why.",
            );
        }
        Verdict::Changed(entry) if !replace => {
            let message = format!(
                "Known for {} is {} {}.",
                host.place(),
                entry.key.algorithm(),
                entry.key.fingerprint()
            );
            return no(
                &message,
                "Ask the owner whether the key was replaced; only then accept it with --replace.",
            );
        }
        Verdict::Changed(_) | Verdict::Unknown => {}
    }
    if let Err(exit) = agreed(consent, &shown) {
        return exit;
    }
    let learned = if replace {
        known.replace(&host.address, host.port, &shown, "")
    } else {
        known.learn(&host.address, host.port, &shown)
    };
    match learned {
        Ok(()) => {
            output::text(&format!(
                "Remembered in {}.",
                context.config.ssh.known_hosts.display()
            ));
            Exit::Fine
        }
        Err(error) => not_remembered(&error),
    }
}

fn not_remembered(error: &LearnError) -> Exit {
    let next_step = match error {
        // Its own lines would have made way: what is left is a line for many hosts.
        LearnError::Changed(entry) => format!(
            "Nothing was changed. Line {} of {} is for other hosts, too: take this one out of it by hand.",
            entry.line, entry.file
        ),
        LearnError::Write { .. } => "Make the file writable for this account.".to_owned(),
    };
    no(
        &format!("The key could not be remembered: {}", chain(error)),
        &next_step,
    )
}

async fn fetch(context: &Context, host: &HostRef, credential: Option<&str>) -> Result<HostKey, Exit> {
    let target = visit::target_of_key(&context.config, host, credential).map_err(|why| no(&why, ""))?;
    let options = visit::connect_options(&context.config).map_err(|error| no(&error.to_string(), ""))?;
    Box::pin(fetch_host_key(&target, &options))
        .await
        .map_err(|error| {
            let error = visit::of_connect(&error);
            output::trouble(&format!("{} ({})", error.message, error.code), &error.next_step);
            Exit::AllFailed
        })
}

fn agreed(consent: &Consent, shown: &HostKey) -> Result<(), Exit> {
    match consent {
        Consent::Any => Ok(()),
        Consent::To(fingerprint) if *fingerprint == shown.fingerprint() => Ok(()),
        Consent::To(fingerprint) => Err(no(
            &format!("Expected was {fingerprint}."),
            "Nothing was remembered.",
        )),
        Consent::Ask if io::stdin().is_terminal() => {
            let _ = write!(
                io::stderr(),
                "Is that the host's own key (ssh-keygen -lf on the host shows it)? [yes/no] "
            );
            let mut answer = String::new();
            let read = io::stdin().read_line(&mut answer);
            if read.is_ok() && answer.trim() == "yes" {
                Ok(())
            } else {
                Err(no("Nothing was remembered.", ""))
            }
        }
        Consent::Ask => Err(no(
            "There is no terminal to ask on.",
            "Give --fingerprint SHA256:… or --yes.",
        )),
    }
}

async fn revoke(context: &Context, known: &KnownHosts, word: &str) -> Exit {
    let Some((host, _)) = place(context, word).await else {
        return not_a_place(word);
    };
    match known.revoke(&host.address, host.port) {
        Ok(0) => no(
            &format!(
                "No key of {} is trusted, so there is none to revoke.",
                host.place()
            ),
            "luumen-agent hostkeys list shows all.",
        ),
        Ok(count) => {
            let keys = if count == 1 { "key" } else { "keys" };
            output::text(&format!("Revoked {count} {keys} of {}.", host.place()));
            Exit::Fine
        }
        Err(error) => no(&format!("The keys could not be revoked: {error}"), ""),
    }
}

/// A host of the configuration, or an address as written; and the credential that a visit would use.
///
/// What no kept configuration names is asked of the API: a name taken for an address may lead to another machine.
async fn place(context: &Context, word: &str) -> Option<(HostRef, Option<String>)> {
    let mut remote = Remote::new(context.client.clone(), &context.config, Keeping::Look);
    let written = way::parse_place(word, 22);
    let in_kept = remote
        .known()
        .is_some_and(|known| named(known, word, written.as_ref()).is_some());
    if !in_kept && let Err(error) = remote.pull().await {
        warn!(
            "Whether {} is the name of a host is not known: {}",
            tame(word),
            chain(&error)
        );
    }
    let known = remote.known();
    let named = known.and_then(|known| named(known, word, written.as_ref()));
    let credential = credential_name(known, named, &context.config.credentials);
    let host = match named {
        Some(host) => HostRef {
            id: host.id,
            name: host.name.clone(),
            address: host.address.clone(),
            port: u16::try_from(host.port).ok()?,
        },
        None => {
            let (address, port) = written?;
            HostRef {
                id: HostId(uuid::Uuid::nil()),
                name: word.to_owned(),
                address,
                port,
            }
        }
    };
    Some((host, credential))
}

/// The host of that name, or at that place.
fn named<'a>(known: &'a AgentConfig, word: &str, written: Option<&(String, u16)>) -> Option<&'a AgentHost> {
    let there = |host: &&AgentHost| {
        written.is_some_and(|(address, port)| host.address == *address && host.port == i64::from(*port))
    };
    find(known, word).or_else(|| known.hosts.iter().find(there))
}

fn not_a_place(word: &str) -> Exit {
    no(&format!("{word:?} is not host, host:port or [address]:port."), "")
}

fn no(message: &str, next_step: &str) -> Exit {
    output::trouble(message, next_step);
    Exit::Config
}
