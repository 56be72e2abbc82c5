//! Texts and versions, each kept once.

use std::collections::HashMap;

use luumen_version::Scheme;

use crate::layout::push_varint;

/// Texts by offset.
#[derive(Debug)]
pub(super) struct Texts {
    pub bytes: Vec<u8>,
    known: HashMap<Box<str>, u32>,
}

impl Texts {
    pub(super) fn new() -> Self {
        // Offset 0 is the empty text: a length of zero.
        Self {
            bytes: vec![0],
            known: HashMap::new(),
        }
    }

    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(offset) = self.known.get(text) {
            return *offset;
        }
        let offset = offset_of(&self.bytes);
        push_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
        self.known.insert(text.into(), offset);
        offset
    }

    pub(super) fn intern_option(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.intern(text))
    }
}

/// Versions by offset: the text, and the key by whose bytes it is compared (empty when it has none). Which scheme the key
/// follows is known by who names the version: the platform of a claim, or upstream's order in a configuration.
#[derive(Debug)]
pub(super) struct Versions {
    pub bytes: Vec<u8>,
    known: HashMap<(Scheme, Box<str>), u32>,
}

impl Versions {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0],
            known: HashMap::new(),
        }
    }

    pub(super) fn intern(&mut self, scheme: Scheme, text: &str) -> u32 {
        let key = (scheme, Box::<str>::from(text));
        if let Some(offset) = self.known.get(&key) {
            return *offset;
        }
        let offset = offset_of(&self.bytes);
        push_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
        let sort_key = scheme.key(text).unwrap_or_default();
        push_varint(&mut self.bytes, sort_key.len() as u64);
        self.bytes.extend_from_slice(&sort_key);
        self.known.insert(key, offset);
        offset
    }

    pub(super) fn intern_option(&mut self, scheme: Scheme, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.intern(scheme, text))
    }
}

/// What lies beyond 4 GiB cannot be named; `write` refuses a part as large as that.
pub(super) fn offset_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
