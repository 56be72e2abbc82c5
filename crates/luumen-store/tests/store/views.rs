//! Saved views are one person's, in one workspace.

use luumen_model::UserId;
use luumen_store::{
    Field, Store, StoreError, Thing,
    users::{self, Role},
    views::{self, NewView, Owner, ViewChange},
    workspaces,
};

use crate::world::{World, at, on_every_database};

const STALE: NewView<'_> = NewView {
    page: "hosts",
    name: "Stale",
    search: "q=state%3Astale&sort=-last_seen",
};

async fn member(world: &World<'_>, email: &str) -> UserId {
    let db = world.store.writer();
    let user = users::create(db, email, "A person", None, at(0)).await.unwrap();
    users::add_member(db, world.workspace.id, user.id, Role::Admin, at(0))
        .await
        .unwrap();
    user.id
}

#[tokio::test]
async fn views_are_kept_renamed_replaced_and_forgotten() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Demo").await;
        let owner = Owner {
            workspace: world.workspace.id,
            user: member(&world, "ada@example.org").await,
        };
        let (db, new) = (store.writer(), STALE);
        let stale = views::create(db, owner, new, at(1)).await.unwrap();
        let again = views::create(db, owner, new, at(1)).await;
        assert!(matches!(again, Err(StoreError::Conflict { field: Field::Name })));
        // The same name on another list is another view.
        let page = "vulnerabilities";
        views::create(db, owner, NewView { page, ..new }, at(1))
            .await
            .unwrap();
        let name = "All";
        views::create(db, owner, NewView { name, ..new }, at(1))
            .await
            .unwrap();
        let names = async |page| {
            let found = views::list(store.read(), owner, page).await.unwrap();
            found.into_iter().map(|view| view.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Some("hosts")).await, ["All", "Stale"]);
        assert_eq!(names(None).await, ["All", "Stale", "Stale"]);
        assert_eq!(views::count(store.read(), owner).await.unwrap(), 3);

        let renamed = ViewChange {
            name: Some("Old".to_owned()),
            search: None,
        };
        let view = views::update(db, owner, stale.id, &renamed, at(2)).await.unwrap();
        assert_eq!((view.name.as_str(), view.search.as_str()), ("Old", STALE.search));
        let replaced = ViewChange {
            name: None,
            search: Some("q=os%3Adebian".to_owned()),
        };
        let view = views::update(db, owner, stale.id, &replaced, at(3))
            .await
            .unwrap();
        assert_eq!(
            (view.name.as_str(), view.search.as_str(), view.updated_at),
            ("Old", "q=os%3Adebian", at(3))
        );
        let taken = ViewChange {
            name: Some("All".to_owned()),
            search: None,
        };
        let clash = views::update(db, owner, stale.id, &taken, at(4)).await;
        assert!(matches!(clash, Err(StoreError::Conflict { field: Field::Name })));

        views::delete(db, owner, stale.id).await.unwrap();
        let gone = views::delete(db, owner, stale.id).await;
        assert!(matches!(gone, Err(StoreError::NotFound(Thing::View))));
        assert_eq!(names(Some("hosts")).await, ["All"]);
    })
    .await;
}

#[tokio::test]
async fn nobody_sees_or_changes_the_views_of_another() {
    on_every_database(async |store: &Store| {
        let (ours, theirs) = (World::new(store, "Ours").await, World::new(store, "Theirs").await);
        let (ada, grace) = (
            member(&ours, "ada@example.org").await,
            member(&ours, "grace@example.org").await,
        );
        users::add_member(store.writer(), theirs.workspace.id, ada, Role::Admin, at(0))
            .await
            .unwrap();
        let own = |workspace: &World<'_>, user| Owner {
            workspace: workspace.workspace.id,
            user,
        };
        let owner = own(&ours, ada);
        let (db, view) = (
            store.writer(),
            views::create(store.writer(), owner, STALE, at(1)).await.unwrap(),
        );
        let change = ViewChange {
            name: Some("Mine now".to_owned()),
            search: None,
        };
        // Another person of the workspace, and the same person in another workspace.
        for stranger in [own(&ours, grace), own(&theirs, ada)] {
            assert!(
                views::list(store.read(), stranger, None)
                    .await
                    .unwrap()
                    .is_empty()
            );
            let refused = [
                views::update(db, stranger, view.id, &change, at(2))
                    .await
                    .map(drop),
                views::delete(db, stranger, view.id).await,
            ];
            for result in refused {
                assert!(matches!(result, Err(StoreError::NotFound(Thing::View))));
            }
            // And each may use the name.
            views::create(db, stranger, STALE, at(2)).await.unwrap();
        }
        assert_eq!(views::list(store.read(), owner, None).await.unwrap(), [view]);

        // Whoever leaves takes the views along; those of others stay.
        users::remove_member(db, ours.workspace.id, ada).await.unwrap();
        assert_eq!(views::count(store.read(), owner).await.unwrap(), 0);
        assert_eq!(views::count(store.read(), own(&ours, grace)).await.unwrap(), 1);
        workspaces::delete(db, ours.workspace.id).await.unwrap();
        assert_eq!(views::count(store.read(), own(&ours, grace)).await.unwrap(), 0);
        assert_eq!(views::count(store.read(), own(&theirs, ada)).await.unwrap(), 1);
    })
    .await;
}
