//! Comparing texts without regard to case.
//!
//! SQLite's `lower` knows ASCII only, and PostgreSQL's is as good as its locale. So both sides go through the
//! database's own, never through Rust's, and letters beyond ASCII are asked for as they are typed, small and large.

use sea_orm::sea_query::{BinOper, Expr, ExprTrait as _, Func};

/// The whole text is that one.
pub(crate) fn same_text(column: Expr, text: &str) -> Expr {
    any_spelling(text, |text| lower(column.clone()).eq(lower(Expr::val(text))))
}

/// The text has that part, with `%` and `_` as what they are.
pub(crate) fn contains(column: Expr, part: &str) -> Expr {
    any_spelling(part, |part| {
        like(column.clone(), format!("%{}%", escape_like(&part)))
    })
}

/// The text begins with that part.
pub(crate) fn begins(column: Expr, part: &str) -> Expr {
    any_spelling(part, |part| {
        like(column.clone(), format!("{}%", escape_like(&part)))
    })
}

/// A text as a pattern of `LIKE … ESCAPE '\'` that stands for itself.
pub(crate) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn any_spelling(text: &str, condition: impl Fn(String) -> Expr) -> Expr {
    let as_typed = condition(text.to_owned());
    if text.is_ascii() {
        return as_typed;
    }
    as_typed
        .or(condition(text.to_lowercase()))
        .or(condition(text.to_uppercase()))
}

fn like(column: Expr, pattern: String) -> Expr {
    let escaped = lower(Expr::val(pattern)).binary(BinOper::Escape, Expr::Constant('\\'.into()));
    lower(column).binary(BinOper::Like, escaped)
}

fn lower(text: Expr) -> Expr {
    Expr::from(Func::lower(text))
}
