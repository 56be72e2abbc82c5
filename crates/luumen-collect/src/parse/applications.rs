//! Well-known applications: which exist, in which version, and whether they run.

use std::collections::BTreeSet;

use luumen_model::{Application, Applications};

use super::key_values;
use crate::view::{Notes, View};

/// Program name on disk → our name and the name of its process; none for what runs now and then, because
/// whether it runs this very moment is no fact about the host.
const KNOWN: [(&str, &str, &str); 41] = [
    ("nginx", "nginx", "nginx"),
    ("apache2", "httpd", "apache2"),
    ("httpd", "httpd", "httpd"),
    ("haproxy", "haproxy", "haproxy"),
    ("squid", "squid", "squid"),
    ("varnishd", "varnish", "varnishd"),
    ("caddy", "caddy", "caddy"),
    ("traefik", "traefik", "traefik"),
    ("postgres", "postgresql", "postgres"),
    ("mysqld", "mysql", "mysqld"),
    ("mariadbd", "mariadb", "mariadbd"),
    ("mongod", "mongodb", "mongod"),
    ("redis-server", "redis", "redis-server"),
    ("valkey-server", "valkey", "valkey-server"),
    ("memcached", "memcached", "memcached"),
    ("rabbitmq-server", "rabbitmq", "beam.smp"),
    ("java", "java", ""),
    ("node", "node", ""),
    ("php", "php", ""),
    ("php-fpm", "php", "php-fpm"),
    ("ruby", "ruby", ""),
    ("perl", "perl", ""),
    ("python3", "python", ""),
    ("go", "go", ""),
    ("dotnet", "dotnet", ""),
    ("openssl", "openssl", ""),
    ("sshd", "openssh", "sshd"),
    ("sudo", "sudo", ""),
    ("named", "bind", "named"),
    ("unbound", "unbound", "unbound"),
    ("dnsmasq", "dnsmasq", "dnsmasq"),
    ("smbd", "samba", "smbd"),
    ("postfix", "postfix", "master"),
    ("exim4", "exim", "exim4"),
    ("dovecot", "dovecot", "dovecot"),
    ("vsftpd", "vsftpd", "vsftpd"),
    ("proftpd", "proftpd", "proftpd"),
    ("slapd", "openldap", "slapd"),
    ("docker", "docker", "dockerd"),
    ("kubelet", "kubelet", "kubelet"),
    ("catalina.jar", "tomcat", ""),
];

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Applications> {
    if !view.probe_ran() {
        return None;
    }
    let programs = view.programs(notes);
    for path in late(view) {
        notes.odd("applications.versions", "did not tell its version in time", path);
    }
    let closed = |id| {
        let lines = view.output(id).unwrap_or_default().lines();
        lines.filter_map(|line| line.strip_prefix("closed "))
    };
    for folder in closed("probe.paths") {
        notes.odd(
            "probe.paths",
            "the account may not look into this folder, so the programs in it are not known",
            folder,
        );
    }
    for path in closed("applications.versions") {
        notes.odd(
            "applications.versions",
            "the account may not start this program, so its version is not known",
            path,
        );
    }
    let versions = versions(view);
    let mut items = Vec::new();
    for path in view.probed("/usr/").chain(view.probed("/opt/")) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let Some((_, name, process)) = KNOWN
            .iter()
            .find(|(known, ..)| file == *known || (*known == "php-fpm" && file.starts_with("php-fpm")))
        else {
            continue;
        };
        let said = versions
            .iter()
            .find(|(other, _)| *other == path)
            .map(|(_, text)| text.as_str());
        let (mut version, mut vendor) = (said.and_then(version_in), said.and_then(vendor_in));
        match *name {
            "java" => (version, vendor) = java(view, path),
            "go" => version = go(view, path),
            _ => {}
        }
        items.push(Application {
            name: (*name).to_owned(),
            version,
            path: path.to_owned(),
            vendor,
            running: programs
                .as_ref()
                .filter(|_| !process.is_empty())
                .map(|programs| runs(programs, process, file)),
        });
    }
    items.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    Some(Applications { items })
}

/// Whether a program runs, by the names that the kernel knows.
fn runs(programs: &BTreeSet<&str>, process: &str, file: &str) -> bool {
    match process {
        // Debian's and Alpine's have their version in the name, and several may be there.
        "php-fpm" => programs.contains(file),
        // RHEL's and older ones of PostgreSQL's own packages are started by their old name, which is a link.
        "postgres" => programs.contains("postgres") || programs.contains("postmaster"),
        _ => programs.contains(process),
    }
}

