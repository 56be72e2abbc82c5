//! The `known_hosts` files: read once, appended to, rewritten only on request.
//!
//! The door of this module: matching and judging are pure and live next door. Lines we cannot read
//! are never touched, and of the others no more than what is to change.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    entry::{Entry, Hosts, Marker, Pattern, Problem, hash_name, lookup_name, parse},
    file,
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
        state.add(text.as_bytes(), "known_hosts");
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
        self.write_entry(&mut state, Marker::Host, &lookup_name(host, port), key, comment)
            .map_err(|(file, source)| LearnError::Write { file, source })
    }

    /// Adds `@revoked` lines for all keys of a host that are trusted now, also those of lines that it shares with
    /// others, and says how many. Its own lines stay: they tell what is meant, and that a new key is a change.
    pub fn revoke(&self, host: &str, port: u16) -> io::Result<usize> {
        let mut state = self.write();
        if self.write_to.is_some() {
            *state = read_files(&self.files)?;
        }
        let doomed = state.index.known(host, port).trusted();
        for key in &doomed {
            self.write_entry(&mut state, Marker::Revoked, &lookup_name(host, port), key, "")
                .map_err(|(_, source)| source)?;
        }
        Ok(doomed.len())
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
            for (file, bytes) in self
                .bytes(&state)
                .map_err(|(file, source)| LearnError::Write { file, source })?
            {
                let kept = without_name(&bytes, &name);
                // An empty line for each that goes, so that what is said of the others has their numbers.
                let numbered: Vec<&[u8]> = kept.iter().map(|line| line.as_deref().unwrap_or(b"\n")).collect();
                left.add(&numbered.concat(), &file.display().to_string());
                let rest: Vec<u8> = kept.into_iter().flatten().flatten().collect();
                if rest != bytes {
                    changed.push((file, rest));
                }
            }
            match left.index.known(host, port).verdict(key) {
                Verdict::Known | Verdict::Unknown => {}
                Verdict::Changed(entry) | Verdict::Revoked(entry) => return Err(LearnError::Changed(entry)),
            }
            if self.write_to.is_some() {
                for (file, bytes) in changed {
                    file::replace(&file, &bytes).map_err(|source| LearnError::Write { file, source })?;
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
    fn bytes(&self, state: &State) -> Result<Vec<(PathBuf, Vec<u8>)>, Failed> {
        if self.write_to.is_none() {
            return Ok(vec![(
                "memory".into(),
                render(state.index.entries()).into_bytes(),
            )]);
        }
        let read = |path: &PathBuf| match file::read(path) {
            Ok(bytes) => Ok((path.clone(), bytes)),
            Err(error) => Err((path.clone(), error)),
        };
        self.files.iter().map(read).collect()
    }

    /// Adds one line to the file we write, or to memory.
    fn write_entry(
        &self,
        state: &mut State,
        marker: Marker,
        name: &str,
        key: &HostKey,
        comment: &str,
    ) -> Result<(), Failed> {
        let entry = Entry {
            marker,
            hosts: self.name_to_write(name),
            key: key.clone(),
            comment: comment.to_owned(),
            file: self.written_name(),
            line: state.lines + 1,
        };
        if let Some(path) = &self.write_to {
            file::append(path, &render(std::slice::from_ref(&entry)))
                .map_err(|error| (path.clone(), error))?;
        }
        state.lines += 1;
        state.index.push(entry);
        Ok(())
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

/// A file that could not be read or written, and why.
type Failed = (PathBuf, io::Error);

impl State {
    fn add(&mut self, bytes: &[u8], file: &str) {
        // One odd byte must not hide the other lines.
        let (entries, problems) = parse(&String::from_utf8_lossy(bytes), file);
        entries.into_iter().for_each(|entry| self.index.push(entry));
        self.problems.extend(problems);
    }
}

fn read_files<P: AsRef<Path>>(files: &[P]) -> io::Result<State> {
    let mut state = State::default();
    for (number, path) in files.iter().enumerate() {
        let bytes = file::read(path.as_ref())?;
        if number == 0 {
            state.lines = lines(&bytes).count();
        }
        state.add(&bytes, &path.as_ref().display().to_string());
    }
    Ok(state)
}

/// With their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// The lines without what they say about the keys of one host; `None` where nothing is left of one.
fn without_name(bytes: &[u8], name: &str) -> Vec<Option<Vec<u8>>> {
    let (entries, _) = parse(&String::from_utf8_lossy(bytes), "");
    let keep = |(line, number): (&[u8], usize)| {
        let entry = entries
            .iter()
            .find(|entry| entry.line == number && entry.marker == Marker::Host);
        match entry.map(|entry| &entry.hosts) {
            Some(hosts @ Hosts::Hashed { .. }) if hosts.matches(name) => None,
            Some(Hosts::Patterns(patterns)) if patterns.iter().any(|p| !p.negated && p.text == name) => {
                // A line with nothing but exceptions left names nobody.
                let others = patterns.iter().any(|p| !p.negated && p.text != name);
                others.then(|| without_word(line, name))
            }
            _ => Some(line.to_vec()),
        }
    };
    lines(bytes).zip(1..).map(keep).collect()
}

/// The line of several names without one of them; all else in it stays as it was written.
fn without_word(line: &[u8], name: &str) -> Vec<u8> {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let mark = "\u{feff}".as_bytes();
    let before = if line.starts_with(mark) { mark.len() } else { 0 };
    let start = before + line[before..].iter().position(|byte| !blank(byte)).unwrap_or(0);
    let end = line[start..]
        .iter()
        .position(blank)
        .map_or(line.len(), |end| start + end);
    let names = line[start..end].split(|byte| *byte == b',');
    let others: Vec<&[u8]> = names
        .filter(|one| !one.eq_ignore_ascii_case(name.as_bytes()))
        .collect();
    [&line[..start], &others.join(&b','), &line[end..]].concat()
}

fn render(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let marker = match entry.marker {
            Marker::Host => "",
            Marker::CertAuthority => "@cert-authority ",
            Marker::Revoked => "@revoked ",
        };
        let line = format!(
            "{marker}{} {} {}",
            entry.hosts,
            entry.key.to_openssh(),
            entry.comment
        );
        line.trim_end().to_owned() + "\n"
    };
    entries.iter().map(line).collect()
}
