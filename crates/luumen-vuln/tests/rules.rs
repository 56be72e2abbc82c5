//! The rules of accuracy, one test each, by their numbers (14 and 22 are in `hosts.rs`). The versions are real; so is what vendors say of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_model::Package;
use luumen_model::advisory::{Platform, Record, Supersedence};
use luumen_vuln::{Matcher, Scope, Verdict, WindowsHost, match_windows};
use support::{catalogue, catalogue_of, check, claim, deb, rpm};

#[test]
fn rule_01_the_distribution_beats_upstreams_ranges() {
    // Upstream fixed it in 1.1.1j; Ubuntu in its own build of 1.1.1f.
    check(
        "ubuntu/20.04",
        &deb("openssl", "1.1.1f-1ubuntu2.17"),
        "ubuntu/20.04 src:openssl CVE-2021-23840 fixed 1.1.1f-1ubuntu2.2",
        &["CVE-2021-23840 fixed has_fix 1.1.1f-1ubuntu2.2"],
    );
}

#[test]
fn rule_02_not_affected_is_honoured() {
    let claims = "
        ubuntu/20.04 src:glibc CVE-2023-4911 not-affected note=code_not_present
        ubuntu/22.04 src:glibc CVE-2023-4911 fixed 2.35-0ubuntu3.4";
    check(
        "ubuntu/20.04",
        &deb("glibc", "2.31-0ubuntu9.9"),
        claims,
        &["CVE-2023-4911 not_affected vendor_says_not"],
    );
    check(
        "ubuntu/22.04",
        &deb("glibc", "2.35-0ubuntu3.1"),
        claims,
        &["CVE-2023-4911 vulnerable before_fix 2.35-0ubuntu3.4"],
    );
    check(
        "ubuntu/22.04",
        &deb("glibc", "2.35-0ubuntu3.4"),
        claims,
        &["CVE-2023-4911 fixed has_fix 2.35-0ubuntu3.4"],
    );
}

#[test]
fn rule_03_a_fix_that_needs_a_subscription_says_so() {
    let findings = check(
        "ubuntu/18.04",
        &deb("openssh", "1:7.6p1-4ubuntu0.7"),
        "ubuntu/18.04 src:openssh CVE-2023-38408 end-of-life note=end_of_standard_support
         ubuntu/18.04 src:openssh CVE-2023-38408 fixed 1:7.6p1-4ubuntu0.7+esm1 channel=esm-infra",
        &["CVE-2023-38408 vulnerable fix_needs_subscription 1:7.6p1-4ubuntu0.7+esm1 esm-infra end_of_life"],
    );
    assert!(
        findings[0].why.contains("needs a subscription"),
        "{}",
        findings[0].why
    );
}

#[test]
fn rule_04_an_installed_build_of_the_subscription_counts() {
    check(
        "ubuntu/16.04",
        &deb("openssl", "1.0.2g-1ubuntu4.20+esm2"),
        "ubuntu/16.04 src:openssl CVE-2022-0778 end-of-life
         ubuntu/16.04 src:openssl CVE-2022-0778 fixed 1.0.2g-1ubuntu4.20+esm2 channel=esm-infra",
        &["CVE-2022-0778 fixed has_fix 1.0.2g-1ubuntu4.20+esm2 esm-infra end_of_life"],
    );
}

#[test]
fn rule_05_ignored_at_the_end_of_life_is_not_safe() {
    check(
        "ubuntu/16.04",
        &deb("openssh", "1:7.2p2-4ubuntu2.10"),
        "ubuntu/16.04 src:openssh CVE-2023-38408 end-of-life note=end_of_standard_support",
        &["CVE-2023-38408 vulnerable end_of_life end_of_life"],
    );
}

#[test]
fn rule_06_source_name_and_source_version_decide() {
    // The binary postgresql 15+248+deb12u1 is built from postgresql-common 248+deb12u1.
    let package = Package {
        source: Some("postgresql-common".to_owned()),
        source_version: Some("248+deb12u1".to_owned()),
        ..deb("postgresql", "15+248+deb12u1")
    };
    check(
        "debian/12",
        &package,
        "debian/sid src:postgresql-common CVE-2019-3466 fixed 211
         debian/12 src:bash CVE-2000-0001 affected",
        &["CVE-2019-3466 fixed has_fix 211"],
    );
}

