//! One story through the whole store.

use std::collections::BTreeMap;

use luumen_model::{
    ContentHash, MissingRight, Outcome, PrivilegeTier, RunId, SectionKind, SectionStatus, Snapshot,
};
use luumen_store::{
    ConnectionTrait, Field, Store, StoreError, Thing, TokenHash,
    api_keys::{self, KeyScope, NewApiKey, Rotated},
    diff,
    hosts::{
        self, AgeBound, GapCause, HostChange, HostFilter, HostMoment, HostQuery, HostSort, HostState,
        Imported, NewHost, PropertyOp, TermKind, Upserted,
    },
    overview, packages, properties,
    reports::{self, ReportError},
    retention,
    runs::{self, RunQuery, RunState, SilenceClock},
    sessions::{self, LinkPurpose, Session},
    snapshots, transaction,
    users::{self, Role},
    workspaces::{self, WorkspaceChange},
};
use sea_orm::{DbBackend, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, at, is, is_not, on_every_database, package, property, snapshot};

#[tokio::test]
async fn a_workspace_from_its_first_day_to_its_last() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Demo").await;
        settings_change(&world).await;
        people_sign_in(&world).await;
        keys_come_and_go(&world).await;
        hosts_are_made_changed_and_imported(&world).await;
        Box::pin(fleet_is_seen(&world)).await;
        Box::pin(visits_fail_and_runs_end(&world)).await;
        the_first_page_counts(&world).await;
        old_visits_go(&world).await;
        workspaces::delete(store.writer(), world.workspace.id)
            .await
            .unwrap();
        for (table, rows) in row_counts(store).await {
            assert_eq!(rows, 0, "{table} still has rows");
        }
    })
    .await;
}

async fn settings_change(world: &World<'_>) {
    let (db, id) = (world.store.writer(), world.workspace.id);
    let change = WorkspaceChange {
        default_username: Some("luumen".to_owned()),
        polling_s: Some(30),
        ..WorkspaceChange::default()
    };
    workspaces::update(db, id, &change).await.unwrap();
    let clear = WorkspaceChange {
        default_username: Some(String::new()),
        ..WorkspaceChange::default()
    };
    let workspace = workspaces::update(db, id, &clear).await.unwrap();
    assert_eq!(
        (
            workspace.interval_s,
            workspace.polling_s,
            workspace.default_username
        ),
        (3600, 30, None)
    );
    assert_eq!(workspaces::list(db).await.unwrap().len(), 1);
    let nowhere = workspaces::get(db, Uuid::new_v4().into()).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound(Thing::Workspace))));
}

async fn people_sign_in(world: &World<'_>) {
    let (db, workspace) = (world.store.writer(), world.workspace.id);
    let link = TokenHash::of("set-up");
    sessions::add_link(db, link, LinkPurpose::Setup, None, at(0), at(1))
        .await
        .unwrap();
    assert!(
        sessions::link_is_good(db, link, LinkPurpose::Setup, at(0))
            .await
            .unwrap()
    );
    let late = sessions::use_link(db, link, LinkPurpose::Setup, at(2)).await;
    assert!(matches!(late, Err(StoreError::NotFound(Thing::Link))));
    assert_eq!(
        sessions::use_link(db, link, LinkPurpose::Setup, at(0))
            .await
            .unwrap(),
        None
    );
    let twice = sessions::use_link(db, link, LinkPurpose::Setup, at(0)).await;
    assert!(matches!(twice, Err(StoreError::NotFound(Thing::Link))));

    assert_eq!(users::count(db).await.unwrap(), 0);
    let ada = users::create(db, "Ada@Example.org", "Ada", Some("$argon2id$1"), at(0))
        .await
        .unwrap();
    let again = users::create(db, "ada@example.ORG", "Ada", None, at(0)).await;
    assert!(matches!(again, Err(StoreError::Conflict { field: Field::Email })));
    users::add_member(db, workspace, ada.id, Role::Viewer, at(0))
        .await
        .unwrap();
    users::add_member(db, workspace, ada.id, Role::Owner, at(0))
        .await
        .unwrap();
    assert_eq!(
        users::role_in(db, workspace, ada.id).await.unwrap(),
        Some(Role::Owner)
    );
    assert_eq!(users::memberships(db, ada.id).await.unwrap().len(), 1);
    assert_eq!(
        users::members(db, workspace).await.unwrap()[0].0.email,
        "ada@example.org"
    );
    users::set_password(db, ada.id, "$argon2id$2").await.unwrap();
    let found = users::find_by_email(db, " ADA@example.org")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("$argon2id$2"));

    let token = TokenHash::of("session");
    let session = Session {
        user: ada.id,
        workspace,
        created_at: at(0),
        expires_at: at(12),
        last_seen_at: at(0),
        via_link: false,
    };
    sessions::create(db, token, &session).await.unwrap();
    sessions::create(db, TokenHash::of("other"), &session)
        .await
        .unwrap();
    sessions::touch(db, token, at(1)).await.unwrap();
    assert_eq!(
        sessions::find(db, token, at(1))
            .await
            .unwrap()
            .unwrap()
            .last_seen_at,
        at(1)
    );
    assert_eq!(sessions::find(db, token, at(12)).await.unwrap(), None);
    assert_eq!(sessions::delete_others(db, ada.id, Some(token)).await.unwrap(), 1);

    for _ in 0..3 {
        sessions::record_failure(db, "ada@example.org", at(0))
            .await
            .unwrap();
    }
    sessions::record_failure(db, "10.0.0.1", at(0)).await.unwrap();
    assert_eq!(
        sessions::failures_since(db, "ada@example.org", at(0))
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        sessions::failures_since(db, "ada@example.org", at(1))
            .await
            .unwrap(),
        0
    );
    sessions::clear_failures(db, "ada@example.org").await.unwrap();
    assert_eq!(
        sessions::failures_since(db, "ada@example.org", at(0))
            .await
            .unwrap(),
        0
    );
    sessions::sweep(db, at(48)).await.unwrap();
    assert_eq!(sessions::find(db, token, at(1)).await.unwrap(), None);
}

