//! The calls about where secrets live.

use std::sync::Arc;

use luumen_crypto::Secret;
use serde::Deserialize;
use ts_rs::TS;

use super::{Secrets, SecretsError, VaultStatus};
use crate::{
    bridge::{NoArgs, Problem, Registry},
    core::Core,
};

/// A passphrase, on its way in.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultPassphrase {
    #[ts(type = "TypedSecret")]
    passphrase: Secret,
}

/// The present passphrase and the next one.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultChange {
    #[ts(type = "TypedSecret")]
    old: Secret,
    #[ts(type = "TypedSecret")]
    new: Secret,
}

struct Room(Arc<Core>);

impl Room {
    async fn status(self: Arc<Self>, _: NoArgs) -> Result<VaultStatus, Problem> {
        self.0.secrets(|secrets| Ok(secrets.status())).await
    }

    async fn create(self: Arc<Self>, args: VaultPassphrase) -> Result<VaultStatus, Problem> {
        self.act(move |secrets| secrets.create(&args.passphrase)).await
    }

    async fn unlock(self: Arc<Self>, args: VaultPassphrase) -> Result<VaultStatus, Problem> {
        self.act(move |secrets| secrets.unlock(&args.passphrase)).await
    }

    async fn lock(self: Arc<Self>, _: NoArgs) -> Result<VaultStatus, Problem> {
        self.act(|secrets| {
            secrets.lock();
            Ok(())
        })
        .await
    }

    async fn change(self: Arc<Self>, args: VaultChange) -> Result<VaultStatus, Problem> {
        self.act(move |secrets| secrets.change(&args.old, &args.new))
            .await
    }

    async fn act(
        &self,
        act: impl FnOnce(&Secrets) -> Result<(), SecretsError> + Send + 'static,
    ) -> Result<VaultStatus, Problem> {
        let acted = move |secrets: &Secrets| act(secrets).map(|()| secrets.status());
        self.0.secrets(acted).await
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    let room = Arc::new(Room(Arc::clone(core)));
    registry.call("vault_status", &room, Room::status);
    registry.call("vault_create", &room, Room::create);
    registry.call("vault_unlock", &room, Room::unlock);
    registry.call("vault_lock", &room, Room::lock);
    registry.call("vault_change", &room, Room::change);
}
