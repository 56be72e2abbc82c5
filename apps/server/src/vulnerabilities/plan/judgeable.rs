//! What of a host can be judged by a catalogue, and why the rest cannot. Nothing here is ever "nothing found".

use luumen_model::{Applications, Os, PythonPackages, advisory::Platform};
use luumen_store::{assessments::HostInput, findings::NotEvaluated};
use luumen_vuln::{PYTHON_FAMILY, applications_gap, judged_applications, judged_python, platform_of};

use super::super::{OpenCatalogue, load::Loaded};

/// What can be judged of a host, and what cannot.
pub(super) struct Judgeable {
    pub platform: Option<Platform>,
    pub flags: Flags,
    /// Whether it has anything of the kind that we can judge: a host of which nothing is judged is in no class.
    pub has_python: bool,
    pub has_applications: bool,
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Which answers mean something. What is complete and not there is gone; what is not complete is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flags {
    pub system: bool,
    pub system_complete: bool,
    pub python: bool,
    pub python_complete: bool,
    pub applications: bool,
    pub applications_complete: bool,
    /// It keeps findings that could not be judged.
    pub kept: bool,
}

/// Says what of a host can be judged, and why the rest cannot.
pub(super) fn judgeable(host: &HostInput, loaded: &Loaded, catalogue: &OpenCatalogue) -> Judgeable {
    let mut notes = Notes(Vec::new());
    let platform = platform_of(&os_of(host));
    let system = system(host, platform.as_ref(), catalogue, &mut notes);
    if host.kernel_status.as_deref().is_none_or(|status| status != "ok") {
        notes.add("kernel", gap(host.kernel_status.as_deref()));
    }
    let python_list = host.python_blob.and_then(|blob| loaded.python.get(&blob));
    let python = python(host, python_list, catalogue, &mut notes);
    let applications_list = host
        .applications_blob
        .and_then(|blob| loaded.applications.get(&blob));
    let applications = applications(host, applications_list, loaded, catalogue, &mut notes);
    Judgeable {
        has_python: python && python_list.is_some_and(|list| judged_python(list).next().is_some()),
        has_applications: applications
            && applications_list.is_some_and(|list| judged_applications(&list.items).next().is_some()),
        flags: Flags {
            system,
            system_complete: host.packages_complete,
            python,
            python_complete: host.python_complete,
            applications,
            applications_complete: host.applications_complete,
            kept: !host.kept.is_empty(),
        },
        platform,
        not_evaluated: notes.0,
    }
}

struct Notes(Vec<NotEvaluated>);

impl Notes {
    fn add(&mut self, what: &str, why: impl Into<String>) {
        self.0.push(NotEvaluated {
            what: what.to_owned(),
            why: why.into(),
        });
    }
}

fn system(
    host: &HostInput,
    platform: Option<&Platform>,
    catalogue: &OpenCatalogue,
    notes: &mut Notes,
) -> bool {
    let is_known = platform.is_some_and(|platform| catalogue.catalogue.platform(platform).is_some());
    match platform {
        None => notes.add(
            "packages",
            "no vendor publishes claims for this system that we could read, or the system is not known",
        ),
        Some(platform) if !is_known => notes.add(
            "packages",
            format!(
                "the catalogue holds nothing for {}; add its feed and build the catalogue anew",
                platform.label()
            ),
        ),
        Some(_) => {}
    }
    if host.package_set.is_none() || !host.packages_complete {
        notes.add("packages", gap(host.packages_status.as_deref()));
    }
    is_known && host.package_set.is_some()
}

fn python(
    host: &HostInput,
    list: Option<&PythonPackages>,
    catalogue: &OpenCatalogue,
    notes: &mut Notes,
) -> bool {
    if !host.python_complete {
        notes.add("python_packages", gap(host.python_status.as_deref()));
    }
    let nothing_there = match list {
        // Whatever belongs to packages of the system is judged with them.
        Some(list) => judged_python(list).next().is_none(),
        None => host.python_blob.is_none(),
    };
    if nothing_there {
        return host.python_complete;
    }
    let is_known = catalogue
        .catalogue
        .platform(&Platform::new(PYTHON_FAMILY, ""))
        .is_some();
    match (list, is_known) {
        (None, _) => notes.add("python_packages", UNREADABLE),
        (_, false) => notes.add(
            "python_packages",
            "the catalogue holds no advisories of PyPI; add that feed and build the catalogue anew",
        ),
        _ => {}
    }
    is_known && list.is_some()
}

fn applications(
    host: &HostInput,
    list: Option<&Applications>,
    loaded: &Loaded,
    catalogue: &OpenCatalogue,
    notes: &mut Notes,
) -> bool {
    if !host.applications_complete {
        notes.add("applications", gap(host.applications_status.as_deref()));
    }
    let Some(list) = list else {
        if host.applications_blob.is_some() {
            notes.add("applications", UNREADABLE);
        }
        return host.applications_blob.is_none() && host.applications_complete;
    };
    if let Some(gap) = applications_gap(&catalogue.catalogue, &list.items) {
        notes.add(&gap.what, gap.why);
    }
    loaded.has_upstream || judged_applications(&list.items).next().is_none()
}

const UNREADABLE: &str = "it was collected in a shape that this version does not know";

fn os_of(host: &HostInput) -> Os {
    Os {
        id: host.os_id.clone().unwrap_or_default(),
        version_id: host.os_version.clone(),
        ..Os::default()
    }
}

fn gap(status: Option<&str>) -> String {
    match status {
        None => "it was not collected".to_owned(),
        Some(status) => format!("it was not collected whole: {}", status.replace('_', " ")),
    }
}

/// The platform that a host is judged by.
pub(super) fn platform(host: &HostInput) -> Option<Platform> {
    platform_of(&os_of(host))
}
