//! Every CPE name of `content/cpe/applications.yaml` is one that the NVD or a CNA uses: held against the shared fixtures, where they are present.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests stop at the first surprise, and say what they counted"
)]

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use luumen_feeds::{
    read::{Document, Format, Problem, Sink},
    unpack,
};
use luumen_model::advisory::{CpeNode, Record};
use luumen_vuln::cpe::{Name, Names};

fn shared() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = std::env::var_os("LUUMEN_SHARED")
        .map_or(default, PathBuf::from)
        .join("fixtures/vuln");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// Names that are still to be found, and the trees they are looked for in.
struct Missing(HashSet<String>);

impl Missing {
    /// Strikes out what the raw text of a document names.
    fn strike(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for (at, start) in text.match_indices("cpe:2.3:") {
            let rest = &text[at + start.len()..];
            let end = rest.match_indices(':').nth(2).map(|(end, _)| end);
            self.0.remove(end.map_or(rest, |end| &rest[..end]));
        }
    }

    fn strike_tree(&mut self, node: &CpeNode) {
        for one in &node.matches {
            let name = format!("{}:{}", one.cpe.vendor, one.cpe.product);
            for part in ["a", "o", "h"]
                .iter()
                .filter(|part| ["", **part].contains(&one.cpe.part.as_str()))
            {
                self.0.remove(&format!("{part}:{name}"));
            }
        }
        for child in &node.children {
            self.strike_tree(child);
        }
    }
}

impl Sink for Missing {
    fn record(&mut self, record: Record) {
        if let Record::Configuration(one) = record {
            self.strike_tree(&one.root);
        }
    }
    fn problem(&mut self, _: Problem) {}
}

#[test]
fn every_name_is_one_that_is_used() {
    let names = Names::read(include_bytes!("../../../content/cpe/applications.yaml")).expect("our own file");
    let Some(shared) = shared() else { return };
    let all = names.all().flat_map(|(_, names)| names).map(Name::to_string);
    let mut missing = Missing(all.collect());
    println!("{} different names", missing.0.len());
    let format = Format::by_name("cve5").expect("a format");
    let mut files: Vec<PathBuf> = std::fs::read_dir(shared.join("nvd/feed-1.1"))
        .expect("the yearly feeds")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "xz"))
        .collect();
    files.sort();
    // Younger years name most of them, so that older ones need not be unpacked.
    files.push(shared.join("nvd/anchore-nvd-overrides-2.0.tar.xz"));
    files.push(shared.join("cve5/vulnrichment-subset.tar.xz"));
    for path in files.iter().rev() {
        unpack::documents(path, |name, bytes| {
            let source = "cve5";
            let document = Document { source, name, bytes };
            match path.ends_with("vulnrichment-subset.tar.xz") {
                true => format.read(document, &mut missing).expect("a CVE record"),
                false => missing.strike(bytes),
            }
            !missing.0.is_empty()
        })
        .expect("a file that can be unpacked");
        println!("{}: {} are left", path.display(), missing.0.len());
        if missing.0.is_empty() {
            return;
        }
    }
    panic!("nobody uses these names: {:?}", missing.0);
}
