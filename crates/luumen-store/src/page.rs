//! Pages: a cursor names the last row that was seen, so that a page never skips or repeats one.

use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// One page of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Where the next page begins, while there is one. Safe in a URL.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts `rows`, of which one more than `limit` was asked for, and names the last one kept.
    pub(crate) fn cut<K: Serialize>(mut rows: Vec<T>, limit: u64, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more {
            rows.last().map(|row| write_cursor(&key(row)))
        } else {
            None
        };
        Self { items: rows, next }
    }

    /// The same page with every row turned into another thing.
    pub(crate) fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            next: self.next,
        }
    }
}

pub(crate) fn write_cursor(key: &impl Serialize) -> String {
    use std::fmt::Write as _;
    let text = serde_json::to_string(key).unwrap_or_default();
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

pub(crate) fn read_cursor<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, StoreError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = crate::codec::from_hex(cursor).ok_or(StoreError::BadCursor)?;
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|_| StoreError::BadCursor)
}
