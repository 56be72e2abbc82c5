//! A small peer that speaks the agent's part of the API and remembers what it was told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use luumen_api::{
    Code, ProblemDetails,
    agent::{
        AgentConfig, AgentHost, Heartbeat, HeartbeatAnswer, MissingAnswer, MissingQuery, Report,
        ReportAnswer, Schedule,
    },
};
use luumen_model::{AgentId, ContentHash, HostId, Timestamp};
use uuid::Uuid;

/// The key that this API accepts, and that must never be seen anywhere.
pub(crate) const API_KEY: &str = "lum_PLANTED-api-key";

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) hosts: Vec<AgentHost>,
    pub(crate) calls: Vec<String>,
    pub(crate) stored: Vec<ContentHash>,
    pub(crate) beats: Vec<Heartbeat>,
    /// By name of the host, newest last.
    pub(crate) reports: BTreeMap<String, Vec<Report>>,
    /// Bytes of request bodies since last reset.
    pub(crate) body_bytes: usize,
    /// Answers 503 to reports.
    pub(crate) down: bool,
    /// Answers 503 to whoever asks for the configuration.
    pub(crate) config_down: bool,
}

pub(crate) struct Api {
    pub(crate) base_url: String,
    pub(crate) told: Arc<Mutex<Told>>,
    _runtime: tokio::runtime::Runtime,
}

impl Api {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let told = Arc::<Mutex<Told>>::default();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let app = Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::clone(&told));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            base_url,
            told,
            _runtime: runtime,
        })
    }

    /// Adds a host on loopback to the configuration.
    pub(crate) fn host(&self, name: &str, port: u16, credential: &str) {
        self.host_at(name, "127.0.0.1", port, credential);
    }

    /// Adds a host to the configuration.
    pub(crate) fn host_at(&self, name: &str, address: &str, port: u16, credential: &str) {
        let mut told = self.told.lock().unwrap();
        let id = HostId(Uuid::from_u128(told.hosts.len() as u128 + 1));
        told.hosts.push(AgentHost {
            id,
            name: name.to_owned(),
            address: address.to_owned(),
            port: i64::from(port),
            username: None,
            credential: Some(credential.to_owned()),
        });
    }

    pub(crate) fn calls(&self, wanted: &str) -> usize {
        self.told
            .lock()
            .unwrap()
            .calls
            .iter()
            .filter(|call| call.contains(wanted))
            .count()
    }
}

async fn answer(
    State(told): State<Arc<Mutex<Told>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let mut told = told.lock().unwrap();
    let call = format!("{method} {}", uri.path());
    told.calls.push(call.clone());
    told.body_bytes += bytes.len();
    if headers
        .get("authorization")
        .is_none_or(|value| value != &format!("Bearer {API_KEY}"))
    {
        return problem(ProblemDetails::new(Code::Unauthenticated));
    }
    let body = match headers.get("content-encoding") {
        Some(_) => zstd::decode_all(bytes.as_ref()).unwrap(),
        None => bytes.to_vec(),
    };
    match call.as_str() {
        "GET /api/v1/agent/config" if told.config_down => problem(ProblemDetails::new(Code::Unavailable)),
        "GET /api/v1/agent/config" => config(&told, &headers),
        "POST /api/v1/agent/heartbeat" => {
            told.beats.push(serde_json::from_slice(&body).unwrap());
            let server_time = Timestamp::from_seconds(1_795_000_000);
            Json(HeartbeatAnswer {
                agent_id: AgentId(Uuid::nil()),
                server_time,
            })
            .into_response()
        }
        "POST /api/v1/agent/reports/missing" => {
            let query: MissingQuery = serde_json::from_slice(&body).unwrap();
            let missing = query
                .hashes
                .into_iter()
                .filter(|hash| !told.stored.contains(hash))
                .collect();
            Json(MissingAnswer { missing }).into_response()
        }
        call if call.contains("/hosts/") && told.down => {
            let _ = call;
            problem(ProblemDetails::new(Code::Unavailable))
        }
        call if call.contains("/hosts/") => {
            let id = call.rsplit('/').next().unwrap().to_owned();
            report(&mut told, &id, &body)
        }
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn config(told: &Told, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", told.hosts.len());
    if headers.get("if-none-match").is_some_and(|value| value == &etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let config = AgentConfig {
        workspace: "Test".into(),
        schedule: Schedule {
            interval_s: 3600,
            polling_s: 5,
        },
        default_credential: None,
        default_username: None,
        hosts: told.hosts.clone(),
    };
    ([("etag", etag)], Json(config)).into_response()
}

fn report(told: &mut Told, id: &str, body: &[u8]) -> Response {
    let report: Report = serde_json::from_slice(body).unwrap();
    for record in report
        .snapshot
        .iter()
        .flat_map(|snapshot| snapshot.sections.values())
    {
        if let (Some(hash), Some(data)) = (&record.hash, &record.data) {
            assert_eq!(*hash, ContentHash::of(data));
            told.stored.push(hash.clone());
        }
    }
    let name = told
        .hosts
        .iter()
        .find(|host| host.id.to_string() == id)
        .unwrap()
        .name
        .clone();
    told.reports.entry(name).or_default().push(report);
    Json(ReportAnswer {
        snapshot_id: None,
        repeated: false,
    })
    .into_response()
}

fn problem(details: ProblemDetails) -> Response {
    (
        StatusCode::from_u16(details.code.status()).unwrap(),
        Json(details),
    )
        .into_response()
}
