//! Fetches what an assessment needs: hosts whose facts changed, packages of which something else is said, and what was known.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use luumen_assess::{Cover, Origin};
use luumen_model::{Applications, Package, PythonPackages, Timestamp, WorkspaceId};
use luumen_store::{
    Store, StoreError,
    assessments::{
        self, AssessmentState, GoneHost, HostClass, HostInput, KnownFacts, KnownFinding, Marks, Which,
    },
    exceptions::{self, Exception},
};
use luumen_vuln::{Upstream, source_name};

use super::{
    OpenCatalogue,
    tracked::{Difference, Tracked},
};

/// From this many package sets on, all classes are fetched at once.
const FEW_SETS: usize = 2000;

/// Everything that was fetched.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub state: AssessmentState,
    pub tracked: Tracked,
    pub catalogue_changed: bool,
    /// Whether the catalogue has anything of upstream's versions.
    pub has_upstream: bool,
    /// Hosts whose facts are not what they were judged by.
    pub hosts: Vec<HostInput>,
    pub gone: Vec<GoneHost>,
    /// Marks of hosts that were looked at.
    pub marks: Marks,
    /// Classes of those hosts before, and those that they may be in now.
    pub classes: HashMap<i64, HostClass>,
    pub sets: HashMap<i64, Vec<i64>>,
    pub packages: Vec<(i64, Package)>,
    pub python: HashMap<i64, PythonPackages>,
    pub applications: HashMap<i64, Applications>,
    /// Applications of which something else is said.
    pub said_of_applications: BTreeSet<String>,
    /// Classes that are judged anew because something else is said of some of their packages.
    pub touched: Vec<Touched>,
    /// Exceptions that hold, and the hosts that each is for.
    pub exceptions: Vec<(Exception, Option<Vec<u32>>)>,
    pub excepted: Vec<KnownFinding>,
    /// Facts of all findings, when the catalogue changed.
    pub facts: Vec<KnownFacts>,
}

/// A class of which some packages are judged anew.
#[derive(Debug)]
pub(super) struct Touched {
    pub class: HostClass,
    pub hosts: Vec<u32>,
    /// Versions of its list that are of such packages.
    pub versions: Vec<i64>,
    /// Whether its Python distributions are, too.
    pub python: bool,
}

/// Fetches everything that can be known before judging.
pub(super) async fn load(
    store: &Store,
    workspace: WorkspaceId,
    catalogue: &OpenCatalogue,
    now: Timestamp,
) -> Result<Loaded, StoreError> {
    let db = store.read();
    let state = assessments::state(db, workspace).await?;
    let mut tracked = Tracked::read(state.said.as_deref());
    let catalogue_changed = state.catalogue.as_deref() != Some(catalogue.id.as_str());
    let difference = match catalogue_changed {
        true => tracked.compare(&catalogue.catalogue),
        false => Difference::Names(BTreeMap::new()),
    };
    let which = match difference {
        Difference::Everything => Which::All,
        Difference::Names(_) => Which::Marked,
    };
    let names = match difference {
        Difference::Names(names) => names,
        Difference::Everything => BTreeMap::new(),
    };
    // Before the hosts: of those that change from here on, another mark is left.
    let marks = assessments::marks(db, workspace).await?;
    // None of these needs another, and each of them may read much.
    let (hosts, gone, anew, facts) = tokio::try_join!(
        assessments::changed_hosts(db, workspace, which),
        assessments::gone_hosts(db, workspace, which),
        load_touched(store, workspace, &names),
        load_facts(store, workspace, catalogue_changed && state.last_finding_id > 0),
    )?;
    let mut loaded = Loaded {
        hosts,
        gone,
        marks,
        touched: anew.touched,
        packages: anew.versions,
        said_of_applications: anew.applications,
        facts,
        state,
        tracked,
        catalogue_changed,
        has_upstream: Upstream::is_in(&catalogue.catalogue),
        ..Loaded::default()
    };
    load_classes(store, workspace, &mut loaded).await?;
    load_packages(store, workspace, &mut loaded).await?;
    load_exceptions(store, workspace, &mut loaded, now).await?;
    Ok(loaded)
}

async fn load_facts(
    store: &Store,
    workspace: WorkspaceId,
    wanted: bool,
) -> Result<Vec<KnownFacts>, StoreError> {
    match wanted {
        true => assessments::facts(store.read(), workspace).await,
        false => Ok(Vec::new()),
    }
}

/// What is judged anew although its hosts are as they were.
#[derive(Default)]
struct Anew {
    touched: Vec<Touched>,
    versions: Vec<(i64, Package)>,
    applications: BTreeSet<String>,
}

/// Names of which something else is said, by who speaks.
#[derive(Default)]
struct Said {
    /// Of the system's packages: platforms, and names on any of them.
    platforms: BTreeSet<String>,
    names: BTreeSet<String>,
    python: bool,
    applications: BTreeSet<String>,
}

