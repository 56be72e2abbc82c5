//! `luumen feeds`: what the world says about vulnerabilities, fetched, built, carried and installed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use luumen_workbench::{
    Built, BundleAge, FetchEvent, FetchSettings, FetchStep, Library, LibraryError, Secret, Shrink,
    SigningKey, SourceOverride, SourceStatus, TrustedKeys,
};
use tokio_util::sync::CancellationToken;

use super::{COMPLETE, PARTIAL, USAGE, chain, data_folder, in_runtime, matching::now};
use crate::{
    args::{Build, Export, Feeds, Import, Keygen, Pull, Store},
    terminal::{self, Unwritten},
};

/// Runs it, and answers the exit code.
pub(crate) fn main(command: Feeds) -> u8 {
    let done = match command {
        Feeds::Pull(args) => pull(args),
        Feeds::Build(args) => build(&args),
        Feeds::Export(args) => export(&args),
        Feeds::Import(args) => import(&args),
        Feeds::Status(args) => status(&args),
        Feeds::Keygen(args) => keygen(&args),
    };
    match done {
        Ok(code) => code,
        Err(message) => {
            terminal::trouble(&message, "");
            USAGE
        }
    }
}

/// The library of this user, or in the folder that was named.
pub(crate) fn library(
    dir: Option<&Path>,
    overrides: &BTreeMap<String, SourceOverride>,
) -> Result<Library, String> {
    let root = match dir {
        Some(dir) => dir.to_owned(),
        None => data_folder().ok_or("There is no home folder; name one with --dir.")?,
    };
    Library::new(root, overrides).map_err(|error| told(&error))
}

fn told(error: &LibraryError) -> String {
    chain(error)
}

fn pull(args: Pull) -> Result<u8, String> {
    let mut overrides = BTreeMap::new();
    for text in &args.bases {
        let (id, url) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} is not ID=URL."))?;
        let base = SourceOverride {
            base: Some(url.to_owned()),
            ..SourceOverride::default()
        };
        overrides.insert(id.to_owned(), base);
    }
    let library = library(args.store.dir.as_deref(), &overrides)?;
    let settings = settings(&args)?;
    let ids = if args.sources.is_empty() {
        library.enabled()
    } else {
        args.sources
    };
    Ok(in_runtime(Box::pin(async move {
        pull_all(&library, &ids, &settings).await
    })))
}

