//! Whatever texts are, `order` treats them as a total order does, keys are in that order, and what is
//! unknown stays unknown.

use std::cmp::Ordering;

use luumen_version::Scheme;
use proptest::{prelude::*, test_runner::TestCaseResult};

/// What real versions of a scheme look like, with few characters so that pairs are close to each other.
fn realistic(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Dpkg => "([0-2]:)?[0-2]([.+~:-]?[0-2a-c~]{1,2}){0,4}(-[0-2]([.~+]?[0-2ab]){0,3})?",
        Scheme::Rpm => "([0-2]:)?[0-2]([.^~_+]{0,2}[0-2a-b]{1,2}){0,4}[.~^]?(-[0-2a.~^]{0,3}[0-2])?",
        Scheme::Apk => {
            "[0-2](\\.[0-2]{1,2}){0,3}[ab]?(_(alpha|rc|git|p)[0-2]{0,2}){0,2}(~[0-9a-c]{1,2})?(-r[0-2])?"
        }
        Scheme::Pacman => "([0-2]:)?[.a]?[0-2]([._+~]{0,2}[0-1a-b]{1,2}){0,3}[.+]{0,2}(-[0-2](\\.[0-2])?)?",
        Scheme::Semver => {
            "v?[0-2]\\.[0-2]\\.[0-2](-(0|[12][0-9]?|[a-c-][0-9A-Ca-c-]?)(\\.[1-2a-bA]){0,2})?(\\+[a-c])?"
        }
        Scheme::Pep440 => {
            "([0-1]!)?[0-2](\\.[0-2]){0,3}([._-]?(a|b|c|rc|ALPHA|pre)[._-]?[0-2]?)?(-[0-2]|[._-]?(post|r)[0-2]?)?([._]?dev[0-2]?)?(\\+[0-2ab]{1,2}([.-][0-2ab]){0,2})?"
        }
        Scheme::Maven => "[0-2]?([._-]?(0|1|2|00|a|b|m|x|alpha|rc|CR|ga|final|sp|SP|snapshot|foo|zz|)){0,6}",
        Scheme::Nuget => {
            "[0-2]{1,2}(\\.[0-2]{1,2}){0,3}(-[0-2a-bA-B-]{1,2}(\\.[0-2a-bA-B]){0,2})?(\\+[a-c])?"
        }
        Scheme::Rubygems => "[0-2](\\.(0|0|1|2|a|b|A|a0|0b|rc1)){0,6}(-[0-1a]{1,2}(\\.[0-1a-]){0,2})?",
        Scheme::Windows => "[0-2]{1,2}(\\.[0-2]{1,2}){0,4}",
        Scheme::Letters => "v?[0-2](\\.[0-2]){0,3}([._-]?(a|zd|Z|p|u|beta|RC|dev|pre)?[0-2]?){0,3}",
        Scheme::Generic => "v?[0-2]([.~^_-]{0,2}([0-2]|[a-c]{1,2})){0,5}",
    }
}

/// Versions as they are, versions with something alien in them, numbers without end, and anything at all.
fn text(scheme: Scheme) -> impl Strategy<Value = String> {
    prop_oneof![
        8 => realistic(scheme),
        1 => (realistic(scheme), "[0-9]{18,24}", realistic(scheme))
            .prop_map(|(a, number, b)| format!("{a}.{number}{b}")),
        1 => (realistic(scheme), "\\PC{0,2}", realistic(scheme)).prop_map(|(a, odd, b)| a + &odd + &b),
        1 => "[0-9a-zA-Z~^.:_+-]{0,8}",
        1 => "\\PC{0,8}",
    ]
}

/// Three texts of which neighbours often share their beginning.
fn texts(scheme: Scheme) -> impl Strategy<Value = (String, String, String)> {
    let tail = || prop_oneof![1 => Just(String::new()), 2 => "[0-1ab.~^_-]{1,3}"];
    prop_oneof![
        (text(scheme), text(scheme), text(scheme)),
        (text(scheme), tail(), tail(), tail()).prop_map(|(head, a, b, c)| {
            (format!("{head}{a}"), format!("{head}{b}"), format!("{head}{c}"))
        }),
    ]
}

fn check(scheme: Scheme, a: &str, b: &str, c: &str) -> TestCaseResult {
    let (ab, bc, ac) = (scheme.order(a, b), scheme.order(b, c), scheme.order(a, c));
    prop_assert_eq!(scheme.order(a, a), Ordering::Equal);
    prop_assert_eq!(scheme.order(b, a), ab.reverse(), "{} {:?} {:?}", scheme, a, b);
    if ab == bc || bc.is_eq() {
        prop_assert_eq!(ac, ab, "{} {:?} {:?} {:?}", scheme, a, b, c);
    }
    if ab.is_eq() {
        prop_assert_eq!(ac, bc, "{} {:?} {:?} {:?}", scheme, a, b, c);
    }
    let known = scheme.is_valid(a) && scheme.is_valid(b);
    prop_assert_eq!(scheme.compare(a, b).is_some(), known);
    let by_key = scheme.key(a).zip(scheme.key(b)).map(|(a, b)| a.cmp(&b));
    prop_assert_eq!(by_key, scheme.compare(a, b), "keys of {} {:?} {:?}", scheme, a, b);
    Ok(())
}

macro_rules! total_orders {
    ($($name:ident $scheme:ident)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(2_000))]
            $(
                #[test]
                fn $name((a, b, c) in texts(Scheme::$scheme)) {
                    check(Scheme::$scheme, &a, &b, &c)?;
                }
            )+
        }

        #[test]
        fn every_scheme_is_put_to_the_test() {
            assert_eq!(Scheme::ALL, [$(Scheme::$scheme),+]);
        }
    };
}

total_orders! {
    dpkg_is_a_total_order_and_so_are_its_keys Dpkg
    rpm_is_a_total_order_and_so_are_its_keys Rpm
    apk_is_a_total_order_and_so_are_its_keys Apk
    pacman_is_a_total_order_and_so_are_its_keys Pacman
    semver_is_a_total_order_and_so_are_its_keys Semver
    pep440_is_a_total_order_and_so_are_its_keys Pep440
    maven_is_a_total_order_and_so_are_its_keys Maven
    nuget_is_a_total_order_and_so_are_its_keys Nuget
    rubygems_is_a_total_order_and_so_are_its_keys Rubygems
    windows_is_a_total_order_and_so_are_its_keys Windows
    letters_is_a_total_order_and_so_are_its_keys Letters
    generic_is_a_total_order_and_so_are_its_keys Generic
}