async fn keys_come_and_go(world: &World<'_>) {
    let (db, workspace) = (world.store.writer(), world.workspace.id);
    let (first, second) = (TokenHash::of("lum_1"), TokenHash::of("lum_2"));
    let new = NewApiKey {
        name: "agent",
        scope: KeyScope::Agent,
        prefix: "lum_1",
        hash: first,
        expires_at: Some(at(100)),
    };
    let key = api_keys::create(db, workspace, &new, at(0)).await.unwrap();
    let works = async |hash, hours| {
        api_keys::find_by_hash(db, hash, at(hours))
            .await
            .unwrap()
            .is_some()
    };
    assert!(works(first, 0).await && !works(first, 100).await && !works(second, 0).await);
    let rotate = async |hash, until, now| {
        let store = world.store;
        transaction!(store, StoreError, |tx| api_keys::rotate(
            tx, workspace, key.id, "lum_n", hash, until, now
        ))
        .unwrap()
    };
    assert!(matches!(rotate(second, at(10), at(0)).await, Rotated::Done(_)));
    assert!(works(first, 9).await && !works(first, 10).await && works(second, 10).await);
    let note = async |hash, now| {
        api_keys::touch(db, workspace, key.id, hash, now).await.unwrap();
        let key = api_keys::get(db, workspace, key.id).await.unwrap();
        (key.last_used_at, key.secret_used_at)
    };
    assert_eq!(note(first, at(1)).await, (Some(at(1)), None));
    // The second secret was not used before a third took its place: those who work go on with the first.
    let third = TokenHash::of("lum_3");
    assert!(matches!(rotate(third, at(20), at(1)).await, Rotated::Done(_)));
    assert!(works(first, 19).await && !works(second, 2).await && works(third, 19).await);
    let soon = at(1).plus_millis(30_000);
    assert_eq!(note(third, soon).await, (Some(at(1)), Some(soon)));
    let fourth = TokenHash::of("lum_4");
    assert_eq!(
        rotate(fourth, at(30), at(2)).await,
        Rotated::TwoInUse { until: at(20) }
    );
    assert!(works(first, 19).await && works(third, 19).await);
    // Without an overlap, or behind its end, there is nobody to protect.
    assert!(matches!(rotate(fourth, at(2), at(2)).await, Rotated::Done(_)));
    assert!(!works(first, 3).await && !works(third, 3).await && works(fourth, 3).await);
    assert_eq!(
        rotate(second, at(110), at(100)).await,
        Rotated::Over { since: at(100) }
    );
    api_keys::revoke(db, workspace, key.id, at(2)).await.unwrap();
    let revoked = api_keys::revoke(db, workspace, key.id, at(3)).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(at(2)));
    assert!(!works(fourth, 3).await && !works(first, 3).await);
    assert_eq!(api_keys::list(db, workspace).await.unwrap().len(), 1);
}

