//! The `known_hosts` files: read once, appended to, rewritten only on request.
//!
//! The door of this module: matching and judging are pure and live next door. Lines we cannot read
//! are never touched.

use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    entry::{Entry, Hosts, Marker, Pattern, Problem, hash_name, lookup_name, parse},
    host_key::HostKey,
    lookup::{Index, Known, Verdict},
};

/// All known hosts of one run. Share it: lookups and first-use writes from many connections are safe.
#[derive(Debug, Default)]
pub struct KnownHosts {
    state: RwLock<State>,
    /// Every file that was read, in its order.
    files: Vec<PathBuf>,
    /// New keys go here; `None` keeps them in memory.
    write_to: Option<PathBuf>,
    hash_names: bool,
}

#[derive(Debug, Default)]
struct State {
    index: Index,
    problems: Vec<Problem>,
    /// Lines of the file we write, so that a new one knows its number.
    lines: usize,
}

/// Why a new key was not remembered.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// Meanwhile another connection learnt another key for the same host.
    #[error("another key for the host is known ({}:{})", .0.file, .0.line)]
    Changed(Box<Entry>),
    /// The file could not be written.
    #[error("could not write {}", file.display())]
    Write { file: PathBuf, source: io::Error },
}

impl KnownHosts {
    /// Knows nobody and remembers in memory only.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the files in their order; new keys will be written to the first. A missing file is an
    /// empty one.
    pub fn load<P: AsRef<Path>>(files: &[P]) -> io::Result<Self> {
        let state = read_files(files)?;
        let write_to = files.first().map(|file| file.as_ref().to_owned());
        Ok(Self {
            state: RwLock::new(state),
            files: files.iter().map(|file| file.as_ref().to_owned()).collect(),
            write_to,
            hash_names: false,
        })
    }

    /// Reads a text; new keys stay in memory.
    pub fn from_text(text: &str) -> Self {
        let mut state = State::default();
        state.add_text(text, "known_hosts");
        Self {
            state: RwLock::new(state),
            ..Self::default()
        }
    }

    /// Writes new names hashed, like `HashKnownHosts yes`.
    pub fn hashing_names(mut self, hash_names: bool) -> Self {
        self.hash_names = hash_names;
        self
    }

    /// Lines that could not be read.
    pub fn problems(&self) -> Vec<Problem> {
        self.read().problems.clone()
    }

