//! Products of a CVE record as a tree of CPE matches.
//!
//! A product is named by its CPE names where the record has them, else by vendor and product in lower case with `_` for spaces, its kind (part) left
//! open. A CPE name with a version that the versions list names too (CISA writes the first version of a range there) stands for the list; one with
//! another version (`windows_10:1703`, whose list counts builds) stands for itself. `platforms` becomes the target software where each of them is one that CPE knows.
//!
//! `defaultStatus: affected` with spans that are not affected means "all but these": the product, and not one of these. With affected spans only, publishers
//! mean these spans, although the letter of the format says "all"; so do we. An entry for a package inside of a product (Red Hat, Fedora, AMD) is left to
//! its vendor's own feed: its versions are not the product's.

use luumen_model::advisory::{Cpe, CpeMatch, CpeNode, CpeOperator};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::versions::{Between, Range, Span, Status, Version};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    #[serde(default)]
    vendor: String,
    #[serde(default)]
    product: String,
    package_name: Option<String>,
    #[serde(default)]
    cpes: Vec<String>,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(default)]
    default_status: Status,
    #[serde(default)]
    versions: Vec<Version>,
}

/// What a list of products comes to; what could not be read goes to `lost`, one line a product.
pub(in crate::read) fn affected(list: &[&RawValue], lost: &mut Vec<String>) -> Option<CpeNode> {
    let mut root = CpeNode {
        operator: CpeOperator::Or,
        negate: false,
        matches: Vec::new(),
        children: Vec::new(),
    };
    for text in list {
        match serde_json::from_str::<Product>(text.get()) {
            Ok(product) => product.add_to(&mut root, lost),
            Err(error) => lost.push(format!("an affected product: {error}")),
        }
    }
    if root.matches.is_empty() && root.children.len() == 1 {
        return root.children.pop();
    }
    (!root.matches.is_empty() || !root.children.is_empty()).then_some(root)
}

impl Product {
    fn add_to(&self, root: &mut CpeNode, lost: &mut Vec<String>) {
        if self.is_inside_of_a_product()
            || !self.versions.is_empty() && self.versions.iter().all(Version::is_git)
        {
            return;
        }
        let mut odd = Vec::new();
        let (own, names) = self.names(&mut odd);
        if own.is_empty() && names.is_empty() && odd.is_empty() {
            return;
        }
        let readable = self.versions.iter().filter(|version| !version.is_git());
        let spans: Vec<Span> = readable
            .flat_map(|version| version.spans(self.default_status, &mut odd))
            .collect();
        let (bad, rest): (Vec<Span>, Vec<Span>) =
            spans.into_iter().partition(|span| span.0 == Status::Affected);
        if self.default_status == Status::Affected && (bad.is_empty() || !rest.is_empty()) {
            // Without all of the exceptions, "all but these" would flag what is not affected.
            if odd.is_empty() {
                let own = own.into_iter().filter(|_| rest.is_empty());
                root.matches.extend(own.map(whole));
                all_but(names, &rest, root);
            }
        } else {
            let some = !bad.is_empty() || self.versions.iter().any(|version| version.says(Status::Affected));
            root.matches.extend(own.into_iter().filter(|_| some).map(whole));
            add_spans(&names, &bad, root);
        }
        lost.extend(self.problem(&odd));
    }

    /// One line for all that could not be read of the product.
    fn problem(&self, odd: &[String]) -> Option<String> {
        let (vendor, product, first) = (&self.vendor, &self.product, odd.first()?);
        Some(match odd.len() - 1 {
            0 => format!("{vendor} {product}: {first}"),
            more => format!("{vendor} {product}: {first}; and {more} more like it"),
        })
    }

    /// `packageName` names something else than the product: the versions are that package's.
    fn is_inside_of_a_product(&self) -> bool {
        let package = self.package_name.as_deref().map(normalised);
        let product = normalised(&self.product);
        package
            .is_some_and(|package| package != product && package.rsplit('/').next() != Some(product.as_str()))
    }

