//! Which line of builds a version belongs to, read off the version itself: versions of different lines are never compared.

/// Source package under which the kernel's claims are kept, and whether the binary's own version must be used with it.
///
/// Distributions sign kernels in packages of their own: Ubuntu's `linux-signed-hwe-5.15` is `linux-hwe-5.15` signed, with the same
/// version; Debian's `linux-signed-amd64` is `linux` signed, and writes `6.1.123+1` where `linux` writes `6.1.123-1`.
pub(crate) fn unsigned_kernel(family: &str, source: &str) -> Option<(String, bool)> {
    let flavour = source.strip_prefix("linux-signed")?;
    match family {
        "debian" => Some(("linux".to_owned(), true)),
        _ => Some((format!("linux{flavour}"), false)),
    }
}

/// `2.0-3` of `2.0-3~bpo12+1`: what a Debian backport was built from.
pub(crate) fn backport_of(version: &str) -> Option<&str> {
    version.split_once("~bpo").map(|(base, _)| base)
}

/// True for Ubuntu's certified builds, which have updates of their own.
pub(crate) fn is_fips(version: &str) -> bool {
    version.to_ascii_lowercase().contains("fips")
}

/// True for builds of Ubuntu's extended maintenance: `1.1.1-1ubuntu2.1~18.04.23+esm3`, `2.0-1ubuntu0.1~esm1`.
pub(crate) fn is_esm(version: &str) -> bool {
    version.contains("+esm") || version.contains("~esm")
}

/// `el8_6` of `1:1.1.1k-7.el8_6`: the minor release that a Red Hat build was made for.
pub(crate) fn dist_tag(version: &str) -> Option<&str> {
    let from = version.rfind(".el").map(|at| at + 1)?;
    let tag = &version[from..];
    let end = tag
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(tag.len());
    Some(&tag[..end])
}

/// `7.4.30-1` of `7.4.30-1.module_el8.7.0+1190+a1b2`: what is the same in every rebuild of a module. What follows counts the builds of whoever
/// built it, and cannot be compared between builders.
pub(crate) fn without_module_build(version: &str) -> Option<&str> {
    // Asked of every version, and nearly none has it: the letter is found sooner than the word.
    if !version.as_bytes().contains(&b'm') {
        return None;
    }
    let at = version
        .find(".module_el")
        .or_else(|| version.find(".module+el"))?;
    Some(&version[..at])
}

/// `php:7.4` of a module label `php:7.4:8070020220801:abc`.
pub(crate) fn module_stream(label: &str) -> Option<&str> {
    let (name, rest) = label.split_once(':')?;
    let stream = rest.split(':').next()?;
    Some(&label[..name.len() + 1 + stream.len()])
}

/// The first two numbers of upstream's version, without the epoch: `5.10` of `5.10.186-179.751.amzn2`.
pub(crate) fn major_minor(version: &str) -> &str {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    let mut dots = upstream.match_indices('.');
    let end = dots.nth(1).map_or(upstream.len(), |(at, _)| at);
    upstream[..end].split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_kernel_is_the_kernel_that_was_signed() {
        let check = |family: &str, source: &str, expected: Option<(&str, bool)>| {
            let found = unsigned_kernel(family, source);
            assert_eq!(
                found,
                expected.map(|(name, own)| (name.to_owned(), own)),
                "{source}"
            );
        };
        check("ubuntu", "linux-signed", Some(("linux", false)));
        check("ubuntu", "linux-signed-hwe-5.15", Some(("linux-hwe-5.15", false)));
        check("debian", "linux-signed-amd64", Some(("linux", true)));
        check("debian", "linux", None);
    }

    #[test]
    fn a_version_tells_its_line() {
        assert_eq!(backport_of("2.0-3~bpo12+1"), Some("2.0-3"));
        assert!(is_esm("1.0.2g-1ubuntu4.20+esm2"));
        assert!(!is_esm("1.0.2g-1ubuntu4.20"));
        assert_eq!(dist_tag("1:1.1.1k-7.el8_6"), Some("el8_6"));
        assert_eq!(dist_tag("4.18.0-372.9.1.el8.x86_64"), Some("el8"));
        assert_eq!(dist_tag("3.0.2-0ubuntu1"), None);
        let php = "7.4.30-1.module_el8.7.0+1190+a1b2";
        assert_eq!(without_module_build(php), Some("7.4.30-1"));
        assert_eq!(
            without_module_build("2.4.37-51.module+el8.7.0+16050"),
            Some("2.4.37-51")
        );
        assert_eq!(module_stream("php:7.4:8070020220801:abc"), Some("php:7.4"));
        assert_eq!(major_minor("5.10.186-179.751.amzn2"), "5.10");
        assert_eq!(major_minor("1:4-2"), "4");
    }
}
