//! Opens a catalogue: looks at the header and the small parts; the rest is read where it lies.

use std::{collections::HashMap, fmt, sync::Arc};

use luumen_model::advisory::Platform;
use luumen_version::Scheme;

use super::{Meta, claims::PlatformId};
use crate::layout::{FORMAT_VERSION, HEADER_SIZE, MAGIC, PART_COUNT, Part, take_run, u32_at};

/// Bytes that are no catalogue that we can read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not our file.
    #[error("it is not a catalogue of vulnerabilities")]
    NotACatalogue,
    /// Another version's.
    #[error(
        "it has format {found}, and this version of Luumen reads format {FORMAT_VERSION}; build it anew or update Luumen"
    )]
    OtherFormat {
        /// What the file says.
        found: u32,
    },
    /// Cut off.
    #[error("it is cut off: {expected} bytes were written, {found} are here")]
    Truncated {
        /// Where the last part ends.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A small part is damaged.
    #[error("its part {part} is damaged")]
    Damaged {
        /// Which one.
        part: &'static str,
        /// What the reader said.
        source: serde_json::Error,
    },
}

/// A catalogue that can be asked. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue {
    inner: Arc<Inner>,
}

struct Inner {
    bytes: Box<dyn AsRef<[u8]> + Send + Sync>,
    parts: [(usize, usize); PART_COUNT],
    meta: Meta,
    platforms: Vec<Platform>,
    schemes: Vec<Scheme>,
    platform_ids: HashMap<Platform, PlatformId>,
    names: Vec<String>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue")
            .field("built_at", &self.inner.meta.built_at)
            .field("claims", &self.inner.meta.claims)
            .finish_non_exhaustive()
    }
}

impl Catalogue {
    /// Opens the bytes of a file, wherever they are: in memory or mapped.
    pub fn open(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, OpenError> {
        let all = bytes.as_ref();
        let parts = read_header(all)?;
        let part = |part: Part| {
            let (from, to) = parts[part.index()];
            &all[from..to]
        };
        let json = |part: &'static str| move |source| OpenError::Damaged { part, source };
        let meta: Meta = serde_json::from_slice(part(Part::Meta)).map_err(json("meta"))?;
        let platforms: Vec<Platform> =
            serde_json::from_slice(part(Part::Platforms)).map_err(json("platforms"))?;
        let names = serde_json::from_slice(part(Part::Names)).map_err(json("names"))?;
        let ids = platforms.iter().enumerate();
        let platform_ids = ids
            .filter_map(|(at, platform)| Some((platform.clone(), PlatformId(u16::try_from(at).ok()?))))
            .collect();
        let schemes = platforms
            .iter()
            .map(|platform| platform.scheme().parse().unwrap_or(Scheme::Generic))
            .collect();
        Ok(Self {
            inner: Arc::new(Inner {
                parts,
                meta,
                platforms,
                schemes,
                platform_ids,
                names,
                bytes: Box::new(bytes),
            }),
        })
    }

    /// What it says of itself.
    pub fn meta(&self) -> &Meta {
        &self.inner.meta
    }

    /// Every platform that something is said of.
    pub fn platforms(&self) -> &[Platform] {
        &self.inner.platforms
    }

    /// The number of a platform, if anything is said of it.
    pub fn platform(&self, platform: &Platform) -> Option<PlatformId> {
        self.inner.platform_ids.get(platform).copied()
    }

    /// The order of a platform's versions.
    pub fn scheme(&self, platform: PlatformId) -> Scheme {
        let scheme = self.inner.schemes.get(usize::from(platform.0));
        scheme.copied().unwrap_or(Scheme::Generic)
    }

    pub(super) fn part(&self, part: Part) -> &[u8] {
        let (from, to) = self.inner.parts[part.index()];
        (*self.inner.bytes).as_ref().get(from..to).unwrap_or_default()
    }

    /// A text by its offset; empty when the file is damaged.
    pub(super) fn text(&self, offset: u32) -> &str {
        let run = self.part(Part::Texts).get(offset as usize..).and_then(take_run);
        run.and_then(|(text, _)| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// A source or channel by its place.
    pub(super) fn name(&self, at: u16) -> &str {
        self.inner.names.get(usize::from(at)).map_or("", String::as_str)
    }
}

fn read_header(bytes: &[u8]) -> Result<[(usize, usize); PART_COUNT], OpenError> {
    if bytes.get(..8) != Some(&MAGIC) {
        return Err(OpenError::NotACatalogue);
    }
    let found = u32_at(bytes, 8).unwrap_or_default();
    if found != FORMAT_VERSION {
        return Err(OpenError::OtherFormat { found });
    }
    let truncated = |expected: u64| OpenError::Truncated {
        expected,
        found: bytes.len() as u64,
    };
    if bytes.len() < HEADER_SIZE {
        return Err(truncated(HEADER_SIZE as u64));
    }
    let mut parts = [(0, 0); PART_COUNT];
    for (at, part) in parts.iter_mut().enumerate() {
        let number = |from: usize| {
            let bytes: [u8; 8] = bytes[from..from + 8].try_into().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let (from, length) = (number(16 + at * 16), number(24 + at * 16));
        let to = from.saturating_add(length);
        if to > bytes.len() as u64 {
            return Err(truncated(to));
        }
        // Both are at most the length of the bytes.
        *part = (from as usize, to as usize);
    }
    Ok(parts)
}
