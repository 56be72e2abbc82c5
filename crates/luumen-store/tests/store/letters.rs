//! Texts are found without regard to case, also beyond ASCII, which neither database lowers by itself.

use luumen_store::{
    Store,
    hosts::{PropertyOp, TermKind},
    runs::{self, RunQuery, SilenceClock},
};

use crate::world::{World, at, is, is_not, on_every_database, property, snapshot};

#[tokio::test]
async fn letters_beyond_ascii_are_found() {
    on_every_database(async |store: &Store| Box::pin(story(store)).await).await;
}

async fn story(store: &Store) {
    let world = World::new(store, "Zürich").await;
    let run = world.run(1).await;
    for name in ["ÜBERLINGEN-1", "ulm_1"] {
        let host = world.host(name, &[]).await;
        world.see(run, host, &snapshot(at(1), name, &[])).await;
    }
    let text = |text: &str| TermKind::Text(text.to_owned());
    for typed in ["ÜBERLINGEN-1", "überlingen-1", "Überlingen", "ü", "Ü"] {
        assert_eq!(
            world.found(&[is(text(typed))], 1).await,
            ["ÜBERLINGEN-1"],
            "{typed}"
        );
        assert_eq!(world.found(&[is_not(text(typed))], 1).await, ["ulm_1"], "{typed}");
    }
    // A sign of patterns is only itself.
    assert_eq!(world.found(&[is(text("_"))], 1).await, ["ulm_1"]);
    assert_eq!(world.found(&[is(text("ü%"))], 1).await, [""; 0]);

    let named = |op, value: &str| [is(property("os.hostname", op, value))];
    for typed in ["ÜBERLINGEN-1", "überlingen-1"] {
        assert_eq!(
            world.found(&named(PropertyOp::Equals, typed), 1).await,
            ["ÜBERLINGEN-1"]
        );
        assert_eq!(
            world.found(&named(PropertyOp::NotEquals, typed), 1).await,
            ["ulm_1"]
        );
        assert_eq!(
            world.found(&named(PropertyOp::Contains, &typed[..5]), 1).await,
            ["ÜBERLINGEN-1"]
        );
    }

    let clock = SilenceClock {
        now: at(1),
        polling_s: 10,
        grace_s: 30,
    };
    for (typed, count) in [("ÜBERLINGEN-1", 1), ("überlingen-1", 1), ("überlingen", 0)] {
        let query = RunQuery {
            q: Some(typed),
            limit: 10,
            ..RunQuery::default()
        };
        let page = runs::list(store.read(), world.workspace.id, &query, clock)
            .await
            .unwrap();
        assert_eq!(page.items.len(), count, "{typed}");
    }
}
