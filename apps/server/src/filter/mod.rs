//! The filter text of host lists: what people type, as terms that the store understands.

use luumen_store::hosts::HostFilter;

use crate::{app::AppState, caller::Caller, problem::ApiResult};

/// A filter, and what its answer will not be able to say.
#[derive(Debug, Default)]
pub struct Filter {
    pub filter: HostFilter,
    pub warnings: Vec<String>,
}

/// The filter of a query text, for the caller's workspace.
pub async fn of(_state: &AppState, _caller: &Caller, _text: Option<&str>) -> ApiResult<Filter> {
    Ok(Filter::default())
}
