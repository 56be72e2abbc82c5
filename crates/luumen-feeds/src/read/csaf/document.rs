//! A CSAF 2.0 document as it is written, borrowed from its bytes. What a product or a status means is the publisher's reader's to say.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

/// A text of the document, copied only if it is written with escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Deserialize)]
pub(super) struct Csaf<'a> {
    #[serde(borrow)]
    pub(super) document: Meta<'a>,
    #[serde(borrow, default)]
    product_tree: ProductTree<'a>,
    #[serde(borrow, default)]
    pub(super) vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(borrow)]
    pub(super) tracking: Tracking<'a>,
}

#[derive(Deserialize)]
pub(super) struct Tracking<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) current_release_date: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProductTree<'a> {
    #[serde(borrow)]
    branches: Vec<Branch<'a>>,
    #[serde(borrow)]
    full_product_names: Vec<Product<'a>>,
    #[serde(borrow)]
    product_groups: Vec<Group<'a>>,
    #[serde(borrow)]
    relationships: Vec<Relationship<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    category: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow)]
    product: Option<Product<'a>>,
    #[serde(borrow, default)]
    branches: Vec<Branch<'a>>,
}

#[derive(Deserialize)]
struct Product<'a> {
    #[serde(borrow)]
    product_id: Text<'a>,
    #[serde(borrow)]
    product_identification_helper: Option<Helper<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Helper<'a> {
    #[serde(borrow)]
    cpe: Option<Text<'a>>,
    #[serde(borrow)]
    purl: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    product_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Relationship<'a> {
    #[serde(borrow)]
    full_product_name: Product<'a>,
    #[serde(borrow)]
    product_reference: Text<'a>,
    #[serde(borrow)]
    relates_to_product_reference: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Vulnerability<'a> {
    #[serde(borrow)]
    pub(super) cve: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) ids: Vec<Id<'a>>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) cwe: Option<Cwe<'a>>,
    #[serde(borrow)]
    pub(super) release_date: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) notes: Vec<Note<'a>>,
    #[serde(borrow, default)]
    pub(super) product_status: HashMap<Text<'a>, Vec<Text<'a>>>,
    #[serde(borrow, default)]
    pub(super) references: Vec<Reference<'a>>,
    #[serde(borrow, default)]
    pub(super) remediations: Vec<Remark<'a>>,
    #[serde(borrow, default)]
    pub(super) threats: Vec<Remark<'a>>,
    #[serde(borrow, default)]
    pub(super) flags: Vec<Flag<'a>>,
    #[serde(borrow, default)]
    pub(super) scores: Vec<Score<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Id<'a> {
    #[serde(borrow)]
    pub(super) text: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Cwe<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Note<'a> {
    #[serde(borrow)]
    pub(super) category: Text<'a>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow)]
    pub(super) url: Text<'a>,
}

/// A remediation or a threat: both say something of some products.
#[derive(Deserialize)]
pub(super) struct Remark<'a> {
    #[serde(borrow)]
    pub(super) category: Text<'a>,
    #[serde(borrow, default)]
    pub(super) details: Text<'a>,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) product_ids: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) group_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Flag<'a> {
    #[serde(borrow)]
    pub(super) label: Text<'a>,
    #[serde(borrow, default)]
    pub(super) product_ids: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) group_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Score<'a> {
    #[serde(borrow)]
    pub(super) cvss_v2: Option<Cvss<'a>>,
    #[serde(borrow)]
    pub(super) cvss_v3: Option<Cvss<'a>>,
    #[serde(borrow)]
    pub(super) cvss_v4: Option<Cvss<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cvss<'a> {
    #[serde(borrow)]
    pub(super) version: Text<'a>,
    pub(super) base_score: f64,
    #[serde(borrow)]
    pub(super) vector_string: Text<'a>,
}

/// A product of the tree, with what the branches above it say.
#[derive(Clone, Debug, Default)]
pub(super) struct Item<'a> {
    /// Names of the branches from the vendor down to its own.
    pub(super) names: Vec<&'a str>,
    /// Category of its own branch: `product_name`, `product_version`, `product_version_range`.
    pub(super) category: &'a str,
    /// The name of the architecture branch above it.
    pub(super) arch: Option<&'a str>,
    pub(super) cpe: Option<&'a str>,
    pub(super) purl: Option<&'a str>,
}

/// The product tree, by product id.
#[derive(Debug, Default)]
pub(super) struct Products<'a> {
    items: HashMap<&'a str, Item<'a>>,
    /// `(component, product that it is a part of)`.
    parts: HashMap<&'a str, (&'a str, &'a str)>,
    groups: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Products<'a> {
    pub(super) fn of(csaf: &'a Csaf<'_>) -> Self {
        let tree = &csaf.product_tree;
        let mut products = Self::default();
        for branch in &tree.branches {
            products.add(branch, &Item::default());
        }
        for product in &tree.full_product_names {
            products.put(product, Item::default());
        }
        for part in &tree.relationships {
            let (component, of) = (&part.product_reference, &part.relates_to_product_reference);
            let id = part.full_product_name.product_id.as_str();
            products.parts.insert(id, (component.as_str(), of.as_str()));
        }
        for group in &tree.product_groups {
            let ids = group.product_ids.iter().map(Text::as_str).collect();
            products.groups.insert(group.group_id.as_str(), ids);
        }
        products
    }

    fn add(&mut self, branch: &'a Branch<'_>, above: &Item<'a>) {
        let mut here = above.clone();
        here.category = branch.category.as_str();
        here.names.push(branch.name.as_str());
        if here.category == "architecture" {
            here.arch = Some(branch.name.as_str());
        }
        for inner in &branch.branches {
            self.add(inner, &here);
        }
        if let Some(product) = &branch.product {
            self.put(product, here);
        }
    }

    fn put(&mut self, product: &'a Product<'_>, mut item: Item<'a>) {
        if let Some(helper) = &product.product_identification_helper {
            item.cpe = helper.cpe.as_ref().map(Text::as_str);
            item.purl = helper.purl.as_ref().map(Text::as_str);
        }
        self.items.insert(product.product_id.as_str(), item);
    }

    pub(super) fn item(&self, id: &str) -> Option<&Item<'a>> {
        self.items.get(id)
    }

    /// The component and what it is a part of, if the id names such a pair.
    pub(super) fn part(&self, id: &str) -> Option<(&'a str, &'a str)> {
        self.parts.get(id).copied()
    }

    /// The products that a remark is about: those it lists and those of its groups.
    pub(super) fn members<'b>(
        &'b self,
        products: &'b [Text<'_>],
        groups: &'b [Text<'_>],
    ) -> impl Iterator<Item = &'b str> {
        let grouped = groups.iter().filter_map(|group| self.groups.get(group.as_str()));
        let listed = products.iter().map(Text::as_str);
        listed.chain(grouped.flatten().copied())
    }
}
