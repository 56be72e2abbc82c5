//! Who may become whom: the rules of sudoers, and what sudo tells the visiting account of itself.
//!
//! Only `/etc/sudoers` and the files in `/etc/sudoers.d` are read. A rule that stands elsewhere is not known, and that is said.

use std::collections::BTreeSet;

use luumen_model::{SudoPolicy, SudoRule};

use super::secrets::in_command;
use crate::view::{Notes, View, complaints};

const ID: &str = "sudo_policy.rules";
const FOLDER: &str = "/etc/sudoers.d";

/// A longer line is no rule that anyone wrote.
const MAX_LINE: usize = 65_536;

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<SudoPolicy> {
    let own = view.output("sudo_policy.own_rights").map(own_rights);
    let rules = view.output(ID);
    if own.is_none() && rules.is_none() {
        return None;
    }
    if view.fate(ID) == crate::transcript::Fate::Absent {
        notes.problem(
            ID,
            "there is no /etc/sudoers, so sudo has its rules from elsewhere, and those are not read",
        );
    }
    let mut policy = SudoPolicy {
        own_rights: own
            .unwrap_or_default()
            .iter()
            .map(|line| in_command(line))
            .collect(),
        ..SudoPolicy::default()
    };
    let said = view.said(ID);
    for line in said.iter().flat_map(complaints) {
        if !line.ends_with(": No such file or directory") {
            notes.odd(ID, "not all rules could be read", line);
        }
        if is_of_an_option(line) {
            // What follows is grep's help.
            break;
        }
    }
    read_files(rules.unwrap_or_default(), &mut policy, notes);
    policy.defaults.sort();
    policy.defaults.dedup();
    Some(policy)
}

/// `grep: unrecognized option: R`, or `grep: invalid option -- 'R'`.
fn is_of_an_option(line: &str) -> bool {
    line.starts_with("grep: ") && (line.contains("unrecognized option") || line.contains("invalid option"))
}

/// The rows of `grep -R`, file by file. sudo passes over files of the folder with a dot in their names, or with a `~` at the
/// end, unless another file names them.
fn read_files(text: &str, policy: &mut SudoPolicy, notes: &mut Notes) {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    let mut goes_on = false;
    for row in text.lines() {
        if row.starts_with("Binary file ") || row.ends_with(": binary file matches") {
            notes.odd(
                ID,
                "this file holds more than text, and its rules are not known",
                row,
            );
            continue;
        }
        let Some((path, line)) = row.split_once(':') else {
            continue;
        };
        if files.last().is_none_or(|(last, _)| *last != path) {
            files.push((path, Vec::new()));
            goes_on = false;
        }
        let Some((_, lines)) = files.last_mut() else {
            continue;
        };
        match lines.last_mut().filter(|last| goes_on && last.len() < MAX_LINE) {
            Some(half) => half.push_str(line.trim()),
            None => lines.push(line.trim().to_owned()),
        }
        // A backslash at the end goes on in the next line.
        let whole = lines.last_mut();
        goes_on = whole.is_some_and(|line| line.ends_with('\\') && line.pop().is_some());
    }
    let known: BTreeSet<&str> = files.iter().map(|(path, _)| *path).collect();
    let mut included = BTreeSet::new();
    for (path, lines) in &files {
        for line in lines {
            include(path, line, &known, &mut included, notes);
        }
    }
    for (path, lines) in &files {
        if is_passed_over(path) && !included.contains(*path) {
            continue;
        }
        for line in lines {
            take(path, line, policy);
        }
    }
}

fn is_passed_over(path: &str) -> bool {
    let name = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| name.contains('.') || name.ends_with('~') || name.contains('/'))
}

/// `@include file`, `@includedir folder`, and the same with `#`: what lies where nobody looked is said.
fn include(
    path: &str,
    line: &str,
    known: &BTreeSet<&str>,
    included: &mut BTreeSet<String>,
    notes: &mut Notes,
) {
    let Some(rest) = line
        .strip_prefix(['@', '#'])
        .and_then(|rest| rest.strip_prefix("include"))
    else {
        return;
    };
    let (folder, rest) = match rest.strip_prefix("dir") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if !rest.starts_with([' ', '\t']) {
        return;
    }
    let rest = rest.trim();
    let quoted = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
    let target = quoted.map_or_else(|| unescape(word(rest)), str::to_owned);
    let target = if target.starts_with('/') {
        target
    } else {
        // Beside the file that names it.
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{target}")
    };
    if folder {
        if target.trim_end_matches('/') != FOLDER {
            notes.odd(ID, "the rules in this folder are not read", line);
        }
    } else if known.contains(target.as_str()) {
        included.insert(target);
    } else {
        notes.odd(ID, "the rules in this file are not read, or it has none", line);
    }
}

fn take(path: &str, line: &str, policy: &mut SudoPolicy) {
    // `#1000` is an account by its number; everything else behind `#` is a comment.
    let number = line
        .strip_prefix('#')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    if line.is_empty() || (line.starts_with('#') && !number) || line.starts_with('@') {
        return;
    }
    if line.starts_with("Defaults") {
        policy.defaults.push(line.to_owned());
        return;
    }
    let aliases = [
        "User_Alias",
        "Runas_Alias",
        "Host_Alias",
        "Cmnd_Alias",
        "Cmd_Alias",
    ];
    let who = users(line);
    let rest = &line[who.len()..];
    if aliases.contains(&who) || !rest.contains('=') {
        return;
    }
    policy.rules.push(SudoRule {
        path: path.to_owned(),
        line: in_command(line),
        who: unescape(who),
        nopasswd: rest.contains("NOPASSWD"),
        all_commands: all_commands(rest),
    });
}

