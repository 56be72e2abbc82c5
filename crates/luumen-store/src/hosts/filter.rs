//! Which hosts: terms as SQL conditions. Parsing what a person types is the server's; so is deciding which versions
//! are older than another.
//!
//! A term finds positive evidence. Its negation finds evidence of absence: a host whose packages or section
//! could not be read completely is in neither answer.

use luumen_model::{HostId, SectionKind, WorkspaceId};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};

use super::{HostState, StateClock};
use crate::{
    entity::{host, host_section, host_tag, package_set_member, package_version},
    ids::unbound,
    letters::{contains, same_text},
    properties,
};

/// All terms must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostFilter {
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub negated: bool,
    pub kind: TermKind,
}

/// What a term asks.
#[derive(Clone, Debug, PartialEq)]
pub enum TermKind {
    /// Part of name, address or OS name.
    Text(String),
    State(HostState),
    /// `ID` of os-release.
    Os(String),
    OsVersion(String),
    Arch(String),
    Tag(String),
    RebootRequired(bool),
    /// Two intervals without a snapshot, whatever else applies; never seen included.
    Stale,
    /// A section of the newest snapshot, or any of them, that could not be read whole.
    Unseen {
        section: Option<SectionKind>,
        cause: Option<GapCause>,
    },
    /// How long ago something of the host happened; what never did is neither.
    Age {
        of: HostMoment,
        bound: AgeBound,
    },
    /// No snapshot at all, switched off or not.
    NeverSeen,
    /// A binary or source package of that name; in one of these versions, where versions are given
    /// (ids from [`crate::packages::versions_named`]).
    Package {
        name: String,
        versions: Option<Vec<i64>>,
    },
    /// A fact. `path` may hold `[*]` for any element of a list.
    Property {
        path: String,
        op: PropertyOp,
        value: String,
    },
    Id(HostId),
}

/// Why a section could not be read whole, as the first page counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    Denied,
    Other,
}

/// Moments that a host's row keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostMoment {
    /// Its newest snapshot was taken.
    Seen,
    /// Its packages changed.
    PackagesChanged,
    /// It was added.
    Added,
}

/// How long ago, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeBound {
    Under(i64),
    AtLeast(i64),
}

/// How a fact is compared. Texts without regard to case; `<` and its kin as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyOp {
    Equals,
    /// The fact is there, and none of its values equals.
    NotEquals,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Exists,
    Contains,
}

impl HostFilter {
    /// A filter of terms that must hold.
    pub fn all(kinds: impl IntoIterator<Item = TermKind>) -> Self {
        let term = |kind| Term { negated: false, kind };
        Self {
            terms: kinds.into_iter().map(term).collect(),
        }
    }

    /// Whether any term asks a fact that not every host has told: then there may be hosts of which nothing is known.
    pub(crate) fn asks_facts(&self) -> bool {
        self.terms.iter().any(|term| term.kind.is_fact())
    }

    /// The hosts that are found, and those that would be if what was not read of them were so.
    pub(crate) fn possible(&self, workspace: WorkspaceId, clock: StateClock) -> Condition {
        let own = host_col(host::Column::WorkspaceId).eq(workspace.0);
        self.terms.iter().fold(Condition::all().add(own), |all, term| {
            all.add(term.possible(workspace, clock))
        })
    }

    pub(crate) fn condition(&self, workspace: WorkspaceId, clock: StateClock) -> Condition {
        let own = host_col(host::Column::WorkspaceId).eq(workspace.0);
        self.terms.iter().fold(Condition::all().add(own), |all, term| {
            all.add(term.condition(workspace, clock))
        })
    }
}