async fn hosts_are_made_changed_and_imported(world: &World<'_>) {
    let (db, workspace, clock) = (world.store.writer(), world.workspace.id, world.clock(0));
    let id = world.host("web-1", &["web", "prod", "web"]).await;
    let taken = NewHost {
        name: "web-1".to_owned(),
        ..NewHost::default()
    };
    let conflict = hosts::create(db, workspace, &taken, clock).await;
    assert!(matches!(
        conflict,
        Err(StoreError::Conflict { field: Field::Name })
    ));
    let change = HostChange {
        notes: Some("rack 4".to_owned()),
        tags: Some(vec!["web".to_owned(), "core".to_owned()]),
        ..HostChange::default()
    };
    let host = hosts::update(db, workspace, id, &change, clock).await.unwrap();
    assert_eq!(
        (host.notes.as_deref(), host.state),
        (Some("rack 4"), HostState::NeverSeen)
    );
    assert_eq!(host.tags, ["core", "web"]);

    let row = |name: &str, address: &str| Imported {
        new: NewHost {
            name: name.to_owned(),
            address: address.to_owned(),
            port: 22,
            enabled: true,
            ..NewHost::default()
        },
        change: HostChange {
            address: Some(address.to_owned()),
            ..HostChange::default()
        },
    };
    let import = async |row: &Imported, update| {
        let store = world.store;
        transaction!(store, StoreError, |tx| hosts::upsert(
            tx, workspace, row, update, clock
        ))
        .unwrap()
    };
    assert!(matches!(
        import(&row("db-1", "10.0.0.1"), false).await,
        Upserted::Created(_)
    ));
    assert!(matches!(
        import(&row("db-1", "10.0.0.1"), true).await,
        Upserted::Same(_)
    ));
    assert!(matches!(
        import(&row("db-1", "10.0.0.2"), false).await,
        Upserted::Exists(_)
    ));
    assert!(matches!(
        import(&row("db-1", "10.0.0.2"), true).await,
        Upserted::Updated(_)
    ));
    assert_eq!(
        world.found(&[is(TermKind::Text("10.0.0.2".to_owned()))], 0).await,
        ["db-1"]
    );
    assert_eq!(
        world.found(&[is(TermKind::Text("_".to_owned()))], 0).await,
        [""; 0]
    );
    assert_eq!(hosts::to_visit(db, workspace, clock).await.unwrap().len(), 2);
}

async fn fleet_is_seen(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let find = async |name: &str| {
        let host = hosts::find_by_name(db, workspace, name, world.clock(0)).await;
        host.unwrap().unwrap().id
    };
    let (web, dbs) = (find("web-1").await, find("db-1").await);

    // Nothing is known; then everything but the vitals is.
    let first = snapshot(at(1), "web-1", &[("bash", "5.2-1"), ("openssl", "3.0.11-1")]);
    let hashes: Vec<ContentHash> = first.hashes().into_values().collect();
    let missing = reports::missing_hashes(db, workspace, &hashes).await.unwrap();
    // Disks and timers share one.
    assert_eq!(missing.len(), hashes.len() - 1);
    let run = world.run(1).await;
    let stored = world.see(run, web, &first).await;
    let missing = reports::missing_hashes(db, workspace, &hashes).await.unwrap();
    assert_eq!(
        missing,
        [first.sections[&SectionKind::Vitals].hash.clone().unwrap()]
    );
    let kept = snapshots::newest(db, workspace, web).await.unwrap();
    assert_eq!(kept.snapshot, first, "a snapshot comes back exactly");
    assert_eq!(
        (kept.summary.package_count, kept.summary.outcome),
        (Some(2), Outcome::Complete)
    );
    assert_eq!(kept.section_seen_at[&SectionKind::Os], at(1));

    // The same run and host again.
    let again = world.see(run, web, &snapshot(at(1), "web-1", &[])).await;
    assert!(again.repeated && !stored.repeated);
    assert_eq!(again.snapshot_id, stored.snapshot_id);

    unchanged_visits_are_small(world, web, &first).await;
    refused_reports_change_nothing(world, web).await;

    // An update of openssl, seen at 5; a database host beside it.
    let second = snapshot(at(5), "web-1", &[("bash", "5.2-1"), ("openssl", "3.0.15-1")]);
    let run = world.run(5).await;
    let updated = world.see(run, web, &second).await;
    let kept = snapshots::get(db, workspace, web, updated.snapshot_id.unwrap())
        .await
        .unwrap();
    assert_eq!(kept.summary.changed_sections, [SectionKind::Packages]);
    let mut other = snapshot(
        at(5),
        "db-1",
        &[("openssl", "3.0.11-1"), ("postgresql-15", "15.8-1")],
    );
    set_data(
        &mut other,
        SectionKind::Sshd,
        json!({"settings": {"permitrootlogin": "yes", "port": "2222"}}),
    );
    set_data(
        &mut other,
        SectionKind::RebootRequired,
        json!({"required": true, "reasons": ["linux"]}),
    );
    world.see(run, dbs, &other).await;

    search_finds(world).await;
    diff_tells(
        world,
        web,
        stored.snapshot_id.unwrap(),
        updated.snapshot_id.unwrap(),
    )
    .await;
    a_late_report_is_history(world, web).await;
    a_denied_section_is_unknown(world, web, &second).await;
}

