//! A product that a host has, in the words of CPE, and whether a match speaks of it.

use std::cmp::Ordering;

use luumen_model::advisory::{Cpe, CpeMatch};
use luumen_version::Scheme;

/// Kind of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// A program or a library.
    Application,
    /// An operating system, or a kernel.
    OperatingSystem,
    /// A machine or a part of one.
    Hardware,
}

impl Part {
    /// The letter in CPE names.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Application => "a",
            Self::OperatingSystem => "o",
            Self::Hardware => "h",
        }
    }
}

/// A product that a host has. What is `None` is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Product {
    /// Kind.
    pub part: Part,
    /// `openbsd`.
    pub vendor: String,
    /// `openssh`.
    pub product: String,
    /// Upstream's version: `8.9`.
    pub version: Option<String>,
    /// Patch level or state before a release: `p1`, `rc1`.
    pub update: Option<String>,
    /// Edition of the software: `enterprise`, `community`.
    pub sw_edition: Option<String>,
    /// What it runs on: `linux`, `windows`, `wordpress`, `node.js`.
    pub target_sw: Option<String>,
    /// Hardware it runs on: `x64`.
    pub target_hw: Option<String>,
}

/// What a match says of one product.
pub(super) enum Fit {
    /// It speaks of another product, or of other versions.
    No,
    /// It speaks of this one, if what is listed (names of parts that the host does not tell) is so.
    Yes(Vec<&'static str>),
    /// It speaks of this product; whether of this version cannot be said.
    Unknown(String),
}

impl Product {
    /// A product with upstream's version; a patch level behind it (`8.9p1`) is told apart, as CPE names do.
    pub fn new(part: Part, vendor: &str, product: &str, version: Option<&str>) -> Self {
        let (version, update) = version.map(split_patch).unzip();
        Self {
            part,
            vendor: vendor.to_owned(),
            product: product.to_owned(),
            version: version.map(str::to_owned),
            update: update.flatten().map(str::to_owned),
            sw_edition: None,
            target_sw: None,
            target_hw: None,
        }
    }

    /// Version and patch level in one text.
    fn full_version(&self) -> Option<String> {
        let version = self.version.as_deref()?;
        Some(with_update(version, self.update.as_deref().unwrap_or_default()))
    }

    /// Whether a match speaks of the product at all, whatever its version.
    pub(super) fn is_named_by(&self, cpe: &Cpe) -> bool {
        let same = |name: &str, ours: &str| name.is_empty() || name.eq_ignore_ascii_case(ours);
        same(&cpe.product, &self.product)
            && same(&cpe.vendor, &self.vendor)
            && same(&cpe.part, self.part.letter())
    }

    /// What the match says of the product.
    pub(super) fn fit(&self, one: &CpeMatch) -> Fit {
        if !self.is_named_by(&one.cpe) {
            return Fit::No;
        }
        let Some(assumed) = self.attributes(&one.cpe) else {
            return Fit::No;
        };
        match self.version_fits(one) {
            Ok(true) => Fit::Yes(assumed),
            Ok(false) => Fit::No,
            Err(why) => Fit::Unknown(why),
        }
    }

    /// The parts beside the version: `None` when one says otherwise, else those that the host does not tell.
    fn attributes(&self, cpe: &Cpe) -> Option<Vec<&'static str>> {
        let mut assumed = Vec::new();
        let parts = [
            ("edition", &cpe.edition, None),
            ("language", &cpe.language, None),
            ("sw_edition", &cpe.sw_edition, self.sw_edition.as_deref()),
            ("target_sw", &cpe.target_sw, self.target_sw.as_deref()),
            ("target_hw", &cpe.target_hw, self.target_hw.as_deref()),
            ("other", &cpe.other, None),
        ];
        for (name, asked, ours) in parts {
            match (asked.as_str(), ours) {
                // NISTIR 7696: any value goes; and "not applicable" goes with a part that the product does not have.
                ("", _) | ("-", None) => {}
                (asked, Some(ours)) if asked.eq_ignore_ascii_case(ours) => {}
                (_, Some(_)) => return None,
                (_, None) => assumed.push(name),
            }
        }
        Some(assumed)
    }

