//! Typed ids. Each is a UUID (v7, made by the server, sortable by time) behind a name of its own,
//! so that a host id can never be handed to something that wants a run id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A text that is not an id.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a valid id")]
pub struct ParseIdError {
    /// What was given.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid, format = Uuid)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError { text: text.to_owned() })
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A workspace: the wall between tenants.
    WorkspaceId,
    /// A managed host.
    HostId,
    /// An agent, on its Patch server.
    AgentId,
    /// One round of visits by one agent.
    RunId,
    /// What one visit saw of one host.
    SnapshotId,
    /// A person who signs in.
    UserId,
    /// A key with which an agent or script calls the API.
    ApiKeyId,
}
