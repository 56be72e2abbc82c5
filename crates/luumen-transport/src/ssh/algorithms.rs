//! What we offer to a server, best first.
//!
//! Safe algorithms only, unless the caller asks for the old ones. Among the safe ones, the quick come
//! first, because a fleet visit is mostly handshakes. One exception: what a host says must not be read
//! by whoever records it today and owns a quantum computer tomorrow. ML-KEM costs each side about half a
//! millisecond more than X25519 alone (`examples/handshakes.rs`), and starting a session costs sshd a
//! hundred times that.

use std::borrow::Cow;

use russh::{
    Preferred, cipher, compression, kex,
    keys::{Algorithm, EcdsaCurve, HashAlg},
    mac,
};

use crate::{ConnectOptions, HostKeyPolicy, known_hosts::Known};

const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
];
const KEX_LEGACY: &[kex::Name] = &[kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1];
/// Not algorithms but words: “I read EXT_INFO” and “I speak strict key exchange” (against Terrapin).
const KEX_WORDS: &[kex::Name] = &[
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

const CIPHERS: &[cipher::Name] = &[
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_128_CTR,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
];
const CIPHERS_LEGACY: &[cipher::Name] = &[cipher::AES_128_CBC, cipher::AES_192_CBC, cipher::AES_256_CBC];

const MACS: &[mac::Name] = &[
    mac::HMAC_SHA256_ETM,
    mac::HMAC_SHA512_ETM,
    mac::HMAC_SHA256,
    mac::HMAC_SHA512,
];
const MACS_LEGACY: &[mac::Name] = &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];

const HOST_KEYS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP256,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP384,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP521,
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha512),
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha256),
    },
];
const HOST_KEYS_LEGACY: &[Algorithm] = &[Algorithm::Rsa { hash: None }];

/// The lists for one host.
pub(super) fn preferred(options: &ConnectOptions, known: &Known) -> Preferred {
    let wants_certificate = options.host_keys == HostKeyPolicy::Ca || !known.authorities.is_empty();
    Preferred {
        kex: join(options, KEX, KEX_LEGACY)
            .into_iter()
            .chain(KEX_WORDS.iter().copied())
            .collect(),
        key: Cow::Owned(host_keys(options, known)),
        host_key_certificates: Cow::Borrowed(if wants_certificate { HOST_KEYS } else { &[] }),
        cipher: Cow::Owned(join(options, CIPHERS, CIPHERS_LEGACY)),
        mac: Cow::Owned(join(options, MACS, MACS_LEGACY)),
        compression: Cow::Borrowed(if options.compression {
            &[compression::ZLIB_LEGACY, compression::ZLIB, compression::NONE]
        } else {
            &[compression::NONE]
        }),
    }
}

fn join<T: Clone>(options: &ConnectOptions, safe: &[T], legacy: &[T]) -> Vec<T> {
    let legacy = if options.legacy_algorithms { legacy } else { &[] };
    [safe, legacy].concat()
}

/// Types that we know of this host come first, so that a server with several keys shows the one we
/// can compare.
fn host_keys(options: &ConnectOptions, known: &Known) -> Vec<Algorithm> {
    let mut names = join(options, HOST_KEYS, HOST_KEYS_LEGACY);
    let known: Vec<&str> = known.algorithms().collect();
    // A stable sort: within the known and the unknown ones our own order stays.
    names.sort_by_key(|algorithm| !known.contains(&key_type(algorithm)));
    names
}

/// RSA keys have one type and several signature algorithms.
fn key_type(algorithm: &Algorithm) -> &str {
    match algorithm {
        Algorithm::Rsa { .. } => "ssh-rsa",
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::known_hosts::KnownHosts;

    const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQ==";

    fn names(known_hosts: &str) -> Vec<String> {
        let known_hosts = Arc::new(KnownHosts::from_text(known_hosts));
        let known = known_hosts.lookup("db-3", 22);
        let preferred = preferred(&ConnectOptions::new(known_hosts), &known);
        preferred.key.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_known_type_is_asked_for_first() {
        assert_eq!(names("")[0], "ssh-ed25519");
        assert_eq!(
            names(&format!("db-3 {RSA}"))[..3],
            ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]
        );
    }

    #[test]
    fn sha1_is_offered_only_on_request() {
        let mut options = ConnectOptions::new(Arc::new(KnownHosts::empty()));
        let known = options.known_hosts.lookup("db-3", 22);
        let has_sha1 = |options: &ConnectOptions| preferred(options, &known).mac.contains(&mac::HMAC_SHA1);
        assert!(!has_sha1(&options));
        options.legacy_algorithms = true;
        assert!(has_sha1(&options));
    }

    #[test]
    fn certificates_are_asked_for_only_where_an_authority_is_known() {
        let options = ConnectOptions::new(Arc::new(KnownHosts::from_text(&format!(
            "@cert-authority db-* {RSA}"
        ))));
        let offered = |host| {
            preferred(&options, &options.known_hosts.lookup(host, 22))
                .host_key_certificates
                .len()
        };
        assert_eq!((offered("db-3") > 0, offered("web-1") > 0), (true, false));
    }
}
