//! A pack: the records that were read in one kept file, so that nothing is read twice.
//!
//! Lines of JSON in blocks of some MiB, each a zstd frame, then an index: which document's lines stand where, and the hash of the
//! document they were read in. A document's lines may run over several blocks; a line never does.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use luumen_model::advisory::{
    Claim, CpeConfiguration, Epss, Kev, Lifecycle, Record, Supersedence, Vulnerability,
};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    disk,
    state::{TROUBLES_KEPT, Trouble},
};
use crate::read::{Problem, Sink};

/// Which readers wrote it; see build.rs.
pub(super) const EDITION: &str = env!("LUUMEN_READERS");

const HEAD: &[u8] = b"LUUMENPACK 1\n";
const TAIL: &[u8] = b"\nPACKEND1";
const BLOCK: usize = 4 << 20;
const LEVEL: i32 = 3;

/// A record on a line. Its kind comes first, so that reading it needs no second look.
#[derive(Serialize, Deserialize)]
enum Line<V, C, N, K, E, L, S> {
    #[serde(rename = "v")]
    Vulnerability(V),
    #[serde(rename = "c")]
    Claim(C),
    #[serde(rename = "n")]
    Configuration(N),
    #[serde(rename = "k")]
    Kev(K),
    #[serde(rename = "e")]
    Epss(E),
    #[serde(rename = "l")]
    Lifecycle(L),
    #[serde(rename = "s")]
    Supersedence(S),
}

type OwnedLine = Line<Vulnerability, Claim, CpeConfiguration, Kev, Epss, Lifecycle, Supersedence>;

fn write_line(out: &mut Vec<u8>, record: &Record) -> io::Result<()> {
    let line = match record {
        Record::Vulnerability(it) => Line::Vulnerability(it),
        Record::Claim(it) => Line::Claim(it),
        Record::Configuration(it) => Line::Configuration(it),
        Record::Kev(it) => Line::Kev(it),
        Record::Epss(it) => Line::Epss(it),
        Record::Lifecycle(it) => Line::Lifecycle(it),
        Record::Supersedence(it) => Line::Supersedence(it),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.push(b'\n');
    Ok(())
}

fn read_line(line: &[u8]) -> io::Result<Record> {
    Ok(match serde_json::from_slice::<OwnedLine>(line)? {
        Line::Vulnerability(it) => Record::Vulnerability(it),
        Line::Claim(it) => Record::Claim(it),
        Line::Configuration(it) => Record::Configuration(it),
        Line::Kev(it) => Record::Kev(it),
        Line::Epss(it) => Record::Epss(it),
        Line::Lifecycle(it) => Record::Lifecycle(it),
        Line::Supersedence(it) => Record::Supersedence(it),
    })
}

/// What was read in one document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its name: the path inside an archive.
    pub name: String,
    /// Of the document, unpacked.
    pub sha256: String,
    /// How many.
    pub records: u64,
    /// The first few that could not be read.
    pub troubles: Vec<Trouble>,
    /// How many.
    pub trouble_count: u64,
    block: usize,
    start: usize,
    length: u64,
}

impl Entry {
    /// Whether the document could not be read at all, and not only some of what is in it.
    pub(super) fn is_broken(&self) -> bool {
        self.troubles.iter().any(|trouble| trouble.document == self.name)
    }
}

#[derive(Serialize, Deserialize)]
struct Index {
    edition: String,
    raw_sha256: String,
    entries: Vec<Entry>,
    /// Offset and length in the file, and length unpacked.
    blocks: Vec<(u64, u64, usize)>,
}

/// Writes a pack.
pub(super) struct Writer {
    file: NamedTempFile,
    offset: u64,
    buffer: Vec<u8>,
    index: Index,
    entry: Entry,
    failed: Option<io::Error>,
}

