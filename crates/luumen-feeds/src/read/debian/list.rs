//! The text files of Debian's security tracker: `data/CVE/list`, `DSA/list`, `DLA/list`, `DTSA/list`. The heads of the entries tell which it is.
//!
//! | Debian | ours |
//! |---|---|
//! | `[release] - package version`, `- package version` | fixed in that version; without a release it is unstable, `debian/sid` |
//! | version `0` | not affected: never was |
//! | `<not-affected>` | not affected |
//! | `<unfixed>`, `<removed>` | affected; a removed package lives on in older releases |
//! | `<no-dsa>` | affected; no advisory is planned |
//! | `<postponed>` | deferred |
//! | `<ignored>` | will not fix |
//! | `<end-of-life>` | end of life |
//! | `<undetermined>` | under investigation |
//! | `<itp>` | nothing: not in Debian yet |
//!
//! Urgencies are severities, `unimportant` as low, and the word stays in the note. DLA is the channel `lts`, ELA `elts`, everything else the main one.
//! An advisory without a CVE speaks under its own id, unless it repairs a regression of an earlier one: that is no vulnerability. `CVE-2023-XXXX`
//! stands for a flaw without an id yet; it is a problem, since two such entries could not be told apart.

use luumen_model::Timestamp;
use luumen_model::advisory::{Channel, Claim, Record, Status, Vulnerability};

use super::{Place, claim, place, severity};
use crate::read::{Document, Problem, ReadError, Sink, dates, dpkg};

/// Reads one of the lists.
pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let text = String::from_utf8_lossy(document.bytes);
    let mut entry: Option<Entry<'_>> = None;
    let mut heads = 0_usize;
    for line in text.lines() {
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            match &mut entry {
                Some(entry) => entry.line(line.trim()),
                None => sink.problem(problem(line, "it stands under no entry")),
            }
            continue;
        }
        if let Some(done) = entry.take() {
            done.tell(document.source, sink);
        }
        entry = Entry::of(line);
        match &entry {
            Some(_) => heads += 1,
            None => sink.problem(problem(line, "it is not the head of an entry")),
        }
    }
    if let Some(done) = entry {
        done.tell(document.source, sink);
    }
    if heads == 0 {
        return Err(ReadError::other("it has no entry of Debian's security tracker"));
    }
    Ok(())
}

fn problem(entry: &str, what: impl Into<String>) -> Problem {
    Problem {
        entry: entry.to_owned(),
        what: what.into(),
    }
}

/// An entry: a CVE, or an advisory.
struct Entry<'a> {
    id: &'a str,
    title: Option<&'a str>,
    /// Advisories only.
    date: Option<&'a str>,
    cves: Vec<&'a str>,
    rejected: bool,
    lines: Vec<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(head: &'a str) -> Option<Self> {
        let (date, rest) = match head.strip_prefix('[') {
            Some(rest) => rest
                .split_once(']')
                .map(|(date, rest)| (Some(date), rest.trim()))?,
            None => (None, head),
        };
        let (id, title) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let known = match date {
            Some(_) => ["DSA-", "DLA-", "DTSA-", "ELA-"]
                .iter()
                .any(|p| id.starts_with(p)),
            None => id.starts_with("CVE-") || id.starts_with("CAN-") || id.starts_with("TEMP-"),
        };
        let title = title
            .trim()
            .trim_start_matches(['(', '['])
            .trim_end_matches([')', ']']);
        known.then(|| Self {
            id,
            title: Some(title).filter(|title| !title.is_empty()),
            date,
            cves: Vec::new(),
            rejected: false,
            lines: Vec::new(),
        })
    }

    fn line(&mut self, line: &'a str) {
        if let Some(ids) = line.strip_prefix('{') {
            let ids = ids.trim_end_matches('}').split_whitespace();
            self.cves.extend(ids.filter(|id| id.starts_with("CVE-")));
        } else if line == "REJECTED" {
            self.rejected = true;
        } else if line.starts_with("- ") || line.starts_with('[') {
            self.lines.push(line);
        }
    }

    fn tell(self, source: &str, sink: &mut dyn Sink) {
        if self.lines.is_empty() && !self.rejected {
            return;
        }
        if self.date.is_none() && self.id.contains("XXXX") {
            sink.problem(problem(self.id, format!("{:?} has no id yet", self.title)));
            return;
        }
        let regression = self.title.is_some_and(|title| title.contains("regression"));
        if self.date.is_some() && self.cves.is_empty() && regression {
            return;
        }
        let ids: &[&str] = match self.date {
            Some(_) if !self.cves.is_empty() => &self.cves,
            _ => {
                self.tell_vulnerability(source, sink);
                &[self.id]
            }
        };
        for line in &self.lines {
            match self.claim(line, source) {
                Ok(Some(claim)) => {
                    for id in ids {
                        let vulnerability = (*id).to_owned();
                        sink.record(Record::Claim(Claim {
                            vulnerability,
                            ..claim.clone()
                        }));
                    }
                }
                Ok(None) => {}
                Err(what) => sink.problem(problem(self.id, format!("{line:?}: {what}"))),
            }
        }
    }

    fn tell_vulnerability(&self, source: &str, sink: &mut dyn Sink) {
        let published_at = match self.date.map(advisory_day).transpose() {
            Ok(day) => day,
            Err(what) => {
                sink.problem(problem(self.id, what));
                None
            }
        };
        sink.record(Record::Vulnerability(Vulnerability {
            id: self.id.to_owned(),
            source: source.to_owned(),
            title: self.title.map(str::to_owned),
            published_at,
            rejected: self.rejected,
            ..Vulnerability::default()
        }));
    }

    /// `[bookworm] - package <no-dsa> (reason)`. The id is filled in by who knows which CVEs it is for.
    fn claim(&self, line: &str, source: &str) -> Result<Option<Claim>, String> {
        let (release, rest) = match line.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or("the bracket is not closed")?,
            None => ("sid", line),
        };
        let (platform, mut channel) = match place(release.trim()) {
            Place::Release(platform, channel) => (platform, channel),
            Place::Elsewhere => return Ok(None),
            Place::Unknown => return Err(format!("{release:?} is not a release of Debian that we know")),
        };
        if self.id.starts_with("DLA-") {
            channel = Channel::new("lts");
        } else if self.id.starts_with("ELA-") {
            channel = Channel::new("elts");
        }
        let rest = rest.trim().strip_prefix('-').ok_or("it names no package")?.trim();
        let (package, said) = rest.split_once([' ', '\t']).ok_or("it has no status")?;
        let Some(meaning) = meaning(said.trim())? else {
            return Ok(None);
        };
        let mut claim = claim(source, "", (platform, channel), package, meaning.status);
        claim.fixed = meaning.fixed.map(str::to_owned);
        claim.severity = meaning.urgency.and_then(severity);
        claim.note = meaning.note;
        claim.advisory = self.date.map(|_| self.id.to_owned());
        Ok(Some(claim))
    }
}

