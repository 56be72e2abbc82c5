//! Proofs of who we are, against the real `sshd`.

use luumen_testkit::sshd::{KeyFile, SshAgent, Sshd, username};
use luumen_transport::{AuthMethod, ConnectError, connect};

use crate::support::{key_auth, locked_key_auth, strict, target, visit};

async fn key_type_signs_in(kind: &str) {
    let key = KeyFile::generate(kind).unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    visit(&target(&server, key_auth(&key)), &strict(&server)).await;
}

#[tokio::test]
async fn ed25519_keys_sign_in() {
    key_type_signs_in("ed25519").await;
}

#[tokio::test]
async fn ecdsa_keys_sign_in() {
    for kind in ["ecdsa-256", "ecdsa-384", "ecdsa-521"] {
        key_type_signs_in(kind).await;
    }
}

#[tokio::test]
async fn rsa_keys_sign_in_without_sha1() {
    let key = KeyFile::generate("rsa-2048").unwrap();
    let line = "PubkeyAcceptedAlgorithms rsa-sha2-512";
    let Some(server) = Sshd::builder().config(line).authorize(&key).start().unwrap() else {
        return;
    };
    visit(&target(&server, key_auth(&key)), &strict(&server)).await;
}

#[tokio::test]
async fn every_form_of_key_file_is_read() {
    let forms: [(&str, &[&str]); 5] = [
        ("rsa-2048", &["-m", "PEM"]),
        ("rsa-2048", &["-m", "PKCS8"]),
        ("ecdsa-256", &["-m", "PEM"]),
        ("ecdsa-384", &["-m", "PKCS8"]),
        ("ed25519", &[]),
    ];
    for (kind, arguments) in forms {
        let key = KeyFile::generate_with(kind, "", arguments).unwrap();
        let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
            return;
        };
        visit(&target(&server, key_auth(&key)), &strict(&server)).await;
    }
}

#[tokio::test]
async fn keys_of_putty_sign_in() {
    // Made with `puttygen`; the passphrase of the locked ones is “open sesame”.
    for name in ["ed25519-v3-locked", "rsa-v2", "ecdsa-v2-locked"] {
        let file = |ending: &str| {
            let path = format!("{}/tests/testdata/{name}.{ending}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        };
        let key = KeyFile {
            private: file("ppk"),
            public: file("pub").trim().to_owned(),
            certificate: None,
        };
        let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
            return;
        };
        visit(
            &target(&server, locked_key_auth(&key, Some("open sesame"))),
            &strict(&server),
        )
        .await;
        if name.ends_with("locked") {
            let error = connect(&target(&server, locked_key_auth(&key, None)), &strict(&server))
                .await
                .unwrap_err();
            assert_eq!(error.code(), "LUM-SSH-KEY-PASSPHRASE", "{error}");
        }
    }
}

#[tokio::test]
async fn locked_keys_open_with_their_passphrase() {
    for (kind, arguments) in [("ed25519", &[][..]), ("rsa-2048", &["-m", "PKCS8"][..])] {
        let key = KeyFile::generate_with(kind, "open sesame", arguments).unwrap();
        let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
            return;
        };
        visit(
            &target(&server, locked_key_auth(&key, Some("open sesame"))),
            &strict(&server),
        )
        .await;

        let error = connect(&target(&server, locked_key_auth(&key, None)), &strict(&server))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "LUM-SSH-KEY-PASSPHRASE", "{error}");
        let wrong = target(&server, locked_key_auth(&key, Some("open barley")));
        let error = connect(&wrong, &strict(&server)).await.unwrap_err();
        assert_eq!(error.code(), "LUM-SSH-KEY-UNREADABLE", "{error}");
        assert!(error.to_string().contains("test-key"), "{error}");
    }
}

#[tokio::test]
async fn an_agent_signs_with_whichever_of_its_keys_fits() {
    let (other, rsa) = (
        KeyFile::generate("ed25519").unwrap(),
        KeyFile::generate("rsa-2048").unwrap(),
    );
    let Some(agent) = SshAgent::start().unwrap() else {
        return;
    };
    let Some(server) = Sshd::builder().authorize(&rsa).start().unwrap() else {
        return;
    };
    let auth = || AuthMethod::Agent {
        socket: Some(agent.socket().to_owned()),
    };

    let error = connect(&target(&server, auth()), &strict(&server))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AGENT", "{error}");
    agent.add(&other).unwrap();
    let error = connect(&target(&server, auth()), &strict(&server))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH", "{error}");
    agent.add(&rsa).unwrap();
    visit(&target(&server, auth()), &strict(&server)).await;
}

