//! Reads the sources of pure crates for clocks, disks and networks.
//!
//! It understands comments, strings, `use` trees and `#[cfg(test)]`, and nothing else of Rust. A hidden door
//! (a macro, an alias of `std` itself) would pass; this is a reminder for honest people, the linker is the wall.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Fault, files, plan::Pure};

/// Every line under `src` that names a path the pure crates keep away from.
pub(super) fn faults(repository: &Path, src: &Path, pure: &Pure) -> Result<Vec<Fault>> {
    let mut sources = Vec::new();
    let mut tests_only = Vec::new();
    for file in files::under(src, &[".rs"])? {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let read = read(&text);
        tests_only.extend(
            read.test_modules
                .iter()
                .flat_map(|name| module_places(&file, name)),
        );
        sources.push((file, read));
    }
    sources.retain(|(file, _)| !tests_only.iter().any(|place| file.starts_with(place)));

    let mut faults = Vec::new();
    for (file, source) in &sources {
        for (line, path) in &source.paths {
            if let Some(forbidden) = pure.paths.iter().find(|forbidden| names(path, forbidden)) {
                let place = files::shown(repository, file);
                faults.push(Fault {
                    what: format!("{place}:{line} names {forbidden}"),
                    breaks: pure.keeps.clone(),
                });
            }
        }
    }
    Ok(faults)
}

/// What matters here of a source file.
#[derive(Debug, Default)]
struct Source {
    /// Paths of two and more names, with their line.
    paths: Vec<(usize, Vec<String>)>,
    /// Names of `#[cfg(test)] mod name;`.
    test_modules: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    /// `::`, or one character of anything else.
    Sign(&'static str),
    Other(char),
}

fn read(text: &str) -> Source {
    let (tokens, test_modules) = without_tests(tokens(text));
    let mut source = Source {
        paths: Vec::new(),
        test_modules,
    };
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].1 {
            Token::Name(_) => at = path(&tokens, at, &[], &mut source.paths),
            _ => at += 1,
        }
    }
    source
}

/// Reads one path or `use` tree, remembers every leaf of it, and returns where it ends.
fn path(
    tokens: &[(usize, Token)],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let mut names = before.to_vec();
    let line = tokens[at].0;
    while let Some((_, Token::Name(name))) = tokens.get(at) {
        names.push(name.clone());
        at += 1;
        if tokens.get(at).map(|(_, token)| token) != Some(&Token::Sign("::")) {
            break;
        }
        at += 1;
        if let Some((_, Token::Other('{'))) = tokens.get(at) {
            return group(tokens, at + 1, &names, found);
        }
    }
    if names.len() > 1 {
        found.push((line, names));
    }
    at
}

/// The inside of `{…}` in a `use` tree, after its opening brace.
fn group(
    tokens: &[(usize, Token)],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Other('}') => return at + 1,
            Token::Name(_) => at = path(tokens, at, before, found),
            _ => at += 1,
        }
    }
    at
}

/// Takes out every item under `#[cfg(test)]`; of modules in other files it keeps the names.
fn without_tests(tokens: Vec<(usize, Token)>) -> (Vec<(usize, Token)>, Vec<String>) {
    let marker: Vec<Token> = self::tokens("#[cfg(test)]")
        .into_iter()
        .map(|(_, token)| token)
        .collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().map(|(_, token)| token).take(marker.len());
        if here.eq(marker.iter()) {
            let start = at + marker.len();
            at = item_end(&tokens, start);
            if let [
                ..,
                (_, Token::Name(module)),
                (_, Token::Name(name)),
                (_, Token::Other(';')),
            ] = &tokens[start..at]
                && module == "mod"
            {
                modules.push(name.clone());
            }
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, modules)
}

/// Where the item that begins at `at` ends: after its `;`, or after the brace that closes it.
fn item_end(tokens: &[(usize, Token)], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some((_, token)) = tokens.get(at) {
        at += 1;
        match token {
            Token::Other('{' | '(' | '[') => depth += 1,
            Token::Other(close @ ('}' | ')' | ']')) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *close == '}' {
                    return at;
                }
            }
            Token::Other(';') if depth == 0 => return at,
            _ => {}
        }
    }
    at
}

