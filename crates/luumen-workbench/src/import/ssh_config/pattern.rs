//! `*`, `?` and `!` as OpenSSH matches them.

/// What a pattern says of a letter, or of many.
enum Part {
    Many,
    One,
    Letter(char),
    /// One of these, or none of them.
    Of {
        inside: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Whether a text fits a pattern.
pub(super) fn fits(text: &str, pattern: &str) -> bool {
    let part = |letter| match letter {
        '*' => Part::Many,
        '?' => Part::One,
        letter => Part::Letter(letter),
    };
    fits_parts(text, &pattern.chars().map(part).collect::<Vec<_>>())
}

/// Whether the name of a file fits a glob, in which `[0-9]`, `[!a-z]` and `\\*` have a meaning too.
pub(super) fn fits_name(name: &str, glob: &str) -> bool {
    let letters: Vec<char> = glob.chars().collect();
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(letter) = letters.get(at) {
        let (part, length) = match (letter, letters.get(at + 1)) {
            ('*', _) => (Part::Many, 1),
            ('?', _) => (Part::One, 1),
            ('\\', Some(plain)) => (Part::Letter(*plain), 2),
            ('[', _) => set(&letters[at..]).unwrap_or((Part::Letter('['), 1)),
            _ => (Part::Letter(*letter), 1),
        };
        parts.push(part);
        at += length;
    }
    fits_parts(name, &parts)
}

/// The set at the beginning of a glob, and how long it is; none if it is not closed.
fn set(letters: &[char]) -> Option<(Part, usize)> {
    let inside = !matches!(letters.get(1), Some('!' | '^'));
    let first = if inside { 1 } else { 2 };
    // A bracket that stands first is one of the letters.
    let end = (first + 1..letters.len()).find(|at| letters[*at] == ']')?;
    let (mut ranges, mut at) = (Vec::new(), first);
    while at < end {
        if at + 2 < end && letters[at + 1] == '-' {
            ranges.push((letters[at], letters[at + 2]));
            at += 3;
        } else {
            ranges.push((letters[at], letters[at]));
            at += 1;
        }
    }
    Some((Part::Of { inside, ranges }, end + 1))
}

fn fits_parts(text: &str, parts: &[Part]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut pat) = (0, 0);
    // Where the last star stood, and how much of the text it swallowed.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match parts.get(pat) {
            Some(Part::Many) => {
                star = Some((pat, at));
                pat += 1;
            }
            Some(part) if part.fits(text[at]) => {
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
    parts[pat..].iter().all(|part| matches!(part, Part::Many))
}

impl Part {
    fn fits(&self, letter: char) -> bool {
        match self {
            Self::Many | Self::One => true,
            Self::Letter(own) => *own == letter,
            Self::Of { inside, ranges } => {
                let is_one = ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&letter));
                is_one == *inside
            }
        }
    }
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

    #[test]
    fn names_of_files_fit_as_a_shell_has_it() {
        for (name, glob, expected) in [
            ("10-prod.conf", "[0-9]*.conf", true),
            ("prod.conf", "[0-9]*.conf", false),
            ("prod.conf", "[!0-9]*.conf", true),
            ("b", "[^a]", true),
            ("-", "[a-]", true),
            ("]", "[]]", true),
            ("c", "[ab]", false),
            ("[a", "[a", true),
            ("*", "\\*", true),
            ("a", "\\*", false),
            ("ab", "?[a-c]", true),
        ] {
            assert_eq!(fits_name(name, glob), expected, "{name} and {glob}");
        }
    }
}