async fn unchanged_visits_are_small(world: &World<'_>, web: luumen_model::HostId, first: &Snapshot) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let before = row_counts(world.store).await;
    for hour in 2..4 {
        let mut same = snapshot(at(hour), "web-1", &[]);
        for (kind, record) in &mut same.sections {
            if *kind != SectionKind::Vitals {
                record.hash.clone_from(&first.sections[kind].hash);
                record.data = None;
                record.status = SectionStatus::Unchanged;
            }
        }
        let run = world.run(hour).await;
        world.see(run, web, &same).await;
    }
    let after = row_counts(world.store).await;
    let grown: Vec<(&String, i64)> = after
        .iter()
        .map(|(table, rows)| (table, rows - before[table]))
        .filter(|(_, rows)| *rows != 0)
        .collect();
    assert_eq!(grown, [(&"run".to_owned(), 2), (&"visit".to_owned(), 2)]);
    let kept = snapshots::newest(db, workspace, web).await.unwrap();
    assert!(kept.summary.changed_sections.is_empty());
    let os = SectionKind::Os;
    assert_eq!(kept.snapshot.sections[&os].data, first.sections[&os].data);
    assert_eq!(kept.snapshot.sections[&os].status, SectionStatus::Ok);
}

async fn refused_reports_change_nothing(world: &World<'_>, web: luumen_model::HostId) {
    let before = row_counts(world.store).await;
    let run = world.run(4).await;
    let mut lying = snapshot(at(4), "web-1", &[("bash", "5.2-1")]);
    lying.sections.get_mut(&SectionKind::Os).unwrap().hash = Some(ContentHash::of(&json!("other")));
    let refused = world.try_report(run, web, &lying, at(4)).await;
    assert!(matches!(
        refused,
        Err(ReportError::HashMismatch {
            section: SectionKind::Os
        })
    ));

    let mut hollow = snapshot(at(4), "web-1", &[("bash", "9.9-9")]);
    let record = hollow.sections.get_mut(&SectionKind::Packages).unwrap();
    record.data = None;
    let hash = record.hash.clone().unwrap();
    match world.try_report(run, web, &hollow, at(4)).await {
        Err(ReportError::MissingSections { hashes }) => assert_eq!(hashes, [hash]),
        other => panic!("{other:?}"),
    }
    let whole = snapshot(at(4), "web-1", &[("bash", "5.2-1")]);
    let no_run = world.try_report(RunId(Uuid::new_v4()), web, &whole, at(4)).await;
    assert!(matches!(
        no_run,
        Err(ReportError::Store(StoreError::NotFound(Thing::Run)))
    ));
    let no_host = world.try_report(run, Uuid::new_v4().into(), &whole, at(4)).await;
    assert!(matches!(
        no_host,
        Err(ReportError::Store(StoreError::NotFound(Thing::Host)))
    ));
    let mut after = row_counts(world.store).await;
    *after.get_mut("run").unwrap() -= 1;
    assert_eq!(after, before);
}

