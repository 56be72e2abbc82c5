//! CISA's catalogue of known exploited vulnerabilities, as JSON. Schema: cisa.gov/kev.

use luumen_model::advisory::{Kev, Record};
use serde::Deserialize;
use serde_json::Value;

use super::{Document, Problem, ReadError, Sink, dates};

#[derive(Deserialize)]
struct Catalogue {
    vulnerabilities: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve_id: String,
    vulnerability_name: String,
    date_added: String,
    due_date: Option<String>,
    required_action: String,
    known_ransomware_campaign_use: Option<String>,
}

pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let catalogue: Catalogue = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    for (at, value) in catalogue.vulnerabilities.into_iter().enumerate() {
        match entry(value) {
            Ok(kev) => sink.record(Record::Kev(kev)),
            Err(what) => sink.problem(Problem {
                entry: format!("vulnerabilities[{at}]"),
                what,
            }),
        }
    }
    Ok(())
}

fn entry(value: Value) -> Result<Kev, String> {
    let entry: Entry = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(Kev {
        added_at: dates::day(&entry.date_added)?,
        due_at: entry.due_date.as_deref().map(dates::day).transpose()?,
        ransomware: entry.known_ransomware_campaign_use.as_deref() == Some("Known"),
        vulnerability: entry.cve_id,
        name: entry.vulnerability_name,
        action: entry.required_action,
    })
}

#[cfg(test)]
mod tests {
    use crate::read::{Collected, Document};

    fn read(text: &str) -> Collected {
        let mut out = Collected::default();
        let document = Document {
            source: "cisa-kev",
            name: "known_exploited_vulnerabilities.json",
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).expect("a catalogue");
        out
    }

    #[test]
    fn an_odd_entry_costs_only_itself() {
        let out = read(
            r#"{"title": "sample", "vulnerabilities": [
                {"cveID": "CVE-2021-44228", "vulnerabilityName": "Log4Shell", "dateAdded": "2021-12-10", "dueDate": "2021-12-24",
                 "requiredAction": "Update.", "knownRansomwareCampaignUse": "Known"},
                {"cveID": "CVE-2021-1", "vulnerabilityName": "No day", "dateAdded": "soon", "requiredAction": "Wait."}
            ]}"#,
        );
        expect_test::expect![[r#"
            [
                Kev(
                    Kev {
                        vulnerability: "CVE-2021-44228",
                        name: "Log4Shell",
                        added_at: Timestamp(
                            1639094400000,
                        ),
                        due_at: Some(
                            Timestamp(
                                1640304000000,
                            ),
                        ),
                        ransomware: true,
                        action: "Update.",
                    },
                ),
            ]
        "#]]
        .assert_debug_eq(&out.records);
        assert_eq!(out.problems.len(), 1);
        assert_eq!(out.problems[0].entry, "vulnerabilities[1]");
    }
}
