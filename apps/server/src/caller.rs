//! Who calls, and what they may do.
//!
//! A person with a session cookie or a program with an API key becomes a [`Caller`]; every handler
//! begins by asking it. Nothing here signs anyone in (`routes::session` does).

use axum::extract::FromRequestParts;
use http::{
    HeaderMap,
    header::{AUTHORIZATION, COOKIE},
    request::Parts,
};
use luumen_api::{Code, access::Permission};
use luumen_crypto::Secret;
use luumen_model::{ApiKeyId, Timestamp, UserId, WorkspaceId};
use luumen_store::{TokenHash, api_keys, api_keys::KeyScope, sessions, users};

use crate::{app::AppState, clock, problem::Problem};

/// In which workspace a page believes that its session is. A session is in one at a time, and every window of a browser has the
/// same one: without this, what a window shows of one workspace could be deleted in the one that another window has gone to.
pub const WORKSPACE_HEADER: &str = "x-luumen-workspace";

/// A session that nobody uses ends after so long.
pub const IDLE_MS: i64 = 12 * 3600 * 1000;
/// And every session ends after so long.
pub const LONGEST_MS: i64 = 7 * 24 * 3600 * 1000;

/// Everything a signed-in person may do; roles will take from it.
pub const OF_PEOPLE: &[Permission] = &[
    Permission::ReadHosts,
    Permission::WriteHosts,
    Permission::ReadRuns,
    Permission::ReadAgents,
    Permission::WriteAgents,
    Permission::ReadApiKeys,
    Permission::WriteApiKeys,
    Permission::ReadSettings,
    Permission::WriteSettings,
    Permission::ReadVulnerabilities,
    Permission::WriteExceptions,
    Permission::WriteFeeds,
];

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The workspace that this call is about, and the only one it can reach.
    pub workspace: WorkspaceId,
    /// What the caller may do in it.
    pub permissions: &'static [Permission],
    /// A person or a key.
    pub who: Who,
}

/// A person or a key.
#[derive(Clone, Debug)]
pub enum Who {
    Person(Person),
    Key(ApiKeyId),
}

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub user: UserId,
    /// Hash of the session's token.
    pub session: TokenHash,
    pub expires_at: Timestamp,
    /// The session began with a one-time link.
    pub via_link: bool,
}

impl Caller {
    /// Goes on only if the caller has the permission.
    pub fn may(&self, permission: Permission) -> Result<(), Problem> {
        if self.permissions.contains(&permission) {
            Ok(())
        } else {
            Err(Problem::new(Code::Forbidden))
        }
    }

    /// Goes on only if a person calls.
    pub fn person(&self) -> Result<&Person, Problem> {
        match &self.who {
            Who::Person(person) => Ok(person),
            Who::Key(_) => Err(Problem::new(Code::Forbidden)
                .detail("This is for people who are signed in, not for API keys.")
                .next_step("Sign in with a browser.")),
        }
    }
}

/// What a key of that scope is good for.
pub fn permissions_of(scope: KeyScope) -> &'static [Permission] {
    match scope {
        KeyScope::Agent => &[Permission::Report],
        KeyScope::Read => &[
            Permission::ReadHosts,
            Permission::ReadRuns,
            Permission::ReadAgents,
            Permission::ReadApiKeys,
            Permission::ReadSettings,
            Permission::ReadVulnerabilities,
        ],
        KeyScope::Write => &[
            Permission::ReadHosts,
            Permission::WriteHosts,
            Permission::ReadRuns,
            Permission::ReadAgents,
            Permission::WriteAgents,
            Permission::ReadApiKeys,
            Permission::ReadSettings,
            Permission::WriteSettings,
            Permission::ReadVulnerabilities,
            Permission::WriteExceptions,
        ],
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let now = clock::now();
        if let Some(key) = key_in(&parts.headers) {
            return of_key(state, &key, now).await;
        }
        match session_in(&parts.headers, state.public_url.cookie_name()) {
            Some(token) => {
                let caller = of_session(state, &token, now).await?;
                is_where_believed(&caller, &parts.headers)?;
                Ok(caller)
            }
            None => Err(Problem::new(Code::Unauthenticated)),
        }
    }
}

async fn of_key(state: &AppState, key: &Secret, now: Timestamp) -> Result<Caller, Problem> {
    let hash = TokenHash::of(key.expose_secret());
    let found = api_keys::find_by_hash(state.store.read(), hash, now).await?;
    let Some(found) = found else {
        return Err(Problem::new(Code::Unauthenticated)
            .detail("This API key is not known, has expired or was revoked.")
            .next_step("Use a key from Settings, API keys, or make a new one there."));
    };
    let news = found.is_news(now);
    let key = found.key;
    if news {
        let (store, workspace, id) = (state.store.clone(), key.workspace, key.id);
        state
            .noting
            .begin(async move { api_keys::touch(store.writer(), workspace, id, hash, now).await });
    }
    Ok(Caller {
        workspace: key.workspace,
        permissions: permissions_of(key.scope),
        who: Who::Key(key.id),
    })
}

