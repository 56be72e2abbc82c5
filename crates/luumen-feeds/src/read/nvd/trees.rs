//! Trees of CPE matches as the NVD and, since 5.1, CVE records write them. `vulnerable: false` and `negate` are kept.
//!
//! A match whose name cannot be read is left out of an OR, which then says less. An AND that misses a part, and anything turned round, would say
//! more; they are left out as a whole. Each loss is told.

use luumen_model::advisory::{CpeMatch, CpeNode, CpeOperator};
use serde::Deserialize;

/// A configuration: nodes joined by an operator.
#[derive(Deserialize)]
pub(crate) struct Applicability {
    operator: Option<CpeOperator>,
    #[serde(default)]
    negate: bool,
    #[serde(default)]
    nodes: Vec<Node>,
}

/// A node of either edition; 1.1 writes `cpe_match` and has children.
#[derive(Deserialize)]
pub(super) struct Node {
    operator: Option<CpeOperator>,
    #[serde(default)]
    negate: bool,
    #[serde(default, alias = "cpe_match", rename = "cpeMatch")]
    matches: Vec<Match>,
    #[serde(default)]
    children: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    vulnerable: bool,
    #[serde(alias = "cpe23Uri")]
    criteria: String,
    version_start_including: Option<String>,
    version_start_excluding: Option<String>,
    version_end_including: Option<String>,
    version_end_excluding: Option<String>,
}

/// The tree of several configurations, each of which is enough.
pub(crate) fn applicability(all: Vec<Applicability>, lost: &mut Vec<String>) -> Option<CpeNode> {
    let mut roots = Vec::new();
    for one in all {
        let node = Node {
            operator: one.operator,
            negate: one.negate,
            matches: Vec::new(),
            children: one.nodes,
        };
        roots.extend(tree(node, lost));
    }
    any_of(roots)
}

/// The tree of several nodes, each of which is enough.
pub(crate) fn any_of(mut roots: Vec<CpeNode>) -> Option<CpeNode> {
    if roots.len() > 1 {
        return Some(CpeNode {
            operator: CpeOperator::Or,
            negate: false,
            matches: Vec::new(),
            children: roots,
        });
    }
    roots.pop()
}

/// A node and what is below; nothing when it says nothing or too much is lost.
pub(super) fn tree(node: Node, lost: &mut Vec<String>) -> Option<CpeNode> {
    let operator = node.operator.unwrap_or(CpeOperator::Or);
    let parts = node.matches.len() + node.children.len();
    let mut read = CpeNode {
        operator,
        negate: node.negate,
        matches: Vec::with_capacity(node.matches.len()),
        children: Vec::with_capacity(node.children.len()),
    };
    for one in node.matches {
        match range(one) {
            Ok(one) => read.matches.push(one),
            Err(what) => lost.push(what),
        }
    }
    read.children
        .extend(node.children.into_iter().filter_map(|child| tree(child, lost)));
    let kept = read.matches.len() + read.children.len();
    if kept == 0 || kept < parts && (operator == CpeOperator::And || node.negate) {
        return None;
    }
    Some(unwrapped(read))
}

/// A node around a single child says nothing of its own.
fn unwrapped(mut node: CpeNode) -> CpeNode {
    if node.negate || !node.matches.is_empty() || node.children.len() != 1 {
        return node;
    }
    node.children.pop().unwrap_or(node)
}

fn range(from: Match) -> Result<CpeMatch, String> {
    let cpe = from
        .criteria
        .parse()
        .map_err(|error: luumen_model::advisory::ParseCpeError| error.to_string())?;
    let start_excluded = from.version_start_including.is_none() && from.version_start_excluding.is_some();
    let end_excluded = from.version_end_excluding.is_some();
    Ok(CpeMatch {
        vulnerable: from.vulnerable,
        cpe,
        start: from.version_start_including.or(from.version_start_excluding),
        start_excluded,
        end: from.version_end_excluding.or(from.version_end_including),
        end_excluded,
    })
}
