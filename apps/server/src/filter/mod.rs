//! The filter text of host lists: what people type, as terms that the store understands.
//!
//! `grammar` reads the text, `versions` knows which version is older; this room asks the store which versions
//! there are and puts the two together.

mod grammar;
mod versions;

use luumen_api::{Code, fleet::VersionOperator};
use luumen_model::WorkspaceId;
use luumen_store::{
    Store,
    hosts::{HostFilter, Term, TermKind},
    packages::{self, PackageVersion},
};

use crate::{
    app::AppState,
    caller::Caller,
    problem::{ApiResult, Problem},
};
use grammar::{Asked, What};

/// Most versions that a warning names.
const MOST_NAMED: usize = 20;

/// A filter, and what its answer will not be able to say.
#[derive(Debug, Default)]
pub struct Filter {
    pub filter: HostFilter,
    pub warnings: Vec<String>,
}

/// Versions of a package, sorted by the answer to a comparison.
#[derive(Debug, Default)]
pub struct Sorted {
    /// The comparison holds.
    pub holds: Vec<i64>,
    /// It cannot be said.
    pub not_comparable: Vec<i64>,
    /// Those that cannot be compared, in words.
    pub not_comparable_names: Vec<String>,
}

/// The filter of a query text, for the caller's workspace.
pub async fn of(state: &AppState, caller: &Caller, text: Option<&str>) -> ApiResult<Filter> {
    let asked = grammar::read(text.unwrap_or_default()).map_err(|fault| {
        Problem::new(Code::Invalid)
            .field("q", fault.to_string())
            .next_step("Correct the term of the filter.")
    })?;
    let mut filter = Filter::default();
    for term in asked {
        add(&state.store, caller.workspace, term, &mut filter).await?;
    }
    Ok(filter)
}

async fn add(store: &Store, workspace: WorkspaceId, asked: Asked, into: &mut Filter) -> ApiResult<()> {
    let kind = match asked.what {
        What::Text(text) => TermKind::Text(text),
        What::State(state) => TermKind::State(state),
        What::Os(id) => TermKind::Os(id),
        What::OsVersion(version) => TermKind::OsVersion(version),
        What::Arch(arch) => TermKind::Arch(arch),
        What::Tag(tag) => TermKind::Tag(tag),
        What::Reboot(required) => TermKind::RebootRequired(required),
        What::Stale => TermKind::Stale,
        What::Unseen { section, cause } => TermKind::Unseen { section, cause },
        What::Age { of, bound } => TermKind::Age { of, bound },
        What::NeverSeen => TermKind::NeverSeen,
        What::Property { path, op, value } => TermKind::Property { path, op, value },
        What::Package { name, version: None } => TermKind::Package { name, versions: None },
        What::Package {
            name,
            version: Some((op, version)),
        } => {
            let there = packages::versions_named(store.read(), workspace, &name).await?;
            let sorted = sort_versions(&there, &name, op, &version);
            into.warn(&sorted, &version);
            if asked.negated && !sorted.not_comparable.is_empty() {
                // "Not older" must not be concluded for a version that cannot be compared.
                let versions = Some(sorted.not_comparable);
                let kind = TermKind::Package {
                    name: name.clone(),
                    versions,
                };
                into.filter.terms.push(Term { negated: true, kind });
            }
            TermKind::Package {
                name,
                versions: Some(sorted.holds),
            }
        }
    };
    into.filter.terms.push(Term {
        negated: asked.negated,
        kind,
    });
    Ok(())
}

impl Filter {
    fn warn(&mut self, sorted: &Sorted, asked: &str) {
        let names = &sorted.not_comparable_names;
        if names.is_empty() {
            return;
        }
        let shown = names
            .iter()
            .take(MOST_NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let more = if names.len() > MOST_NAMED { ", …" } else { "" };
        self.warnings.push(format!(
            "These versions cannot be compared with {asked}, so nothing is said about them: {shown}{more}"
        ));
    }
}

/// Sorts versions of the binary or source package `name` by whether `op asked` holds for them.
pub fn sort_versions(there: &[PackageVersion], name: &str, op: VersionOperator, asked: &str) -> Sorted {
    let mut sorted = Sorted::default();
    for package in there {
        let installed = version_under(package, name);
        match versions::holds(package.manager, installed, op, asked) {
            Some(true) => sorted.holds.push(package.id),
            Some(false) => {}
            None => {
                sorted.not_comparable.push(package.id);
                sorted
                    .not_comparable_names
                    .push(format!("{} {installed}", package.name));
            }
        }
    }
    sorted.not_comparable_names.sort();
    sorted.not_comparable_names.dedup();
    sorted
}

/// Asked for by its source's name, a package is compared by its source's version.
fn version_under<'a>(package: &'a PackageVersion, name: &str) -> &'a str {
    match &package.source_version {
        Some(version) if package.name != name => version,
        _ => &package.version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use luumen_model::PackageManager;

    fn package(id: i64, name: &str, version: &str, source: Option<(&str, &str)>) -> PackageVersion {
        PackageVersion {
            id,
            manager: PackageManager::Dpkg,
            name: name.to_owned(),
            version: version.to_owned(),
            arch: None,
            source: source.map(|(name, _)| name.to_owned()),
            source_version: source.map(|(_, version)| version.to_owned()),
        }
    }

    #[test]
    fn a_source_name_is_about_the_source_version() {
        let there = [
            package(1, "openssl", "3.0.2-0ubuntu1", None),
            package(2, "libssl3", "9.9-1", Some(("openssl", "3.0.2-0ubuntu1"))),
            package(3, "openssl", "3.0.11-1", None),
            package(4, "openssl", "unknown", None),
        ];
        let sorted = sort_versions(&there, "openssl", VersionOperator::Less, "3.0.7");
        assert_eq!((sorted.holds, sorted.not_comparable), (vec![1, 2], vec![4]));
        assert_eq!(sorted.not_comparable_names, ["openssl unknown"]);
    }
}