fn settings(args: &Pull) -> Result<FetchSettings, String> {
    let mut settings = FetchSettings {
        proxy: args.proxy.as_deref().map(Secret::new),
        ..FetchSettings::default()
    };
    if let Some(path) = &args.ca_file {
        settings.ca_pem = Some(fs::read(path).map_err(|error| unreadable(path, &error))?);
    }
    if let Some(path) = &args.nvd_key_file {
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        settings.nvd_api_key = Some(Secret::new(text.trim()));
    }
    Ok(settings)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

async fn pull_all(library: &Library, ids: &[String], settings: &FetchSettings) -> u8 {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    let mut code = COMPLETE;
    for id in ids {
        match library.pull(id, settings, now(), &show, &cancel).await {
            Ok(report) => {
                let told = terminal::print(&format!(
                    "{id}: {} new, {} unchanged, {} gone, {} bytes",
                    report.fetched, report.unchanged, report.gone, report.bytes
                ));
                if let Err(unwritten) = told {
                    terminal::trouble(&unwritten.to_string(), "");
                    return USAGE;
                }
                for trouble in &report.troubles {
                    terminal::trouble(&format!("{id}: {}: {}", trouble.document, trouble.what), "");
                }
                if !report.is_complete() {
                    code = PARTIAL;
                }
                if report.cancelled {
                    break;
                }
            }
            Err(error) => {
                terminal::trouble(
                    &format!("{id}: {}", told(&error)),
                    "What was known before is kept.",
                );
                code = PARTIAL;
            }
        }
    }
    code
}

/// Long work shows where it is, on a terminal only.
fn show(event: FetchEvent<'_>) {
    let what = match event.step {
        FetchStep::Waiting => "waiting",
        FetchStep::Reading => "reading",
        FetchStep::Transferring => "fetching",
        _ => return,
    };
    terminal::progress(&format!(
        "{} {what} {} {}",
        event.source,
        event.document,
        size(event.bytes, event.of)
    ));
}

fn size(bytes: u64, of: Option<u64>) -> String {
    match of {
        Some(of) if of > 0 => format!("{} of {} KiB", bytes >> 10, of >> 10),
        _ if bytes > 0 => format!("{} KiB", bytes >> 10),
        _ => String::new(),
    }
}

fn build(args: &Build) -> Result<u8, String> {
    let library = library(args.store.dir.as_deref(), &BTreeMap::new())?;
    let (cancel, out) = (CancellationToken::new(), args.out.as_deref());
    let built = match &args.from {
        Some(folder) => library.build_from(folder, args.sample, out, now(), &show, &cancel),
        None => {
            let shrink = if args.accept_less {
                Shrink::Accept
            } else {
                Shrink::Refuse
            };
            library.build(shrink, out, now(), &show, &cancel)
        }
    };
    let built = built.map_err(|error| told(&error))?;
    tell(&built)?;
    Ok(COMPLETE)
}

/// Says what each source gave, what was not recognised, and what came out.
fn tell(built: &Built) -> Result<(), Unwritten> {
    for source in &built.report.sources {
        // Nothing was fetched of it: there is nothing to say.
        if source.documents == 0 && source.trouble_count == 0 {
            continue;
        }
        terminal::print(&format!(
            "{}: {} documents, {} records, {} problems",
            source.source, source.documents, source.records, source.trouble_count
        ))?;
        for trouble in source.troubles.iter().take(3) {
            terminal::trouble(&format!("  {}: {}", trouble.document, trouble.what), "");
        }
    }
    for unknown in built.survey.iter().flat_map(|survey| &survey.unknown) {
        terminal::trouble(
            &format!("Not recognised: {}: {}", unknown.path.display(), unknown.why),
            "",
        );
    }
    let all = &built.assembled;
    terminal::print(&format!(
        "{}: {} claims, {} vulnerabilities, {} bytes",
        built.path.display(),
        all.claims,
        all.vulnerabilities,
        all.size_bytes
    ))?;
    for notice in all.manifest.notices() {
        terminal::print(notice)?;
    }
    Ok(())
}

fn export(args: &Export) -> Result<u8, String> {
    let text = fs::read_to_string(&args.key).map_err(|error| unreadable(&args.key, &error))?;
    let key = SigningKey::parse(&Secret::new(text.trim())).map_err(|error| chain(&error))?;
    let library = library(args.store.dir.as_deref(), &BTreeMap::new())?;
    let manifest = library.export(&args.bundle, &key).map_err(|error| told(&error))?;
    terminal::print(&format!(
        "{}: catalogue of {}, signed with key {}",
        args.bundle.display(),
        manifest.created_at,
        manifest.signed_by
    ))?;
    Ok(COMPLETE)
}

fn import(args: &Import) -> Result<u8, String> {
    let text = fs::read_to_string(&args.trust).map_err(|error| unreadable(&args.trust, &error))?;
    let trusted = TrustedKeys::parse(&text).map_err(|error| chain(&error))?;
    let age = if args.older {
        BundleAge::Any
    } else {
        BundleAge::NewerOnly
    };
    let library = library(args.store.dir.as_deref(), &BTreeMap::new())?;
    let installed = library
        .import(&args.bundle, &trusted, age)
        .map_err(|error| match error.is_older() {
            true => format!("{}; `--older` takes it all the same", told(&error)),
            false => told(&error),
        })?;
    terminal::print(&format!(
        "Installed the catalogue of {}",
        installed.manifest.created_at
    ))?;
    Ok(COMPLETE)
}

fn status(args: &Store) -> Result<u8, String> {
    let library = library(args.dir.as_deref(), &BTreeMap::new())?;
    let told_status = library.status(now()).map_err(|error| told(&error))?;
    for status in &told_status {
        terminal::print(&status_line(status))?;
    }
    match library.installed().map_err(|error| told(&error))? {
        Some(installed) => {
            let sample = if installed.manifest.sample {
                ", sample data"
            } else {
                ""
            };
            terminal::print(&format!(
                "Installed: catalogue of {}{sample}",
                installed.manifest.created_at
            ))?;
        }
        None => terminal::print("No catalogue is installed.")?,
    }
    Ok(COMPLETE)
}

fn status_line(status: &SourceStatus) -> String {
    let state = match (status.enabled, status.last_success, status.stale) {
        (false, _, _) => "switched off".to_owned(),
        (true, None, _) => "never fetched".to_owned(),
        (true, Some(at), true) => format!("stale, last fetched {at}"),
        (true, Some(at), false) => format!("fetched {at}"),
    };
    let problems = match status.trouble_count {
        0 => String::new(),
        count => format!(", {count} problems"),
    };
    format!(
        "{}: {state}, {} records{problems} ({})",
        status.source, status.records, status.licence
    )
}

fn keygen(args: &Keygen) -> Result<u8, String> {
    let key = SigningKey::generate();
    let public = PathBuf::from(format!("{}.pub", args.file.display()));
    let secret = key.to_text();
    write_new(&args.file, secret.expose_secret(), 0o600)?;
    write_new(&public, &key.public().to_string(), 0o644)?;
    terminal::print(&format!(
        "{}\n(key {}, also in {})",
        key.public(),
        key.public().id(),
        public.display()
    ))?;
    Ok(COMPLETE)
}

/// A key is never written over another one.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), String> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(path).and_then(|mut file| writeln!(file, "{text}"));
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
