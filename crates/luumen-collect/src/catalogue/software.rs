//! Software: packages, repositories, containers, applications.

use luumen_model::{
    PrivilegeTier::Standard,
    SectionKind::{
        Applications, Containers, CryptoPolicy, Kernel, Packages, PendingUpdates, PythonPackages,
        RebootRequired, Repositories,
    },
};

use super::updates::{APT, RPM_LISTS};
use crate::command::ReadCommand;

/// Tags by tabs; `%{EPOCHNUM}` is 0 where there is no epoch.
macro_rules! rpm_qa {
    () => {
        r"rpm -qa --nodigest --nosignature --qf '%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{INSTALLTIME}\t%{SIZE}\t%{MODULARITYLABEL}\n'"
    };
}

/// The same for rpm before 4.14, which knows neither module labels nor a number for every epoch.
macro_rules! rpm_qa_old {
    () => {
        r"rpm -qa --nodigest --nosignature --qf '%{NAME}\t%{EPOCH}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{INSTALLTIME}\t%{SIZE}\t(none)\n'"
    };
}

/// An rpm without a database is a tool on another family's host; asking it would make the database.
macro_rules! rpm_database {
    () => {
        "command -v rpm >/dev/null 2>&1 && { [ -e /var/lib/rpm/rpmdb.sqlite ] || [ -e /var/lib/rpm/Packages ] || [ -e /var/lib/rpm/Packages.db ] || [ -e /usr/lib/sysimage/rpm/rpmdb.sqlite ] || [ -e /usr/lib/sysimage/rpm/Packages.db ] || [ -e /usr/lib/sysimage/rpm/Packages ] || [ -e /usr/share/rpm/rpmdb.sqlite ]; }"
    };
}

pub(super) use rpm_database;

/// dpkg's own database. `updates` holds what dpkg has done and not yet written into `status`.
pub(super) const DPKG: &[&str] = &[
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/updates",
    "/var/lib/dpkg/updates/*",
];

/// rpm's database wherever it is, with what SQLite has not yet written into it, and the settings that may name another
/// place. Not the folder: each reader of root's makes and removes files in it.
pub(super) const RPM: &[&str] = &[
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite-wal",
    "/var/lib/rpm/Packages",
    "/var/lib/rpm/Packages.db",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "/usr/lib/sysimage/rpm/Packages",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/usr/share/rpm/rpmdb.sqlite",
    "/usr/share/rpm/rpmdb.sqlite-wal",
    "/etc/rpm",
    "/etc/rpm/macros*",
];

