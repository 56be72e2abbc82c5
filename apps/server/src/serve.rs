//! Opens the port, answers until told to stop, and keeps the house in the meantime.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use luumen_feeds::fetch::Settings;
use luumen_store::{
    Store, TokenHash,
    sessions::{self, LinkPurpose},
    users,
};
use tokio::{net::TcpListener, signal, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    app::{self, AppState, Limits},
    cli::print_line,
    clock,
    config::{Config, PublicUrl},
    housekeeping,
    noting::Noting,
    secrets,
    vulnerabilities::{
        jobs::{Jobs, Refresher, shared},
        refresh::FeedRefresher,
    },
};

/// The set-up link is good for a day.
const SETUP_MS: i64 = 24 * 3600 * 1000;
/// How long open requests may take to end after a signal.
const DRAIN: Duration = Duration::from_secs(20);

/// Answers until SIGTERM or SIGINT.
pub async fn serve(store: Store, config: &Config) -> Result<()> {
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", config.listen))?;
    let stop = CancellationToken::new();
    offer_setup(&store, &config.public_url).await?;
    let catalogue = shared(config.catalogue_dir.clone());
    let state = AppState {
        store: store.clone(),
        public_url: Arc::new(config.public_url.clone()),
        catalogue: Arc::clone(&catalogue),
        fetches_feeds: config.feeds_dir.is_some(),
        trusted_keys: Arc::new(config.trusted_keys.clone()),
        counters: Arc::default(),
        noting: Noting::default(),
        limits: Limits {
            trust_proxy: config.trust_proxy,
            ..Limits::default()
        },
    };
    let jobs = Jobs {
        store: store.clone(),
        catalogue,
        refresher: refresher(config, &stop)?,
    };
    let jobs = tokio::spawn(jobs.run(stop.clone()));
    let chores = tokio::spawn(housekeeping::keep(store, stop.clone()));
    info!(server.listen = %config.listen, server.public_url = %config.public_url, "Listening on {}", config.listen);
    tokio::spawn(stop_at_signal(stop.clone()));
    let done = answer(listener, state, stop.clone()).await;
    stop.cancel();
    end("Housekeeping", chores).await;
    end("Running jobs", jobs).await;
    done
}

/// What fetches feeds, where this server is told to.
fn refresher(config: &Config, stop: &CancellationToken) -> Result<Option<Arc<dyn Refresher>>> {
    let (Some(feeds), Some(catalogues)) = (&config.feeds_dir, &config.catalogue_dir) else {
        return Ok(None);
    };
    let (feeds, catalogues) = (feeds.clone(), catalogues.clone());
    let registry = config.sources.clone();
    let refresher = FeedRefresher::new(registry, Settings::default(), feeds, catalogues, stop.clone())?;
    Ok(Some(Arc::new(Arc::new(refresher))))
}

/// Answers on the listener until `stop`, then lets open requests end.
pub async fn answer(listener: TcpListener, state: AppState, stop: CancellationToken) -> Result<()> {
    let service = app::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let drained = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        done = drained => done.context("the server ended"),
        () = late => {
            warn!("Some requests did not end within {} s and were cut off", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// While no admin exists, prints a new link that makes the first one.
async fn offer_setup(store: &Store, public_url: &PublicUrl) -> Result<()> {
    if users::count(store.read()).await? > 0 {
        return Ok(());
    }
    let (token, now) = (secrets::new_token()?, clock::now());
    let hash = TokenHash::of(token.expose_secret());
    sessions::revoke_links(store.writer(), LinkPurpose::Setup).await?;
    sessions::add_link(
        store.writer(),
        hash,
        LinkPurpose::Setup,
        None,
        now,
        now.plus_millis(SETUP_MS),
    )
    .await?;
    let link = public_url.page_with_secret("setup", token.expose_secret());
    print_line(&format!(
        "Open this link to make the first admin; it works once, for 24 hours:\n\n  {link}\n"
    ));
    Ok(())
}

async fn stop_at_signal(stop: CancellationToken) {
    let interrupt = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
    info!("Stopping: no new requests, open ones may end");
    stop.cancel();
}

#[cfg(unix)]
async fn terminate() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            terminated.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}

async fn end(what: &str, task: JoinHandle<()>) {
    if task.await.is_err() {
        warn!("{what} ended by a panic");
    }
}
