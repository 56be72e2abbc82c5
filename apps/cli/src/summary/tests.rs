//! The page as a person reads it.

use expect_test::expect;
use luumen_model::{
    Collector, MissingRight, Package, PrivilegeTier, SchemaTag, SectionKind, SectionRecord, Timestamp, User,
};
use serde::Serialize;

use super::*;

fn record(data: &impl Serialize) -> SectionRecord {
    SectionRecord {
        status: SectionStatus::Ok,
        duration_ms: 1,
        hash: None,
        data: serde_json::to_value(data).ok(),
        problems: Vec::new(),
        missing_rights: Vec::new(),
    }
}

fn snapshot() -> Snapshot {
    let os = Os {
        name: "Debian GNU/Linux 12 (bookworm)".into(),
        hostname: "db-3\u{1b}[31m".into(),
        arch: "x86_64".into(),
        ..Os::default()
    };
    let packages = Packages {
        items: vec![Package::default(); 3],
        ..Packages::default()
    };
    let user = User {
        name: "ann".into(),
        uid: 1000,
        login_allowed: true,
        ..User::default()
    };
    let mut users = record(&Users {
        items: vec![user],
        shadow_read: false,
    });
    users.status = SectionStatus::Partial;
    users.missing_rights = vec![MissingRight {
        command: "users.shadow".into(),
        sudoers_line: Some("scan ALL=(root) NOPASSWD: /usr/bin/getent shadow".into()),
        tier: PrivilegeTier::Standard,
    }];
    let updates = PendingUpdates {
        items: Vec::new(),
        metadata_at: Some(Timestamp::from_seconds(1_795_000_000 - 90_000)),
        security_count: Some(0),
    };
    Snapshot {
        schema: SchemaTag::V1,
        taken_at: Timestamp::from_seconds(1_795_000_000),
        duration_ms: 1234,
        collector: Collector {
            name: "luumen".into(),
            version: "0".into(),
            catalogue: "c".into(),
        },
        tier: PrivilegeTier::None,
        username: "scan".into(),
        sections: BTreeMap::from([
            (SectionKind::Os, record(&os)),
            (SectionKind::Packages, record(&packages)),
            (SectionKind::PendingUpdates, record(&updates)),
            (SectionKind::Users, users),
        ]),
    }
}

#[test]
fn a_page_says_what_is_known_and_what_is_not() {
    expect![[r#"
        db-3�[31m · Debian GNU/Linux 12 (bookworm) · x86_64
        db-3:22 as scan, 1.2 s, sudo none: 3 of 4 sections complete

          Packages     3 dpkg
          Updates      0 pending, 0 of them security, as of 25 hours ago
          Accounts     ann with a shell

        Not read, or not whole:
          Users                 partial

        With --sudo standard and these lines in /etc/sudoers.d/luumen it could be read:
          scan ALL=(root) NOPASSWD: /usr/bin/getent shadow
    "#]]
    .assert_eq(&page("db-3:22", &snapshot()));
}

#[test]
fn what_was_not_read_whole_is_no_zero() {
    let mut partial = snapshot();
    for record in partial.sections.values_mut() {
        record.status = SectionStatus::Partial;
    }
    let page = page("h:22", &partial);
    assert!(page.contains("3 dpkg, and maybe more"), "{page}");
    assert!(page.contains("not known how many pending"), "{page}");
}

#[test]
fn a_snapshot_of_nothing_is_still_a_page() {
    let mut nothing = snapshot();
    nothing.sections.clear();
    assert!(page("h:22", &nothing).starts_with("? · ? · ?\n"));
}