impl Said {
    fn of(names: &BTreeMap<String, BTreeSet<String>>) -> Self {
        let mut said = Self::default();
        for (platform, names) in names {
            match Origin::of(platform) {
                (Origin::Python, _) => said.python = true,
                (Origin::Application, _) => said.applications.extend(names.iter().cloned()),
                (Origin::Silent, system) => said.add_system(system, names),
                (Origin::System, _) => said.add_system(platform, names),
            }
        }
        said
    }

    fn add_system(&mut self, platform: &str, names: &BTreeSet<String>) {
        self.platforms.insert(platform.to_owned());
        self.names.extend(names.iter().cloned());
    }

    /// Packages of which something else is said, with all of their source.
    async fn versions(
        &self,
        store: &Store,
        workspace: WorkspaceId,
    ) -> Result<Vec<(i64, Package)>, StoreError> {
        let families: HashSet<&str> = self
            .platforms
            .iter()
            .map(|platform| platform.split('/').next().unwrap_or_default())
            .collect();
        let asked: Vec<String> = self.names.iter().cloned().collect();
        let some = assessments::versions_of_sources(store.read(), workspace, &asked).await?;
        // A binary's name may be what is spoken of: then all of its source is judged, as it always is.
        let names_in = |package: &Package| -> Vec<String> {
            let families = families.iter();
            families
                .map(|family| source_name(family, package).into_owned())
                .collect()
        };
        let sources: BTreeSet<String> = some.iter().flat_map(|(_, package)| names_in(package)).collect();
        let asked: Vec<String> = sources.iter().cloned().collect();
        let mut versions = assessments::versions_of_sources(store.read(), workspace, &asked).await?;
        versions.retain(|(_, package)| names_in(package).iter().any(|name| sources.contains(name)));
        Ok(versions)
    }
}

/// Finds the classes that have something of which something else is said.
async fn load_touched(
    store: &Store,
    workspace: WorkspaceId,
    names: &BTreeMap<String, BTreeSet<String>>,
) -> Result<Anew, StoreError> {
    if names.is_empty() {
        return Ok(Anew::default());
    }
    let db = store.read();
    let said = Said::of(names);
    let versions = said.versions(store, workspace).await?;
    let ids: Vec<i64> = versions.iter().map(|(id, _)| *id).collect();
    let sets = assessments::sets_with(db, workspace, &ids).await?;
    let (mut classes, mut hosts) = load_holders(store, workspace, &said, &sets).await?;
    let of_platform = |class: &HostClass| {
        let platform = class.platform.as_ref();
        platform.is_some_and(|platform| said.platforms.contains(platform))
            && class.package_set.is_some_and(|set| sets.contains_key(&set))
    };
    let has_python = |class: &HostClass| said.python && class.python_blob.is_some();
    let has_applications =
        |class: &HostClass| !said.applications.is_empty() && class.applications_blob.is_some();
    classes.retain(|class| of_platform(class) || has_python(class) || has_applications(class));
    let mut touched = Vec::with_capacity(classes.len());
    for class in classes {
        let set = class.package_set.filter(|_| of_platform(&class));
        touched.push(Touched {
            hosts: hosts.remove(&class.id).unwrap_or_default(),
            // Several classes may have the set.
            versions: set.and_then(|set| sets.get(&set).cloned()).unwrap_or_default(),
            python: has_python(&class),
            class,
        });
    }
    Ok(Anew {
        touched,
        versions,
        applications: said.applications,
    })
}

/// Classes that may have one of the sets, or anything else of which something else is said, and the hosts of each.
async fn load_holders(
    store: &Store,
    workspace: WorkspaceId,
    said: &Said,
    sets: &HashMap<i64, Vec<i64>>,
) -> Result<(Vec<HostClass>, HashMap<i64, Vec<u32>>), StoreError> {
    let db = store.read();
    let by_sets_alone = !said.python && said.applications.is_empty();
    if by_sets_alone && sets.len() <= FEW_SETS {
        let ids: Vec<i64> = sets.keys().copied().collect();
        let classes = assessments::classes_with_sets(db, workspace, &ids).await?;
        let ids: Vec<i64> = classes.iter().map(|class| class.id).collect();
        let hosts = assessments::hosts_of_classes(db, workspace, Some(&ids)).await?;
        return Ok((classes, hosts));
    }
    tokio::try_join!(
        assessments::classes(db, workspace, None),
        assessments::hosts_of_classes(db, workspace, None),
    )
}

