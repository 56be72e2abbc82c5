//! Updates that the package manager's own cache offers. Nothing is refreshed, and no cache is written.

use luumen_model::SectionKind::PendingUpdates;

use super::software::{DPKG, RPM, rpm_database};
use crate::command::ReadCommand;

/// Asks about every package that dpkg knows, and keeps the answers that offer another version than the installed
/// one; the last line says for how many installed packages apt answered, so that silence is not read as "none".
///
/// The names are those of dpkg's lists of files, which the shell reads without a process. dpkg keeps the file `arch` on
/// hosts with foreign architectures only; where there is none apt is told the one that there is, or it would start
/// dpkg twice to hear it.
///
/// `apt-get -s dist-upgrade` says the same after 20 to 30 times the work: it solves the whole upgrade.
macro_rules! apt_policy {
    () => {
        r#"$(cd /var/lib/dpkg/info; set -- libc6:*.list; if [ $# = 1 ] && [ -e "$1" ] && [ ! -e ../arch ]; then f=${1#*:}; echo "-o APT::Architectures::=${f%.list}"; fi; echo --; set -- *.list; if [ -e "$1" ]; then for f do echo "${f%.list}"; done; else dpkg-query -W -f '${binary:Package}\n'; fi) | awk 'function tell() { if (i != "" && i != "(none)") { n++; if (c != "(none)" && c != i) print b } } /^[^ ]/ { tell(); b = $0; i = c = ""; next } $1 == "Installed:" { i = $2 } $1 == "Candidate:" { c = $2 } { b = b "\n" $0 } END { tell(); print "answered " n + 0; exit n == 0 }'"#
    };
}

