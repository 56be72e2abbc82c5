//! How values are written into columns: words for enums, bytes for hashes, zstd for documents, and
//! varints for lists of ids. No SQL.

use luumen_model::{ContentHash, Outcome, PackageManager, PrivilegeTier, SectionKind};
use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// Enums that have a word on the wire have the same word in the database.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The enum behind a word.
pub(crate) fn from_word<T: DeserializeOwned>(what: &'static str, word: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|source| StoreError::corrupt_by(what, source))
}

pub(crate) fn outcome(word: &str) -> Result<Outcome, StoreError> {
    from_word("outcome", word)
}

pub(crate) fn tier(word: &str) -> Result<PrivilegeTier, StoreError> {
    from_word("privilege tier", word)
}

pub(crate) fn manager(word: &str) -> Result<PackageManager, StoreError> {
    from_word("package manager", word)
}

pub(crate) fn kind(word: &str) -> Result<SectionKind, StoreError> {
    word.parse()
        .map_err(|source| StoreError::corrupt_by("section name", source))
}

/// Section names as one text; names that this version does not know are passed over on the way back.
pub(crate) fn write_kinds(kinds: &[SectionKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    names.join(",")
}

pub(crate) fn read_kinds(text: &str) -> Vec<SectionKind> {
    text.split(',').filter_map(|name| name.parse().ok()).collect()
}

pub(crate) fn hash_bytes(hash: &ContentHash) -> Vec<u8> {
    from_hex(hash.as_str()).unwrap_or_default()
}

pub(crate) fn hash_from(bytes: &[u8]) -> Result<ContentHash, StoreError> {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.parse()
        .map_err(|source| StoreError::corrupt_by("content hash", source))
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// JSON, compressed.
pub(crate) fn pack(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_vec(value).map_err(|source| StoreError::corrupt_by("document", source))?;
    pack_bytes(&text)
}

pub(crate) fn pack_bytes(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(bytes, 3).map_err(|source| StoreError::corrupt_by("document", source))
}

pub(crate) fn unpack<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, StoreError> {
    let text = zstd::decode_all(bytes).map_err(|source| StoreError::corrupt_by(what, source))?;
    serde_json::from_slice(&text).map_err(|source| StoreError::corrupt_by(what, source))
}

/// Ascending ids as the gaps between them, seven bits a byte: a package list takes a byte or two a package.
pub(crate) fn write_ids(sorted: &[i64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(sorted.len() * 2);
    let mut before = 0_i64;
    for id in sorted {
        let mut gap = id.wrapping_sub(before).cast_unsigned();
        before = *id;
        while gap >= 0x80 {
            out.push((gap & 0x7f) as u8 | 0x80);
            gap >>= 7;
        }
        out.push((gap & 0x7f) as u8);
    }
    out
}

pub(crate) fn read_ids(bytes: &[u8]) -> Result<Vec<i64>, StoreError> {
    let mut out = Vec::new();
    let (mut before, mut gap, mut shift) = (0_i64, 0_u64, 0_u32);
    for byte in bytes {
        if shift > 63 {
            return Err(StoreError::corrupt("id list"));
        }
        gap |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            before = before.wrapping_add(gap.cast_signed());
            out.push(before);
            (gap, shift) = (0, 0);
        }
    }
    if shift == 0 {
        Ok(out)
    } else {
        Err(StoreError::corrupt("id list"))
    }
}

#[cfg(test)]
mod tests {
    use super::{from_hex, read_ids, write_ids};

    #[track_caller]
    fn check(ids: &[i64], bytes: usize) {
        let written = write_ids(ids);
        assert_eq!(written.len(), bytes, "{ids:?}");
        assert_eq!(read_ids(&written).expect("own bytes"), ids);
    }

    #[test]
    fn neighbouring_ids_take_a_byte_each() {
        check(&[], 0);
        check(&[1, 2, 3, 130], 4);
        check(&[1_000_000, 1_000_001], 4);
        check(&[i64::MAX], 9);
    }

    #[test]
    fn a_torn_list_is_refused() {
        assert!(read_ids(&[0x80]).is_err());
        assert!(read_ids(&[0xff; 12]).is_err());
    }

    #[test]
    fn hex_is_read_or_refused() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
