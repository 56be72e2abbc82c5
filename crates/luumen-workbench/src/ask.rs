//! What a person may be asked on the way to a host. A terminal, a window or a test answers.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::{Prompter, Questions};

/// A host that was never seen before, and the key it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHostKey {
    /// `host:port`.
    pub place: String,
    /// `ssh-ed25519`, …
    pub algorithm: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

/// Answers questions. `None` and `false` mean: go on without. Called where waiting is allowed.
pub trait Asker: std::fmt::Debug + Send + Sync + 'static {
    /// False when there is nobody, so that nothing is offered that would end in a question.
    fn is_there(&self) -> bool {
        true
    }
    /// Is that the host's own key?
    fn accept_host_key(&self, key: &UnknownHostKey) -> bool;
    /// The passphrase of a key file.
    fn passphrase(&self, key: &Path) -> Option<Secret>;
    /// The password of an account, `user@host:port`.
    fn password(&self, endpoint: &str) -> Option<Secret>;
    /// One answer for each question of a server.
    fn answers(&self, questions: &Questions) -> Option<Vec<Secret>>;
}

/// Nobody is there to ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Asker for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn accept_host_key(&self, _: &UnknownHostKey) -> bool {
        false
    }

    fn passphrase(&self, _: &Path) -> Option<Secret> {
        None
    }

    fn password(&self, _: &str) -> Option<Secret> {
        None
    }

    fn answers(&self, _: &Questions) -> Option<Vec<Secret>> {
        None
    }
}

/// Asks on a thread of its own: a person takes minutes, and connections must stay alive meanwhile.
pub(crate) async fn ask<T: Send + 'static>(
    asker: &Arc<dyn Asker>,
    question: impl FnOnce(&dyn Asker) -> T + Send + 'static,
) -> Option<T> {
    let asker = Arc::clone(asker);
    tokio::task::spawn_blocking(move || question(asker.as_ref()))
        .await
        .ok()
}

/// Hands a server's questions to the asker.
pub(crate) struct Interactive(pub(crate) Arc<dyn Asker>);

#[async_trait]
impl Prompter for Interactive {
    async fn answer(&self, questions: Questions) -> Option<Vec<Secret>> {
        if questions.prompts.is_empty() {
            return Some(Vec::new());
        }
        ask(&self.0, move |asker| asker.answers(&questions))
            .await
            .flatten()
    }
}
