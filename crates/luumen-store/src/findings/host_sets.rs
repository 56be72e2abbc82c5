//! Which hosts have a finding, as bytes: groups of hosts that have the same standing, variant and dates.
//!
//! Numbers of hosts are written in whichever of three ways is smallest: gaps for few, a bit each for many, runs for most.
//! Measured on 100,000 hosts a set that anybody has takes at most 12.5 kB. Pure; no SQL.

use luumen_model::Timestamp;

use crate::StoreError;

/// Where a finding stands on a host, exceptions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It has it.
    Open,
    /// It had it when it could last be judged.
    NotEvaluable,
    /// It is gone, on positive evidence.
    Fixed,
}

/// Hosts that have a finding alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub standing: Standing,
    /// Place in the finding's list of variants.
    pub variant: u32,
    /// When these hosts got it.
    pub opened_at: Timestamp,
    /// Since when they stand so.
    pub since: Timestamp,
    /// Numbers of hosts, ascending.
    pub hosts: Vec<u32>,
}

const GAPS: u8 = 0;
const BITS: u8 = 1;
const RUNS: u8 = 2;

/// The groups as bytes.
pub fn write_groups(groups: &[Group]) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, groups.len() as u64);
    for group in groups {
        out.push(match group.standing {
            Standing::Open => 0,
            Standing::NotEvaluable => 1,
            Standing::Fixed => 2,
        });
        push(&mut out, u64::from(group.variant));
        push(&mut out, group.opened_at.as_millis().cast_unsigned());
        push(&mut out, group.since.as_millis().cast_unsigned());
        write_hosts(&mut out, &group.hosts);
    }
    out
}

/// The groups behind the bytes.
pub fn read_groups(bytes: &[u8]) -> Result<Vec<Group>, StoreError> {
    let mut rest = Reader { bytes };
    let groups = read_all(&mut rest);
    groups.ok_or(StoreError::corrupt("host set"))
}

/// Numbers of hosts, ascending, as bytes.
pub fn write_hosts(out: &mut Vec<u8>, hosts: &[u32]) {
    let (Some(first), Some(last)) = (hosts.first(), hosts.last()) else {
        out.push(GAPS);
        push(out, 0);
        return;
    };
    let runs = 1 + hosts.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    let bits = ((last - first) as usize / 8) + 1;
    // Most gaps of a set that is not dense take one byte, those of a sparse one two.
    let gaps = hosts.len() * (1 + usize::from((last - first) as usize / hosts.len() >= 128));
    if runs * 3 < gaps.min(bits) {
        out.push(RUNS);
        push(out, hosts.len() as u64);
        write_runs(out, hosts, runs);
    } else if bits < gaps {
        out.push(BITS);
        push(out, hosts.len() as u64);
        push(out, u64::from(*first));
        push(out, bits as u64);
        let from = out.len();
        out.resize(from + bits, 0);
        for host in hosts {
            let at = (host - first) as usize;
            out[from + at / 8] |= 1 << (at % 8);
        }
    } else {
        out.push(GAPS);
        push(out, hosts.len() as u64);
        let mut before = 0;
        for host in hosts {
            push(out, u64::from(host - before));
            before = *host;
        }
    }
}

fn write_runs(out: &mut Vec<u8>, hosts: &[u32], runs: usize) {
    push(out, runs as u64);
    let (mut at, mut end) = (0, 0);
    while at < hosts.len() {
        let start = hosts[at];
        let mut length = 1;
        while hosts.get(at + length) == Some(&(start + length as u32)) {
            length += 1;
        }
        push(out, u64::from(start - end));
        push(out, length as u64);
        end = start + length as u32;
        at += length;
    }
}

/// Numbers of hosts that [`write_hosts`] wrote.
pub fn read_hosts(bytes: &[u8]) -> Result<Vec<u32>, StoreError> {
    hosts(&mut Reader { bytes }).ok_or(StoreError::corrupt("host set"))
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn moment(&mut self) -> Option<Timestamp> {
        Some(Timestamp::from_millis(self.number()?.cast_signed()))
    }
}

