//! Base scores of CVSS vectors, by the formulas of FIRST's specifications 2.0, 3.0, 3.1 and 4.0.
//!
//! Environmental and temporal metrics are allowed in a vector and do not count: a base score is what everybody shares. A vector that lacks a base
//! metric has no score. The tables of CVSS 4.0 are those of the `cvss` crate.

use std::str::FromStr;

use luumen_model::advisory::{Cvss, CvssVersion, Severity};

/// The edition of a vector, by how it begins. CVSS 2 has no prefix.
pub fn version(vector: &str) -> Option<CvssVersion> {
    let vector = vector.trim();
    if vector.starts_with("CVSS:3.1/") {
        Some(CvssVersion::V31)
    } else if vector.starts_with("CVSS:3.0/") {
        Some(CvssVersion::V30)
    } else if vector.starts_with("CVSS:4.0/") {
        Some(CvssVersion::V4)
    } else if vector.starts_with("AV:") || vector.starts_with("(AV:") || vector.starts_with("CVSS:2.0/") {
        Some(CvssVersion::V2)
    } else {
        None
    }
}

/// The base score of a vector; absent when it is of no edition, or lacks a base metric.
pub fn base_score(vector: &str) -> Option<f64> {
    let metrics = Metrics::of(vector);
    match version(vector)? {
        CvssVersion::V2 => score_v2(&metrics),
        CvssVersion::V30 | CvssVersion::V31 => score_v3(&metrics),
        CvssVersion::V4 => score_v4(vector.trim()),
    }
}

/// The vector with its score computed, as `source` gave it; absent when there is no score to compute.
pub fn scored(vector: &str, source: &str) -> Option<Cvss> {
    Some(Cvss {
        version: version(vector)?,
        score: base_score(vector)?,
        vector: vector.trim().to_owned(),
        source: source.to_owned(),
    })
}

/// The word of the rating scale for a base score of CVSS 3 and 4.
pub fn rating(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::None,
    }
}

/// Metrics of a vector, looked up by name.
struct Metrics<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Metrics<'a> {
    fn of(vector: &'a str) -> Self {
        let inner = vector.trim().trim_start_matches('(').trim_end_matches(')');
        Self(inner.split('/').filter_map(|part| part.split_once(':')).collect())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }

    /// The weight of a metric: the table gives one for each letter.
    fn weight(&self, name: &str, table: &[(&str, f64)]) -> Option<f64> {
        let value = self.get(name)?;
        let found = table.iter().find(|(letter, _)| *letter == value);
        found.map(|(_, weight)| *weight)
    }
}

fn score_v2(metrics: &Metrics<'_>) -> Option<f64> {
    const IMPACT: &[(&str, f64)] = &[("N", 0.0), ("P", 0.275), ("C", 0.660)];
    let vector = metrics.weight("AV", &[("L", 0.395), ("A", 0.646), ("N", 1.0)])?;
    let complexity = metrics.weight("AC", &[("H", 0.35), ("M", 0.61), ("L", 0.71)])?;
    let authentication = metrics.weight("Au", &[("M", 0.45), ("S", 0.56), ("N", 0.704)])?;
    let kept = (1.0 - metrics.weight("C", IMPACT)?)
        * (1.0 - metrics.weight("I", IMPACT)?)
        * (1.0 - metrics.weight("A", IMPACT)?);
    let impact = 10.41 * (1.0 - kept);
    let exploitability = 20.0 * vector * complexity * authentication;
    let factor = if impact == 0.0 { 0.0 } else { 1.176 };
    let score = (0.6 * impact + 0.4 * exploitability - 1.5) * factor;
    Some((score * 10.0).round().max(0.0) / 10.0)
}

