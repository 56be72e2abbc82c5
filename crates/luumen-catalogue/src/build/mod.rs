//! Makes a catalogue: takes records in any order, and writes the file at the end.
//!
//! Everything is reduced to small numbers when it comes, so that the millions of claims of all vendors fit into memory; texts of people
//! (descriptions, references) are compressed on the way.

mod details;
mod intern;
mod products;
mod write;

use std::{collections::HashMap, io};

use luumen_model::{
    Timestamp,
    advisory::{
        Claim, Cvss, CvssVersion, Lifecycle, Platform, Record, Severity, Supersedence, Vulnerability,
    },
};
use luumen_version::Scheme;
use serde::{Deserialize, Serialize};

pub(crate) use self::products::{
    MATCH_END_EXCLUDED, MATCH_START_EXCLUDED, MATCH_VULNERABLE, NODE_AND, NODE_NEGATE, product_name,
};
use self::{
    details::Details,
    intern::{Texts, Versions},
    products::Products,
};
use crate::layout::{Coded, FLAG_EPSS, FLAG_KEV, FLAG_RANSOMWARE, FLAG_REJECTED, kind_code};

/// A source, as the catalogue tells of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceMeta {
    /// Id in `content/feeds.yaml`.
    pub id: String,
    /// For people.
    pub title: String,
    /// Licence of the data.
    pub licence: String,
    /// What its licence asks to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// When it was fetched last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<Timestamp>,
    /// How long after that it is as fresh as its feed promises; absent where nobody promises anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_after_ms: Option<i64>,
    /// Documents that were read.
    pub documents: u64,
    /// Documents that could not be read; what was known of them before is in the catalogue.
    pub broken_documents: u64,
    /// Entries that could not be read.
    pub problems: u64,
    /// True when it is made up for show.
    pub sample: bool,
}

impl SourceMeta {
    /// Since when it is older than its feed promises, if it is. Without a moment of its own it is as old as the catalogue.
    pub fn stale_since(&self, built_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let from = self.fetched_at.unwrap_or(built_at);
        let end = from.plus_millis(self.stale_after_ms.filter(|_| !self.sample)?);
        (end < now).then_some(end)
    }
}

/// A catalogue in the making.
#[derive(Debug)]
pub struct Builder {
    texts: Texts,
    versions: Versions,
    platforms: Vec<Platform>,
    platform_ids: HashMap<Platform, u16>,
    schemes: Vec<Scheme>,
    names: Vec<String>,
    name_ids: HashMap<String, u16>,
    vulnerabilities: Vec<Known>,
    vulnerability_ids: HashMap<Box<str>, u32>,
    claims: Vec<KeptClaim>,
    details: Details,
    products: Products,
    lifecycles: Vec<Lifecycle>,
    supersedences: Vec<Supersedence>,
}

/// A claim in numbers, with what it is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct KeptClaim {
    platform: u16,
    kind: u8,
    package: u32,
    vulnerability: u32,
    source: u16,
    channel: u16,
    authority: u8,
    status: u8,
    severity: u8,
    introduced: u32,
    fixed: u32,
    last_affected: u32,
    module: u32,
    arches: u32,
    advisory: u32,
    note: u32,
}

