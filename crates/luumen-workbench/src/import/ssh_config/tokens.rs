//! `%h` and its like. Pure.

/// What tokens stand for.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    /// `%h`: where it goes.
    pub(super) host: &'a str,
    /// `%n`: as it was asked for.
    pub(super) asked: &'a str,
    /// `%p`.
    pub(super) port: u16,
    /// `%r`: the account there.
    pub(super) user: &'a str,
    /// `%u`: the account here.
    pub(super) local_user: &'a str,
    /// `%d`: the home here.
    pub(super) home: &'a str,
    /// `%l` and `%L`: the name of this device.
    pub(super) device: &'a str,
}

/// A text with its tokens replaced, or the token that is not known.
pub(super) fn expand(text: &str, tokens: &Tokens<'_>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            expanded.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => expanded.push('%'),
            Some('h') => expanded.push_str(tokens.host),
            Some('n' | 'k') => expanded.push_str(tokens.asked),
            Some('p') => expanded.push_str(&tokens.port.to_string()),
            Some('r') => expanded.push_str(tokens.user),
            Some('u') => expanded.push_str(tokens.local_user),
            Some('d') => expanded.push_str(tokens.home),
            Some('l') => expanded.push_str(tokens.device),
            Some('L') => expanded.push_str(tokens.device.split('.').next().unwrap_or_default()),
            Some(other) => return Err(format!("%{other}")),
            None => return Err("%".to_owned()),
        }
    }
    Ok(expanded)
}

/// `HostName` knows only `%h` and `%%`.
pub(super) fn expand_host_name(text: &str, asked: &str) -> Result<String, String> {
    let only_host = text
        .replace("%%", "")
        .split('%')
        .skip(1)
        .all(|rest| rest.starts_with('h'));
    if !only_host {
        return Err(text.to_owned());
    }
    Ok(text
        .split("%%")
        .map(|part| part.replace("%h", asked))
        .collect::<Vec<_>>()
        .join("%"))
}

/// A path with `~` and tokens replaced.
pub(super) fn expand_path(text: &str, tokens: &Tokens<'_>) -> Result<String, String> {
    if text.contains("${") {
        return Err("${…}".to_owned());
    }
    let expanded = expand(text, tokens)?;
    Ok(match expanded.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", tokens.home.trim_end_matches('/')),
        None => expanded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let tokens = Tokens {
            host: "db.example.com",
            asked: "db",
            port: 2222,
            user: "root",
            local_user: "ann",
            home: "/home/ann",
            device: "desk.example.com",
        };
        let seen = expand_path(text, &tokens);
        assert_eq!(seen.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn tokens_are_replaced() {
        check(
            "~/.ssh/%r@%h:%p-%n",
            Ok("/home/ann/.ssh/root@db.example.com:2222-db"),
        );
        check("%d/%u/%L/%l/%%h", Ok("/home/ann/ann/desk/desk.example.com/%h"));
        check("/a~/b", Ok("/a~/b"));
        check("%C", Err("%C"));
        check("x%", Err("%"));
        check("${KEYS}/id", Err("${…}"));
        assert_eq!(
            expand_host_name("%h.example.com", "db"),
            Ok("db.example.com".to_owned())
        );
        assert_eq!(expand_host_name("%%%h", "db"), Ok("%db".to_owned()));
        assert!(expand_host_name("%p", "db").is_err());
    }
}
