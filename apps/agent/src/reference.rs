//! Keeps generated pages of `docs/reference` equal to the code. Tests only.

#![cfg(test)]

use std::{fs, path::Path};

/// Fails when the committed page is not `page`; with `UPDATE_DOCS=1`, writes it instead.
#[track_caller]
pub(crate) fn check(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, page).expect("docs/reference can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/reference/{name} is old; run UPDATE_DOCS=1 cargo nextest run -p luumen-agent"
    );
}
