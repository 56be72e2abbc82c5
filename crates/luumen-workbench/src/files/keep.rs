//! What a file on the host keeps when it is replaced: whose it is, its permissions; and the time of the one that is sent.

use std::{fs, time::UNIX_EPOCH};

use luumen_transport::sftp::{Attributes, FileHandle};

/// Bits that make a program run as its owner or its group.
const RUNS_AS: u32 = 0o6000;

/// Whose a file was, and whose it is; as numbers of owner and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OtherOwner {
    pub(super) before: (u32, u32),
    pub(super) now: (u32, u32),
}

impl OtherOwner {
    /// Why it is another one now, for a person.
    pub(super) fn words(&self) -> String {
        let (before, now) = (self.before, self.now);
        if before.0 == now.0 {
            return format!(
                "it belonged to the group {} and now belongs to {}, because your account may not give it to that group",
                before.1, now.1
            );
        }
        format!(
            "it belonged to {}:{} and now belongs to {}:{}, because your account may not give files away",
            before.0, before.1, now.0, now.1
        )
    }
}

/// Gives a new file what the one before it had; without one, what the file here has. Says whose it is now if that is another.
/// None of it is worth failing for: the content is there.
pub(super) async fn keep(
    file: &FileHandle,
    metadata: &fs::Metadata,
    before: Option<&Attributes>,
) -> Option<OtherOwner> {
    let owner = before.and_then(|before| before.owner);
    // First, because the system takes some permissions away from what is given to somebody.
    let other = match owner {
        Some(owner) => give(file, owner).await,
        None => None,
    };
    let _ = file
        .set_stat(&bits_and_time(metadata, before, other.is_some()))
        .await;
    other
}

/// Gives a file to its owner and group, or at least to the group.
async fn give(file: &FileHandle, wanted: (u32, u32)) -> Option<OtherOwner> {
    let ours = file.stat().await.ok()?.owner?;
    let mut now = ours;
    for owner in [wanted, (ours.0, wanted.1)] {
        let attributes = Attributes {
            owner: Some(owner),
            ..Attributes::default()
        };
        if owner == ours || file.set_stat(&attributes).await.is_ok() {
            now = owner;
            break;
        }
    }
    (now != wanted).then_some(OtherOwner { before: wanted, now })
}

fn bits_and_time(metadata: &fs::Metadata, before: Option<&Attributes>, other_owner: bool) -> Attributes {
    #[cfg(unix)]
    let ours = {
        use std::os::unix::fs::PermissionsExt as _;
        Some(metadata.permissions().mode() & 0o777)
    };
    #[cfg(not(unix))]
    let ours = Some(0o644);
    // Nobody agreed that a program runs as somebody else.
    let kept = before.and_then(Attributes::permissions);
    let kept = kept.map(|mode| if other_owner { mode & !RUNS_AS } else { mode });
    let changed = metadata.modified().ok();
    let since = changed.and_then(|changed| changed.duration_since(UNIX_EPOCH).ok());
    let changed = since.and_then(|since| u32::try_from(since.as_secs()).ok());
    Attributes {
        mode: kept.or(ours),
        times: changed.map(|changed| (changed, changed)),
        ..Attributes::default()
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_runs_as_somebody_else_only_where_it_belongs_to_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let metadata = fs::metadata(folder.path()).expect("looked at");
        let before = Attributes {
            mode: Some(0o104_755),
            ..Attributes::default()
        };
        for (other, mode) in [(false, 0o4755), (true, 0o755)] {
            let kept = bits_and_time(&metadata, Some(&before), other);
            assert_eq!(kept.mode, Some(mode));
        }
    }

    #[test]
    fn a_person_reads_whose_a_file_is() {
        let other = |before, now| OtherOwner { before, now }.words();
        assert!(
            other((33, 33), (1000, 1000)).starts_with("it belonged to 33:33 and now belongs to 1000:1000")
        );
        assert!(
            other((1000, 33), (1000, 1000))
                .starts_with("it belonged to the group 33 and now belongs to 1000")
        );
    }
}
