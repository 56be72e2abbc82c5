//! What this device knows of vulnerabilities: fetched feeds and the catalogue made of them, in one folder of its user's.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use luumen_catalogue::Catalogue;
use luumen_feeds::{
    assemble::{AssembleError, Assembled, Assembly},
    build::{self, BuildReport},
    bundle::{
        self, Age, Catalogues, ImportError, Installed, Manifest, PlaceError, SigningKey, TrustedKeys,
        WriteError,
    },
    fetch::{FetchReport, Fetcher, Progress, Settings, SettingsError},
    keep::{self, Keep, KeepError, Shrink, SourceStatus},
    mapped::{self, OpenFileError},
    offline::{self, Survey},
    registry::{Override, Registry, RegistryError},
};
use luumen_model::Timestamp;
use tokio_util::sync::CancellationToken;

/// Why the library could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The list of sources, or what was said otherwise than it.
    #[error("the list of sources cannot be used")]
    Registry(#[from] RegistryError),
    /// A source that is not in the list.
    #[error("{id:?} is none of the sources; `luumen feeds status` lists them")]
    NoSuchSource {
        /// What was given.
        id: String,
    },
    /// Settings with which nothing can be fetched.
    #[error("nothing can be fetched this way")]
    Settings(#[from] SettingsError),
    /// The store of feeds.
    #[error("the store of feeds cannot be used")]
    Keep(#[from] KeepError),
    /// A folder that was named.
    #[error("the folder {} cannot be read", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing was recognised.
    #[error("no file in {} is of any source that we know", path.display())]
    NothingFound {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing was fetched yet, or nothing of it could be read.
    #[error("there is nothing to build a catalogue of; `luumen feeds pull` fetches what publishers say")]
    Empty,
    /// The build was stopped.
    #[error("the catalogue was not built: it was stopped")]
    Cancelled,
    /// The file could not be written.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// The folder of catalogues.
    #[error("the installed catalogue cannot be used")]
    Place(#[from] PlaceError),
    /// There is none.
    #[error("no catalogue is installed for this user")]
    NoCatalogue,
    /// The catalogue's file.
    #[error(transparent)]
    Open(#[from] OpenFileError),
    /// A bundle could not be written.
    #[error("the bundle could not be written")]
    Export(#[from] WriteError),
    /// A bundle that is not taken.
    #[error("the bundle is not taken")]
    Import(#[from] ImportError),
}

impl LibraryError {
    /// Whether a bundle was refused only because what is installed is newer.
    pub fn is_older(&self) -> bool {
        matches!(self, Self::Import(ImportError::Older { .. }))
    }
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Library {
    root: PathBuf,
    registry: Registry,
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// The catalogue.
    pub assembled: Assembled,
    /// What came of each source.
    pub report: BuildReport,
    /// Where the catalogue lies.
    pub path: PathBuf,
    /// What lay in the folder, when one was given.
    pub survey: Option<Survey>,
}

impl Library {
    /// The library in a folder, with the list of sources that ships with Luumen and what is said otherwise (by source).
    pub fn new(root: PathBuf, overrides: &BTreeMap<String, Override>) -> Result<Self, LibraryError> {
        let registry = Registry::built_in()?.with_overrides(overrides)?;
        Ok(Self { root, registry })
    }

    fn keep(&self) -> Result<Keep, LibraryError> {
        Ok(Keep::open(self.root.join("feeds"))?)
    }

    fn catalogues(&self) -> Result<Catalogues, LibraryError> {
        Ok(Catalogues::open(self.root.join("catalogue"))?)
    }

    /// Ids of the sources that are fetched.
    pub fn enabled(&self) -> Vec<String> {
        self.registry.enabled().map(|source| source.id.clone()).collect()
    }

    /// Looks at one source and takes what is new.
    pub async fn pull(
        &self,
        id: &str,
        settings: &Settings,
        now: Timestamp,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<FetchReport, LibraryError> {
        let source = self.registry.source(id);
        let source = source.ok_or_else(|| LibraryError::NoSuchSource { id: id.to_owned() })?;
        let fetcher = Fetcher::new(settings.clone())?;
        Ok(fetcher
            .fetch(source, &self.keep()?, now, progress, cancel)
            .await?)
    }

    /// Builds a catalogue out of what was fetched. Without `out` it is installed.
    pub fn build(
        &self,
        shrink: Shrink,
        out: Option<&Path>,
        now: Timestamp,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<Built, LibraryError> {
        let keep = self.keep()?;
        let mut assembly = Assembly::new();
        let report = build::from_keep(&self.registry, &keep, shrink, &mut assembly, progress, cancel);
        for status in self.status(now)? {
            if let Some(at) = status.last_success {
                assembly.looked_at(&status.source, at);
            }
        }
        self.finish(assembly, report, out, now, None)
    }

    /// Builds a catalogue out of files that somebody carried here.
    pub fn build_from(
        &self,
        folder: &Path,
        sample: bool,
        out: Option<&Path>,
        now: Timestamp,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<Built, LibraryError> {
        let survey = offline::survey(folder, &self.registry).map_err(|source| LibraryError::Folder {
            path: folder.to_owned(),
            source,
        })?;
        if survey.found.is_empty() {
            return Err(LibraryError::NothingFound {
                path: folder.to_owned(),
            });
        }
        let mut assembly = Assembly::new();
        if sample {
            assembly.mark_as_sample();
        }
        let report = build::from_files(&self.registry, &survey.found, &mut assembly, progress, cancel);
        self.finish(assembly, report, out, now, Some(survey))
    }

    fn finish(
        &self,
        assembly: Assembly,
        report: BuildReport,
        out: Option<&Path>,
        now: Timestamp,
        survey: Option<Survey>,
    ) -> Result<Built, LibraryError> {
        // Half of what is known would read as "nothing more is known".
        if report.cancelled {
            return Err(LibraryError::Cancelled);
        }
        // An empty catalogue over a good one would read as "nothing is vulnerable any more".
        if report.sources.iter().all(|source| source.records == 0) {
            return Err(LibraryError::Empty);
        }
        let built = |assembled, path| Built {
            assembled,
            report: report.clone(),
            path,
            survey,
        };
        if let Some(path) = out {
            let assembled = assembly.write(&self.registry, &report, now, path)?;
            return Ok(built(assembled, path.to_owned()));
        }
        let catalogues = self.catalogues()?;
        let scratch = self.root.join("catalogue.new");
        let assembled = assembly.write(&self.registry, &report, now, &scratch)?;
        let installed = catalogues.install_built(assembled.manifest.clone(), &scratch);
        let removed = std::fs::remove_file(&scratch);
        let installed = installed?;
        removed.map_err(|source| LibraryError::Folder {
            path: scratch,
            source,
        })?;
        Ok(built(assembled, installed.path))
    }

    /// How fresh each source is.
    pub fn status(&self, now: Timestamp) -> Result<Vec<SourceStatus>, LibraryError> {
        let store = self.keep()?;
        let sources = self.registry.sources().iter();
        let status = |source| Ok(keep::status(source, &store.folder(&source.id)?, now));
        sources
            .map(status)
            .collect::<Result<_, KeepError>>()
            .map_err(LibraryError::from)
    }

    /// The installed catalogue, if there is one.
    pub fn installed(&self) -> Result<Option<Installed>, LibraryError> {
        Ok(self.catalogues()?.current()?)
    }

    /// Opens the installed catalogue.
    pub fn open(&self) -> Result<Catalogue, LibraryError> {
        let installed = self.installed()?.ok_or(LibraryError::NoCatalogue)?;
        Ok(mapped::open(&installed.path)?)
    }

    /// Writes the installed catalogue as a signed bundle.
    pub fn export(&self, bundle: &Path, key: &SigningKey) -> Result<Manifest, LibraryError> {
        let installed = self.installed()?.ok_or(LibraryError::NoCatalogue)?;
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| LibraryError::Folder { path, source }
        };
        let mut catalogue = File::open(&installed.path).map_err(at(&installed.path))?;
        let mut out = File::create(bundle).map_err(at(bundle))?;
        Ok(bundle::write(&mut catalogue, installed.manifest, key, &mut out)?)
    }

    /// Checks a bundle and installs its catalogue.
    pub fn import(&self, bundle: &Path, trusted: &TrustedKeys, age: Age) -> Result<Installed, LibraryError> {
        let file = File::open(bundle).map_err(|source| LibraryError::Folder {
            path: bundle.to_owned(),
            source,
        })?;
        let file = io::BufReader::new(file);
        // What cannot be opened never takes the place of what can.
        let check = |path: &Path| mapped::open(path).map(drop);
        let catalogues = self.catalogues()?;
        Ok(bundle::verify_unpack_and_check(
            file,
            trusted,
            &catalogues,
            age,
            check,
        )?)
    }
}
