//! What a version of dpkg looks like. Which of two is older is not known here (`luumen-version` does).

/// Whether a text can be a version: an optional epoch, then something that begins with a letter or digit and holds a digit.
pub(super) fn is_version(text: &str) -> bool {
    let upstream = text.split_once(':').map_or(text, |(_, upstream)| upstream);
    upstream.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '~' | ':'))
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_are_told_from_other_words() {
        for version in [
            "0",
            "1:8.2p1-4ubuntu0.8",
            "20.0+build1~rc1",
            "r131-1",
            "6b35-1.13.7-1",
        ] {
            assert!(is_version(version), "{version}");
        }
        for other in [
            "",
            "now",
            ".11-1",
            "1.0, 1.1",
            "1.0 (low)",
            "<unfixed>",
            "1:",
            "§1",
        ] {
            assert!(!is_version(other), "{other}");
        }
    }
}
