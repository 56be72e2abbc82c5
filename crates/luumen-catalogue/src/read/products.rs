//! Configurations of upstream products: found by `vendor:product`, unpacked when they are weighed.

use luumen_model::advisory::{Authority, Cpe, CpeConfiguration, CpeMatch, CpeNode, CpeOperator};

use super::Catalogue;
use crate::{
    build::{
        MATCH_END_EXCLUDED, MATCH_START_EXCLUDED, MATCH_VULNERABLE, NODE_AND, NODE_NEGATE, product_name,
    },
    layout::{Coded, PRODUCT_SIZE, Part, hash, take_varint, u16_at, u32_at},
};

/// A tree deeper than this is damage, not a configuration.
const DEPTH_CAP: u32 = 16;

impl Catalogue {
    /// Configurations that name a product as vulnerable.
    pub fn configurations_of(
        &self,
        vendor: &str,
        product: &str,
    ) -> impl Iterator<Item = CpeConfiguration> + use<'_> {
        let (first, count) = self.product(vendor, product).unwrap_or_default();
        let offsets = self.part(Part::ProductConfigurations);
        (first..first.saturating_add(count))
            .map_while(move |at| u32_at(offsets, at as usize * 4))
            .filter_map(|offset| self.configuration(offset))
    }

    /// Whether any upstream product is in it at all: without the NVD's or the CNAs' data there is none.
    pub fn knows_products(&self) -> bool {
        !self.part(Part::Configurations).is_empty()
    }

    fn product(&self, vendor: &str, product: &str) -> Option<(u32, u32)> {
        let name = product_name(vendor, product);
        let table = self.part(Part::Products);
        let slots = table.len() / PRODUCT_SIZE;
        if slots == 0 || !slots.is_power_of_two() {
            return None;
        }
        let start = hash(&[name.as_bytes()]) as usize;
        for step in 0..slots {
            let slot = start.wrapping_add(step) & (slots - 1);
            let bytes = &table[slot * PRODUCT_SIZE..(slot + 1) * PRODUCT_SIZE];
            match u32_at(bytes, 0)? {
                0 => return None,
                text if self.text(text) == name => return Some((u32_at(bytes, 4)?, u32_at(bytes, 8)?)),
                _ => {}
            }
        }
        None
    }

    fn configuration(&self, offset: u32) -> Option<CpeConfiguration> {
        let bytes = self.part(Part::Configurations).get(offset as usize..)?;
        let mut rest = bytes.get(7..)?;
        Some(CpeConfiguration {
            vulnerability: self.text(u32_at(bytes, 0)?).to_owned(),
            source: self.name(u16_at(bytes, 4)?).to_owned(),
            authority: Authority::from_code(*bytes.get(6)?)?,
            root: self.node(&mut rest, DEPTH_CAP)?,
        })
    }

    fn node(&self, rest: &mut &[u8], depth: u32) -> Option<CpeNode> {
        let depth = depth.checked_sub(1)?;
        let head = take_byte(rest)?;
        let (matches, children) = (take_number(rest)?, take_number(rest)?);
        let mut node = CpeNode {
            operator: if head & NODE_AND == 0 {
                CpeOperator::Or
            } else {
                CpeOperator::And
            },
            negate: head & NODE_NEGATE != 0,
            matches: Vec::new(),
            children: Vec::new(),
        };
        for _ in 0..matches {
            node.matches.push(self.cpe_match(rest)?);
        }
        for _ in 0..children {
            node.children.push(self.node(rest, depth)?);
        }
        Some(node)
    }

    fn cpe_match(&self, rest: &mut &[u8]) -> Option<CpeMatch> {
        let flags = take_byte(rest)?;
        let mut text = || Some(self.text(take_number(rest)?).to_owned());
        let cpe = Cpe {
            part: text()?,
            vendor: text()?,
            product: text()?,
            version: text()?,
            update: text()?,
            edition: text()?,
            language: text()?,
            sw_edition: text()?,
            target_sw: text()?,
            target_hw: text()?,
            other: text()?,
        };
        let (start, end) = (take_number(rest)?, take_number(rest)?);
        let version = |offset| self.version(offset).map(|version| version.text.to_owned());
        Some(CpeMatch {
            vulnerable: flags & MATCH_VULNERABLE != 0,
            cpe,
            start: version(start),
            start_excluded: flags & MATCH_START_EXCLUDED != 0,
            end: version(end),
            end_excluded: flags & MATCH_END_EXCLUDED != 0,
        })
    }
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, after) = rest.split_first()?;
    *rest = after;
    Some(*byte)
}

fn take_number(rest: &mut &[u8]) -> Option<u32> {
    let (value, after) = take_varint(rest)?;
    *rest = after;
    u32::try_from(value).ok()
}