impl Term {
    /// Where it holds, and where not enough is known to say that it does not.
    fn possible(&self, workspace: WorkspaceId, clock: StateClock) -> Condition {
        let holds = self.condition(workspace, clock);
        let unread = match &self.kind {
            TermKind::Package { .. } => {
                Condition::all().add(host_col(host::Column::PackagesComplete).eq(false))
            }
            TermKind::Property { path, .. } => Condition::all()
                .add(host_col(host::Column::Id).not_in_subquery(hosts_that_know(workspace, path))),
            TermKind::RebootRequired(_) => {
                let not_told = host_col(host::Column::RebootRequired).is_null();
                return Condition::any().add(holds).add(not_told);
            }
            _ => return holds,
        };
        // What was seen of a part of it decides all the same: one match is enough, and enough against "not".
        let decided = match (&self.kind, self.negated) {
            (kind, true) => kind.condition(workspace, clock),
            (
                TermKind::Property {
                    path,
                    op: PropertyOp::NotEquals,
                    value,
                },
                false,
            ) => property_condition(workspace, path, PropertyOp::Equals, value),
            _ => return Condition::any().add(holds).add(unread),
        };
        Condition::any().add(holds).add(unread.add(decided.not()))
    }

    fn condition(&self, workspace: WorkspaceId, clock: StateClock) -> Condition {
        let holds = self.kind.condition(workspace, clock);
        if !self.negated {
            return holds;
        }
        let known = match &self.kind {
            TermKind::Package { .. } => {
                Condition::all().add(host_col(host::Column::PackagesComplete).eq(true))
            }
            TermKind::Property { path, .. } => {
                Condition::all().add(host_col(host::Column::Id).in_subquery(hosts_that_know(workspace, path)))
            }
            // A section that no snapshot has ever named is not one that was read whole.
            TermKind::Unseen { section, .. } => Condition::all()
                .add(host_col(host::Column::Id).in_subquery(hosts_with_section(workspace, *section))),
            _ => Condition::all(),
        };
        known.add(holds.not())
    }
}

impl TermKind {
    fn is_fact(&self) -> bool {
        matches!(
            self,
            Self::Package { .. } | Self::Property { .. } | Self::RebootRequired(_)
        )
    }

    fn condition(&self, workspace: WorkspaceId, clock: StateClock) -> Condition {
        let all = Condition::all();
        match self {
            Self::Text(text) => Condition::any()
                .add(contains(host_col(host::Column::Name), text))
                .add(contains(host_col(host::Column::Address), text))
                .add(contains(or_empty(host::Column::OsName), text)),
            Self::State(state) => all.add(clock.rank_expr().eq(state.rank())),
            Self::Os(id) => all.add(same_text(or_empty(host::Column::OsId), id)),
            Self::OsVersion(version) => all.add(same_text(or_empty(host::Column::OsVersion), version)),
            Self::Arch(arch) => all.add(same_text(or_empty(host::Column::Arch), arch)),
            Self::Tag(tag) => all.add(host_col(host::Column::Id).in_subquery(hosts_with_tag(workspace, tag))),
            // Unknown is neither: SQL's NULL keeps such hosts out of both answers.
            Self::RebootRequired(required) => all.add(host_col(host::Column::RebootRequired).eq(*required)),
            Self::Stale => Condition::any()
                .add(host_col(host::Column::SnapshotAtMs).is_null())
                .add(clock.stale_expr()),
            Self::Unseen { section, cause } => {
                let hosts = hosts_with_gap(workspace, *section, *cause);
                all.add(host_col(host::Column::Id).in_subquery(hosts))
            }
            Self::Age { of, bound } => age_condition(*of, *bound, clock),
            Self::NeverSeen => all.add(host_col(host::Column::SnapshotAtMs).is_null()),
            Self::Package { name, versions } => {
                let sets = package_sets(workspace, name, versions.as_deref());
                all.add(host_col(host::Column::PackageSetId).is_not_null())
                    .add(host_col(host::Column::PackageSetId).in_subquery(sets))
            }
            Self::Property { path, op, value } => property_condition(workspace, path, *op, value),
            Self::Id(id) => all.add(host_col(host::Column::Id).eq(id.0)),
        }
    }
}

fn age_condition(of: HostMoment, bound: AgeBound, clock: StateClock) -> Condition {
    let at = || {
        host_col(match of {
            HostMoment::Seen => host::Column::SnapshotAtMs,
            HostMoment::PackagesChanged => host::Column::PackagesChangedAtMs,
            HostMoment::Added => host::Column::CreatedAtMs,
        })
    };
    let limit = |age_ms: i64| clock.now.as_millis().saturating_sub(age_ms);
    Condition::all().add(at().is_not_null()).add(match bound {
        AgeBound::Under(age_ms) => at().gt(limit(age_ms)),
        AgeBound::AtLeast(age_ms) => at().lte(limit(age_ms)),
    })
}

