//! Three texts of any kind, put to every version scheme: nothing panics, the order is total, keys agree.
//!
//! Input: the texts, separated by line feeds. With `LUUMEN_SCHEME` (a name in `Scheme::ALL`) they are put to that scheme alone. With `LUUMEN_LIST` the
//! program only prints those names.
#![no_main]

use std::cmp::Ordering;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use luumen_version::{Range, Scheme, relation};

static CHOSEN: LazyLock<Vec<Scheme>> = LazyLock::new(|| match std::env::var("LUUMEN_SCHEME") {
    Ok(name) => vec![name.parse().expect("LUUMEN_SCHEME names a scheme")],
    Err(_) => Scheme::ALL.to_vec(),
});

fn list() {
    if std::env::var_os("LUUMEN_LIST").is_some() {
        Scheme::ALL.iter().for_each(|scheme| println!("{scheme}"));
        std::process::exit(0);
    }
}

fuzz_target!(init: list(), |bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut texts = text.splitn(3, '\n');
    let mut next = || texts.next().unwrap_or_default();
    let (a, b, c) = (next(), next(), next());
    for scheme in CHOSEN.iter().copied() {
        check(scheme, a, b, c);
    }
});

fn check(scheme: Scheme, a: &str, b: &str, c: &str) {
    let (ab, bc, ac) = (scheme.order(a, b), scheme.order(b, c), scheme.order(a, c));
    assert_eq!(scheme.order(a, a), Ordering::Equal, "{scheme}: reflexive");
    assert_eq!(scheme.order(b, a), ab.reverse(), "{scheme}: antisymmetric");
    if ab == bc {
        assert_eq!(ac, ab, "{scheme}: transitive");
    }
    if bc.is_eq() {
        assert_eq!(ac, ab, "{scheme}: equal texts are interchangeable");
    }
    if ab.is_eq() {
        assert_eq!(ac, bc, "{scheme}: equal texts are interchangeable");
    }
    for text in [a, b, c] {
        assert_eq!(
            scheme.is_valid(text),
            scheme.key(text).is_some(),
            "{scheme}: {text:?} has a key"
        );
    }
    for (left, right) in [(a, b), (b, c), (a, c)] {
        let by_key = match (scheme.key(left), scheme.key(right)) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => None,
        };
        assert_eq!(
            scheme.compare(left, right),
            by_key,
            "{scheme}: keys of {left:?} and {right:?}"
        );
    }
    let range = Range {
        introduced: Some(a.to_owned()),
        fixed: Some(b.to_owned()),
        ..Range::default()
    };
    let inside = range.contains(scheme, c);
    if scheme.is_valid(c) && scheme.is_valid(a) && scheme.is_valid(b) {
        assert!(
            inside.is_some(),
            "{scheme}: all of {range:?} and {c:?} can be read"
        );
    }
    if scheme.is_valid(a) && scheme.is_valid(b) {
        let claim = relation::check_line(scheme, &format!("{a}\t<\t{b}"));
        assert_eq!(claim.is_ok(), ab.is_lt(), "{scheme}: {claim:?}");
    }
}
