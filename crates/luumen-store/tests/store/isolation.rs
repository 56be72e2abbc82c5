//! Two workspaces with the same names and the same facts never see each other.

use luumen_model::{ContentHash, SectionKind};
use luumen_store::{
    Store, StoreError, Thing, TokenHash, agents,
    api_keys::{self, KeyScope, NewApiKey},
    diff,
    hosts::{self, HostChange, HostFilter, HostQuery, PropertyOp, TermKind},
    overview, packages, properties,
    reports::{self, ReportError},
    retention,
    runs::{self, RunQuery, SilenceClock},
    snapshots, transaction,
    users::{self, Role},
    workspaces,
};

use crate::world::{World, at, is, on_every_database, package, property, snapshot};

#[tokio::test]
async fn what_is_not_ours_is_not_there() {
    on_every_database(async |store: &Store| {
        let (ours, theirs) = (World::new(store, "Same").await, World::new(store, "Same").await);
        let seen = snapshot(at(1), "web-1", &[("bash", "5.2-1")]);
        let host = theirs.host("web-1", &["web"]).await;
        let run = theirs.run(1).await;
        let stored = theirs.see(run, host, &seen).await;
        let other = theirs.run(2).await;
        let mut later = seen.clone();
        later.taken_at = at(2);
        let second = theirs.see(other, host, &later).await;
        let (db, us) = (store.read(), ours.workspace.id);
        let (first, second) = (stored.snapshot_id.unwrap(), second.snapshot_id.unwrap());

        // Lists and counts of ours are empty.
        assert!(ours.found(&[], 1).await.is_empty());
        let versions = packages::versions_named(db, theirs.workspace.id, "bash")
            .await
            .unwrap();
        let ids: Vec<i64> = versions.iter().map(|version| version.id).collect();
        for kind in [
            package("bash"),
            TermKind::Package {
                name: "bash".to_owned(),
                versions: Some(ids.clone()),
            },
            property("os.id", PropertyOp::Exists, ""),
            TermKind::Tag("web".to_owned()),
            TermKind::Id(host),
        ] {
            assert!(ours.found(&[is(kind)], 1).await.is_empty());
        }
        assert_eq!(
            hosts::facets(db, us, &HostFilter::default(), ours.clock(1))
                .await
                .unwrap(),
            hosts::HostFacets::default()
        );
        assert!(
            packages::names(db, us, None, None, 10)
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(packages::versions_named(db, us, "bash").await.unwrap().is_empty());
        assert_eq!(
            packages::hosts_with(db, us, &ids, None, 10, ours.clock(1))
                .await
                .unwrap()
                .1,
            0
        );
        assert_eq!(packages::unknown_hosts(db, us).await.unwrap(), 0);
        assert!(properties::paths(db, us, None, 10).await.unwrap().is_empty());
        assert_eq!(
            overview::overview(db, us, ours.clock(1))
                .await
                .unwrap()
                .host_count,
            0
        );
        let clock = SilenceClock::of(&ours.workspace, at(1));
        let all_runs = RunQuery {
            limit: 10,
            ..RunQuery::default()
        };
        assert!(
            runs::list(db, us, &all_runs, clock)
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(runs::hosts(db, us, run).await.unwrap().is_empty());
        assert_eq!(agents::list(db, us).await.unwrap().len(), 1);
        assert!(
            snapshots::list(db, us, host, None, 10)
                .await
                .unwrap()
                .items
                .is_empty()
        );
        let hashes: Vec<ContentHash> = seen.hashes().into_values().collect();
        let missing = reports::missing_hashes(db, us, &hashes).await.unwrap();
        assert_eq!(missing.len(), hashes.len() - 1, "what they have is no news to us");

        // Their ids name nothing here.
        let gone = |error: StoreError, thing| {
            assert!(matches!(error, StoreError::NotFound(found) if found == thing))
        };
        gone(
            hosts::get(db, us, host, ours.clock(1)).await.unwrap_err(),
            Thing::Host,
        );
        let change = HostChange {
            notes: Some("ours now".to_owned()),
            ..HostChange::default()
        };
        gone(
            hosts::update(store.writer(), us, host, &change, ours.clock(1))
                .await
                .unwrap_err(),
            Thing::Host,
        );
        gone(
            hosts::delete(store.writer(), us, host).await.unwrap_err(),
            Thing::Host,
        );
        assert_eq!(
            hosts::find_by_name(db, us, "web-1", ours.clock(1)).await.unwrap(),
            None
        );
        gone(
            snapshots::get(db, us, host, first).await.unwrap_err(),
            Thing::Snapshot,
        );
        gone(
            snapshots::newest(db, us, host).await.unwrap_err(),
            Thing::Snapshot,
        );
        gone(
            snapshots::as_of(db, us, host, at(9)).await.unwrap_err(),
            Thing::Snapshot,
        );
        gone(
            diff::between(db, us, host, first, second).await.unwrap_err(),
            Thing::Snapshot,
        );
        gone(runs::get(db, us, run, clock).await.unwrap_err(), Thing::Run);
        gone(
            runs::finish(store.writer(), us, run, at(1)).await.unwrap_err(),
            Thing::Run,
        );
        let start = runs::start(store.writer(), us, run, theirs.agent, at(1), 1, at(1)).await;
        gone(start.unwrap_err(), Thing::Agent);
        gone(agents::get(db, us, theirs.agent).await.unwrap_err(), Thing::Agent);

        // Nor can ours be told through them: their run, their host, their hashes.
        let our_host = ours.host("web-1", &["web"]).await;
        let our_run = ours.run(1).await;
        let unknown = |result: Result<_, ReportError>, thing| {
            assert!(matches!(result, Err(ReportError::Store(StoreError::NotFound(found))) if found == thing));
        };
        unknown(ours.try_report(run, our_host, &seen, at(1)).await, Thing::Run);
        unknown(ours.try_report(our_run, host, &seen, at(1)).await, Thing::Host);
        let mut hollow = seen.clone();
        hollow.sections.get_mut(&SectionKind::Packages).unwrap().data = None;
        let hollow = ours.try_report(our_run, our_host, &hollow, at(1)).await;
        assert!(matches!(hollow, Err(ReportError::MissingSections { .. })));

        keys_and_people_stay_apart(&ours, &theirs).await;

        // The same facts are kept twice, and letting go of ours leaves theirs.
        ours.see(our_run, our_host, &seen).await;
        assert_eq!(snapshots::newest(db, us, our_host).await.unwrap().snapshot, seen);
        retention::prune(store, us, at(1000)).await.unwrap();
        transaction!(store, StoreError, |tx| retention::sweep(tx, us)).unwrap();
        transaction!(store, StoreError, |tx| workspaces::delete(tx, us)).unwrap();
        assert_eq!(
            snapshots::newest(db, theirs.workspace.id, host)
                .await
                .unwrap()
                .snapshot,
            later
        );
        assert_eq!(theirs.found(&[is(package("bash"))], 1).await, ["web-1"]);
        let all = HostQuery {
            limit: 10,
            ..HostQuery::default()
        };
        assert_eq!(
            hosts::list(db, theirs.workspace.id, &all, theirs.clock(1))
                .await
                .unwrap()
                .total,
            1
        );
    })
    .await;
}

async fn keys_and_people_stay_apart(ours: &World<'_>, theirs: &World<'_>) {
    let (db, us, them) = (ours.store.writer(), ours.workspace.id, theirs.workspace.id);
    let new = NewApiKey {
        name: "agent",
        scope: KeyScope::Agent,
        prefix: "lum_t",
        hash: TokenHash::of("lum_theirs"),
        expires_at: None,
    };
    let key = api_keys::create(db, them, &new, at(0)).await.unwrap();
    assert!(api_keys::list(db, us).await.unwrap().is_empty());
    let refused = [
        api_keys::get(db, us, key.id).await.unwrap_err(),
        api_keys::revoke(db, us, key.id, at(1)).await.unwrap_err(),
        api_keys::rotate(db, us, key.id, "x", TokenHash::of("x"), at(1), at(1))
            .await
            .unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, StoreError::NotFound(Thing::ApiKey)));
    }
    let theirs = TokenHash::of("lum_theirs");
    api_keys::touch(db, us, key.id, theirs, at(1)).await.unwrap();
    let found = api_keys::find_by_hash(db, theirs, at(1)).await.unwrap().unwrap();
    assert_eq!((found.key.workspace, found.key.last_used_at), (them, None));

    let grace = users::create(db, "grace@example.org", "Grace", None, at(0))
        .await
        .unwrap();
    users::add_member(db, them, grace.id, Role::Admin, at(0))
        .await
        .unwrap();
    assert!(users::members(db, us).await.unwrap().is_empty());
    assert_eq!(users::role_in(db, us, grace.id).await.unwrap(), None);
    assert!(users::remove_member(db, us, grace.id).await.is_err());
    assert_eq!(
        users::memberships(db, grace.id).await.unwrap()[0].workspace.id,
        them
    );
}
