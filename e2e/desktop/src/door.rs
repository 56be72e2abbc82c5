//! Calls, events and a terminal's bytes over HTTP and WebSockets.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{
        Path, Query, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use futures::{SinkExt as _, StreamExt as _};
use luumen_workbench::{
    Workbench,
    bridge::{Event, Id, Output, Problem},
};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use tokio::sync::{
    broadcast::{Receiver, error::RecvError},
    mpsc,
};

use crate::screens::Screens;

/// Batches on their way to the browser. The workbench stops by itself when a megabyte is not acknowledged.
const BATCHES_UNDER_WAY: usize = 64;

/// The workbench, and who may ask it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    workbench: Workbench,
    token: Arc<str>,
}

impl Door {
    pub(crate) fn new(workbench: Workbench, token: String) -> Self {
        Self {
            workbench,
            token: token.into(),
        }
    }

    /// The whole server.
    pub(crate) fn routes(self, screens: Option<Screens>) -> Router {
        let closed = Router::new()
            .route("/call/{name}", post(call))
            .route("/events", get(events))
            .route("/terminals/{id}", get(terminal))
            .route_layer(middleware::from_fn_with_state(self.clone(), only_with_token))
            .with_state(self);
        match screens {
            Some(screens) => closed.merge(screens.routes()),
            None => closed,
        }
    }

    fn knows(&self, token: &str) -> bool {
        self.token.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

#[derive(Debug, Deserialize)]
struct TokenInAddress {
    token: Option<String>,
}

/// A browser cannot send headers with a WebSocket, so the token may stand in the address as well.
async fn only_with_token(
    State(door): State<Door>,
    Query(TokenInAddress { token }): Query<TokenInAddress>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if header.or(token.as_deref()).is_some_and(|token| door.knows(token)) {
        next.run(request).await
    } else {
        let problem = Problem::new(
            "LUM-LOOPBACK-TOKEN",
            "This page is not from this test server",
            "The request carries no token, or that of another start.",
        )
        .next("Open the address that the server printed.");
        (StatusCode::UNAUTHORIZED, Json(problem)).into_response()
    }
}

async fn call(State(door): State<Door>, Path(name): Path<String>, Json(args): Json<Value>) -> Response {
    match door.workbench.call(&name, args).await {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
    }
}

async fn events(State(door): State<Door>, upgrade: WebSocketUpgrade) -> Response {
    // Listened for from here on, so that nothing is missed while the socket opens.
    let events = door.workbench.events();
    upgrade.on_upgrade(|socket| send_events(socket, events))
}

async fn send_events(mut socket: WebSocket, mut events: Receiver<Event>) {
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            said = socket.recv() => match said {
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        let event = match event {
            Ok(event) => event,
            // The page sees its socket close, and loads anew.
            Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        };
        let sent = match serde_json::to_string(&event) {
            Ok(text) => socket.send(Message::text(text)).await.is_ok(),
            Err(error) => {
                tracing::error!(%error, "An event could not be written");
                true
            }
        };
        if !sent {
            return;
        }
    }
}

async fn terminal(State(door): State<Door>, Path(id): Path<Id>, upgrade: WebSocketUpgrade) -> Response {
    let (sender, batches) = mpsc::channel(BATCHES_UNDER_WAY);
    match door.workbench.attach(id, Box::new(Batches(sender))) {
        Ok(()) => upgrade.on_upgrade(|socket| send_bytes(socket, batches)),
        Err(problem) => (StatusCode::NOT_FOUND, Json(problem)).into_response(),
    }
}

struct Batches(mpsc::Sender<Vec<u8>>);

impl Output for Batches {
    fn write(&mut self, batch: &[u8]) -> bool {
        match self.0.try_send(batch.to_vec()) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                tracing::error!("The workbench sends more than was acknowledged; the terminal is let go");
                false
            }
        }
    }
}

async fn send_bytes(socket: WebSocket, mut batches: mpsc::Receiver<Vec<u8>>) {
    let (mut send, mut receive) = socket.split();
    loop {
        let batch = tokio::select! {
            batch = batches.recv() => batch,
            said = receive.next() => match said {
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        let Some(batch) = batch else { return };
        if send.send(Message::binary(batch)).await.is_err() {
            return;
        }
    }
}
