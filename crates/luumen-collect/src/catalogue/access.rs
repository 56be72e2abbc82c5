//! Who may get in and become whom: accounts, groups, sudo, sshd.

use luumen_model::{
    PrivilegeTier::{Extended, Standard},
    SectionKind::{Groups, Sshd, SudoPolicy, Users},
};

use crate::command::ReadCommand;

pub(super) const GATE: &[ReadCommand] = &[ReadCommand::shell(
    "sudo_policy.own_rights",
    &[SudoPolicy],
    "Asks sudo what this account may do, so that nothing is tried that would be refused. Install the tier's sudoers \
     file first: an account without any rule is reported by sudo to its admin, by log and on most hosts by mail.",
    "sudo -k -n -l",
)
.when("[ $root = 0 ] && command -v sudo >/dev/null 2>&1")
.within(10)
.lenient()];

pub(super) const COMMANDS: &[ReadCommand] = &[
    ReadCommand::files(
        "users.files",
        &[Users, Groups],
        "Lists accounts and groups; no file with password hashes is ever read.",
        &["/etc/passwd", "/etc/group", "/etc/login.defs"],
    ),
    ReadCommand::sudo(
        "users.states",
        &[Users],
        "Says per account whether a password is set, locked or missing, and how old it is; prints no hash.",
        Standard,
        &["/usr/bin/passwd"],
        "-S -a",
    )
    .on("Debian, Ubuntu, SUSE, Arch")
    // The passwd of the RHEL family up to 9 tells of one account at a time.
    .when("grep -qs 'status on all accounts' /usr/bin/passwd"),
    ReadCommand::shell(
        "users.logins",
        &[Users],
        "Says when each account signed in with a terminal last.",
        "lastlog",
    )
    .or_else("lastlog2")
    .on("with lastlog or lastlog2")
    .when("command -v lastlog >/dev/null 2>&1 || command -v lastlog2 >/dev/null 2>&1")
    .bounded(10, 2 << 20),
    ReadCommand::sudo(
        "users.keys",
        &[Users],
        "Counts the keys that let each account in; the keys themselves stay on the host.",
        Extended,
        &["/usr/bin/find"],
        "/root /home -maxdepth 3 -xtype f -regex '.*/.ssh/authorized_keys2?' -exec /usr/bin/grep -c -H -e '^ *[a-zA-Z].* AAAA' {} +",
    )
    .lenient(),
    ReadCommand::sudo(
        "users.hash_kinds",
        &[Users],
        "Says per account which kind of hash is kept and the ages of the password; the hash itself stays on the host.",
        Extended,
        &["/usr/bin/awk"],
        "-F: '{ split($2, p, \"$\"); s = substr($2, 1, 1); print $1 \"|\" p[2] \"|\" s \"|\" length($2) \"|\" $3 \"|\" $4 \"|\" $5 \"|\" $6 \"|\" $7 \"|\" $8 }' /etc/shadow",
    ),
    ReadCommand::sudo(
        "sudo_policy.rules",
        &[SudoPolicy],
        "Reads who may become whom.",
        Extended,
        &["/usr/bin/grep", "/bin/grep"],
        // sudo reads what links of the folder lead to, and so does `-R`. An old busybox does not know it, and says so.
        "-R -e . /etc/sudoers /etc/sudoers.d",
    )
    .lenient()
    .when("[ -e /etc/sudoers ]"),
    ReadCommand::files(
        "sshd.files",
        &[Sshd],
        "Reads the SSH server's configuration as written, and its public host keys.",
        &[
            "/etc/ssh/sshd_config",
            "/etc/ssh/sshd_config.d/*.conf",
            "/usr/etc/ssh/sshd_config",
            "/etc/ssh/ssh_host_*_key.pub",
        ],
    ),
    ReadCommand::sudo(
        "sshd.effective",
        &[Sshd],
        "Asks the SSH server for its effective configuration, defaults included.",
        Standard,
        &["/usr/sbin/sshd", "/usr/local/sbin/sshd"],
        "-T",
    ),
];