/// Hosts with that section, or any, in their newest snapshot, read whole or not.
fn hosts_with_section(workspace: WorkspaceId, section: Option<SectionKind>) -> SelectStatement {
    let mut hosts = Query::select();
    hosts
        .column(host_section::Column::HostId)
        .from(host_section::Entity)
        .and_where(Expr::col(host_section::Column::WorkspaceId).eq(workspace.0));
    if let Some(section) = section {
        hosts.and_where(Expr::col(host_section::Column::Kind).eq(section.as_str()));
    }
    hosts
}

fn hosts_with_gap(
    workspace: WorkspaceId,
    section: Option<SectionKind>,
    cause: Option<GapCause>,
) -> SelectStatement {
    let mut hosts = hosts_with_section(workspace, section);
    hosts.and_where(Expr::col(host_section::Column::Complete).eq(false));
    let status = Expr::col(host_section::Column::Status);
    match cause {
        Some(GapCause::Denied) => hosts.and_where(status.eq("denied")),
        Some(GapCause::Other) => hosts.and_where(status.ne("denied")),
        None => &mut hosts,
    };
    hosts
}

fn property_condition(workspace: WorkspaceId, path: &str, op: PropertyOp, value: &str) -> Condition {
    let hosts = |op| {
        let blobs = properties::blobs_where(workspace, path, op, value);
        let hosts = Query::select()
            .column(host_section::Column::HostId)
            .from(host_section::Entity)
            .and_where(Expr::col(host_section::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(host_section::Column::SectionBlobId).in_subquery(blobs))
            .to_owned();
        host_col(host::Column::Id).in_subquery(hosts)
    };
    match op {
        PropertyOp::NotEquals => Condition::all()
            .add(hosts(PropertyOp::Exists))
            .add(hosts(PropertyOp::Equals).not()),
        op => Condition::all().add(hosts(op)),
    }
}

/// Hosts whose section of that path was read completely.
fn hosts_that_know(workspace: WorkspaceId, path: &str) -> SelectStatement {
    let kind = path.split(['.', '[']).next().unwrap_or(path);
    Query::select()
        .column(host_section::Column::HostId)
        .from(host_section::Entity)
        .and_where(Expr::col(host_section::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_section::Column::Kind).eq(kind))
        .and_where(Expr::col(host_section::Column::Complete).eq(true))
        .to_owned()
}

fn hosts_with_tag(workspace: WorkspaceId, tag: &str) -> SelectStatement {
    Query::select()
        .column(host_tag::Column::HostId)
        .from(host_tag::Entity)
        .and_where(Expr::col(host_tag::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_tag::Column::Tag).eq(tag))
        .to_owned()
}

/// The sets that hold one of the versions, or any version of that name.
fn package_sets(workspace: WorkspaceId, name: &str, versions: Option<&[i64]>) -> SelectStatement {
    let mut sets = Query::select();
    sets.column(package_set_member::Column::PackageSetId)
        .from(package_set_member::Entity)
        .and_where(Expr::col(package_set_member::Column::WorkspaceId).eq(workspace.0));
    let member = Expr::col(package_set_member::Column::PackageVersionId);
    match versions {
        Some(ids) => sets.and_where(member.is_in(unbound(ids))),
        None => sets.and_where(member.in_subquery(versions_named(workspace, name))),
    };
    sets
}

fn versions_named(workspace: WorkspaceId, name: &str) -> SelectStatement {
    Query::select()
        .column(package_version::Column::Id)
        .from(package_version::Entity)
        .and_where(Expr::col(package_version::Column::WorkspaceId).eq(workspace.0))
        .cond_where(
            Condition::any()
                .add(Expr::col(package_version::Column::Name).eq(name))
                .add(Expr::col(package_version::Column::Source).eq(name)),
        )
        .to_owned()
}

pub(crate) fn host_col(column: host::Column) -> Expr {
    Expr::col((Alias::new("host"), column))
}

/// The column, with an empty text where the host did not tell.
pub(crate) fn or_empty(column: host::Column) -> Expr {
    SimpleExpr::from(Func::coalesce([host_col(column), Expr::val("")]))
}