#[test]
fn rule_07_the_releases_own_fix_counts() {
    check(
        "debian/12",
        &Package {
            source: Some("librsvg".to_owned()),
            ..deb("librsvg2-2", "2.54.7+dfsg-1~deb12u1")
        },
        "debian/12 src:librsvg CVE-2023-38633 fixed 2.54.7+dfsg-1~deb12u1
         debian/sid src:librsvg CVE-2023-38633 fixed 2.54.7+dfsg-1",
        &["CVE-2023-38633 fixed has_fix 2.54.7+dfsg-1~deb12u1"],
    );
    check(
        "debian/12",
        &deb("less", "590-2.1~deb12u2"),
        "debian/12 src:less CVE-2024-32487 fixed 590-2.1~deb12u2
         debian/sid src:less CVE-2024-32487 fixed 590-2.1",
        &["CVE-2024-32487 fixed has_fix 590-2.1~deb12u2"],
    );
}

#[test]
fn rule_08_the_epoch_comes_first() {
    check(
        "rhel/10",
        &rpm("xz", "5.2.5-8.el9_0"),
        "rhel/10 bin:xz CVE-2025-31115 fixed 1:5.6.2-4.el10_0",
        &["CVE-2025-31115 vulnerable before_fix 1:5.6.2-4.el10_0"],
    );
}

#[test]
fn rule_09_sibling_sources_have_fixes_of_their_own() {
    let claims = "
        ubuntu/18.04 src:openssl CVE-2022-0778 fixed 1.1.1-1ubuntu2.1~18.04.15
        ubuntu/18.04 src:openssl1.0 CVE-2022-0778 fixed 1.0.2n-1ubuntu5.8";
    check(
        "ubuntu/18.04",
        &deb("openssl1.0", "1.0.2n-1ubuntu5.8"),
        claims,
        &["CVE-2022-0778 fixed has_fix 1.0.2n-1ubuntu5.8"],
    );
    check(
        "ubuntu/18.04",
        &deb("openssl", "1.1.1-1ubuntu2.1~18.04.14"),
        claims,
        &["CVE-2022-0778 vulnerable before_fix 1.1.1-1ubuntu2.1~18.04.15"],
    );
}

#[test]
fn rule_10_the_module_stream_must_match() {
    let package = Package {
        module: Some("postgresql:9.6:8040020210817141045:522a0ee4".to_owned()),
        ..rpm("postgresql", "9.6.22-1.module+el8.4.0+11244+beebf6a9")
    };
    let claims = "rhel/8 bin:postgresql CVE-2022-1552 fixed 12.11-2.module+el8.6.0+15347+b8eabcef module=postgresql:12";
    check("rhel/8", &package, claims, &[]);
}

#[test]
fn rule_11_another_rebuilds_counter_is_never_compared() {
    let package = Package {
        module: Some("php:7.4:8070020220804102125:afd00e68".to_owned()),
        ..rpm("php", "7.4.30-1.module_el8.7.0+1190+d11b935a")
    };
    let claims =
        "almalinux/8 bin:php CVE-2021-21708 fixed 7.4.30-1.module_el8.7.0+3286+227f3cf0 module=php:7.4";
    check(
        "almalinux/8",
        &package,
        claims,
        &["CVE-2021-21708 fixed has_fix 7.4.30-1.module_el8.7.0+3286+227f3cf0"],
    );
    // And a Rocky host is never asked by Alma's feed.
    let rocky = "rocky/8 bin:bash CVE-2000-0001 affected\n".to_owned() + claims;
    check("rocky/8", &package, &rocky, &[]);
}

#[test]
fn rule_12_what_has_no_fix_is_shown() {
    let claims = "
        debian/12 src:a CVE-2000-0001 affected
        debian/12 src:a CVE-2000-0002 wont-fix
        debian/12 src:a CVE-2000-0003 deferred note=minor_issue
        debian/12 src:a CVE-2000-0004 undecided";
    check(
        "debian/12",
        &deb("a", "1.0-1"),
        claims,
        &[
            "CVE-2000-0001 vulnerable no_fix",
            "CVE-2000-0002 vulnerable will_not_fix",
            "CVE-2000-0003 vulnerable deferred",
            "CVE-2000-0004 under_investigation under_investigation",
        ],
    );
}

