//! Takes apart what a visit's script said: which command said what, and how each ended.
//!
//! It knows the marks and nothing of what the commands mean. Whatever a host sends, this never panics and
//! never holds more than a small multiple of what was received.

use std::collections::HashMap;

/// What became of one command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate<'a> {
    /// The visit ended before it.
    NotReached,
    /// This host has nothing to run it on.
    Absent,
    /// It needs a right that the account has not; the number says which of its programs exists.
    NoRight(usize),
    /// It ran, or began to.
    Ran(Said<'a>),
    /// The host says that what decides its answer is as it was when the answer was kept.
    Unchanged,
}

/// What a command said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said<'a> {
    /// Its standard output.
    pub(crate) stdout: &'a str,
    /// Its standard error.
    pub(crate) stderr: &'a str,
    /// Its exit code, unless the visit ended first.
    pub(crate) code: Option<i32>,
    /// Which of its alternative programs it was.
    pub(crate) choice: usize,
    /// Time on the host until the next command began.
    pub(crate) duration_ms: i64,
    /// True when the visit went on to another command.
    pub(crate) went_on: bool,
}

/// A whole visit's output, by command.
#[derive(Debug, Default)]
pub(crate) struct Transcript<'a> {
    fates: HashMap<&'a str, Fate<'a>>,
    /// User id of the account, as the host says.
    pub(crate) uid: Option<u32>,
    /// True when the script came to its end.
    pub(crate) complete: bool,
}

impl<'a> Transcript<'a> {
    /// Splits both streams at the marks of this visit. What stands before the first mark (a banner, what a
    /// login shell's start-up files print) belongs to nobody.
    pub(crate) fn split(stdout: &'a str, stderr: &'a str, marker: &str) -> Self {
        let mut errors: HashMap<&str, (&str, Option<i32>, usize)> = HashMap::new();
        for (mark, body) in marks(stderr, marker) {
            let mut words = mark.split(' ');
            match (words.next(), words.next()) {
                (Some("b"), Some(key)) => errors.entry(key).or_default().0 = body,
                (Some("r"), Some(key)) => {
                    let entry = errors.entry(key).or_default();
                    entry.1 = words.next().and_then(|code| code.parse().ok());
                    entry.2 = words.next().and_then(|choice| choice.parse().ok()).unwrap_or(0);
                }
                _ => {}
            }
        }
        let mut this = Self::default();
        let mut open: Option<(&str, f64)> = None;
        for (mark, body) in marks(stdout, marker) {
            let mut words = mark.split(' ');
            let (verb, key, extra) = (
                words.next().unwrap_or(""),
                words.next().unwrap_or(""),
                words.next(),
            );
            match verb {
                "b" => {
                    let now = extra.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
                    if let Some((before, since)) = open.replace((key, now)) {
                        this.set_duration(before, now - since);
                    }
                    if key == "end" {
                        this.complete = true;
                        continue;
                    }
                    let (stderr, code, choice) = errors.get(key).copied().unwrap_or_default();
                    this.fates.insert(
                        key,
                        Fate::Ran(Said {
                            stdout: body,
                            stderr,
                            code,
                            choice,
                            ..Said::default()
                        }),
                    );
                }
                "n" => {
                    this.fates.insert(key, Fate::Absent);
                }
                "p" => {
                    let choice = extra.and_then(|text| text.parse().ok()).unwrap_or(0);
                    this.fates.insert(key, Fate::NoRight(choice));
                }
                "k" => {
                    this.fates.insert(key, Fate::Unchanged);
                }
                // What ran through sudo tells its end here, and its complaints behind it.
                "r" => {
                    if let (Some(Fate::Ran(said)), Some((code, choice))) =
                        (this.fates.get_mut(key), whole_end(mark))
                    {
                        (said.code, said.choice, said.stderr) = (Some(code), choice, body);
                    }
                }
                "u" => this.uid = key.parse().ok(),
                _ => {}
            }
        }
        this
    }

    fn set_duration(&mut self, key: &str, seconds: f64) {
        if let Some(Fate::Ran(said)) = self.fates.get_mut(key) {
            said.duration_ms = (seconds.clamp(0.0, 86_400.0) * 1000.0).round() as i64;
            said.went_on = true;
        }
    }

    /// Puts a kept answer where the host said that it still holds.
    pub(crate) fn recall(&mut self, key: &str, kept: Said<'a>) {
        if let Some(fate @ Fate::Unchanged) = self.fates.get_mut(key) {
            *fate = Fate::Ran(kept);
        }
    }

    /// What became of the command whose mark is `key`.
    pub(crate) fn fate(&self, key: &str) -> Fate<'a> {
        self.fates.get(key).cloned().unwrap_or(Fate::NotReached)
    }
}

