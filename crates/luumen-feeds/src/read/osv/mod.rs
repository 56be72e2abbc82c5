//! Documents in OSV's schema (ossf.github.io/osv-schema), of language ecosystems and of distributions.
//!
//! | OSV | ours |
//! |---|---|
//! | `introduced` … `fixed` | fixed in that version, and affected from the first one |
//! | `introduced` … `last_affected` | affected up to and including that version |
//! | `introduced` alone | affected |
//! | `fixed: 0` | not affected |
//! | `versions`, where there is no range of versions | affected, a claim for each |
//! | `withdrawn` | no claim; what goes by the entry's own id is rejected, and no CVE that it names |
//!
//! Claims go by CVE: the document's own if it is one (`UBUNTU-CVE-…` is one too), else those it names as aliases, and for distributions also as upstream
//! or related. A bug fix or enhancement advisory that names no CVE is no vulnerability and says nothing. Debian's DLAs are the channel `lts`,
//! Ubuntu's livepatches the channel `livepatch`, since their version is that of the patch.
//!
//! A package built in a module (`.module_el8…`) concerns only that module; if the summary names several, there is a claim for each, and if it names
//! none the package is a problem and makes no claim.

mod modules;
mod places;
mod ranges;

use std::collections::BTreeSet;

use luumen_model::advisory::{Authority, Channel, Claim, Record, Severity, Vulnerability};
use places::Home;
use ranges::{Interval, Range};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Document, Problem, ReadError, Sink, dates};
use crate::cvss;

#[derive(Deserialize)]
struct Osv {
    id: String,
    #[serde(default)]
    summary: String,
    details: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    withdrawn: Option<String>,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    related: Option<Vec<String>>,
    #[serde(default)]
    upstream: Option<Vec<String>>,
    #[serde(default)]
    severity: Option<Vec<Score>>,
    #[serde(default)]
    references: Option<Vec<Reference>>,
    #[serde(default)]
    affected: Option<Vec<Box<RawValue>>>,
    database_specific: Option<Value>,
}

#[derive(Deserialize)]
struct Score {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Option<Vec<Range>>,
    #[serde(default)]
    versions: Option<Vec<String>>,
    ecosystem_specific: Option<Value>,
    #[serde(default)]
    severity: Option<Vec<Score>>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
    purl: Option<String>,
}

/// Reads one document, or a list of them.
pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    if document.name.contains('/') && !document.name.ends_with(".json") {
        // Archives hold licences and scripts beside the documents.
        return Ok(());
    }
    let starts_list = document.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if !starts_list {
        let osv: Osv = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
        tell(osv, document.source, sink);
        return Ok(());
    }
    let list: Vec<&RawValue> = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    for (at, raw) in list.into_iter().enumerate() {
        match serde_json::from_str(raw.get()) {
            Ok(osv) => tell(osv, document.source, sink),
            Err(error) => sink.problem(problem(&format!("[{at}]"), error.to_string())),
        }
    }
    Ok(())
}

fn problem(entry: &str, what: impl Into<String>) -> Problem {
    Problem {
        entry: entry.to_owned(),
        what: what.into(),
    }
}

fn tell(osv: Osv, source: &str, sink: &mut dyn Sink) {
    let silent = osv.affected.is_none() && osv.details.is_none() && osv.summary.is_empty();
    if silent && osv.withdrawn.is_none() {
        // Lists of what there is name an id and the day of its last change, nothing more.
        return;
    }
    let affected = read_affected(&osv, sink);
    let vendor = affected
        .iter()
        .any(|(home, _, _)| home.authority == Authority::Vendor);
    let ids = ids(&osv, vendor);
    let own = ids.len() == 1 && (ids[0] == osv.id || !is_advisory(&osv.id, vendor));
    if is_plain_update(&osv.id) && ids[0] == osv.id {
        return;
    }
    if own || osv.withdrawn.is_some() {
        // Who takes an entry back takes nothing back that others say of the same CVE.
        let id = if own && osv.withdrawn.is_none() {
            &ids[0]
        } else {
            &osv.id
        };
        match vulnerability(&osv, id, source) {
            Ok(vulnerability) => sink.record(Record::Vulnerability(vulnerability)),
            Err(what) => sink.problem(problem(&osv.id, what)),
        }
    }
    if osv.withdrawn.is_some() {
        return;
    }
    let mut unnamed = BTreeSet::new();
    for (home, package, affected) in affected {
        let part = Part {
            osv: &osv,
            ids: &ids,
            source,
            home,
            package,
        };
        if let Err(what) = part.tell(affected, sink) {
            unnamed.insert(what);
        }
    }
    for what in unnamed {
        sink.problem(problem(&osv.id, what));
    }
}

