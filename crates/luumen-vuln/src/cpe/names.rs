//! By which CPE names we look for what Luumen collects: read from `content/cpe/applications.yaml`.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

use serde::Deserialize;

use super::{Part, Product};

/// Vendor and product of a CPE name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// Kind.
    pub part: Part,
    /// `openbsd`.
    pub vendor: String,
    /// `openssh`.
    pub product: String,
}

impl Name {
    /// The product of that name in upstream's version.
    pub fn at(&self, version: Option<&str>) -> Product {
        Product::new(self.part, &self.vendor, &self.product, version)
    }
}

impl FromStr for Name {
    type Err = String;
    /// `openbsd:openssh`, `o:linux:linux_kernel`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (part, rest) = match text.split_once(':') {
            Some(("o", rest)) => (Part::OperatingSystem, rest),
            Some(("h", rest)) => (Part::Hardware, rest),
            _ => (Part::Application, text),
        };
        let parts = rest.split_once(':');
        let parts = parts
            .filter(|(vendor, product)| !vendor.is_empty() && !product.is_empty() && !product.contains(':'));
        let (vendor, product) = parts.ok_or_else(|| format!("{text:?} is not vendor:product"))?;
        Ok(Self {
            part,
            vendor: vendor.to_owned(),
            product: product.to_owned(),
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.part.letter(), self.vendor, self.product)
    }
}

/// A file of names that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// Not the YAML we know.
    #[error("the list of CPE names is not the YAML we know")]
    Yaml(#[source] serde_norway::Error),
    /// An entry that is none.
    #[error("the CPE names of {key} cannot be used: {why}")]
    Entry {
        /// Whose.
        key: String,
        /// What is wrong.
        why: String,
    },
}

/// CPE names by our own names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    applications: BTreeMap<String, Vec<Name>>,
    packages: BTreeMap<String, Vec<Name>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    applications: BTreeMap<String, Vec<String>>,
    packages: BTreeMap<String, Vec<String>>,
}

/// The file that is built in.
static OURS: LazyLock<Names> = LazyLock::new(|| {
    // A test reads it; a file that cannot be read never leaves the house.
    Names::read(include_bytes!("../../../../content/cpe/applications.yaml")).unwrap_or_default()
});

impl Names {
    /// The names that are built in.
    pub fn ours() -> &'static Self {
        &OURS
    }

    /// Reads the file. One entry that is wrong is an error: the file is ours.
    pub fn read(bytes: &[u8]) -> Result<Self, NamesError> {
        let file: File = serde_norway::from_slice(bytes).map_err(NamesError::Yaml)?;
        Ok(Self {
            applications: section(file.applications)?,
            packages: section(file.packages)?,
        })
    }

    /// Names of what the section Applications calls so: `nginx`, `httpd`, …
    pub fn of_application(&self, name: &str) -> &[Name] {
        self.applications.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names of what the operating system's source package of that name holds: `openssl`, `linux`, …
    pub fn of_package(&self, source: &str) -> &[Name] {
        self.packages.get(source).map_or(&[], Vec::as_slice)
    }

    /// Every entry: our name, and the names in CPE.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[Name])> {
        let both = self.applications.iter().chain(&self.packages);
        both.map(|(key, names)| (key.as_str(), names.as_slice()))
    }
}

fn section(from: BTreeMap<String, Vec<String>>) -> Result<BTreeMap<String, Vec<Name>>, NamesError> {
    let mut read = BTreeMap::new();
    for (key, texts) in from {
        let names: Result<Vec<Name>, String> = texts.iter().map(|text| text.parse()).collect();
        let names = names.and_then(|names| {
            if names.is_empty() {
                Err("there are none".to_owned())
            } else {
                Ok(names)
            }
        });
        match names {
            Ok(names) => read.insert(key, names),
            Err(why) => return Err(NamesError::Entry { key, why }),
        };
    }
    Ok(read)
}