#[test]
fn rule_13_a_kernel_is_judged_by_its_own_flavour() {
    let claims = "
        ubuntu/20.04 src:linux CVE-2024-1086 fixed 5.4.0-174.193
        ubuntu/20.04 src:linux-hwe-5.15 CVE-2024-1086 fixed 5.15.0-101.111~20.04.1";
    let kernel = |source: &str, version: &str| Package {
        source: Some(source.to_owned()),
        ..deb("linux-image-x-generic", version)
    };
    check(
        "ubuntu/20.04",
        &kernel("linux-signed-hwe-5.15", "5.15.0-91.101~20.04.1"),
        claims,
        &["CVE-2024-1086 vulnerable before_fix 5.15.0-101.111~20.04.1"],
    );
    check(
        "ubuntu/20.04",
        &kernel("linux-signed", "5.4.0-174.193"),
        claims,
        &["CVE-2024-1086 fixed has_fix 5.4.0-174.193"],
    );
}

#[test]
fn rule_15_a_backport_is_compared_with_what_it_was_built_from() {
    let claims = "
        debian/12 src:a CVE-2000-0001 fixed 1.0-1+deb12u2
        debian/sid src:a CVE-2000-0001 fixed 2.0-4";
    // 2.0-3 is newer than the fix in 1.0, and has not got it.
    check(
        "debian/12",
        &deb("a", "2.0-3~bpo12+1"),
        claims,
        &["CVE-2000-0001 vulnerable fixed_in_newer_release 2.0-4"],
    );
    check(
        "debian/12",
        &deb("a", "2.0-4~bpo12+1"),
        claims,
        &["CVE-2000-0001 fixed has_fix 2.0-4"],
    );
}

#[test]
fn rule_19_windows_is_judged_by_its_build() {
    let windows = |build: &str| Package {
        name: "windows".into(),
        version: build.into(),
        ..Package::default()
    };
    check(
        "windows/Windows Server 2019",
        &windows("10.0.17763.6054"),
        "windows/Windows_Server_2019 bin:windows CVE-2024-20659 fixed 10.0.17763.6414 advisory=KB5044277",
        &["CVE-2024-20659 vulnerable before_fix 10.0.17763.6414"],
    );
    check(
        "windows/Windows Server 2022",
        &windows("10.0.20348.4648"),
        "windows/Windows_Server_2022 bin:windows CVE-2024-28924 fixed 10.0.20348.2402 advisory=KB5036909",
        &["CVE-2024-28924 fixed has_fix 10.0.20348.2402"],
    );
}

#[test]
fn rule_20_what_an_update_replaces_is_there_too() {
    let replaced = |update: &str, replaces: &str| {
        Record::Supersedence(Supersedence {
            source: "msrc".into(),
            update: update.into(),
            replaces: replaces.into(),
            product: None,
        })
    };
    let fix = Record::Claim(claim(
        "windows/Windows_Server_2012 bin:windows CVE-2021-1647 affected advisory=KB4598288",
    ));
    let catalogue = catalogue_of([
        fix,
        replaced("KB5000002", "KB5000001"),
        replaced("KB5000001", "KB4598288"),
    ]);
    let judged = |updates: &[&str]| {
        let host = WindowsHost {
            product: "Windows Server 2012".into(),
            build: "6.2.9200".into(),
            updates: updates.iter().map(|update| (*update).to_owned()).collect(),
        };
        match_windows(&catalogue, &host, Scope::Everything)
            .unwrap()
            .remove(0)
    };
    assert_eq!(judged(&["KB5000002"]).verdict, Verdict::Fixed);
    assert_eq!(judged(&["KB4598288"]).verdict, Verdict::Fixed);
    let open = judged(&["KB4000000"]);
    assert_eq!(open.verdict, Verdict::Vulnerable);
    assert!(open.why.contains("lacks KB4598288"), "{}", open.why);
}

#[test]
fn a_version_that_cannot_be_read_is_unknown_and_never_older() {
    check(
        "debian/12",
        &deb("a", "not a version!"),
        "debian/12 src:a CVE-2000-0001 fixed 1.0-1",
        &["CVE-2000-0001 unknown not_comparable 1.0-1"],
    );
}