/// Programs that were ended because they did not answer.
fn late<'a>(view: &View<'a>) -> impl Iterator<Item = &'a str> {
    let lines = view.output("applications.versions").unwrap_or_default().lines();
    lines.filter_map(|line| line.strip_prefix("late "))
}

/// What each program answered, behind its `== path` line.
pub(super) fn versions<'a>(view: &View<'a>) -> Vec<(&'a str, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    for line in view.output("applications.versions").unwrap_or_default().lines() {
        if let Some(path) = line.strip_prefix("== ") {
            out.push((path, String::new()));
        } else if let Some((_, text)) = out
            .last_mut()
            .filter(|_| !line.starts_with("late ") && !line.starts_with("closed "))
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    out
}

/// The first word that looks like a version: digits with a dot inside, letters in front allowed.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '(' | ')' | ',' | '='));
    let words = words.map(|word| {
        word.trim_start_matches("go")
            .trim_start_matches('v')
            .trim_end_matches([';', '.'])
    });
    let mut found =
        words.filter(|word| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.'));
    found.next().map(str::to_owned)
}

fn vendor_in(text: &str) -> Option<String> {
    ["MariaDB", "Percona", "OpenResty", "LibreSSL"]
        .iter()
        .find(|name| text.contains(*name))
        .map(|name| (*name).to_owned())
}

/// The `release` file two folders above `bin/java`.
fn java(view: &View<'_>, path: &str) -> (Option<String>, Option<String>) {
    let Some(home) = path.strip_suffix("/bin/java") else {
        return (None, None);
    };
    let homes = [home.to_owned(), home.trim_end_matches("/jre").to_owned()];
    let release = homes
        .iter()
        .map(|home| format!("{home}/release"))
        .find(|file| view.has_file(file));
    let pairs = release
        .map(|file| key_values(view.lines(&file)))
        .unwrap_or_default();
    let get = |key: &str| {
        pairs
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    };
    (get("JAVA_VERSION"), get("IMPLEMENTOR"))
}

/// The first line of the `VERSION` file above `bin/go`, where Go was not installed by the distribution.
fn go(view: &View<'_>, path: &str) -> Option<String> {
    let home = path.strip_suffix("/bin/go")?;
    version_in(view.first(&format!("{home}/VERSION"))?)
}

#[cfg(test)]
mod tests {
    use super::{runs, version_in};

    #[test]
    fn a_program_runs_under_the_name_it_was_started_by() {
        let runs = |running: &str, process, file| runs(&[running].into(), process, file);
        assert!(runs("php-fpm8.2", "php-fpm", "php-fpm8.2"));
        assert!(runs("php-fpm", "php-fpm", "php-fpm"));
        assert!(!runs("php-fpm8.2", "php-fpm", "php-fpm8.1"));
        assert!(runs("postmaster", "postgres", "postgres"));
        assert!(runs("postgres", "postgres", "postgres"));
        assert!(!runs("postgrey", "postgres", "postgres"));
        assert!(runs("apache2", "apache2", "apache2"));
    }

    #[track_caller]
    fn check(text: &str, version: &str) {
        assert_eq!(version_in(text).as_deref(), Some(version), "{text}");
    }

    #[test]
    fn finds_the_version_in_what_programs_say() {
        check("nginx version: nginx/1.22.1\n", "1.22.1");
        check(
            "Server version: Apache/2.4.57 (Debian)\nServer built: 2023-04-13",
            "2.4.57",
        );
        check("postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)", "15.6");
        check("mysqld  Ver 8.0.36 for Linux on x86_64", "8.0.36");
        check(
            "/usr/sbin/mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian",
            "10.11.6-MariaDB-0+deb12u1",
        );
        check(
            "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0",
            "7.0.15",
        );
        check("v20.11.1", "20.11.1");
        check(
            "OpenSSL 3.0.11 19 Sep 2023 (Library: OpenSSL 3.0.11 19 Sep 2023)",
            "3.0.11",
        );
        check("go version go1.22.1 linux/amd64", "1.22.1");
        check(
            "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/",
            "2.6.12-1+deb12u1",
        );
        check("PHP 8.2.7 (cli) (built: Jun  9 2023)", "8.2.7");
        assert_eq!(version_in("Segmentation fault"), None);
    }
}
