//! The catalogue that judges: the installed one, or a file that the person chose. Never fetched from here.

use std::{path::PathBuf, sync::Arc};

use luumen_catalogue::Catalogue;
use serde::Deserialize;
use ts_rs::TS;

use super::model::CatalogueInfo;
use crate::{
    BundleAge, Library, LibraryError, TrustedKeys,
    bridge::{Problem, Time},
    core::Core,
    open_catalogue, preferences,
};

/// An open catalogue and what is told of it.
pub(super) struct Opened {
    pub(super) catalogue: Catalogue,
    pub(super) info: CatalogueInfo,
}

/// A catalogue or bundle to use from now on.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportCatalogue {
    /// A signed bundle, or a catalogue's own file.
    pub(super) path: String,
    /// The file of keys that a bundle's signature is checked with.
    #[serde(default)]
    #[ts(optional)]
    pub(super) keys: Option<String>,
}

const MILLIS_A_DAY: i64 = 86_400_000;

/// The catalogue, or why there is none to judge with.
pub(super) async fn open(core: &Core) -> Result<Option<Opened>, Problem> {
    let chosen = preferences::read(core).await?.catalogue.map(PathBuf::from);
    let library = core.options.library_dir.clone();
    let opened = tokio::task::spawn_blocking(move || open_now(chosen, library)).await;
    opened.map_err(|_| failed("opening it failed"))?
}

fn open_now(chosen: Option<PathBuf>, library: PathBuf) -> Result<Option<Opened>, Problem> {
    let (path, sample) = match chosen {
        Some(path) => (path, false),
        None => match installed(library)? {
            Some(installed) => installed,
            None => return Ok(None),
        },
    };
    let catalogue = open_catalogue(&path).map_err(|error| {
        Problem::of(
            "LUM-CATALOGUE-OPEN",
            "the catalogue of vulnerabilities cannot be used",
            &error,
        )
        .next("Import a catalogue again.")
    })?;
    let built_at = Time(catalogue.meta().built_at);
    let age = Time::now()
        .as_millis()
        .saturating_sub(built_at.as_millis())
        .max(0)
        / MILLIS_A_DAY;
    let info = CatalogueInfo {
        path: path.display().to_string(),
        built_at,
        sample: sample || catalogue.meta().sources.iter().any(|source| source.sample),
        age_days: u32::try_from(age).unwrap_or(u32::MAX),
    };
    Ok(Some(Opened { catalogue, info }))
}

fn installed(library: PathBuf) -> Result<Option<(PathBuf, bool)>, Problem> {
    // Looking must not make a folder that was not there.
    if !library.join("catalogue").exists() {
        return Ok(None);
    }
    let library = Library::new(library, &std::collections::BTreeMap::new()).map_err(of_library)?;
    let installed = library.installed().map_err(of_library)?;
    Ok(installed.map(|installed| (installed.path, installed.manifest.sample)))
}

/// Takes a bundle into the library, or a catalogue's file where it lies.
pub(super) async fn import(core: &Arc<Core>, args: ImportCatalogue) -> Result<Option<PathBuf>, Problem> {
    let options = core.options.clone();
    let taken = tokio::task::spawn_blocking(move || import_now(&args, &options)).await;
    taken.map_err(|_| failed("reading it failed"))?
}

fn import_now(args: &ImportCatalogue, options: &crate::Options) -> Result<Option<PathBuf>, Problem> {
    let path = options.path(&args.path);
    if !luumen_feeds::bundle::is_bundle(&path).map_err(|error| {
        Problem::of(
            "LUM-CATALOGUE-FILE",
            format!("{} cannot be read", path.display()),
            &error,
        )
        .next("Look whether the file is there and whether you may read it.")
    })? {
        open_catalogue(&path).map_err(|error| {
            Problem::of(
                "LUM-CATALOGUE-OPEN",
                "this is neither a bundle nor a catalogue",
                &error,
            )
            .next("Choose a file that `luumen feeds export` or `luumen feeds build --out` wrote.")
        })?;
        return Ok(Some(path));
    }
    let Some(keys) = &args.keys else {
        return Err(Problem::new(
            "LUM-CATALOGUE-KEYS",
            "the bundle was not taken",
            "nobody said whose signature is good",
        )
        .next("Choose the file of trusted keys that you were given with the bundle."));
    };
    let text = std::fs::read_to_string(options.path(keys)).map_err(|error| {
        Problem::of("LUM-CATALOGUE-KEYS", format!("{keys} cannot be read"), &error)
            .next("Choose the file of trusted keys.")
    })?;
    let trusted = TrustedKeys::parse(&text).map_err(|error| {
        Problem::of("LUM-CATALOGUE-KEYS", format!("{keys} holds no keys"), &error)
            .next("Choose another file.")
    })?;
    let library =
        Library::new(options.library_dir.clone(), &std::collections::BTreeMap::new()).map_err(of_library)?;
    library
        .import(&path, &trusted, BundleAge::NewerOnly)
        .map(|_| None)
        .map_err(of_library)
}

fn of_library(error: LibraryError) -> Problem {
    Problem::of(
        "LUM-CATALOGUE",
        "the catalogue of vulnerabilities cannot be used",
        &error,
    )
    .next("Import a catalogue again.")
}

fn failed(why: &str) -> Problem {
    Problem::new(
        "LUM-CATALOGUE",
        "the catalogue of vulnerabilities cannot be used",
        why,
    )
}
