//! Where a definition of an OVAL document holds, in each publisher's way of saying it.

use luumen_model::advisory::{Channel, Platform};

use super::Definition;
use crate::read::{markup::Element, rpm};

/// A platform and a line of updates.
pub(super) type Place = (Platform, Channel);

/// Red Hat: the CPE names of the repositories, else the names of the releases. Nothing where neither is there.
pub(super) fn of_redhat(definition: &Definition, conditions: &[String]) -> Option<Vec<Place>> {
    let advisory = definition.metadata.child("advisory");
    let lists = advisory
        .into_iter()
        .flat_map(|advisory| advisory.all("affected_cpe_list"));
    let cpes: Vec<&str> = lists
        .flat_map(|list| list.all("cpe"))
        .map(Element::text)
        .collect();
    if cpes.is_empty() {
        return numbered(definition, conditions, "Red Hat Enterprise Linux ", "rhel");
    }
    Some(distinct(cpes.into_iter().filter_map(rpm::of_cpe)))
}

/// Oracle: the names of the releases.
pub(super) fn of_oracle(definition: &Definition, conditions: &[String]) -> Option<Vec<Place>> {
    numbered(definition, conditions, "Oracle Linux ", "ol")
}

/// AlmaLinux: the names of the releases.
pub(super) fn of_alma(definition: &Definition, conditions: &[String]) -> Option<Vec<Place>> {
    numbered(definition, conditions, "AlmaLinux ", "almalinux")
}

/// SUSE: the products whose release packages must be installed, else the products that the definition lists.
pub(super) fn of_suse(definition: &Definition, conditions: &[String]) -> Option<Vec<Place>> {
    let products: Vec<&str> = installed(conditions).collect();
    let places = distinct(products.into_iter().filter_map(rpm::suse));
    if !places.is_empty() {
        return Some(places);
    }
    let listed: Vec<&str> = definition.platforms().collect();
    (!listed.is_empty()).then(|| distinct(listed.into_iter().filter_map(rpm::suse)))
}

/// What of the conditions must be installed, in the publisher's words.
fn installed(conditions: &[String]) -> impl Iterator<Item = &str> {
    conditions
        .iter()
        .filter_map(|comment| comment.strip_suffix(" is installed"))
}

/// Releases that are a name and a number, in the conditions or among the platforms of the definition.
fn numbered(
    definition: &Definition,
    conditions: &[String],
    prefix: &str,
    family: &str,
) -> Option<Vec<Place>> {
    let names = installed(conditions).chain(definition.platforms());
    let releases = names.filter_map(|name| name.strip_prefix(prefix));
    let fine = |release: &&str| !release.is_empty() && release.bytes().all(|byte| byte.is_ascii_digit());
    let places = distinct(
        releases
            .filter(fine)
            .map(|release| (Platform::new(family, release), Channel::MAIN)),
    );
    (!places.is_empty()).then_some(places)
}

fn distinct(places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut places: Vec<Place> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}
