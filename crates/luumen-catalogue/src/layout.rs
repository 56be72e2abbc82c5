//! Where things lie in the file, for whoever writes it and whoever reads it.

use luumen_model::advisory::{Authority, PackageKind, Severity, Status};

/// The first bytes of every catalogue.
pub(crate) const MAGIC: [u8; 8] = *b"LUUMCAT\0";

/// Changes whenever a reader of before could not read it.
pub const FORMAT_VERSION: u32 = 1;

/// Magic, version, number of parts, then offset and length of each part.
pub(crate) const HEADER_SIZE: usize = 16 + PART_COUNT * 16;

/// How many parts there are.
pub(crate) const PART_COUNT: usize = 15;

/// The parts, in the order of the header's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// JSON: when it was built, from which sources.
    Meta,
    /// Texts: length as a varint, then UTF-8. A text is named by its offset; offset 0 is the empty text.
    Texts,
    /// Versions: scheme, text and key. A version is named by its offset; offset 0 is "none".
    Versions,
    /// JSON list of platforms; a platform is named by its place in it.
    Platforms,
    /// JSON list of sources and channels; named by their place.
    Names,
    /// Slots of a hash table: platform, kind, package → claims.
    Groups,
    /// Claims, by group, then vulnerability.
    Claims,
    /// Vulnerabilities, by id.
    Vulnerabilities,
    /// Indexes of claims, by vulnerability.
    VulnerabilityClaims,
    /// Where details of vulnerabilities lie: block, offset, length.
    DetailRefs,
    /// Offsets of the blocks of details.
    Blocks,
    /// The blocks, compressed.
    BlockData,
    /// Slots of a hash table: `vendor:product` → configurations.
    Products,
    /// Offsets of configurations, by product.
    ProductConfigurations,
    /// Configurations.
    Configurations,
}

impl Part {
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// Bytes of a slot of [`Part::Groups`]: platform u16, kind u8, used u8, package text u32, first claim u32, count u32.
pub(crate) const GROUP_SIZE: usize = 16;

/// Bytes of a claim; see `build::write` for its fields.
pub(crate) const CLAIM_SIZE: usize = 48;

/// Bytes of a vulnerability; see `build::write` for its fields.
pub(crate) const VULNERABILITY_SIZE: usize = 40;

/// Bytes of a slot of [`Part::Products`]: name text u32, first u32, count u32.
pub(crate) const PRODUCT_SIZE: usize = 12;

/// Bytes of a reference to a detail: block u32, offset u32, length u32.
pub(crate) const DETAIL_REF_SIZE: usize = 12;

/// Set in a vulnerability's flags.
pub(crate) const FLAG_REJECTED: u8 = 1;
/// Known to be exploited.
pub(crate) const FLAG_KEV: u8 = 2;
/// Ransomware uses it.
pub(crate) const FLAG_RANSOMWARE: u8 = 4;
/// There is an EPSS estimate.
pub(crate) const FLAG_EPSS: u8 = 8;

/// FNV-1a over the parts of a key, with the strong end of a 64-bit mixer: stable over releases and machines.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in *part {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ 0xff).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

pub(crate) fn group_hash(platform: u16, kind: PackageKind, package: &str) -> u64 {
    hash(&[&platform.to_le_bytes(), &[kind_code(kind)], package.as_bytes()])
}

pub(crate) fn kind_code(kind: PackageKind) -> u8 {
    match kind {
        PackageKind::Source => 0,
        PackageKind::Binary => 1,
    }
}

/// Words that travel as their place in a list.
pub(crate) trait Coded: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    fn code(self) -> u8 {
        let at = Self::ALL.iter().position(|word| *word == self);
        u8::try_from(at.unwrap_or_default()).unwrap_or_default()
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl Coded for Status {
    const ALL: &'static [Self] = &[
        Self::Affected,
        Self::Fixed,
        Self::WillNotFix,
        Self::Deferred,
        Self::UnderInvestigation,
        Self::NotAffected,
        Self::EndOfLife,
    ];
}

impl Coded for Authority {
    const ALL: &'static [Self] = &[Self::Vendor, Self::Ecosystem, Self::Cna, Self::Nvd];
}

impl Coded for Severity {
    const ALL: &'static [Self] = &[
        Self::Unknown,
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];
}

/// Appends a length or number in groups of seven bits, the lowest first.
pub(crate) fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads one back: the value and the rest.
pub(crate) fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(at).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

/// A text or other run of bytes with its length before it.
pub(crate) fn take_run(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = take_varint(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
