//! Runs over hosts that hang, refuse, panic and take their time, on a clock that jumps.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use luumen_api::agent::ReportAnswer;
use luumen_model::{Collector, PrivilegeTier, SchemaTag};

use super::*;
use crate::{
    guard::{Account, Login},
    mail::Patience,
};

/// A host is what its name begins with: `ok`, `hang`, `panic`, `refuse`, `slow`, `dead`, `mute`. Those that are dead answer to
/// nothing, those that are mute not to a proof.
#[derive(Default)]
struct Stage {
    now: AtomicUsize,
    most: AtomicUsize,
    visited: Mutex<Vec<String>>,
}

struct Player(Arc<Stage>);

#[async_trait]
impl Visitor for Player {
    async fn visit(
        &self,
        visit: &Visit,
        turn: &Arc<Turn>,
        cancel: &CancellationToken,
    ) -> Result<Sight, VisitError> {
        let stage = &self.0;
        let now = stage.now.fetch_add(1, Ordering::SeqCst) + 1;
        stage.most.fetch_max(now, Ordering::SeqCst);
        let seen = self.play(&visit.host.name, turn, cancel).await;
        stage.now.fetch_sub(1, Ordering::SeqCst);
        seen
    }
}

impl Player {
    async fn play(&self, name: &str, turn: &Turn, cancel: &CancellationToken) -> Result<Sight, VisitError> {
        let failed = |code| visit_error(errors::Reason { code, next_step: "" }, "failed");
        if name.starts_with("dead") {
            tokio::time::sleep(Duration::from_secs(10)).await;
            return Err(failed("LUM-CONNECT-TIMEOUT"));
        }
        if !turn.enter().await {
            let why = turn.refused().expect("why");
            return Err(visit_error(errors::LOGIN_GUARD, why));
        }
        self.0.visited.lock().expect("stage").push(name.to_owned());
        turn.proves();
        tokio::time::sleep(Duration::from_secs(1)).await;
        if name.starts_with("mute") {
            std::future::pending::<()>().await;
        }
        if name.starts_with("refuse") {
            turn.tell(Login::Refused);
            return Err(failed("LUM-SSH-AUTH"));
        }
        turn.tell(Login::Accepted);
        match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "hang" => std::future::pending().await,
            "panic" => panic!("a mistake of ours"),
            "slow" => {
                cancel.cancelled().await;
                Err(visit_error(errors::CANCELLED, "cancelled"))
            }
            _ => Ok(Sight {
                snapshot: snapshot(),
                unchanged: BTreeSet::new(),
            }),
        }
    }
}

/// Answers as told, then always well.
#[derive(Default)]
struct Api {
    down_for: AtomicUsize,
    /// Hosts whose reports it can never take.
    fails_on: Vec<u128>,
    /// Hosts over whose reports it hangs.
    hangs_on: Vec<u128>,
    told: Mutex<Vec<(HostId, Outcome)>>,
}

#[async_trait]
impl Teller for Arc<Api> {
    async fn tell(&self, host: HostId, report: &Report) -> Result<Told, ApiError> {
        if self.hangs_on.contains(&host.0.as_u128()) {
            std::future::pending::<()>().await;
        }
        let down = self.down_for.load(Ordering::SeqCst) > 0;
        if down || self.fails_on.contains(&host.0.as_u128()) {
            self.down_for.fetch_sub(usize::from(down), Ordering::SeqCst);
            return Err(ApiError::TimedOut {
                base: "b".into(),
                call: "c".into(),
                seconds: 1,
            });
        }
        self.told.lock().expect("told").push((host, report.outcome));
        Ok(Told {
            answer: ReportAnswer {
                snapshot_id: None,
                repeated: false,
            },
            sections_sent: 0,
            body_bytes: 10,
        })
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        schema: SchemaTag::V1,
        taken_at: Timestamp::from_millis(0),
        duration_ms: 1,
        collector: Collector {
            name: "t".into(),
            version: "0".into(),
            catalogue: "c".into(),
        },
        tier: PrivilegeTier::None,
        username: "u".into(),
        sections: BTreeMap::new(),
    }
}

