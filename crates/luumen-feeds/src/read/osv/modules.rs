//! Module streams of Enterprise Linux 8 and 9, as far as OSV documents tell them: the version has the mark, the summary the name.

/// Modules that had one stream only, so that a summary without it is still clear.
const SOLE: &[(&str, &str)] = &[
    ("389-ds", "389-ds:1.4"),
    ("go-toolset", "go-toolset:rhel8"),
    ("llvm-toolset", "llvm-toolset:rhel8"),
    ("mailman", "mailman:2.1"),
    ("pki-core", "pki-core:10.6"),
    ("rust-toolset", "rust-toolset:rhel8"),
    ("varnish", "varnish:6"),
];

/// Whether the version was built in a module: `7.4.30-1.module_el8.7.0+1190+…`, `…module+el8.4.0+…`.
pub(super) fn is_modular(version: &str) -> bool {
    version.contains(".module_el") || version.contains(".module+el")
}

/// Every `name:stream` in a summary such as `Important: virt:rhel and virt-devel:rhel security update`.
pub(super) fn named(summary: &str) -> Vec<String> {
    let words = || summary.split([' ', ',']).filter(|word| !word.is_empty());
    // `httpd:2.4/mod_http2` is a part of a stream.
    let whole = words().map(|word| word.split_once('/').map_or(word, |(stream, _)| stream));
    let streams = whole.filter(|word| {
        word.split_once(':')
            .is_some_and(|(name, stream)| !name.is_empty() && !stream.is_empty() && !stream.contains(':'))
    });
    let streams: Vec<String> = streams.map(str::to_owned).collect();
    if !streams.is_empty() {
        return streams;
    }
    let sole = words().find_map(|word| SOLE.iter().find(|(name, _)| *name == word));
    sole.map(|(_, stream)| (*stream).to_owned()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{is_modular, named};

    #[test]
    fn streams_are_read_from_the_summary() {
        assert_eq!(named("Important: php:7.4 security update"), ["php:7.4"]);
        assert_eq!(
            named("Moderate: python39:3.9 and python39-devel:3.9 security update"),
            ["python39:3.9", "python39-devel:3.9"]
        );
        assert_eq!(named("new module: container-tools:2.0"), ["container-tools:2.0"]);
        assert_eq!(
            named("Important: httpd:2.4/mod_http2 security update"),
            ["httpd:2.4"]
        );
        assert_eq!(named("Important: 389-ds security update"), ["389-ds:1.4"]);
        assert!(named("Moderate: ruby security update").is_empty());
        assert!(named("").is_empty());
    }

    #[test]
    fn the_version_tells_a_module() {
        assert!(is_modular("7.4.30-1.module_el8.7.0+1190+d11b935a"));
        assert!(is_modular("7.4.30-1.module+el8.4.0+415+e936cba3"));
        assert!(!is_modular("7.4.30-1.el8"));
    }
}
