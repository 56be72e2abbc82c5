//! Trees of the NVD, written by hand from what it publishes, against hosts.

use luumen_model::advisory::{CpeMatch, CpeNode, CpeOperator};

use super::{Answer, Names, Part, Product, evaluate};

/// `a:openssl:openssl:*:* [1.0.2, 1.0.2zd)`, with `?` in front for context. Only version and update may be given behind the name.
fn one(text: &str) -> CpeMatch {
    let (vulnerable, text) = text.strip_prefix('?').map_or((true, text), |rest| (false, rest));
    let (name, range) = text.split_once(' ').unwrap_or((text, ""));
    let stars = "*:".repeat(11 - name.split(':').count());
    let cpe = format!("cpe:2.3:{name}:{}", stars.trim_end_matches(':'));
    let cpe = cpe.trim_end_matches(':').parse().expect("a CPE name");
    let (start, end) = range.split_once(',').unwrap_or_default();
    let bound = |text: &str| {
        let text = text.trim_matches(['[', ']', '(', ')', ' ']);
        (!text.is_empty()).then(|| text.to_owned())
    };
    CpeMatch {
        vulnerable,
        cpe,
        start: bound(start),
        start_excluded: start.starts_with('('),
        end: bound(end),
        end_excluded: end.ends_with(')'),
    }
}

fn node(operator: CpeOperator, matches: &[&str], children: Vec<CpeNode>) -> CpeNode {
    CpeNode {
        operator,
        negate: false,
        matches: matches.iter().map(|text| one(text)).collect(),
        children,
    }
}

fn or(matches: &[&str]) -> CpeNode {
    node(CpeOperator::Or, matches, Vec::new())
}

fn and(children: Vec<CpeNode>) -> CpeNode {
    node(CpeOperator::And, &[], children)
}

fn any(children: Vec<CpeNode>) -> CpeNode {
    node(CpeOperator::Or, &[], children)
}

fn not(mut node: CpeNode) -> CpeNode {
    node.negate = true;
    node
}

/// `a:openssl:openssl 1.0.2u`.
fn product(text: &str) -> Product {
    let (name, version) = text
        .split_once(' ')
        .map_or((text, None), |(name, version)| (name, Some(version)));
    let parts: Vec<&str> = name.split(':').collect();
    let part = match parts[0] {
        "o" => Part::OperatingSystem,
        "h" => Part::Hardware,
        _ => Part::Application,
    };
    Product::new(part, parts[1], parts[2], version)
}

/// What comes out, in a word or two.
fn verdict(root: &CpeNode, have: &[&str]) -> String {
    let have: Vec<Product> = have.iter().map(|text| product(text)).collect();
    match evaluate(root, &have) {
        Answer::Vulnerable { product, assumed, .. } if assumed.is_empty() => {
            format!("vulnerable: {}", product.product)
        }
        Answer::Vulnerable { product, assumed, .. } => {
            format!("vulnerable: {} if {}", product.product, assumed.join(", "))
        }
        Answer::NotVulnerable => "no".to_owned(),
        Answer::Unknown { why } => format!("unknown: {why}"),
    }
}

#[track_caller]
fn check(root: &CpeNode, have: &[&str], expected: &str) {
    assert_eq!(verdict(root, have), expected, "{have:?}");
}

/// The NVD's configurations of the CVE, of which one per kind is kept.
fn cve_2022_0778() -> CpeNode {
    serde_json::from_str(include_str!("../../tests/samples/cpe/CVE-2022-0778.json")).expect("a tree")
}

fn cve_2019_14287() -> CpeNode {
    serde_json::from_str(include_str!("../../tests/samples/cpe/CVE-2019-14287.json")).expect("a tree")
}

#[test]
fn rule_16_context_that_must_hold_is_never_the_reason() {
    // CVE-2021-3156 as the NVD has it for a vendor's device: the firmware on the machine, and not the machine.
    let tree = and(vec![or(&["o:netapp:a250_firmware:-"]), or(&["?h:netapp:a250:-"])]);
    check(&tree, &["h:netapp:a250"], "no");
    check(
        &tree,
        &["o:netapp:a250_firmware", "h:netapp:a250"],
        "unknown: the version of a250_firmware is not known, and the source names none",
    );
    let tree = and(vec![
        or(&["a:adobe:flash_player [,32.0.0.101]"]),
        or(&["?o:linux:linux_kernel:-"]),
    ]);
    check(
        &tree,
        &["a:adobe:flash_player 32.0.0.100", "o:linux:linux_kernel 5.4.0"],
        "vulnerable: flash_player",
    );
    check(
        &tree,
        &[
            "a:adobe:flash_player 32.0.0.100",
            "o:microsoft:windows_10 10.0.19045",
        ],
        "no",
    );
    check(
        &tree,
        &["a:adobe:flash_player 32.0.0.102", "o:linux:linux_kernel 5.4.0"],
        "no",
    );
    check(&tree, &["o:linux:linux_kernel 5.4.0"], "no");
    check(
        &tree,
        &["a:adobe:flash_player 32.0.0.100"],
        "unknown: whether it runs on linux_kernel is not known",
    );
    check(
        &or(&["?a:apache:http_server"]),
        &["a:apache:http_server 2.4.1"],
        "no",
    );
}

