//! What an admin reads before saying yes: the sudoers file and the list of commands, both made from the
//! catalogue and from nothing else.

use std::fmt::Write as _;

use luumen_model::PrivilegeTier;

use crate::{
    catalogue,
    command::{self, ReadCommand},
};

/// Longer than any command through `sudo` may take.
const COMMAND_TIMEOUT_S: u32 = 30;

/// A sudoers file that allows `username` exactly the commands of `tier` and those below it.
///
/// Each line names one program by its full path with all of its arguments; a program may have several
/// lines because distributions keep it in different places.
pub fn sudoers(tier: PrivilegeTier, username: &str) -> String {
    let user = command::user(username);
    let mut out = format!(
        "# Luumen, tier {}: what {user} may read as root. Literal commands only, no wildcards.\n\
         # Install as /etc/sudoers.d/luumen with mode 0440, after `visudo -cf` has found no fault.\n",
        tier_name(tier)
    );
    // A try that is refused is logged as ever, but Debian's sudo would also send a mail about each, on every visit.
    let _ = writeln!(
        out,
        "Defaults:{user} !requiretty, !use_pty, !mail_badpass, !mail_no_perms"
    );
    // Not in force: sudo before 1.8.20 and sudo-rs do not know it and complain at every call.
    let _ = writeln!(
        out,
        "# From sudo 1.8.20 on, this line ends a command that hangs; remove the # if `sudo --version` says so:\n\
         #Defaults:{user} command_timeout={COMMAND_TIMEOUT_S}"
    );
    for command in catalogue::commands().filter(|command| may(tier, command)) {
        let _ = writeln!(out, "\n# {}: {}", command.id(), command.why());
        for line in command.sudoers_lines(username) {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn may(tier: PrivilegeTier, command: &ReadCommand) -> bool {
    command.tier() != PrivilegeTier::None && command.tier() <= tier
}

fn tier_name(tier: PrivilegeTier) -> &'static str {
    match tier {
        PrivilegeTier::None => "none",
        PrivilegeTier::Standard => "standard",
        PrivilegeTier::Extended => "extended",
    }
}

/// Every read command with its privilege and reason, as Markdown.
pub fn commands_markdown() -> String {
    let mut out = format!(
        "# Read commands\n\n\
         Everything that Luumen ever sends to a Linux host, catalogue `{}`. All of it travels as one script to\n\
         one `/bin/sh -s`; nothing is written, nothing is installed. Files are read by one `grep` for all\n\
         sections together. `$T` stands for `timeout`, where the host has it. Commands with a tier run as root or through `sudo -k -n` with exactly these arguments.\n",
        catalogue::version()
    );
    for command in catalogue::commands() {
        let sections: Vec<&str> = command
            .sections()
            .iter()
            .map(|section| section.as_str())
            .collect();
        let _ = write!(
            out,
            "\n## `{}`\n\n{}\n\n- privilege: {}\n- sections: {}\n- platforms: {}\n",
            command.id(),
            command.why(),
            match command.tier() {
                PrivilegeTier::None => "none".to_owned(),
                tier => format!("sudo, tier {}", tier_name(tier)),
            },
            sections.join(", "),
            command.platforms(),
        );
        if let Some(condition) = command.condition() {
            let _ = writeln!(out, "- only if: `{condition}`");
        }
        if let Some(seconds) = command.timeout_s() {
            let _ = writeln!(out, "- ended after: {seconds} s");
        }
        if let Some(bytes) = command.cap_bytes() {
            let _ = writeln!(out, "- cut after: {bytes} bytes");
        }
        let inputs: Vec<String> = command.inputs().map(|path| format!("`{path}`")).collect();
        if !inputs.is_empty() {
            let _ = writeln!(
                out,
                "- the agent asks again only when one of these has changed, and once a day: {}",
                inputs.join(", ")
            );
        }
        let _ = writeln!(out, "\n```sh\n{}\n```", command.texts().join("\n"));
    }
    out
}
