//! Pages of `docs/reference` that are written from the code.

use std::{fs, path::Path};

/// Fails when the committed page is not `page`; with `UPDATE_DOCS=1`, writes it instead.
///
/// # Panics
///
/// When the page is old, or cannot be written.
#[track_caller]
pub fn check(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let written = fs::write(&path, page);
        assert!(
            written.is_ok(),
            "docs/reference/{name} cannot be written: {written:?}"
        );
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/reference/{name} is old; run cargo xtask generate"
    );
}
