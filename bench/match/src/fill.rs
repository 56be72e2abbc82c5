//! Puts the made-up fleet into a database at once: a hundred thousand reports one by one would take longer than what is measured.

use anyhow::Result;
use luumen_model::{Timestamp, WorkspaceId};
use luumen_store::{ConnectionTrait, Store};

use crate::fleet::{Fleet, RELEASES};

/// Rows of one statement.
const ROWS: usize = 500;
/// Packages up to this place are listed with the sets that hold them. The store keeps that for all; one advisory asks for one
/// package, and all of them would be twenty million rows.
const LISTED: u32 = 24 * 20;

pub(crate) async fn fill(store: &Store, workspace: WorkspaceId, fleet: &Fleet, now: Timestamp) -> Result<()> {
    let tx = store.begin().await?;
    let owner = hex(workspace.0.as_bytes());
    let of_release = fleet.packages.len() / RELEASES.len();
    let versions = (1_u64..).zip(&fleet.packages).map(|(id, package)| {
        let (name, version) = (&package.name, &package.version);
        let source = package.source.as_deref().unwrap_or_default();
        format!("(x'{owner}',{id},x'{id:016x}','dpkg','{name}','{version}','amd64','{source}','{version}')")
    });
    let columns = "package_version (workspace_id,id,hash,manager,name,version,arch,source,source_version)";
    insert(&tx, columns, versions).await?;
    let sets = (1_u64..).zip(&fleet.sets).map(|(id, (_, list))| {
        let members = hex(&gaps(list));
        format!("(x'{owner}',{id},x'{id:016x}',x'{members}',{})", list.len())
    });
    insert(
        &tx,
        "package_set (workspace_id,id,hash,members,member_count)",
        sets,
    )
    .await?;
    let listed = (1_u64..).zip(&fleet.sets).flat_map(|(id, (release, list))| {
        let first = (release * of_release) as u32;
        let some = list.iter().filter(move |at| **at - first < LISTED);
        let owner = &owner;
        some.map(move |at| format!("(x'{owner}',{},{id})", at + 1))
    });
    let columns = "package_set_member (workspace_id,package_version_id,package_set_id)";
    insert(&tx, columns, listed).await?;
    let at = now.as_millis();
    let hosts = fleet.hosts.iter().enumerate().map(|(number, set)| {
        let id = format!("{number:032x}");
        let release = fleet.sets.get(*set as usize).map_or("", |(release, _)| RELEASES[*release]);
        format!(
            "(x'{owner}',x'{id}','host-{number:06}','host-{number}.example',22,1,{at},{at},'debian','{release}','6.1.0-1',x'{id}',{at},{},1)",
            set + 1
        )
    });
    let columns = "host (workspace_id,id,name,address,port,enabled,created_at_ms,updated_at_ms,os_id,os_version,kernel,snapshot_id,snapshot_at_ms,package_set_id,packages_complete)";
    insert(&tx, columns, hosts).await?;
    let sections = (0..fleet.hosts.len()).flat_map(|number| {
        let owner = &owner;
        ["packages", "kernel"].map(|kind| format!("(x'{owner}',x'{number:032x}','{kind}','ok',1)"))
    });
    insert(
        &tx,
        "host_section (workspace_id,host_id,kind,status,complete)",
        sections,
    )
    .await?;
    tx.commit().await?;
    store.writer().execute_unprepared("ANALYZE").await?;
    Ok(())
}

async fn insert(db: &impl ConnectionTrait, into: &str, rows: impl Iterator<Item = String>) -> Result<()> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let some: Vec<String> = rows.by_ref().take(ROWS).collect();
        db.execute_unprepared(&format!("INSERT INTO {into} VALUES {}", some.join(",")))
            .await?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Ascending ids, one more than the places, as the store writes them: gaps, seven bits a byte.
fn gaps(list: &[u32]) -> Vec<u8> {
    let (mut out, mut before) = (Vec::new(), 0);
    for id in list.iter().map(|at| at + 1) {
        let mut gap = id - before;
        before = id;
        while gap >= 0x80 {
            out.push((gap & 0x7f) as u8 | 0x80);
            gap >>= 7;
        }
        out.push(gap as u8);
    }
    out
}
