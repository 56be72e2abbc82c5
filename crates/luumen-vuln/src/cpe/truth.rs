//! The logic of trees: true, false, or not known, with the match that would be the reason.

use luumen_model::advisory::{CpeMatch, CpeOperator};

use super::Product;

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    False,
    Unknown(String),
    True,
}

/// What is found of a match or a node.
#[derive(Clone, Debug)]
pub(super) struct Outcome<'a> {
    pub(super) truth: Truth,
    /// What is vulnerable, if it holds. Context alone has no reason.
    pub(super) reason: Option<(&'a CpeMatch, &'a Product)>,
    /// Parts of names that the host does not tell and that were taken as fitting.
    pub(super) assumed: Vec<&'static str>,
}

impl<'a> Outcome<'a> {
    pub(super) const FALSE: Self = Self {
        truth: Truth::False,
        reason: None,
        assumed: Vec::new(),
    };

    /// Outcomes joined by an operator.
    pub(super) fn joined(operator: CpeOperator, parts: impl Iterator<Item = Self>) -> Self {
        match operator {
            CpeOperator::Or => Self::any(parts),
            CpeOperator::And => Self::all(parts),
        }
    }

    /// The part that says most: one that holds for a reason before one that may, one without assumptions before one with.
    fn any(parts: impl Iterator<Item = Self>) -> Self {
        let best = parts.max_by_key(|part| (part.rank(), std::cmp::Reverse(part.assumed.len())));
        best.unwrap_or(Self::FALSE)
    }

    fn rank(&self) -> u8 {
        match (&self.truth, self.reason.is_some()) {
            (Truth::True, true) => 4,
            (Truth::Unknown(_), true) => 3,
            (Truth::True, false) => 2,
            (Truth::Unknown(_), false) => 1,
            (Truth::False, _) => 0,
        }
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut joined: Option<Self> = None;
        for part in parts {
            if part.truth == Truth::False {
                return Self::FALSE;
            }
            let Some(so_far) = &mut joined else {
                joined = Some(part);
                continue;
            };
            if so_far.truth == Truth::True {
                so_far.truth = part.truth;
            }
            so_far.reason = so_far.reason.or(part.reason);
            so_far.assumed.extend(part.assumed);
        }
        joined.unwrap_or(Self::FALSE)
    }

    /// Turned round. What only holds on an assumption is then not known.
    pub(super) fn negated(self) -> Self {
        let truth = match self.truth {
            Truth::True if self.assumed.is_empty() => Truth::False,
            Truth::True => Truth::Unknown(format!("the host does not tell {}", self.assumed.join(", "))),
            Truth::False => Truth::True,
            unknown @ Truth::Unknown(_) => unknown,
        };
        Self {
            truth,
            reason: None,
            assumed: Vec::new(),
        }
    }
}
