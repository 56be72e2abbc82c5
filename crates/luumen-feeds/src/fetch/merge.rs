//! Many pages of the NVD's API as one, with the newest word of each vulnerability.

use std::{collections::HashSet, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Page {
    vulnerabilities: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Item {
    cve: Id,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Merged {
    start_index: u64,
    results_per_page: u64,
    total_results: u64,
    format: &'static str,
    version: &'static str,
    vulnerabilities: Vec<Box<RawValue>>,
}

/// Merges the pages, which come from the newest to the oldest.
pub(super) fn pages(newest_first: impl Iterator<Item = PathBuf>) -> Result<Vec<u8>, String> {
    let (mut said, mut all) = (HashSet::new(), Vec::new());
    for path in newest_first {
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        let page: Page = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        for entry in page.vulnerabilities {
            let item: Item = serde_json::from_str(entry.get()).map_err(|error| error.to_string())?;
            if said.insert(item.cve.id) {
                all.push(entry);
            }
        }
    }
    let merged = Merged {
        start_index: 0,
        results_per_page: all.len() as u64,
        total_results: all.len() as u64,
        format: "NVD_CVE",
        version: "2.0",
        vulnerabilities: all,
    };
    serde_json::to_vec(&merged).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_newest_word_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, entries: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!(r#"{{"vulnerabilities": [{entries}]}}"#)).expect("a page");
            path
        };
        let new = write("new", r#"{"cve": {"id": "CVE-1", "word": "new"}}"#);
        let old = write(
            "old",
            r#"{"cve": {"id": "CVE-1", "word": "old"}}, {"cve": {"id": "CVE-2"}}"#,
        );
        let merged = super::pages([new, old].into_iter()).expect("one page");
        assert_eq!(
            String::from_utf8_lossy(&merged),
            r#"{"startIndex":0,"resultsPerPage":2,"totalResults":2,"format":"NVD_CVE","version":"2.0","vulnerabilities":[{"cve": {"id": "CVE-1", "word": "new"}},{"cve": {"id": "CVE-2"}}]}"#
        );
    }
}
