//! SUSE's products: `SUSE Linux Enterprise Server 15 SP5:libopenssl1_1-1.1.1l-150500.17.3.1.x86_64`, a package as a component of a product
//! that is known by its name. VEX documents leave the architecture out, and the version too where nothing is fixed.

use luumen_model::advisory::PackageKind;

use super::{
    Publisher,
    claims::Subject,
    document::{Item, Products, Remark},
};
use crate::read::rpm::{self, Evr, Nevra, Purl};

pub(super) struct Suse;

impl Publisher for Suse {
    fn name(&self) -> &'static str {
        "suse"
    }

    fn subject(&self, products: &Products<'_>, id: &str) -> Result<Option<Subject>, String> {
        let Some((component, product)) = products.part(id) else {
            return Ok(None);
        };
        let Some((platform, channel)) = rpm::suse(product) else {
            return Ok(None);
        };
        let item = products.item(component);
        let (package, version, arch) = named(component, item)?;
        if rpm::is_debug(&package) {
            return Ok(None);
        }
        let kind = match arch.as_deref() {
            Some("src" | "nosrc") => PackageKind::Source,
            _ => PackageKind::Binary,
        };
        let module = None;
        let fixed_by_version = false;
        Ok(Some(Subject {
            platform,
            channel,
            package,
            kind,
            arch,
            module,
            version,
            fixed_by_version,
        }))
    }

    fn advisory(&self, fix: &Remark<'_>) -> Option<String> {
        let id = fix.url.as_ref()?.as_str().rsplit('/').next()?;
        self.is_advisory(id).then(|| id.to_owned())
    }

    fn is_advisory(&self, id: &str) -> bool {
        ["SUSE-SU-", "SUSE-RU-", "SUSE-FU-", "openSUSE-SU-", "openSUSE-RU-"]
            .iter()
            .any(|start| id.starts_with(start))
    }
}

type Named = (String, Option<String>, Option<String>);

fn named(component: &str, item: Option<&Item<'_>>) -> Result<Named, String> {
    let arch = item.and_then(|item| item.arch).map(str::to_owned);
    if let Some(text) = item.and_then(|item| item.purl) {
        let purl = Purl::parse(text).ok_or_else(|| "its package URL cannot be read".to_owned())?;
        let epoch = purl.qualifier("epoch").unwrap_or_default();
        let version = purl
            .version
            .as_deref()
            .and_then(|version| Evr::of(epoch, version));
        let arch = purl.qualifier("arch").map(str::to_owned).or(arch);
        return Ok((purl.name, version.map(|evr| evr.0), arch));
    }
    // The name of a package may itself look like one with a version (`kernel-livepatch-5_14_21-150400_24_46-default`), but a release
    // begins with a digit and such names end in a word.
    match Nevra::parse(component) {
        Some(found) if begins_with_digits(&found.evr) => {
            Ok((found.name, Some(found.evr.0), found.arch.or(arch)))
        }
        _ => Ok((component.to_owned(), None, arch)),
    }
}

fn begins_with_digits(evr: &Evr) -> bool {
    let rest = evr.0.split_once(':').map_or("", |(_, rest)| rest);
    rest.split('-')
        .all(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}
