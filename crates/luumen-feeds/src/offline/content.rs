//! What the beginning of a document says. It looks for words that a format cannot do without; the reader looks at the rest.

use super::Guess;

/// What the first part of a document is of.
pub(super) fn guess(name: &str, glance: &[u8]) -> Option<Guess> {
    let text = String::from_utf8_lossy(glance);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.chars().next()? {
        '{' => json(name, text),
        '[' => json(name, text).or_else(|| plain(name, text)),
        '<' => xml(text),
        _ => plain(name, text),
    }
}

fn json(name: &str, text: &str) -> Option<Guess> {
    let has = |word: &str| text.contains(word);
    let source = if has("\"CVE_RECORD\"") {
        "cve-list"
    } else if has("\"catalogVersion\"") && has("\"cveID\"") {
        "cisa-kev"
    } else if has("\"NVD_CVE\"") && has("\"vulnerabilities\"") {
        "nvd"
    } else if has("\"CVE_data_type\"") && has("\"CVE_Items\"") {
        "nvd-1.1"
    } else if has("openvex.dev/") {
        "ubuntu-vex"
    } else if has("\"csaf_version\"") {
        return csaf(text);
    } else if has("\"DocumentTitle\"") && has("\"DocumentTracking\"") {
        "msrc-cvrf"
    } else if has("\"affected\"") && has("\"ecosystem\"") {
        return osv(text);
    } else if has("\"distroversion\"") && has("\"reponame\"") {
        "alpine-secdb"
    } else if has("\"AVG-") && has("\"packages\"") {
        "arch"
    } else if has("\"configurations\"") && has("\"_annotation\"") {
        "nvd-overrides"
    } else if has("\"releases\"") && has("\"CVE-") && has("\"urgency\"") {
        "debian-tracker"
    } else if has("\"schema_version\"") && has("\"result\"") && has("\"isEol\"") {
        "endoflife"
    } else if has("\"releases\"") && (has("\"releaseDate\"") || has("\"versions\"")) {
        return lifecycle(name);
    } else {
        return None;
    };
    Some(Guess::new(source))
}

/// Products of endoflife.date that are platforms of ours; the other three hundred say nothing to us.
fn lifecycle(name: &str) -> Option<Guess> {
    const PLATFORMS: [&str; 14] = [
        "almalinux",
        "alpine-linux",
        "amazon-linux",
        "centos",
        "centos-stream",
        "debian",
        "fedora",
        "opensuse",
        "oracle-linux",
        "rhel",
        "rocky-linux",
        "sles",
        "ubuntu",
        "windows",
    ];
    let file = name.rsplit('/').next().unwrap_or(name);
    let product = file.strip_suffix(".json")?;
    let known = PLATFORMS.contains(&product) || product == "windows-server";
    known.then(|| Guess::new("endoflife"))
}

fn csaf(text: &str) -> Option<Guess> {
    let vex = text.contains("\"csaf_vex\"");
    let by = |name: &str| text.contains(name);
    let source = if by("redhat.com") {
        if vex { "redhat-vex" } else { "redhat-csaf" }
    } else if by("suse.com") || by("opensuse.org") {
        if vex { "suse-vex" } else { "suse-csaf" }
    } else if by("msrc.microsoft.com") || by("microsoft.com") {
        "msrc-csaf"
    } else {
        return None;
    };
    Some(Guess::new(source))
}

fn osv(text: &str) -> Option<Guess> {
    let after = &text[text.find("\"ecosystem\"")? + "\"ecosystem\"".len()..];
    let ecosystem = after.split('"').nth(1)?;
    let source = match ecosystem.split(':').next()? {
        "AlmaLinux" => "alma-osv",
        "Rocky Linux" => "rocky-osv",
        "Ubuntu" => "ubuntu-osv",
        "PyPI" => "osv-pypi",
        "npm" => "osv-npm",
        "Maven" => "osv-maven",
        "NuGet" => "osv-nuget",
        "RubyGems" => "osv-rubygems",
        "crates.io" => "osv-crates",
        "Go" => "osv-go",
        _ => return None,
    };
    Some(Guess::new(source))
}

fn xml(text: &str) -> Option<Guess> {
    let has = |word: &str| text.contains(word);
    let source = if has("<oval_definitions") {
        if has("oval:com.redhat.") {
            "redhat-oval"
        } else if has("oval:com.oracle.") {
            "oracle-oval"
        } else if has("oval:org.opensuse.") {
            "suse-oval"
        } else if has("oval:com.ubuntu.") {
            "ubuntu-oval"
        } else {
            return None;
        }
    } else if has("<updates>") && has("<id>ALAS") {
        "amazon-alas"
    } else {
        return None;
    };
    Some(Guess::new(source))
}

fn plain(name: &str, text: &str) -> Option<Guess> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let source = if first == "cve,epss,percentile" {
        "epss"
    } else if text.contains("distroversion:") && text.contains("reponame:") {
        "alpine-secdb"
    } else if file.starts_with("CVE-") && text.contains("Candidate: CVE-") {
        "ubuntu-tracker"
    } else if first.starts_with('[')
        && ["] DSA-", "] DLA-", "] DTSA-"]
            .iter()
            .any(|head| first.contains(head))
    {
        "debian-lists"
    } else {
        return None;
    };
    Some(Guess::new(source))
}