fn visits(names: &[&str], password: bool) -> Vec<Planned> {
    let planned = names.iter().enumerate().map(|(index, name)| {
        Planned::Visit(Visit {
            host: HostRef {
                id: HostId(uuid::Uuid::from_u128(index as u128)),
                name: (*name).to_owned(),
                address: format!("10.0.0.{index}"),
                port: 22,
            },
            account: Account {
                username: "scan".into(),
                credential: "c".into(),
                password,
            },
        })
    });
    planned.collect()
}

struct Theatre {
    stage: Arc<Stage>,
    api: Arc<Api>,
    cancel: CancellationToken,
    bounds: Bounds,
}

impl Theatre {
    fn new() -> Self {
        Self {
            stage: Arc::default(),
            api: Arc::default(),
            cancel: CancellationToken::new(),
            bounds: Bounds {
                concurrency: 10,
                per_host_timeout: Duration::from_secs(60),
                farewell: Duration::from_secs(5),
                login_guard_failures: 2,
            },
        }
    }

    async fn play(&self, planned: Vec<Planned>) -> Vec<HostResult> {
        let round = Round {
            visitor: Player(Arc::clone(&self.stage)),
            mail: Mail::new(Arc::clone(&self.api), Patience::default()),
            bounds: self.bounds,
            now: || Timestamp::from_millis(0),
            cancel: self.cancel.clone(),
        };
        round.go(planned).await
    }
}

