//! Signing in and out, and what a person may change about the own session.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, State},
    response::{AppendHeaders, IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, StatusCode, header::SET_COOKIE, request::Parts};
use luumen_api::{
    Code, ProblemDetails,
    access::{
        ChangePassword, Permission, SessionInfo, SignIn, SignInWithLink, SwitchWorkspace, WorkspaceRef,
    },
};
use luumen_crypto::Secret;
use luumen_model::{Timestamp, UserId, WorkspaceId};
use luumen_store::{
    StoreError, TokenHash,
    sessions::{self, LinkPurpose, Session},
    transaction, users,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    caller::{self, Caller, LONGEST_MS, Person},
    clock,
    http::Body,
    problem::{ApiResult, Problem},
    secrets,
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_session, sign_in, sign_out))
        .routes(routes!(sign_in_with_link))
        .routes(routes!(switch_workspace))
        .routes(routes!(change_password))
}

/// Who is signed in, and where
#[utoipa::path(
    get, path = "/session", tag = "Access", security(("session" = [])), responses((status = 200, body = SessionInfo)),
    extensions(("x-permission" = json!("person"))),
)]
async fn get_session(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<SessionInfo>> {
    let person = caller.person()?;
    Ok(Json(
        info(&state, person, caller.workspace, caller.permissions).await?,
    ))
}

/// Sign in
#[utoipa::path(
    post, path = "/session", tag = "Access", security(), request_body = SignIn,
    responses(
        (status = 200, body = SessionInfo),
        (status = 401, description = "Address and password do not match", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures; `Retry-After` says how long to wait", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
async fn sign_in(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    Body(sign_in): Body<SignIn>,
) -> ApiResult<Response> {
    let now = clock::now();
    let tries = Tries::of(&sign_in.email, ip.0);
    tries.count(&state, now).await?;
    let user = users::find_by_email(state.store.read(), &sign_in.email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = secrets::password_matches(Secret::new(sign_in.password), hash).await?;
    let Some(user) = user.filter(|_| matches) else {
        tries.failed(&state, now).await?;
        return Err(Problem::new(Code::SignInFailed));
    };
    tries.succeeded(&state).await?;
    let (cookie, info) = begin_session(&state, &headers, user.id, None, false).await?;
    Ok((cookie, Json(info)).into_response())
}

/// Sign in with a one-time link
#[utoipa::path(
    post, path = "/session/link", tag = "Access", security(), request_body = SignInWithLink,
    responses(
        (status = 200, body = SessionInfo),
        (status = 401, description = "The link is not good", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
async fn sign_in_with_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    Body(link): Body<SignInWithLink>,
) -> ApiResult<Response> {
    let token = TokenHash::of(&link.token);
    let used = sessions::use_link(state.store.writer(), token, LinkPurpose::SignIn, clock::now()).await;
    let user = match used {
        Ok(Some(user)) => user,
        Ok(None) | Err(StoreError::NotFound(_)) => return Err(Problem::new(Code::LinkInvalid)),
        Err(error) => return Err(error.into()),
    };
    let (cookie, info) = begin_session(&state, &headers, user, None, true).await?;
    Ok((cookie, Json(info)).into_response())
}

/// Sign out
#[utoipa::path(
    delete, path = "/session", tag = "Access", security(("session" = [])), responses((status = 204, description = "Signed out")),
    extensions(("x-permission" = json!("person"))),
)]
async fn sign_out(caller: Caller, State(state): State<AppState>) -> ApiResult<Response> {
    sessions::delete(state.store.writer(), caller.person()?.session).await?;
    Ok((StatusCode::NO_CONTENT, cookie(&state, "", 0)).into_response())
}

/// Work in another workspace
#[utoipa::path(
    put, path = "/session/workspace", tag = "Access", security(("session" = [])), request_body = SwitchWorkspace,
    responses(
        (status = 200, body = SessionInfo),
        (status = 404, description = "No such workspace among yours", body = ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("person"))),
)]
async fn switch_workspace(
    caller: Caller,
    State(state): State<AppState>,
    Body(switch): Body<SwitchWorkspace>,
) -> ApiResult<Json<SessionInfo>> {
    let person = caller.person()?;
    let role = users::role_in(state.store.read(), switch.workspace_id, person.user).await?;
    if role.is_none() {
        return Err(Problem::new(Code::NotFound).detail("You are not a member of such a workspace."));
    }
    sessions::switch_workspace(state.store.writer(), person.session, switch.workspace_id).await?;
    Ok(Json(
        info(&state, person, switch.workspace_id, caller.permissions).await?,
    ))
}

/// Set a new password
#[utoipa::path(
    post, path = "/session/password", tag = "Access", security(("session" = [])), request_body = ChangePassword,
    responses(
        (status = 204, description = "It holds from now on; every other session of yours has ended"),
        (status = 429, description = "Too many failures; `Retry-After` says how long to wait", body = ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("person"))),
)]
async fn change_password(
    caller: Caller,
    State(state): State<AppState>,
    ip: ClientIp,
    Body(change): Body<ChangePassword>,
) -> ApiResult<StatusCode> {
    let person = caller.person()?;
    let user = users::get(state.store.read(), person.user).await?;
    if let (Some(hash), false) = (user.password_hash, person.via_link) {
        let tries = Tries::of(&user.email, ip.0);
        tries.count(&state, clock::now()).await?;
        let current = Secret::new(change.current_password.unwrap_or_default());
        if !secrets::password_matches(current, Some(hash)).await? {
            tries.failed(&state, clock::now()).await?;
            return Err(Problem::invalid_field("current_password", "is not your password"));
        }
        tries.succeeded(&state).await?;
    }
    let hash = secrets::hash_password(Secret::new(change.new_password)).await?;
    let (user, session) = (person.user, person.session);
    transaction!(&state.store, Problem, |tx| async {
        users::set_password(tx, user, &hash).await?;
        sessions::forget_link(tx, session).await?;
        sessions::delete_others(tx, user, Some(session)).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Header that sets the session cookie.
type Cookie = AppendHeaders<[(HeaderName, String); 1]>;

/// Begins a session with a token of its own, and ends the one that the browser had.
pub(super) async fn begin_session(
    state: &AppState,
    headers: &HeaderMap,
    user: UserId,
    workspace: Option<WorkspaceId>,
    via_link: bool,
) -> ApiResult<(Cookie, SessionInfo)> {
    let now = clock::now();
    if let Some(old) = caller::session_in(headers, state.public_url.cookie_name()) {
        sessions::delete(state.store.writer(), TokenHash::of(old.expose_secret())).await?;
    }
    let workspace = match workspace {
        Some(workspace) => workspace,
        None => first_workspace(state, user).await?,
    };
    let token = secrets::new_token()?;
    let hash = TokenHash::of(token.expose_secret());
    let expires_at = now.plus_millis(LONGEST_MS);
    let session = Session {
        user,
        workspace,
        created_at: now,
        expires_at,
        last_seen_at: now,
        via_link,
    };
    sessions::create(state.store.writer(), hash, &session).await?;
    let person = Person {
        user,
        session: hash,
        expires_at,
        via_link,
    };
    let info = info(state, &person, workspace, caller::OF_PEOPLE).await?;
    Ok((cookie(state, token.expose_secret(), LONGEST_MS / 1000), info))
}

async fn first_workspace(state: &AppState, user: UserId) -> ApiResult<WorkspaceId> {
    let memberships = users::memberships(state.store.read(), user).await?;
    let first = memberships
        .into_iter()
        .next()
        .map(|membership| membership.workspace.id);
    first.ok_or_else(|| {
        Problem::new(Code::SignInFailed)
            .detail("You are a member of no workspace any more.")
            .next_step("Ask an admin to make you a member of one.")
    })
}

async fn info(
    state: &AppState,
    person: &Person,
    workspace: WorkspaceId,
    permissions: &[Permission],
) -> ApiResult<SessionInfo> {
    let user = users::get(state.store.read(), person.user).await?;
    let memberships = users::memberships(state.store.read(), person.user).await?;
    let workspaces: Vec<WorkspaceRef> = memberships
        .into_iter()
        .map(|membership| WorkspaceRef {
            id: membership.workspace.id,
            name: membership.workspace.name,
        })
        .collect();
    let here = workspaces.iter().find(|one| one.id == workspace);
    Ok(SessionInfo {
        user_id: user.id,
        email: user.email,
        name: user.name,
        workspace_id: workspace,
        workspace_name: here.map(|one| one.name.clone()).unwrap_or_default(),
        workspaces,
        permissions: permissions.to_vec(),
        expires_at: person.expires_at,
    })
}

fn cookie(state: &AppState, token: &str, max_age_s: i64) -> Cookie {
    let name = state.public_url.cookie_name();
    let secure = if state.public_url.is_https() {
        "; Secure"
    } else {
        ""
    };
    let value = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}");
    AppendHeaders([(SET_COOKIE, value)])
}

/// Failed tries, counted in the store because other replicas answer too.
struct Tries {
    account: String,
    ip: Option<String>,
}

impl Tries {
    fn of(email: &str, ip: Option<IpAddr>) -> Self {
        let from = ip.map_or_else(|| "unknown".to_owned(), |ip| network_of(ip).to_string());
        Self {
            account: format!("account {} {from}", email.trim().to_lowercase()),
            ip: ip.map(|_| format!("ip {from}")),
        }
    }

    /// Counts the try before it is made, so that many at once are not all "the first".
    async fn count(&self, state: &AppState, now: Timestamp) -> ApiResult<()> {
        let since = now.plus_millis(-state.limits.failure_window_s * 1000);
        let too_many = || Problem::new(Code::TooManyRequests).retry_after(state.limits.failure_window_s);
        if let Some(ip) = &self.ip
            && sessions::failures_since(state.store.read(), ip, since).await? >= state.limits.failures_per_ip
        {
            return Err(too_many());
        }
        sessions::record_failure(state.store.writer(), &self.account, now).await?;
        let tries = sessions::failures_since(state.store.writer(), &self.account, since).await?;
        if tries > state.limits.failures_per_account {
            Err(too_many())
        } else {
            Ok(())
        }
    }

    async fn failed(&self, state: &AppState, now: Timestamp) -> ApiResult<()> {
        if let Some(ip) = &self.ip {
            sessions::record_failure(state.store.writer(), ip, now).await?;
        }
        Ok(())
    }

    async fn succeeded(&self, state: &AppState) -> ApiResult<()> {
        Ok(sessions::clear_failures(state.store.writer(), &self.account).await?)
    }
}

/// Whoever has one IPv6 address has the other 2^64 of its network too.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) if ip.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        ip => ip.to_canonical(),
    }
}

/// Where the request came from; unknown when it came through no socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientIp(pub Option<IpAddr>);

impl FromRequestParts<AppState> for ClientIp {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let socket = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded =
            forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Ok(Self(if state.limits.trust_proxy {
            forwarded.or(socket)
        } else {
            socket
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::network_of;

    #[track_caller]
    fn check(ip: &str, expected: &str) {
        assert_eq!(network_of(ip.parse().expect("ip")).to_string(), expected);
    }

    #[test]
    fn failures_count_per_network() {
        check("192.0.2.7", "192.0.2.7");
        check("::ffff:192.0.2.7", "192.0.2.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
    }
}
