//! Facts across the fleet: which there are, and which sections hold a given one.
//!
//! Facts of a section are flattened once per distinct content; `vitals` and `packages` are not (they have
//! rooms of their own), and long texts are cut.

use luumen_model::WorkspaceId;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};

use crate::{
    entity::{property_path, section_property},
    hosts::PropertyOp,
    hosts::{escape_like, like_pattern},
};

/// Longest text of a fact that is kept for search, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 256;

/// The section blobs with a fact at `path` (`[*]` for any element of a list) for which `op` and `value` hold.
pub(crate) fn blobs_where(
    workspace: WorkspaceId,
    path: &str,
    op: PropertyOp,
    value: &str,
) -> SelectStatement {
    let mut blobs = Query::select();
    blobs
        .column(section_property::Column::SectionBlobId)
        .from(section_property::Entity)
        .and_where(Expr::col(section_property::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(section_property::Column::PathId).in_subquery(paths_like(workspace, path)))
        .cond_where(value_condition(op, value));
    blobs
}

fn paths_like(workspace: WorkspaceId, path: &str) -> SelectStatement {
    let column = Expr::col(property_path::Column::Path);
    let same = if path.contains("[*]") {
        let pattern = escape_like(path).replace("[*]", "[%]");
        column.like(LikeExpr::new(pattern).escape('\\'))
    } else {
        column.eq(path)
    };
    Query::select()
        .column(property_path::Column::Id)
        .from(property_path::Entity)
        .and_where(Expr::col(property_path::Column::WorkspaceId).eq(workspace.0))
        .and_where(same)
        .to_owned()
}

fn value_condition(op: PropertyOp, value: &str) -> Condition {
    let text = || Expr::from(Func::lower(Expr::col(section_property::Column::Text)));
    let number = || Expr::col(section_property::Column::Number);
    let as_number = value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    let compare = |hold: fn(Expr, f64) -> Expr| match as_number {
        Some(asked) => Condition::all().add(hold(number(), asked)),
        // Nothing is smaller or larger than a word.
        None => Condition::all().add(Expr::val(1).eq(0)),
    };
    match op {
        // "Not equal" is asked as "there, and not equal" by the filter, so here it is "there".
        PropertyOp::Exists | PropertyOp::NotEquals => Condition::all(),
        PropertyOp::Contains => {
            Condition::all().add(text().like(LikeExpr::new(like_pattern(value)).escape('\\')))
        }
        PropertyOp::Less => compare(|number, asked| number.lt(asked)),
        PropertyOp::LessOrEqual => compare(|number, asked| number.lte(asked)),
        PropertyOp::Greater => compare(|number, asked| number.gt(asked)),
        PropertyOp::GreaterOrEqual => compare(|number, asked| number.gte(asked)),
        PropertyOp::Equals => {
            let same = Condition::any().add(text().eq(cut(value).to_lowercase()));
            let same = match value.to_lowercase().as_str() {
                "true" => same.add(Expr::col(section_property::Column::Flag).eq(true)),
                "false" => same.add(Expr::col(section_property::Column::Flag).eq(false)),
                _ => same,
            };
            match as_number {
                Some(asked) => same.add(number().eq(asked)),
                None => same,
            }
        }
    }
}

/// `text` as far as it is kept.
pub(crate) fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(MAX_TEXT_CHARS)
        .map_or(text, |(end, _)| &text[..end])
}