fn shown(results: &[HostResult]) -> Vec<String> {
    let code = |result: &HostResult| {
        result
            .report
            .error
            .as_ref()
            .map_or("-".to_owned(), |error| error.code.clone())
    };
    results
        .iter()
        .map(|result| {
            format!(
                "{} {:?} {}",
                result.host.name,
                result.report.outcome,
                code(result)
            )
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_host_ends_with_a_result() {
    let theatre = Theatre::new();
    let mut planned = visits(&["ok1", "hang", "panic", "refuse", "ok2"], false);
    let host = HostRef {
        id: HostId(uuid::Uuid::from_u128(9)),
        name: "none".into(),
        address: "x".into(),
        port: 22,
    };
    planned.push(Planned::Not {
        host,
        error: visit_error(errors::NO_CREDENTIAL, "none"),
    });
    let results = theatre.play(planned).await;
    assert_eq!(
        shown(&results),
        [
            "ok1 Complete -",
            "hang Failed LUM-TIMEOUT",
            "panic Failed LUM-INTERNAL",
            "refuse Failed LUM-SSH-AUTH",
            "ok2 Complete -",
            "none Skipped LUM-CREDENTIAL-NONE",
        ]
    );
    assert_eq!(
        theatre.api.told.lock().expect("told").len(),
        6,
        "and every result is told"
    );
    assert!(
        results
            .iter()
            .all(|result| matches!(result.delivery, Delivery::Sent { bytes: 10, .. }))
    );
}

#[tokio::test(start_paused = true)]
async fn never_more_visits_at_once_than_allowed() {
    let mut theatre = Theatre::new();
    theatre.bounds.concurrency = 3;
    theatre.play(visits(&["ok"; 20], false)).await;
    assert_eq!(theatre.stage.most.load(Ordering::SeqCst), 3);
    assert_eq!(theatre.stage.visited.lock().expect("stage").len(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_tried_twice_and_not_fifty_times() {
    let theatre = Theatre::new();
    let results = theatre.play(visits(&["refuse"; 50], true)).await;
    assert_eq!(theatre.stage.visited.lock().expect("stage").len(), 2);
    let skipped = results.iter().filter(|r| {
        r.report
            .error
            .as_ref()
            .is_some_and(|e| e.code == "LUM-LOGIN-GUARD")
    });
    assert_eq!(skipped.count(), 48);
}

#[tokio::test(start_paused = true)]
async fn a_right_password_opens_the_way_for_all() {
    let theatre = Theatre::new();
    let names = ["hang", "ok1", "refuse1", "refuse2", "refuse3", "ok2", "ok3"];
    theatre.play(visits(&names, true)).await;
    assert_eq!(theatre.stage.visited.lock().expect("stage").len(), names.len());
}

#[tokio::test(start_paused = true)]
async fn dead_hosts_hold_up_nobody_of_their_account() {
    let mut theatre = Theatre::new();
    theatre.bounds.concurrency = 60;
    let mut names = vec!["dead"; 50];
    names.push("ok");
    let began = tokio::time::Instant::now();
    let results = theatre.play(visits(&names, true)).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(shown(&results)[50], "ok Complete -");
}

#[tokio::test(start_paused = true)]
async fn a_password_that_was_cut_short_is_not_tried_on_and_on() {
    let theatre = Theatre::new();
    let results = theatre.play(visits(&["mute"; 9], true)).await;
    // Two may fail, and one that gave no answer is let pass.
    assert_eq!(theatre.stage.visited.lock().expect("stage").len(), 3);
    let skipped = |line: &&String| line.ends_with("Skipped LUM-LOGIN-GUARD");
    assert_eq!(shown(&results).iter().filter(skipped).count(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_tells_what_it_has() {
    let mut theatre = Theatre::new();
    theatre.bounds.concurrency = 3;
    let cancel = theatre.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        cancel.cancel();
    });
    let results = theatre
        .play(visits(
            &["ok", "slow", "hang", "slow1", "hang1", "ok1", "ok2"],
            false,
        ))
        .await;
    assert_eq!(
        shown(&results)[..3],
        [
            "ok Complete -",
            "slow Failed LUM-CANCELLED",
            "hang Failed LUM-CANCELLED"
        ]
    );
    assert_eq!(shown(&results)[6], "ok2 Skipped LUM-CANCELLED");
    assert_eq!(theatre.api.told.lock().expect("told").len(), 7);
}

#[tokio::test(start_paused = true)]
async fn reports_wait_while_the_api_is_down_and_none_is_told_twice() {
    let theatre = Theatre::new();
    theatre.api.down_for.store(4, Ordering::SeqCst);
    let results = theatre.play(visits(&["ok1", "ok2", "ok3"], false)).await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result.delivery, Delivery::Sent { .. })),
        "{results:?}"
    );
    assert_eq!(theatre.api.told.lock().expect("told").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_vain_is_lost_and_said() {
    let theatre = Theatre::new();
    theatre.api.down_for.store(usize::MAX, Ordering::SeqCst);
    let results = theatre.play(visits(&["ok1", "ok2"], false)).await;
    assert!(results.iter().all(|result| result.delivery == Delivery::Lost));
}

fn delivered(results: &[HostResult]) -> Vec<(&str, bool)> {
    let sent = |result: &HostResult| matches!(result.delivery, Delivery::Sent { .. });
    results
        .iter()
        .map(|result| (result.host.name.as_str(), sent(result)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_report_that_the_api_cannot_take_keeps_no_other_from_it() {
    let names = ["oka", "okb", "okc", "okd", "oke"];
    let expected = [
        ("oka", true),
        ("okb", false),
        ("okc", true),
        ("okd", false),
        ("oke", true),
    ];
    for hangs in [false, true] {
        let mut theatre = Theatre::new();
        theatre.bounds.concurrency = 1;
        theatre.api = Arc::new(Api {
            // So that all of them wait.
            down_for: AtomicUsize::new(1),
            fails_on: if hangs { vec![] } else { vec![1, 3] },
            hangs_on: if hangs { vec![1, 3] } else { vec![] },
            ..Api::default()
        });
        let results = theatre.play(visits(&names, false)).await;
        assert_eq!(delivered(&results), expected, "hangs: {hangs}");
        assert_eq!(
            theatre.api.told.lock().expect("told").len(),
            3,
            "and none is told twice"
        );
    }
}
