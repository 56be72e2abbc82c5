//! What a read command is: exact text, bounds, privilege, and the reason an admin may ask for.
//!
//! It does not run anything and does not know how commands are joined into a script (`script` does).

use luumen_model::{PrivilegeTier, SectionKind};

/// A command that only reads.
///
/// INVARIANT: made only in `catalogue`, where one test lists every one; so nothing else is ever sent to
/// a host. That is why the fields cannot be set from outside and there is no public constructor.
#[derive(Debug)]
pub struct ReadCommand {
    pub(crate) id: &'static str,
    pub(crate) sections: &'static [SectionKind],
    pub(crate) platforms: &'static str,
    pub(crate) why: &'static str,
    pub(crate) action: Action,
    pub(crate) when: Option<&'static str>,
    pub(crate) timeout_s: Option<u32>,
    pub(crate) cap_bytes: Option<u64>,
    /// True when a failing exit code says nothing (`grep` without a match, a loop over what may exist).
    pub(crate) lenient: bool,
    /// The files and folders that decide its answer: while none of them changes, neither does the answer. Empty
    /// where no such list is known.
    pub(crate) inputs: &'static [&'static [&'static str]],
    /// The command that reads its files where they are closed to the account.
    pub(crate) closed: Option<&'static str>,
}

/// What a read command does on the host.
#[derive(Debug)]
pub(crate) enum Action {
    /// Reads small files as they are; one `grep` serves all sections together.
    Files(&'static [&'static str]),
    /// Shell text without any privilege; the second text is tried when the first one fails.
    Shell(&'static str, Option<&'static str>),
    /// The first existing program of a list with literal arguments, as root or through `sudo -k -n`: never
    /// asking for a password, and with `-k`, because sudo else writes a time stamp file for the account.
    Sudo {
        tier: PrivilegeTier,
        programs: &'static [&'static str],
        args: &'static str,
    },
    /// Says size, times and number of every input, by one process; only where answers are kept (`kept`).
    State(&'static [&'static [&'static str]]),
}

/// What `State` prints of a file: no name, so that the lines are digits, points and spaces whatever files are
/// called. A folder's times change with the names in it. `/proc/self`, made as `stat` starts, tells the host's time.
const STATE: &str = "stat -L -c '%s %.9Y %.9Z %i' /proc/self";

impl ReadCommand {
    pub(crate) const fn files(
        id: &'static str,
        sections: &'static [SectionKind],
        why: &'static str,
        paths: &'static [&'static str],
    ) -> Self {
        Self::new(id, sections, why, Action::Files(paths))
    }

    pub(crate) const fn shell(
        id: &'static str,
        sections: &'static [SectionKind],
        why: &'static str,
        text: &'static str,
    ) -> Self {
        Self::new(id, sections, why, Action::Shell(text, None))
    }

    pub(crate) const fn sudo(
        id: &'static str,
        sections: &'static [SectionKind],
        why: &'static str,
        tier: PrivilegeTier,
        programs: &'static [&'static str],
        args: &'static str,
    ) -> Self {
        Self::new(id, sections, why, Action::Sudo { tier, programs, args }).bounded(10, 1 << 20)
    }

    pub(crate) const fn state(
        id: &'static str,
        sections: &'static [SectionKind],
        why: &'static str,
        inputs: &'static [&'static [&'static str]],
    ) -> Self {
        Self::new(id, sections, why, Action::State(inputs)).lenient()
    }

    const fn new(
        id: &'static str,
        sections: &'static [SectionKind],
        why: &'static str,
        action: Action,
    ) -> Self {
        Self {
            id,
            sections,
            platforms: "all",
            why,
            action,
            when: None,
            timeout_s: None,
            cap_bytes: None,
            lenient: false,
            inputs: &[],
            closed: None,
        }
    }

    pub(crate) const fn or_else(mut self, fallback: &'static str) -> Self {
        if let Action::Shell(text, _) = self.action {
            self.action = Action::Shell(text, Some(fallback));
        }
        self
    }

    pub(crate) const fn on(mut self, platforms: &'static str) -> Self {
        self.platforms = platforms;
        self
    }

    pub(crate) const fn when(mut self, condition: &'static str) -> Self {
        self.when = Some(condition);
        self
    }

    pub(crate) const fn within(mut self, timeout_s: u32) -> Self {
        self.timeout_s = Some(timeout_s);
        self
    }

    pub(crate) const fn bounded(mut self, timeout_s: u32, cap_bytes: u64) -> Self {
        self.timeout_s = Some(timeout_s);
        self.cap_bytes = Some(cap_bytes);
        self
    }

    pub(crate) const fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Where its files are closed to the account, the command of this id reads them.
    pub(crate) const fn closed_read_by(mut self, id: &'static str) -> Self {
        self.closed = Some(id);
        self
    }

    /// Nothing but these files and folders decides its answer.
    pub(crate) const fn decided_by(mut self, inputs: &'static [&'static [&'static str]]) -> Self {
        self.inputs = inputs;
        self
    }

    /// Stable name, such as `packages.dpkg`.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The sections that need its output.
    pub fn sections(&self) -> &'static [SectionKind] {
        self.sections
    }

    /// Where it is of use, in words.
    pub fn platforms(&self) -> &'static str {
        self.platforms
    }

    /// Why Luumen asks for it, in one sentence.
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// Seconds after which the host ends it.
    pub fn timeout_s(&self) -> Option<u32> {
        self.timeout_s
    }

    /// Bytes of output after which the host cuts it.
    pub fn cap_bytes(&self) -> Option<u64> {
        self.cap_bytes
    }

    /// The shell condition under which it runs at all.
    pub fn condition(&self) -> Option<&'static str> {
        self.when
    }

    /// The files and folders whose state decides its answer; empty when it is asked at every visit.
    pub fn inputs(&self) -> impl Iterator<Item = &'static str> {
        self.inputs.iter().copied().flatten().copied()
    }

    /// The command that reads its files where they are closed to the account.
    pub fn closed(&self) -> Option<&'static str> {
        self.closed
    }

    /// The lowest tier that may run it through `sudo`; `None` when it needs no right at all.
    pub fn tier(&self) -> PrivilegeTier {
        match &self.action {
            Action::Sudo { tier, .. } => *tier,
            Action::Files(_) | Action::Shell(..) | Action::State(_) => PrivilegeTier::None,
        }
    }

    /// The exact texts that may be sent, as an admin would type them; alternatives one by one.
    pub fn texts(&self) -> Vec<String> {
        match &self.action {
            Action::Files(paths) => vec![format!("grep -aH '' {}", paths.join(" "))],
            Action::Shell(text, fallback) => [Some(*text), *fallback]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .collect(),
            Action::Sudo { programs, args, .. } => programs
                .iter()
                .map(|program| format!("sudo -k -n {}", join(program, args)))
                .collect(),
            Action::State(inputs) => vec![format!("{STATE} {}", joined(inputs))],
        }
    }

    /// The sudoers lines that allow it to `username`, one per place the program may live at.
    pub fn sudoers_lines(&self, username: &str) -> Vec<String> {
        let Action::Sudo { programs, args, .. } = &self.action else {
            return Vec::new();
        };
        programs
            .iter()
            .map(|program| sudoers_line(username, program, args))
            .collect()
    }
}

