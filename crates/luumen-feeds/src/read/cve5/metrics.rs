//! Scores, decision points and marks in the containers of a CVE record.

use std::collections::BTreeMap;

use luumen_model::{
    Timestamp,
    advisory::{Cvss, Severity, Ssvc},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::read::{
    cve::{self, CvssData, Scored},
    dates,
};

/// What the metrics of all containers come to.
#[derive(Default)]
pub(super) struct Metrics {
    scores: Vec<Scored>,
    /// The publisher's word where it gives no score.
    word: Option<Severity>,
    ssvc: Option<Ssvc>,
    /// Day on which CISA added it to its catalogue.
    pub(super) exploited_since: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(rename = "cvssV4_0")]
    v4_0: Option<CvssData>,
    #[serde(rename = "cvssV3_1")]
    v3_1: Option<CvssData>,
    #[serde(rename = "cvssV3_0")]
    v3_0: Option<CvssData>,
    #[serde(rename = "cvssV2_0")]
    v2_0: Option<CvssData>,
    #[serde(borrow)]
    other: Option<Other<'a>>,
}

#[derive(Deserialize)]
struct Other<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct DecisionPoints {
    options: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    date_added: String,
}

/// Red Hat writes `value`, others `text`.
#[derive(Deserialize)]
struct Word {
    #[serde(alias = "text")]
    value: Option<String>,
}

impl Metrics {
    /// Takes one metric of a container.
    pub(super) fn add(&mut self, text: &RawValue, by: &str) -> Result<(), String> {
        let metric: Metric<'_> = json(text)?;
        for data in [metric.v4_0, metric.v3_1, metric.v3_0, metric.v2_0]
            .into_iter()
            .flatten()
        {
            let severity = data.base_severity.as_deref().and_then(cve::severity);
            let cvss = data.scored_by(by)?;
            self.scores.push(Scored { cvss, severity });
        }
        match metric.other {
            Some(other) => self.add_other(&other),
            None => Ok(()),
        }
    }

    fn add_other(&mut self, other: &Other<'_>) -> Result<(), String> {
        match other.kind.as_str() {
            "ssvc" => {
                let points: DecisionPoints = json(other.content)?;
                self.ssvc = Some(cve::ssvc(points.options)?);
            }
            "kev" => {
                let mark: Mark = json(other.content)?;
                self.exploited_since = Some(dates::day(&mark.date_added)?);
            }
            // Publishers put many things here; only a word of severity is of use, and nothing else is promised.
            _ => {
                let word: Option<Word> = serde_json::from_str(other.content.get()).ok();
                let word = word.and_then(|word| cve::severity(&word.value?));
                self.word = self.word.or(word);
            }
        }
        Ok(())
    }

    /// The severity, the scores and the decision points.
    pub(super) fn finished(self) -> (Option<Severity>, Vec<Cvss>, Option<Ssvc>) {
        let severity = cve::severity_of(&self.scores).or(self.word);
        let cvss = self.scores.into_iter().map(|scored| scored.cvss).collect();
        (severity, cvss, self.ssvc)
    }
}

fn json<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(text.get()).map_err(|error| error.to_string())
}
