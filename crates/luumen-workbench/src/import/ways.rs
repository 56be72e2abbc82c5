//! Ties hosts that are imported to the hosts that lead to them. Pure.
//!
//! A way is taken whole or not at all: a host of which a part of the way is missing would be reached by another way than the
//! file means, or directly.

use std::collections::BTreeMap;

use super::{
    FoundHost,
    apply::{self, File},
    plan::Kept,
};
use crate::{Place, bridge::Id, hosts::Host};

/// The ways of one import.
pub(super) struct Ways<'a> {
    kept: &'a mut Kept,
    /// The hosts of the file by their names, as far as they are kept now.
    named: BTreeMap<String, Id>,
    /// Hosts that were added because a way leads through them.
    pub(super) added: Vec<Id>,
}

impl<'a> Ways<'a> {
    /// With the hosts of a file that were taken.
    pub(super) fn new<'f>(
        kept: &'a mut Kept,
        file: File<'_>,
        taken: impl Iterator<Item = (&'f FoundHost, Id)>,
    ) -> Self {
        let items = file.items.iter().filter(|item| item.is_kept());
        let before = items.filter_map(|item| Some((item.name.to_lowercase(), item.existing?)));
        let mut named: BTreeMap<String, Id> = before.collect();
        named.extend(taken.map(|(found, id)| (found.name.to_lowercase(), id)));
        Self {
            kept,
            named,
            added: Vec::new(),
        }
    }

    /// Ties a host to its hops. A place that nobody knows is added as a host; when there is a hop that is not even a place, or one
    /// that leads back, the way stays as it was.
    pub(super) fn tie(&mut self, id: Id, hops: &[String]) -> Result<(), String> {
        let known: Vec<Option<Id>> = hops.iter().map(|hop| self.known(id, hop)).collect();
        let places: Vec<Option<Place>> = hops.iter().map(|hop| hop.parse().ok()).collect();
        for ((hop, known), place) in hops.iter().zip(&known).zip(&places) {
            if known.is_none() && place.is_none() {
                return Err(format!("it leads through {hop}, and no host is called so"));
            }
            if known.is_some_and(|known| self.leads_through(known, id)) {
                return Err(format!(
                    "it leads through {hop}, which is reached through this host"
                ));
            }
        }
        let ways = hops.iter().zip(known.into_iter().zip(places));
        let jump = ways.filter_map(|(hop, (known, place))| known.or_else(|| Some(self.add(hop, place?))));
        let jump = jump.collect();
        if let Some(host) = self.kept.hosts.iter_mut().find(|host| host.id == id) {
            host.settings.jump = Some(jump);
        }
        Ok(())
    }

    fn known(&self, id: Id, hop: &str) -> Option<Id> {
        let place = hop.parse::<Place>().ok();
        let named = self.named.get(&hop.to_lowercase()).copied();
        named.or_else(|| {
            let mut hosts = self.kept.hosts.iter();
            let known = hosts.find(|host| host.id != id && is_hop(host, hop, place.as_ref()));
            known.map(|host| host.id)
        })
    }

    fn add(&mut self, hop: &str, place: Place) -> Id {
        let found = FoundHost {
            user: place.username,
            port: Some(place.port).filter(|port| *port != 22),
            ..FoundHost::new(hop, place.host)
        };
        let host = apply::new_host(&found, self.kept);
        let id = host.id;
        self.kept.hosts.push(host);
        self.added.push(id);
        id
    }

    /// Whether the way to a host leads through another one.
    fn leads_through(&self, host: Id, other: Id) -> bool {
        let (mut open, mut seen) = (vec![host], Vec::new());
        while let Some(next) = open.pop() {
            if next == other {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                let hop = self.kept.hosts.iter().find(|host| host.id == next);
                open.extend(hop.into_iter().flat_map(|hop| hop.settings.jump.iter().flatten()));
            }
        }
        false
    }
}

fn is_hop(host: &Host, hop: &str, place: Option<&Place>) -> bool {
    if host.name.eq_ignore_ascii_case(hop) {
        return true;
    }
    place.is_some_and(|place| {
        let named =
            host.name.eq_ignore_ascii_case(&place.host) || host.address.eq_ignore_ascii_case(&place.host);
        let user = place
            .username
            .as_ref()
            .is_none_or(|user| host.settings.user.as_ref() == Some(user));
        named && user && (place.port == 22 || host.settings.port == Some(place.port))
    })
}