#[test]
fn rule_17_an_operating_system_beside_an_application_is_only_where_it_is_shipped() {
    let tree = cve_2019_14287();
    check(
        &tree,
        &["o:canonical:ubuntu_linux 18.04", "a:sudo_project:sudo 1.8.27"],
        "vulnerable: sudo",
    );
    check(
        &tree,
        &["o:canonical:ubuntu_linux 18.04", "a:sudo_project:sudo 1.8.28"],
        "no",
    );
    check(&tree, &["o:canonical:ubuntu_linux 18.04"], "no");
    check(&tree, &["o:debian:debian_linux 9.0", "a:gnu:bash 4.4"], "no");
}

#[test]
fn an_operating_system_named_alone_stands_for_a_package_that_is_not_named() {
    let tree = or(&["o:canonical:ubuntu_linux:16.04", "o:canonical:ubuntu_linux:18.04"]);
    check(
        &tree,
        &["o:canonical:ubuntu_linux 18.04"],
        "vulnerable: ubuntu_linux if package",
    );
    check(&tree, &["o:canonical:ubuntu_linux 20.04"], "no");
}

#[test]
fn a_kernel_is_a_program_and_not_a_whole_system() {
    let tree = any(vec![
        or(&["o:linux:linux_kernel [5.5,5.10.209)"]),
        or(&["o:debian:debian_linux:10.0"]),
    ]);
    check(
        &tree,
        &["o:linux:linux_kernel 5.10.200", "o:debian:debian_linux 10.0"],
        "vulnerable: linux_kernel",
    );
    check(
        &tree,
        &["o:linux:linux_kernel 5.10.209", "o:debian:debian_linux 10.0"],
        "no",
    );
}

#[test]
fn rule_18_letters_of_a_vendor_count_upwards() {
    let tree = cve_2022_0778();
    for (version, expected) in [
        ("1.0.2", "vulnerable: openssl"),
        ("1.0.2u", "vulnerable: openssl"),
        ("1.0.2zc", "vulnerable: openssl"),
        ("1.0.2zd", "no"),
        ("1.1.0l", "vulnerable: openssl"),
        ("1.1.1f", "vulnerable: openssl"),
        ("1.1.1m", "vulnerable: openssl"),
        ("1.1.1n", "no"),
        ("3.0.1", "vulnerable: openssl"),
        ("3.0.2", "no"),
        ("0.9.8zh", "no"),
    ] {
        check(
            &tree,
            &[
                &format!("a:openssl:openssl {version}"),
                "o:debian:debian_linux 10.0",
            ],
            expected,
        );
    }
}

#[test]
fn a_version_that_cannot_be_read_is_unknown() {
    let tree = cve_2022_0778();
    let answer = verdict(&tree, &["a:openssl:openssl OpenSSL"]);
    assert!(answer.starts_with("unknown: versions \"OpenSSL\""), "{answer}");
    check(
        &tree,
        &["a:openssl:openssl"],
        "unknown: the version of openssl is not known",
    );
    let odd = or(&["a:vendor:thing [,publication)"]);
    check(
        &odd,
        &["a:vendor:thing 1.0"],
        "unknown: versions \"1.0\" and \"publication\" cannot be compared",
    );
    let odd = or(&["a:vendor:thing [2.0,publication)"]);
    check(&odd, &["a:vendor:thing 1.0"], "no");
}

#[test]
fn patch_levels_and_states_before_a_release_are_updates() {
    let exact = or(&["a:openbsd:openssh:8.9:p1"]);
    check(&exact, &["a:openbsd:openssh 8.9p1"], "vulnerable: openssh");
    check(&exact, &["a:openbsd:openssh 8.9"], "no");
    check(
        &or(&["a:openbsd:openssh:8.9:-"]),
        &["a:openbsd:openssh 8.9p1"],
        "no",
    );
    check(
        &or(&["a:openbsd:openssh:8.9"]),
        &["a:openbsd:openssh 8.9p1"],
        "vulnerable: openssh",
    );
    check(
        &or(&["a:openbsd:openssh [,8.9)"]),
        &["a:openbsd:openssh 8.9p1"],
        "no",
    );
    check(
        &or(&["a:sudo_project:sudo:1.9.5:patch1"]),
        &["a:sudo_project:sudo 1.9.5p1"],
        "vulnerable: sudo",
    );
    check(
        &or(&["a:oracle:jdk:1.8.0:update402"]),
        &["a:oracle:jdk 1.8.0_402"],
        "vulnerable: jdk",
    );
    check(
        &or(&["a:openssl:openssl:1.0.2:beta1"]),
        &["a:openssl:openssl 1.0.2-beta1"],
        "vulnerable: openssl",
    );
    check(
        &or(&["a:openssl:openssl:1.0.2:beta1"]),
        &["a:openssl:openssl 1.0.2"],
        "no",
    );
}