/// Reads the lists of rpm repositories that dnf, yum or zypper fetched: which versions of installed packages there are,
/// which of them are security fixes, and which belong to module streams. Asking the package managers themselves would
/// write to their caches, logs and locks.
///
/// The first letter of a line says what it is: `R` the list of a repository begins, `P` a version of a package (name,
/// epoch, version, release, architecture, vendor), `U` the same of a security advisory, `M` a package of a module
/// stream, `D` the stream a module has by default, `E` a file read whole, `X` one that was not. yum keeps its lists in
/// SQLite, which its own Python reads. `<` parts records, so that the layout of the XML does not matter; `grep` in
/// front spares awk nine lines of ten.
macro_rules! rpm_lists {
    () => {
        r#"awk -v "p=$([ "$root" = 1 ] && [ -x /usr/bin/setpriv ] && echo setpriv --reuid=65534 --regid=65534 --clear-groups)" '
function attr(k) { return match($0, " " k "=\"[^\"]*\"") ? substr($0, RSTART + length(k) + 3, RLENGTH - length(k) - 4) : "" }
function text(k, t) { t = substr($0, length(k) + 2); sub(/[ \n]+$/, "", t); return t }
function tell() { if (n in have) print "P\t" n "\t" e "\t" v "\t" r "\t" a "\t" w; n = w = "" }
function there(f, x, t) { t = (getline x <f) >= 0; close(f); return t }
function from(f, keep, c) {
c = f ~ /\.gz$/ ? "gzip -dc" : f ~ /\.zst$/ ? "zstd -dcq" : f ~ /\.xz$/ ? "xz -dc" : f ~ /\.bz2$/ ? "bzip2 -dc" : f ~ /\.zck$/ ? "unzck -c" : "cat"
if (f ~ /\.sqlite$/) c = "$(command -v python2 || command -v python3) -B -c \"import sqlite3,sys; [sys.stdout.write(\047<package ><name>%s<arch>%s<version epoch=\\042%s\\042 ver=\\042%s\\042 rel=\\042%s\\042/><rpm:vendor>%s\\n\047 % r) for r in sqlite3.connect(sys.argv[1]).execute(\047select name, arch, epoch, version, release, rpm_vendor from packages\047)]\""
return "{ " c " \"" f "\" && echo \"<whole>\"; } 2>/dev/null | grep -E \"" keep "|<whole>\""
}
function list(t, f, c, whole, d, m, s, x) {
if (f ~ /[^A-Za-z0-9_.:\/%@+~ -]/) { print "X\t" t "\t" f; return }
c = from(f, t == "primary" ? "<(package|name|arch|version|rpm:vendor)[ >]" : t == "updateinfo" ? "<(package |updat)" : "^document:|^  (name|stream|module):|^ *- [^ ]*-[0-9]+:")
RS = t == "modules" ? "\n" : "<"
while ((c | getline) > 0) {
if ($0 ~ /^<?whole>/) whole = 1
else if (t == "primary") {
if ($0 ~ /^package /) tell()
else if ($0 ~ /^name>/) n = text("name")
else if ($0 ~ /^arch>/) a = text("arch")
else if ($0 ~ /^version /) { e = attr("epoch"); v = attr("ver"); r = attr("rel") }
else if ($0 ~ /^rpm:vendor>/) w = text("rpm:vendor")
} else if (t == "updateinfo") {
if ($0 ~ /^update /) d = attr("type")
else if (d == "security" && $0 ~ /^package / && attr("name") in have) print "U\t" attr("name") "\t" attr("epoch") "\t" attr("version") "\t" attr("release") "\t" attr("arch")
} else if ($1 == "document:") { d = $2; m = s = "" }
else if ($1 == "name:" || $1 == "module:") m = $2
else if ($1 == "stream:") { s = $2; if (d == "modulemd-defaults") print "D\t" m "\t" s }
else if ($1 == "-") { x = $2; sub(/-[0-9]+:[^-]*-[^-]*$/, "", x); if (x in have) print "M\t" m "\t" s "\t" $2 }
}
close(c); tell()
print (whole ? "E\t" : "X\t") t "\t" f
}
function repo(m, d, t, at, f) {
RS = "<"; d = m; sub(/[^\/]*$/, "", d)
while ((getline <m) > 0) {
if ($0 ~ /^data /) t = attr("type")
else if ($0 ~ /^location /) { at[t] = attr("href"); sub(/.*\//, "", at[t]) }
}
close(m)
if (t == "") return
print "R\t" m
f = d at["primary"]
if (!there(f) && ("primary_zck" in at)) f = d at["primary_zck"]
if (!there(f) && there(d "gen/primary_db.sqlite")) f = d "gen/primary_db.sqlite"
list("primary", f)
if ("updateinfo" in at) list("updateinfo", d at["updateinfo"])
if ("modules" in at) list("modules", d at["modules"])
}
BEGIN {
q = p " rpm -qa --nodigest --nosignature --qf \"%{NAME}\\n\""
while ((q | getline) > 0) have[$1] = 1
close(q)
for (i = 1; i < ARGC; i++) repo(ARGV[i])
exit
}' /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml /var/cache/yum/*/*/*/repomd.xml /var/cache/zypp/raw/*/repodata/repomd.xml"#
    };
}

/// What apt's choice of versions is made of, besides dpkg's database. The names of lists have an underscore; `lock` and
/// `partial`, which each refresh touches, have none. `machine-id` decides which phased updates are for this host.
pub(super) const APT: &[&str] = &[
    "/var/lib/apt/lists",
    "/var/lib/apt/lists/*_*",
    "/var/lib/dpkg/info",
    "/var/lib/dpkg/arch",
    "/etc/apt",
    "/etc/apt/apt.conf",
    "/etc/apt/apt.conf.d",
    "/etc/apt/apt.conf.d/*",
    "/etc/apt/preferences",
    "/etc/apt/preferences.d",
    "/etc/apt/preferences.d/*",
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d",
    "/etc/apt/sources.list.d/*",
    "/etc/machine-id",
];

/// The repositories' lists. A refresh replaces the folder of a list, or the list that names all others.
pub(super) const RPM_LISTS: &[&str] = &[
    "/var/cache/dnf/*/repodata",
    "/var/cache/dnf/*/repodata/repomd.xml",
    "/var/cache/libdnf5/*/repodata",
    "/var/cache/libdnf5/*/repodata/repomd.xml",
    "/var/cache/yum/*/*/*/gen",
    "/var/cache/yum/*/*/*/repomd.xml",
    "/var/cache/zypp/raw/*/repodata",
    "/var/cache/zypp/raw/*/repodata/repomd.xml",
];

pub(super) const COMMANDS: &[ReadCommand] = &[
    ReadCommand::shell(
        "pending_updates.ages",
        &[PendingUpdates],
        "Says when the package manager's own cache was refreshed last.",
        "$T 5 stat -c '%Y %n' /var/lib/apt/lists/*InRelease /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp \
         /var/cache/dnf/*/repodata/repomd.xml /var/cache/yum/*/*/*/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml \
         /var/cache/zypp/raw/*/repodata/repomd.xml /var/cache/apk/APKINDEX*.tar.gz /etc/apk/cache/APKINDEX*.tar.gz \
         /var/lib/pacman/sync/*.db 2>/dev/null",
    )
    .lenient(),
    ReadCommand::shell(
        "pending_updates.apt",
        &[PendingUpdates],
        "Asks apt's own built cache which installed packages have another candidate; an ordinary account cannot \
         write it, and nothing is refreshed.",
        concat!("apt-cache policy ", apt_policy!()),
    )
    .on("Debian, Ubuntu")
    .when("[ \"$uid\" != 0 ] && [ -f /var/cache/apt/pkgcache.bin ] && command -v apt-cache >/dev/null 2>&1")
    .bounded(30, 4 << 20)
    .decided_by(&[DPKG, APT]),
    ReadCommand::shell(
        "pending_updates.apt_root",
        &[PendingUpdates],
        "The same for root, as nobody where possible, else with cache files switched off: root's apt would write them.",
        concat!("setpriv --reuid=65534 --regid=65534 --clear-groups apt-cache policy ", apt_policy!()),
    )
    .or_else(concat!("apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy ", apt_policy!()))
    .on("Debian, Ubuntu")
    .when("[ \"$uid\" = 0 ] && [ -f /var/cache/apt/pkgcache.bin ] && command -v apt-cache >/dev/null 2>&1")
    .bounded(30, 4 << 20)
    .decided_by(&[DPKG, APT]),
    ReadCommand::shell(
        "pending_updates.apk",
        &[PendingUpdates],
        "Compares installed packages with apk's cached index.",
        "apk --no-network version -l '<'",
    )
    .on("Alpine")
    .when(
        "{ for f in /var/cache/apk/APKINDEX*.tar.gz /etc/apk/cache/APKINDEX*.tar.gz; do [ -e \"$f\" ] && break; done; [ -e \"$f\" ]; } \
         && command -v apk >/dev/null 2>&1",
    )
    .bounded(15, 1 << 20),
    ReadCommand::shell("pending_updates.pacman", &[PendingUpdates], "Compares with pacman's synchronised lists.", "pacman -Qu")
    .lenient()
        .on("Arch")
        .when("{ for f in /var/lib/pacman/sync/*.db; do break; done; [ -e \"$f\" ]; } && command -v pacman >/dev/null 2>&1")
        .bounded(15, 1 << 20),
    ReadCommand::files(
        "pending_updates.rpm_settings",
        &[PendingUpdates],
        "Reads which versions the admin holds back, which module streams are enabled and which vendors are taken for one.",
        &[
            "/etc/dnf/dnf.conf",
            "/etc/yum.conf",
            "/etc/dnf/modules.d/*.module",
            "/etc/dnf/plugins/versionlock.list",
            "/etc/dnf/versionlock.toml",
            "/etc/yum/pluginconf.d/versionlock.list",
            "/etc/zypp/locks",
            "/etc/zypp/vendors.d/*",
        ],
    ),
    ReadCommand::shell(
        "pending_updates.rpm",
        &[PendingUpdates],
        "Reads from the repositories' lists that dnf, yum or zypper fetched which versions of installed packages there are; \
         the package managers are not asked, because they would write to their caches.",
        rpm_lists!(),
    )
    .on("RHEL family, Fedora, Amazon, SUSE")
    .when(concat!(
        "{ [ -d /var/cache/dnf ] || [ -d /var/cache/libdnf5 ] || [ -d /var/cache/yum ] || [ -d /var/cache/zypp/raw ]; } \
         && command -v awk >/dev/null 2>&1 && ",
        rpm_database!()
    ))
    .bounded(60, 8 << 20)
    .decided_by(&[RPM, RPM_LISTS]),
];
