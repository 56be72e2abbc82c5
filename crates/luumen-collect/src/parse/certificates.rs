//! Certificates on the usual paths. Only certificates travel; a private key beside one stays on the host.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use luumen_model::{Certificate, Certificates, Timestamp};
use sha2::{Digest, Sha256};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, oid_registry, prelude::FromDer as _,
    public_key::PublicKey,
};

use crate::view::{Notes, View};

/// A host with more certificates on these paths keeps a bundle among them.
const MAX_CERTIFICATES: usize = 500;

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Certificates> {
    let text = view.output("certificates.pem")?;
    let mut items = Vec::new();
    let (mut path, mut body) = ("", None::<String>);
    for line in text.lines() {
        if let Some(denied) = line.strip_prefix("denied ") {
            notes.odd("certificates.pem", "the account may not read this file", denied);
        } else if let Some(file) = line.strip_prefix("file ") {
            (path, body) = (file, None);
        } else if line.starts_with("-----BEGIN") {
            body = Some(String::new());
        } else if line.starts_with("-----END") {
            let Some(body) = body.take().filter(|_| items.len() < MAX_CERTIFICATES) else {
                continue;
            };
            match STANDARD
                .decode(&body)
                .ok()
                .and_then(|der| certificate(path, &der))
            {
                Some(certificate) => items.push(certificate),
                None => notes.odd("certificates.pem", "not a certificate", path),
            }
        } else if let Some(body) = &mut body {
            body.push_str(line.trim());
        }
    }
    items.sort_by(|a, b| (&a.path, &a.fingerprint_sha256).cmp(&(&b.path, &b.fingerprint_sha256)));
    items.dedup();
    Some(Certificates { items })
}

fn certificate(path: &str, der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let (key_kind, key_bits) = key(&parsed);
    let names = parsed.subject_alternative_name().ok().flatten();
    let mut names: Vec<String> = names
        .map(|names| names.value.general_names.iter().filter_map(name).collect())
        .unwrap_or_default();
    names.sort();
    names.dedup();
    let at = |seconds: i64| Timestamp::from_seconds(seconds);
    Some(Certificate {
        path: path.to_owned(),
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        serial: hex(parsed.raw_serial()),
        not_before: at(parsed.validity().not_before.timestamp()),
        not_after: at(parsed.validity().not_after.timestamp()),
        key_kind,
        key_bits,
        signature_algorithm: Some(algorithm(&parsed)),
        names,
        is_ca: parsed.is_ca(),
        self_signed: parsed.subject() == parsed.issuer(),
        fingerprint_sha256: hex(&Sha256::digest(der)),
    })
}

fn key(parsed: &X509Certificate<'_>) -> (Option<String>, Option<i64>) {
    let bits = |bits: usize| i64::try_from(bits).ok().filter(|bits| *bits > 0);
    let info = parsed.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => (Some("rsa".to_owned()), bits(rsa.key_size())),
        Ok(PublicKey::EC(ec)) => (Some("ec".to_owned()), bits(ec.key_size())),
        Ok(PublicKey::DSA(_)) => (Some("dsa".to_owned()), None),
        _ if info.algorithm.algorithm == oid_registry::OID_SIG_ED25519 => {
            (Some("ed25519".to_owned()), Some(256))
        }
        _ => (None, None),
    }
}

fn algorithm(parsed: &X509Certificate<'_>) -> String {
    let oid = &parsed.signature_algorithm.algorithm;
    let known = oid_registry::OidRegistry::default().with_crypto().with_x509();
    known
        .get(oid)
        .map_or_else(|| oid.to_id_string(), |entry| entry.sn().to_owned())
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some((*name).to_owned())
        }
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|octets| std::net::Ipv6Addr::from(octets).to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
