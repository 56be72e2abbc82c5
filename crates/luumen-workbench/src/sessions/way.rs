//! Where a session goes, looked up in what is kept. A vault that is locked is asked about on the way.

use tokio::sync::broadcast::{self, error::RecvError};

use super::{
    destination::{Destination, Instead},
    live::Live,
    model::Question,
    room::nowhere,
};
use crate::bridge::{Changed, Event, Problem};

impl Live {
    /// Where to go by what is kept now, with what is still known of an earlier connection. A locked vault is asked about, as often
    /// as it takes, if something is in it that is needed. It is opened once for all who wait, wherever that is done.
    pub(super) async fn find(&self) -> Result<Destination, Problem> {
        loop {
            // From before the look, so that no opening falls between it and the question.
            let mut events = self.tools.events.listen();
            let found = self.look_up().await?;
            let Some(problem) = found.locked().cloned() else {
                return Ok(found);
            };
            let asked = self.tools.questions.ask(Some(self.id), Question::VaultLocked);
            tokio::select! {
                _ = asked => return Err(problem),
                () = vault_changed(&mut events) => {}
            }
        }
    }

    async fn look_up(&self) -> Result<Destination, Problem> {
        let found = self.kept().await?;
        Ok(match self.destination() {
            Some(before) => found.knowing_from(&before),
            None => found,
        })
    }

    async fn kept(&self) -> Result<Destination, Problem> {
        let (wish, kept) = (self.wish(), &self.tools.destinations);
        let instead = Instead {
            credential: wish.credential,
            jump: wish.jump,
        };
        match (wish.host, &wish.quick) {
            (Some(host), _) => kept.host(host, instead).await,
            (None, Some(text)) => kept.typed(text, instead).await,
            (None, None) => Err(nowhere()),
        }
    }
}

/// Waits until the vault is another than it was.
async fn vault_changed(events: &mut broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            // Among those that were missed it may have been.
            Ok(Event::Changed { what: Changed::Vault }) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