#[test]
fn debian_names_a_release_only_where_it_differs_from_unstable() {
    let claims = "
        debian/sid src:a CVE-2000-0001 fixed 2.0-1
        debian/sid src:a CVE-2000-0002 fixed 2.0-1
        debian/12 src:a CVE-2000-0002 not-affected
        debian/sid src:a CVE-2000-0003 not-affected
        debian/12 src:b CVE-2000-0009 affected";
    check(
        "debian/12",
        &deb("a", "1.0-1"),
        claims,
        &[
            "CVE-2000-0001 vulnerable fixed_in_newer_release 2.0-1",
            "CVE-2000-0002 not_affected vendor_says_not",
            "CVE-2000-0003 not_affected vendor_says_not",
        ],
    );
}

#[test]
fn several_ranges_of_one_advisory_are_each_a_range() {
    let claims = "
        pypi/ bin:django CVE-2000-0001 fixed 3.2.19 authority=ecosystem source=osv
        pypi/ bin:django CVE-2000-0001 fixed 4.1.9 introduced=4.0 authority=ecosystem source=osv";
    let django = |version: &str| Package {
        name: "django".into(),
        version: version.into(),
        ..Package::default()
    };
    check(
        "pypi/",
        &django("3.2.1"),
        claims,
        &["CVE-2000-0001 vulnerable before_fix 3.2.19"],
    );
    check(
        "pypi/",
        &django("3.2.19"),
        claims,
        &["CVE-2000-0001 fixed has_fix 3.2.19"],
    );
    check(
        "pypi/",
        &django("4.1.2"),
        claims,
        &["CVE-2000-0001 vulnerable in_range 4.1.9"],
    );
    check(
        "pypi/",
        &django("4.1.9"),
        claims,
        &["CVE-2000-0001 fixed has_fix 3.2.19"],
    );
}

#[test]
fn updates_of_a_minor_release_count_only_for_its_builds() {
    let claims = "
        rhel/8 bin:openssl CVE-2022-0778 fixed 1:1.1.1k-9.el8_7
        rhel/8 bin:openssl CVE-2022-0778 fixed 1:1.1.1k-7.el8_6 channel=eus-8.6";
    check(
        "rhel/8",
        &rpm("openssl", "1:1.1.1k-7.el8_6"),
        claims,
        &["CVE-2022-0778 fixed has_fix 1:1.1.1k-7.el8_6 eus-8.6"],
    );
    check(
        "rhel/8",
        &rpm("openssl", "1:1.1.1k-6.el8_5"),
        claims,
        &["CVE-2022-0778 vulnerable before_fix 1:1.1.1k-9.el8_7"],
    );
}

