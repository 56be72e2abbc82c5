//! The NVD: yearly feeds JSON 1.1, and pages of the API 2.0 (the yearly feeds JSON 2.0 hold the same items).
//!
//! Every CVE becomes a [`Vulnerability`](luumen_model::advisory::Vulnerability), and its CPE trees one configuration: several trees are children
//! of one OR, so that whoever evaluates them sees all that the CVE names. A CVE without trees has no configuration; whoever keeps records
//! replaces both records of a CVE together. Severity is the word beside the score of the newest edition of CVSS, the NVD's own before others'.
//!
//! | 1.1 | 2.0 | ours |
//! | --- | --- | --- |
//! | description begins with `** REJECT **` or `Rejected reason:` | `vulnStatus` Rejected | `rejected` |
//! | description begins with `** DISPUTED **` | `cveTags` disputed | `disputed` |
//! | – | `cisaExploitAdd` | a `Kev` record without a word on ransomware |
//!
//! What is awaiting analysis has no trees yet; that is no verdict of "not affected".

mod api_2_0;
mod feed_1_1;
mod items;
mod trees;

pub(super) use api_2_0::read as read_2_0;
pub(super) use feed_1_1::read as read_1_1;
pub(super) use trees::{Applicability, any_of, applicability};
