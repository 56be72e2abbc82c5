//! What of a snapshot decides: five sections, and which of them were not read whole.

use luumen_model::{
    Applications, DataOf, Kernel, Os, Package, Packages, PythonPackages, SchemaTag, SectionKind,
    SectionStatus, Snapshot, Timestamp,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{NotEvaluated, kernel::replaced};

/// The facts of a host that verdicts rest on.
#[derive(Clone, Debug)]
pub struct Facts {
    pub(crate) taken_at: Timestamp,
    pub(crate) os: Option<Os>,
    pub(crate) packages: Vec<Package>,
    pub(crate) kernel: Option<Kernel>,
    pub(crate) python: Option<PythonPackages>,
    pub(crate) applications: Option<Applications>,
    /// Sections that a verdict needs and that were not read whole.
    pub(crate) gaps: Vec<NotEvaluated>,
}

impl Facts {
    /// Takes them out of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let status = |kind: SectionKind| snapshot.sections.get(&kind).map(|record| record.status);
        Self {
            taken_at: snapshot.taken_at,
            os: snapshot.get(),
            packages: installed(snapshot.get()),
            kernel: snapshot.get().map(as_it_runs),
            python: snapshot.get(),
            applications: snapshot.get(),
            gaps: gaps(status),
        }
    }

    /// Reads them from a Snapshot document, and looks at nothing else of it: whole documents are many times as long, and most of them is never asked.
    pub fn read(document: &str) -> Result<Self, serde_json::Error> {
        match serde_json::from_str::<Outline>(document) {
            Ok(outline) => Ok(outline.into_facts()),
            // A section of a shape that we do not know costs that section, which the whole document can tell apart.
            Err(_) => serde_json::from_str(document).map(|snapshot: Snapshot| Self::of(&snapshot)),
        }
    }

    pub(crate) fn running(&self) -> Option<&str> {
        self.kernel.as_ref().map(|kernel| kernel.running.as_str())
    }
}

/// A Snapshot document, as far as it is looked at.
#[derive(Deserialize)]
struct Outline {
    #[serde(rename = "schema")]
    _schema: SchemaTag,
    taken_at: Timestamp,
    sections: Sections,
}

#[derive(Deserialize)]
struct Sections {
    os: Option<Record<Os>>,
    packages: Option<Record<Packages>>,
    kernel: Option<Record<Kernel>>,
    python_packages: Option<Record<PythonPackages>>,
    applications: Option<Record<Applications>>,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Record<T> {
    status: SectionStatus,
    data: Option<T>,
}

impl Outline {
    fn into_facts(self) -> Facts {
        let sections = self.sections;
        let read = [
            status(sections.os.as_ref()),
            status(sections.packages.as_ref()),
            status(sections.kernel.as_ref()),
            status(sections.python_packages.as_ref()),
            status(sections.applications.as_ref()),
        ];
        let status = |kind: SectionKind| {
            let found = read.iter().find(|(of, _)| *of == kind);
            found.and_then(|(_, status)| *status)
        };
        Facts {
            taken_at: self.taken_at,
            gaps: gaps(status),
            os: data(sections.os),
            packages: installed(data(sections.packages)),
            kernel: data(sections.kernel).map(as_it_runs),
            python: data(sections.python_packages),
            applications: data(sections.applications),
        }
    }
}

/// The kernel's release, told apart from the package of that name where that one was replaced since the boot.
fn as_it_runs(mut kernel: Kernel) -> Kernel {
    if kernel.runs_no_package() {
        kernel.running = replaced(&kernel.running);
    }
    kernel
}

/// What is judged: of a removed package nothing is left but its settings.
fn installed(packages: Option<Packages>) -> Vec<Package> {
    let mut items = packages.unwrap_or_default().items;
    items.retain(Package::is_installed);
    items
}

fn status<T: DataOf>(record: Option<&Record<T>>) -> (SectionKind, Option<SectionStatus>) {
    (T::KIND, record.map(|record| record.status))
}

fn data<T>(record: Option<Record<T>>) -> Option<T> {
    record.and_then(|record| record.data)
}

fn gaps(status: impl Fn(SectionKind) -> Option<SectionStatus>) -> Vec<NotEvaluated> {
    let needed = [
        SectionKind::Os,
        SectionKind::Packages,
        SectionKind::Kernel,
        SectionKind::PythonPackages,
        SectionKind::Applications,
    ];
    let gap = |kind: SectionKind| {
        let why = match status(kind) {
            None => "it was not collected".to_owned(),
            Some(status) if status.is_complete() => return None,
            Some(status) => format!("it was not collected whole: {}", word(status)),
        };
        Some(NotEvaluated {
            what: kind.to_string(),
            why,
        })
    };
    needed.into_iter().filter_map(gap).collect()
}

/// The status as documents write it.
fn word(status: SectionStatus) -> String {
    let word = serde_json::to_value(status).ok();
    let word = word.as_ref().and_then(serde_json::Value::as_str);
    word.unwrap_or_default().replace('_', " ")
}
