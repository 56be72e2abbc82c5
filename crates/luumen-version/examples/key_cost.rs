//! Prints what a key costs and what it saves: nanoseconds per key, per comparison of two keys, and per
//! `compare` of two texts, for versions of every scheme. Run it with `--release` on a quiet machine.
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::{hint::black_box, time::Instant};

use luumen_version::Scheme;

const ROUNDS: usize = 20_000;

/// Versions close to each other, as a matcher meets them.
fn versions(scheme: Scheme) -> [&'static str; 4] {
    match scheme {
        Scheme::Dpkg => [
            "3.0.11-1~deb12u2",
            "3.0.11-1~deb12u1",
            "1:9.2p1-2+deb12u3",
            "3.0.2-0ubuntu1.10",
        ],
        Scheme::Rpm => [
            "1:3.0.7-27.el9",
            "1:3.0.7-27.el9_4",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.16.1.el9_4",
        ],
        Scheme::Apk => ["1.36.1-r2", "1.36.1-r15", "9.6_p1-r0", "3.1.4-r5"],
        Scheme::Pacman => ["6.9.7.arch1-1", "6.10.1.arch1-1", "1:1.0-1", "3.3.1-1"],
        Scheme::Semver => ["4.17.20", "4.17.21", "1.0.0-rc.11", "1.0.0"],
        Scheme::Pep440 => ["4.2.11", "4.2.11.post1", "2.0rc1", "1.0.dev456"],
        Scheme::Maven => ["2.14.1", "2.15.0", "31.1-jre", "2.0-beta9"],
        Scheme::Nuget => ["13.0.1", "13.0.1-beta2", "6.0.0.1", "6.0.0"],
        Scheme::Rubygems => ["6.1.7.2", "6.1.7.10", "7.0.0.rc1", "7.0.0"],
        Scheme::Windows => [
            "10.0.17763.6414",
            "10.0.17763.6532",
            "10.0.20348.1",
            "6.3.9600.20000",
        ],
        Scheme::Letters => ["1.0.2u", "1.0.2zd", "8.9p1", "8u402"],
        Scheme::Generic => ["1.24.0", "1.24.0.1", "11.0.2", "17.0.1"],
    }
}

fn nanoseconds(per_round: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..ROUNDS).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e9 / (ROUNDS * per_round) as f64
}

fn main() {
    println!(
        "{:<10}{:>10}{:>10}{:>12}{:>20}",
        "scheme", "ns/key", "ns/memcmp", "ns/compare", "key / text bytes"
    );
    for scheme in Scheme::ALL.iter().copied() {
        let texts = versions(scheme);
        let keys: Vec<Vec<u8>> = texts.iter().filter_map(|text| scheme.key(text)).collect();
        let key = nanoseconds(texts.len(), || {
            for text in &texts {
                black_box(scheme.key(black_box(text)));
            }
        });
        let memcmp = nanoseconds(keys.len() * keys.len(), || {
            for (a, b) in keys.iter().flat_map(|a| keys.iter().map(move |b| (a, b))) {
                black_box(black_box(a).cmp(black_box(b)));
            }
        });
        let compare = nanoseconds(texts.len() * texts.len(), || {
            for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
                black_box(scheme.compare(black_box(a), black_box(b)));
            }
        });
        let bytes = |sizes: usize| sizes / texts.len();
        println!(
            "{:<10}{key:>10.1}{memcmp:>10.1}{compare:>12.1}{:>14} / {}",
            scheme.as_str(),
            bytes(keys.iter().map(Vec::len).sum()),
            bytes(texts.iter().map(|text| text.len()).sum()),
        );
    }
}
