//! The file itself: sorts, numbers anew, and writes part after part.

use std::{collections::HashMap, io};

use luumen_model::Timestamp;

use super::{Builder, KeptClaim, Known, SourceMeta, severity_of};
use crate::{
    layout::{
        CLAIM_SIZE, Coded, FORMAT_VERSION, GROUP_SIZE, HEADER_SIZE, MAGIC, PART_COUNT, PRODUCT_SIZE, Part,
        group_hash, hash, take_run,
    },
    read::Meta,
};

impl Builder {
    /// Writes the file, and says how many bytes it has.
    pub fn finish(
        mut self,
        built_at: Timestamp,
        sources: Vec<SourceMeta>,
        out: &mut dyn io::Write,
    ) -> io::Result<u64> {
        self.details.close()?;
        self.number_by_id();
        self.claims.sort_unstable();
        self.claims.dedup();
        let meta = Meta {
            built_at,
            sources,
            claims: self.claims.len() as u64,
            vulnerabilities: self.vulnerabilities.len() as u64,
            lifecycles: std::mem::take(&mut self.lifecycles),
            supersedences: std::mem::take(&mut self.supersedences),
        };
        let mut parts: [Vec<u8>; PART_COUNT] = Default::default();
        parts[Part::Meta.index()] = serde_json::to_vec(&meta)?;
        parts[Part::Platforms.index()] = serde_json::to_vec(&self.platforms)?;
        parts[Part::Names.index()] = serde_json::to_vec(&self.names)?;
        parts[Part::Groups.index()] = self.groups();
        parts[Part::Claims.index()] = self.claim_bytes();
        self.vulnerability_parts(&mut parts);
        self.product_parts(&mut parts);
        parts[Part::Texts.index()] = std::mem::take(&mut self.texts.bytes);
        parts[Part::Versions.index()] = std::mem::take(&mut self.versions.bytes);
        write_parts(&parts, out)
    }

    /// Numbers vulnerabilities by the order of their ids, so that they are found by halving.
    fn number_by_id(&mut self) {
        let texts = &self.texts.bytes;
        let mut by_id: Vec<u32> = (0..number(self.vulnerabilities.len())).collect();
        by_id.sort_by_key(|at| text_at(texts, self.vulnerabilities[*at as usize].id));
        let mut order = vec![0; by_id.len()];
        for (new, old) in by_id.iter().enumerate() {
            order[*old as usize] = number(new);
        }
        for claim in &mut self.claims {
            claim.vulnerability = order[claim.vulnerability as usize];
        }
        let mut known: Vec<(u32, Known)> = std::mem::take(&mut self.vulnerabilities)
            .into_iter()
            .enumerate()
            .map(|(old, known)| (order[old], known))
            .collect();
        known.sort_unstable_by_key(|(new, _)| *new);
        self.vulnerabilities = known.into_iter().map(|(_, known)| known).collect();
    }

    /// A hash table over (platform, kind, package), half empty at most.
    fn groups(&self) -> Vec<u8> {
        let same =
            |a: &KeptClaim, b: &KeptClaim| (a.platform, a.kind, a.package) == (b.platform, b.kind, b.package);
        let count = self.claims.chunk_by(same).count();
        let slots = (count * 2).next_power_of_two().max(2);
        let mut table = vec![0_u8; slots * GROUP_SIZE];
        let mut first = 0;
        for group in self.claims.chunk_by(same) {
            let head = &group[0];
            let package = text_at(&self.texts.bytes, head.package);
            let kind = if head.kind == 0 {
                luumen_model::advisory::PackageKind::Source
            } else {
                luumen_model::advisory::PackageKind::Binary
            };
            let mut slot = group_hash(head.platform, kind, package) as usize & (slots - 1);
            while table[slot * GROUP_SIZE + 3] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            let mut bytes = Vec::with_capacity(GROUP_SIZE);
            bytes.extend_from_slice(&head.platform.to_le_bytes());
            bytes.extend_from_slice(&[head.kind, 1]);
            for value in [head.package, first, number(group.len())] {
                bytes.extend_from_slice(&value.to_le_bytes());
            }
            table[slot * GROUP_SIZE..(slot + 1) * GROUP_SIZE].copy_from_slice(&bytes);
            first += number(group.len());
        }
        table
    }