    /// Names that stand for themselves, and names that stand for the versions list.
    fn names(&self, odd: &mut Vec<String>) -> (Vec<Cpe>, Vec<Cpe>) {
        let (mut own, mut listed) = (Vec::new(), Vec::new());
        for text in &self.cpes {
            match text.parse::<Cpe>() {
                Ok(cpe) if self.stands_for_itself(&cpe) => own.push(cpe),
                Ok(mut cpe) => {
                    cpe.version.clear();
                    cpe.update.clear();
                    listed.push(cpe);
                }
                Err(error) => odd.push(error.to_string()),
            }
        }
        if own.is_empty() && listed.is_empty() {
            listed = self.plain_names();
        }
        for names in [&mut own, &mut listed] {
            names.sort();
            names.dedup();
        }
        (own, listed)
    }

    fn stands_for_itself(&self, cpe: &Cpe) -> bool {
        let listed = |version: &Version| version.version.trim() == cpe.version;
        !matches!(cpe.version.as_str(), "" | "-")
            && !self.versions.is_empty()
            && !self.versions.iter().any(listed)
    }

    fn plain_names(&self) -> Vec<Cpe> {
        let (vendor, product) = (normalised(&self.vendor), normalised(&self.product));
        if [&vendor, &product]
            .iter()
            .any(|name| matches!(name.as_str(), "" | "n/a" | "unknown"))
        {
            return Vec::new();
        }
        let cpe = |target_sw: &str| Cpe {
            vendor: vendor.clone(),
            product: product.clone(),
            target_sw: target_sw.to_owned(),
            ..Cpe::default()
        };
        let targets: Option<Vec<&str>> = self
            .platforms
            .iter()
            .map(|platform| target_software(platform))
            .collect();
        match targets {
            Some(targets) if !targets.is_empty() => targets.into_iter().map(cpe).collect(),
            _ => vec![cpe("")],
        }
    }
}

fn normalised(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

fn target_software(platform: &str) -> Option<&'static str> {
    match normalised(platform).as_str() {
        "windows" => Some("windows"),
        "macos" | "mac_os" | "os_x" => Some("macos"),
        "linux" => Some("linux"),
        "android" => Some("android"),
        "ios" => Some("iphone_os"),
        _ => None,
    }
}

/// The product in every version but these.
fn all_but(names: Vec<Cpe>, rest: &[Span], root: &mut CpeNode) {
    for name in names {
        if rest.is_empty() {
            root.matches.push(whole(name));
            continue;
        }
        let but = rest
            .iter()
            .map(|(_, range)| ranged(&name, range, false))
            .collect();
        let but = CpeNode {
            operator: CpeOperator::Or,
            negate: true,
            matches: but,
            children: Vec::new(),
        };
        root.children.push(CpeNode {
            operator: CpeOperator::And,
            negate: false,
            matches: vec![whole(name)],
            children: vec![but],
        });
    }
}

fn add_spans(names: &[Cpe], spans: &[Span], root: &mut CpeNode) {
    for name in names {
        for (_, range) in spans {
            let one = ranged(name, range, true);
            if !root.matches.contains(&one) {
                root.matches.push(one);
            }
        }
    }
}

/// What the name says, whatever the list says.
fn whole(cpe: Cpe) -> CpeMatch {
    CpeMatch {
        vulnerable: true,
        cpe,
        start: None,
        start_excluded: false,
        end: None,
        end_excluded: false,
    }
}

fn ranged(name: &Cpe, range: &Range, vulnerable: bool) -> CpeMatch {
    let one = CpeMatch {
        vulnerable,
        ..whole(name.clone())
    };
    match range.clone() {
        Range::Exact(version) => CpeMatch {
            cpe: Cpe { version, ..one.cpe },
            ..one
        },
        Range::Between(Between {
            start,
            start_excluded,
            end,
            end_excluded,
        }) => CpeMatch {
            start,
            start_excluded,
            end,
            end_excluded,
            ..one
        },
    }
}
