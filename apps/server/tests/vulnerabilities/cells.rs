//! How what is open is kept: by package version, not by host and not by class of hosts.

use std::collections::BTreeMap;

use luumen_model::advisory::Record;
use luumen_store::{
    Store, StoreError,
    assessments::{self, IdList},
    transaction,
};

use crate::world::{World, catalogue, claim, on_every_database};

fn claims(more: &[(&str, &str)]) -> Vec<Record> {
    let known = [("CVE-2026-0001", "openssl")];
    let claims = known.iter().chain(more);
    claims
        .map(|(id, package)| claim("debian/12", id, package, "9-1"))
        .collect()
}

/// What is open in each cell, by package.
async fn cells(world: &World<'_>, store: &Store) -> BTreeMap<String, Vec<usize>> {
    let all = assessments::cells_of(store.read(), world.workspace.id, None)
        .await
        .unwrap();
    let mut by_source: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for cell in all {
        by_source
            .entry(cell.source)
            .or_default()
            .push(cell.findings.len());
    }
    by_source.values_mut().for_each(|counts| counts.sort_unstable());
    by_source
}

async fn lists(world: &World<'_>, store: &Store) -> Vec<IdList> {
    let classes = assessments::classes(store.read(), world.workspace.id, None)
        .await
        .unwrap();
    classes.into_iter().map(|class| class.cells).collect()
}

fn counted(all: &[(&str, &[usize])]) -> BTreeMap<String, Vec<usize>> {
    let owned = |(name, counts): &(&str, &[usize])| ((*name).to_owned(), counts.to_vec());
    all.iter().map(owned).collect()
}

#[tokio::test]
async fn a_new_advisory_changes_the_cells_of_its_package_and_no_class() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Cells").await;
        let (web, db) = (world.host("web", &[]).await, world.host("db", &[]).await);
        world.see(web, 1, &[("bash", "5-1"), ("openssl", "3-1")]).await;
        world.see(db, 1, &[("bash", "5-1"), ("openssl", "3-2")]).await;
        world.assess(&catalogue(&claims(&[])), 1).await;
        // The two hosts share a bash; of openssl each has its own.
        assert_eq!(
            cells(&world, store).await,
            counted(&[("bash", &[0]), ("openssl", &[1, 1])])
        );
        let before = lists(&world, store).await;

        let more = catalogue(&claims(&[("CVE-2026-0002", "bash")]));
        world.assess(&more, 2).await;
        assert_eq!(
            cells(&world, store).await,
            counted(&[("bash", &[1]), ("openssl", &[1, 1])])
        );
        assert_eq!(lists(&world, store).await, before);
        assert_eq!(world.of_host(db, 2).await.items.len(), 2);
        assert_eq!(world.of_host(web, 2).await.items.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn cells_that_no_class_has_are_let_go_of_and_made_anew() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Let go").await;
        let web = world.host("web", &[]).await;
        let judged = catalogue(&claims(&[]));
        world.see(web, 1, &[("openssl", "3-1")]).await;
        world.assess(&judged, 1).await;
        world.see(web, 2, &[("openssl", "3-2")]).await;
        world.assess(&judged, 2).await;
        assert_eq!(cells(&world, store).await, counted(&[("openssl", &[1, 1])]));

        let id = world.workspace.id;
        let gone = transaction!(store, StoreError, |tx| assessments::prune_cells(tx, id)).unwrap();
        assert_eq!(gone, 1);
        let again = transaction!(store, StoreError, |tx| assessments::prune_cells(tx, id)).unwrap();
        assert_eq!(again, 0);
        assert_eq!(world.counts(2).await, ["CVE-2026-0001 1/0/0/0"]);

        world.see(web, 3, &[("openssl", "3-1")]).await;
        world.assess(&judged, 3).await;
        assert_eq!(world.counts(3).await, ["CVE-2026-0001 1/0/0/0"]);
        assert_eq!(world.of_host(web, 3).await.items.len(), 1);
    })
    .await;
}
