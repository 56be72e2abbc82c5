//! Texts of people: kept as JSON in compressed blocks, each record named by its place in one.

use std::io;

use luumen_model::advisory::Record;

/// Enough for good compression, small enough to be unpacked for one page.
const BLOCK_SIZE: usize = 96 << 10;
const LEVEL: i32 = 9;

/// Where a record lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ref {
    pub block: u32,
    pub offset: u32,
    pub length: u32,
}

#[derive(Debug, Default)]
pub(super) struct Details {
    open: Vec<u8>,
    /// End of each block in `data`.
    pub ends: Vec<u64>,
    pub data: Vec<u8>,
}

impl Details {
    pub(super) fn add(&mut self, record: &Record) -> io::Result<Ref> {
        let offset = self.open.len();
        serde_json::to_writer(&mut self.open, record)?;
        let place = Ref {
            block: number(self.ends.len()),
            offset: number(offset),
            length: number(self.open.len() - offset),
        };
        if self.open.len() >= BLOCK_SIZE {
            self.close()?;
        }
        Ok(place)
    }

    /// Compresses what is open.
    pub(super) fn close(&mut self) -> io::Result<()> {
        if !self.open.is_empty() {
            self.data
                .extend_from_slice(&zstd::bulk::compress(&self.open, LEVEL)?);
            self.ends.push(self.data.len() as u64);
            self.open.clear();
        }
        Ok(())
    }
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
