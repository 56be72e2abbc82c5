//! New ids: UUIDv7 of a moment that the caller names, so that ids sort by time and nothing reads a clock; and ids in statements.

use luumen_model::Timestamp;
use sea_orm::sea_query::Expr;
use uuid::{Builder, Uuid};

/// A new id of the moment `at`.
pub(crate) fn new_id(at: Timestamp) -> Uuid {
    let random = Uuid::new_v4().into_bytes();
    let mut tail = [0_u8; 10];
    // Bytes 6 and 8 of a v4 hold its version and variant; the ten taken here are as random as can be.
    tail[..6].copy_from_slice(&random[..6]);
    tail[6..].copy_from_slice(&random[12..]);
    Builder::from_unix_timestamp_millis(millis(at), &tail).into_uuid()
}

/// The largest id of the moment `at`: "as of" is "not after this".
pub(crate) fn last_id_of(at: Timestamp) -> Uuid {
    Builder::from_unix_timestamp_millis(millis(at), &[0xff; 10]).into_uuid()
}

/// Numbers of ours as constants of a statement: there may be more of them than a statement binds (SQLite 32,766,
/// PostgreSQL 65,535).
pub(crate) fn unbound(ids: &[i64]) -> impl Iterator<Item = Expr> {
    ids.iter().map(|id| Expr::Constant((*id).into()))
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{last_id_of, new_id};
    use luumen_model::Timestamp;

    #[test]
    fn an_id_lies_within_its_moment() {
        let at = Timestamp::from_millis(1_795_314_000_250);
        let id = new_id(at);
        assert!(last_id_of(at.plus_millis(-1)) < id && id <= last_id_of(at));
        assert_ne!(new_id(at), id);
    }
}
