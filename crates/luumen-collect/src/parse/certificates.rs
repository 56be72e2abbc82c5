//! Certificates on the usual paths. Only certificates travel; a private key beside one stays on the host.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use luumen_model::{Certificate, CertificateBundle, Certificates, Timestamp};
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
    let closed = view.output("certificates.closed");
    let mut out = parse(text, closed, notes);
    out.items.extend(
        closed
            .map(|text| parse(text, None, notes).items)
            .unwrap_or_default(),
    );
    out.items
        .sort_by(|a, b| (&a.path, &a.fingerprint_sha256).cmp(&(&b.path, &b.fingerprint_sha256)));
    out.items.dedup();
    if out.items.len() > MAX_CERTIFICATES {
        let message = format!(
            "{} certificates are on these paths; the first {MAX_CERTIFICATES} are kept",
            out.items.len()
        );
        notes.problem("certificates.pem", &message);
        out.items.truncate(MAX_CERTIFICATES);
    }
    Some(out)
}

/// `closed`: what another command said of the folder that is closed to this account.
fn parse(text: &str, closed: Option<&str>, notes: &mut Notes) -> Certificates {
    let mut out = Certificates::default();
    let (mut path, mut body) = ("", None::<String>);
    for line in text.lines() {
        if let Some(denied) = line.strip_prefix("denied ") {
            notes.odd("certificates.pem", "the account may not read this file", denied);
        } else if let Some(folder) = line.strip_prefix("closed ") {
            // What is in it was read by another command, or is not known.
            if closed.is_none() || !folder.starts_with("/etc/letsencrypt") {
                notes.odd(
                    "certificates.pem",
                    "the account may not look into this folder",
                    folder,
                );
            }
        } else if let Some(count) = line.strip_prefix("holds ") {
            out.bundles.extend(bundle(path, count));
        } else if let Some(file) = line.strip_prefix("file ") {
            (path, body) = (file, None);
        } else if line.starts_with("-----BEGIN") {
            body = Some(String::new());
        } else if line.starts_with("-----END") {
            let Some(body) = body.take() else { continue };
            match STANDARD
                .decode(&body)
                .ok()
                .and_then(|der| certificate(path, &der))
            {
                Some(certificate) => out.items.push(certificate),
                None => notes.odd("certificates.pem", "not a certificate", path),
            }
        } else if let Some(body) = &mut body {
            body.push_str(line.trim());
        }
    }
    out
}

fn bundle(path: &str, count: &str) -> Option<CertificateBundle> {
    Some(CertificateBundle {
        path: path.to_owned(),
        certificates: count.trim().parse().ok()?,
    })
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

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::view::Notes;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBazCCAR2gAwIBAgIUc8Id32XxS9SuM0IMea9u5JrSaHQwBQYDK2VwMBoxGDAW\n\
        BgNVBAMMD3dlYi5leGFtcGxlLm5ldDAeFw0yNjExMjkxMDQ1MjNaFw0zNjExMjYx\n\
        MDQ1MjNaMBoxGDAWBgNVBAMMD3dlYi5leGFtcGxlLm5ldDAqMAUGAytlcAMhAILr\n\
        vxV5ap+iIXPXRyomLZkYmHF/KDjaprRX/vT01/rRo3UwczAdBgNVHQ4EFgQUm7Xf\n\
        O13kBIGIPJDEFJyAMKtHqBowHwYDVR0jBBgwFoAUm7XfO13kBIGIPJDEFJyAMKtH\n\
        qBowDwYDVR0TAQH/BAUwAwEB/zAgBgNVHREEGTAXgg93ZWIuZXhhbXBsZS5uZXSH\n\
        BMAAAgEwBQYDK2VwA0EAgCczKS+nUWP5h05wyB+pysfsi/zZYhshse1EdSYBD4vP\n\
        ar12rhCVKzVVtV4sJS4MTZ3mCAW5UqCBtmiOYU28Aw==\n\
        -----END CERTIFICATE-----\n";

    #[test]
    fn reads_what_a_certificate_says() {
        let mut notes = Notes::default();
        let seen = parse(&format!("file /etc/nginx/ssl/web.crt\n{PEM}"), None, &mut notes);
        let one = &seen.items[0];
        assert_eq!(
            (one.path.as_str(), one.subject.as_str()),
            ("/etc/nginx/ssl/web.crt", "CN=web.example.net")
        );
        assert_eq!(
            (one.key_kind.as_deref(), one.key_bits),
            (Some("ed25519"), Some(256))
        );
        assert_eq!(one.names, ["192.0.2.1", "web.example.net"]);
        assert!(one.self_signed && one.not_before < one.not_after && one.fingerprint_sha256.len() == 64);
        assert!(notes.problems.is_empty());
    }

    #[test]
    fn what_is_closed_odd_or_cut_is_said() {
        let mut notes = Notes::default();
        let text = "closed /etc/letsencrypt/live\nclosed /etc/haproxy/certs\ndenied /etc/postfix/a.pem\nfile /a.pem\n-----BEGIN \
             CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nholds 140\n";
        let seen = parse(text, None, &mut notes);
        assert!(seen.items.is_empty());
        assert_eq!(
            (seen.bundles[0].path.as_str(), seen.bundles[0].certificates),
            ("/a.pem", 140)
        );
        assert_eq!(notes.problems.len(), 4, "{:?}", notes.problems);
        let mut notes = Notes::default();
        parse(text, Some(""), &mut notes);
        assert_eq!(notes.problems.len(), 3, "another command read the closed folder");
    }
}