struct Meaning<'a> {
    status: Status,
    fixed: Option<&'a str>,
    urgency: Option<&'a str>,
    note: Option<String>,
}

/// What stands behind the package: a version or a word in angle brackets, and a remark in parentheses.
fn meaning(said: &str) -> Result<Option<Meaning<'_>>, String> {
    let (word, remark) = match said.split_once('(') {
        Some((word, remark)) => (word.trim(), remark.strip_suffix(')').unwrap_or(remark).trim()),
        None => (said, ""),
    };
    let reason = Some(remark)
        .filter(|remark| !remark.is_empty())
        .map(str::to_owned);
    let of = |status, note| Meaning {
        status,
        fixed: None,
        urgency: None,
        note,
    };
    let named = |name: &str| match remark {
        "" => Some(name.to_owned()),
        remark => Some(format!("{name}: {remark}")),
    };
    Ok(Some(match word {
        "<not-affected>" => of(Status::NotAffected, reason),
        "<no-dsa>" => of(Status::Affected, named("no-dsa")),
        "<postponed>" => of(Status::Deferred, reason),
        "<ignored>" => of(Status::WillNotFix, reason),
        "<end-of-life>" => of(Status::EndOfLife, reason),
        "<undetermined>" => of(Status::UnderInvestigation, reason),
        "<itp>" => return Ok(None),
        "<unfixed>" => flagged(Status::Affected, None, None, remark),
        "<removed>" => flagged(Status::Affected, None, Some("removed"), remark),
        "0" => of(Status::NotAffected, reason),
        version if dpkg::is_version(version) => flagged(Status::Fixed, Some(version), None, remark),
        _ => return Err("its status is neither a version nor a word that we know".to_owned()),
    }))
}

/// `(unimportant; bug #123456)`.
fn flagged<'a>(status: Status, fixed: Option<&'a str>, word: Option<&str>, flags: &'a str) -> Meaning<'a> {
    let urgency = flags
        .split(';')
        .map(str::trim)
        .find(|flag| severity(flag).is_some());
    let unimportant = urgency.filter(|urgency| *urgency == "unimportant");
    let words: Vec<&str> = word.into_iter().chain(unimportant).collect();
    Meaning {
        status,
        fixed,
        urgency,
        note: (!words.is_empty()).then(|| words.join(", ")),
    }
}

