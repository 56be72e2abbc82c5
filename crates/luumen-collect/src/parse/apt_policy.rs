//! Updates of a Debian family host, from what `apt-cache policy` says of its installed packages.
//!
//! An update is what apt's own choice of versions, pins included, offers in place of the installed one. Held
//! packages are left out, as an upgrade would leave them. Whether a phased update already reaches this host is
//! apt's secret: such an update is listed, with its phase beside the repository.

use luumen_model::{Package, Parsed, PendingUpdate};

use super::{packages::parse_dpkg, secrets::in_address, updates::odd};
use crate::view::{Notes, View};

/// The updates, unless apt did not answer for a single package.
pub(super) fn read(id: &str, text: &str, view: &View<'_>, notes: &mut Notes) -> Option<Vec<PendingUpdate>> {
    let answered = answered(text).filter(|count| *count > 0)?;
    let known = view
        .output("packages.dpkg")
        .map(|text| parse_dpkg(text).items)
        .unwrap_or_default();
    let installed = known.iter().filter(|package| package.is_installed()).count();
    if answered < installed {
        notes.problem(
            id,
            &format!("apt answered for {answered} of {installed} installed packages"),
        );
    }
    // A list of sources or pins that the account may not read leaves apt with a poorer answer, and no error.
    let warnings = view.said(id).map_or("", |said| said.stderr).lines();
    for line in warnings.filter(|line| line.starts_with("W: ") || line.starts_with("E: ")) {
        notes.odd(id, "apt may not know every update", line);
    }
    let mut items = notes.take(parse(id, text));
    let native = known
        .iter()
        .find(|package| package.name == "dpkg")
        .and_then(|package| package.arch.clone());
    items.retain_mut(|update| {
        let package = package_of(update, &known, native.as_deref());
        if update.arch.is_none() {
            update.arch = package.and_then(|package| package.arch.clone());
        }
        package.is_none_or(|package| package.status.as_deref() != Some("held"))
    });
    Some(items)
}

/// For how many installed packages apt answered: the last line, of the last try.
fn answered(text: &str) -> Option<usize> {
    let line = text.lines().rfind(|line| !line.trim().is_empty())?;
    line.strip_prefix("answered ")?.trim().parse().ok()
}

/// The installed package that an update is of. apt leaves out the architecture where it is the host's own, or
/// `all`.
fn package_of<'a>(update: &PendingUpdate, known: &'a [Package], native: Option<&str>) -> Option<&'a Package> {
    let mut named = known
        .iter()
        .filter(|package| package.name == update.name && package.is_installed());
    let wanted = |package: &&Package| match (&update.arch, native) {
        (Some(arch), _) => package.arch.as_ref() == Some(arch),
        (None, Some(native)) => {
            matches!(package.arch.as_deref(), Some(arch) if arch == native || arch == "all")
        }
        (None, None) => true,
    };
    named.find(wanted)
}

/// One block a package: its name, both versions, and the table of versions with where each comes from.
fn parse(id: &str, text: &str) -> Parsed<PendingUpdate> {
    let mut out = Parsed::default();
    let mut lines = text.lines().peekable();
    while let Some(heading) = lines.next() {
        if heading.trim().is_empty() || heading.starts_with("answered ") {
            continue;
        }
        let mut block = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            block.push(line);
        }
        match update(heading, &block) {
            Some(update) => out.items.push(update),
            None => out.problems.push(odd(id, "not an answer of apt-cache", heading)),
        }
    }
    out
}

fn update(heading: &str, block: &[&str]) -> Option<PendingUpdate> {
    let name = heading.strip_suffix(':')?;
    let (name, arch) = match name.split_once(':') {
        Some((name, arch)) => (name, Some(arch.to_owned())),
        None => (name, None),
    };
    let value = |key: &str| {
        let line = block.iter().find_map(|line| line.trim().strip_prefix(key))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    let (installed, candidate) = (value("Installed:")?, value("Candidate:")?);
    let (phase, sources) = sources(block, &candidate);
    let security = sources.iter().find(|source| is_security(source));
    let repository = security.or(sources.first()).map(|source| match phase {
        Some(phase) => format!("{source} {phase}"),
        None => source.clone(),
    });
    Some(PendingUpdate {
        name: name.to_owned(),
        installed_version: Some(installed),
        candidate_version: candidate,
        arch,
        security: repository.is_some().then_some(security.is_some()),
        repository,
    })
}

/// The phase of this version, as `(phased 20%)`, and its repositories.
///
/// Versions stand at column 5, their repositories at column 8 with a priority before each.
fn sources<'a>(block: &[&'a str], version: &str) -> (Option<&'a str>, Vec<String>) {
    let is_version = |line: &str| line.len() > 5 && !line[5..].starts_with(' ');
    let mut rows = block
        .iter()
        .skip_while(|line| line.trim() != "Version table:")
        .skip(1)
        .filter(|line| line.is_char_boundary(5));
    let found = rows.find(|line| is_version(line) && line[5..].split(' ').next() == Some(version));
    let phase = found.and_then(|line| line.find("(phased ").map(|at| line[at..].trim_end()));
    let sources = rows
        .take_while(|line| !is_version(line))
        .filter_map(|line| source(line))
        .collect();
    (phase, sources)
}