    fn claim_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.claims.len() * CLAIM_SIZE);
        for claim in &self.claims {
            for value in [
                claim.vulnerability,
                claim.introduced,
                claim.fixed,
                claim.last_affected,
                claim.module,
                claim.arches,
                claim.advisory,
                claim.note,
            ] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            for value in [claim.source, claim.channel, claim.platform] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            out.extend_from_slice(&[claim.authority, claim.status, claim.severity, claim.kind, 0, 0]);
            out.extend_from_slice(&claim.package.to_le_bytes());
        }
        out
    }

    fn vulnerability_parts(&self, parts: &mut [Vec<u8>; PART_COUNT]) {
        let mut by_vulnerability: Vec<(u32, u32)> = self
            .claims
            .iter()
            .enumerate()
            .map(|(at, claim)| (claim.vulnerability, number(at)))
            .collect();
        by_vulnerability.sort_unstable();
        let mut claim_first = 0_u32;
        let mut detail_first = 0_u32;
        let mut rest = by_vulnerability.as_slice();
        for (at, known) in self.vulnerabilities.iter().enumerate() {
            let own = rest.partition_point(|(vulnerability, _)| *vulnerability <= number(at));
            let (claims, after) = rest.split_at(own);
            rest = after;
            let out = &mut parts[Part::Vulnerabilities.index()];
            push_vulnerability(out, known, [claim_first, number(own), detail_first]);
            for (_, claim) in claims {
                parts[Part::VulnerabilityClaims.index()].extend_from_slice(&claim.to_le_bytes());
            }
            for detail in &known.details {
                for value in [detail.block, detail.offset, detail.length] {
                    parts[Part::DetailRefs.index()].extend_from_slice(&value.to_le_bytes());
                }
            }
            claim_first += number(own);
            detail_first += number(known.details.len());
        }
        for end in &self.details.ends {
            parts[Part::Blocks.index()].extend_from_slice(&end.to_le_bytes());
        }
        parts[Part::BlockData.index()].clone_from(&self.details.data);
    }

    fn product_parts(&mut self, parts: &mut [Vec<u8>; PART_COUNT]) {
        let by_name: HashMap<u32, Vec<u32>> = std::mem::take(&mut self.products.by_name);
        let mut names: Vec<(&u32, &Vec<u32>)> = by_name.iter().collect();
        names.sort_unstable();
        let slots = (names.len() * 2).next_power_of_two().max(2);
        let mut table = vec![0_u8; slots * PRODUCT_SIZE];
        let mut first = 0;
        for (name, configurations) in names {
            let mut slot = hash(&[text_at(&self.texts.bytes, *name).as_bytes()]) as usize & (slots - 1);
            while table[slot * PRODUCT_SIZE..slot * PRODUCT_SIZE + 4] != [0; 4] {
                slot = (slot + 1) & (slots - 1);
            }
            let count = number(configurations.len());
            for (at, value) in [*name, first, count].into_iter().enumerate() {
                let from = slot * PRODUCT_SIZE + at * 4;
                table[from..from + 4].copy_from_slice(&value.to_le_bytes());
            }
            for offset in configurations {
                parts[Part::ProductConfigurations.index()].extend_from_slice(&offset.to_le_bytes());
            }
            first += count;
        }
        parts[Part::Products.index()] = table;
        parts[Part::Configurations.index()] = std::mem::take(&mut self.products.bytes);
    }
}

/// Texts and numbers of a vulnerability: id, flags, severity, score, version of the score, EPSS, percentile, day of KEV, day of
/// publication, first claim, number of claims, first detail, number of details.
fn push_vulnerability(out: &mut Vec<u8>, known: &Known, [claim_first, claims, detail_first]: [u32; 3]) {
    let severity = match severity_of(known.score_tenths, known.score_version).code() {
        0 => known.severity,
        scored => scored,
    };
    out.extend_from_slice(&known.id.to_le_bytes());
    out.extend_from_slice(&[known.flags, severity, known.score_tenths, known.score_version]);
    out.extend_from_slice(&known.epss.to_le_bytes());
    out.extend_from_slice(&known.percentile.to_le_bytes());
    out.extend_from_slice(&known.kev_added_days.to_le_bytes());
    out.extend_from_slice(&known.published_days.to_le_bytes());
    for value in [claim_first, claims, detail_first, number(known.details.len())] {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn write_parts(parts: &[Vec<u8>; PART_COUNT], out: &mut dyn io::Write) -> io::Result<u64> {
    let mut header = Vec::with_capacity(HEADER_SIZE);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    header.extend_from_slice(&number(PART_COUNT).to_le_bytes());
    let mut offset = HEADER_SIZE as u64;
    for part in parts {
        let length = part.len() as u64;
        if length > u64::from(u32::MAX) {
            return Err(io::Error::other("a part of the catalogue is larger than 4 GiB"));
        }
        header.extend_from_slice(&offset.to_le_bytes());
        header.extend_from_slice(&length.to_le_bytes());
        offset += length;
    }
    out.write_all(&header)?;
    for part in parts {
        out.write_all(part)?;
    }
    out.flush()?;
    Ok(offset)
}

fn text_at(texts: &[u8], offset: u32) -> &str {
    let run = texts.get(offset as usize..).and_then(take_run);
    run.and_then(|(text, _)| std::str::from_utf8(text).ok())
        .unwrap_or_default()
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
