//! How the products of a CVE record become trees of CPE names.

use luumen_feeds::read::Collected;

use super::{configurations, read};

/// What a record with this product says, and how many problems it has.
fn product(json: &str) -> (String, usize) {
    let text = format!(
        r#"{{"cveMetadata": {{"cveId": "CVE-2024-1", "state": "PUBLISHED"}}, "containers": {{"cna": {{"affected": [{json}]}}}}}}"#
    );
    let mut out = Collected::default();
    read("cve5", "CVE-2024-1.json", text.as_bytes(), &mut out).expect("a record");
    let tree = configurations(&out).pop().unwrap_or_default();
    (tree.replace("CVE-2024-1 Cna ", ""), out.problems.len())
}

#[track_caller]
fn check_product(json: &str, tree: &str, problems: usize) {
    assert_eq!(product(json), (tree.to_owned(), problems));
}

#[test]
fn a_product_without_cpe_names_gets_one_of_its_vendor_and_name() {
    let versions = r#""versions": [{"version": "1.0", "lessThan": "2.0", "status": "affected"}]"#;
    check_product(
        &format!(r#"{{"vendor": "Acme Corp", "product": "Big Widget", {versions}}}"#),
        "Or[acme_corp:big_widget >=1.0 <2.0]",
        0,
    );
    check_product(
        &format!(r#"{{"vendor": "n/a", "product": "Big Widget", {versions}}}"#),
        "",
        0,
    );
    let on = r#""platforms": ["Windows", "MacOS"]"#;
    let two = "Or[acme:w:macos >=1.0 <2.0, acme:w:windows >=1.0 <2.0]";
    let json = format!(r#"{{"vendor": "acme", "product": "w", {on}, {versions}}}"#);
    check_product(&json, two, 0);
    let json =
        format!(r#"{{"vendor": "acme", "product": "w", "platforms": ["Windows", "toaster"], {versions}}}"#);
    check_product(&json, "Or[acme:w >=1.0 <2.0]", 0);
}

#[test]
fn a_default_of_affected_means_all_but_what_is_excepted() {
    let acme = r#""vendor": "acme", "product": "w", "defaultStatus": "affected""#;
    check_product(&format!("{{{acme}}}"), "Or[acme:w]", 0);
    let fixed = r#""versions": [{"version": "2.0", "lessThan": "*", "status": "unaffected"}]"#;
    check_product(
        &format!("{{{acme}, {fixed}}}"),
        "And[acme:w, !Or[(acme:w >=2.0)]]",
        0,
    );
    let listed = r#""versions": [{"version": "1.0", "lessThan": "2.0", "status": "affected"}]"#;
    check_product(&format!("{{{acme}, {listed}}}"), "Or[acme:w >=1.0 <2.0]", 0);
    let odd = r#""versions": [{"version": "the good one", "status": "unaffected"}]"#;
    check_product(&format!("{{{acme}, {odd}}}"), "", 1);
}

#[test]
fn commits_and_packages_inside_of_a_product_say_nothing_of_its_versions() {
    let git = r#"{"vendor": "Linux", "product": "Linux", "versions": [{"version": "1da177e4", "lessThan": "f342de4e", "status": "affected", "versionType": "git"}]}"#;
    check_product(git, "", 0);
    let package = r#"{"vendor": "Red Hat", "product": "Red Hat Enterprise Linux 8", "packageName": "kernel", "cpes": ["cpe:/o:redhat:enterprise_linux:8"], "defaultStatus": "affected"}"#;
    check_product(package, "", 0);
    let module = r#"{"vendor": "SUSE", "product": "rancher", "packageName": "github.com/rancher/rancher", "versions": [{"version": "2.6.0", "lessThan": "2.6.14", "status": "affected"}]}"#;
    check_product(module, "Or[suse:rancher >=2.6.0 <2.6.14]", 0);
}

#[test]
fn a_cpe_name_with_a_version_of_its_own_stands_for_itself() {
    let build = r#"{"vendor": "Microsoft", "product": "Windows 10", "cpes": ["cpe:2.3:o:microsoft:windows_10:1703:*:*:*:*:*:*:*"],
        "versions": [{"version": "10.0.0", "lessThan": "publication", "status": "affected"}]}"#;
    check_product(build, "Or[o:microsoft:windows_10:1703]", 1);
    let first = r#"{"vendor": "docker", "product": "moby", "cpes": ["cpe:2.3:a:docker:moby:19.0.0:*:*:*:*:*:*:*"],
        "versions": [{"version": "19.0.0", "lessThanOrEqual": "19.03.15", "status": "affected"}]}"#;
    check_product(first, "Or[a:docker:moby >=19.0.0 <=19.03.15]", 0);
    let safe = r#"{"vendor": "v", "product": "p", "cpes": ["cpe:2.3:a:v:p:3:*:*:*:*:*:*:*"], "versions": [{"version": "1", "status": "unaffected"}]}"#;
    check_product(safe, "", 0);
}
