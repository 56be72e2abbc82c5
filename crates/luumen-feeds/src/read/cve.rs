//! Words that the NVD and the CVE List have in common: texts with a language, weaknesses, editions and words of CVSS.

use std::collections::BTreeMap;

use luumen_model::advisory::{Cvss, CvssVersion, Severity, Ssvc};
use serde::Deserialize;

/// A text and the language it is in.
#[derive(Deserialize)]
pub(super) struct Text {
    #[serde(default)]
    pub(super) lang: String,
    #[serde(default)]
    pub(super) value: String,
}

/// The English text, else the first one.
pub(super) fn english(texts: &[Text]) -> Option<&str> {
    let english = texts.iter().find(|text| text.lang.starts_with("en"));
    let text = english.or(texts.first())?;
    Some(text.value.as_str()).filter(|value| !value.is_empty())
}

/// `HIGH`, `Important`, … in our words; nothing for any other text.
pub(super) fn severity(text: &str) -> Option<Severity> {
    match text.trim().to_ascii_lowercase().as_str() {
        "none" => Some(Severity::None),
        "low" => Some(Severity::Low),
        "medium" | "moderate" => Some(Severity::Medium),
        "high" | "important" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

/// `CWE-79`, and not `NVD-CWE-noinfo` or a sentence.
pub(super) fn add_cwe(cwes: &mut Vec<String>, text: &str) {
    let number = text.strip_prefix("CWE-").unwrap_or_default();
    if !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) {
        add(cwes, text.to_owned());
    }
}

/// Each text once, in the order of the source.
pub(super) fn add(list: &mut Vec<String>, text: String) {
    if !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

/// A vector with its score, as every publisher of CVEs writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CvssData {
    version: String,
    vector_string: String,
    base_score: f64,
    pub(super) base_severity: Option<String>,
}

impl CvssData {
    /// The score as given. Its vector is not looked into.
    pub(super) fn scored_by(self, source: &str) -> Result<Cvss, String> {
        let version = match self.version.as_str() {
            "2.0" => CvssVersion::V2,
            "3.0" => CvssVersion::V30,
            "3.1" => CvssVersion::V31,
            "4.0" => CvssVersion::V4,
            other => return Err(format!("{other:?} is no edition of CVSS that we know")),
        };
        if !(0.0..=10.0).contains(&self.base_score) {
            return Err(format!(
                "a CVSS score of {} is outside of 0 to 10",
                self.base_score
            ));
        }
        Ok(Cvss {
            version,
            score: self.base_score,
            vector: self.vector_string,
            source: source.to_owned(),
        })
    }
}

/// CISA's decision points, written as a list of small tables with one entry each.
pub(super) fn ssvc(options: Vec<BTreeMap<String, String>>) -> Result<Ssvc, String> {
    let mut points = BTreeMap::new();
    for (name, value) in options.into_iter().flatten() {
        points.insert(
            name.to_ascii_lowercase().replace(' ', ""),
            value.to_ascii_lowercase(),
        );
    }
    let mut point = |name: &str| {
        let found = points.remove(name);
        found.ok_or_else(|| format!("the decision points have no {name:?}"))
    };
    Ok(Ssvc {
        exploitation: point("exploitation")?,
        automatable: match point("automatable")?.as_str() {
            "yes" => true,
            "no" => false,
            other => return Err(format!("automatable is {other:?}, neither yes nor no")),
        },
        technical_impact: point("technicalimpact")?,
    })
}

/// A score and the word beside it.
pub(super) struct Scored {
    pub(super) cvss: Cvss,
    pub(super) severity: Option<Severity>,
}

/// The word beside the score of the newest edition; of two, the first one, which is the NVD's own.
pub(super) fn severity_of(scores: &[Scored]) -> Option<Severity> {
    let editions = [
        CvssVersion::V4,
        CvssVersion::V31,
        CvssVersion::V30,
        CvssVersion::V2,
    ];
    editions
        .iter()
        .flat_map(|edition| {
            scores
                .iter()
                .filter(move |scored| scored.cvss.version == *edition)
        })
        .find_map(|scored| scored.severity)
}