/// The entries of `affected` that we can place. One problem for each ecosystem that we do not know.
fn read_affected(osv: &Osv, sink: &mut dyn Sink) -> Vec<(Home, String, Affected)> {
    let mut unknown = BTreeSet::new();
    let mut read = Vec::new();
    for (at, raw) in osv.affected.iter().flatten().enumerate() {
        let mut affected: Affected = match serde_json::from_str(raw.get()) {
            Ok(affected) => affected,
            Err(error) => {
                sink.problem(problem(&osv.id, format!("affected[{at}]: {error}")));
                continue;
            }
        };
        // Entries without a package speak of git repositories only.
        let Some(package) = affected.package.take() else {
            continue;
        };
        match places::home(&package.ecosystem, package.purl.as_deref()) {
            Some(home) => read.push((home, package.name, affected)),
            None => {
                unknown.insert(package.ecosystem);
            }
        }
    }
    for ecosystem in unknown {
        sink.problem(problem(
            &osv.id,
            format!("{ecosystem:?} is not an ecosystem that we know"),
        ));
    }
    read
}

/// What the claims go by; never empty.
fn ids(osv: &Osv, vendor: bool) -> Vec<String> {
    if let Some(at) = osv
        .id
        .find("CVE-")
        .filter(|at| *at == 0 || osv.id[..*at].ends_with('-'))
    {
        return vec![osv.id[at..].to_owned()];
    }
    let aliases = osv.aliases.iter().flatten();
    let others = osv.upstream.iter().flatten().chain(osv.related.iter().flatten());
    let others = others.filter(|_| vendor);
    let mut ids: Vec<String> = Vec::new();
    for id in aliases.chain(others) {
        let cve = id
            .strip_prefix("UBUNTU-")
            .or_else(|| id.strip_prefix("DEBIAN-"))
            .unwrap_or(id);
        if cve.starts_with("CVE-") && !ids.iter().any(|known| known == cve) {
            ids.push(cve.to_owned());
        }
    }
    if ids.is_empty() {
        ids.push(osv.id.clone());
    }
    ids
}

/// Advisories of vendors name an update, not a flaw: their text is not that of the CVE.
fn is_advisory(id: &str, vendor: bool) -> bool {
    vendor && !id.contains("CVE-")
}

/// Updates that repair or add something: `ALBA-…`, `RLEA-…`, `RHBA-…`, `SUSE-RU-…`.
fn is_plain_update(id: &str) -> bool {
    let kind = id.split('-').next().unwrap_or(id);
    (kind.len() == 4 && (kind.ends_with("BA") || kind.ends_with("EA")))
        || id.starts_with("SUSE-RU-")
        || id.starts_with("SUSE-FU-")
}

fn vulnerability(osv: &Osv, id: &str, source: &str) -> Result<Vulnerability, String> {
    let moment = |text: &Option<String>| text.as_deref().map(dates::moment).transpose();
    let strings = |name: &str| -> Vec<String> {
        let list = osv
            .database_specific
            .as_ref()
            .and_then(|value| value.get(name)?.as_array());
        let strings = list.into_iter().flatten().filter_map(|value| value.as_str());
        strings.map(str::to_owned).collect()
    };
    let mut aliases = vec![osv.id.clone()];
    aliases.extend(osv.aliases.iter().flatten().cloned());
    aliases.retain(|alias| alias != id);
    let scores = osv.severity.iter().flatten();
    Ok(Vulnerability {
        id: id.to_owned(),
        source: source.to_owned(),
        title: Some(osv.summary.clone()).filter(|summary| !summary.is_empty()),
        description: osv.details.clone(),
        published_at: moment(&osv.published)?,
        modified_at: moment(&osv.modified)?,
        rejected: osv.withdrawn.is_some(),
        severity: severity(osv, None),
        cvss: scores
            .filter_map(|score| cvss::scored(&score.score, "osv"))
            .collect(),
        cwes: strings("cwe_ids"),
        aliases,
        references: osv.references.iter().flatten().map(|r| r.url.clone()).collect(),
        ..Vulnerability::default()
    })
}

