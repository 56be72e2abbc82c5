//! A definition of an OVAL document: what it is about, and the tree of tests that decides it.

use crate::read::markup::Element;

/// A definition, its metadata kept as the element it was written in, since every publisher writes its own things there.
#[derive(Clone, Debug)]
pub(in crate::read) struct Definition {
    /// `oval:com.redhat.rhsa:def:20224765`.
    pub(in crate::read) id: String,
    /// `patch`, `vulnerability`, `inventory`, …
    pub(in crate::read) class: String,
    /// `<metadata>`: title, affected platforms, references, description, and the publisher's `<advisory>` or `<debian>`.
    pub(in crate::read) metadata: Element,
    /// The tree of tests; absent where a definition has none.
    pub(in crate::read) criteria: Option<Criteria>,
}

/// One test of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) struct Criterion {
    /// Id in the tables.
    pub(in crate::read) test: String,
    /// The publisher's words: `firefox is earlier than 0:91.9.1-1.el9_0`.
    pub(in crate::read) comment: String,
    /// Turned round.
    pub(in crate::read) negate: bool,
}

/// A tree of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) enum Criteria {
    /// Every one must hold.
    All(Vec<Criteria>),
    /// One is enough.
    Any(Vec<Criteria>),
    /// It must not hold.
    Not(Box<Criteria>),
    /// A test.
    Test(Criterion),
    /// Another definition must hold: its id, and the publisher's words.
    Definition {
        /// `oval:com.ubuntu.jammy:def:100`.
        id: String,
        /// `Ubuntu 22.04 LTS (jammy) is installed.`
        comment: String,
    },
}

/// A test about a package, and everything that must hold beside it for the definition to be true through it.
#[derive(Clone, Debug)]
pub(in crate::read) struct Leaf<'a> {
    /// The test.
    pub(in crate::read) criterion: &'a Criterion,
    /// The trees without any package test that stand beside it, or beside a tree that it is in, joined by AND.
    pub(in crate::read) conditions: Vec<&'a Criteria>,
}

impl Definition {
    pub(super) fn of(element: &Element) -> Result<Self, String> {
        let needed = |name: &str| {
            let value = element.attribute(name).map(str::to_owned);
            value.ok_or_else(|| format!("the definition has no {name}"))
        };
        let criteria = element.child("criteria").map(Criteria::of).transpose()?;
        Ok(Self {
            id: needed("id")?,
            class: needed("class")?,
            metadata: element.child("metadata").cloned().unwrap_or_default(),
            criteria,
        })
    }

    /// Ids of the references of that source: `CVE`, `RHSA`, `USN`, … The source is compared without case.
    pub(in crate::read) fn references<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a str> {
        let references = self.metadata.all("reference");
        references
            .filter(move |reference| {
                reference
                    .attribute("source")
                    .is_some_and(|found| found.eq_ignore_ascii_case(source))
            })
            .filter_map(|reference| reference.attribute("ref_id"))
    }

    /// Names of the platforms that it says it is about.
    pub(in crate::read) fn platforms(&self) -> impl Iterator<Item = &str> {
        let affected = self.metadata.all("affected");
        affected
            .flat_map(|affected| affected.all("platform"))
            .map(Element::text)
    }
}

impl Criteria {
    fn of(element: &Element) -> Result<Self, String> {
        let negate = element.attribute("negate") == Some("true");
        let children = element
            .children
            .iter()
            .filter(|child| {
                matches!(
                    child.name.as_str(),
                    "criteria" | "criterion" | "extend_definition"
                )
            })
            .map(Self::of_any)
            .collect::<Result<Vec<_>, _>>()?;
        let tree = match element.attribute("operator") {
            None | Some("AND") => Self::All(children),
            Some("OR") => Self::Any(children),
            Some(other) => return Err(format!("criteria are joined by {other:?}, which we cannot read")),
        };
        Ok(if negate { Self::Not(Box::new(tree)) } else { tree })
    }

    fn of_any(element: &Element) -> Result<Self, String> {
        let comment = element.attribute("comment").unwrap_or_default().to_owned();
        match element.name.as_str() {
            "criteria" => Self::of(element),
            "extend_definition" => {
                let id = element.attribute("definition_ref").map(str::to_owned);
                let id = id.ok_or_else(|| "an extend_definition names no definition".to_owned())?;
                let tree = Self::Definition { id, comment };
                let negate = element.attribute("negate") == Some("true");
                Ok(if negate { Self::Not(Box::new(tree)) } else { tree })
            }
            _ => {
                let test = element.attribute("test_ref").map(str::to_owned);
                Ok(Self::Test(Criterion {
                    test: test.ok_or_else(|| "a criterion names no test".to_owned())?,
                    comment,
                    negate: element.attribute("negate") == Some("true"),
                }))
            }
        }
    }

    /// The tests that `about_package` answers true for, each with its conditions. What stands under a NOT is not among them.
    pub(in crate::read) fn leaves<'a>(&'a self, about_package: &dyn Fn(&Criterion) -> bool) -> Vec<Leaf<'a>> {
        let mut found = Vec::new();
        self.walk(about_package, &mut Vec::new(), &mut found);
        found
    }

    fn walk<'a>(
        &'a self,
        about_package: &dyn Fn(&Criterion) -> bool,
        conditions: &mut Vec<&'a Self>,
        found: &mut Vec<Leaf<'a>>,
    ) {
        match self {
            Self::Test(criterion) if about_package(criterion) => found.push(Leaf {
                criterion,
                conditions: conditions.clone(),
            }),
            Self::Any(children) => {
                for child in children {
                    child.walk(about_package, conditions, found);
                }
            }
            Self::All(children) => {
                let outer = conditions.len();
                let (inner, beside): (Vec<_>, Vec<_>) =
                    children.iter().partition(|child| child.has(about_package));
                conditions.extend(beside);
                for child in inner {
                    child.walk(about_package, conditions, found);
                }
                conditions.truncate(outer);
            }
            Self::Test(_) | Self::Not(_) | Self::Definition { .. } => {}
        }
    }

    fn has(&self, about_package: &dyn Fn(&Criterion) -> bool) -> bool {
        match self {
            Self::Test(criterion) => about_package(criterion),
            Self::All(children) | Self::Any(children) => {
                children.iter().any(|child| child.has(about_package))
            }
            Self::Not(_) | Self::Definition { .. } => false,
        }
    }

    /// Every test of the tree, whatever joins them.
    pub(in crate::read) fn tests(&self) -> Vec<&Criterion> {
        match self {
            Self::Test(criterion) => vec![criterion],
            Self::All(children) | Self::Any(children) => children.iter().flat_map(Self::tests).collect(),
            Self::Not(inner) => inner.tests(),
            Self::Definition { .. } => Vec::new(),
        }
    }
}