    fn version_fits(&self, one: &CpeMatch) -> Result<bool, String> {
        if one.start.is_some() || one.end.is_some() {
            return self.in_range(one);
        }
        match (one.cpe.version.as_str(), self.full_version()) {
            ("", _) => Ok(true),
            // "Not applicable" and a version exclude each other (NISTIR 7696); but as context the NVD writes it for "in any version".
            ("-", _) if !one.vulnerable => Ok(true),
            ("-", Some(_)) => Ok(false),
            ("-", None) => Err(format!(
                "the version of {} is not known, and the source names none",
                self.product
            )),
            (_, None) => Err(format!("the version of {} is not known", self.product)),
            (_, Some(ours)) => self.is_exactly(&one.cpe, &ours),
        }
    }

    fn is_exactly(&self, cpe: &Cpe, ours: &str) -> Result<bool, String> {
        let (theirs, ours) = match cpe.update.as_str() {
            "" => (cpe.version.clone(), self.version.as_deref().unwrap_or(ours)),
            "-" => (cpe.version.clone(), ours),
            update => (with_update(&cpe.version, update), ours),
        };
        Ok(theirs.eq_ignore_ascii_case(ours) || compared(ours, &theirs)?.is_eq())
    }

    fn in_range(&self, one: &CpeMatch) -> Result<bool, String> {
        let Some(ours) = self.full_version() else {
            return Err(format!("the version of {} is not known", self.product));
        };
        let mut unreadable = None;
        let start = one.start.as_deref().map(|bound| {
            (
                bound,
                if one.start_excluded {
                    Ordering::is_gt
                } else {
                    Ordering::is_ge
                },
            )
        });
        let end = one.end.as_deref().map(|bound| {
            (
                bound,
                if one.end_excluded {
                    Ordering::is_lt
                } else {
                    Ordering::is_le
                },
            )
        });
        for (bound, holds) in start.into_iter().chain(end) {
            match compared(&ours, bound) {
                Ok(order) if holds(order) => {}
                // One bound that can be read is enough to be outside.
                Ok(_) => return Ok(false),
                Err(why) => unreadable = Some(why),
            }
        }
        unreadable.map_or(Ok(true), Err)
    }
}

/// The order of two of upstream's versions; what cannot be read has none.
fn compared(ours: &str, theirs: &str) -> Result<Ordering, String> {
    let order = Scheme::Letters.compare(ours, theirs);
    order.ok_or_else(|| format!("versions {ours:?} and {theirs:?} cannot be compared"))
}

/// `8.9` and `p1`. Only a `p` with a number behind digits is a patch level; letters of OpenSSL belong to the version.
fn split_patch(version: &str) -> (&str, Option<&str>) {
    let at = version.rfind('p').filter(|at| {
        let (before, after) = (&version[..*at], &version[at + 1..]);
        before.ends_with(|c: char| c.is_ascii_digit())
            && !after.is_empty()
            && after.bytes().all(|c| c.is_ascii_digit())
    });
    at.map_or((version, None), |at| (&version[..at], Some(&version[at..])))
}

/// The NVD writes `p2`, `patch2` and `patch_2` for a patch level, and `update402` for the 402 of Java's `1.8.0_402`.
fn with_update(version: &str, update: &str) -> String {
    let number = |word: &str| {
        let rest = update.strip_prefix(word)?.trim_start_matches('_');
        rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
    };
    match (update, number("patch"), number("update")) {
        ("", ..) => version.to_owned(),
        (_, Some(patch), _) => format!("{version}-p{patch}"),
        (_, _, Some(build)) => format!("{version}-{build}"),
        _ => format!("{version}-{update}"),
    }
}
