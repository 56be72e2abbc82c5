//! Everything that a feed can tell, as one stream.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Channel, Claim, CpeConfiguration, Epss, Kev, Platform, Vulnerability};
use crate::Timestamp;

/// One thing that a feed's document says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// A vulnerability as such.
    Vulnerability(Vulnerability),
    /// A package on a platform.
    Claim(Claim),
    /// Upstream products by CPE.
    Configuration(CpeConfiguration),
    /// Known to be exploited.
    Kev(Kev),
    /// Likely to be exploited.
    Epss(Epss),
    /// Until when a release is looked after.
    Lifecycle(Lifecycle),
    /// Which update replaces which.
    Supersedence(Supersedence),
}

/// Until when a channel of a platform gets security updates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lifecycle {
    /// Which feed.
    pub source: String,
    /// Which release.
    pub platform: Platform,
    /// Which line of updates.
    #[serde(default, skip_serializing_if = "Channel::is_main")]
    pub channel: Channel,
    /// Last day of support, as midnight UTC.
    pub ends_at: Timestamp,
}

/// An update that contains another one: who has `update` has `replaces` too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Supersedence {
    /// Which feed.
    pub source: String,
    /// `KB5044277`.
    pub update: String,
    /// `KB5043050`.
    pub replaces: String,
    /// Product it was published for, where the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
}