#[test]
fn any_and_not_applicable_are_those_of_the_standard() {
    check(
        &or(&["a:openbsd:openssh"]),
        &["a:openbsd:openssh 9.9"],
        "vulnerable: openssh",
    );
    check(
        &or(&["a:openbsd:openssh"]),
        &["a:openbsd:openssh"],
        "vulnerable: openssh",
    );
    check(&or(&["a:openbsd:openssh:-"]), &["a:openbsd:openssh 9.9"], "no");
    check(&or(&["o:openbsd:openssh"]), &["a:openbsd:openssh 9.9"], "no");
}

#[test]
fn what_the_host_does_not_tell_is_assumed_aloud() {
    let tree = or(&["a:vendor:thing:*:*:*:*:enterprise:windows [,2.0)"]);
    check(
        &tree,
        &["a:vendor:thing 1.0"],
        "vulnerable: thing if sw_edition, target_sw",
    );
    let told = |target: &str| Product {
        target_sw: Some(target.to_owned()),
        ..product("a:vendor:thing 1.0")
    };
    assert_eq!(evaluate(&tree, &[told("linux")]), Answer::NotVulnerable);
    let on_windows = [told("windows")];
    let Answer::Vulnerable { assumed, by, .. } = evaluate(&tree, &on_windows) else {
        panic!("it is vulnerable on Windows");
    };
    assert_eq!((assumed, by.end.as_deref()), (vec!["sw_edition"], Some("2.0")));
}

#[test]
fn all_but_the_fixed_ones_is_said_by_turning_round() {
    let fixed = or(&[
        "?:linux:linux [,3.15)",
        "?:linux:linux [5.10.209,5.11)",
        "?:linux:linux [6.8,]",
    ]);
    let tree = node(CpeOperator::And, &[":linux:linux"], vec![not(fixed)]);
    check(&tree, &["o:linux:linux 5.10.100"], "vulnerable: linux");
    check(&tree, &["o:linux:linux 5.10.210"], "no");
    check(&tree, &["o:linux:linux 3.10"], "no");
    check(&tree, &["o:linux:linux 6.9"], "no");
    check(
        &tree,
        &["o:linux:linux mainline"],
        "unknown: versions \"mainline\" and \"6.8\" cannot be compared",
    );
    // Two kernels are weighed each for itself: the fixed one does not excuse the other.
    check(
        &tree,
        &["o:linux:linux 5.10.210", "o:linux:linux 5.10.100"],
        "vulnerable: linux",
    );
}

#[test]
fn a_name_on_an_assumption_is_not_excluded_for_sure() {
    let tree = node(
        CpeOperator::And,
        &["a:v:app"],
        vec![not(or(&["?a:v:app:*:*:*:*:*:windows"]))],
    );
    check(
        &tree,
        &["a:v:app 1.0"],
        "unknown: the host does not tell target_sw",
    );
}

#[test]
fn our_own_list_of_names_can_be_read() {
    let names =
        Names::read(include_bytes!("../../../../content/cpe/applications.yaml")).expect("our own file");
    assert!(names.all().count() > 180);
    let kernel: Vec<String> = names
        .of_package("linux")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(kernel, ["o:linux:linux_kernel", "o:linux:linux"]);
    assert_eq!(names.of_application("nginx").len(), 3);
    assert_eq!(names.of_application("no such program"), []);
    let product = names.of_package("openssh")[0].at(Some("8.9p1"));
    assert_eq!(
        (product.version.as_deref(), product.update.as_deref()),
        (Some("8.9"), Some("p1"))
    );
}

#[test]
fn a_list_of_names_with_an_odd_entry_says_which() {
    for (text, why) in [
        (
            "applications: {}\npackages: {bash: [gnu]}",
            "the CPE names of bash cannot be used",
        ),
        (
            "applications: {nginx: []}\npackages: {}",
            "the CPE names of nginx cannot be used",
        ),
        (
            "applications: {}",
            "the list of CPE names is not the YAML we know",
        ),
    ] {
        let error = Names::read(text.as_bytes()).expect_err("it is refused");
        assert!(error.to_string().starts_with(why), "{error}");
    }
}