/// `500 http://deb.debian.org/debian bookworm/main amd64 Packages` → its address and suite.
fn source(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, suite) = match words[..] {
        // A flat repository names neither suite nor architecture.
        [_priority, address, "Packages"] => (address, ""),
        [_priority, address, suite, "Packages"] | [_priority, address, suite, _, "Packages"] => {
            (address, suite)
        }
        _ => return None,
    };
    Some(format!("{} {suite}", in_address(address)).trim_end().to_owned())
}

/// By the name of the suite (`bookworm-security`, `jammy-apps-security`), or the host of older releases
/// (`security.debian.org … buster/updates`).
fn is_security(source: &str) -> bool {
    source.contains("-security") || source.contains("://security.") || source.contains("://esm.ubuntu.com")
}

#[cfg(test)]
mod tests {
    use super::{answered, parse};

    #[track_caller]
    fn check(table: &str, expected: &str) {
        let text = format!("tzdata:\n  Installed: 1.0-1\n  Candidate: 1.0-2\n  Version table:\n{table}");
        let seen = parse("pending_updates.apt", &text);
        assert!(seen.problems.is_empty(), "{:?}", seen.problems);
        let update = &seen.items[0];
        let security = match update.security {
            Some(true) => "security",
            Some(false) => "other",
            None => "not known",
        };
        let from = update.repository.as_deref().unwrap_or("nowhere");
        assert_eq!(format!("{security}: {from}"), expected);
    }

    #[test]
    fn the_repository_is_that_of_the_candidate() {
        check(
            "     1.0-2 500\n        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages\n \
             *** 1.0-1 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n        100 /var/lib/dpkg/status\n",
            "security: http://deb.debian.org/debian-security bookworm-security/main",
        );
        check(
            "     1.0-2 500\n        500 http://deb.debian.org/debian bookworm-updates/main amd64 Packages\n",
            "other: http://deb.debian.org/debian bookworm-updates/main",
        );
        check(
            "     1.0-3 1\n          1 http://x.example/debian sid/main amd64 Packages\n     1.0-2 990\n        \
             500 http://security.debian.org buster/updates/main amd64 Packages\n",
            "security: http://security.debian.org buster/updates/main",
        );
        check(
            " *** 1.0-1 100\n        100 /var/lib/dpkg/status\n",
            "not known: nowhere",
        );
    }

    #[test]
    fn security_wins_where_both_have_it() {
        check(
            "     1.0-2 500\n        500 http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 Packages\n        \
             500 http://security.ubuntu.com/ubuntu jammy-security/main amd64 Packages\n",
            "security: http://security.ubuntu.com/ubuntu jammy-security/main",
        );
    }

    #[test]
    fn a_phase_is_told_and_a_password_is_not() {
        check(
            "     1.0-2 500 (phased 20%)\n        500 http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 Packages\n",
            "other: http://archive.ubuntu.com/ubuntu jammy-updates/main (phased 20%)",
        );
        check(
            "     1.0-2 500\n        500 https://user:word@repo.example.net/deb  Packages\n",
            "other: https://***@repo.example.net/deb",
        );
    }

    #[test]
    fn the_last_line_says_for_how_many_apt_answered() {
        assert_eq!(answered("answered 0\nanswered 119\n"), Some(119));
        assert_eq!(answered("answered 0\n"), Some(0));
        assert_eq!(answered("bash:\n  Installed: 1\n"), None);
        assert_eq!(answered(""), None);
    }

    #[test]
    fn an_odd_block_is_noted_and_the_others_are_read() {
        let seen = parse(
            "pending_updates.apt",
            "what is this\nlibc6:i386:\n  Installed: 2.36-1\n  Candidate: 2.36-2\n  Version table:\n     é\nanswered 2\n",
        );
        assert_eq!((seen.items.len(), seen.problems.len()), (1, 1));
        let update = &seen.items[0];
        assert_eq!(
            (update.name.as_str(), update.arch.as_deref(), update.security),
            ("libc6", Some("i386"), None)
        );
    }
}