/// The first word: a backslash takes a space in, and quotes do.
fn word(text: &str) -> &str {
    let (mut escaped, mut quoted) = (false, false);
    let end = text.find(|c: char| {
        let ends = c.is_whitespace() && !escaped && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    &text[..end.unwrap_or(text.len())]
}

/// The list of users that a rule begins with: words, as long as a comma stands between them.
fn users(line: &str) -> &str {
    let mut end = word(line).len();
    loop {
        let rest = &line[end..];
        let next = rest.trim_start();
        if !line[..end].ends_with(',') && !next.starts_with(',') || next.is_empty() {
            return &line[..end];
        }
        end += rest.len() - next.len() + word(next).len();
    }
}

/// A name as the system knows it: `CORP\\scan` is `CORP\scan`, `%domain\ admins` has a space.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            '"' => {}
            _ => out.push(character),
        }
    }
    out
}

/// True when one of the commands is ALL. The hosts before `=` may be ALL, too, and so may those whom one may become, which
/// stand in brackets.
fn all_commands(rest: &str) -> bool {
    let specs = rest.split(" : ");
    specs
        .filter_map(|spec| spec.split_once('='))
        .any(|(_, commands)| {
            let mut depth = 0u32;
            let plain: String = commands
                .chars()
                .filter(|c| {
                    depth = match c {
                        '(' => depth + 1,
                        ')' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    depth == 0 && *c != ')'
                })
                .collect();
            let mut words = plain.split(|c: char| c == ',' || c == ':' || c.is_whitespace());
            words.any(|word| word == "ALL")
        })
}

/// The indented lines of `sudo -l`, behind "may run the following commands".
fn own_rights(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .skip_while(|line| !line.contains("may run the following"));
    lines
        .skip(1)
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{own_rights, read_files};
    use crate::view::Notes;
    use luumen_model::SudoPolicy;

    fn read(lines: &[&str]) -> (SudoPolicy, Vec<String>) {
        let (mut policy, mut notes) = (SudoPolicy::default(), Notes::default());
        read_files(&lines.join("\n"), &mut policy, &mut notes);
        let said = notes.problems.into_iter().filter_map(|problem| problem.line);
        (policy, said.collect())
    }

    #[track_caller]
    fn check(lines: &[&str], expected: &[(&str, bool, bool)]) {
        let rows: Vec<String> = lines.iter().map(|line| format!("/etc/sudoers:{line}")).collect();
        let (policy, _) = read(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let seen: Vec<(&str, bool, bool)> = policy
            .rules
            .iter()
            .map(|rule| (rule.who.as_str(), rule.nopasswd, rule.all_commands))
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_rule_says_who_and_how_much() {
        check(
            &[
                "# comment",
                "Defaults env_reset",
                "root ALL=(ALL:ALL) ALL",
                "%wheel ALL=(ALL) NOPASSWD: ALL",
                "scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T",
                "@includedir /etc/sudoers.d",
                "User_Alias A=x",
                "#1000 ALL=(root:ALL) /bin/x",
                "ann ALL=(ALL) ALL, /bin/x a\\=b",
                "ann, bob ,eve ALL = NOPASSWD:ALL",
            ],
            &[
                ("root", false, true),
                ("%wheel", true, true),
                ("scan", true, false),
                ("#1000", false, false),
                ("ann", false, true),
                ("ann, bob ,eve", true, true),
            ],
        );
    }

    #[test]
    fn a_name_of_a_domain_keeps_its_backslash_and_its_spaces() {
        check(
            &[
                r"CORP\\scan ALL=(ALL) ALL",
                r"%CORP\\domain\ admins ALL=(ALL) NOPASSWD: ALL",
                r#""%CORP\\ops team" ALL=(root) /bin/x"#,
            ],
            &[
                (r"CORP\scan", false, true),
                (r"%CORP\domain admins", true, true),
                (r"%CORP\ops team", false, false),
            ],
        );
    }

    #[test]
    fn rules_that_stand_elsewhere_are_named() {
        let (policy, said) = read(&[
            "/etc/sudoers:@includedir /etc/sudoers.d",
            "/etc/sudoers:#includedir /usr/local/etc/sudoers.d",
            "/etc/sudoers:@include /etc/sudoers.local",
            "/etc/sudoers:@include sudoers.d/old.conf",
            "/etc/sudoers:# include nothing",
            "/etc/sudoers.d/old.conf:ann ALL=(ALL) \\",
            "/etc/sudoers.d/old.conf:ALL",
            "/etc/sudoers.d/left.dpkg-old:bob ALL=(ALL) ALL",
            "Binary file /etc/sudoers.d/odd matches",
            "grep: /etc/sudoers.d/odd2: binary file matches",
        ]);
        assert_eq!(
            said,
            [
                "Binary file /etc/sudoers.d/odd matches",
                "grep: /etc/sudoers.d/odd2: binary file matches",
                "#includedir /usr/local/etc/sudoers.d",
                "@include /etc/sudoers.local",
            ]
        );
        let rules: Vec<(&str, bool)> = policy
            .rules
            .iter()
            .map(|rule| (rule.who.as_str(), rule.all_commands))
            .collect();
        assert_eq!(rules, [("ann", true)]);
    }

    #[test]
    fn own_rights_are_the_indented_lines() {
        let text = "Matching Defaults entries for scan on h:\n    env_reset\n\nUser scan may run the following commands on h:\n    (root) NOPASSWD: /usr/sbin/sshd -T\n";
        assert_eq!(own_rights(text), ["(root) NOPASSWD: /usr/sbin/sshd -T"]);
    }
}
