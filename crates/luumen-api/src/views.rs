//! Saved views: a person's own names for a list's filter, order and columns.

use luumen_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A list that can have saved views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewPage {
    Hosts,
    Vulnerabilities,
}

/// Query of `GET /views`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ViewQuery {
    /// Views of one list.
    #[param(inline)]
    pub page: Option<ViewPage>,
}

/// A saved view. Nobody but the person who saved it sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct View {
    #[schema(format = Uuid)]
    pub id: String,
    pub page: ViewPage,
    pub name: String,
    /// The parameters of the list's address, without `?`.
    pub search: String,
    pub updated_at: Timestamp,
}

/// `GET /views`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ViewList {
    pub items: Vec<View>,
}

/// `POST /views`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    pub page: ViewPage,
    /// Unique among a person's views of the list.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The parameters of the list's address, without `?`.
    #[schema(max_length = 4000)]
    pub search: String,
}

/// `PATCH /views/{id}`: only what is given changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateView {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[schema(max_length = 4000)]
    pub search: Option<String>,
}
