//! Red Hat's products: `AppStream-8.6.0.Z.EUS:openssl-1:1.1.1k-7.el8_6.x86_64`, a package as a component of a repository with a CPE.
//!
//! The repository's CPE says release and line of updates, the package's URL says name, version, architecture and module stream. A module may
//! stand between them as a component of its own (`AppStream-8.2.0.Z:nodejs:12:…`); where there is no URL the id itself is taken apart.

use luumen_model::advisory::PackageKind;

use super::{
    Publisher,
    claims::Subject,
    document::{Products, Remark},
};
use crate::read::rpm::{self, Evr, Nevra, Purl};

pub(super) struct RedHat;

/// A package as a product names it.
struct Package {
    name: String,
    arch: Option<String>,
    version: Option<String>,
    module: Option<String>,
}

impl Publisher for RedHat {
    fn name(&self) -> &'static str {
        "redhat"
    }

    fn subject(&self, products: &Products<'_>, id: &str) -> Result<Option<Subject>, String> {
        let Some((component, within)) = products.part(id) else {
            return Ok(None);
        };
        let (repository, module) = match products.part(within) {
            Some((module, repository)) => (repository, module_of(products, module)),
            None => (within, None),
        };
        let cpe = products.item(repository).and_then(|item| item.cpe);
        let Some((platform, channel)) = cpe.and_then(rpm::of_cpe) else {
            return Ok(None);
        };
        let Some(package) = package(products, component)? else {
            return Ok(None);
        };
        if rpm::is_debug(&package.name) {
            return Ok(None);
        }
        let kind = match package.arch.as_deref() {
            Some("src") => PackageKind::Source,
            _ => PackageKind::Binary,
        };
        Ok(Some(Subject {
            platform,
            channel,
            package: package.name,
            kind,
            arch: package.arch,
            module: module.or(package.module),
            version: package.version,
            fixed_by_version: false,
        }))
    }

    fn advisory(&self, fix: &Remark<'_>) -> Option<String> {
        let id = fix.url.as_ref()?.as_str().rsplit('/').next()?;
        self.is_advisory(id).then(|| id.to_owned())
    }

    fn is_advisory(&self, id: &str) -> bool {
        ["RHSA-", "RHBA-", "RHEA-"]
            .iter()
            .any(|start| id.starts_with(start))
    }
}

/// `nodejs:12` of the product of a module.
fn module_of(products: &Products<'_>, id: &str) -> Option<String> {
    let purl = products.item(id).and_then(|item| item.purl).and_then(Purl::parse);
    match purl {
        Some(purl) if purl.kind == "rpmmod" => stream(&format!("{}:{}", purl.name, purl.version?)),
        _ => stream(id),
    }
}

/// Name and stream of `nodejs:20:9040020240807145403:rhel9`.
fn stream(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !stream.is_empty()).then(|| format!("{name}:{stream}"))
}

fn package(products: &Products<'_>, component: &str) -> Result<Option<Package>, String> {
    let purl = products.item(component).and_then(|item| item.purl);
    match purl.map(Purl::parse) {
        Some(Some(purl)) if purl.kind == "rpm" => of_purl(purl).map(Some),
        Some(Some(_)) => Ok(None),
        Some(None) => Err("its package URL cannot be read".to_owned()),
        None => Ok(of_id(component)),
    }
}

fn of_purl(purl: Purl) -> Result<Package, String> {
    let module = match purl.qualifier("rpmmod") {
        None => None,
        Some(text) => Some(stream(text).ok_or_else(|| format!("{text:?} is not a module and its stream"))?),
    };
    let epoch = purl.qualifier("epoch").unwrap_or_default();
    let version = purl
        .version
        .as_deref()
        .and_then(|version| Evr::of(epoch, version));
    Ok(Package {
        arch: purl.qualifier("arch").map(str::to_owned),
        version: version.map(|evr| evr.0),
        module,
        name: purl.name,
    })
}

/// `openssl-1:1.1.1k-7.el8_6.x86_64`, `openssl098e.src`, `go-toolset:rhel8/golang`, `PyYAML.src::python39-devel:3.9`.
fn of_id(id: &str) -> Option<Package> {
    let (id, module) = match (id.split_once("::"), id.split_once('/')) {
        (Some((package, module)), _) => (package, Some(stream(module)?)),
        (None, Some((module, package))) => (package, Some(stream(module)?)),
        (None, None) => (id, None),
    };
    if let Some(found) = Nevra::parse(id) {
        let (name, arch, version) = (found.name, found.arch, Some(found.evr.0));
        return Some(Package {
            name,
            arch,
            version,
            module,
        });
    }
    let (name, arch) = match id.strip_suffix(".src") {
        Some(name) => (name, Some("src".to_owned())),
        None => (id, None),
    };
    let fine = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    fine.then(|| Package {
        name: name.to_owned(),
        arch,
        version: None,
        module,
    })
}
