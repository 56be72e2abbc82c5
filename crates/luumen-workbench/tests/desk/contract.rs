//! The browser's side of the contract is what the code says today.

use std::{fs, path::Path};

use crate::support::Desk;

#[tokio::test]
async fn the_contract_of_the_window_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/backend/src/contract.ts");
    let desk = Desk::open().await;
    let contract = desk
        .workbench
        .contract()
        .expect("each type has a name of its own");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &contract).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == contract,
        "ui/backend/src/contract.ts is old: run `cargo xtask generate` and commit what changed"
    );
}
