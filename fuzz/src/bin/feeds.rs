//! A document of any kind, put to a feed reader: nothing panics, whatever the bytes.
//!
//! Input: the first byte chooses the format, the rest is the document. With `LUUMEN_FORMAT` (a name in `Format::ALL`) it is that format always,
//! and all of the input is the document. With `LUUMEN_LIST` the program only prints those names.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use luumen_feeds::read::{Collected, Document, Format};

static CHOSEN: LazyLock<Option<Format>> = LazyLock::new(|| {
    let name = std::env::var("LUUMEN_FORMAT").ok()?;
    Some(Format::by_name(&name).expect("LUUMEN_FORMAT names a format"))
});

fn list() {
    if std::env::var_os("LUUMEN_LIST").is_some() {
        Format::ALL.iter().for_each(|format| println!("{}", format.name));
        std::process::exit(0);
    }
}

fuzz_target!(init: list(), |bytes: &[u8]| {
    let (format, document) = match *CHOSEN {
        Some(format) => (format, bytes),
        None => {
            let Some((first, rest)) = bytes.split_first() else {
                return;
            };
            (Format::ALL[usize::from(*first) % Format::ALL.len()], rest)
        }
    };
    let document = Document {
        source: "fuzz",
        name: "CVE-2024-0001",
        bytes: document,
    };
    let mut out = Collected::default();
    // An error is an answer, too.
    let _ = format.read(document, &mut out);
});