/// `02 Nov 2023`, or `August 26th, 2005` in the oldest list.
fn advisory_day(text: &str) -> Result<Timestamp, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [first, second, year] = words[..] else {
        return Err(format!("{text:?} is not a day"));
    };
    let (day, month) = match first.starts_with(|c: char| c.is_ascii_digit()) {
        true => (first, second),
        false => (second, first),
    };
    let day: String = day.chars().filter(char::is_ascii_digit).collect();
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let month = month.to_ascii_lowercase();
    let at = MONTHS.iter().position(|name| month.starts_with(name));
    let at = at.ok_or_else(|| format!("{text:?} is not a day"))? + 1;
    dates::day(&format!("{year}-{at:02}-{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    fn read(text: &str) -> Collected {
        let mut out = Collected::default();
        let document = Document {
            source: "debian",
            name: "list",
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).expect("a list");
        out
    }

    /// One line a record: what a person would check.
    fn lines(out: &Collected) -> String {
        let lines = out.records.iter().map(|record| match record {
            Record::Claim(c) => format!(
                "{} {} [{}] {} {:?} {} {:?} {} {}\n",
                c.vulnerability,
                c.platform,
                c.channel.0,
                c.package,
                c.status,
                c.fixed.as_deref().unwrap_or("-"),
                c.severity.unwrap_or_default(),
                c.advisory.as_deref().unwrap_or("-"),
                c.note.as_deref().unwrap_or("-"),
            ),
            Record::Vulnerability(v) => format!("{} {:?} rejected={}\n", v.id, v.title, v.rejected),
            other => format!("{other:?}\n"),
        });
        lines.collect()
    }

    #[test]
    fn the_list_of_cves_says_something_of_each_release() {
        let out = read(include_str!("../../../tests/samples/debian/CVE-list"));
        expect_test::expect![[r#"
            CVE-2024-99001 Some("A sample with every status ...") rejected=false
            CVE-2024-99001 debian/sid [] qemu Fixed 1:8.1.1+ds-2 Low - unimportant
            CVE-2024-99001 debian/12 [] qemu Affected - Unknown - no-dsa: Minor issue
            CVE-2024-99001 debian/11 [] qemu Deferred - Unknown - Minor issue; can be fixed later
            CVE-2024-99001 debian/10 [] qemu EndOfLife - Unknown - see DSA 5046
            CVE-2024-99001 debian/9 [] qemu NotAffected - Unknown - Vulnerable code introduced later
            CVE-2024-99001 debian/8 [] qemu WillNotFix - Unknown - Too intrusive
            CVE-2024-99001 debian/7 [] qemu NotAffected - Unknown - -
            CVE-2024-99001 debian/sid [] xen Affected - High - -
            CVE-2024-99001 debian/sid [] oldxen Affected - Unknown - removed
            CVE-2024-99001 debian/sid [] newxen UnderInvestigation - Unknown - -
            CVE-2024-99002 None rejected=true
        "#]]
        .assert_eq(&lines(&out));
        let problems: Vec<_> = out.problems.iter().map(|p| p.what.as_str()).collect();
        expect_test::expect![[r#"
            [
                "\"[zebra] - qemu 1.0-1\": \"zebra\" is not a release of Debian that we know",
                "\"- qemu soon (bug #1)\": its status is neither a version nor a word that we know",
                "Some(\"a flaw without an id\") has no id yet",
            ]
        "#]]
        .assert_debug_eq(&problems);
    }

    #[test]
    fn an_advisory_speaks_for_each_of_its_cves() {
        let out = read(
            "[02 Nov 2023] DSA-5546-1 chromium - security update\n\t{CVE-2023-5480 CVE-2023-5482}\n\t[bookworm] - chromium 119.0-1~deb12u1\n\
             [02 Nov 2023] DLA-3644-1 phppgadmin - security update\n\t{CVE-2023-40619}\n\t[buster] - phppgadmin 5.1+ds-4+deb10u1\n\
             [17 Mar 2023] DSA-5356-2 sox - regression update\n\t[bullseye] - sox 14.4.2-2+deb11u2\n\
             [August 28th, 2005] DTSA-3-1 clamav - several\n\t[etch] - clamav 0.86.2-4etch1 (high)\n",
        );
        expect_test::expect![[r#"
            CVE-2023-5480 debian/12 [] chromium Fixed 119.0-1~deb12u1 Unknown DSA-5546-1 -
            CVE-2023-5482 debian/12 [] chromium Fixed 119.0-1~deb12u1 Unknown DSA-5546-1 -
            CVE-2023-40619 debian/10 [lts] phppgadmin Fixed 5.1+ds-4+deb10u1 Unknown DLA-3644-1 -
            DTSA-3-1 Some("clamav - several") rejected=false
            DTSA-3-1 debian/4 [] clamav Fixed 0.86.2-4etch1 High DTSA-3-1 -
        "#]]
        .assert_eq(&lines(&out));
        assert!(out.problems.is_empty(), "{:?}", out.problems);
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "{}", "<html>", "[yesterday] news"] {
            let document = Document {
                source: "debian",
                name: "list",
                bytes: text.as_bytes(),
            };
            assert!(
                super::read(document, &mut Collected::default()).is_err(),
                "{text}"
            );
        }
    }
}
