//! Where a definition of an OVAL document holds, in each publisher's way of saying it.

use luumen_model::advisory::{Channel, Platform};

use super::Definition;
use crate::read::{markup::Element, rpm};

/// A platform and a line of updates.
pub(super) type Place = (Platform, Channel);

/// Red Hat: the CPE names of the repositories, else the names of the releases.
pub(super) fn of_redhat(definition: &Definition, _: &[String]) -> Vec<Place> {
    let advisory = definition.metadata.child("advisory");
    let lists = advisory
        .into_iter()
        .flat_map(|advisory| advisory.all("affected_cpe_list"));
    let cpes = lists.flat_map(|list| list.all("cpe")).map(Element::text);
    let mut places = distinct(cpes.filter_map(rpm::of_cpe));
    if places.is_empty() {
        places = numbered(definition, "Red Hat Enterprise Linux ", "rhel");
    }
    places
}

/// Oracle: the names of the releases.
pub(super) fn of_oracle(definition: &Definition, _: &[String]) -> Vec<Place> {
    numbered(definition, "Oracle Linux ", "ol")
}

/// AlmaLinux: the names of the releases.
pub(super) fn of_alma(definition: &Definition, _: &[String]) -> Vec<Place> {
    numbered(definition, "AlmaLinux ", "almalinux")
}

/// SUSE: the products whose release packages must be installed, else the products that the definition lists.
pub(super) fn of_suse(definition: &Definition, conditions: &[String]) -> Vec<Place> {
    let products = conditions
        .iter()
        .filter_map(|comment| comment.strip_suffix(" is installed"));
    let products: Vec<&str> = products.collect();
    match products.is_empty() {
        false => distinct(products.into_iter().filter_map(rpm::suse)),
        true => distinct(definition.platforms().filter_map(rpm::suse)),
    }
}

fn numbered(definition: &Definition, prefix: &str, family: &str) -> Vec<Place> {
    let releases = definition
        .platforms()
        .filter_map(|name| name.strip_prefix(prefix));
    let fine = |release: &&str| !release.is_empty() && release.bytes().all(|byte| byte.is_ascii_digit());
    distinct(
        releases
            .filter(fine)
            .map(|release| (Platform::new(family, release), Channel::MAIN)),
    )
}

fn distinct(places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut places: Vec<Place> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}
