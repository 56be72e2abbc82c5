//! CVRF as XML.

use super::entry::{Entry, Fix, Said, Teller};
use crate::read::{
    Problem, ReadError, Sink,
    markup::{self, Element},
};

pub(super) fn read(bytes: &[u8], teller: &mut Teller<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let root = markup::elements(bytes, &|name| name == "FullProductName", &mut |product| {
        if let Some(id) = product.attribute("ProductID") {
            teller.names.insert(id.to_owned(), product.text().to_owned());
        }
    })?;
    if root != "cvrfdoc" {
        return Err(ReadError::other(format!("its root is <{root}>, not <cvrfdoc>")));
    }
    let mut at = 0_usize;
    markup::elements(bytes, &|name| name == "Vulnerability", &mut |element| {
        match entry(&element) {
            Ok(found) => teller.tell(&found, sink),
            Err(what) => sink.problem(Problem {
                entry: format!("Vulnerability[{at}]"),
                what,
            }),
        }
        at += 1;
    })?;
    Ok(())
}

fn entry(element: &Element) -> Result<Entry, String> {
    let inside = |list: &'static str, name: &'static str| {
        let list = element.child(list).into_iter();
        list.flat_map(move |list| list.all(name))
    };
    let notes = inside("Notes", "Note").filter(|note| note.attribute("Type") == Some("Description"));
    let threats = inside("Threats", "Threat").filter(|threat| threat.attribute("Type") == Some("Severity"));
    let fixes = inside("Remediations", "Remediation")
        .filter(|remediation| remediation.attribute("Type") == Some("Vendor Fix"));
    let statuses = inside("ProductStatuses", "Status");
    Ok(Entry {
        id: element.text_of("CVE").ok_or("it names no CVE")?.to_owned(),
        title: element.text_of("Title").map(str::to_owned),
        description: notes
            .map(Element::text)
            .find(|text| !text.is_empty())
            .map(str::to_owned),
        cwes: element
            .all("CWE")
            .filter_map(|cwe| cwe.attribute("ID"))
            .map(str::to_owned)
            .collect(),
        statuses: statuses
            .map(|status| said(status, status.attribute("Type")))
            .collect(),
        severities: threats
            .map(|threat| said(threat, threat.text_of("Description")))
            .collect(),
        scores: inside("CVSSScoreSets", "ScoreSet").filter_map(score).collect(),
        fixes: fixes.map(fix).collect(),
        revisions: inside("RevisionHistory", "Revision")
            .filter_map(|revision| revision.text_of("Date"))
            .map(str::to_owned)
            .collect(),
    })
}

fn products(element: &Element) -> Vec<String> {
    element
        .all("ProductID")
        .map(|product| product.text().to_owned())
        .collect()
}

fn said(element: &Element, what: Option<&str>) -> Said {
    Said {
        what: what.unwrap_or_default().to_owned(),
        products: products(element),
    }
}

fn score(element: &Element) -> Option<(f64, String)> {
    let score = element.text_of("BaseScore")?.parse().ok()?;
    Some((score, element.text_of("Vector")?.to_owned()))
}

fn fix(element: &Element) -> Fix {
    let text = |name: &str| element.text_of(name).map(str::to_owned);
    Fix {
        what: text("Description").unwrap_or_default(),
        url: text("URL").unwrap_or_default(),
        build: text("FixedBuild"),
        replaces: text("Supercedence").unwrap_or_default(),
        products: products(element),
    }
}