impl Writer {
    pub(super) fn new(folder: &Path, raw_sha256: &str) -> io::Result<Self> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(HEAD)?;
        Ok(Self {
            file,
            offset: HEAD.len() as u64,
            buffer: Vec::new(),
            index: Index {
                edition: EDITION.to_owned(),
                raw_sha256: raw_sha256.to_owned(),
                entries: Vec::new(),
                blocks: Vec::new(),
            },
            entry: Entry::default(),
            failed: None,
        })
    }

    /// What follows belongs to this document.
    pub(super) fn begin(&mut self, name: &str, sha256: &str) {
        self.entry = Entry {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            block: self.index.blocks.len(),
            start: self.buffer.len(),
            ..Entry::default()
        };
    }

    /// The document is whole.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => {
                self.index.entries.push(std::mem::take(&mut self.entry));
                Ok(())
            }
        }
    }

    /// The document was none. Lines of it that are in blocks already stay there, and nobody points at them.
    pub(super) fn abandon(&mut self) {
        if self.entry.block == self.index.blocks.len() {
            self.buffer.truncate(self.entry.start);
        }
        self.entry = Entry::default();
    }

    /// Takes over what an older pack says of a document.
    pub(super) fn copy(&mut self, from: &mut Pack, entry: &Entry) -> io::Result<()> {
        self.begin(&entry.name, &entry.sha256);
        from.lines(entry, &mut |line| {
            self.buffer.extend_from_slice(line);
            self.buffer.push(b'\n');
            self.counted(line.len() + 1)
        })?;
        self.entry.troubles.clone_from(&entry.troubles);
        self.entry.trouble_count = entry.trouble_count;
        self.end()
    }

    /// Adds a trouble to the document that was written last.
    pub(super) fn trouble_of_last(&mut self, trouble: Trouble) {
        if let Some(last) = self.index.entries.last_mut() {
            last.trouble_count += 1;
            last.troubles.push(trouble);
        }
    }

    fn counted(&mut self, length: usize) -> io::Result<()> {
        self.entry.records += 1;
        self.entry.length += length as u64;
        if self.buffer.len() >= BLOCK {
            self.flush_block()?;
        }
        Ok(())
    }

    fn flush_block(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let packed = zstd::bulk::compress(&self.buffer, LEVEL)?;
        self.file.write_all(&packed)?;
        self.index
            .blocks
            .push((self.offset, packed.len() as u64, self.buffer.len()));
        self.offset += packed.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.index.entries
    }

    /// Gives the pack its place.
    pub(super) fn finish(mut self, path: &Path) -> io::Result<()> {
        self.flush_block()?;
        let index = zstd::bulk::compress(&serde_json::to_vec(&self.index)?, LEVEL)?;
        self.file.write_all(&index)?;
        self.file.write_all(&self.offset.to_le_bytes())?;
        self.file.write_all(TAIL)?;
        disk::settle(self.file, path)
    }
}

impl Sink for Writer {
    fn record(&mut self, record: Record) {
        if self.failed.is_some() {
            return;
        }
        let before = self.buffer.len();
        let written = write_line(&mut self.buffer, &record);
        let length = self.buffer.len().saturating_sub(before);
        if let Err(error) = written.and_then(|()| self.counted(length)) {
            self.failed = Some(error);
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.entry.trouble_count += 1;
        if self.entry.troubles.len() < TROUBLES_KEPT {
            self.entry.troubles.push(Trouble {
                document: problem.entry,
                what: problem.what,
            });
        }
    }
}

/// A pack to read from.
pub(super) struct Pack {
    file: BufReader<File>,
    index: Index,
    block: Option<(usize, Vec<u8>)>,
}

impl Pack {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it is not a pack");
        let mut file = File::open(path)?;
        let tail_at = file
            .metadata()?
            .len()
            .checked_sub(TAIL.len() as u64 + 8)
            .ok_or_else(wrong)?;
        file.seek(SeekFrom::Start(tail_at))?;
        let (mut offset, mut tail) = ([0; 8], vec![0; TAIL.len()]);
        file.read_exact(&mut offset)?;
        file.read_exact(&mut tail)?;
        let offset = u64::from_le_bytes(offset);
        if tail != TAIL || offset > tail_at {
            return Err(wrong());
        }
        file.seek(SeekFrom::Start(offset))?;
        let packed = (&mut file).take(tail_at - offset);
        let index = serde_json::from_reader(BufReader::new(zstd::stream::read::Decoder::new(packed)?))?;
        Ok(Self {
            file: BufReader::new(file),
            index,
            block: None,
        })
    }

    /// Whether it was read with these readers in this file.
    pub(super) fn is_of(&self, raw_sha256: &str) -> bool {
        self.is_current() && self.index.raw_sha256 == raw_sha256
    }

    /// Whether it was read with these readers.
    pub(super) fn is_current(&self) -> bool {
        self.index.edition == EDITION
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.index.entries
    }