#[test]
fn a_fix_for_every_host_is_told_before_one_for_a_contract() {
    let claims = "
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-26.el9_3.2
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-23.el9_2.4 channel=eus-9.2
        rhel/9 bin:curl CVE-2023-27536 fixed 0:7.76.1-23.el9_2.1 channel=eus-9.2
        rhel/9 bin:curl CVE-2023-27536 fixed 0:7.76.1-23.el9";
    let one = |version: &str, expected: &[&str]| {
        check("rhel/9", &rpm("curl", version), claims, expected);
    };
    one(
        "7.76.1-23.el9_2",
        &[
            "CVE-2023-27536 vulnerable fix_needs_subscription 7.76.1-23.el9_2.1 eus-9.2",
            "CVE-2023-38545 vulnerable before_fix 7.76.1-26.el9_3.2",
        ],
    );
    // What came with the contract goes on with it.
    one(
        "7.76.1-23.el9_2.1",
        &[
            "CVE-2023-27536 fixed has_fix 7.76.1-23.el9_2.1 eus-9.2",
            "CVE-2023-38545 vulnerable fix_needs_subscription 7.76.1-23.el9_2.4 eus-9.2",
        ],
    );
    one(
        "7.76.1-23.el9_2.4",
        &[
            "CVE-2023-27536 fixed has_fix 7.76.1-23.el9_2.1 eus-9.2",
            "CVE-2023-38545 fixed has_fix 7.76.1-23.el9_2.4 eus-9.2",
        ],
    );
    // While 9.2 was the newest, every host got the same builds.
    let shared = "
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-26.el9_3.2
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-23.el9_2.4 channel=eus-9.2
        rhel/9 bin:curl CVE-2023-27536 fixed 0:7.76.1-23.el9_2.1 channel=eus-9.2
        rhel/9 bin:curl CVE-2023-27536 fixed 0:7.76.1-23.el9_2.1";
    let found = check(
        "rhel/9",
        &rpm("curl", "7.76.1-23.el9_2.1"),
        shared,
        &[
            "CVE-2023-27536 fixed has_fix 7.76.1-23.el9_2.1",
            "CVE-2023-38545 vulnerable before_fix 7.76.1-26.el9_3.2",
        ],
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn a_subscriptions_word_is_not_the_archives() {
    let one = |version: &str, claims: &str, expected: &str| {
        check("ubuntu/18.04", &deb("openssl", version), claims, &[expected]);
    };
    // The subscription began with the fix in it.
    let began_fixed = "
        ubuntu/18.04 src:openssl CVE-2022-0001 fixed 1.1.1-1ubuntu2.20
        ubuntu/18.04 src:openssl CVE-2022-0001 not-affected channel=esm-infra";
    let before = "CVE-2022-0001 vulnerable before_fix 1.1.1-1ubuntu2.20";
    one("1.1.1-1ubuntu2.17", began_fixed, before);
    one("1.1.1-1ubuntu2.17+esm1", began_fixed, before);
    one(
        "1.1.1-1ubuntu2.21",
        began_fixed,
        "CVE-2022-0001 fixed has_fix 1.1.1-1ubuntu2.20",
    );
    // Its fix was made on an older build than the archive's.
    let two_fixes = "
        ubuntu/18.04 src:openssl CVE-2022-0001 fixed 1.1.1-1ubuntu2.20
        ubuntu/18.04 src:openssl CVE-2022-0001 fixed 1.1.1-1ubuntu2.15+esm1 channel=esm-infra";
    one("1.1.1-1ubuntu2.17", two_fixes, before);
    one(
        "1.1.1-1ubuntu2.15+esm1",
        two_fixes,
        "CVE-2022-0001 fixed has_fix 1.1.1-1ubuntu2.15+esm1 esm-infra",
    );
    // The archive has no fix, and only builds of the subscription never had it.
    let open = "
        ubuntu/18.04 src:openssl CVE-2022-0001 affected
        ubuntu/18.04 src:openssl CVE-2022-0001 not-affected channel=esm-infra";
    one("1.1.1-1ubuntu2.17", open, "CVE-2022-0001 vulnerable no_fix");
    one(
        "1.1.1-1ubuntu2.17+esm1",
        open,
        "CVE-2022-0001 not_affected vendor_says_not",
    );
}

#[test]
fn of_two_fixes_the_one_of_the_own_minor_release_counts_else_the_newest() {
    let claims = "
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-23.el9_2.4
        rhel/9 bin:curl CVE-2023-38545 fixed 0:7.76.1-26.el9_3.2";
    let one = |version: &str, expected: &str| {
        check("rhel/9", &rpm("curl", version), claims, &[expected]);
    };
    one(
        "7.76.1-23.el9_2.4",
        "CVE-2023-38545 fixed has_fix 7.76.1-23.el9_2.4",
    );
    one(
        "7.76.1-26.el9_3.1",
        "CVE-2023-38545 vulnerable before_fix 7.76.1-26.el9_3.2",
    );
    one(
        "7.76.1-25.el9",
        "CVE-2023-38545 vulnerable before_fix 7.76.1-26.el9_3.2",
    );
    one(
        "7.76.1-29.el9_4",
        "CVE-2023-38545 fixed has_fix 7.76.1-26.el9_3.2",
    );
}

#[test]
fn a_vulnerability_fixed_twice_for_one_minor_release_needs_the_second_fix() {
    let claims = "
        almalinux/8 bin:kernel CVE-2023-1073 fixed 0:4.18.0-513.5.1.el8_9
        almalinux/8 bin:kernel CVE-2023-1073 fixed 0:4.18.0-513.18.1.el8_9
        almalinux/8 bin:kernel CVE-2023-1073 fixed 0:4.18.0-553.el8_10";
    let one = |version: &str, expected: &str| {
        check("almalinux/8", &rpm("kernel", version), claims, &[expected]);
    };
    one(
        "4.18.0-513.9.1.el8_9",
        "CVE-2023-1073 vulnerable before_fix 4.18.0-513.18.1.el8_9",
    );
    one(
        "4.18.0-513.18.1.el8_9",
        "CVE-2023-1073 fixed has_fix 4.18.0-513.18.1.el8_9",
    );
}

#[test]
fn a_package_for_every_machine_is_among_those_of_any() {
    let package = |arch: &str| Package {
        arch: Some(arch.to_owned()),
        ..rpm("vim-data", "2:9.1.083-5.el10")
    };
    let claims = "almalinux/10 bin:vim-data CVE-2025-53905 fixed 2:9.1.083-6.el10_1 arch=x86_64";
    let found = &["CVE-2025-53905 vulnerable before_fix 2:9.1.083-6.el10_1"];
    check("almalinux/10", &package("noarch"), claims, found);
    check("almalinux/10", &package("x86_64"), claims, found);
    check("almalinux/10", &package("aarch64"), claims, &[]);
}

#[test]
fn an_add_on_of_an_old_release_is_the_release_itself() {
    let claims = "rhel/5 bin:luci CVE-2007-0240 fixed 0:0.9.2-6.el5 channel=cluster";
    let found = &["CVE-2007-0240 vulnerable before_fix 0.9.2-6.el5 cluster"];
    check("rhel/5", &rpm("luci", "0.9.2-5.el5"), claims, found);
}

#[test]
fn what_is_said_of_another_product_or_of_live_patches_says_nothing() {
    let claims = "
        rhel/9 bin:bash CVE-2000-0001 affected channel=openshift-4.16
        rhel/9 bin:bash CVE-2000-0002 fixed 9-1 channel=livepatch";
    check("rhel/9", &rpm("bash", "5.1.8-6.el9"), claims, &[]);
}

#[test]
fn certified_builds_follow_their_own_channel() {
    let claims = "
        ubuntu/20.04 src:openssl CVE-2000-0001 fixed 1.1.1f-1ubuntu2.2
        ubuntu/20.04 src:openssl CVE-2000-0001 fixed 1.1.1f-1ubuntu2.fips.7.2 channel=fips-updates";
    check(
        "ubuntu/20.04",
        &deb("openssl", "1.1.1f-1ubuntu2.fips.2.8"),
        claims,
        &["CVE-2000-0001 vulnerable fix_needs_subscription 1.1.1f-1ubuntu2.fips.7.2 fips-updates"],
    );
    check(
        "ubuntu/20.04",
        &deb("openssl", "1.1.1f-1ubuntu2.2"),
        claims,
        &["CVE-2000-0001 fixed has_fix 1.1.1f-1ubuntu2.2"],
    );
}

#[test]
fn a_vulnerability_that_was_fixed_twice_needs_the_second_fix() {
    let claims = "
        debian/10 src:apache2 CVE-2020-1927 fixed 2.4.38-3+deb10u4 source=debian-lists advisory=DSA-4757-1
        debian/10 src:apache2 CVE-2020-1927 fixed 2.4.38-3+deb10u9 source=debian-lists advisory=DLA-3351-1 channel=lts";
    check(
        "debian/10",
        &deb("apache2", "2.4.38-3+deb10u4"),
        &claims.replace(" channel=lts", ""),
        &["CVE-2020-1927 vulnerable before_fix 2.4.38-3+deb10u9"],
    );
    check(
        "debian/10",
        &deb("apache2", "2.4.38-3+deb10u8"),
        claims,
        &["CVE-2020-1927 vulnerable before_fix 2.4.38-3+deb10u9 lts"],
    );
    check(
        "debian/10",
        &deb("apache2", "2.4.38-3+deb10u9"),
        claims,
        &["CVE-2020-1927 fixed has_fix 2.4.38-3+deb10u9 lts"],
    );
}

#[test]
fn of_the_binaries_of_one_source_a_notice_may_name_one() {
    let catalogue = catalogue("ubuntu/22.04 bin:libssh-4 CVE-2000-0001 fixed 0.9.6-2ubuntu0.22.04.2");
    let platform = Platform::new("ubuntu", "22.04");
    let mut matcher = Matcher::new(&catalogue, &platform).unwrap();
    let mut hits = |binary: &str| {
        let package = Package {
            name: binary.to_owned(),
            ..deb("libssh", "0.9.6-2build1")
        };
        matcher.package(&package).hits.len()
    };
    assert_eq!(
        [hits("libssh-doc"), hits("libssh-4"), hits("libssh-dev")],
        [0, 1, 0]
    );
}
