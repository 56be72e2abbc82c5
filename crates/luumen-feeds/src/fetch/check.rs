//! Compares what came with the hash that the publisher gives for it.

use std::{fs::File, io::BufReader, path::Path};

use luumen_model::Timestamp;

use crate::hash;

/// What a publisher says of a document, beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Promise {
    /// Lower-case hex.
    pub sha256: String,
    /// Whether it is the hash of the unpacked document.
    pub unpacked: bool,
    /// When the document changed last.
    pub modified_at: Option<Timestamp>,
}

/// `<hash>  name` or the hash alone.
pub(super) fn beside(text: &str) -> Option<Promise> {
    let sha256 = text.split_whitespace().find(|word| hash::is_sha256(word))?;
    Some(Promise {
        sha256: sha256.to_ascii_lowercase(),
        unpacked: false,
        modified_at: None,
    })
}

/// `lastModifiedDate:…`, `size:…`, `sha256:…` lines.
pub(super) fn nvd_meta(text: &str) -> Option<Promise> {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(':'))
            .map(str::trim)
    };
    let sha256 = value("sha256").filter(|hash| hash::is_sha256(hash))?;
    Some(Promise {
        sha256: sha256.to_ascii_lowercase(),
        unpacked: true,
        modified_at: value("lastModifiedDate").and_then(|at| at.parse().ok()),
    })
}

/// The hash that the promise is about. `name` says how the file is packed.
pub(super) fn hash_of(file: &Path, name: &str, promise: &Promise) -> std::io::Result<String> {
    let reader = BufReader::with_capacity(1 << 16, File::open(file)?);
    let (sha256, _) = if promise.unpacked && name.ends_with(".gz") {
        hash::of_reader(flate2::read::MultiGzDecoder::new(reader))?
    } else {
        hash::of_reader(reader)?
    };
    Ok(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn hashes_are_found_as_publishers_write_them() {
        let with_name = format!("{}  cve-2024-1.json\n", HASH.to_uppercase());
        assert_eq!(
            beside(&with_name).map(|promise| promise.sha256).as_deref(),
            Some(HASH)
        );
        assert_eq!(beside("<html>not found</html>"), None);
        let meta = format!(
            "lastModifiedDate:2025-02-26T03:00:04-05:00\r\nsize:12\r\nzipSize:3\r\ngzSize:3\r\nsha256:{}\r\n",
            HASH.to_uppercase()
        );
        let promise = nvd_meta(&meta).expect("a promise");
        assert_eq!((promise.sha256.as_str(), promise.unpacked), (HASH, true));
        assert_eq!(
            promise.modified_at.map(|at| at.to_string()).as_deref(),
            Some("2025-02-26T08:00:04.000Z")
        );
        assert_eq!(nvd_meta("sha256:abc"), None);
    }
}