    /// Where the entries stand, by the name of their document.
    pub(super) fn by_name(&self) -> HashMap<String, usize> {
        let names = self.index.entries.iter().enumerate();
        names.map(|(at, entry)| (entry.name.clone(), at)).collect()
    }

    /// Every record of one document.
    pub(super) fn records(&mut self, entry: &Entry, take: &mut dyn FnMut(Record)) -> io::Result<()> {
        self.lines(entry, &mut |line| {
            take(read_line(line)?);
            Ok(())
        })
    }

    fn lines(&mut self, entry: &Entry, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let (mut at, mut start, mut left) = (entry.block, entry.start, entry.length);
        while left > 0 {
            let block = self.block(at)?;
            let end = (start as u64 + left).min(block.len() as u64) as usize;
            let part = block
                .get(start..end)
                .filter(|part| !part.is_empty())
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the pack is damaged"))?;
            for line in part.split_inclusive(|byte| *byte == b'\n') {
                take(line.strip_suffix(b"\n").unwrap_or(line))?;
            }
            left -= (end - start) as u64;
            (at, start) = (at + 1, 0);
        }
        Ok(())
    }

    fn block(&mut self, at: usize) -> io::Result<&[u8]> {
        if self.block.as_ref().is_none_or(|(have, _)| *have != at) {
            let wrong = || io::Error::new(io::ErrorKind::InvalidData, "the pack is damaged");
            let (offset, length, unpacked) = *self.index.blocks.get(at).ok_or_else(wrong)?;
            self.file.seek(SeekFrom::Start(offset))?;
            let mut packed = vec![0; usize::try_from(length).map_err(|_| wrong())?];
            self.file.read_exact(&mut packed)?;
            self.block = Some((at, zstd::bulk::decompress(&packed, unpacked)?));
        }
        Ok(self.block.as_ref().map_or(&[], |(_, bytes)| bytes))
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::{Epss, Record};

    use super::*;

    fn epss(at: usize) -> Record {
        Record::Epss(Epss {
            vulnerability: format!("CVE-2024-{at:05}"),
            probability: 0.5,
            percentile: 0.5,
        })
    }

    fn names(pack: &mut Pack, at: usize) -> Vec<String> {
        let entry = pack.entries()[at].clone();
        let mut names = Vec::new();
        pack.records(&entry, &mut |record| match record {
            Record::Epss(epss) => names.push(epss.vulnerability),
            other => panic!("{other:?}"),
        })
        .expect("records");
        names
    }

    #[test]
    fn what_goes_in_comes_out_document_by_document() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pack");
        let mut writer = Writer::new(folder.path(), "raw").expect("a pack");
        // The first document is larger than a block, so that the second begins in the middle of one.
        for (name, count) in [("large", 100_000), ("none", 0), ("small", 3)] {
            writer.begin(name, "hash");
            (0..count).for_each(|at| writer.record(epss(at)));
            writer.end().expect("a document");
        }
        writer.begin("broken", "hash");
        writer.record(epss(7));
        writer.abandon();
        writer.finish(&path).expect("a pack");

        let mut pack = Pack::open(&path).expect("a pack");
        assert!(pack.is_of("raw") && !pack.is_of("other"));
        assert!(pack.index.blocks.len() > 1);
        let counts: Vec<_> = pack.entries().iter().map(|entry| entry.records).collect();
        assert_eq!(counts, [100_000, 0, 3]);
        assert_eq!(
            names(&mut pack, 2),
            ["CVE-2024-00000", "CVE-2024-00001", "CVE-2024-00002"]
        );
        let large = names(&mut pack, 0);
        assert_eq!((large.len(), large[99_999].as_str()), (100_000, "CVE-2024-99999"));

        let mut copy = Writer::new(folder.path(), "raw 2").expect("a pack");
        for entry in pack.entries().to_vec() {
            copy.copy(&mut pack, &entry).expect("a copy");
        }
        copy.finish(&path).expect("a pack");
        let mut pack = Pack::open(&path).expect("a pack");
        assert_eq!((names(&mut pack, 0), names(&mut pack, 2).len()), (large, 3));
    }

    #[test]
    fn half_a_pack_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pack");
        let writer = Writer::new(folder.path(), "raw").expect("a pack");
        writer.finish(&path).expect("a pack");
        let whole = std::fs::read(&path).expect("bytes");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("half");
            assert!(Pack::open(&path).is_err(), "{cut} of {} bytes", whole.len());
        }
    }
}