/// Code and choice of `r 12 0 1 .`; without the dot, the mark was cut with the output before it.
fn whole_end(mark: &str) -> Option<(i32, usize)> {
    let words: Vec<&str> = mark.split(' ').collect();
    let [_, _, code, choice, "."] = words.as_slice() else {
        return None;
    };
    Some((code.parse().ok()?, choice.parse().ok()?))
}

/// Each mark with the text up to the next one.
fn marks<'a>(text: &'a str, marker: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mark = format!("\n@{marker} ");
    let mut rest = text.find(&mark).map(|at| &text[at + mark.len()..]);
    std::iter::from_fn(move || {
        let current = rest?;
        let (block, next) = match current.find(&mark) {
            Some(at) => (&current[..at], Some(&current[at + mark.len()..])),
            None => (current, None),
        };
        rest = next;
        Some(block.split_once('\n').unwrap_or((block, "")))
    })
}

#[cfg(test)]
mod tests {
    use super::{Fate, Transcript};
    use proptest::prelude::*;

    const OUT: &str = "Welcome!\n\n@M u 1000\n\n@M b 0 10.00\nx86_64\n\n@M n 1\n\n@M p 2 1\n\n@M b 3 10.25\nno newline\n@M b end 10.30\n";
    const ERR: &str = "\n@M b 0\n\n@M r 0 0\n\n@M b 3\nwarning: odd\n\n@M r 3 2\n\n@M b end\n";

    #[test]
    fn every_command_gets_its_own_words() {
        let seen = Transcript::split(OUT, ERR, "M");
        assert_eq!(seen.uid, Some(1000));
        assert!(seen.complete);
        let Fate::Ran(zero) = seen.fate("0") else {
            panic!("{seen:?}")
        };
        assert_eq!(
            (zero.stdout, zero.stderr, zero.code, zero.duration_ms),
            ("x86_64\n", "", Some(0), 250)
        );
        assert_eq!(seen.fate("1"), Fate::Absent);
        assert_eq!(seen.fate("2"), Fate::NoRight(1));
        let Fate::Ran(three) = seen.fate("3") else {
            panic!("{seen:?}")
        };
        assert_eq!(
            (three.stdout, three.stderr.trim(), three.code),
            ("no newline", "warning: odd", Some(2))
        );
        assert_eq!(seen.fate("4"), Fate::NotReached);
    }

    #[test]
    fn what_ran_through_sudo_tells_its_end_behind_its_output() {
        let out = "\n@M b 5 1.0\nports\n\n@M r 5 1 2 .\nsudo: no\n\n@M b 6 2.0\nhangs\n@M b 7 12.0\ncut\n@M r 7 1\n@M b end 13.0\n";
        let seen = Transcript::split(out, "\n@M b 5\n\n@M b 6\n\n@M b 7\n", "M");
        let said = |key| match seen.fate(key) {
            Fate::Ran(said) => said,
            other => panic!("{other:?}"),
        };
        let five = said("5");
        assert_eq!(
            (five.stdout, five.stderr, five.code, five.choice),
            ("ports\n", "sudo: no\n", Some(1), 2)
        );
        assert_eq!(
            (said("6").stdout, said("6").code, said("6").went_on),
            ("hangs", None, true)
        );
        assert_eq!(
            (said("7").stdout, said("7").code),
            ("cut", None),
            "half a mark is none"
        );
    }

    #[test]
    fn a_forged_mark_is_only_text() {
        let out = "\n@M b 0 1.0\n@X b 1 1.0\nforged\n\n@M b end 1.0\n";
        let seen = Transcript::split(out, "", "M");
        assert_eq!(seen.fate("1"), Fate::NotReached);
        let Fate::Ran(zero) = seen.fate("0") else {
            panic!("{seen:?}")
        };
        assert_eq!(zero.stdout, "@X b 1 1.0\nforged\n");
    }

    #[test]
    fn a_visit_cut_short_keeps_what_came() {
        let cut = OUT.find("newline").expect("in the text");
        let seen = Transcript::split(&OUT[..cut], "", "M");
        assert!(!seen.complete);
        let Fate::Ran(three) = seen.fate("3") else {
            panic!("{seen:?}")
        };
        assert_eq!((three.stdout, three.code), ("no ", None));
    }

    proptest! {
        #[test]
        fn nothing_a_host_says_makes_it_panic(out in "(\\PC|\n@M|[bnpru0-9 ]){0,80}", err in "(\\PC|\n@M r){0,20}") {
            let _ = Transcript::split(&out, &err, "M");
        }
    }
}
