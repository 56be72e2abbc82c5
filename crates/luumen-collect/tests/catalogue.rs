//! What an admin consents to: the list of commands, the sudoers files, and rules that every entry keeps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::{collections::BTreeSet, io::Write as _, process::Command, time::Duration};

use expect_test::expect_file;
use luumen_collect::{CollectOptions, catalogue, commands_markdown, plan, plan_again, sudoers};
use luumen_model::{PrivilegeTier, SectionKind, Timestamp};
use support::repository;

#[test]
fn every_command_is_listed_for_admins() {
    expect_file![repository("docs/reference/commands.md")].assert_eq(&commands_markdown());
}

#[test]
fn ids_are_unique_and_every_section_is_read() {
    let ids: BTreeSet<&str> = catalogue::commands().map(|command| command.id()).collect();
    assert_eq!(ids.len(), catalogue::commands().count());
    for kind in SectionKind::ALL {
        assert!(
            catalogue::of_section(*kind).next().is_some(),
            "nothing reads {kind}"
        );
    }
}

#[test]
fn a_reason_is_a_sentence() {
    for command in catalogue::commands() {
        assert!(
            command.why().ends_with('.') && command.why().len() > 10,
            "{}",
            command.id()
        );
    }
}

/// Words that write, install, refresh or stop something. None of them may be a command of ours.
#[test]
fn no_command_is_one_that_writes() {
    let forbidden = [
        "rm", "mv", "cp", "tee", "touch", "mkdir", "chmod", "chown", "kill", "reboot", "mount", "umount",
        "modprobe", "insmod", "dd", "install", "ln", "truncate", "mkfifo", "useradd", "usermod", "service",
        "update",
    ];
    for command in catalogue::commands() {
        for text in command.texts() {
            let words = text
                .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '{' | '}'));
            for word in words {
                let name = word.rsplit('/').next().unwrap_or(word);
                assert!(!forbidden.contains(&name), "{}: {name}", command.id());
            }
            let redirected = text.replace("2>/dev/null", "").replace("2>&1", "");
            let quoted: String = redirected.split('\'').step_by(2).collect();
            assert!(!quoted.contains('>'), "{} redirects: {quoted}", command.id());
        }
    }
}

/// One program that hangs must not take the sections behind it along.
#[test]
fn every_process_has_a_time_limit() {
    // Tests and reads of the shell itself, on /proc and by name.
    let shell_alone = ["probe.paths", "probe.links", "os.machine", "hardware.cpu"];
    for command in catalogue::commands().filter(|command| command.tier() == PrivilegeTier::None) {
        let texts = command.texts().concat();
        let limited =
            command.timeout_s().is_some() || texts.contains("$T ") || texts.starts_with("grep -aH ''");
        let state = command.id() == "packages.inputs";
        assert!(
            limited || state || shell_alone.contains(&command.id()),
            "{}: {texts}",
            command.id()
        );
    }
    let mut options = CollectOptions::new("test", "0");
    let again = plan_again(&options, None, Timestamp::from_seconds(0));
    assert!(again.script().contains("$T 10 stat -L"));
    options.tier = PrivilegeTier::Extended;
    // What sudo runs need not end when the account says so: whoever reads it has a limit, too.
    let script = plan(&options).script().to_owned();
    assert!(script.contains("| $T $((l + 4)) $C $h"), "{script}");
    let by_sudo = script.matches("sudo -k -n ").count();
    assert!(by_sudo > 20, "{by_sudo}");
    let limited = script
        .split("sudo -k -n ")
        .filter(|before| {
            let words: Vec<&str> = before.rsplit(' ').skip(1).take(5).collect();
            words.last().is_some_and(|word| word.ends_with("_s"))
                && words[..4].iter().all(|word| word.parse::<u64>().is_ok())
        })
        .count();
    assert_eq!(limited, by_sudo, "{script}");
}

#[test]
fn a_limit_for_each_command_shortens_the_limits_within_texts() {
    let mut options = CollectOptions::new("test", "0");
    options.tier = PrivilegeTier::Extended;
    options.command_timeout = Some(Duration::from_secs(3));
    let plan = plan_again(&options, None, Timestamp::from_seconds(0));
    let limits = plan.script().split("$T ").skip(1).map(|after| {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        after[..digits].parse::<u64>().ok()
    });
    let limits: Vec<u64> = limits.flatten().collect();
    assert!(
        limits.len() > 20 && limits.iter().all(|limit| *limit == 3),
        "{limits:?}"
    );
}

