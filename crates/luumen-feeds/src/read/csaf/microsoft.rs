//! Microsoft's products: a product name with a range (`<10.0.17763.6414`) that is affected and a version that is fixed.
//!
//! Every range becomes one claim, fixed in the version it ends before. Azure Linux and CBL-Mariner, whose packages are components of a
//! release, are left out.

use luumen_model::advisory::{Channel, PackageKind};

use super::{
    Publisher,
    claims::Subject,
    document::{Products, Remark},
};
use crate::read::msrc;

pub(super) struct Microsoft;

impl Publisher for Microsoft {
    fn name(&self) -> &'static str {
        "microsoft"
    }

    fn subject(&self, products: &Products<'_>, id: &str) -> Result<Option<Subject>, String> {
        let Some(item) = products.item(id) else {
            return Ok(None);
        };
        let name = item.names.iter().rev().nth(1).copied();
        let Some(product) = name.filter(|name| *name != "Microsoft") else {
            return Ok(None);
        };
        // What is fixed says the same again as the range that is affected.
        if item.category == "product_version" && !item.names.last().is_some_and(|name| name.starts_with('<'))
        {
            return Ok(None);
        }
        let before = item.names.last().and_then(|range| range.strip_prefix('<'));
        let before = before.filter(|version| msrc::is_version(version));
        Ok(Some(Subject {
            platform: msrc::platform(product),
            channel: Channel::MAIN,
            package: msrc::package(product),
            kind: PackageKind::Binary,
            arch: None,
            module: None,
            version: before.map(str::to_owned),
            fixed_by_version: before.is_some(),
        }))
    }

    fn advisory(&self, fix: &Remark<'_>) -> Option<String> {
        msrc::knowledge_base(fix.url.as_ref()?.as_str())
    }

    fn is_advisory(&self, _: &str) -> bool {
        false
    }
}