async fn search_finds(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let versions = packages::versions_named(db, workspace, "openssl-src")
        .await
        .unwrap();
    let old: Vec<i64> = versions
        .iter()
        .filter(|version| version.version == "3.0.11-1")
        .map(|version| version.id)
        .collect();
    assert_eq!((versions.len(), old.len()), (2, 1));
    let (page, total) = packages::hosts_with(db, workspace, &old, None, 10, world.clock(5))
        .await
        .unwrap();
    assert_eq!(
        (total, page.items[0].host_name.as_str(), page.items[0].stale),
        (1, "db-1", false)
    );
    let in_old = TermKind::Package {
        name: "openssl".to_owned(),
        versions: Some(old),
    };
    assert_eq!(world.found(&[is(in_old.clone())], 5).await, ["db-1"]);
    assert_eq!(world.found(&[is_not(in_old)], 5).await, ["web-1"]);
    assert_eq!(world.found(&[is(package("openssl"))], 5).await, ["db-1", "web-1"]);

    let names = packages::names(db, workspace, None, None, 2).await.unwrap();
    let told: Vec<(&str, i64, i64)> = names
        .items
        .iter()
        .map(|name| (name.name.as_str(), name.version_count, name.host_count))
        .collect();
    assert_eq!(told, [("bash", 1, 1), ("openssl", 2, 2)]);
    let rest = packages::names(db, workspace, Some("S"), names.next.as_deref(), 2)
        .await
        .unwrap();
    assert_eq!((rest.items[0].name.as_str(), rest.next), ("postgresql-15", None));

    let root = "sshd.settings.permitrootlogin";
    for (term, expected) in [
        (is(property(root, PropertyOp::Equals, "YES")), vec!["db-1"]),
        (is_not(property(root, PropertyOp::Equals, "yes")), vec!["web-1"]),
        (is(property(root, PropertyOp::NotEquals, "yes")), vec!["web-1"]),
        (is(property(root, PropertyOp::Exists, "")), vec!["db-1", "web-1"]),
        (
            is(property("sshd.settings.port", PropertyOp::Greater, "100")),
            vec!["db-1"],
        ),
        (
            is(property(
                "mounts.items[/].size_bytes",
                PropertyOp::LessOrEqual,
                "1000",
            )),
            vec!["db-1", "web-1"],
        ),
        (
            is(property("mounts.items[*].fs_type", PropertyOp::Contains, "XT")),
            vec!["db-1", "web-1"],
        ),
        (
            is(property("sshd.present", PropertyOp::Equals, "true")),
            vec!["web-1"],
        ),
        (is(TermKind::Os("Debian".to_owned())), vec!["db-1", "web-1"]),
        (is_not(TermKind::Tag("web".to_owned())), vec!["db-1"]),
        (is(TermKind::RebootRequired(true)), vec!["db-1"]),
        (is(TermKind::State(HostState::Ok)), vec!["db-1", "web-1"]),
    ] {
        assert_eq!(
            world.found(std::slice::from_ref(&term), 5).await,
            expected,
            "{term:?}"
        );
    }
    let paths = properties::paths(db, workspace, Some("permitroot"), 10)
        .await
        .unwrap();
    assert_eq!(
        (
            paths[0].path.as_str(),
            paths[0].host_count,
            paths[0].examples.len()
        ),
        (root, 2, 2)
    );

    let facets = hosts::facets(db, workspace, &HostFilter::default(), world.clock(5))
        .await
        .unwrap();
    assert_eq!((facets.os[0].value.as_str(), facets.os[0].count), ("debian", 2));
    assert_eq!(facets.tag.len(), 2);
    assert_eq!(facets.state[&HostState::Ok], 2);
    pages_hold_every_host_once(world).await;
}

