//! Vulnerabilities of the fleet, by every side that people look from. One room a side.

mod events;
mod export;
mod fixes;
mod hosts;
mod list;
mod page;
mod raters;
pub(super) mod wire;

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(list::routes())
        .merge(page::routes())
        .merge(hosts::routes())
        .merge(fixes::routes())
        .merge(events::routes())
        .merge(export::routes())
}