    /// Every line that could be read, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.read().index.entries().to_vec()
    }

    /// What the files say about one host.
    pub fn lookup(&self, host: &str, port: u16) -> Known {
        self.read().index.known(host, port)
    }

    /// Remembers a key that was just believed. Two connections that meet the same host at once write
    /// one line; two that met different keys get an error.
    pub fn learn(&self, host: &str, port: u16, key: &HostKey) -> Result<(), LearnError> {
        self.learn_with(host, port, key, "")
    }

    /// The same with a comment behind the key.
    pub fn learn_with(&self, host: &str, port: u16, key: &HostKey, comment: &str) -> Result<(), LearnError> {
        let mut state = self.write();
        match state.index.known(host, port).verdict(key) {
            Verdict::Known => return Ok(()),
            Verdict::Unknown => {}
            Verdict::Changed(entry) | Verdict::Revoked(entry) => return Err(LearnError::Changed(entry)),
        }
        let hosts = self.name_to_write(&lookup_name(host, port));
        if let Some(path) = &self.write_to {
            let line = format!("{hosts} {} {comment}", key.to_openssh());
            append_line(path, line.trim_end()).map_err(|source| LearnError::Write {
                file: path.clone(),
                source,
            })?;
        }
        state.lines += 1;
        let line = state.lines;
        state.index.push(Entry {
            marker: Marker::Host,
            hosts,
            key: key.clone(),
            comment: comment.to_owned(),
            file: self.written_name(),
            line,
        });
        Ok(())
    }

    /// Removes the keys of a host from the file we write, and says how many. Lines that name other
    /// hosts too, wildcards and authorities stay.
    pub fn forget(&self, host: &str, port: u16) -> io::Result<usize> {
        self.rewrite(host, port, |_| None)
    }

    /// Marks the keys of a host as `@revoked` in the file we write, and says how many.
    pub fn revoke(&self, host: &str, port: u16) -> io::Result<usize> {
        self.rewrite(host, port, |line| Some(format!("@revoked {line}")))
    }

    /// Puts a key in the place of all others of a host, in whichever of the files they are. A name in a
    /// line of several is taken out of it; authorities and revoked keys stay. A wildcard that accuses
    /// the key cannot be replaced for one host and is an error, with nothing written.
    pub fn replace(&self, host: &str, port: u16, key: &HostKey, comment: &str) -> Result<(), LearnError> {
        let name = lookup_name(host, port);
        {
            let mut state = self.write();
            let mut left = State::default();
            let mut changed = Vec::new();
            for (file, text) in self
                .texts(&state)
                .map_err(|(file, source)| LearnError::Write { file, source })?
            {
                let rest = without_name(&text, &name);
                left.add_text(&rest, &file.display().to_string());
                if rest != text {
                    changed.push((file, rest));
                }
            }
            match left.index.known(host, port).verdict(key) {
                Verdict::Known | Verdict::Unknown => {}
                Verdict::Changed(entry) | Verdict::Revoked(entry) => return Err(LearnError::Changed(entry)),
            }
            if self.write_to.is_some() {
                for (file, text) in changed {
                    replace_file(&file, &text).map_err(|source| LearnError::Write { file, source })?;
                }
                *state = read_files(&self.files).map_err(|source| LearnError::Write {
                    file: self.written_name().into(),
                    source,
                })?;
            } else {
                *state = left;
            }
        }
        self.learn_with(host, port, key, comment)
    }

    /// The files as they are now; what is kept in memory counts as one.
    fn texts(&self, state: &State) -> Result<Vec<(PathBuf, String)>, (PathBuf, io::Error)> {
        if self.write_to.is_none() {
            return Ok(vec![("memory".into(), render(state.index.entries()))]);
        }
        let read = |file: &PathBuf| match read_or_empty(file) {
            Ok(text) => Ok((file.clone(), text)),
            Err(error) => Err((file.clone(), error)),
        };
        self.files.iter().map(read).collect()
    }

    fn rewrite(&self, host: &str, port: u16, change: impl Fn(&str) -> Option<String>) -> io::Result<usize> {
        let mut state = self.write();
        let (name, file) = (lookup_name(host, port), self.written_name());
        let text = match &self.write_to {
            Some(path) => read_or_empty(path)?,
            None => render(state.index.entries()),
        };
        let (entries, _) = parse(&text, &file);
        let doomed: Vec<usize> = entries
            .iter()
            .filter(|entry| is_only(entry, &name))
            .map(|entry| entry.line)
            .collect();
        if doomed.is_empty() {
            return Ok(0);
        }
        let lines = text.lines().zip(1..).filter_map(|(line, number)| {
            if doomed.contains(&number) {
                change(line)
            } else {
                Some(line.to_owned())
            }
        });
        let text: String = lines.map(|line| line + "\n").collect();
        if let Some(path) = &self.write_to {
            replace_file(path, &text)?;
        }
        state.replace_text(&text, &file);
        Ok(doomed.len())
    }

    /// How messages call the file we write.
    fn written_name(&self) -> String {
        let name = |path: &PathBuf| path.display().to_string();
        self.write_to.as_ref().map_or_else(|| "memory".to_owned(), name)
    }

    fn name_to_write(&self, name: &str) -> Hosts {
        if self.hash_names {
            let salt: [u8; 20] = rand::random();
            Hosts::Hashed {
                salt: salt.to_vec(),
                hash: hash_name(&salt, name),
            }
        } else {
            Hosts::Patterns(vec![Pattern {
                negated: false,
                text: name.to_owned(),
            }])
        }
    }

    // Every change is made whole before the lock is let go, so a panic elsewhere spoils nothing.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add_text(&mut self, text: &str, file: &str) {
        let (entries, problems) = parse(text, file);
        entries.into_iter().for_each(|entry| self.index.push(entry));
        self.problems.extend(problems);
    }

    /// Reads one file anew; the lines of the others stay.
    fn replace_text(&mut self, text: &str, file: &str) {
        let before = std::mem::take(self);
        self.lines = text.lines().count();
        self.add_text(text, file);
        let others = before.index.entries().iter().filter(|entry| entry.file != file);
        others.for_each(|entry| self.index.push(entry.clone()));
        self.problems
            .extend(before.problems.into_iter().filter(|problem| problem.file != file));
    }
}

