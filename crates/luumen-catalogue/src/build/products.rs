//! Configurations of upstream products, and by which products they are found.
//!
//! A configuration: the id of its vulnerability as a text u32, source u16, authority u8, then its root node. A node: operator and negation in one byte, number
//! of matches and of children as varints, the matches, the children. A match: flags, the eleven parts of the CPE as texts (varints), start and end as versions.

use std::collections::HashMap;

use luumen_model::advisory::{Cpe, CpeConfiguration, CpeMatch, CpeNode, CpeOperator};
use luumen_version::Scheme;

use super::intern::{Texts, Versions, offset_of};
use crate::layout::{Coded, push_varint};

/// Upstream's own versions: numbers, letters, patch levels.
pub(crate) const UPSTREAM: Scheme = Scheme::Letters;

pub(crate) const NODE_AND: u8 = 1;
pub(crate) const NODE_NEGATE: u8 = 2;
pub(crate) const MATCH_VULNERABLE: u8 = 1;
pub(crate) const MATCH_START_EXCLUDED: u8 = 2;
pub(crate) const MATCH_END_EXCLUDED: u8 = 4;

#[derive(Debug, Default)]
pub(super) struct Products {
    /// Configurations, one after the other.
    pub bytes: Vec<u8>,
    /// By text of `vendor:product`, the configurations that name it as vulnerable.
    pub by_name: HashMap<u32, Vec<u32>>,
}

impl Products {
    pub(super) fn add(
        &mut self,
        configuration: &CpeConfiguration,
        vulnerability: u32,
        source: u16,
        texts: &mut Texts,
        versions: &mut Versions,
    ) {
        let offset = offset_of(&self.bytes);
        self.bytes.extend_from_slice(&vulnerability.to_le_bytes());
        self.bytes.extend_from_slice(&source.to_le_bytes());
        self.bytes.push(configuration.authority.code());
        push_node(&mut self.bytes, &configuration.root, texts, versions);
        let mut names = Vec::new();
        vulnerable_products(&configuration.root, &mut names);
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.by_name.entry(texts.intern(&name)).or_default().push(offset);
        }
    }
}

fn vulnerable_products(node: &CpeNode, names: &mut Vec<String>) {
    let vulnerable = node.matches.iter().filter(|one| one.vulnerable);
    names.extend(vulnerable.map(|one| product_name(&one.cpe.vendor, &one.cpe.product)));
    for child in &node.children {
        vulnerable_products(child, names);
    }
}

pub(crate) fn product_name(vendor: &str, product: &str) -> String {
    format!("{vendor}:{product}")
}

fn push_node(out: &mut Vec<u8>, node: &CpeNode, texts: &mut Texts, versions: &mut Versions) {
    let mut head = 0;
    if node.operator == CpeOperator::And {
        head |= NODE_AND;
    }
    if node.negate {
        head |= NODE_NEGATE;
    }
    out.push(head);
    push_varint(out, node.matches.len() as u64);
    push_varint(out, node.children.len() as u64);
    for one in &node.matches {
        push_match(out, one, texts, versions);
    }
    for child in &node.children {
        push_node(out, child, texts, versions);
    }
}

fn push_match(out: &mut Vec<u8>, one: &CpeMatch, texts: &mut Texts, versions: &mut Versions) {
    let mut flags = 0;
    for (set, flag) in [
        (one.vulnerable, MATCH_VULNERABLE),
        (one.start_excluded, MATCH_START_EXCLUDED),
        (one.end_excluded, MATCH_END_EXCLUDED),
    ] {
        if set {
            flags |= flag;
        }
    }
    out.push(flags);
    for part in parts(&one.cpe) {
        push_varint(out, u64::from(texts.intern(part)));
    }
    for bound in [&one.start, &one.end] {
        let version = versions.intern_option(UPSTREAM, bound.as_deref());
        push_varint(out, u64::from(version));
    }
}

fn parts(cpe: &Cpe) -> [&str; 11] {
    [
        &cpe.part,
        &cpe.vendor,
        &cpe.product,
        &cpe.version,
        &cpe.update,
        &cpe.edition,
        &cpe.language,
        &cpe.sw_edition,
        &cpe.target_sw,
        &cpe.target_hw,
        &cpe.other,
    ]
}
