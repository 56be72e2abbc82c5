//! Whether what a person filled in can be connected to. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{ForwardKind, ForwardSpec, Group, Host, Settings, WrittenProxy};
use crate::{
    Place,
    bridge::{Id, Problem},
    identities::CredentialKind,
};

/// Everything that is known besides.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) groups: &'a [Group],
    pub(crate) hosts: &'a [Host],
    pub(crate) credentials: &'a BTreeMap<Id, CredentialKind>,
}

/// Refuses a host that could not be connected to.
pub(crate) fn check_host(host: &Host, known: &Known<'_>) -> Result<(), Problem> {
    check_name(&host.name)?;
    check_address(&host.address)?;
    check_parent(host.group, known.groups)?;
    check_settings(&host.settings, known)?;
    check_jumps(host, known)?;
    host.forwards.iter().try_for_each(check_forward)
}

/// Refuses a group that would be inside itself or hand down nonsense.
pub(crate) fn check_group(group: &Group, known: &Known<'_>) -> Result<(), Problem> {
    check_name(&group.name)?;
    check_parent(group.parent, known.groups)?;
    check_settings(&group.settings, known)?;
    let above = super::effective::above(group.parent, known.groups);
    if above.iter().any(|above| above.id == group.id) {
        return Err(refuse("LUM-GROUP-LOOP", "a group cannot be inside itself")
            .next("Choose another group to put it into."));
    }
    Ok(())
}

fn refuse(code: &str, why: impl Into<String>) -> Problem {
    Problem::new(code, "this was not saved", why)
}

fn check_name(name: &str) -> Result<(), Problem> {
    if name.trim().is_empty() || name.chars().any(char::is_control) || name.chars().count() > 200 {
        return Err(refuse("LUM-HOST-NAME", "a name has 1 to 200 visible characters").next("Give it a name."));
    }
    Ok(())
}

pub(crate) fn check_address(address: &str) -> Result<(), Problem> {
    // An address is all of a place but the account and the port.
    let place = address.trim().parse::<Place>().ok();
    let bare = bare_address(address);
    let half_open = bare.contains(['[', ']']);
    if half_open || place.is_none_or(|place| place.host != bare || place.username.is_some()) {
        return Err(refuse(
            "LUM-HOST-ADDRESS",
            format!("{address:?} is neither a host name nor an address"),
        )
        .next("Write only the name or address here; user and port have fields of their own."));
    }
    Ok(())
}

/// The address as the network and `known_hosts` call it: brackets belong to a place with a port.
pub(crate) fn bare_address(address: &str) -> &str {
    let address = address.trim();
    let bare = address
        .strip_prefix('[')
        .and_then(|inside| inside.strip_suffix(']'));
    bare.unwrap_or(address)
}

fn check_parent(group: Option<Id>, groups: &[Group]) -> Result<(), Problem> {
    match group {
        Some(id) if groups.iter().all(|group| group.id != id) => {
            Err(refuse("LUM-GROUP-GONE", "the group is no longer there").next("Choose another group."))
        }
        _ => Ok(()),
    }
}

fn check_settings(settings: &Settings, known: &Known<'_>) -> Result<(), Problem> {
    let odd = |text: &str| text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace());
    if settings
        .user
        .as_deref()
        .is_some_and(|user| odd(user) || user.starts_with('-'))
    {
        return Err(refuse(
            "LUM-HOST-USER",
            "a user name has no blanks and does not begin with a hyphen",
        ));
    }
    if settings.port == Some(0) {
        return Err(refuse("LUM-HOST-PORT", "a port is 1 to 65535"));
    }
    if settings.terminal.as_deref().is_some_and(odd) {
        return Err(refuse(
            "LUM-HOST-TERM",
            "a terminal type is one word, such as xterm-256color",
        ));
    }
    if let Some(proxy) = &settings.proxy {
        check_proxy(proxy)?;
    }
    if settings.connect_timeout_s == Some(0) {
        return Err(refuse("LUM-HOST-TIMEOUT", "connecting needs at least a second"));
    }
    if settings
        .credential
        .is_some_and(|id| !known.credentials.contains_key(&id))
    {
        return Err(credential_gone());
    }
    match settings.proxy_credential {
        Some(id) => check_proxy_credential(id, known),
        None => Ok(()),
    }
}

fn credential_gone() -> Problem {
    refuse("LUM-CREDENTIAL-GONE", "the credential is no longer there").next("Choose another credential.")
}

/// A proxy asks for a name and a password; it knows nothing of keys.
fn check_proxy_credential(id: Id, known: &Known<'_>) -> Result<(), Problem> {
    match known.credentials.get(&id) {
        None => Err(credential_gone()),
        Some(CredentialKind::Password | CredentialKind::Ask) => Ok(()),
        Some(CredentialKind::Key | CredentialKind::Agent) => Err(refuse(
            "LUM-HOST-PROXY-CREDENTIAL",
            "a proxy is signed in to with a password, and this credential has a key",
        )
        .next("Choose a credential with a password.")),
    }
}

fn check_proxy(proxy: &str) -> Result<(), Problem> {
    WrittenProxy::read(proxy)
        .map(drop)
        .map_err(|error| refuse(error.code(), error.to_string()).next(error.next()))
}

/// Every hop must exist, and the way must not come back to where it began.
fn check_jumps(host: &Host, known: &Known<'_>) -> Result<(), Problem> {
    let mut open: Vec<Id> = host.settings.jump.clone().unwrap_or_default();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if id == host.id {
            return Err(refuse(
                "LUM-HOST-JUMP-LOOP",
                "the way to this host leads through the host itself",
            )
            .next("Take this host out of its own jump chain."));
        }
        let hop = known.hosts.iter().find(|host| host.id == id);
        let Some(hop) = hop else {
            return Err(
                refuse("LUM-HOST-JUMP-GONE", "a jump host is no longer there").next("Choose another one.")
            );
        };
        if seen.insert(id) {
            open.extend(hop.settings.jump.iter().flatten().copied());
        }
    }
    Ok(())
}

fn check_forward(forward: &ForwardSpec) -> Result<(), Problem> {
    let leads = forward
        .to_host
        .as_deref()
        .is_some_and(|host| !host.trim().is_empty())
        && forward.to_port.is_some_and(|port| port > 0);
    if forward.kind != ForwardKind::Dynamic && !leads {
        return Err(refuse(
            "LUM-FORWARD-TARGET",
            "a forward needs a host and a port to lead to",
        ));
    }
    if forward.bind.trim().is_empty() {
        return Err(
            refuse("LUM-FORWARD-BIND", "a forward needs an address to listen on")
                .next("Write 127.0.0.1 to let only this device in."),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, kept: Option<&str>) {
        let seen = check_address(written).map(|()| bare_address(written));
        assert_eq!(seen.ok(), kept, "{written}");
    }

    #[test]
    fn an_address_is_kept_as_the_network_calls_it() {
        check(" db-3 ", Some("db-3"));
        check("2001:db8::1", Some("2001:db8::1"));
        check("[2001:db8::1]", Some("2001:db8::1"));
        for odd in [
            "[2001:db8::1]:22",
            "[[::1]]",
            "[::1",
            "::1]",
            "db-3:22",
            "ann@db-3",
            "-v",
            "",
        ] {
            check(odd, None);
        }
    }
}
