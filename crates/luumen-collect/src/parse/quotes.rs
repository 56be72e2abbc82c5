//! Where a value ends in a line that a shell reads: its quotes, and the lists of pairs that programs take.
//!
//! It knows no secrets (`secrets` does). A line may be torn or no shell's at all: what is not closed goes on to the end.

/// Where the value of a pair ends, in a text that goes on to the end of the line. Other pairs of the list may be part of it:
/// a password may hold any of the marks between them.
pub(super) fn pair_end(text: &str, open: Option<char>, in_list: bool) -> usize {
    let Some(quote) = open.filter(|quote| !text.starts_with(['"', '\'']) || text.starts_with(*quote)) else {
        return value_end(text);
    };
    let closing = closing(text, quote).unwrap_or(text.len());
    if in_list || list_goes_on(&text[..closing]) {
        return closing;
    }
    closing.min(value_end(text))
}

/// True where a list has a next pair, as in `Password=two words;User ID=ann`: spaces within it end no value.
fn list_goes_on(text: &str) -> bool {
    text.split([';', '&']).skip(1).any(|pair| {
        pair.split_once('=').is_some_and(|(name, _)| {
            name.starts_with(|c: char| c.is_alphabetic())
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_'))
        })
    })
}

/// The quote that is open behind a text, when `open` was before it.
pub(super) fn open_quote(open: Option<char>, text: &str) -> Option<char> {
    let (mut open, mut escaped) = (open, false);
    for character in text.chars() {
        match open {
            _ if escaped => {}
            None if matches!(character, '"' | '\'') => open = Some(character),
            Some(quote) if quote == character => open = None,
            _ => {}
        }
        escaped = character == '\\' && !escaped && open != Some('\'');
    }
    open
}

/// Where the quote closes that is open at the beginning of a text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.find(|character: char| {
        let closes = character == quote && !escaped;
        escaped = character == '\\' && !escaped && quote == '"';
        closes
    })
}

/// Where a value ends: at the quote that closes it, or at the next space. What stands right behind a quote belongs to it.
pub(super) fn value_end(text: &str) -> usize {
    // Within quotes, as in `-d "{\"password\": \"x\"}"`.
    if let Some(rest) = text.strip_prefix("\\\"") {
        return rest.find("\\\"").map_or(text.len(), |at| at + 4);
    }
    let mut end = 0;
    while let Some(quote) = text[end..]
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
    {
        match closing(&text[end + 1..], quote) {
            Some(at) => end += at + 2,
            None => return text.len(),
        }
        // A quote within quotes of its like: `'it'\''s'`.
        if text[end..].starts_with("\\'") {
            end += 2;
        }
    }
    if end > 0 && !text[end..].starts_with(|next: char| next.is_alphanumeric()) {
        return end;
    }
    let mut escaped = false;
    let space = text[end..].find(|character: char| {
        let ends = character.is_whitespace() && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    space.map_or(text.len(), |at| end + at)
}

#[cfg(test)]
mod tests {
    use super::{open_quote, pair_end, value_end};

    #[test]
    fn a_value_ends_with_its_word() {
        for (text, value) in [
            ("a b", "a"),
            ("", ""),
            ("'a b' c", "'a b'"),
            ("'a b'\"c d\"e f", "'a b'\"c d\"e"),
            ("\"a \\\" b\" c", "\"a \\\" b\""),
            ("a\\ b c", "a\\ b"),
            ("'a b", "'a b"),
            ("'it'\\''s a' b", "'it'\\''s a'"),
            ("\\\"a b\\\" c", "\\\"a b\\\""),
            ("\"x\"}'", "\"x\""),
        ] {
            assert_eq!(&text[..value_end(text)], value, "{text}");
        }
    }

    #[test]
    fn a_pair_ends_with_the_quote_around_it() {
        for (text, in_list, value) in [
            ("a' b", false, "a"),
            ("a b' c", false, "a"),
            ("a b' c", true, "a b"),
            ("a b;User ID=x' c", false, "a b;User ID=x"),
            ("\"a b\" c'", false, "\"a b\""),
            ("' b", false, ""),
            ("a b", true, "a b"),
        ] {
            assert_eq!(&text[..pair_end(text, Some('\''), in_list)], value, "{text}");
        }
    }

    #[test]
    fn a_quote_stays_open_until_its_like() {
        assert_eq!(open_quote(None, "a 'b \"c"), Some('\''));
        assert_eq!(open_quote(Some('\''), "b\"'"), None);
        assert_eq!(open_quote(None, "don\\'t \"x\\\" y"), Some('"'));
    }
}
