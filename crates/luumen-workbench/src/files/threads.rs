//! Threads for the bytes of files, apart from those that carry terminals.
//!
//! A transfer keeps its threads busy with ciphers and copies. On the same threads a key that is typed would
//! wait until it is its turn; a thread that mostly sleeps is woken at once.

use std::future::Future;

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;

use crate::bridge::Problem;

/// One that carries and one that has its answers read; more would take the cores from everything else.
const THREADS: usize = 2;

/// They end with what holds them, and what still runs on them ends, too.
#[derive(Debug)]
pub(super) struct Threads {
    own: Option<Runtime>,
    handle: Handle,
}

impl Threads {
    /// Starts them. Where the system gives no more threads, those of the caller are used.
    pub(super) fn start() -> Self {
        let started = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("files")
            .enable_all()
            .build();
        match started {
            Ok(own) => Self {
                handle: own.handle().clone(),
                own: Some(own),
            },
            Err(error) => {
                tracing::warn!(%error, "Files share the threads of the terminals");
                Self {
                    own: None,
                    handle: Handle::current(),
                }
            }
        }
    }

    /// Begins something.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.handle.spawn(work)
    }

    /// Does something there, for as long as somebody waits for it. What it begins stays there.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let done = AbortOnDropHandle::new(self.handle.spawn(work)).await;
        done.map_err(|error| Problem::of("LUM-FILES-ENDED", "the files cannot be opened", &error))?
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(own) = self.own.take() {
            // The last to let go may be a task, which must not wait.
            own.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_own_thread() -> bool {
        std::thread::current().name() == Some("files")
    }

    #[tokio::test]
    async fn what_is_done_and_what_it_begins_is_apart() {
        assert!(!on_own_thread());
        let threads = Threads::start();
        let seen = threads.run(async {
            let begun = tokio::spawn(async { on_own_thread() });
            Ok((on_own_thread(), begun.await.is_ok_and(|there| there)))
        });
        assert_eq!(seen.await.ok(), Some((true, true)));
        let (said, heard) = tokio::sync::oneshot::channel();
        threads.spawn(async move {
            let _ = said.send(on_own_thread());
        });
        assert_eq!(heard.await, Ok(true));
    }

    #[tokio::test]
    async fn nobody_waits_for_what_nobody_wants() {
        let threads = Threads::start();
        let (held, gone) = tokio::sync::oneshot::channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let work = threads.run(async move {
            let _held = held;
            let _ = began.send(());
            std::future::pending::<Result<(), Problem>>().await
        });
        tokio::select! {
            _ = work => unreachable!("it never ends"),
            _ = begun => {}
        }
        assert!(gone.await.is_err(), "it was dropped");
    }
}
