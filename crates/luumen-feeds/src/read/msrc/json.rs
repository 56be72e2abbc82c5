//! CVRF as the JSON of Microsoft's API, where the kinds of things are numbers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::entry::{Entry, Fix, Said, Teller};
use crate::read::{Problem, ReadError, Sink};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Month<'a> {
    product_tree: Tree,
    #[serde(borrow, default)]
    vulnerability: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tree {
    #[serde(default)]
    full_product_name: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(rename = "ProductID")]
    id: String,
    #[serde(rename = "Value")]
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Value {
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(rename = "CVE")]
    cve: String,
    title: Option<Value>,
    #[serde(default)]
    notes: Vec<Note>,
    #[serde(rename = "CWE", default)]
    cwe: Option<OneOrMany>,
    #[serde(default)]
    product_statuses: Vec<Remark>,
    #[serde(default)]
    threats: Vec<Remark>,
    #[serde(rename = "CVSSScoreSets", default)]
    scores: Vec<Score>,
    #[serde(default)]
    remediations: Vec<Remediation>,
    #[serde(default)]
    revision_history: Vec<Revision>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Weakness>),
    One(Weakness),
}

#[derive(Deserialize)]
struct Weakness {
    #[serde(rename = "ID")]
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Note {
    r#type: u32,
    value: Option<String>,
}

/// A status or a threat: both say something of some products.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Remark {
    r#type: u32,
    #[serde(default)]
    description: Value,
    #[serde(rename = "ProductID", default)]
    products: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Score {
    base_score: f64,
    #[serde(default)]
    vector: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation {
    r#type: u32,
    #[serde(default)]
    description: Value,
    #[serde(rename = "URL", default)]
    url: Option<String>,
    #[serde(default)]
    supercedence: Option<String>,
    #[serde(default)]
    fixed_build: Option<String>,
    #[serde(rename = "ProductID", default)]
    products: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Revision {
    date: String,
}

/// The numbers of the API.
const DESCRIPTION: u32 = 2;
const SEVERITY: u32 = 3;
const VENDOR_FIX: u32 = 2;

fn status(number: u32) -> String {
    let words = [
        "First Affected",
        "First Fixed",
        "Fixed",
        "Known Affected",
        "Known Not Affected",
        "Last Affected",
        "Recommended",
        "Under Investigation",
    ];
    let word = usize::try_from(number).ok().and_then(|at| words.get(at));
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

pub(super) fn read(bytes: &[u8], teller: &mut Teller<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let month: Month<'_> = serde_json::from_slice(bytes).map_err(ReadError::Json)?;
    let products = month.product_tree.full_product_name.into_iter();
    teller
        .names
        .extend(products.map(|product| (product.id, product.name)));
    for (at, raw) in month.vulnerability.iter().enumerate() {
        match serde_json::from_str::<Vulnerability>(raw.get()) {
            Ok(found) => teller.tell(&entry(found), sink),
            Err(error) => sink.problem(Problem {
                entry: format!("Vulnerability[{at}]"),
                what: error.to_string(),
            }),
        }
    }
    Ok(())
}

fn entry(found: Vulnerability) -> Entry {
    let full = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let description = found.notes.iter().filter(|note| note.r#type == DESCRIPTION);
    let weaknesses = match found.cwe {
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![one],
        None => Vec::new(),
    };
    let said = |remark: Remark, what: String| Said {
        what,
        products: remark.products,
    };
    let statuses = found.product_statuses.into_iter().map(|remark| {
        let word = status(remark.r#type);
        said(remark, word)
    });
    let severities = found
        .threats
        .into_iter()
        .filter(|threat| threat.r#type == SEVERITY);
    Entry {
        title: found.title.and_then(|title| title.value),
        description: description.filter_map(|note| full(&note.value)).next(),
        cwes: weaknesses
            .into_iter()
            .filter_map(|weakness| weakness.id)
            .collect(),
        statuses: statuses.collect(),
        severities: severities
            .map(|mut threat| {
                let word = threat.description.value.take().unwrap_or_default();
                said(threat, word)
            })
            .collect(),
        scores: found
            .scores
            .into_iter()
            .filter_map(|score| Some((score.base_score, score.vector?)))
            .collect(),
        fixes: found
            .remediations
            .into_iter()
            .filter(|remediation| remediation.r#type == VENDOR_FIX)
            .map(fix)
            .collect(),
        revisions: found
            .revision_history
            .into_iter()
            .map(|revision| revision.date)
            .collect(),
        id: found.cve,
    }
}

fn fix(remediation: Remediation) -> Fix {
    Fix {
        what: remediation.description.value.unwrap_or_default(),
        url: remediation.url.unwrap_or_default(),
        build: remediation.fixed_build,
        replaces: remediation.supercedence.unwrap_or_default(),
        products: remediation.products,
    }
}
