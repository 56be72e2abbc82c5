//! Weighs a tree of CPE matches against the products of a host.
//!
//! AND, OR and negation are those of a logic with "not known" in it. A match with `vulnerable: false` is context: it must hold, and is never
//! itself the reason. Three rules are ours, because the NVD means less than it writes:
//! - an operating system named beside applications or a kernel ("ubuntu_linux 20.04") says where the package is shipped, not that all of the system is vulnerable;
//! - named alone, it stands for a package that is not named: the answer says that this was assumed;
//! - context of a kind that the host tells nothing of (hardware, mostly) is not known, not absent.

use std::iter;

use luumen_model::advisory::{CpeMatch, CpeNode};

use super::{
    Part, Product,
    product::Fit,
    truth::{Outcome, Truth},
};

/// What a tree says of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It has the vulnerability.
    Vulnerable {
        /// The match that decided.
        by: &'a CpeMatch,
        /// Which product of the host it is about.
        product: &'a Product,
        /// What the source asks for and the host does not tell: parts of the name (`target_sw`), or `package` for a whole operating system.
        /// Anything here lowers confidence.
        assumed: Vec<&'static str>,
    },
    /// The source does not say that it has it.
    NotVulnerable,
    /// It names a product of the host, and more cannot be said.
    Unknown {
        /// Why, for a person.
        why: String,
    },
}

/// Weighs the tree against what the host has. Pass all configurations of a CVE as one tree (joined by OR): see the rules above.
///
/// Of a product that is there in several versions, each is weighed for itself; the answer is about the first that is vulnerable. Whoever wants
/// an answer for each passes them one at a time.
pub fn evaluate<'a>(root: &'a CpeNode, have: &'a [Product]) -> Answer<'a> {
    let all: Vec<&Product> = have.iter().collect();
    let twins = |a: &Product, b: &Product| a.part == b.part && a.vendor == b.vendor && a.product == b.product;
    let is_twin = |product: &Product| have.iter().filter(|other| twins(product, other)).count() > 1;
    let named = |product: &&&Product| anywhere(root, &mut |one| product.is_named_by(&one.cpe));
    let mut best = Answer::NotVulnerable;
    let alone = all.iter().filter(named).filter(|product| is_twin(product));
    let views: Vec<Vec<&Product>> = alone
        .map(|product| {
            let keep = |other: &&&Product| std::ptr::eq(**other, *product) || !twins(product, other);
            all.iter().filter(keep).copied().collect()
        })
        .collect();
    let views = if views.is_empty() { vec![all] } else { views };
    for view in views {
        match Weighing::new(root, view).answer(root) {
            vulnerable @ Answer::Vulnerable { .. } => return vulnerable,
            Answer::NotVulnerable => {}
            unknown => best = unknown,
        }
    }
    best
}

struct Weighing<'a> {
    have: Vec<&'a Product>,
    /// An application or a kernel is named as vulnerable, so that operating systems are only where it is shipped.
    names_software: bool,
}

impl<'a> Weighing<'a> {
    fn new(root: &CpeNode, have: Vec<&'a Product>) -> Self {
        let names_software = anywhere(root, &mut |one| one.vulnerable && !is_system(one));
        Self { have, names_software }
    }

    fn answer(&self, root: &'a CpeNode) -> Answer<'a> {
        let outcome = self.node(root);
        match (outcome.truth, outcome.reason) {
            (Truth::True, Some((by, product))) => {
                let mut assumed = outcome.assumed;
                if is_system(by) && product.part == Part::OperatingSystem {
                    assumed.push("package");
                }
                assumed.sort_unstable();
                assumed.dedup();
                Answer::Vulnerable { by, product, assumed }
            }
            (Truth::Unknown(why), Some(_)) => Answer::Unknown { why },
            _ => Answer::NotVulnerable,
        }
    }

    fn node(&self, node: &'a CpeNode) -> Outcome<'a> {
        let matches = node.matches.iter().map(|one| self.one(one));
        let children = node.children.iter().map(|child| self.node(child));
        let joined = Outcome::joined(node.operator, matches.chain(children));
        if node.negate { joined.negated() } else { joined }
    }

    /// A match: the best that any product of the host makes of it.
    fn one(&self, one: &'a CpeMatch) -> Outcome<'a> {
        let reasonable = one.vulnerable && !(self.names_software && is_system(one));
        let mut best = Outcome::FALSE;
        for product in &self.have {
            let (truth, assumed) = match product.fit(one) {
                Fit::No => continue,
                Fit::Yes(assumed) => (Truth::True, assumed),
                Fit::Unknown(why) => (Truth::Unknown(why), Vec::new()),
            };
            let found = Outcome {
                truth,
                reason: reasonable.then_some((one, *product)),
                assumed,
            };
            best = Outcome::joined(
                luumen_model::advisory::CpeOperator::Or,
                iter::once(best).chain([found]),
            );
        }
        if best.truth == Truth::False && !one.vulnerable && self.tells_nothing_of(&one.cpe.part) {
            best.truth = Truth::Unknown(format!("whether it runs on {} is not known", one.cpe.product));
        }
        best
    }

    /// Hosts tell all of their applications that matter; hardware and system are told or not.
    fn tells_nothing_of(&self, part: &str) -> bool {
        matches!(part, "o" | "h") && !self.have.iter().any(|product| product.part.letter() == part)
    }
}

/// An operating system as a whole; the kernel is a program like others.
fn is_system(one: &CpeMatch) -> bool {
    one.cpe.part == "o" && !one.cpe.product.contains("kernel")
}

fn anywhere(node: &CpeNode, is: &mut dyn FnMut(&CpeMatch) -> bool) -> bool {
    node.matches.iter().any(&mut *is) || node.children.iter().any(|child| anywhere(child, is))
}
