//! How a program of ours ends, for scripts and service managers.

use luumen_client::ApiError;
use luumen_model::Outcome;

use crate::{mail::Delivery, round::HostResult};

/// The exit codes of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Fine = 0,
    Config = 1,
    ApiAuth = 2,
    SomeFailed = 3,
    AllFailed = 4,
    TryLater = 75,
}

/// What an API that gave no answer, or said no, means.
pub(crate) fn of_api(error: &ApiError) -> Exit {
    if error.is_auth() {
        Exit::ApiAuth
    } else {
        Exit::TryLater
    }
}

/// What a finished run means. A partial snapshot is a visit that worked.
pub(crate) fn of_run(results: &[HostResult]) -> Exit {
    let any = |wanted: fn(&Delivery) -> bool| results.iter().any(|result| wanted(&result.delivery));
    if any(|delivery| matches!(delivery, Delivery::Refused { auth: true, .. })) {
        return Exit::ApiAuth;
    }
    if any(|delivery| matches!(delivery, Delivery::Lost | Delivery::Held)) {
        return Exit::TryLater;
    }
    let failed = |result: &&HostResult| {
        matches!(result.report.outcome, Outcome::Failed | Outcome::Skipped)
            || matches!(result.delivery, Delivery::Refused { .. })
    };
    match results.iter().filter(failed).count() {
        0 => Exit::Fine,
        count if count == results.len() => Exit::AllFailed,
        _ => Exit::SomeFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::HostRef;
    use luumen_api::agent::Report;
    use luumen_model::{HostId, Timestamp};

    const SENT: Delivery = Delivery::Sent {
        sections: 0,
        bytes: 0,
    };

    #[track_caller]
    fn check(results: &[(Outcome, Delivery)], expected: Exit) {
        let results = results.iter().map(|(outcome, delivery)| HostResult {
            unchanged: std::collections::BTreeSet::new(),
            host: HostRef {
                id: HostId(uuid::Uuid::nil()),
                name: "h".into(),
                address: "h".into(),
                port: 22,
            },
            report: Report {
                outcome: *outcome,
                visited_at: Timestamp::default(),
                duration_ms: 0,
                error: None,
                snapshot: None,
            },
            delivery: delivery.clone(),
        });
        assert_eq!(of_run(&results.collect::<Vec<_>>()), expected);
    }

    #[test]
    fn the_worst_news_decides() {
        let refused = |auth| Delivery::Refused {
            code: "C".into(),
            auth,
        };
        check(&[], Exit::Fine);
        check(&[(Outcome::Complete, SENT), (Outcome::Partial, SENT)], Exit::Fine);
        check(
            &[(Outcome::Complete, SENT), (Outcome::Failed, SENT)],
            Exit::SomeFailed,
        );
        check(
            &[(Outcome::Skipped, SENT), (Outcome::Failed, SENT)],
            Exit::AllFailed,
        );
        check(
            &[(Outcome::Failed, SENT), (Outcome::Complete, Delivery::Lost)],
            Exit::TryLater,
        );
        check(
            &[
                (Outcome::Complete, Delivery::Lost),
                (Outcome::Complete, refused(true)),
            ],
            Exit::ApiAuth,
        );
        check(
            &[(Outcome::Complete, SENT), (Outcome::Complete, refused(false))],
            Exit::SomeFailed,
        );
    }
}