const APK: &[&str] = &["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

/// A package list may be long; a broken database must not flood us.
const LIST_CAP: u64 = 16 << 20;

pub(super) const PACKAGES: &[ReadCommand] = &[
    ReadCommand::state(
        "packages.inputs",
        &[Packages, PendingUpdates],
        "Says size and times of what decides the answers about packages, so that a host that is visited again and again \
         need not give them again while nothing has changed; asked by the agent only.",
        &[DPKG, RPM, APK, APT, RPM_LISTS],
    )
    .on("with GNU stat")
    .when("[ -x /usr/bin/stat ] && [ ! /usr/bin/stat -ef /bin/busybox ]"),
    ReadCommand::shell(
        "packages.dpkg",
        &[Packages, Kernel, RebootRequired, PendingUpdates],
        "Lists installed packages with the source package that advisories are written for.",
        r"dpkg-query -W -f '${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Abbrev}\t${Installed-Size}\t${Maintainer}\n'",
    )
    .on("Debian, Ubuntu")
    .when("command -v dpkg-query >/dev/null 2>&1")
    .bounded(60, LIST_CAP)
    .decided_by(&[DPKG]),
    ReadCommand::shell(
        "packages.rpm",
        &[Packages, Kernel, RebootRequired],
        "Lists installed packages with epoch, source rpm and module label; older rpm knows no module label.",
        rpm_qa!(),
    )
    .or_else(rpm_qa_old!())
    .on("RHEL family, Fedora, Amazon, SUSE")
    .when(concat!("[ $root = 0 ] && ", rpm_database!()))
    .bounded(60, LIST_CAP)
    .decided_by(&[RPM]),
    ReadCommand::shell(
        "packages.rpm_root",
        &[Packages, Kernel, RebootRequired],
        "The same for root, as nobody where possible: root's rpm would write to its database's lock file.",
        concat!("setpriv --reuid=65534 --regid=65534 --clear-groups ", rpm_qa!()),
    )
    .or_else(concat!(rpm_qa!(), " || ", rpm_qa_old!()))
    .on("RHEL family, Fedora, Amazon, SUSE")
    .when(concat!("[ $root = 1 ] && ", rpm_database!()))
    .bounded(60, LIST_CAP)
    .decided_by(&[RPM]),
    ReadCommand::shell(
        "packages.apk",
        &[Packages, Kernel, RebootRequired],
        "Reads apk's database of installed packages.",
        "grep -sh '^[PVASomt]:' /lib/apk/db/installed /usr/lib/apk/db/installed",
    )
    .lenient()
    .on("Alpine")
    .when("[ -f /lib/apk/db/installed ] || [ -f /usr/lib/apk/db/installed ]")
    .bounded(30, LIST_CAP)
    .decided_by(&[APK]),
    ReadCommand::shell(
        "packages.pacman",
        &[Packages, Kernel, RebootRequired],
        "Reads pacman's database of installed packages.",
        "grep -h -A1 -E '^%(NAME|VERSION|BASE|ARCH|PACKAGER|INSTALLDATE|SIZE)%$' /var/lib/pacman/local/*/desc",
    )
    .lenient()
    .on("Arch")
    .when("[ -d /var/lib/pacman/local ]")
    .bounded(30, LIST_CAP),
    ReadCommand::shell("packages.snap", &[Packages], "Lists snaps.", "snap list --unicode=never --color=never")
        .when("[ -d /var/lib/snapd/snaps ] && command -v snap >/dev/null 2>&1")
        .bounded(15, 1 << 20),
    ReadCommand::shell(
        "packages.flatpak",
        &[Packages],
        "Lists flatpaks installed for the whole system.",
        "flatpak list --system --columns=application,version,branch,origin,arch",
    )
    .when("[ -d /var/lib/flatpak/app ] && command -v flatpak >/dev/null 2>&1")
    .bounded(15, 1 << 20),
    ReadCommand::files(
        "repositories.files",
        &[Repositories, PendingUpdates],
        "Reads where packages come from.",
        &[
            "/etc/apt/sources.list",
            "/etc/apt/sources.list.d/*.list",
            "/etc/apt/sources.list.d/*.sources",
            "/etc/yum.repos.d/*.repo",
            "/usr/share/dnf5/repos.override.d/*.repo",
            "/etc/dnf/repos.override.d/*.repo",
            "/etc/zypp/repos.d/*.repo",
            "/etc/apk/repositories",
            "/etc/pacman.conf",
        ],
    ),
    ReadCommand::shell(
        "python_packages.metadata",
        &[PythonPackages],
        "Reads name and version of every Python distribution on the usual paths, and names the folders there that are closed to \
         the account.",
        "for d in /opt /opt/* /opt/*/* /opt/*/lib/python3.* /opt/*/*/lib /opt/*/*/lib/python3.* /opt/*/lib/python3.*/site-packages \
         /opt/*/*/lib/python3.*/site-packages /srv /srv/* /srv/*/lib /srv/*/lib/python3.* /srv/*/lib/python3.*/site-packages \
         /usr/lib/python3 /usr/lib/python3/dist-packages /usr/lib/python[23].* /usr/lib/python[23].*/*-packages \
         /usr/lib64/python[23].* /usr/lib64/python[23].*/site-packages /usr/local/lib /usr/local/lib64 /usr/local/lib/python[23].* \
         /usr/local/lib/python[23].*/*-packages /usr/local/lib64/python[23].* /usr/local/lib64/python[23].*/site-packages; do \
         case $d in /opt/containerd*|*/lost+found) continue;; esac; \
         if [ -d \"$d\" ] && ! { [ -r \"$d\" ] && [ -x \"$d\" ]; }; then echo \"closed $d\"; fi; done; \
         set --; for d in /usr/lib/python3/dist-packages /usr/lib/python[23].*/*-packages /usr/lib64/python[23].*/site-packages \
         /usr/local/lib/python[23].*/*-packages /usr/local/lib64/python[23].*/site-packages \
         /opt/*/lib/python3.*/site-packages /opt/*/*/lib/python3.*/site-packages /srv/*/lib/python3.*/site-packages; do \
         for f in \"$d\"/*.dist-info \"$d\"/*.egg-info; do \
         if [ -d \"$f\" ] && [ ! -x \"$f\" ]; then echo \"closed $f\"; fi; done; \
         for f in \"$d\"/*.dist-info/METADATA \"$d\"/*.dist-info/INSTALLER \"$d\"/*.egg-info/PKG-INFO \"$d\"/*.egg-info; do \
         if [ ! -f \"$f\" ]; then :; elif [ -r \"$f\" ]; then set -- \"$@\" \"$f\"; else echo \"closed $f\"; fi; done; done; \
         [ $# -eq 0 ] || $T 20 grep -aH -m2 -E '^Name: |^Version: |^[A-Za-z0-9._-]+$' \"$@\"",
    )
    .lenient(),
];

pub(super) const SLOW: &[ReadCommand] = &[
    ReadCommand::shell(
        "containers.docker",
        &[Containers],
        "Lists containers where the account may talk to Docker.",
        "docker ps -a --no-trunc --format '{{.ID}}|{{.Names}}|{{.Image}}|{{.State}}|{{.Ports}}'",
    )
    .when("[ -S /var/run/docker.sock ] && [ -w /var/run/docker.sock ] && command -v docker >/dev/null 2>&1")
    .bounded(10, 1 << 20),
    ReadCommand::sudo(
        "containers.docker_sudo",
        &[Containers],
        "Lists containers where only root may talk to Docker.",
        Standard,
        &["/usr/bin/docker"],
        "ps -a --no-trunc --format '{{.ID}}|{{.Names}}|{{.Image}}|{{.State}}|{{.Ports}}'",
    )
    .when("[ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]"),
    ReadCommand::sudo(
        "containers.podman",
        &[Containers],
        "Lists root's Podman containers; rootless ones are not read, because asking for them writes into a home.",
        Standard,
        &["/usr/bin/podman"],
        "ps -a --no-trunc --format '{{.ID}}|{{.Names}}|{{.Image}}|{{.State}}|{{.Ports}}'",
    )
    // Whether a closed folder holds any is not to be seen from outside.
    .when("[ -d /var/lib/containers/storage ] || { [ -d /var/lib/containers ] && [ ! -x /var/lib/containers ]; }"),
    ReadCommand::sudo(
        "containers.crictl",
        &[Containers],
        "Lists the containers that Kubernetes runs through containerd or CRI-O.",
        Standard,
        &["/usr/bin/crictl", "/usr/local/bin/crictl"],
        "ps -a -o json",
    )
    .bounded(10, 8 << 20),
    ReadCommand::sudo(
        "containers.k3s",
        &[Containers],
        "The same on a host of k3s that has no crictl of its own.",
        Standard,
        &["/usr/local/bin/k3s", "/usr/bin/k3s"],
        "crictl ps -a -o json",
    )
    .when("[ ! -e /usr/bin/crictl ] && [ ! -e /usr/local/bin/crictl ]")
    .bounded(10, 8 << 20),
    ReadCommand::files(
        "applications.files",
        &[Applications],
        "Reads the release files of Java runtimes and of Go, which spares starting them; the go command would also write to \
         the account's home.",
        &["/usr/lib/jvm/*/release", "/opt/*/release", "/opt/*/jre/release", "/usr/local/go/VERSION"],
    ),
    ReadCommand::shell(
        "applications.versions",
        &[Applications, CryptoPolicy],
        "Asks well-known servers and runtimes for their version, each only where it exists.",
        "v() { if [ -x \"$1\" ]; then echo \"== $1\"; $T 5 \"$@\" 2>&1; case $? in 124|137|143) echo \"late $1\";; esac; \
         elif [ -e \"$1\" ]; then echo \"closed $1\"; fi; }; \
         for p in /usr/sbin/nginx /usr/local/nginx/sbin/nginx /usr/sbin/apache2 /usr/sbin/httpd /usr/sbin/haproxy; do v $p -v; done; \
         for p in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres /usr/sbin/mysqld /usr/libexec/mysqld \
         /usr/sbin/mariadbd /usr/libexec/mariadbd /usr/bin/mongod /usr/bin/redis-server /usr/bin/valkey-server /usr/bin/memcached \
         /usr/bin/node /usr/local/bin/node /usr/bin/php /usr/local/bin/php /usr/bin/docker; do v $p --version; done; \
         for p in /usr/bin/openssl /usr/local/bin/openssl; do v $p version; done; :",
    )
    .lenient(),
];
