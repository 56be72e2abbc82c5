//! Everything that a source says, from what was read: the newest word where documents say things again.

use tokio_util::sync::CancellationToken;

use luumen_model::advisory::Record;

use super::{
    Folder, KeepError, Overlay, Supersede,
    overlay::file_name,
    pack::Pack,
    state::{DocumentState, Trouble},
};
use crate::registry::SourceInfo;

/// How much came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents.
    pub documents: u64,
    /// Records.
    pub records: u64,
    /// Documents of which the records, or some of them, could not be had although they were read once.
    pub lost: Vec<Trouble>,
    /// Stopped before the end.
    pub cancelled: bool,
}

impl Counts {
    fn lose(&mut self, document: &str, error: &std::io::Error) {
        self.lost.push(Trouble {
            document: document.to_owned(),
            what: format!("what was read in it is damaged, and it is read again next time: {error}"),
        });
    }
}

impl Folder {
    /// Hands out every record of the source.
    pub fn records(
        &self,
        source: &SourceInfo,
        cancel: &CancellationToken,
        take: &mut dyn FnMut(Record),
    ) -> Result<Counts, KeepError> {
        let mut documents: Vec<(&String, &DocumentState)> = self.state.documents.iter().collect();
        documents.sort_by_key(|(_, state)| std::cmp::Reverse(state.rank));
        let mut overlay = Overlay::new(Supersede::of(&source.fetch));
        let mut counts = Counts::default();
        for (name, state) in documents {
            overlay.rank(state.rank);
            if state.records == 0 && state.documents == 0 {
                continue;
            }
            let path = self.pack(name);
            let mut pack = match Pack::open(&path) {
                Ok(pack) => pack,
                Err(error) => {
                    counts.lose(name, &error);
                    continue;
                }
            };
            if let Err(error) = self.of_pack(&mut pack, &mut overlay, cancel, &mut counts, take) {
                counts.lose(name, &error);
            }
            if counts.cancelled {
                break;
            }
        }
        Ok(counts)
    }

    fn of_pack(
        &self,
        pack: &mut Pack,
        overlay: &mut Overlay,
        cancel: &CancellationToken,
        counts: &mut Counts,
        take: &mut dyn FnMut(Record),
    ) -> std::io::Result<()> {
        for at in 0..pack.entries().len() {
            if cancel.is_cancelled() {
                counts.cancelled = true;
                break;
            }
            let entry = pack.entries()[at].clone();
            if self.state.deleted.contains(file_name(&entry.name)) || !overlay.wants_document(&entry.name) {
                continue;
            }
            counts.documents += 1;
            pack.records(&entry, &mut |record| {
                if overlay.wants(&record) {
                    counts.records += 1;
                    take(record);
                }
            })?;
        }
        Ok(())
    }
}