async fn of_session(state: &AppState, token: &Secret, now: Timestamp) -> Result<Caller, Problem> {
    let hash = TokenHash::of(token.expose_secret());
    let over = || {
        Problem::new(Code::Unauthenticated)
            .detail("This session is over.")
            .next_step("Sign in again.")
    };
    let session = sessions::find(state.store.read(), hash, now)
        .await?
        .ok_or_else(over)?;
    if now.millis_since(session.last_seen_at) > IDLE_MS {
        return Err(over());
    }
    // A membership that ended takes its sessions with it; this holds even if it ended a moment ago.
    let role = users::role_in(state.store.read(), session.workspace, session.user).await?;
    if role.is_none() {
        return Err(over());
    }
    // Once a minute, not with every call.
    if now.millis_since(session.last_seen_at) > 60_000 {
        let store = state.store.clone();
        state
            .noting
            .begin(async move { sessions::touch(store.writer(), hash, now).await });
    }
    let person = Person {
        user: session.user,
        session: hash,
        expires_at: session.expires_at,
        via_link: session.via_link,
    };
    Ok(Caller {
        workspace: session.workspace,
        permissions: OF_PEOPLE,
        who: Who::Person(person),
    })
}

/// Nothing is done for a page that shows another workspace than the session is in. Who names none, is not asked.
fn is_where_believed(caller: &Caller, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(named) = headers.get(WORKSPACE_HEADER) else {
        return Ok(());
    };
    let named = named.to_str().unwrap_or_default().parse::<WorkspaceId>();
    if named.is_ok_and(|named| named == caller.workspace) {
        return Ok(());
    }
    Err(Problem::new(Code::OtherWorkspace).detail(
        "This was asked of another workspace than the one that the session is in, so it was not done.",
    ))
}

/// The API key of a request: `Authorization: Bearer lum_…`, or `api-key` as agents of the reference product send it.
pub fn key_in(headers: &HeaderMap) -> Option<Secret> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, key) = text.split_once(' ').unwrap_or((text, ""));
        let key = if scheme.eq_ignore_ascii_case("bearer") {
            key.trim()
        } else {
            ""
        };
        return Some(Secret::new(key));
    }
    headers
        .get("api-key")
        .map(|value| Secret::new(value.to_str().unwrap_or_default().trim()))
}

/// The session token of a request.
pub fn session_in(headers: &HeaderMap, cookie_name: &str) -> Option<Secret> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(name, _)| *name == cookie_name)
        .map(|(_, value)| Secret::new(value))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("value")));
        pairs.collect()
    }

    #[test]
    fn finds_the_key_in_either_header() {
        let key = |pairs: &[(&'static str, &str)]| {
            key_in(&headers(pairs)).map(|key| key.expose_secret().to_owned())
        };
        assert_eq!(
            key(&[("authorization", "Bearer lum_a")]).as_deref(),
            Some("lum_a")
        );
        assert_eq!(
            key(&[("authorization", "bearer  lum_a ")]).as_deref(),
            Some("lum_a")
        );
        assert_eq!(key(&[("api-key", "lum_b")]).as_deref(), Some("lum_b"));
        // Whoever sends credentials of another kind is refused, not taken for the person with the cookie.
        assert_eq!(key(&[("authorization", "Basic eDp5")]).as_deref(), Some(""));
        assert_eq!(key(&[("cookie", "luumen_session=x")]), None);
    }

    #[test]
    fn finds_the_session_among_other_cookies() {
        let found = session_in(
            &headers(&[("cookie", "a=1; luumen_session=tok; b=2")]),
            "luumen_session",
        );
        assert_eq!(found.expect("token").expose_secret(), "tok");
        assert!(session_in(&headers(&[("cookie", "xluumen_session=tok")]), "luumen_session").is_none());
    }

    #[test]
    fn no_key_can_make_keys_and_only_agents_report() {
        for scope in [KeyScope::Agent, KeyScope::Read, KeyScope::Write] {
            assert!(!permissions_of(scope).contains(&Permission::WriteApiKeys));
        }
        assert!(!permissions_of(KeyScope::Write).contains(&Permission::Report));
        assert_eq!(permissions_of(KeyScope::Agent), [Permission::Report]);
    }
}
