//! `updateinfo.xml` of rpm repositories: Amazon Linux (ALAS), AlmaLinux, Rocky Linux, Fedora and EPEL.
//!
//! Every package of an update is fixed by it; nothing else is ever said there. Updates that are neither about security nor name a CVE are passed
//! over; a security update that names no CVE is kept under its own id. Fedora names CVEs only in titles and descriptions, which are searched.
//!
//! | publisher | platform | channel |
//! |---|---|---|
//! | Amazon `ALAS-2018-1` | `amzn/1` | main |
//! | Amazon `ALAS2-…`; `ALAS2DOCKER-…` or `ALASDOCKER-…` | `amzn/2` | main; `extra-docker` |
//! | Amazon `ALAS2023-…`; `ALAS2023LIVEPATCH-…` | `amzn/2023` | main; `livepatch` |
//! | Fedora 38, Fedora 38 Modular | `fedora/38` | main |
//! | Fedora EPEL 9; Fedora EPEL 9 Next | `rhel/9` | `epel`; `epel-next` |

use luumen_model::advisory::{self, Channel, PackageKind, Platform, Record, Status};

use super::{
    Document, Problem, ReadError, Sink, dates,
    markup::{self, Element},
    rpm::{self, Evr, Gather},
};

type Place = (Platform, Channel);
type Places = fn(&Element, &str) -> Option<Place>;

pub(super) fn read_amazon(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, |_, id| amazon(id), sink)
}

pub(super) fn read_alma(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let of_collection = |update: &Element, _: &str| {
        let short = update.child("pkglist")?.child("collection")?.attribute("short")?;
        numbered(short.strip_prefix("almalinux-")?, "almalinux")
    };
    read(document, of_collection, sink)
}

pub(super) fn read_rocky(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let of_release = |update: &Element, _: &str| {
        numbered(update.text_of("release")?.strip_prefix("Rocky Linux ")?, "rocky")
    };
    read(document, of_release, sink)
}

pub(super) fn read_fedora(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, |update, _| fedora(update.text_of("release")?), sink)
}

/// The number that a text begins with, as the release of a family.
fn numbered(text: &str, family: &str) -> Option<Place> {
    let number: String = text.chars().take_while(char::is_ascii_digit).collect();
    let fine = (1..=2).contains(&number.len());
    fine.then(|| (Platform::new(family, number), Channel::MAIN))
}

fn fedora(release: &str) -> Option<Place> {
    let rest = release.strip_prefix("Fedora ")?;
    let Some(rest) = rest.strip_prefix("EPEL ") else {
        return numbered(rest, "fedora");
    };
    let channel = if rest.ends_with(" Next") {
        "epel-next"
    } else {
        "epel"
    };
    numbered(rest, "rhel").map(|(platform, _)| (platform, Channel::new(channel)))
}

/// `ALAS2KERNEL-5.15-2022-001` is of the extra repository `kernel-5.15` of Amazon Linux 2.
fn amazon(id: &str) -> Option<Place> {
    let (rest, _) = id.strip_prefix("ALAS")?.rsplit_once('-')?;
    let (rest, _year) = rest.rsplit_once('-')?;
    let releases = ["2023", "2022", "2"];
    let found = releases
        .iter()
        .find_map(|release| rest.strip_prefix(release).map(|name| (*release, name)));
    let (release, name) = match found {
        Some(found) => found,
        None if rest.is_empty() => ("1", rest),
        None => ("2", rest),
    };
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    let channel = match (release, name.as_str()) {
        (_, "") => Channel::MAIN,
        ("2", name) => Channel::new(format!("extra-{name}")),
        (_, name) => Channel::new(name),
    };
    Some((Platform::new("amzn", release), channel))
}

fn read(document: Document<'_>, places: Places, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut at = 0_usize;
    let root = markup::elements(document.bytes, &|name| name == "update", &mut |update| {
        if let Err(what) = tell(document.source, &update, places, sink) {
            let entry = update
                .text_of("id")
                .map_or_else(|| format!("update[{at}]"), str::to_owned);
            sink.problem(Problem { entry, what });
        }
        at += 1;
    })?;
    match root.as_str() {
        "updates" => Ok(()),
        _ => Err(ReadError::other(format!("its root is <{root}>, not <updates>"))),
    }
}

