//! Saved views of lists. They are for people: an API key has none.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::LOCATION};
use luumen_api::{
    Code,
    views::{NewView, UpdateView, View, ViewList, ViewQuery},
};
use luumen_store::{
    transaction,
    views::{self, Owner, ViewChange},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::vulnerabilities::wire::{from_word, to_word};
use crate::{
    app::AppState,
    caller::Caller,
    clock,
    http::{Body, Id, QueryOf},
    openapi::PREFIX,
    problem::{ApiResult, Problem},
};

/// Views that a person may have in a workspace. A list of them is answered whole.
const MOST: u64 = 200;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_views, create_view))
        .routes(routes!(update_view, delete_view))
}

/// The caller's own views, by list and name
#[utoipa::path(
    get, path = "/views", tag = "Views", security(("session" = [])), params(ViewQuery),
    responses((status = 200, body = ViewList)), extensions(("x-permission" = json!("person"))),
)]
async fn list_views(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<ViewQuery>,
) -> ApiResult<Json<ViewList>> {
    let owner = owner(&caller)?;
    let page = query.page.map(to_word);
    let found = views::list(state.store.read(), owner, page.as_deref()).await?;
    Ok(Json(ViewList {
        items: found.into_iter().map(told).collect::<ApiResult<_>>()?,
    }))
}

/// Keep a view of a list under a name
#[utoipa::path(
    post, path = "/views", tag = "Views", security(("session" = [])), request_body = NewView,
    responses((status = 201, body = View), (status = 409, description = "The caller has a view of that name already, or too many", body = luumen_api::ProblemDetails, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("person"))),
)]
async fn create_view(
    caller: Caller,
    State(state): State<AppState>,
    Body(new): Body<NewView>,
) -> ApiResult<Response> {
    let owner = owner(&caller)?;
    let now = clock::now();
    let page = to_word(new.page);
    let new = views::NewView {
        page: &page,
        name: new.name.trim(),
        search: &new.search,
    };
    let made = transaction!(&state.store, Problem, |tx| async {
        if views::count(tx, owner).await? >= MOST {
            return Err(Problem::new(Code::Conflict)
                .detail(format!("You have {MOST} saved views, and no more are kept."))
                .next_step("Delete one that you do not need."));
        }
        Ok::<_, Problem>(views::create(tx, owner, new, now).await?)
    })?;
    let address = format!("{PREFIX}/views/{}", made.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], Json(told(made)?)).into_response())
}

/// Rename a view, or let it hold something else
#[utoipa::path(
    patch, path = "/views/{id}", tag = "Views", security(("session" = [])), params(("id" = Uuid, Path)), request_body = UpdateView,
    responses((status = 200, body = View), (status = 409, description = "The caller has a view of that name already", body = luumen_api::ProblemDetails, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("person"))),
)]
async fn update_view(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<Uuid>,
    Body(update): Body<UpdateView>,
) -> ApiResult<Json<View>> {
    let owner = owner(&caller)?;
    let now = clock::now();
    let change = ViewChange {
        name: update.name.map(|name| name.trim().to_owned()),
        search: update.search,
    };
    let changed = transaction!(&state.store, Problem, |tx| views::update(
        tx, owner, id, &change, now
    ))?;
    Ok(Json(told(changed)?))
}

/// Delete a view
#[utoipa::path(
    delete, path = "/views/{id}", tag = "Views", security(("session" = [])), params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone")), extensions(("x-permission" = json!("person"))),
)]
async fn delete_view(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<Uuid>,
) -> ApiResult<StatusCode> {
    views::delete(state.store.writer(), owner(&caller)?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn owner(caller: &Caller) -> ApiResult<Owner> {
    Ok(Owner {
        workspace: caller.workspace,
        user: caller.person()?.user,
    })
}

fn told(from: views::View) -> ApiResult<View> {
    Ok(View {
        id: from.id.to_string(),
        page: from_word("list of a saved view", &from.page)?,
        name: from.name,
        search: from.search,
        updated_at: from.updated_at,
    })
}
