//! The way to a host as a list of steps that a person can follow.
//!
//! Pure but for the clock: [`Checklist`] turns what the transport tells into [`Step`]s.

use std::time::Instant;

use luumen_transport::{ConnectError, ConnectEvent, Step as Doing};

use super::{
    destination::Hop,
    model::{Step, StepName, StepState},
};

/// The steps, and since when the running one runs.
#[derive(Debug, Default)]
pub(super) struct Checklist {
    pub(super) steps: Vec<Step>,
    since: Option<Instant>,
}

impl Checklist {
    /// Every step of the way, none begun.
    pub(super) fn new(hops: &[Hop]) -> Self {
        let mut steps = Vec::new();
        for (number, hop) in hops.iter().enumerate() {
            let mut names = vec![StepName::Connect, StepName::HostKey, StepName::SignIn];
            // Names behind a jump host are resolved there.
            if number == 0 {
                names.insert(0, StepName::Resolve);
            }
            if number + 1 == hops.len() {
                names.push(StepName::Shell);
            }
            steps.extend(names.into_iter().map(|step| Step {
                hop: u32::try_from(number).unwrap_or(u32::MAX),
                endpoint: host_port(hop),
                step,
                state: StepState::Waiting,
                detail: String::new(),
                ms: None,
            }));
        }
        Self { steps, since: None }
    }

    /// Takes in what the transport tells.
    pub(super) fn take(&mut self, event: ConnectEvent<'_>) {
        match event {
            ConnectEvent::Started { hop, step, .. } => {
                if let Some(name) = name(step) {
                    self.begin(hop, name);
                }
            }
            ConnectEvent::Done {
                hop, step, detail, ..
            } => {
                if let Some(name) = name(step) {
                    self.finish(hop, name, StepState::Done, detail);
                }
            }
            ConnectEvent::Banner { .. } => {}
        }
    }

    /// The terminal is being opened.
    pub(super) fn begin_shell(&mut self) {
        if let Some(hop) = self.last_hop() {
            self.begin(hop, StepName::Shell);
        }
    }

    /// The terminal is open, or cannot be.
    pub(super) fn finish_shell(&mut self, state: StepState, detail: &str) {
        if let Some(hop) = self.last_hop() {
            self.finish(hop, StepName::Shell, state, detail);
        }
    }

    /// It goes no further. The step under way failed, and what would follow is not reached.
    pub(super) fn fail(&mut self, error: &ConnectError) {
        self.fail_with(&error.to_string());
    }

    /// The same in words.
    pub(super) fn fail_with(&mut self, detail: &str) {
        let under_way = |step: &Step| matches!(step.state, StepState::Running | StepState::Waiting);
        let mut rest = self.steps.iter_mut().filter(|step| under_way(step));
        if let Some(step) = rest.next() {
            step.state = StepState::Failed;
            step.detail = detail.to_owned();
            step.ms = self.since.take().map(millis);
        }
        rest.for_each(|step| step.state = StepState::Skipped);
    }

    fn last_hop(&self) -> Option<usize> {
        self.steps.last().map(|step| step.hop as usize)
    }

    fn begin(&mut self, hop: usize, name: StepName) {
        if let Some(step) = self.find(hop, name) {
            step.state = StepState::Running;
            // Through a proxy, connecting has two parts; the time of both counts.
            self.since.get_or_insert_with(Instant::now);
        }
    }

    fn finish(&mut self, hop: usize, name: StepName, state: StepState, detail: &str) {
        let since = self.since.take();
        if let Some(step) = self.find(hop, name) {
            step.state = state;
            step.detail = detail.to_owned();
            let before = step.ms.unwrap_or(0);
            step.ms = since.map(|since| before.saturating_add(millis(since)));
        }
    }

    fn find(&mut self, hop: usize, name: StepName) -> Option<&mut Step> {
        self.steps
            .iter_mut()
            .find(|step| step.hop as usize == hop && step.step == name)
    }
}

fn name(step: Doing) -> Option<StepName> {
    match step {
        Doing::Resolve => Some(StepName::Resolve),
        Doing::Connect | Doing::Proxy | Doing::Jump => Some(StepName::Connect),
        Doing::KeyExchange => Some(StepName::HostKey),
        Doing::SignIn => Some(StepName::SignIn),
    }
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

/// `host:port`, with brackets where an IPv6 address needs them.
pub(super) fn host_port(hop: &Hop) -> String {
    if hop.address.contains(':') {
        format!("[{}]:{}", hop.address, hop.port)
    } else {
        format!("{}:{}", hop.address, hop.port)
    }
}

#[cfg(test)]
mod tests {
    use luumen_transport::{Endpoint, SshTarget};

    use super::*;
    use crate::hosts::HostKeyRule;

    fn hop(address: &str) -> Hop {
        Hop {
            name: address.to_owned(),
            address: address.to_owned(),
            port: 22,
            user: "ann".to_owned(),
            host_keys: HostKeyRule::Ask,
            proofs: Vec::new(),
            by: None,
            locked: None,
        }
    }

    #[track_caller]
    fn check(list: &Checklist, expected: &str) {
        let word = |step: &Step| format!("{}{:?}={:?}", step.hop, step.step, step.state);
        let seen: Vec<String> = list.steps.iter().map(word).collect();
        assert_eq!(seen.join(" "), expected);
    }

    #[test]
    fn a_way_of_two_hops_is_followed_until_it_fails() {
        let mut list = Checklist::new(&[hop("bastion"), hop("db-3")]);
        check(
            &list,
            "0Resolve=Waiting 0Connect=Waiting 0HostKey=Waiting 0SignIn=Waiting \
             1Connect=Waiting 1HostKey=Waiting 1SignIn=Waiting 1Shell=Waiting",
        );
        let endpoint = &Endpoint::of(&SshTarget::new("bastion", 22, "ann"));
        let steps = [Doing::Resolve, Doing::Connect, Doing::KeyExchange, Doing::SignIn];
        for step in steps {
            list.take(ConnectEvent::Started {
                hop: 0,
                endpoint,
                step,
            });
            list.take(ConnectEvent::Done {
                hop: 0,
                endpoint,
                step,
                detail: "well",
            });
        }
        list.take(ConnectEvent::Started {
            hop: 1,
            endpoint,
            step: Doing::Jump,
        });
        list.fail_with("it may not forward");
        check(
            &list,
            "0Resolve=Done 0Connect=Done 0HostKey=Done 0SignIn=Done \
             1Connect=Failed 1HostKey=Skipped 1SignIn=Skipped 1Shell=Skipped",
        );
        assert_eq!(list.steps[4].detail, "it may not forward");
        assert!(list.steps[0].ms.is_some());
    }
}
