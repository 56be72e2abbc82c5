//! Cursor paging: a list answers `next` while there is more; the cursor is opaque and signed by nobody,
//! because it can only name a place in what the caller may read anyway.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// Which page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 1000; 100 unless told.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}