fn read_files<P: AsRef<Path>>(files: &[P]) -> io::Result<State> {
    let mut state = State::default();
    for (number, file) in files.iter().enumerate() {
        let text = read_or_empty(file.as_ref())?;
        if number == 0 {
            state.lines = text.lines().count();
        }
        state.add_text(&text, &file.as_ref().display().to_string());
    }
    Ok(state)
}

fn read_or_empty(file: &Path) -> io::Result<String> {
    match fs::read(file) {
        // One odd byte must not hide the other lines.
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("{}: {error}", file.display()),
        )),
    }
}

/// A host's own line: its one name, or its hash. A line shared with other hosts is not.
fn is_only(entry: &Entry, name: &str) -> bool {
    entry.marker == Marker::Host
        && match &entry.hosts {
            Hosts::Hashed { .. } => entry.hosts.matches(name),
            Hosts::Patterns(patterns) => {
                matches!(patterns.as_slice(), [only] if !only.negated && only.text == name)
            }
        }
}

/// The text without what it says about the keys of one host.
fn without_name(text: &str, name: &str) -> String {
    let (entries, _) = parse(text, "");
    let mut rest = String::with_capacity(text.len());
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let entry = entries
            .iter()
            .find(|entry| entry.line == number && entry.marker == Marker::Host);
        match entry.map(|entry| &entry.hosts) {
            Some(Hosts::Hashed { .. }) if entry.is_some_and(|entry| entry.hosts.matches(name)) => {}
            Some(Hosts::Patterns(patterns)) if patterns.iter().any(|p| !p.negated && p.text == name) => {
                let others: Vec<Pattern> = patterns.iter().filter(|p| p.text != name).cloned().collect();
                // A line with nothing but exceptions left names nobody.
                if others.iter().any(|pattern| !pattern.negated)
                    && let Some((_, key)) = line.trim_start().split_once([' ', '\t'])
                {
                    rest.push_str(&format!("{} {key}", Hosts::Patterns(others)));
                }
            }
            _ => rest.push_str(line),
        }
    }
    rest
}

fn render(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let marker = match entry.marker {
            Marker::Host => "",
            Marker::CertAuthority => "@cert-authority ",
            Marker::Revoked => "@revoked ",
        };
        format!(
            "{marker}{} {} {}\n",
            entry.hosts,
            entry.key.to_openssh(),
            entry.comment
        )
    };
    entries.iter().map(line).collect()
}

/// Adds one line in one write.
fn append_line(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_private_folder(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let line_break = if ends_inside_a_line(&mut file)? { "\n" } else { "" };
    file.write_all(format!("{line_break}{line}\n").as_bytes())
}

fn ends_inside_a_line(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Writes beside the file and renames, so that nobody ever reads half of it.
fn replace_file(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one: the file it leads to is replaced.
    let path = &fs::canonicalize(path)?;
    let beside = path.with_extension(format!("luumen-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // The rename did not happen; what is left beside the file is ours to remove.
        let _ = fs::remove_file(&beside);
    })
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