async fn load_classes(store: &Store, workspace: WorkspaceId, loaded: &mut Loaded) -> Result<(), StoreError> {
    let db = store.read();
    let before: BTreeSet<i64> = loaded
        .hosts
        .iter()
        .filter_map(|host| host.class)
        .chain(loaded.gone.iter().filter_map(|host| host.class))
        .collect();
    let before: Vec<i64> = before.into_iter().collect();
    let sets: BTreeSet<i64> = loaded.hosts.iter().filter_map(|host| host.package_set).collect();
    let now: Vec<i64> = sets.into_iter().collect();
    let mut classes = assessments::classes(db, workspace, Some(&before)).await?;
    if loaded.state.last_class_id > 0 {
        classes.extend(assessments::classes_with_sets(db, workspace, &now).await?);
    }
    loaded.classes = classes.into_iter().map(|class| (class.id, class)).collect();
    let mut sets: BTreeSet<i64> = now.into_iter().collect();
    sets.extend(loaded.classes.values().filter_map(|class| class.package_set));
    let sets: Vec<i64> = sets.into_iter().collect();
    loaded.sets = assessments::package_sets(db, workspace, &sets).await?;
    Ok(())
}

async fn load_packages(store: &Store, workspace: WorkspaceId, loaded: &mut Loaded) -> Result<(), StoreError> {
    let db = store.read();
    let known: HashSet<i64> = loaded.packages.iter().map(|(id, _)| *id).collect();
    let mut wanted: Vec<i64> = Vec::new();
    let most = loaded.sets.values().filter_map(|set| set.last()).max();
    // Content ids are dense, so a mark for each is smaller than a set of those that are wanted.
    let mut marks = vec![false; most.map_or(0, |most| usize::try_from(*most).unwrap_or(0) + 1)];
    for id in loaded.sets.values().flatten() {
        if let Some(mark) = usize::try_from(*id).ok().and_then(|at| marks.get_mut(at)) {
            *mark = true;
        }
    }
    let marked = (0_i64..).zip(&marks).filter(|(_, mark)| **mark).map(|(id, _)| id);
    wanted.extend(marked.filter(|id| !known.contains(id)));
    loaded
        .packages
        .extend(assessments::package_versions(db, workspace, &wanted).await?);
    load_sections(store, workspace, loaded).await
}

async fn load_sections(store: &Store, workspace: WorkspaceId, loaded: &mut Loaded) -> Result<(), StoreError> {
    let db = store.read();
    let (hosts, classes) = (&loaded.hosts, loaded.classes.values());
    let touched: Vec<&HostClass> = loaded.touched.iter().map(|touched| &touched.class).collect();
    let judged = loaded.touched.iter().filter(|touched| touched.python);
    let blobs: BTreeSet<i64> = (hosts.iter().filter_map(|host| host.python_blob))
        .chain(classes.clone().filter_map(|class| class.python_blob))
        .chain(judged.filter_map(|touched| touched.class.python_blob))
        .collect();
    let blobs: Vec<i64> = blobs.into_iter().collect();
    let python = assessments::section_facts(db, workspace, &blobs).await?;
    let asked = |_: &&&HostClass| !loaded.said_of_applications.is_empty();
    let blobs: BTreeSet<i64> = (hosts.iter().filter_map(|host| host.applications_blob))
        .chain(classes.filter_map(|class| class.applications_blob))
        .chain(
            touched
                .iter()
                .filter(asked)
                .filter_map(|class| class.applications_blob),
        )
        .collect();
    let blobs: Vec<i64> = blobs.into_iter().collect();
    let applications = assessments::section_facts(db, workspace, &blobs).await?;
    (loaded.python, loaded.applications) = (python, applications);
    Ok(())
}

async fn load_exceptions(
    store: &Store,
    workspace: WorkspaceId,
    loaded: &mut Loaded,
    now: Timestamp,
) -> Result<(), StoreError> {
    let db = store.read();
    let all = exceptions::at(db, workspace, now).await?;
    loaded.excepted = assessments::excepted_findings(db, workspace, &all, now).await?;
    for exception in all {
        let mut hosts = match &exception.tag {
            Some(tag) => Some(assessments::hosts_with_tag(db, workspace, tag).await?),
            None => None,
        };
        if let Some(id) = exception.host {
            let number = assessments::number_of(db, workspace, id).await?;
            hosts = Some(match hosts {
                Some(hosts) => hosts.into_iter().filter(|host| Some(*host) == number).collect(),
                None => number.into_iter().collect(),
            });
        }
        loaded.exceptions.push((exception, hosts));
    }
    Ok(())
}

impl Loaded {
    /// The exceptions that speak of a finding.
    pub(super) fn covers<'a>(&'a self, vulnerability: &str, package: &str) -> Vec<Cover<'a>> {
        let concerning = self
            .exceptions
            .iter()
            .filter(|(exception, _)| exception.concerns(vulnerability, package));
        let cover = |(exception, hosts): &'a (Exception, Option<Vec<u32>>)| Cover {
            hosts: hosts.as_deref(),
            until: exception.expires_at,
        };
        concerning.map(cover).collect()
    }
}
