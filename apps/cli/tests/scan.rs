//! `luumen scan` against real sshd with the sample data. Where sshd is not installed, the tests say so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise and tell"
)]

mod support;

use std::process::Output;

use luumen_model::{Os, Packages, Snapshot};
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use serde_json::Value;
use support::{Home, ended, sample_folder, stdout};

struct Desk {
    home: Home,
    place: String,
    _server: Sshd,
}

impl Desk {
    fn new() -> Option<Self> {
        let key = KeyFile::generate("ed25519").unwrap();
        let server = Sshd::builder().authorize(&key).start().unwrap()?;
        let home = Home::new();
        key.copy_to(&home.path(""), "key").unwrap();
        let place = format!("{}@127.0.0.1:{}", username().unwrap(), server.port());
        Some(Self {
            home,
            place,
            _server: server,
        })
    }

    fn run(&self, command: &str, args: &[&str]) -> Output {
        let (key, known) = (self.home.arg("key"), self.home.arg("known_hosts"));
        let mut all = vec![command, &self.place, "-i", &key, "--known-hosts", &known];
        all.extend(["--host-key-policy", "tofu", "--batch"]);
        all.extend(args);
        self.home.run(&all)
    }

    fn snapshot(&self) -> Snapshot {
        let output = self.run("inventory", &["--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }
}

#[test]
fn a_host_is_judged_on_the_spot_in_three_forms() {
    let Some(desk) = Desk::new() else { return };
    let catalogue = desk.home.catalogue("sample.catalogue", &sample_folder());
    let page = desk.run("scan", &["--catalogue", &catalogue]);
    assert!(matches!(page.status.code(), Some(0 | 3)), "{page:?}");
    let text = stdout(&page);
    assert!(text.contains("sample data"), "{text}");
    assert!(text.contains(" open") || text.contains("Not judged"), "{text}");
    // An exit code of 3 is never left alone.
    if page.status.code() == Some(3) {
        ended(&page, 3, "Not ");
    }

    let document = desk.run("scan", &["--catalogue", &catalogue, "--json"]);
    let report: Value = serde_json::from_slice(&document.stdout).expect("a document");
    assert_eq!(report["sample_data"], true);

    let sarif = desk.run("scan", &["--catalogue", &catalogue, "--sarif"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).expect("a document");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).unwrap();
        assert_eq!(rules[at]["id"], result["ruleId"]);
    }
    assert_eq!(
        results.len(),
        report["findings"].as_array().expect("findings").len()
    );
    let both = desk.run("scan", &["--catalogue", &catalogue, "--sarif", "--json"]);
    ended(&both, 1, "cannot be used with");
}

/// A catalogue that says that the first package of this very machine has a hole that is exploited.
fn made_for(desk: &Desk, snapshot: &Snapshot) -> Option<String> {
    let os = snapshot.get::<Os>()?;
    let codename = os.version_codename.filter(|_| os.id == "debian")?;
    let packages = snapshot.get::<Packages>()?;
    let source = packages.items.first()?.source.clone()?;
    let tracker = format!(
        r#"{{"{source}": {{"CVE-2021-3156": {{"releases": {{"{codename}": {{"status": "open", "repositories": {{}}, "urgency": "high"}}}}}}}}}}"#
    );
    desk.home.write("made/tracker.json", &tracker);
    let kev = std::fs::read_to_string(sample_folder().join("known_exploited_vulnerabilities.json")).unwrap();
    desk.home.write("made/known_exploited_vulnerabilities.json", &kev);
    Some(desk.home.catalogue("made.catalogue", &desk.home.path("made")))
}

#[test]
fn a_pipeline_can_be_stopped_by_what_is_exploited() {
    let Some(desk) = Desk::new() else { return };
    let snapshot = desk.snapshot();
    let Some(catalogue) = made_for(&desk, &snapshot) else {
        println!("skipped: this machine is not Debian");
        return;
    };
    let stopped = desk.run("scan", &["--catalogue", &catalogue, "--fail-on", "kev"]);
    ended(&stopped, 2, "known-exploited");
    let stopped = desk.run(
        "scan",
        &["--catalogue", &catalogue, "--fail-on", "critical", "--json"],
    );
    ended(&stopped, 2, "\"kev_added_at\"");
    let told = desk.run("scan", &["--catalogue", &catalogue]);
    assert!(matches!(told.status.code(), Some(0 | 3)), "{told:?}");
}

#[test]
fn a_system_of_which_the_catalogue_says_nothing_is_not_fine() {
    let Some(desk) = Desk::new() else { return };
    // Only the exploited ones: no claims about any system.
    let kev = std::fs::read_to_string(sample_folder().join("known_exploited_vulnerabilities.json")).unwrap();
    desk.home.write("kev/known_exploited_vulnerabilities.json", &kev);
    let catalogue = desk.home.catalogue("kev.catalogue", &desk.home.path("kev"));
    let output = desk.run("scan", &["--catalogue", &catalogue, "--fail-on", "kev"]);
    ended(&output, 3, "Not judged: packages");
    ended(&output, 3, "No open findings in what could be judged.");
}

#[test]
fn without_a_catalogue_no_host_is_visited() {
    let Some(desk) = Desk::new() else { return };
    ended(
        &desk.run("scan", &[]),
        1,
        "no catalogue is installed for this user",
    );
    ended(&desk.run("scan", &[]), 1, "luumen feeds import");
    let missing = desk.home.arg("missing");
    ended(&desk.run("scan", &["--catalogue", &missing]), 1, &missing);
    assert!(!desk.home.path("known_hosts").exists(), "the host was asked");
}

#[test]
fn a_host_that_cannot_be_visited_has_a_code_of_its_own() {
    let home = Home::new();
    let catalogue = home.catalogue("sample.catalogue", &sample_folder());
    let output = home.run(&["scan", "ann@127.0.0.1:1", "--batch", "--catalogue", &catalogue]);
    ended(&output, 4, "LUM-");
}