#[tokio::test]
async fn one_agent_holds_every_key_that_a_server_wants() {
    let [stranger, first, second] = [(); 3].map(|()| KeyFile::generate("ed25519").unwrap());
    let Some(agent) = SshAgent::start().unwrap() else {
        return;
    };
    let server = Sshd::builder()
        .authorize(&second)
        .authorize(&first)
        // Each failure counts; none is to be made twice.
        .config("AuthenticationMethods publickey,publickey")
        .config("MaxAuthTries 2");
    let Some(server) = server.start().unwrap() else {
        return;
    };
    agent.add(&stranger).unwrap();
    agent.add(&first).unwrap();
    let from_agent = || AuthMethod::Agent {
        socket: Some(agent.socket().to_owned()),
    };
    let error = connect(&target(&server, from_agent()), &strict(&server))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH", "one key is not enough: {error}");
    agent.add(&second).unwrap();
    visit(&target(&server, from_agent()), &strict(&server)).await;
    // One of them may lie in a file.
    let way = target(&server, key_auth(&second)).with_auth(from_agent());
    visit(&way, &strict(&server)).await;
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_named() {
    let Some(server) = Sshd::builder().start().unwrap() else {
        return;
    };
    let auth = AuthMethod::Agent {
        socket: Some("/nonexistent/agent".into()),
    };
    let error = connect(&target(&server, auth), &strict(&server))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AGENT");
    assert!(error.to_string().contains("/nonexistent/agent"), "{error}");
}

#[tokio::test]
async fn an_authority_vouches_for_users() {
    let authority = KeyFile::generate("ed25519").unwrap();
    let file = tempfile::tempdir().unwrap();
    let trusted = authority
        .copy_to(file.path(), "authority")
        .unwrap()
        .with_extension("pub");
    let line = format!("TrustedUserCAKeys {}", trusted.display());
    let Some(server) = Sshd::builder().config(line).start().unwrap() else {
        return;
    };
    let user = username().unwrap();
    for kind in ["ed25519", "ecdsa-256", "rsa-2048"] {
        let key = KeyFile::generate(kind).unwrap();
        let signed = key.clone().signed_by(&authority, &["-n", &user]).unwrap();
        visit(&target(&server, key_auth(&signed)), &strict(&server)).await;

        let other = key.signed_by(&authority, &["-n", "somebody-else"]).unwrap();
        let error = connect(&target(&server, key_auth(&other)), &strict(&server))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "LUM-SSH-AUTH", "{error}");
        assert!(error.to_string().contains("luumen-test"), "{error}");
    }
    let Some(agent) = SshAgent::start().unwrap() else {
        return;
    };
    let key = KeyFile::generate("rsa-2048")
        .unwrap()
        .signed_by(&authority, &["-n", &user])
        .unwrap();
    agent.add(&key).unwrap();
    visit(
        &target(
            &server,
            AuthMethod::Agent {
                socket: Some(agent.socket().to_owned()),
            },
        ),
        &strict(&server),
    )
    .await;
}

#[tokio::test]
async fn a_refused_key_is_named_with_its_fingerprint() {
    let (right, wrong) = (
        KeyFile::generate("ed25519").unwrap(),
        KeyFile::generate("ed25519").unwrap(),
    );
    let Some(server) = Sshd::builder().authorize(&right).start().unwrap() else {
        return;
    };
    let error = connect(&target(&server, key_auth(&wrong)), &strict(&server))
        .await
        .unwrap_err();
    let ConnectError::AuthRefused { tried, offered, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        tried,
        &[format!(
            "key test-key (ssh-ed25519 {})",
            wrong.fingerprint().unwrap()
        )]
    );
    assert_eq!(offered, &["publickey"]);
    assert!(error.next_step().contains(&username().unwrap()));
}

#[tokio::test]
async fn the_next_proof_is_tried_when_one_cannot_be_read() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let broken = KeyFile {
        private: "not a key".to_owned(),
        ..key.clone()
    };
    visit(
        &target(&server, key_auth(&broken)).with_auth(key_auth(&key)),
        &strict(&server),
    )
    .await;
    let error = connect(&target(&server, key_auth(&broken)), &strict(&server))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-KEY-UNREADABLE");
}

#[tokio::test]
async fn no_proof_at_all_is_refused_with_what_the_server_offers() {
    let Some(server) = Sshd::builder().start().unwrap() else {
        return;
    };
    let mut target = target(&server, AuthMethod::Agent { socket: None });
    target.auth.clear();
    let error = connect(&target, &strict(&server)).await.unwrap_err();
    let expected = "refused to sign us in (tried: nothing; the server offers: publickey)";
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[tokio::test]
async fn a_server_that_hangs_up_after_too_many_tries_is_quoted() {
    let wrong = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().config("MaxAuthTries 1").start().unwrap() else {
        return;
    };
    let target = target(&server, key_auth(&wrong)).with_auth(key_auth(&wrong));
    let error = connect(&target, &strict(&server)).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH");
    assert!(
        error.to_string().contains("Too many authentication failures"),
        "{error}"
    );
}
