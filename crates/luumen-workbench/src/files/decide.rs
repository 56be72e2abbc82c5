//! What to do with one thing that is carried over: where it goes, what is in its place, and what its person
//! wants done about that.

use std::path::Path;

use luumen_transport::sftp::{Attributes, Sftp};

use super::{
    browser::{Browser, problem},
    carry::{self, Carried, Progress},
    entry::{Entry, join, name, numbered, parent},
    keep::OtherOwner,
    part::Place,
    transfer::{Conflict, OnConflict, TransferDirection},
    walk::{self, Item},
};
use crate::bridge::Problem;

/// More copies of one name than anybody wants.
const MAX_NUMBER: u32 = 1000;

/// What to do with one file.
pub(super) enum Decision {
    Carry(Place),
    CarryTo(Item),
    Leave,
    Ask(Box<Conflict>),
}

/// Where one thing goes: into the folder, under its own name.
pub(super) fn goal(direction: TransferDirection, from: &str, to: &str) -> String {
    match direction {
        TransferDirection::Upload => {
            let path = Path::new(from);
            let name = path
                .file_name()
                .map_or_else(|| "files".into(), |name| name.to_string_lossy());
            join(to, &name)
        }
        TransferDirection::Download => Path::new(to)
            .join(walk::local_name(name(from)))
            .display()
            .to_string(),
    }
}

/// Carries one thing. Says whose it is where that is another than before.
pub(super) async fn one(
    browser: &Browser,
    sftp: &Sftp,
    direction: TransferDirection,
    item: &Item,
    place: Place,
    progress: &Progress,
) -> Result<Carried<Option<OtherOwner>>, Problem> {
    match (direction, item.directory) {
        (TransferDirection::Download, true) => {
            let made = tokio::fs::create_dir_all(&item.local).await;
            made.map_err(|error| {
                Problem::of(
                    "LUM-LOCAL-FILE",
                    format!("{} could not be made", item.local.display()),
                    &error,
                )
            })?;
            Ok(Carried::InPlace(None))
        }
        (TransferDirection::Upload, true) => match sftp.make_directory(&item.remote).await {
            Err(error) if !matches!(sftp.is_directory(&item.remote).await, Ok(true)) => Err(problem(
                format!("the folder {} could not be made", item.remote),
                &error,
            )),
            _ => Ok(Carried::InPlace(None)),
        },
        (TransferDirection::Download, false) => {
            let carried =
                carry::download_file(browser, sftp, &item.remote, &item.local, place, progress).await?;
            Ok(carried.map(|()| None))
        }
        (TransferDirection::Upload, false) => {
            let carried =
                carry::upload_file(browser, sftp, &item.local, &item.remote, place, progress).await?;
            Ok(carried.map(|sent| sent.owner))
        }
    }
}

/// Looks at what is in the place of a file, and says what to do.
pub(super) async fn decide(
    sftp: &Sftp,
    direction: TransferDirection,
    item: &Item,
    policy: OnConflict,
) -> Result<Decision, Problem> {
    if item.directory || policy == OnConflict::Overwrite {
        return Ok(Decision::Carry(Place::Replace));
    }
    let local = tokio::fs::symlink_metadata(&item.local).await.ok();
    let remote = match sftp.lstat(&item.remote).await {
        Ok(found) => Some(found),
        Err(error) if error.is_missing() => None,
        Err(error) => return Err(problem(format!("{} could not be looked at", item.remote), &error)),
    };
    let in_the_way = match direction {
        TransferDirection::Download => local.as_ref().map(std::fs::Metadata::len),
        TransferDirection::Upload => remote.as_ref().map(|remote| remote.size.unwrap_or(0)),
    };
    let Some(length) = in_the_way else {
        return Ok(Decision::Carry(Place::Free));
    };
    Ok(match policy {
        OnConflict::Skip => Decision::Leave,
        OnConflict::Rename => Decision::CarryTo(free_name(sftp, direction, item).await?),
        OnConflict::Resume if length == item.size => Decision::Leave,
        OnConflict::Resume if length < item.size => Decision::Carry(Place::Continue),
        OnConflict::Resume | OnConflict::Overwrite => Decision::Carry(Place::Replace),
        OnConflict::Ask => Decision::Ask(Box::new(Conflict {
            local: match &local {
                Some(metadata) => Entry::local(&item.local, metadata),
                None => nothing(&item.local.display().to_string(), item.size),
            },
            remote: match &remote {
                Some(attributes) => Entry::of(&item.remote, attributes),
                None => nothing(&item.remote, item.size),
            },
        })),
    })
}

/// An entry for what vanished while it was being looked at.
fn nothing(path: &str, size: u64) -> Entry {
    let attributes = Attributes {
        size: Some(size),
        ..Attributes::default()
    };
    Entry::of(path, &attributes)
}

async fn free_name(sftp: &Sftp, direction: TransferDirection, item: &Item) -> Result<Item, Problem> {
    for number in 2..MAX_NUMBER {
        let mut other = item.clone();
        let free = match direction {
            TransferDirection::Download => {
                let name = numbered(&file_name(&item.local), number);
                other.local = item.local.with_file_name(name);
                tokio::fs::symlink_metadata(&other.local).await.is_err()
            }
            TransferDirection::Upload => {
                other.remote = join(parent(&item.remote), &numbered(name(&item.remote), number));
                sftp.lstat(&other.remote)
                    .await
                    .is_err_and(|error| error.is_missing())
            }
        };
        if free {
            return Ok(other);
        }
    }
    Err(Problem::new(
        "LUM-TRANSFER-NAMES",
        "no free name was found",
        format!("there are {MAX_NUMBER} copies already"),
    ))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
