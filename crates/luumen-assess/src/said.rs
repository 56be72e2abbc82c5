//! What a catalogue says of a package, as one number: when the number is another one, the package is judged anew.

use luumen_catalogue::{Catalogue, ClaimRef, PlatformId};
use luumen_model::advisory::{CpeNode, CpeOperator, PackageKind, Platform};
use luumen_vuln::{Upstream, Upstreams};

/// A fingerprint of every claim about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Said(pub u64);

/// What is said of a name on a platform, as a source package and as a binary; `None` when nothing is said of the platform at all.
pub fn said(catalogue: &Catalogue, platform: &Platform, name: &str) -> Option<Said> {
    let own = catalogue.platform(platform)?;
    let mut sum = Sum(0xcbf2_9ce4_8422_2325);
    let mut add = |platform: PlatformId, kind| {
        for claim in catalogue.claims_of(platform, kind, name) {
            sum.claim(catalogue, &claim);
        }
        sum.number(u64::MAX);
    };
    add(own, PackageKind::Source);
    add(own, PackageKind::Binary);
    if platform.family == "debian"
        && let Some(unstable) = catalogue.platform(&Platform::new("debian", "sid"))
    {
        add(unstable, PackageKind::Source);
    }
    Some(Said(sum.0))
}

/// What upstream's versions say of a product. For a system whose vendor may be silent also whether it is, of each vulnerability.
pub fn said_by_upstream(
    catalogue: &Catalogue,
    upstream: &mut Upstream<'_>,
    of: Upstreams<'_>,
    system: Option<&Platform>,
) -> Option<Said> {
    let system = match system {
        Some(system) => Some(catalogue.platform(system)?),
        None => None,
    };
    let mut sum = Sum(0xcbf2_9ce4_8422_2325);
    for tree in upstream.trees(of).iter() {
        sum.text(&tree.vulnerability);
        sum.text(&tree.source);
        sum.number(tree.authority as u64);
        sum.node(&tree.root);
        let known = catalogue.vulnerability(&tree.vulnerability);
        if let Some((system, known)) = system.zip(known) {
            let mut claims = catalogue.claims_about(known);
            sum.number(u64::from(claims.any(|claim| claim.is_of(system))));
        }
    }
    Some(Said(sum.0))
}

struct Sum(u64);

impl Sum {
    fn node(&mut self, node: &CpeNode) {
        let all = u64::from(node.operator == CpeOperator::And);
        self.number(all << 1 | u64::from(node.negate));
        for one in &node.matches {
            let cpe = &one.cpe;
            for text in [
                &cpe.part,
                &cpe.vendor,
                &cpe.product,
                &cpe.version,
                &cpe.update,
                &cpe.edition,
                &cpe.sw_edition,
                &cpe.target_sw,
                &cpe.target_hw,
            ] {
                self.text(text);
            }
            self.text(one.start.as_deref().unwrap_or_default());
            self.text(one.end.as_deref().unwrap_or_default());
            let words = [one.vulnerable, one.start_excluded, one.end_excluded];
            self.number(words.into_iter().fold(0, |all, word| all << 1 | u64::from(word)));
        }
        self.number(node.children.len() as u64);
        node.children.iter().for_each(|child| self.node(child));
    }

    fn claim(&mut self, catalogue: &Catalogue, claim: &ClaimRef<'_>) {
        self.text(catalogue.vulnerability_name(claim.vulnerability()));
        for version in [claim.introduced(), claim.fixed(), claim.last_affected()] {
            self.text(version.map_or("", |version| version.text));
        }
        for text in [claim.module(), claim.advisory(), claim.note()] {
            self.text(text.unwrap_or_default());
        }
        for arch in claim.arches() {
            self.text(arch);
        }
        self.text(claim.source());
        self.text(claim.channel());
        let words = [
            claim.authority() as u64,
            claim.status() as u64,
            claim.severity() as u64,
            claim.package_kind() as u64,
        ];
        self.number(words.into_iter().fold(0, |all, word| all << 8 | word));
    }

    fn text(&mut self, text: &str) {
        for chunk in text.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.number(u64::from_le_bytes(bytes));
        }
        self.number(text.len() as u64);
    }

    fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}
