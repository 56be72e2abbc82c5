//! `*`, `?` and `!` as OpenSSH matches them.

/// Whether a text fits a pattern.
pub(super) fn fits(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut pat) = (0, 0);
    // Where the last star stood, and how much of the text it swallowed.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(pat) {
            Some('*') => {
                star = Some((pat, at));
                pat += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[at] => {
                at += 1;
                pat += 1;
            }
            _ => match star {
                Some((stood, swallowed)) => {
                    star = Some((stood, swallowed + 1));
                    at = swallowed + 1;
                    pat = stood + 1;
                }
                None => return false,
            },
        }
    }
    pattern[pat..].iter().all(|letter| *letter == '*')
}

/// Whether a text fits a list with commas, in which `!` excludes.
pub(super) fn fits_list(text: &str, list: &str, lower: bool) -> bool {
    let mut found = false;
    for pattern in list.split(',') {
        let (negated, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, pattern),
        };
        let pattern = if lower {
            pattern.to_lowercase()
        } else {
            pattern.to_owned()
        };
        if fits(text, &pattern) {
            if negated {
                return false;
            }
            found = true;
        }
    }
    found
}

/// A name that stands for itself alone.
pub(super) fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.starts_with('!') && !pattern.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, pattern: &str, expected: bool) {
        assert_eq!(fits(text, pattern), expected, "{text} and {pattern}");
    }

    #[test]
    fn patterns_fit_as_in_openssh() {
        check("db-3", "db-*", true);
        check("db-3", "db-?", true);
        check("db-33", "db-?", false);
        check("db", "db*", true);
        check("a.b.example.com", "*.example.com", true);
        check("example.com", "*.example.com", false);
        check("abcbd", "a*b?", true);
        check("", "*", true);
        check("", "?", false);
        check("DB", "db", false);
        assert!(fits_list("web-1", "db-*,web-*", false));
        assert!(!fits_list("web-1", "*,!web-1", false));
        assert!(!fits_list("web-1", "!db-1", false));
        assert!(fits_list("web.example.com", "*.EXAMPLE.com", true));
    }
}