fn sudoers_line(username: &str, program: &str, args: &str) -> String {
    // An empty argument list is written `""`, or sudo would allow any argument.
    let args = if args.is_empty() {
        "\"\"".to_owned()
    } else {
        escape(args)
    };
    format!("{} ALL=(root) NOPASSWD: {program} {args}", user(username))
}

/// An account's name as sudoers wants it. Of `CORP\scan` it would else read `CORPscan`, which is another account.
pub(crate) fn user(username: &str) -> String {
    let mut out = String::with_capacity(username.len());
    for character in username.chars() {
        let special = matches!(
            character,
            '\\' | '"' | '#' | '!' | '=' | ':' | ',' | '(' | ')' | '%' | '+'
        );
        if special || character == ' ' {
            out.push('\\');
        }
        // A line break would begin a rule of its own.
        if !character.is_control() {
            out.push(character);
        }
    }
    out
}

/// Arguments as sudoers wants them: quotes of the shell gone, its own special characters escaped.
fn escape(args: &str) -> String {
    let mut out = String::with_capacity(args.len());
    for character in args.chars() {
        match character {
            '\'' => {}
            ',' | ':' | '=' | '\\' | '*' | '?' | '[' | ']' | '!' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

fn joined(inputs: &[&[&str]]) -> String {
    inputs.concat().join(" ")
}

pub(crate) fn join(program: &str, args: &str) -> String {
    if args.is_empty() {
        program.to_owned()
    } else {
        format!("{program} {args}")
    }
}

#[cfg(test)]
mod tests {
    use super::{sudoers_line, user};

    #[test]
    fn a_name_is_the_one_that_signs_in() {
        assert_eq!(
            sudoers_line(r"CORP\scan", "/usr/sbin/sshd", "-T"),
            r"CORP\\scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T"
        );
        assert_eq!(user("scan reader@corp.example"), r"scan\ reader@corp.example");
        assert_eq!(user("scan-1.x_y"), "scan-1.x_y");
        assert_eq!(user("a\nb ALL"), r"ab\ ALL");
    }

    #[test]
    fn a_sudoers_line_allows_one_command_only() {
        assert_eq!(
            sudoers_line("scan", "/usr/sbin/sshd", "-T"),
            "scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T"
        );
        assert_eq!(
            sudoers_line("scan", "/usr/sbin/x", ""),
            "scan ALL=(root) NOPASSWD: /usr/sbin/x \"\""
        );
        assert_eq!(
            sudoers_line("scan", "/b", "--f '{{.ID}}=a,b'"),
            "scan ALL=(root) NOPASSWD: /b --f {{.ID}}\\=a\\,b"
        );
    }
}
