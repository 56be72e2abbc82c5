//! What exceptions cover of a finding, and until when that holds.

use luumen_model::Timestamp;

/// An exception that speaks of a finding: on which hosts, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Cover<'a> {
    /// Numbers of hosts, ascending; absent for all.
    pub hosts: Option<&'a [u32]>,
    /// Absent when it never expires.
    pub until: Option<Timestamp>,
}

/// How many of the open hosts are covered, and until when this is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    pub count: u32,
    /// From then on fewer may be covered; absent when it never ends.
    pub until: Option<Timestamp>,
}

/// Counts what the exceptions cover of `open` (ascending). Those that have expired count for nothing, by the time that is asked.
pub fn covered(open: &[u32], exceptions: &[Cover<'_>], now: Timestamp) -> Covered {
    let holding = || {
        exceptions
            .iter()
            .filter(|cover| cover.until.is_none_or(|end| end > now))
    };
    let covers =
        |cover: &Cover<'_>, host: &u32| cover.hosts.is_none_or(|hosts| hosts.binary_search(host).is_ok());
    let mut found = Covered::default();
    for host in open {
        // A host stays covered as long as any of its exceptions holds.
        let ends = holding()
            .filter(|cover| covers(cover, host))
            .map(|cover| cover.until);
        let Some(last) = ends.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))) else {
            continue;
        };
        found.count += 1;
        found.until = match (found.until, last) {
            (Some(known), Some(end)) => Some(known.min(end)),
            (known, end) => known.or(end),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use luumen_model::Timestamp;

    use super::{Cover, Covered, covered};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[track_caller]
    fn check(exceptions: &[(Option<&[u32]>, Option<i64>)], now: i64, count: u32, until: Option<i64>) {
        let covers: Vec<Cover<'_>> = exceptions
            .iter()
            .map(|(hosts, until)| Cover {
                hosts: *hosts,
                until: until.map(at),
            })
            .collect();
        let expected = Covered {
            count,
            until: until.map(at),
        };
        assert_eq!(covered(&[1, 2, 3], &covers, at(now)), expected);
    }

    #[test]
    fn a_host_is_covered_while_any_exception_holds() {
        check(&[], 0, 0, None);
        check(&[(None, None)], 0, 3, None);
        check(&[(None, Some(10))], 0, 3, Some(10));
        check(&[(None, Some(10))], 10, 0, None);
        check(&[(Some(&[2, 9]), Some(10))], 0, 1, Some(10));
        check(
            &[(Some(&[2]), Some(10)), (Some(&[2, 3]), Some(20))],
            0,
            2,
            Some(20),
        );
        check(&[(Some(&[1]), Some(10)), (Some(&[3]), None)], 0, 2, Some(10));
        check(&[(Some(&[1]), Some(10)), (None, None)], 0, 3, None);
    }
}