fn tell(source: &str, update: &Element, places: Places, sink: &mut dyn Sink) -> Result<(), String> {
    let advisory = update.text_of("id").ok_or("it has no id")?;
    let mut ids = cves(update);
    let security = update.attribute("type") == Some("security");
    if ids.is_empty() && !security {
        return Ok(());
    }
    if ids.is_empty() {
        ids.push(advisory.to_owned());
        let vulnerability = itself(source, advisory, update, sink);
        sink.record(Record::Vulnerability(vulnerability));
    }
    let (platform, channel) = places(update, advisory).ok_or("it does not say which release it is for")?;
    let mut gather = Gather::default();
    let collections = update.all("pkglist").flat_map(|list| list.all("collection"));
    for collection in collections {
        let module = collection.child("module").and_then(module);
        for package in collection.all("package") {
            let claim = match claim(source, package, module.as_deref()) {
                Ok(Some(claim)) => claim,
                Ok(None) => continue,
                Err(what) => {
                    sink.problem(Problem {
                        entry: advisory.to_owned(),
                        what,
                    });
                    continue;
                }
            };
            for id in &ids {
                let mut claim = claim.clone();
                claim.vulnerability.clone_from(id);
                claim.platform = platform.clone();
                claim.channel = channel.clone();
                claim.advisory = Some(advisory.to_owned());
                claim.severity = update.text_of("severity").and_then(rpm::severity);
                gather.add(claim);
            }
        }
    }
    gather.tell(sink);
    Ok(())
}

fn claim(source: &str, package: &Element, module: Option<&str>) -> Result<Option<advisory::Claim>, String> {
    let needed = |name: &str| {
        package
            .attribute(name)
            .ok_or_else(|| format!("a package has no {name}"))
    };
    let (name, version, release) = (needed("name")?, needed("version")?, needed("release")?);
    if rpm::is_debug(name) {
        return Ok(None);
    }
    let of_module = release.contains(".module+") || release.contains(".module_");
    if of_module && module.is_none() {
        return Err(format!(
            "{name} is built for a module, and the update does not say for which"
        ));
    }
    let rest = format!("{version}-{release}");
    let evr = Evr::of(package.attribute("epoch").unwrap_or_default(), &rest);
    let evr = evr.ok_or_else(|| format!("{rest:?}, the version of {name}, cannot be read"))?;
    let mut claim = rpm::blank(source, name);
    let arch = package.attribute("arch").map(str::to_owned);
    if matches!(arch.as_deref(), Some("src" | "nosrc")) {
        claim.package_kind = PackageKind::Source;
    }
    claim.arches.extend(arch);
    claim.module = module.map(str::to_owned);
    claim.status = Status::Fixed;
    claim.fixed = Some(evr.0);
    Ok(Some(claim))
}

fn module(element: &Element) -> Option<String> {
    let (name, stream) = (element.attribute("name")?, element.attribute("stream")?);
    Some(format!("{name}:{stream}"))
}

/// The references that are CVEs; where there are none, the CVEs that titles and the description speak of.
fn cves(update: &Element) -> Vec<String> {
    let references = || update.all("references").flat_map(|list| list.all("reference"));
    let typed = references().filter(|reference| reference.attribute("type") == Some("cve"));
    let mut ids: Vec<String> = typed
        .filter_map(|reference| reference.attribute("id"))
        .flat_map(cves_in)
        .collect();
    if ids.is_empty() {
        ids.extend(
            references()
                .filter_map(|reference| reference.attribute("title"))
                .flat_map(cves_in),
        );
        let texts = ["title", "description"]
            .iter()
            .filter_map(|name| update.text_of(name));
        ids.extend(texts.flat_map(cves_in));
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn cves_in(text: &str) -> Vec<String> {
    let id = |(at, _): (usize, &str)| {
        let rest = &text[at + 4..];
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '-'))
            .unwrap_or(rest.len());
        let (year, number) = rest[..end].trim_end_matches('-').split_once('-')?;
        let number = number.split('-').next()?;
        let fine = year.len() == 4 && (4..=7).contains(&number.len());
        fine.then(|| format!("CVE-{year}-{number}"))
    };
    text.match_indices("CVE-").filter_map(id).collect()
}

/// A security update without a CVE, as a vulnerability of its own.
fn itself(source: &str, id: &str, update: &Element, sink: &mut dyn Sink) -> advisory::Vulnerability {
    let mut moment = |name: &str| {
        let text = update.child(name)?.attribute("date")?;
        // Without seconds, as Amazon writes it, it is a day.
        let found = dates::moment(text).or_else(|_| dates::day(text.split(' ').next().unwrap_or_default()));
        match found {
            Ok(at) => Some(at),
            Err(what) => {
                sink.problem(Problem {
                    entry: id.to_owned(),
                    what,
                });
                None
            }
        }
    };
    advisory::Vulnerability {
        id: id.to_owned(),
        source: source.to_owned(),
        published_at: moment("issued"),
        modified_at: moment("updated"),
        title: update.text_of("title").map(str::to_owned),
        description: update.text_of("description").map(str::to_owned),
        severity: update.text_of("severity").and_then(rpm::severity),
        ..advisory::Vulnerability::default()
    }
}
