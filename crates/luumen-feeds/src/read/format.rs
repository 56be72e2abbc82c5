//! The list of formats, by the names that `content/feeds.yaml` uses. Registry, fuzzing and bulk tests are read from it.

use super::{
    Document, ReadError, Sink, alpine, arch, csaf, cve5, debian, endoflife, epss, kev, msrc, nvd, osv, oval,
    ubuntu, updateinfo,
};

type Read = fn(Document<'_>, &mut dyn Sink) -> Result<(), ReadError>;

/// A format that we can read.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Name in `content/feeds.yaml`.
    pub name: &'static str,
    read: Read,
}

/// A name that is no format.
#[derive(Debug, thiserror::Error)]
#[error("{name:?} is not a format that we can read")]
pub struct UnknownFormat {
    /// What was given.
    pub name: String,
}

impl Format {
    /// Every format, by publisher.
    pub const ALL: &'static [Self] = &[
        Self::new("alpine-secdb", alpine::read),
        Self::new("arch-json", arch::read),
        Self::new("cisa-kev", kev::read),
        Self::new("debian-list", debian::list::read),
        Self::new("debian-oval", debian::oval::read),
        Self::new("debian-tracker-json", debian::tracker_json::read),
        Self::new("endoflife", endoflife::read),
        Self::new("osv", osv::read),
        Self::new("ubuntu-oval", ubuntu::oval::read),
        Self::new("ubuntu-tracker", ubuntu::tracker::read),
        Self::new("cve5", cve5::read),
        Self::new("epss-csv", epss::read),
        Self::new("nvd-1.1", nvd::read_1_1),
        Self::new("nvd-2.0", nvd::read_2_0),
        Self::new("redhat-csaf", csaf::read_redhat),
        Self::new("redhat-vex", csaf::read_redhat),
        Self::new("suse-csaf", csaf::read_suse),
        Self::new("suse-vex", csaf::read_suse),
        Self::new("redhat-oval", oval::read_redhat),
        Self::new("oracle-oval", oval::read_oracle),
        Self::new("suse-oval", oval::read_suse),
        Self::new("alma-oval", oval::read_alma),
        Self::new("amazon-alas", updateinfo::read_amazon),
        Self::new("alma-updateinfo", updateinfo::read_alma),
        Self::new("rocky-updateinfo", updateinfo::read_rocky),
        Self::new("fedora-updateinfo", updateinfo::read_fedora),
        Self::new("msrc-csaf", csaf::read_microsoft),
        Self::new("msrc-cvrf", msrc::read_cvrf),
        Self::new("ubuntu-vex", ubuntu::vex::read),
    ];

    const fn new(name: &'static str, read: Read) -> Self {
        Self { name, read }
    }

    /// The format of that name.
    pub fn by_name(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.iter().copied().find(|format| format.name == name);
        found.ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
        })
    }

    /// Reads a document into the sink.
    pub fn read(self, document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
        (self.read)(document, sink)
    }
}