/// A vulnerability while its facts come in.
#[derive(Debug)]
struct Known {
    id: u32,
    flags: u8,
    severity: u8,
    score_tenths: u8,
    score_version: u8,
    /// How good the score's giver is; a better one replaces it.
    score_rank: u8,
    epss: f32,
    percentile: f32,
    kev_added_days: i32,
    published_days: i32,
    details: Vec<details::Ref>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self {
            texts: Texts::new(),
            versions: Versions::new(),
            platforms: Vec::new(),
            platform_ids: HashMap::new(),
            schemes: Vec::new(),
            // Place 0 is the channel that every host gets.
            names: vec![String::new()],
            name_ids: HashMap::from([(String::new(), 0)]),
            vulnerabilities: Vec::new(),
            vulnerability_ids: HashMap::new(),
            claims: Vec::new(),
            details: Details::default(),
            products: Products::default(),
            lifecycles: Vec::new(),
            supersedences: Vec::new(),
        }
    }

    /// Takes one record.
    pub fn add(&mut self, record: &Record) -> io::Result<()> {
        match record {
            Record::Claim(claim) => self.add_claim(claim),
            Record::Vulnerability(vulnerability) => return self.add_vulnerability(vulnerability),
            Record::Configuration(configuration) => {
                let vulnerability = self.known(&configuration.vulnerability).id;
                let source = self.name(&configuration.source);
                let (texts, versions) = (&mut self.texts, &mut self.versions);
                self.products
                    .add(configuration, vulnerability, source, texts, versions);
            }
            Record::Kev(kev) => {
                let at = self.known(&kev.vulnerability);
                at.flags |= FLAG_KEV | if kev.ransomware { FLAG_RANSOMWARE } else { 0 };
                at.kev_added_days = days(kev.added_at);
                return self.add_detail(&kev.vulnerability, record);
            }
            Record::Epss(epss) => {
                let at = self.known(&epss.vulnerability);
                at.flags |= FLAG_EPSS;
                at.epss = epss.probability as f32;
                at.percentile = epss.percentile as f32;
            }
            Record::Lifecycle(lifecycle) => self.lifecycles.push(lifecycle.clone()),
            Record::Supersedence(supersedence) => self.supersedences.push(supersedence.clone()),
        }
        Ok(())
    }

    /// How many claims there are so far.
    pub fn claim_count(&self) -> usize {
        self.claims.len()
    }

    /// How many vulnerabilities there are so far.
    pub fn vulnerability_count(&self) -> usize {
        self.vulnerabilities.len()
    }

    fn add_claim(&mut self, claim: &Claim) {
        let platform = self.platform(&claim.platform);
        let scheme = self.schemes[usize::from(platform)];
        let kept = KeptClaim {
            platform,
            kind: kind_code(claim.package_kind),
            package: self.texts.intern(&claim.package),
            vulnerability: self.vulnerability(&claim.vulnerability),
            source: self.name(&claim.source),
            channel: self.name(&claim.channel.0),
            authority: claim.authority.code(),
            status: claim.status.code(),
            severity: claim.severity.unwrap_or_default().code(),
            introduced: self.versions.intern_option(scheme, claim.introduced.as_deref()),
            fixed: self.versions.intern_option(scheme, claim.fixed.as_deref()),
            last_affected: self
                .versions
                .intern_option(scheme, claim.last_affected.as_deref()),
            module: self.texts.intern_option(claim.module.as_deref()),
            arches: self.texts.intern(&claim.arches.join(",")),
            advisory: self.texts.intern_option(claim.advisory.as_deref()),
            note: self.texts.intern_option(claim.note.as_deref()),
        };
        self.claims.push(kept);
    }

    fn add_vulnerability(&mut self, vulnerability: &Vulnerability) -> io::Result<()> {
        let at = self.known(&vulnerability.id);
        if vulnerability.rejected {
            at.flags |= FLAG_REJECTED;
        }
        if let Some(published) = vulnerability.published_at {
            at.published_days = match at.published_days {
                0 => days(published),
                known => known.min(days(published)),
            };
        }
        if let Some(severity) = vulnerability.severity {
            at.severity = at.severity.max(severity.code());
        }
        for cvss in &vulnerability.cvss {
            at.take_score(cvss);
        }
        self.add_detail(&vulnerability.id, &Record::Vulnerability(vulnerability.clone()))
    }

    fn add_detail(&mut self, id: &str, record: &Record) -> io::Result<()> {
        let detail = self.details.add(record)?;
        self.known(id).details.push(detail);
        Ok(())
    }

    fn known(&mut self, id: &str) -> &mut Known {
        let at = self.vulnerability(id) as usize;
        &mut self.vulnerabilities[at]
    }

    fn vulnerability(&mut self, id: &str) -> u32 {
        if let Some(at) = self.vulnerability_ids.get(id) {
            return *at;
        }
        let at = u32::try_from(self.vulnerabilities.len()).unwrap_or(u32::MAX);
        let text = self.texts.intern(id);
        self.vulnerabilities.push(Known::new(text));
        self.vulnerability_ids.insert(id.into(), at);
        at
    }

    fn platform(&mut self, platform: &Platform) -> u16 {
        if let Some(at) = self.platform_ids.get(platform) {
            return *at;
        }
        let at = u16::try_from(self.platforms.len()).unwrap_or(u16::MAX);
        self.platforms.push(platform.clone());
        self.schemes
            .push(platform.scheme().parse().unwrap_or(Scheme::Generic));
        self.platform_ids.insert(platform.clone(), at);
        at
    }

    fn name(&mut self, name: &str) -> u16 {
        if let Some(at) = self.name_ids.get(name) {
            return *at;
        }
        let at = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        self.names.push(name.to_owned());
        self.name_ids.insert(name.to_owned(), at);
        at
    }
}

impl Known {
    fn new(id: u32) -> Self {
        Self {
            id,
            flags: 0,
            severity: 0,
            score_tenths: 0,
            score_version: 0,
            score_rank: 0,
            epss: 0.0,
            percentile: 0.0,
            kev_added_days: 0,
            published_days: 0,
            details: Vec::new(),
        }
    }

    /// The score to show first: version 3.1 before 3.0 before 4.0 before 2.0, because most numbers that people compare with are 3.x,
    /// and within one version the NVD's before others'.
    fn take_score(&mut self, cvss: &Cvss) {
        let (edition, version) = match cvss.version {
            CvssVersion::V31 => (4, 31),
            CvssVersion::V30 => (3, 30),
            CvssVersion::V4 => (2, 40),
            CvssVersion::V2 => (1, 20),
        };
        let rank = edition * 2 + u8::from(cvss.source.contains("nvd"));
        let tenths = (cvss.score * 10.0).round().clamp(0.0, 100.0) as u8;
        if (rank, tenths) > (self.score_rank, self.score_tenths) {
            (self.score_rank, self.score_tenths, self.score_version) = (rank, tenths, version);
        }
    }
}

/// Severity by CVSS v3's table (and v2's without "critical").
pub(crate) fn severity_of(score_tenths: u8, version: u8) -> Severity {
    match score_tenths {
        0 if version == 0 => Severity::Unknown,
        0 => Severity::None,
        1..=39 => Severity::Low,
        40..=69 => Severity::Medium,
        70..=89 => Severity::High,
        _ if version == 20 => Severity::High,
        _ => Severity::Critical,
    }
}

fn days(at: Timestamp) -> i32 {
    i32::try_from(at.as_millis().div_euclid(86_400_000)).unwrap_or_default()
}
