//! Names of packages: package URLs, and `name-epoch:version-release.arch` in its spellings.

/// A package URL, taken apart and unescaped: `pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=aarch64&epoch=1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::read) struct Purl {
    /// `rpm`, `oci`, `maven`, …
    pub(in crate::read) kind: String,
    /// Name without the namespace.
    pub(in crate::read) name: String,
    /// Version and release, without the epoch.
    pub(in crate::read) version: Option<String>,
    qualifiers: Vec<(String, String)>,
}

impl Purl {
    /// Takes a package URL apart.
    pub(in crate::read) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("pkg:")?;
        let rest = rest.split('#').next()?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (path, version) = match path.rsplit_once('@') {
            Some((path, version)) => (path, Some(unescaped(version)?)),
            None => (path, None),
        };
        let (kind, names) = path.split_once('/')?;
        let qualifiers = query.split('&').filter_map(|pair| pair.split_once('='));
        let qualifiers = qualifiers.map(|(key, value)| Some((key.to_owned(), unescaped(value)?)));
        Some(Self {
            kind: kind.to_owned(),
            name: unescaped(names.rsplit('/').next()?)?,
            version,
            qualifiers: qualifiers.collect::<Option<_>>()?,
        })
    }

    /// The qualifier of that name.
    pub(in crate::read) fn qualifier(&self, name: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Without percent signs; nothing for what is no UTF-8 or torn.
fn unescaped(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Epoch, version and release as one text that always says the epoch: `0:1.2-3.el8`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::read) struct Evr(pub(in crate::read) String);

impl Evr {
    /// From `1:1.2-3` or `1.2-3`; a missing epoch is written as 0, as rpm reads it. Nothing for what has no release or odd characters.
    pub(in crate::read) fn parse(text: &str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        Self::of(epoch, rest)
    }

    /// From the epoch and `version-release`.
    pub(in crate::read) fn of(epoch: &str, rest: &str) -> Option<Self> {
        let epoch = match epoch {
            "" | "(none)" => "0",
            text if text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit()) => text,
            _ => return None,
        };
        let (version, release) = rest.split_once('-')?;
        let fine = |part: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || "._+~^".contains(c);
            !part.is_empty() && part.chars().all(known)
        };
        (fine(version) && fine(release)).then(|| Self(format!("{epoch}:{rest}")))
    }
}

/// A package with its version: `openssl-1:1.1.1k-7.el8_6.x86_64`, with or without epoch and architecture, with or without `.rpm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) struct Nevra {
    /// Name.
    pub(in crate::read) name: String,
    /// Epoch, version, release.
    pub(in crate::read) evr: Evr,
    /// `x86_64`, `noarch`, `src`, …
    pub(in crate::read) arch: Option<String>,
}

/// What may stand behind the last dot; anything else there is a part of the release.
const ARCHES: &[&str] = &[
    "aarch64",
    "aarch64_ilp32",
    "armv6hl",
    "armv7hl",
    "i386",
    "i486",
    "i586",
    "i686",
    "ia64",
    "noarch",
    "nosrc",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390",
    "s390x",
    "src",
    "x86_64",
    "x86_64_v2",
];

impl Nevra {
    /// Takes such a name apart.
    pub(in crate::read) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(".rpm").unwrap_or(text);
        let (text, arch) = match text.rsplit_once('.') {
            Some((rest, last)) if ARCHES.contains(&last) => (rest, Some(last.to_owned())),
            _ => (text, None),
        };
        let release_at = text.rfind('-')?;
        let version_at = text[..release_at].rfind('-')?;
        let name = &text[..version_at];
        (!name.is_empty() && !name.contains('/')).then_some(())?;
        Some(Self {
            name: name.to_owned(),
            evr: Evr::parse(&text[version_at + 1..])?,
            arch,
        })
    }
}

/// Packages of symbols for debuggers; nothing of them ever runs, and there are as many as of the others.
pub(in crate::read) fn is_debug(name: &str) -> bool {
    [
        "-debuginfo",
        "-debugsource",
        "-debuginfo-32bit",
        "-debuginfo-64bit",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
        || name.contains("-debuginfo-common")
}

#[cfg(test)]
mod tests {
    use super::{Evr, Nevra, Purl};

    #[track_caller]
    fn check(text: &str, name: &str, evr: &str, arch: Option<&str>) {
        let nevra = Nevra::parse(text).expect("a package");
        assert_eq!((nevra.name.as_str(), nevra.evr.0.as_str()), (name, evr), "{text}");
        assert_eq!(nevra.arch.as_deref(), arch, "{text}");
    }

    #[test]
    fn packages_are_taken_apart_in_every_spelling() {
        check(
            "openssl-1:1.1.1k-7.el8_6.x86_64",
            "openssl",
            "1:1.1.1k-7.el8_6",
            Some("x86_64"),
        );
        check(
            "ruby-libs-2.5.9-111.module+el8.9.0.ppc64le.rpm",
            "ruby-libs",
            "0:2.5.9-111.module+el8.9.0",
            Some("ppc64le"),
        );
        check(
            "samba-client-libs-4.19.4+git.339.acf1ccaa02-1.22",
            "samba-client-libs",
            "0:4.19.4+git.339.acf1ccaa02-1.22",
            None,
        );
        for text in ["", "kernel", "-1-2", "a/b-1-2", "x-y", "a-1:-2", "ü-1-"] {
            assert!(Nevra::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_version_says_its_epoch_and_odd_ones_are_none() {
        assert_eq!(Evr::parse("1.2-3"), Some(Evr("0:1.2-3".into())));
        assert_eq!(Evr::of("(none)", "1.2-3"), Some(Evr("0:1.2-3".into())));
        for text in ["", "1.2", "x:1-2", "99999999999:1-2", "1-2 3", "1-"] {
            assert!(Evr::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn package_urls_are_unescaped() {
        let purl =
            Purl::parse("pkg:rpm/redhat/libstdc%2B%2B@8.5-1.module%2Bel8?arch=i686&epoch=1&rpmmod=a:b")
                .expect("one");
        assert_eq!(
            (purl.name.as_str(), purl.version.as_deref()),
            ("libstdc++", Some("8.5-1.module+el8"))
        );
        assert_eq!(
            (purl.qualifier("epoch"), purl.qualifier("rpmmod")),
            (Some("1"), Some("a:b"))
        );
        assert_eq!(Purl::parse("pkg:rpm/a%f"), None);
        assert_eq!(Purl::parse("rpm/a"), None);
    }
}
