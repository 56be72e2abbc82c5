//! Microsoft's security updates: CVRF 3.0 as JSON or XML, one document a month, and the words that its CSAF documents share.
//!
//! | word of the publisher | our status |
//! |---|---|
//! | `Known Affected` (3) and a vendor fix for the product | fixed: in the build where one is named, else only by the update in `advisory` |
//! | `Known Affected` without one | affected |
//! | `Known Not Affected` (4) | not affected |
//! | `Under Investigation` (7) | under investigation |
//! | `Fixed` (1, 2, 6) | left out: it repeats the vendor fix |
//!
//! A product with several fixes (Monthly Rollup, Security Only) has a claim for each; any one of them is enough. The platform is the product as
//! Microsoft names it, `windows/Windows Server 2019`; of `Internet Explorer 11 on Windows Server 2019` the part after `on` is the platform and the
//! part before it the package. What is no edition of Windows is platform and package at once.

mod entry;
mod json;
mod xml;

use std::collections::BTreeMap;

use luumen_model::advisory::Platform;

use super::{Document, ReadError, Sink};

/// A month of updates, as JSON or as XML.
pub(super) fn read_cvrf(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let first = document.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let mut teller = entry::Teller::new(document.source);
    match first {
        Some(b'{') => json::read(document.bytes, &mut teller, sink)?,
        _ => xml::read(document.bytes, &mut teller, sink)?,
    }
    teller.finish(sink);
    Ok(())
}

/// Product names by Microsoft's number.
type Names = BTreeMap<String, String>;

/// Editions of Windows; other products that begin with its name are programs.
const EDITIONS: &[&str] = &[
    "Windows Server",
    "Windows 10",
    "Windows 11",
    "Windows 7",
    "Windows 8",
    "Windows RT",
    "Windows Vista",
    "Windows XP",
];

fn is_edition(product: &str) -> bool {
    EDITIONS.iter().any(|edition| product.starts_with(edition))
}

/// The product's name with single spaces, as it is written in other months.
fn tidy(product: &str) -> String {
    product.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What runs, and the edition of Windows that it runs on.
fn on_edition(product: &str) -> Option<(&str, &str)> {
    let (program, edition) = product.rsplit_once(" on ")?;
    is_edition(edition).then_some((program, edition))
}

/// Where a product is.
pub(super) fn platform(product: &str) -> Platform {
    let product = tidy(product);
    let edition = on_edition(&product).map(|(_, edition)| edition.to_owned());
    Platform::new("windows", edition.unwrap_or(product))
}

/// What of the platform a product is: `windows`, or the program.
pub(super) fn package(product: &str) -> String {
    let product = tidy(product);
    match on_edition(&product) {
        Some((program, _)) => program.to_owned(),
        None if is_edition(&product) => "windows".to_owned(),
        None => product,
    }
}

/// Digits and dots, as in `10.0.17763.6414`.
pub(super) fn is_version(text: &str) -> bool {
    let parts = text.split('.');
    let fine = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.contains('.') && text.len() <= 60 && parts.into_iter().all(fine)
}

/// `KB5044277` of `5044277`, `KB5044277`, or an address that ends in one.
pub(super) fn knowledge_base(text: &str) -> Option<String> {
    let last = text.trim().rsplit(['/', '=']).next()?;
    let digits = last
        .strip_prefix("KB")
        .or_else(|| last.strip_prefix("kb"))
        .unwrap_or(last);
    let fine = (5..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fine.then(|| format!("KB{digits}"))
}

#[cfg(test)]
mod tests;
