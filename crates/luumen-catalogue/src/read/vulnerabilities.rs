//! Vulnerabilities: found by id, with the few numbers that are asked all the time, and the details when a person reads them.

use luumen_model::{
    Timestamp,
    advisory::{Kev, Record, Severity, Vulnerability},
};

use super::Catalogue;
use crate::layout::{
    Coded, DETAIL_REF_SIZE, FLAG_EPSS, FLAG_KEV, FLAG_RANSOMWARE, FLAG_REJECTED, Part, VULNERABILITY_SIZE,
    u32_at,
};

/// A vulnerability's number in one catalogue; the order is the order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VulnerabilityId(pub u32);

/// What is asked of a vulnerability all the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VulnerabilityView<'a> {
    /// `CVE-…`, or its source's own id.
    pub id: &'a str,
    /// By score, else in the words of a source.
    pub severity: Severity,
    /// CVSS base score.
    pub score: Option<f64>,
    /// `3.1`, `3.0`, `4.0` or `2.0`.
    pub score_version: Option<&'static str>,
    /// Withdrawn.
    pub rejected: bool,
    /// Day that CISA added it to the known exploited ones.
    pub kev_added_at: Option<Timestamp>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// Probability of exploitation within 30 days, 0 to 1.
    pub epss: Option<f64>,
    /// Share of vulnerabilities with the same probability or less, 0 to 1.
    pub epss_percentile: Option<f64>,
    /// Day it became public.
    pub published_at: Option<Timestamp>,
}

/// What sources say in their own words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// One for each source that speaks of it.
    pub vulnerabilities: Vec<Vulnerability>,
    /// CISA's entry.
    pub kev: Option<Kev>,
}

impl Catalogue {
    /// Finds a vulnerability by its id.
    pub fn vulnerability(&self, id: &str) -> Option<VulnerabilityId> {
        let count = self.part(Part::Vulnerabilities).len() / VULNERABILITY_SIZE;
        let (mut low, mut high) = (0, u32::try_from(count).ok()?);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.vulnerability_name(VulnerabilityId(middle)).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(VulnerabilityId(middle)),
            }
        }
        None
    }

    /// The id as people write it.
    pub fn vulnerability_name(&self, vulnerability: VulnerabilityId) -> &str {
        let bytes = self.vulnerability_bytes(vulnerability);
        bytes
            .and_then(|bytes| u32_at(bytes, 0))
            .map_or("", |offset| self.text(offset))
    }

    /// Every vulnerability, by id.
    pub fn vulnerabilities(&self) -> impl Iterator<Item = VulnerabilityId> + use<> {
        let count = self.part(Part::Vulnerabilities).len() / VULNERABILITY_SIZE;
        (0..u32::try_from(count).unwrap_or_default()).map(VulnerabilityId)
    }

    /// What is asked all the time.
    pub fn view(&self, vulnerability: VulnerabilityId) -> Option<VulnerabilityView<'_>> {
        let bytes = self.vulnerability_bytes(vulnerability)?;
        let (flags, severity, tenths, version) = (bytes[4], bytes[5], bytes[6], bytes[7]);
        let number = |at: usize| u32_at(bytes, at).unwrap_or_default();
        let day = |at: usize| {
            let days = i64::from(number(at).cast_signed());
            Timestamp::from_millis(days * 86_400_000)
        };
        let has = |flag: u8| flags & flag != 0;
        let share = |at: usize| has(FLAG_EPSS).then(|| f64::from(f32::from_bits(number(at))));
        Some(VulnerabilityView {
            id: self.text(number(0)),
            severity: Severity::from_code(severity).unwrap_or_default(),
            score: (version != 0).then(|| f64::from(tenths) / 10.0),
            score_version: match version {
                40 => Some("4.0"),
                31 => Some("3.1"),
                30 => Some("3.0"),
                20 => Some("2.0"),
                _ => None,
            },
            rejected: has(FLAG_REJECTED),
            kev_added_at: has(FLAG_KEV).then(|| day(16)),
            ransomware: has(FLAG_RANSOMWARE),
            epss: share(8),
            epss_percentile: share(12),
            published_at: (number(20) != 0).then(|| day(20)),
        })
    }

    /// What sources say in their own words. Unpacks; for pages, not for matching.
    pub fn detail(&self, vulnerability: VulnerabilityId) -> Detail {
        self.details().of(vulnerability)
    }

    /// The same of many vulnerabilities: asked in the order of their ids, each block is unpacked once.
    pub fn details(&self) -> Details<'_> {
        Details {
            catalogue: self,
            unpacked: None,
        }
    }

    pub(super) fn claim_range(&self, vulnerability: VulnerabilityId) -> (u32, u32) {
        let bytes = self.vulnerability_bytes(vulnerability);
        let range = bytes.and_then(|bytes| Some((u32_at(bytes, 24)?, u32_at(bytes, 28)?)));
        range.unwrap_or_default()
    }

    fn vulnerability_bytes(&self, vulnerability: VulnerabilityId) -> Option<&[u8]> {
        let from = vulnerability.0 as usize * VULNERABILITY_SIZE;
        self.part(Part::Vulnerabilities)
            .get(from..from + VULNERABILITY_SIZE)
    }
}

/// Reads details one after the other, and keeps the block that it unpacked last.
#[derive(Debug)]
pub struct Details<'a> {
    catalogue: &'a Catalogue,
    unpacked: Option<(usize, Vec<u8>)>,
}

impl Details<'_> {
    /// What sources say of a vulnerability.
    pub fn of(&mut self, vulnerability: VulnerabilityId) -> Detail {
        let mut detail = Detail::default();
        let bytes = self.catalogue.vulnerability_bytes(vulnerability);
        let range = bytes.and_then(|bytes| Some((u32_at(bytes, 32)?, u32_at(bytes, 36)?)));
        let (first, count) = range.unwrap_or_default();
        for at in first..first.saturating_add(count) {
            match self.record(at as usize) {
                Some(Record::Vulnerability(vulnerability)) => detail.vulnerabilities.push(vulnerability),
                Some(Record::Kev(kev)) => detail.kev = Some(kev),
                _ => {}
            }
        }
        detail
    }

    fn record(&mut self, at: usize) -> Option<Record> {
        let refs = self.catalogue.part(Part::DetailRefs);
        let reference = refs.get(at * DETAIL_REF_SIZE..(at + 1) * DETAIL_REF_SIZE)?;
        let block = self.block(u32_at(reference, 0)? as usize)?;
        let from = u32_at(reference, 4)? as usize;
        let json = block.get(from..from.checked_add(u32_at(reference, 8)? as usize)?)?;
        serde_json::from_slice(json).ok()
    }

    fn block(&mut self, block: usize) -> Option<&[u8]> {
        if self.unpacked.as_ref().is_none_or(|(known, _)| *known != block) {
            let ends = self.catalogue.part(Part::Blocks);
            let end = |at: usize| -> Option<usize> {
                let bytes: [u8; 8] = ends.get(at * 8..at * 8 + 8)?.try_into().ok()?;
                usize::try_from(u64::from_le_bytes(bytes)).ok()
            };
            let start = if block == 0 { 0 } else { end(block - 1)? };
            let packed = self.catalogue.part(Part::BlockData).get(start..end(block)?)?;
            // Blocks are closed at 96 KiB; one record may be larger than that.
            self.unpacked = Some((block, zstd::bulk::decompress(packed, 64 << 20).ok()?));
        }
        self.unpacked.as_ref().map(|(_, raw)| raw.as_slice())
    }
}
