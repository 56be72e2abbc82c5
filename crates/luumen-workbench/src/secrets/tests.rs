//! A keychain that does not answer, and answers later.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::{
    Secrets,
    keychain::{Keychain, Keychains, Unanswered},
    *,
};
use crate::{
    Options,
    bridge::{Event, Events, Registry},
    core::Core,
    guard::Guard,
    identities,
    store::{Store, records::Undos},
};

#[derive(Clone, Debug, Default)]
struct Fake(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    kept: BTreeMap<String, String>,
    /// Why it does not answer at the moment.
    closed: Option<Unanswered>,
}

impl Fake {
    fn with<T>(&self, work: impl FnOnce(&mut Ring) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answers(&self, why_not: Option<Unanswered>) {
        self.with(|ring| ring.closed = why_not);
    }

    fn holds(&self) -> Vec<String> {
        self.with(|ring| ring.kept.keys().cloned().collect())
    }
}

impl Keychains for Fake {
    fn open(&self) -> Result<Box<dyn Keychain>, Unanswered> {
        match self.with(|ring| ring.closed.clone()) {
            Some(why) => Err(why),
            None => Ok(Box::new(self.clone())),
        }
    }
}

impl Keychain for Fake {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        Ok(self.with(|ring| ring.kept.get(name).cloned()).map(Secret::new))
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError> {
        let text = secret.expose_secret().to_owned();
        self.with(|ring| ring.kept.insert(name.to_owned(), text));
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretsError> {
        self.with(|ring| ring.kept.remove(name));
        Ok(())
    }
}

fn locked() -> Option<Unanswered> {
    Some(Unanswered::Locked("dismissed".to_owned()))
}

fn absent() -> Option<Unanswered> {
    Some(Unanswered::None("no bus".to_owned()))
}

/// A person starts the program with this keychain.
async fn start(folder: &Path, keychain: &Fake) -> (Registry, Arc<identities::Identities>, Arc<Core>) {
    let options = Options::new("0.1.0-test", "ann", folder);
    let core = Arc::new(Core {
        data_dir: folder.to_owned(),
        store: Store::open(folder).await.unwrap(),
        secrets: Arc::new(Secrets::with(
            folder.join("vault.json"),
            Box::new(keychain.clone()),
        )),
        guard: Guard::new(&folder.join("data"), &options),
        options,
        events: Events::default(),
        undos: Undos::default(),
    });
    let mut registry = Registry::default();
    super::register(&mut registry, &core);
    let identities = identities::register(&mut registry, &core);
    (registry, identities, core)
}

async fn save(registry: &Registry, secret: Option<&str>) -> Value {
    let credential =
        json!({"name": "root", "user": "root", "kind": "password", "key": null, "certificate": null});
    let mut args = json!({"credential": credential});
    if let Some(secret) = secret {
        args["secret"] = json!(secret);
    }
    registry.answer("credential_save", args).await.unwrap()
}

async fn delete(registry: &Registry, saved: &Value) -> Result<Value, Problem> {
    registry
        .answer("credential_delete", json!({"id": saved["id"]}))
        .await
}

#[tokio::test]
async fn a_password_is_not_called_deleted_while_the_keychain_that_holds_it_does_not_answer() {
    for (why, code) in [(locked(), "LUM-KEYCHAIN"), (absent(), "LUM-KEYCHAIN-NONE")] {
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Fake::default());
        let (registry, _, _) = start(folder.path(), &keychain).await;
        let saved = save(&registry, Some("hunter2")).await;
        assert_eq!(keychain.holds().len(), 1);
        keychain.answers(why);
        let (registry, _, core) = start(folder.path(), &keychain).await;
        let mut events = core.events.listen();
        let problem = delete(&registry, &saved).await.unwrap_err();
        assert_eq!(problem.code, code);
        let listed = registry.answer("credentials_list", json!({})).await.unwrap();
        assert_eq!(listed[0]["has_secret"], true);
        keychain.answers(None);
        delete(&registry, &saved).await.unwrap();
        assert_eq!(keychain.holds(), Vec::<String>::new());
        let first = events.recv().await.unwrap();
        assert!(
            matches!(
                first,
                Event::Changed {
                    what: crate::bridge::Changed::Vault
                }
            ),
            "{first:?}"
        );
    }
}

#[tokio::test]
async fn a_kept_password_is_used_as_soon_as_the_keychain_is_unlocked() {
    let (folder, keychain) = (tempfile::tempdir().unwrap(), Fake::default());
    let (registry, ..) = start(folder.path(), &keychain).await;
    let saved = save(&registry, Some("hunter2")).await;
    let id = saved["id"].as_str().unwrap().parse().unwrap();
    keychain.answers(locked());
    let (_, identities, core) = start(folder.path(), &keychain).await;
    let problem = identities.material(id).await.unwrap_err();
    assert_eq!(problem.code, "LUM-KEYCHAIN");
    let status = core.secrets.status();
    assert_eq!(
        (status.place, status.state),
        (VaultPlace::Keychain, VaultState::Locked)
    );
    assert!(status.detail.contains("locked"), "{status:?}");
    keychain.answers(None);
    let (_, material) = identities.material(id).await.unwrap();
    assert!(
        matches!(&material, identities::Material::Password(Some(password)) if password.expose_secret() == "hunter2"),
        "{material:?}"
    );
    assert_eq!(core.secrets.status().place, VaultPlace::Keychain);
}

#[tokio::test]
async fn no_vault_is_made_beside_a_keychain_that_is_only_locked() {
    let (folder, keychain) = (tempfile::tempdir().unwrap(), Fake::default());
    let (registry, ..) = start(folder.path(), &keychain).await;
    let key = registry
        .answer("key_generate", json!({"name": "laptop"}))
        .await
        .unwrap();
    let kept = keychain.holds();
    assert_eq!(kept.len(), 1);
    keychain.answers(locked());
    let (registry, identities, core) = start(folder.path(), &keychain).await;
    let create = || registry.answer("vault_create", json!({"passphrase": "a boat"}));
    let problem = create().await.unwrap_err();
    assert_eq!(problem.code, "LUM-VAULT-KEYCHAIN-LOCKED");
    assert!(
        problem.detail.contains("dismissed") && problem.next.is_some(),
        "{problem:?}"
    );
    assert!(!folder.path().join("vault.json").exists());
    // As soon as it is unlocked everything is there again, and no vault is needed.
    keychain.answers(None);
    assert_eq!(create().await.unwrap_err().code, "LUM-VAULT-KEYCHAIN");
    assert_eq!(core.secrets.status().place, VaultPlace::Keychain);
    let credential =
        json!({"name": "laptop", "user": null, "kind": "key", "key": key["id"], "certificate": null});
    let saved = registry
        .answer("credential_save", json!({"credential": credential}))
        .await
        .unwrap();
    let id = saved["id"].as_str().unwrap().parse().unwrap();
    identities.material(id).await.unwrap();
    assert_eq!(keychain.holds(), kept);
}

#[tokio::test]
async fn where_there_is_no_keychain_a_vault_is_made_and_that_is_told_once() {
    let (folder, keychain) = (tempfile::tempdir().unwrap(), Fake::default());
    keychain.answers(absent());
    let (registry, _, core) = start(folder.path(), &keychain).await;
    let mut events = core.events.listen();
    let passphrase = json!({"passphrase": "a boat"});
    registry.answer("vault_create", passphrase.clone()).await.unwrap();
    registry.answer("vault_lock", json!({})).await.unwrap();
    registry.answer("vault_unlock", passphrase).await.unwrap();
    let mut told = 0;
    while let Ok(event) = events.try_recv() {
        assert!(matches!(
            event,
            Event::Changed {
                what: crate::bridge::Changed::Vault
            }
        ));
        told += 1;
    }
    assert_eq!(told, 3, "made, locked, unlocked");
}

#[tokio::test]
async fn without_a_keychain_what_was_never_kept_is_asked_for_and_deleted() {
    for why in [locked(), absent()] {
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Fake::default());
        keychain.answers(why);
        let (registry, identities, _) = start(folder.path(), &keychain).await;
        let saved = save(&registry, None).await;
        let id = saved["id"].as_str().unwrap().parse().unwrap();
        let (_, material) = identities.material(id).await.unwrap();
        assert!(
            matches!(material, identities::Material::Password(None)),
            "{material:?}"
        );
        delete(&registry, &saved).await.unwrap();
    }
}