fn score_v3(metrics: &Metrics<'_>) -> Option<f64> {
    const IMPACT: &[(&str, f64)] = &[("N", 0.0), ("L", 0.22), ("H", 0.56)];
    let changed = match metrics.get("S")? {
        "U" => false,
        "C" => true,
        _ => return None,
    };
    let privileges: &[(&str, f64)] = if changed {
        &[("N", 0.85), ("L", 0.68), ("H", 0.5)]
    } else {
        &[("N", 0.85), ("L", 0.62), ("H", 0.27)]
    };
    let vector = metrics.weight("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?;
    let complexity = metrics.weight("AC", &[("L", 0.77), ("H", 0.44)])?;
    let interaction = metrics.weight("UI", &[("N", 0.85), ("R", 0.62)])?;
    let exploitability = 8.22 * vector * complexity * metrics.weight("PR", privileges)? * interaction;
    let kept = (1.0 - metrics.weight("C", IMPACT)?)
        * (1.0 - metrics.weight("I", IMPACT)?)
        * (1.0 - metrics.weight("A", IMPACT)?);
    let base = 1.0 - kept;
    let impact = if changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let factor = if changed { 1.08 } else { 1.0 };
    Some(rounded_up(((impact + exploitability) * factor).min(10.0)))
}

/// The base metrics of CVSS 4.0, in the order in which the specification wants them written.
const BASE_V4: [&str; 11] = ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

fn score_v4(vector: &str) -> Option<f64> {
    let mut base = "CVSS:4.0".to_owned();
    let metrics = Metrics::of(vector);
    for name in BASE_V4 {
        base = format!("{base}/{name}:{}", metrics.get(name)?);
    }
    Some(cvss::v4::Vector::from_str(&base).ok()?.score().value())
}

/// The smallest number with one decimal that is not below `score`, as Appendix A of CVSS 3.1 computes it, so that the noise of binary fractions does
/// not raise a score.
fn rounded_up(score: f64) -> f64 {
    let scaled = (score * 100_000.0).round();
    if scaled % 10_000.0 == 0.0 {
        scaled / 100_000.0
    } else {
        ((scaled / 10_000.0).floor() + 1.0) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Severity;

    #[track_caller]
    fn check(vector: &str, score: f64) {
        assert_eq!(super::base_score(vector), Some(score), "{vector}");
    }

    #[test]
    fn scores_of_version_3_are_those_of_the_published_examples() {
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1);
        check("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4);
        check("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1);
        check("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9);
        check("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 5.8);
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5);
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8);
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0);
        check("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0);
        check("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", 5.5);
    }

    #[test]
    fn scores_of_version_2_are_those_of_the_published_examples() {
        check("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8);
        check("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0);
        check("(AV:L/AC:H/Au:N/C:C/I:C/A:C)", 6.2);
        check("AV:N/AC:M/Au:N/C:P/I:P/A:P", 6.8);
        check("AV:N/AC:L/Au:N/C:N/I:N/A:N", 0.0);
    }

    #[test]
    fn scores_of_version_4_are_those_of_the_published_examples() {
        check(
            "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            7.3,
        );
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            9.3,
        );
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
            10.0,
        );
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N",
            0.0,
        );
        // How likely an exploit is does not change the base.
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U",
            9.3,
        );
    }

    #[test]
    fn later_metrics_do_not_change_the_base() {
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C", 9.8);
    }

    #[test]
    fn what_is_not_a_whole_vector_has_no_score() {
        for vector in [
            "",
            "CVSS:3.1/AV:N/AC:L",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:H/I:H/A:H",
            "7.5",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N",
            "CVSS:4.0/AV:X/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "CVSS:9.9/AV:N",
        ] {
            assert_eq!(super::base_score(vector), None, "{vector}");
        }
    }

    #[test]
    fn ratings_begin_where_the_scale_says() {
        assert_eq!(super::rating(9.0), Severity::Critical);
        assert_eq!(super::rating(8.9), Severity::High);
        assert_eq!(super::rating(4.0), Severity::Medium);
        assert_eq!(super::rating(0.1), Severity::Low);
        assert_eq!(super::rating(0.0), Severity::None);
    }
}
