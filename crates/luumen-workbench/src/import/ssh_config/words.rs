//! Splits a line of `ssh_config` into its keyword and words, with quotes and comments as OpenSSH has them.

/// The keyword in small letters, and the rest of the line. `None` for blank lines and comments.
pub(super) fn keyword(line: &str) -> Option<(String, &str)> {
    let line = line.trim_matches([' ', '\t', '\r', '\n', '\u{c}']);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if let Some(quoted) = line.strip_prefix('"') {
        let (keyword, rest) = quoted.split_once('"')?;
        return Some((keyword.to_ascii_lowercase(), after_delimiter(rest)));
    }
    let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    Some((keyword.to_ascii_lowercase(), after_delimiter(rest)))
}

/// Blanks, and one `=` among them.
fn after_delimiter(rest: &str) -> &str {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.strip_prefix('=')
        .unwrap_or(rest)
        .trim_start_matches([' ', '\t'])
}

/// The words of the rest of a line. A `#` that begins a word begins a comment.
pub(in crate::import) fn split(rest: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut letters = rest.chars().peekable();
    loop {
        while letters.next_if(|letter| matches!(letter, ' ' | '\t')).is_some() {}
        match letters.peek() {
            None | Some('#') => return Ok(words),
            Some(_) => words.push(word(&mut letters)?),
        }
    }
}

fn word(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, &'static str> {
    let mut word = String::new();
    let mut quote = None;
    while let Some(letter) = letters.next_if(|letter| quote.is_some() || !matches!(letter, ' ' | '\t')) {
        let next = letters.peek().copied();
        match (letter, quote) {
            ('\\', _)
                if matches!(next, Some('"' | '\'' | '\\')) || (quote.is_none() && next == Some(' ')) =>
            {
                word.extend(letters.next());
            }
            (letter, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            _ => word.push(letter),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    Ok(word)
}

/// The criteria of a `Match` line; here an `=` parts words too.
pub(super) fn criteria(rest: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut rest = rest.trim();
    while !rest.is_empty() && !rest.starts_with('#') {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, more) = quoted.split_once('"').ok_or("a quote is not closed")?;
            words.push(word.to_owned());
            rest = after_delimiter(more);
            continue;
        }
        let end = rest.find([' ', '\t', '=']).unwrap_or(rest.len());
        let (word, more) = rest.split_at(end);
        words.push(word.to_owned());
        rest = after_delimiter(more);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let (keyword, rest) = keyword(line).expect("a line with a keyword");
        let mut seen = vec![keyword];
        seen.extend(split(rest).expect("closed quotes"));
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn lines_are_split_as_openssh_does() {
        check("Host a b\tc", &["host", "a", "b", "c"]);
        check("  Port=2222", &["port", "2222"]);
        check("Port = 2222 # why", &["port", "2222"]);
        check("IdentityFile \"~/my keys/id\"", &["identityfile", "~/my keys/id"]);
        check("User a#b", &["user", "a#b"]);
        check("User 'a b'\r", &["user", "a b"]);
        check("SetEnv X=\"1 2\"", &["setenv", "X=1 2"]);
        assert!(keyword("   # Host x").is_none());
        assert!(keyword("\t").is_none());
        assert!(split("\"open").is_err());
        assert_eq!(
            criteria("host=a,b !user root exec \"test -f x\""),
            Ok(["host", "a,b", "!user", "root", "exec", "test -f x"]
                .map(str::to_owned)
                .to_vec())
        );
    }

    proptest! {
        #[test]
        fn no_line_makes_it_stumble(line in ".*") {
            if let Some((_, rest)) = keyword(&line) {
                let _ = split(rest);
                let _ = criteria(rest);
            }
        }

        #[test]
        fn a_quoted_word_comes_back(word in "[a-zA-Z0-9 #=~/._-]{1,20}") {
            prop_assert_eq!(split(&format!("\"{word}\"")), Ok(vec![word]));
        }
    }
}