/// The publisher's own word: of the package, of the document, or the first word of the summary.
fn severity(osv: &Osv, affected: Option<&Affected>) -> Option<Severity> {
    let of_package = || {
        let specific = affected?.ecosystem_specific.as_ref()?;
        let names = ["ubuntu_priority", "severity", "urgency"];
        names.iter().find_map(|name| word(specific.get(name)?.as_str()?))
    };
    let ubuntu = |scores: &Option<Vec<Score>>| {
        let found = scores.iter().flatten().find(|score| score.kind == "Ubuntu");
        found.and_then(|score| word(&score.score))
    };
    let of_document = || word(osv.database_specific.as_ref()?.get("severity")?.as_str()?);
    of_package()
        .or_else(|| affected.and_then(|affected| ubuntu(&affected.severity)))
        .or_else(|| ubuntu(&osv.severity))
        .or_else(of_document)
        .or_else(|| word(osv.summary.split_once(':')?.0))
}

fn word(text: &str) -> Option<Severity> {
    match text.to_ascii_lowercase().as_str() {
        "negligible" | "unimportant" | "low" => Some(Severity::Low),
        "medium" | "moderate" => Some(Severity::Medium),
        "high" | "important" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

/// One entry of `affected`, with what its document says of all.
struct Part<'a> {
    osv: &'a Osv,
    ids: &'a [String],
    source: &'a str,
    home: Home,
    package: String,
}

impl Part<'_> {
    fn tell(&self, mut affected: Affected, sink: &mut dyn Sink) -> Result<(), String> {
        let severity = severity(self.osv, Some(&affected));
        let channel = self.channel(&affected);
        let mut intervals = Vec::new();
        for range in affected.ranges.take().into_iter().flatten() {
            intervals.extend(ranges::intervals(range).map_err(|why| format!("{}: {why}", self.package))?);
        }
        if intervals.is_empty() {
            intervals.extend(affected.versions.take().into_iter().flatten().map(ranges::single));
        }
        for interval in intervals {
            let modules = self.modules(&interval)?;
            for id in self.ids {
                for module in &modules {
                    let claim = self.claim(id, &interval, module.clone(), &channel, severity);
                    sink.record(Record::Claim(claim));
                }
            }
        }
        Ok(())
    }

    fn channel(&self, affected: &Affected) -> Channel {
        let availability = || {
            affected
                .ecosystem_specific
                .as_ref()?
                .get("availability")?
                .as_str()
        };
        if self.osv.id.starts_with("DLA-") {
            Channel::new("lts")
        } else if availability().is_some_and(|words| words.starts_with("Livepatch")) {
            Channel::new("livepatch")
        } else {
            self.home.channel.clone()
        }
    }

    fn modules(&self, interval: &Interval) -> Result<Vec<Option<String>>, String> {
        let version = interval.fixed.as_ref().or(interval.last_affected.as_ref());
        if !version.is_some_and(|version| modules::is_modular(version)) {
            return Ok(vec![None]);
        }
        let named = modules::named(&self.osv.summary);
        if named.is_empty() {
            return Err(format!("{:?} does not name the module stream", self.osv.summary));
        }
        Ok(named.into_iter().map(Some).collect())
    }

    fn claim(
        &self,
        id: &str,
        interval: &Interval,
        module: Option<String>,
        channel: &Channel,
        severity: Option<Severity>,
    ) -> Claim {
        let named = id != self.osv.id && !self.osv.id.ends_with(id);
        let advisory = named || is_advisory(&self.osv.id, self.home.authority == Authority::Vendor);
        Claim {
            source: self.source.to_owned(),
            authority: self.home.authority,
            vulnerability: id.to_owned(),
            platform: self.home.platform.clone(),
            channel: channel.clone(),
            package: self.package.clone(),
            package_kind: self.home.kind,
            arches: Vec::new(),
            module,
            status: interval.status,
            introduced: interval.introduced.clone(),
            fixed: interval.fixed.clone(),
            last_affected: interval.last_affected.clone(),
            advisory: advisory.then(|| self.osv.id.clone()),
            severity,
            note: None,
        }
    }
}

#[cfg(test)]
mod tests;
