//! Settings of dnf, yum and zypper: `[part]`, then `key=value`; and what dnf5 lays over those of repositories.
//!
//! Which of them matter is known by who asks: `repositories` and `rpm_rules`.

use std::collections::BTreeMap;

use crate::view::View;

/// Part, key and value of each setting, in order.
pub(super) fn settings<'a>(lines: &[&'a str]) -> Vec<(&'a str, &'a str, &'a str)> {
    let (mut part, mut out) = ("", Vec::new());
    for line in lines.iter().map(|line| line.trim()) {
        if let Some(name) = part_of(line) {
            part = name;
        } else if let Some((key, value)) = line.split_once('=') {
            out.push((part, key.trim(), value.trim()));
        }
    }
    out
}

/// `baseos` of `[baseos]`.
pub(super) fn part_of(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.strip_suffix(']')
}

/// What dnf5 reads after all repositories, file by file in the order of their names: a part is a pattern of repositories. A
/// file of the admin's takes the place of the distribution's of that name.
pub(super) fn overrides<'a>(view: &View<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut files = BTreeMap::new();
    for folder in ["/usr/share/dnf5/repos.override.d/", "/etc/dnf/repos.override.d/"] {
        for (path, lines) in view.files(folder, ".repo") {
            files.insert(path.rsplit('/').next().unwrap_or(path), lines);
        }
    }
    files.into_values().flat_map(settings).collect()
}

/// Whether a value says yes, in any of the words that these programs know.
pub(super) fn is_on(value: &str) -> bool {
    matches!(value.trim().to_lowercase().as_str(), "1" | "yes" | "true" | "on")
}

/// Whether a text is like a pattern, in which `*` stands for anything and `?` for one byte.
pub(super) fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) => {
                    (p, t) = (at + 1, from + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{is_like, is_on, settings};

    #[test]
    fn patterns_are_those_of_a_shell() {
        let like = |pattern: &str, text: &str| is_like(text, pattern);
        assert!(
            like("kernel*", "kernel-core") && like("*", "") && like("a?c", "abc") && like("*-1.*", "x-1.2")
        );
        assert!(!like("kernel", "kernel-core") && !like("a?c", "ac") && !like("", "a"));
    }

    #[test]
    fn a_setting_belongs_to_the_part_before_it() {
        let lines = ["a=1", " [x] ", "# no", "b = c=d", "[main]", "odd", "e="];
        assert_eq!(
            settings(&lines),
            [("", "a", "1"), ("x", "b", "c=d"), ("main", "e", "")]
        );
    }

    #[test]
    fn yes_has_many_words() {
        assert!(["1", "Yes", "true", "ON "].into_iter().all(is_on));
        assert!(!["0", "no", "off", "", "2"].into_iter().any(is_on));
    }
}