fn read_all(rest: &mut Reader<'_>) -> Option<Vec<Group>> {
    let count = rest.small()?;
    let mut groups = Vec::new();
    for _ in 0..count {
        groups.push(Group {
            standing: match rest.byte()? {
                0 => Standing::Open,
                1 => Standing::NotEvaluable,
                2 => Standing::Fixed,
                _ => return None,
            },
            variant: rest.small()?,
            opened_at: rest.moment()?,
            since: rest.moment()?,
            hosts: hosts(rest)?,
        });
    }
    Some(groups)
}

fn hosts(rest: &mut Reader<'_>) -> Option<Vec<u32>> {
    let (way, count) = (rest.byte()?, rest.small()? as usize);
    // A torn count must not reserve the memory of the machine.
    let mut hosts = Vec::with_capacity(count.min(1 << 20));
    match way {
        GAPS => {
            let mut before = 0_u32;
            for _ in 0..count {
                before = before.checked_add(rest.small()?)?;
                hosts.push(before);
            }
        }
        BITS => {
            let (first, length) = (rest.small()?, rest.small()? as usize);
            let (bits, after) = rest.bytes.split_at_checked(length)?;
            rest.bytes = after;
            for (at, byte) in (0_u32..).zip(bits) {
                let mut byte = *byte;
                while byte != 0 {
                    hosts.push(first.checked_add(at * 8 + byte.trailing_zeros())?);
                    byte &= byte - 1;
                }
            }
        }
        RUNS => {
            let (runs, mut end) = (rest.small()?, 0_u32);
            for _ in 0..runs {
                let start = end.checked_add(rest.small()?)?;
                end = start.checked_add(rest.small()?)?;
                if hosts.len() + (end - start) as usize > count {
                    return None;
                }
                hosts.extend(start..end);
            }
        }
        _ => return None,
    }
    (hosts.len() == count).then_some(hosts)
}

fn push(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use luumen_model::Timestamp;

    use super::{Group, Standing, read_groups, read_hosts, write_groups, write_hosts};

    #[track_caller]
    fn check(hosts: &[u32], most_bytes: usize) {
        let mut written = Vec::new();
        write_hosts(&mut written, hosts);
        assert!(written.len() <= most_bytes, "{} bytes", written.len());
        assert_eq!(read_hosts(&written).expect("own bytes"), hosts);
    }

    #[test]
    fn a_set_takes_the_shortest_of_three_ways() {
        check(&[], 2);
        check(&[7], 3);
        check(&[1, 1000, 100_000], 8);
        let all: Vec<u32> = (1..=100_000).collect();
        check(&all, 10);
        let every_second: Vec<u32> = (1..=100_000).step_by(2).collect();
        check(&every_second, 12_510);
        let every_hundredth: Vec<u32> = (1..=100_000).step_by(100).collect();
        check(&every_hundredth, 1_010);
        check(&[u32::MAX - 2, u32::MAX - 1], 10);
    }

    #[test]
    fn groups_are_read_as_they_were_written() {
        let group = |standing, variant, hosts: &[u32]| Group {
            standing,
            variant,
            opened_at: Timestamp::from_millis(1_795_305_600_000),
            since: Timestamp::from_millis(1_795_305_700_000),
            hosts: hosts.to_vec(),
        };
        let groups = [
            group(Standing::Open, 0, &[1, 2, 3, 900]),
            group(Standing::NotEvaluable, 1, &[4]),
            group(Standing::Fixed, 300, &[]),
        ];
        assert_eq!(read_groups(&write_groups(&groups)).expect("own bytes"), groups);
    }

    #[test]
    fn torn_bytes_are_refused() {
        for bytes in [
            &[][..],
            &[1],
            &[1, 9, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0, 0, 5, 1],
            &[1, 0, 0, 0, 0, 2, 1, 1, 0, 200, 200, 200, 1],
            &[0xff; 30],
        ] {
            assert!(read_groups(bytes).is_err(), "{bytes:?}");
        }
    }
}