/// An input that the host is not asked about would let an old answer stand.
#[test]
fn the_state_of_every_input_is_asked_for() {
    let asked = catalogue::find("packages.inputs")
        .expect("in the catalogue")
        .texts()
        .concat();
    let asked: BTreeSet<&str> = asked.split(' ').collect();
    let with_inputs: Vec<_> = catalogue::commands()
        .filter(|command| command.inputs().next().is_some())
        .collect();
    assert!(with_inputs.len() >= 6);
    for command in with_inputs {
        assert!(
            command.inputs().all(|input| asked.contains(input)),
            "{}",
            command.id()
        );
        assert_eq!(command.tier(), PrivilegeTier::None, "{}", command.id());
    }
}

/// Of a file that is closed to the account it is said that the other command reads it.
#[test]
fn what_reads_closed_files_is_for_the_same_sections() {
    let closed = catalogue::commands().filter_map(|command| Some((command, command.closed()?)));
    let mut count = 0;
    for (command, id) in closed {
        let other = catalogue::find(id).expect("in the catalogue");
        assert!(other.tier() > PrivilegeTier::None, "{id}");
        assert_eq!(command.sections(), other.sections(), "{id}");
        let text = other.texts().concat();
        for path in command.texts().concat().split(' ').skip(3) {
            let path = path.trim_end_matches("/*");
            assert!(text.contains(path), "{id} reads {path}");
        }
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn only_scheduled_visits_ask_for_states() {
    let options = CollectOptions::new("test", "0");
    assert!(!plan(&options).script().contains("%.9Y"));
    let again = plan_again(&options, None, Timestamp::from_seconds(0));
    assert!(again.script().contains("%.9Y"));
    assert_eq!(again.commands().len(), plan(&options).commands().len() + 1);
}

#[test]
fn no_file_with_hashes_or_private_keys_is_read_whole() {
    let plan = plan(&CollectOptions::new("test", "0"));
    let lines = plan.script().lines().filter(|line| line.contains("shadow"));
    for line in lines {
        assert!(
            line.contains("split($2, p,") && !line.contains("print $2"),
            "{line}"
        );
    }
    assert!(!plan.script().contains("_key "), "no private host key");
}

#[test]
fn sudo_commands_are_literal_and_absolute() {
    for command in catalogue::commands().filter(|command| command.tier() > PrivilegeTier::None) {
        for text in command.texts() {
            let call = text.strip_prefix("sudo -k -n ").expect("through sudo");
            assert!(call.starts_with('/'), "{}", command.id());
            let quoted: String = call.split('\'').step_by(2).collect();
            assert!(
                !quoted.contains(['*', '?', '$', '`', ';', '|', '>', '<', '&']),
                "{}: {quoted}",
                command.id()
            );
        }
    }
}

#[test]
fn visudo_finds_no_fault() {
    for (tier, username) in [
        (PrivilegeTier::None, "scan"),
        (PrivilegeTier::Standard, "scan"),
        (PrivilegeTier::Extended, "scan"),
        (PrivilegeTier::Extended, r"CORP\scan"),
        (PrivilegeTier::Extended, "scan@corp.example"),
        (PrivilegeTier::Standard, "a#b c%d+e,f:g=h(i)\"!"),
    ] {
        let text = sudoers(tier, username);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let Ok(output) = Command::new("/usr/sbin/visudo")
            .args(["-c", "-f"])
            .arg(file.path())
            .output()
        else {
            eprintln!("skipped: this machine has no visudo");
            return;
        };
        assert!(
            output.status.success(),
            "{tier:?}: {}\n{text}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_higher_tier_holds_all_lines_of_a_lower_one() {
    let (standard, extended) = (
        sudoers(PrivilegeTier::Standard, "scan"),
        sudoers(PrivilegeTier::Extended, "scan"),
    );
    let rules = |text: &str| {
        text.lines()
            .filter(|line| line.contains("NOPASSWD"))
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    assert!(rules(&standard).len() >= 5);
    assert!(rules(&standard).is_subset(&rules(&extended)));
    assert!(rules(&sudoers(PrivilegeTier::None, "scan")).is_empty());
}
