//! Whatever two texts are, `order` treats them as a total order does; what is unknown stays unknown.

use luumen_version::Scheme;
use proptest::prelude::*;

/// Texts near to real versions, where the rules have their corners.
fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        "([0-9]{1,2}:)?[0-9]{1,3}([.~^+_-]?[0-9a-c]{1,3}){0,4}(-r?[0-9]{1,2})?",
        "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}[a-c]?(_(alpha|rc|git|p)[0-9]{0,2})?(-r[0-9])?",
        "[0-9a~^.:_-]{0,8}",
        "\\PC{0,12}",
    ]
}

proptest! {
    #[test]
    fn order_is_total(a in version(), b in version(), c in version()) {
        for scheme in Scheme::ALL {
            let ab = scheme.order(&a, &b);
            prop_assert_eq!(scheme.order(&a, &a), std::cmp::Ordering::Equal);
            prop_assert_eq!(ab, scheme.order(&b, &a).reverse(), "{} {:?} {:?}", scheme, a, b);
            let readable = [&a, &b, &c].into_iter().all(|text| scheme.is_valid(text));
            if readable && ab.is_le() && scheme.order(&b, &c).is_le() {
                prop_assert!(scheme.order(&a, &c).is_le(), "{} {:?} {:?} {:?}", scheme, a, b, c);
            }
        }
    }

    #[test]
    fn both_sides_must_be_readable(a in version(), b in version()) {
        for scheme in Scheme::ALL {
            let known = scheme.is_valid(&a) && scheme.is_valid(&b);
            prop_assert_eq!(scheme.compare(&a, &b).is_some(), known);
        }
    }
}