async fn pages_hold_every_host_once(world: &World<'_>) {
    use HostSort::{Address, Kernel, LastSeen, Name, Os, Packages, State};
    for sort in [Name, Address, State, Os, Kernel, Packages, LastSeen] {
        for descending in [false, true] {
            let (mut names, mut cursor) = (Vec::new(), None);
            loop {
                let query = HostQuery {
                    sort,
                    descending,
                    cursor: cursor.as_deref(),
                    limit: 1,
                    ..HostQuery::default()
                };
                let page = hosts::list(world.store.read(), world.workspace.id, &query, world.clock(5));
                let page = page.await.unwrap();
                names.extend(page.items.into_iter().map(|host| host.name));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            names.sort();
            assert_eq!(names, ["db-1", "web-1"], "{sort:?} {descending}");
        }
    }
    let query = HostQuery {
        cursor: Some("00"),
        ..HostQuery::default()
    };
    let odd = hosts::list(world.store.read(), world.workspace.id, &query, world.clock(5)).await;
    assert!(matches!(odd, Err(StoreError::BadCursor)));
}

async fn diff_tells(
    world: &World<'_>,
    web: luumen_model::HostId,
    from: luumen_model::SnapshotId,
    to: luumen_model::SnapshotId,
) {
    let db = world.store.read();
    let (_, _, diff) = diff::between(db, world.workspace.id, web, from, to)
        .await
        .unwrap();
    assert_eq!((diff.packages.len(), diff.properties.len()), (1, 0));
    assert_eq!(diff.packages[0].from_version.as_deref(), Some("3.0.11-1"));
    assert_eq!(diff.packages[0].to_version.as_deref(), Some("3.0.15-1"));
    assert!(diff.not_comparable.is_empty());
}

/// Taken at 4, from an agent's spool at 6: in the history between 3 and 5, and nowhere else.
async fn a_late_report_is_history(world: &World<'_>, web: luumen_model::HostId) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let before = hosts::get(db, workspace, web, world.clock(6)).await.unwrap();
    let late = snapshot(at(4), "web-1", &[("bash", "5.2-1"), ("openssl", "3.0.14-1")]);
    let run = world.run(4).await;
    world.try_report(run, web, &late, at(6)).await.unwrap();
    assert_eq!(
        hosts::get(db, workspace, web, world.clock(6)).await.unwrap(),
        before
    );
    let history = snapshots::list(db, workspace, web, None, 3).await.unwrap();
    let taken: Vec<_> = history.items.iter().map(|summary| summary.taken_at).collect();
    assert_eq!(taken, [at(5), at(4), at(3)]);
    for summary in &history.items[..2] {
        assert_eq!(summary.changed_sections, [SectionKind::Packages]);
    }
    let older = snapshots::list(db, workspace, web, history.next.as_deref(), 3)
        .await
        .unwrap();
    assert_eq!((older.items.len(), older.next), (2, None));
    for (moment, expected) in [(4, at(4)), (5, at(5)), (100, at(5))] {
        let seen = snapshots::as_of(db, workspace, web, at(moment)).await.unwrap();
        assert_eq!(seen.snapshot.taken_at, expected);
    }
    let too_early = snapshots::as_of(db, workspace, web, at(0)).await;
    assert!(matches!(too_early, Err(StoreError::NotFound(Thing::Snapshot))));
}

async fn a_denied_section_is_unknown(world: &World<'_>, web: luumen_model::HostId, known: &Snapshot) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    assert_eq!(packages::unknown_hosts(db, workspace).await.unwrap(), 0);
    let mut denied = snapshot(at(6), "web-1", &[]);
    for kind in [SectionKind::Packages, SectionKind::Sshd] {
        let record = denied.sections.get_mut(&kind).unwrap();
        (record.data, record.hash, record.status) = (None, None, SectionStatus::Denied);
        record.missing_rights = vec![MissingRight {
            command: "sshd-effective".to_owned(),
            sudoers_line: Some("luumen ALL=(root) NOPASSWD: /usr/sbin/sshd -T".to_owned()),
            tier: PrivilegeTier::Standard,
        }];
    }
    let run = world.run(6).await;
    world.see(run, web, &denied).await;
    let host = hosts::get(db, workspace, web, world.clock(6)).await.unwrap();
    assert_eq!((host.state, host.package_count), (HostState::Partial, None));
    assert_eq!(
        host.incomplete_sections,
        [SectionKind::Packages, SectionKind::Sshd]
    );
    assert_eq!(packages::unknown_hosts(db, workspace).await.unwrap(), 1);
    let root = property("sshd.settings.permitrootlogin", PropertyOp::Equals, "no");
    for term in [
        is(package("bash")),
        is_not(package("bash")),
        is(root.clone()),
        is_not(root),
    ] {
        let found = world.found(std::slice::from_ref(&term), 6).await;
        assert!(
            !found.contains(&"web-1".to_owned()),
            "{term:?} says nothing about web-1"
        );
    }
    gaps_and_ages_lead_to_their_hosts(world).await;
    let kept = snapshots::newest(db, workspace, web).await.unwrap();
    assert_eq!(kept.snapshot, denied);
    assert!(kept.summary.changed_sections.is_empty());
    assert_eq!(kept.section_seen_at[&SectionKind::Sshd], at(5));

    // Readable again, with the facts of before: nothing changed in between that we know of.
    let mut back = known.clone();
    back.taken_at = at(7);
    let run = world.run(7).await;
    let stored = world.see(run, web, &back).await;
    let kept = snapshots::get(db, workspace, web, stored.snapshot_id.unwrap())
        .await
        .unwrap();
    assert!(kept.summary.changed_sections.is_empty());
    assert_eq!(packages::unknown_hosts(db, workspace).await.unwrap(), 0);
}

/// web-1 denied two sections at 6 and db-1 was seen whole at some time before; a third host was never seen.
async fn gaps_and_ages_lead_to_their_hosts(world: &World<'_>) {
    let (writer, workspace) = (world.store.writer(), world.workspace.id);
    let new = NewHost {
        name: "new-1".to_owned(),
        address: "10.0.0.9".to_owned(),
        port: 22,
        ..NewHost::default()
    };
    let id = hosts::create(writer, workspace, &new, world.clock(6))
        .await
        .unwrap()
        .id;
    let unseen = |section, cause| TermKind::Unseen { section, cause };
    let age = |of, bound| TermKind::Age { of, bound };
    let sshd = Some(SectionKind::Sshd);
    let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
    for (term, expected) in [
        (is(unseen(None, None)), vec!["web-1"]),
        (is(unseen(sshd, None)), vec!["web-1"]),
        (is(unseen(sshd, Some(GapCause::Denied))), vec!["web-1"]),
        (is(unseen(sshd, Some(GapCause::Other))), vec![]),
        (is(unseen(Some(SectionKind::Os), None)), vec![]),
        (is_not(unseen(sshd, None)), vec!["db-1"]),
        (is_not(unseen(None, None)), vec!["db-1"]),
        (is(age(HostMoment::Seen, AgeBound::Under(minute))), vec!["web-1"]),
        (is(age(HostMoment::Seen, AgeBound::AtLeast(minute))), vec!["db-1"]),
        (
            is_not(age(HostMoment::Seen, AgeBound::Under(minute))),
            vec!["db-1", "new-1"],
        ),
        (is(TermKind::NeverSeen), vec!["new-1"]),
        (is_not(TermKind::NeverSeen), vec!["db-1", "web-1"]),
        (is(age(HostMoment::Added, AgeBound::Under(hour))), vec!["new-1"]),
        (
            is(age(HostMoment::Added, AgeBound::AtLeast(hour))),
            vec!["db-1", "web-1"],
        ),
        (
            is(age(HostMoment::PackagesChanged, AgeBound::Under(day))),
            vec!["web-1"],
        ),
        (
            is(age(HostMoment::PackagesChanged, AgeBound::AtLeast(day))),
            vec![],
        ),
        (is(age(HostMoment::Seen, AgeBound::AtLeast(i64::MAX))), vec![]),
    ] {
        assert_eq!(
            world.found(std::slice::from_ref(&term), 6).await,
            expected,
            "{term:?}"
        );
    }
    let overview = overview::overview(world.store.read(), workspace, world.clock(6))
        .await
        .unwrap();
    assert_eq!((overview.changed_today_count, overview.new_today_count), (1, 3));
    let gaps: Vec<_> = overview
        .coverage
        .iter()
        .map(|gap| (gap.section, gap.denied, gap.other))
        .collect();
    assert_eq!(gaps, [(SectionKind::Packages, 1, 0), (SectionKind::Sshd, 1, 0)]);
    assert_eq!(overview.freshness.iter().sum::<i64>(), 3);
    hosts::delete(writer, workspace, id).await.unwrap();
}

async fn visits_fail_and_runs_end(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let web = hosts::find_by_name(db, workspace, "web-1", world.clock(7))
        .await
        .unwrap()
        .unwrap()
        .id;
    let run = world.run(8).await;
    world.fail(run, web, 8).await;
    let failed = world.fail(run, web, 8).await;
    assert!(failed.repeated && failed.snapshot_id.is_none());
    let state = async |hours| {
        hosts::get(db, workspace, web, world.clock(hours))
            .await
            .unwrap()
            .state
    };
    assert_eq!(state(8).await, HostState::Failing);
    assert_eq!(
        state(9).await,
        HostState::Failing,
        "two intervals, and still in the grace"
    );
    assert_eq!(state(10).await, HostState::Stale);
    assert_eq!(world.found(&[is(TermKind::Stale)], 10).await, ["db-1", "web-1"]);

    let clock = |hours| SilenceClock::of(&world.workspace, at(hours));
    let get = async |hours| runs::get(db, workspace, run, clock(hours)).await.unwrap();
    assert_eq!(
        (get(8).await.state, get(8).await.failed_count),
        (RunState::Running, 1)
    );
    assert_eq!(get(9).await.state, RunState::Lost, "its agent went silent");
    runs::finish(world.store.writer(), workspace, run, at(9))
        .await
        .unwrap();
    runs::finish(world.store.writer(), workspace, run, at(10))
        .await
        .unwrap();
    assert_eq!(
        (get(9).await.state, get(9).await.finished_at),
        (RunState::Finished, Some(at(9)))
    );
    let found = runs::hosts(db, workspace, run).await.unwrap();
    assert_eq!(found[0].error.as_ref().unwrap().code, "LUM-SSH-AUTH");
    let mut query = RunQuery {
        agent: Some(world.agent),
        limit: 2,
        ..RunQuery::default()
    };
    let page = runs::list(db, workspace, &query, clock(9)).await.unwrap();
    assert_eq!(page.items[0].id, run);
    assert_eq!(page.items[1].state, RunState::Lost, "its agent began another");
    (query.cursor, query.limit) = (page.next.as_deref(), 100);
    let next = runs::list(db, workspace, &query, clock(9)).await.unwrap();
    assert_eq!((next.items.len(), next.next), (7, None));
}

async fn the_first_page_counts(world: &World<'_>) {
    let overview = overview::overview(world.store.read(), world.workspace.id, world.clock(10))
        .await
        .unwrap();
    assert_eq!((overview.host_count, overview.states[&HostState::Stale]), (2, 2));
    assert_eq!(
        (overview.os[0].value.as_str(), overview.os[0].count),
        ("debian 12", 2)
    );
    assert_eq!(overview.freshness, [0, 2, 0, 0, 0, 0, 0]);
    assert_eq!((overview.reboot_required_count, overview.package_count), (1, 4));
    assert_eq!((overview.changed_today_count, overview.new_today_count), (1, 2));
    let today = overview.visits.last().unwrap();
    assert_eq!(
        (overview.visits.len(), today.complete, today.partial, today.failed),
        (14, 7, 1, 1)
    );
    assert!(overview.coverage.is_empty());
}

async fn old_visits_go(world: &World<'_>) {
    let (store, workspace) = (world.store, world.workspace.id);
    let web = hosts::find_by_name(store.read(), workspace, "web-1", world.clock(7))
        .await
        .unwrap()
        .unwrap()
        .id;
    let newest = snapshots::newest(store.read(), workspace, web).await.unwrap();
    let prune = async |hours| retention::prune(store, workspace, at(hours)).await.unwrap();
    let sweep = async || transaction!(store, StoreError, |tx| retention::sweep(tx, workspace)).unwrap();
    let unused = async || retention::has_unused(store.read(), workspace).await.unwrap();
    assert!(!unused().await);
    assert_eq!(prune(1000).await.visits, 7);
    assert!(unused().await);
    assert_eq!(
        sweep().await.package_versions,
        1,
        "openssl 3.0.14 is nowhere any more"
    );
    assert!(!unused().await);
    assert_eq!(
        snapshots::newest(store.read(), workspace, web).await.unwrap(),
        newest
    );
    assert_eq!(
        snapshots::list(store.read(), workspace, web, None, 10)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert_eq!(
        prune(1000).await,
        retention::Pruned::default(),
        "a second prune finds nothing"
    );
    assert_eq!(sweep().await, retention::Swept::default());

    hosts::delete(store.writer(), workspace, web).await.unwrap();
    let gone = hosts::delete(store.writer(), workspace, web).await;
    assert!(matches!(gone, Err(StoreError::NotFound(Thing::Host))));
    assert_eq!(prune(0).await, retention::Pruned::default());
    assert!(unused().await && sweep().await.sections > 0);
    assert_eq!(world.found(&[is(package("openssl"))], 9).await, ["db-1"]);
}

fn set_data(snapshot: &mut Snapshot, kind: SectionKind, data: serde_json::Value) {
    let record = snapshot.sections.get_mut(&kind).unwrap();
    record.hash = Some(ContentHash::of(&data));
    record.data = Some(data);
}

/// Rows of every table there is, whatever its name.
async fn row_counts(store: &Store) -> BTreeMap<String, i64> {
    let db = store.read();
    let backend = db.get_database_backend();
    let tables = if backend == DbBackend::Postgres {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let mut counts = BTreeMap::new();
    for row in db
        .query_all_raw(Statement::from_string(backend, tables))
        .await
        .unwrap()
    {
        let name: String = row.try_get("", "name").unwrap();
        if name == "seaql_migrations" {
            continue;
        }
        let count = format!("SELECT COUNT(*) AS n FROM \"{name}\"");
        let row = db
            .query_one_raw(Statement::from_string(backend, count))
            .await
            .unwrap()
            .unwrap();
        counts.insert(name, row.try_get("", "n").unwrap());
    }
    counts
}
