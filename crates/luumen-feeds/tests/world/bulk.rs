//! The shared fixtures read whole, where they are present. A debug build reads three of the NVD's years, an optimised one all of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use luumen_feeds::{read::Collected, unpack};
use luumen_model::advisory::{CpeConfiguration, Record};

use super::{SAMPLES, configurations, read, sketch, vulnerabilities};

/// The CVE List is published as a zip within a zip.
#[test]
fn a_zip_within_a_zip_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = |name: &str, content: &[u8]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .expect("an entry");
        std::io::Write::write_all(&mut zip, content).expect("its content");
        zip.finish().expect("a zip").into_inner()
    };
    let inner = packed("cves/2024/1xxx/CVE-2024-1086.json", SAMPLES[3].1.as_bytes());
    let path = folder.path().join("all.zip.zip");
    std::fs::write(&path, packed("cves.zip", &inner)).expect("a file");
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!(vulnerabilities(&bulk.out)[0].id, "CVE-2024-1086");
    // Turtles all the way down are no documents.
    std::fs::write(&path, packed("b.zip", &packed("a.zip", &inner))).expect("a file");
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!((bulk.out.records.len(), bulk.refused.len()), (0, 1));
}

/// Shared data, or nothing with a printed line.
fn shared(path: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("LUUMEN_SHARED").map_or(default, PathBuf::from);
    let path = root.join("fixtures/vuln").join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[derive(Default)]
struct Bulk {
    documents: u64,
    refused: Vec<String>,
    out: Collected,
}

impl Bulk {
    fn read(format: &str, path: &Path, every: u64) -> Self {
        let mut bulk = Self::default();
        let mut seen = 0;
        unpack::documents(path, |name, bytes| {
            seen += 1;
            if seen % every != 0 {
                return true;
            }
            bulk.documents += 1;
            if let Err(error) = read(format, name, bytes, &mut bulk.out) {
                bulk.refused.push(format!("{name}: {error}"));
            }
            true
        })
        .expect("a file that can be unpacked");
        bulk.print(path);
        bulk
    }

    fn print(&self, path: &Path) {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for record in &self.out.records {
            let kind = match record {
                Record::Vulnerability(_) => "vulnerabilities",
                Record::Configuration(_) => "configurations",
                Record::Kev(_) => "known exploited",
                Record::Epss(_) => "EPSS",
                _ => "others",
            };
            *kinds.entry(kind).or_default() += 1;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (documents, refused) = (self.documents, self.refused.len());
        println!(
            "{name}: {documents} documents, {refused} refused, {kinds:?}, {} problems",
            self.out.problems.len()
        );
    }

    fn configuration(&self, id: &str) -> &CpeConfiguration {
        let found = self.out.records.iter().find_map(|record| match record {
            Record::Configuration(one) if one.vulnerability == id => Some(one),
            _ => None,
        });
        found.expect("a configuration")
    }
}

/// Years and how many CVEs each file promises in its head.
const YEARS: &[(&str, usize)] = &[
    ("2002", 6770),
    ("2003", 1553),
    ("2004", 2707),
    ("2005", 4767),
    ("2006", 7142),
    ("2007", 6580),
    ("2008", 7176),
    ("2009", 5040),
    ("2010", 5217),
    ("2011", 4861),
    ("2012", 5893),
    ("2013", 6780),
    ("2014", 8982),
    ("2015", 8748),
    ("2016", 10555),
    ("2017", 17014),
    ("2018", 16768),
    ("2020", 10109),
    ("2022", 15454),
    ("modified.2022-10-20", 1664),
    ("recent.2024-06-21", 1185),
];

#[test]
fn every_cve_of_the_yearly_feeds_is_read() {
    for (year, promised) in YEARS {
        if cfg!(debug_assertions) && !matches!(*year, "2003" | "2004" | "2022") {
            continue;
        }
        let Some(path) = shared(&format!("nvd/feed-1.1/nvdcve-1.1-{year}.json.xz")) else {
            return;
        };
        let bulk = Bulk::read("nvd-1.1", &path, 1);
        assert_eq!(vulnerabilities(&bulk.out).len(), *promised, "{year}");
        assert_eq!(bulk.out.problems, [], "{year}");
        if *year == "2022" {
            let tree = sketch(&bulk.configuration("CVE-2022-0778").root);
            assert!(tree.contains("a:openssl:openssl >=1.0.2 <1.0.2zd"), "{tree}");
        }
    }
}

#[test]
fn pages_of_the_api_and_single_cves_are_read() {
    let Some(folder) = shared("nvd/api-2.0") else {
        return;
    };
    for (file, cves, trees) in [
        ("pablotron-cves-1999-page.json.gz", 200, 191),
        ("pablotron-cves-2023-page.json.gz", 200, 199),
    ] {
        let bulk = Bulk::read("nvd-2.0", &folder.join(file), 1);
        assert_eq!(vulnerabilities(&bulk.out).len(), cves, "{file}");
        assert_eq!(configurations(&bulk.out).len(), trees, "{file}");
        assert_eq!(bulk.out.problems, [], "{file}");
    }
    let cpes = Bulk::read("nvd-2.0", &folder.join("pablotron-cpes-2023-page.json.gz"), 1);
    assert_eq!(
        cpes.refused.len(),
        1,
        "a page of the CPE dictionary is no page of CVEs"
    );
    assert_eq!(
        vulnerabilities(&Bulk::read("nvd-2.0", &folder.join("vunnel-full-page.json"), 1).out).len(),
        38
    );
    for entry in std::fs::read_dir(folder.join("osvdev-nvdcve-2.0")).expect("single CVEs") {
        let path = entry.expect("a file").path();
        let bulk = Bulk::read("nvd-2.0", &path, 1);
        assert_eq!(
            path.file_stem().unwrap_or_default().to_string_lossy(),
            vulnerabilities(&bulk.out)[0].id
        );
        assert_eq!((bulk.refused.len(), bulk.out.problems.len()), (0, 0));
    }
}

#[test]
fn overrides_of_the_nvd_are_read() {
    let Some(path) = shared("nvd/anchore-nvd-overrides-2.0.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("nvd-2.0", &path, 1);
    assert_eq!(
        (bulk.documents, vulnerabilities(&bulk.out).len()),
        (32_184, 32_184)
    );
    assert_eq!((bulk.refused.len(), bulk.out.problems.len()), (0, 0));
    let tree = sketch(&bulk.configuration("CVE-2024-20992").root);
    assert_eq!(tree, "Or[a:oracle:webcenter_portal:12.2.1.4.0]");
}

#[test]
fn records_of_the_cve_list_are_read() {
    let Some(path) = shared("cve5/vulnrichment-subset.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("cve5", &path, 1);
    let all = vulnerabilities(&bulk.out);
    assert_eq!(
        (bulk.documents, all.len(), bulk.refused.len()),
        (11_554, 11_554, 0)
    );
    assert_eq!(all.iter().filter(|one| one.ssvc.is_some()).count(), 11_494);
    assert_eq!(all.iter().filter(|one| one.rejected).count(), 60);
    assert_eq!(all.iter().filter(|one| one.disputed).count(), 4);
    let marks = bulk
        .out
        .records
        .iter()
        .filter(|record| matches!(record, Record::Kev(_)));
    assert_eq!(marks.count(), 224);
    let tree = sketch(&bulk.configuration("CVE-2024-1086").root);
    assert!(tree.contains("o:linux:linux_kernel >=3.15 <6.8"), "{tree}");
}

#[test]
fn records_of_the_sap_cna_are_read() {
    let Some(path) = shared("sap/sap-cna-cve5-158.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!(
        (
            bulk.documents,
            vulnerabilities(&bulk.out).len(),
            bulk.refused.len()
        ),
        (158, 158, 0)
    );
}

#[test]
fn the_catalogue_of_known_exploited_ones_is_read() {
    let Some(path) = shared("kev/known_exploited_vulnerabilities.2026-08-08.json.xz") else {
        return;
    };
    let bulk = Bulk::read("cisa-kev", &path, 1);
    let marks = bulk.out.records.iter().filter_map(|record| match record {
        Record::Kev(kev) => Some(kev),
        _ => None,
    });
    let marks: Vec<_> = marks.collect();
    assert_eq!((marks.len(), bulk.out.problems.len()), (1662, 0));
    assert_eq!(marks.iter().filter(|kev| kev.ransomware).count(), 338);
    assert!(
        marks.iter().all(|kev| kev.due_at >= Some(kev.added_at)),
        "due after it was added"
    );
}

#[test]
fn tables_of_epss_are_read() {
    let Some(folder) = shared("epss") else { return };
    let bulk = Bulk::read("epss-csv", &folder.join("epss-sample-claircore.csv"), 1);
    assert_eq!(bulk.out.problems, []);
    let score = bulk.out.records.iter().find_map(|record| match record {
        Record::Epss(one) if one.vulnerability == "CVE-1999-0005" => Some((one.probability, one.percentile)),
        _ => None,
    });
    assert_eq!(score, Some((0.91963, 0.99030)));
    // Values of a day in somebody else's table, put into FIRST's form.
    let mut csv =
        csv::Reader::from_path(folder.join("jgamblin-epss_kev_nvd.2026-08-22.csv")).expect("a table");
    let mut text =
        "#model_version:v2025.03.14,score_date:2026-08-22T00:00:00+0000\ncve,epss,percentile\n".to_owned();
    for row in csv.records() {
        let row = row.expect("a row");
        text += &format!("{},{},{}\n", &row[0], &row[2], &row[3]);
    }
    let mut out = Collected::default();
    read(
        "epss-csv",
        "epss_scores-2026-08-22.csv",
        text.as_bytes(),
        &mut out,
    )
    .expect("a table");
    println!(
        "1556 rows of jgamblin's table: {} records, {:?}",
        out.records.len(),
        out.problems
    );
    assert_eq!((out.records.len(), out.problems.len()), (1556, 0));
}
