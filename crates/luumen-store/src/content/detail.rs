//! What differs with every visit: when, how long, and the vitals. Some hundred bytes of JSON that look
//! much alike, so they are compressed against a sample of themselves.

use luumen_model::{Collector, PrivilegeTier, SchemaTag, SectionRecord, Snapshot, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// First byte of what is written. A better sample gets a number of its own; this one stays readable.
const SAMPLE_1: u8 = 1;
const SAMPLE: &[u8] = br#"{"schema":"luumen.snapshot/1","taken_at":"2026-11-22T02:45:08.123Z","duration_ms":1234,"collector":{"name":"luumen-agent","version":"0.1.0","catalogue":"0123456789ab"},"tier":"standard","username":"luumen","durations_ms":[10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33],"vitals":{"status":"ok","duration_ms":12,"hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","data":{"clock_at":"2026-11-22T02:45:08.000Z","load_15m":0.05,"load_1m":0.11,"load_5m":0.08,"logged_in_users":1,"mem_available_bytes":8123456789,"mounts":[{"available_bytes":41234567890,"inodes_used_percent":12.5,"mount_point":"/","used_bytes":12345678901,"used_percent":23.1},{"available_bytes":712345600,"inodes_used_percent":0.2,"mount_point":"/boot","used_bytes":212345600,"used_percent":23.0},{"available_bytes":534567000,"mount_point":"/boot/efi","used_bytes":6123456,"used_percent":1.1},{"available_bytes":12345678901,"mount_point":"/var","used_bytes":1,"used_percent":50.0}],"processes":123,"swap_used_bytes":0,"uptime_s":1234567}}}"#;

/// No detail is larger than this; a host with thousands of mounts has some hundred kilobytes.
const MAX_BYTES: usize = 16 << 20;

/// The part of a snapshot that is kept with its visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub schema: SchemaTag,
    pub taken_at: Timestamp,
    pub duration_ms: i64,
    pub collector: Collector,
    pub tier: PrivilegeTier,
    pub username: String,
    /// Of each section but vitals, in their order.
    pub durations_ms: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vitals: Option<SectionRecord>,
}

impl Detail {
    /// The part of `snapshot` that its section set does not hold.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let vitals = luumen_model::SectionKind::Vitals;
        let durations = snapshot
            .sections
            .iter()
            .filter(|(kind, _)| **kind != vitals)
            .map(|(_, record)| record.duration_ms);
        Self {
            schema: snapshot.schema,
            taken_at: snapshot.taken_at,
            duration_ms: snapshot.duration_ms,
            collector: snapshot.collector.clone(),
            tier: snapshot.tier,
            username: snapshot.username.clone(),
            durations_ms: durations.collect(),
            vitals: snapshot.sections.get(&vitals).cloned(),
        }
    }

    pub(crate) fn write(&self) -> Result<Vec<u8>, StoreError> {
        let text = serde_json::to_vec(self).map_err(|source| StoreError::corrupt_by("visit", source))?;
        let packed = zstd::bulk::Compressor::with_dictionary(3, SAMPLE)
            .and_then(|mut compressor| {
                compressor.include_checksum(false)?;
                compressor.include_contentsize(false)?;
                compressor.compress(&text)
            })
            .map_err(|source| StoreError::corrupt_by("visit", source))?;
        let mut out = Vec::with_capacity(packed.len() + 1);
        out.push(SAMPLE_1);
        out.extend(packed);
        Ok(out)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let (SAMPLE_1, packed) = bytes
            .split_first()
            .map_or((0, bytes), |(sample, rest)| (*sample, rest))
        else {
            return Err(StoreError::corrupt("visit"));
        };
        let text = zstd::stream::Decoder::with_dictionary(packed, SAMPLE)
            .and_then(|decoder| {
                let mut text = Vec::new();
                std::io::Read::read_to_end(&mut std::io::Read::take(decoder, MAX_BYTES as u64), &mut text)?;
                Ok(text)
            })
            .map_err(|source| StoreError::corrupt_by("visit", source))?;
        serde_json::from_slice(&text).map_err(|source| StoreError::corrupt_by("visit", source))
    }
}

#[cfg(test)]
mod tests {
    use super::{Detail, SAMPLE};

    #[test]
    fn a_visit_takes_a_hundred_bytes() {
        let text = String::from_utf8_lossy(SAMPLE)
            .replace("12345678901", "98127364512")
            .replace("0.11", "1.37")
            .replace(
                "e3b0c44298fc1c149afbf4c8996fb924",
                "7d865e959b2466918c9863afca942d0f",
            );
        let detail: Detail = serde_json::from_str(&text).expect("json");
        let written = detail.write().expect("packed");
        assert_eq!(Detail::read(&written).expect("own bytes"), detail);
        assert!(written.len() < 160, "{} bytes", written.len());
    }

    #[test]
    fn torn_bytes_are_refused() {
        assert!(Detail::read(&[]).is_err());
        assert!(Detail::read(&[9, 1, 2]).is_err());
        assert!(Detail::read(&[1, 1, 2]).is_err());
    }
}