/// Names, `::` and single characters with their lines; comments, strings and characters in quotes are left out.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = chars.get(at) {
        let end = match c {
            '/' if chars.get(at + 1) == Some(&'/') => line_end(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => block_comment_end(&chars, at),
            '"' => string_end(&chars, at + 1),
            '\'' => quote_end(&chars, at),
            _ if c.is_alphabetic() || c == '_' => {
                let end = name_end(&chars, at);
                let name: String = chars[at..end].iter().collect();
                match raw_string_end(&chars, &name, end) {
                    Some(end) => end,
                    None => {
                        tokens.push((line, Token::Name(name)));
                        end
                    }
                }
            }
            ':' if chars.get(at + 1) == Some(&':') => {
                tokens.push((line, Token::Sign("::")));
                at + 2
            }
            _ => {
                if !c.is_whitespace() {
                    tokens.push((line, Token::Other(c)));
                }
                at + 1
            }
        };
        let end = end.clamp(at + 1, chars.len());
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

fn line_end(chars: &[char], at: usize) -> usize {
    chars[at..]
        .iter()
        .position(|c| *c == '\n')
        .map_or(chars.len(), |length| at + length)
}

fn name_end(chars: &[char], at: usize) -> usize {
    chars[at..]
        .iter()
        .position(|c| !c.is_alphanumeric() && *c != '_')
        .map_or(chars.len(), |length| at + length)
}

fn block_comment_end(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The end of `'x'` or `'\n'`; a lifetime is one character long here, its name follows as a name.
fn quote_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let close = chars
                .get(at + 3..)
                .and_then(|rest| rest.iter().position(|c| *c == '\''));
            close.map_or(chars.len(), |length| at + 4 + length)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// The end of a raw string if `r`, `br` or `cr` has just been read before one.
fn raw_string_end(chars: &[char], prefix: &str, at: usize) -> Option<usize> {
    if !matches!(prefix, "r" | "br" | "cr") {
        return None;
    }
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    let rest = &chars[at + hashes + 1..];
    let length = rest.windows(close.len()).position(|window| window == close);
    Some(length.map_or(chars.len(), |length| at + hashes + 1 + length + close.len()))
}

/// Whether the forbidden path stands anywhere within this one.
fn names(path: &[String], forbidden: &str) -> bool {
    let forbidden: Vec<&str> = forbidden.split("::").collect();
    path.windows(forbidden.len()).any(|window| window == forbidden)
}

/// Where `mod name;` written in `file` may live.
fn module_places(file: &Path, name: &str) -> [PathBuf; 2] {
    let stem = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let folder = match stem {
        "lib" | "main" | "mod" => file.with_file_name(""),
        _ => file.with_extension(""),
    };
    [folder.join(format!("{name}.rs")), folder.join(name)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORBIDDEN: &[&str] = &[
        "std::fs",
        "std::net",
        "std::time::SystemTime",
        "Instant::now",
        "Timestamp::now",
    ];

    #[track_caller]
    fn check(text: &str, expected: &[(usize, &str)]) {
        let source = read(text);
        let found: Vec<(usize, &str)> = source
            .paths
            .iter()
            .filter_map(|(line, path)| Some((*line, *FORBIDDEN.iter().find(|f| names(path, f))?)))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_use_and_a_call_are_found() {
        check(
            "use std::fs;\nfn f() { std::fs::read(p); }",
            &[(1, "std::fs"), (2, "std::fs")],
        );
        check("let t = jiff::Timestamp::now();", &[(1, "Timestamp::now")]);
    }

    #[test]
    fn a_use_tree_is_walked() {
        check(
            "use std::{\n    fmt,\n    net::{IpAddr, TcpStream},\n    time::{Duration, SystemTime},\n};",
            &[(3, "std::net"), (3, "std::net"), (4, "std::time::SystemTime")],
        );
        check("use std::fs as disk;", &[(1, "std::fs")]);
    }

    #[test]
    fn words_in_comments_and_strings_are_only_words() {
        check(
            "//! Never std::fs.\n/* std::net /* std::fs */ */ \"std::fs\" r#\"std::\"fs\"# '\"' b\"std::fs\"",
            &[],
        );
        check("let quote = '\\''; std::fs::read()", &[(1, "std::fs")]);
        check("fn f<'a>(x: &'a str) { std::fs::read(x) }", &[(1, "std::fs")]);
    }

    #[test]
    fn tests_may_read_their_fixtures() {
        check(
            "#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn f() { {} }\n}\nuse std::fs;",
            &[(6, "std::fs")],
        );
        check(
            "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\nuse std::net::Ipv4Addr;",
            &[(4, "std::net")],
        );
        assert_eq!(read("#[cfg(test)]\nmod tests;").test_modules, ["tests"]);
    }

    #[test]
    fn names_that_only_look_alike_pass() {
        check(
            "use crate::fs; fn now() {} let instant = Instant::later(); my_std::fs();",
            &[],
        );
    }

    #[test]
    fn a_file_of_tests_is_not_read_and_every_other_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let src = folder.path().join("src");
        std::fs::create_dir_all(src.join("a")).unwrap();
        std::fs::write(src.join("lib.rs"), "mod a;\n").unwrap();
        std::fs::write(src.join("a.rs"), "#[cfg(test)]\nmod tests;\nuse std::net;\n").unwrap();
        std::fs::write(src.join("a/tests.rs"), "use std::fs;\n").unwrap();
        let paths = FORBIDDEN.iter().map(|path| (*path).to_owned()).collect();
        let pure = Pure {
            keeps: "pure".into(),
            reach: Vec::new(),
            paths,
        };
        let faults = faults(folder.path(), &src, &pure).unwrap();
        assert_eq!(
            faults,
            [Fault {
                what: "src/a.rs:3 names std::net".into(),
                breaks: "pure".into()
            }]
        );
    }
}
