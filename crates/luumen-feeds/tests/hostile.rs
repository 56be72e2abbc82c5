//! Whatever the bytes are, a reader answers: it never panics. Every format, on noise and on samples that were torn, cut and stirred.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use luumen_feeds::read::{Collected, Document, Format};
use proptest::prelude::*;

const SAMPLES: &[(&str, &[u8])] = &[
    ("ubuntu-tracker", include_bytes!("samples/ubuntu/CVE-2024-99001")),
    ("ubuntu-vex", include_bytes!("samples/ubuntu/vex.json")),
    ("ubuntu-oval", include_bytes!("samples/ubuntu/oval-cve.xml")),
    ("ubuntu-oval", include_bytes!("samples/ubuntu/oval-usn.xml")),
    ("debian-list", include_bytes!("samples/debian/CVE-list")),
    ("debian-oval", include_bytes!("samples/debian/oval.xml")),
    (
        "debian-tracker-json",
        include_bytes!("samples/debian/tracker.json"),
    ),
    ("osv", include_bytes!("samples/osv/ALSA-2024:9901.json")),
    ("osv", include_bytes!("samples/osv/GHSA-xxxx-yyyy-zzzz.json")),
];

fn read(format: Format, bytes: &[u8]) {
    let mut out = Collected::default();
    let name = "CVE-2024-99001";
    let document = Document {
        source: "hostile",
        name,
        bytes,
    };
    // Refused or not: both are answers.
    let _refused = format.read(document, &mut out).is_err();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_is_answered_by_every_format(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        for format in Format::ALL {
            read(*format, &bytes);
        }
    }

    #[test]
    fn odd_json_is_answered_by_every_format(text in r#"[\[\]{}":,a-z0-9 .\-<>/é\\]{0,200}"#) {
        for format in Format::ALL {
            read(*format, text.as_bytes());
        }
    }

    #[test]
    fn stirred_samples_are_answered(sample in 0..SAMPLES.len(), at in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), with in proptest::collection::vec(any::<u8>(), 0..8)) {
        let (name, bytes) = SAMPLES[sample];
        let (at, to) = (at.index(bytes.len()), to.index(bytes.len()));
        let (from, to) = (at.min(to), at.max(to));
        let stirred = [&bytes[..from], &with, &bytes[to..]].concat();
        read(Format::by_name(name).unwrap(), &stirred);
        read(Format::by_name(name).unwrap(), &bytes[..to]);
    }
}
