//! Who the host is: known, unknown, changed, revoked, vouched for.

use std::{fs, process::Command, sync::Arc};

use luumen_testkit::sshd::{KeyFile, Sshd, SshdBuilder};
use luumen_transport::{
    ConnectError, ConnectOptions, HostKeyPolicy, KnownHosts, SshTarget, connect, fetch_host_key,
};

use crate::support::{key_auth, knowing, run, strict, target, trusting, visit};

/// A server that lets us in, and the way there.
fn open_server(change: impl FnOnce(SshdBuilder) -> SshdBuilder) -> Option<(Sshd, SshTarget)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = change(Sshd::builder().authorize(&key)).start().unwrap()?;
    let target = target(&server, key_auth(&key));
    Some((server, target))
}

fn line(server: &Sshd, key: &KeyFile) -> String {
    format!("[127.0.0.1]:{} {}\n", server.port(), key.public_key())
}

async fn refusal(target: &SshTarget, options: &ConnectOptions) -> ConnectError {
    connect(target, options).await.unwrap_err()
}

#[tokio::test]
async fn an_unknown_key_is_shown_and_can_be_accepted() {
    let host_key = KeyFile::generate("ed25519").unwrap();
    let Some((server, target)) = open_server(|server| server.host_key(host_key.clone())) else {
        return;
    };
    let options = knowing("");
    let error = refusal(&target, &options).await;
    let ConnectError::HostKeyUnknown { key, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(key.fingerprint(), host_key.fingerprint().unwrap());
    assert_eq!(key.to_openssh(), host_key.public_key());
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY-UNKNOWN");

    let seen = fetch_host_key(&target, &options).await.unwrap();
    assert_eq!(seen, **key);
    options
        .known_hosts
        .learn("127.0.0.1", server.port(), &seen)
        .unwrap();
    visit(&target, &options).await;
}

#[tokio::test]
async fn a_changed_key_is_an_error_with_both_fingerprints_under_every_policy() {
    let host_key = KeyFile::generate("ed25519").unwrap();
    let old = KeyFile::generate("ed25519").unwrap();
    let Some((server, target)) = open_server(|server| server.host_key(host_key.clone())) else {
        return;
    };
    let known = format!("# first\n{}", line(&server, &old));
    for policy in [HostKeyPolicy::Strict, HostKeyPolicy::Tofu] {
        let error = refusal(&target, &knowing(&known).with_policy(policy)).await;
        assert_eq!(error.code(), "LUM-SSH-HOSTKEY");
        let text = error.to_string();
        assert!(text.contains(&old.fingerprint().unwrap()), "{text}");
        assert!(text.contains(&host_key.fingerprint().unwrap()), "{text}");
        assert!(text.contains("known_hosts:2"), "{text}");
    }
}

#[tokio::test]
async fn a_host_with_several_keys_is_asked_for_the_one_we_know() {
    let keys = ["ed25519", "ecdsa-256", "rsa-2048"].map(|kind| KeyFile::generate(kind).unwrap());
    let Some((server, target)) = open_server(|server| {
        keys.iter()
            .cloned()
            .fold(server, |server, key| server.host_key(key))
    }) else {
        return;
    };
    for key in &keys {
        visit(&target, &knowing(&line(&server, key))).await;
    }
}

#[tokio::test]
async fn a_key_of_a_type_never_seen_before_counts_as_changed() {
    let Some((server, target)) = open_server(|server| server) else {
        return;
    };
    let other = KeyFile::generate("ecdsa-256").unwrap();
    let error = refusal(
        &target,
        &knowing(&line(&server, &other)).with_policy(HostKeyPolicy::Tofu),
    )
    .await;
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY", "{error}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_even_if_it_is_known() {
    let host_key = KeyFile::generate("ed25519").unwrap();
    let Some((server, target)) = open_server(|server| server.host_key(host_key.clone())) else {
        return;
    };
    let known = format!(
        "{}@revoked * {}\n",
        line(&server, &host_key),
        host_key.public_key()
    );
    for policy in [HostKeyPolicy::Strict, HostKeyPolicy::Tofu, HostKeyPolicy::Ca] {
        let error = refusal(&target, &knowing(&known).with_policy(policy)).await;
        assert_eq!(error.code(), "LUM-SSH-HOSTKEY-REVOKED", "{error}");
    }
}

#[tokio::test]
async fn names_hashed_by_openssh_are_recognised() {
    let Some((server, target)) = open_server(|server| server) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known_hosts");
    fs::write(&file, server.known_hosts().unwrap()).unwrap();
    let hashed = Command::new("ssh-keygen")
        .arg("-H")
        .arg("-f")
        .arg(&file)
        .output()
        .unwrap();
    assert!(hashed.status.success());
    assert!(fs::read_to_string(&file).unwrap().starts_with("|1|"));
    visit(
        &target,
        &ConnectOptions::new(Arc::new(KnownHosts::load(&[file]).unwrap())),
    )
    .await;
}

#[tokio::test]
async fn names_hashed_by_us_are_found_by_openssh() {
    let Some((server, target)) = open_server(|server| server) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ssh").join("known_hosts");
    let known_hosts = KnownHosts::load(std::slice::from_ref(&file))
        .unwrap()
        .hashing_names(true);
    visit(
        &target,
        &ConnectOptions::new(Arc::new(known_hosts)).with_policy(HostKeyPolicy::Tofu),
    )
    .await;
    let name = format!("[127.0.0.1]:{}", server.port());
    let found = Command::new("ssh-keygen")
        .args(["-F", &name, "-f"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(found.status.success(), "{}", fs::read_to_string(&file).unwrap());
}

#[tokio::test]
async fn trust_on_first_use_writes_one_private_line_and_then_insists() {
    let Some((server, target)) = open_server(|server| server) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known_hosts");
    fs::write(&file, "not a line that anyone can read").unwrap();
    let known_hosts = Arc::new(KnownHosts::load(std::slice::from_ref(&file)).unwrap());
    assert_eq!(known_hosts.problems().len(), 1);
    let options = ConnectOptions::new(known_hosts).with_policy(HostKeyPolicy::Tofu);
    let (first, second) = tokio::join!(connect(&target, &options), connect(&target, &options));
    first.unwrap();
    second.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(
        text,
        format!(
            "not a line that anyone can read\n{}",
            server.known_hosts().unwrap()
        )
    );
    drop(options);

    // The next run reads what this one wrote, and needs no trust any more.
    let read_again = KnownHosts::load(std::slice::from_ref(&file)).unwrap();
    visit(&target, &ConnectOptions::new(Arc::new(read_again))).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_known_hosts_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some((_server, target)) = open_server(|server| server) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known_hosts");
    let known_hosts = Arc::new(KnownHosts::load(std::slice::from_ref(&file)).unwrap());
    visit(
        &target,
        &ConnectOptions::new(known_hosts).with_policy(HostKeyPolicy::Tofu),
    )
    .await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_key_that_cannot_be_remembered_is_not_trusted() {
    let Some((_server, target)) = open_server(|server| server) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a-file"), "").unwrap();
    let file = dir.path().join("a-file").join("known_hosts");
    let Ok(known_hosts) = KnownHosts::load(std::slice::from_ref(&file)) else {
        return;
    };
    let options = ConnectOptions::new(Arc::new(known_hosts)).with_policy(HostKeyPolicy::Tofu);
    assert_eq!(refusal(&target, &options).await.code(), "LUM-SSH-HOSTKEY-SAVE");
}

/// A server with a host certificate signed as `arguments` say, and the authority's line for it.
fn vouched_server(arguments: &[&str]) -> Option<(Sshd, SshTarget, String)> {
    let authority = KeyFile::generate("ed25519").unwrap();
    let host_key = KeyFile::generate("ed25519")
        .unwrap()
        .signed_by(&authority, arguments)
        .unwrap();
    let (server, target) = open_server(|server| server.host_key(host_key))?;
    Some((
        server,
        target,
        format!("@cert-authority [127.0.0.1]:* {}\n", authority.public_key()),
    ))
}

#[tokio::test]
async fn an_authority_vouches_for_hosts() {
    let Some((_server, target, line)) = vouched_server(&["-h", "-n", "127.0.0.1,db-3"]) else {
        return;
    };
    for policy in [HostKeyPolicy::Ca, HostKeyPolicy::Strict, HostKeyPolicy::Tofu] {
        visit(&target, &knowing(&line).with_policy(policy)).await;
    }
}

#[tokio::test]
async fn rsa_and_ecdsa_authorities_are_believed_too() {
    for (authority, kind) in [("rsa-2048", "rsa-2048"), ("ecdsa-256", "ecdsa-256")] {
        let authority = KeyFile::generate(authority).unwrap();
        let host_key = KeyFile::generate(kind)
            .unwrap()
            .signed_by(&authority, &["-h", "-n", "127.0.0.1"])
            .unwrap();
        let Some((_server, target)) = open_server(|server| server.host_key(host_key)) else {
            return;
        };
        visit(
            &target,
            &knowing(&format!("@cert-authority * {}", authority.public_key())),
        )
        .await;
    }
}

#[tokio::test]
async fn a_certificate_must_hold_in_every_respect() {
    let cases: [(&[&str], &str); 4] = [
        (&["-h", "-n", "db-3"], "it is for “db-3”"),
        (
            &["-h", "-n", "127.0.0.1", "-V", "20200101:20200102"],
            "it has expired",
        ),
        (
            &["-h", "-n", "127.0.0.1", "-V", "20380101:20380102"],
            "it is not valid yet",
        ),
        (&["-h"], "it is for “”"),
    ];
    for (arguments, reason) in cases {
        let Some((_server, target, line)) = vouched_server(arguments) else {
            return;
        };
        let error = refusal(&target, &knowing(&line).with_policy(HostKeyPolicy::Ca)).await;
        assert_eq!(error.code(), "LUM-SSH-HOSTCERT", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_vouch() {
    let Some((server, target, line)) = vouched_server(&["-h", "-n", "127.0.0.1"]) else {
        return;
    };
    let other = KeyFile::generate("ed25519").unwrap();
    let stranger =
        knowing(&format!("@cert-authority * {}", other.public_key())).with_policy(HostKeyPolicy::Ca);
    let error = refusal(&target, &stranger).await;
    assert!(
        error.to_string().contains("no line trusts its authority"),
        "{error}"
    );
    // The key inside the certificate is known by itself, which is enough where plain keys are.
    let both = format!(
        "@cert-authority * {}\n{}",
        other.public_key(),
        server.known_hosts().unwrap()
    );
    visit(&target, &knowing(&both)).await;
    // A revoked authority vouches for nobody.
    let revoked = line.replace("@cert-authority", "@revoked");
    let error = refusal(&target, &knowing(&format!("{line}{revoked}"))).await;
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY-REVOKED", "{error}");
}

#[tokio::test]
async fn a_plain_key_is_not_enough_where_certificates_are_asked_for() {
    let Some((server, target)) = open_server(|server| server) else {
        return;
    };
    let error = refusal(&target, &strict(&server).with_policy(HostKeyPolicy::Ca)).await;
    assert_eq!(error.code(), "LUM-SSH-HOSTCERT", "{error}");
}

#[tokio::test]
async fn trust_in_memory_lasts_as_long_as_the_options() {
    let Some((_server, target)) = open_server(|server| server) else {
        return;
    };
    let options = trusting();
    visit(&target, &options).await;
    let mut session = connect(&target, &options.with_policy(HostKeyPolicy::Strict))
        .await
        .unwrap();
    assert_eq!(run(&mut session, "echo again").await.stdout, b"again\n");
}
