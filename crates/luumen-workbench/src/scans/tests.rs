//! Scans over a real sshd on this machine, and over recorded sessions for what no machine does on demand.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use luumen_catalogue::Builder;
use luumen_crypto::Secret;
use luumen_model::{
    Timestamp,
    advisory::{
        Authority, Channel, Claim, Cvss, CvssVersion, PackageKind, Platform, Record, Severity, Status,
        Vulnerability,
    },
};
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_transport::{
    AuthMethod, ConnectOptions, ExecError, ExecOutput, ExecRequest, HostKeyPolicy, KnownHosts, Session,
    SshTarget, connect,
};
use sea_orm::{EntityTrait, sea_query::Expr};

use super::{
    diff::DiffScans,
    export::{ExportScan, ScanExportKind},
    keep,
    model::{CatalogueInfo, Judged, Scan, ScanState},
    room::{ListScans, Room, ScanId},
    run::{Looked, NoSessions, ScanTarget},
};
use crate::{
    Options, SecretPlace,
    bridge::{Event, Events, Id, Registry, Time},
    core::Core,
    guard::Guard,
    hosts, preferences,
    secrets::Secrets,
    store::{Store, entity::scan, records::Undos},
};

async fn core(folder: &Path) -> Arc<Core> {
    let mut options = Options::new("0.1.0-test", "ann", folder);
    options.secrets = SecretPlace::VaultFile;
    Arc::new(Core {
        data_dir: folder.to_owned(),
        store: Store::open(folder).await.expect("a store"),
        secrets: Arc::new(Secrets::find(
            folder.join("vault.json"),
            "test",
            &SecretPlace::VaultFile,
        )),
        guard: Guard::new(&folder.join("data"), &options),
        options,
        events: Events::default(),
        undos: Undos::default(),
    })
}

fn room(core: &Arc<Core>) -> Arc<Room> {
    let hosts = hosts::register(&mut Registry::default(), core);
    Room::new(core, &hosts, Arc::new(NoSessions))
}

fn target(session: impl Session + 'static) -> ScanTarget {
    ScanTarget {
        host: None,
        target: session.endpoint(),
        session: Box::new(session),
    }
}

/// Waits until the scan has ended, and answers it with the sections that were told of on the way.
async fn ended(core: &Core, room: &Arc<Room>, target: ScanTarget) -> (Scan, Vec<String>) {
    let mut events = core.events.listen();
    let id = room.begin(target).await.expect("it begins");
    let mut told = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_secs(120), events.recv()).await {
            Ok(Ok(Event::Scan {
                section, done, total, ..
            })) => {
                assert!(done <= total);
                told.push(section);
            }
            Ok(Ok(Event::ScanDone { scan })) if scan == id.scan => break,
            Ok(Ok(_)) => {}
            other => panic!("the scan did not end: {other:?}"),
        }
    }
    (Arc::clone(room).get(id).await.expect("it is kept"), told)
}

/// A session to a sshd of this test, or nothing where no sshd is installed.
async fn real() -> Option<(Sshd, impl Session)> {
    let key = KeyFile::generate("ed25519").expect("a key");
    let Some(sshd) = Sshd::builder().authorize(&key).start().expect("sshd starts") else {
        eprintln!("skipped: no sshd on this machine");
        return None;
    };
    let known = KnownHosts::from_text(&sshd.known_hosts().expect("its keys"));
    let options = ConnectOptions::new(Arc::new(known)).with_policy(HostKeyPolicy::Strict);
    let way = SshTarget::new("127.0.0.1", sshd.port(), username().expect("an account")).with_auth(
        AuthMethod::Key {
            private_key: Secret::new(key.private.clone()),
            passphrase: None,
            certificate: None,
            origin: "test".to_owned(),
        },
    );
    let session = connect(&way, &options).await.expect("a way in");
    Some((sshd, session))
}

/// A catalogue in which some packages are vulnerable until a version that nobody has.
fn catalogue(path: &Path, platform: &Platform, packages: &[&str]) -> String {
    let mut builder = Builder::new();
    for package in packages {
        let claim = Claim {
            source: "test-tracker".to_owned(),
            authority: Authority::Vendor,
            vulnerability: format!("CVE-2026-{package}"),
            platform: platform.clone(),
            channel: Channel::MAIN,
            package: (*package).to_owned(),
            package_kind: PackageKind::Source,
            arches: Vec::new(),
            module: None,
            status: Status::Fixed,
            introduced: None,
            fixed: Some("99:1".to_owned()),
            last_affected: None,
            advisory: Some("TEST-1".to_owned()),
            severity: Some(Severity::Critical),
            note: None,
        };
        builder.add(&Record::Claim(claim)).expect("added");
        for (source, version, score) in [("nvd", CvssVersion::V31, 7.5), ("cna", CvssVersion::V4, 8.7)] {
            let said = Vulnerability {
                id: format!("CVE-2026-{package}"),
                source: source.to_owned(),
                cvss: vec![Cvss {
                    version,
                    score,
                    vector: "CVSS:as/written".to_owned(),
                    source: source.to_owned(),
                }],
                ..Vulnerability::default()
            };
            builder.add(&Record::Vulnerability(said)).expect("added");
        }
    }
    let mut file = std::fs::File::create(path).expect("a file");
    builder
        .finish(Timestamp::from_millis(1_790_000_000_000), Vec::new(), &mut file)
        .expect("written");
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_host_is_looked_at_and_without_a_catalogue_nothing_is_called_fine() {
    let Some((_sshd, session)) = real().await else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let (scan, told) = ended(&core, &room, target(session)).await;
    assert_eq!(scan.state, ScanState::Done);
    assert!(scan.sections.len() > 20, "{:?}", scan.sections);
    assert!(scan.facts.contains_key("os") && !scan.facts.contains_key("packages"));
    assert!(scan.findings.is_empty() && scan.catalogue.is_none());
    assert_eq!(
        scan.problem.as_ref().map(|problem| problem.code.as_str()),
        Some("LUM-CATALOGUE-NONE")
    );
    assert!(scan.row().partial, "nothing judged is never whole");
    assert_eq!(
        (scan.judged, scan.row().judged),
        (Judged::Nothing, Judged::Nothing)
    );
    assert!(told.len() > 5, "progress was told {} times: {told:?}", told.len());
}

/// What runs on this machine, if a catalogue can speak of it.
fn here() -> Option<(Platform, &'static str)> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_matches('"').to_owned())
    };
    let family = value("ID=")?;
    matches!(family.as_str(), "debian" | "ubuntu")
        .then(|| Some((Platform::new(&family, value("VERSION_ID=")?), "bash")))?
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_told_with_reasons_compared_and_written_out() {
    let (Some((platform, package)), Some((_sshd, session)), Some((_other, again))) =
        (here(), real().await, real().await)
    else {
        eprintln!("skipped: this machine is neither Debian nor Ubuntu, or has no sshd");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let choose = |name: &str, packages: &[&str]| catalogue(&folder.path().join(name), &platform, packages);
    let (first, second) = (choose("first", &[package]), choose("second", &["dash"]));
    preferences::choose_catalogue(&core, Some(first))
        .await
        .expect("chosen");
    let (before, _) = ended(&core, &room, target(session)).await;
    preferences::choose_catalogue(&core, Some(second))
        .await
        .expect("chosen");
    let (after, _) = ended(&core, &room, target(again)).await;
    let finding = &before.findings[0];
    assert_eq!(
        (finding.vulnerability.as_str(), finding.severity.as_str()),
        ("CVE-2026-bash", "critical")
    );
    assert!(
        finding.why.contains("99:1") && finding.fixed_version.is_some(),
        "{finding:?}"
    );
    let scores: Vec<(&str, f64, &str)> = finding
        .scores
        .iter()
        .map(|score| (score.version.as_str(), score.score, score.source.as_str()))
        .collect();
    assert_eq!(scores, [("4.0", 8.7, "cna"), ("3.1", 7.5, "nvd")]);
    assert!(before.package_count > 50 && before.judged != Judged::Nothing);
    let info = before.catalogue.as_ref().expect("it judged");
    assert!(info.age_days >= 45 && info.path.ends_with("first"), "{info:?}");
    let pair = DiffScans {
        from: before.id,
        to: after.id,
    };
    let diff = Arc::clone(&room).diff(pair).await.expect("both are kept");
    assert_eq!(diff.added[0].vulnerability, "CVE-2026-dash");
    assert!(diff.packages.is_empty());
    // What else this machine has (a runtime of its maker, closed folders) says nothing about bash.
    let about_bash = |gap: &String| {
        ["os:", "packages:", "vulnerabilities:"]
            .iter()
            .any(|what| gap.starts_with(what))
    };
    let is_judged = !after.unjudged.iter().any(about_bash);
    assert_eq!(diff.gone.len(), usize::from(is_judged), "{:?}", after.unjudged);
    assert_eq!(diff.unjudged.is_empty(), is_judged, "{:?}", diff.unjudged);
    check_exports(&room, before.id, &folder.path().join("out")).await;
}

async fn check_exports(room: &Arc<Room>, scan: Id, path: &Path) {
    for (kind, sign) in [
        (ScanExportKind::Json, "\"snapshot\""),
        (ScanExportKind::Csv, "CVE-2026-bash,bash,"),
        (ScanExportKind::Sarif, "sarif-2.1.0"),
    ] {
        let export = ExportScan {
            scan,
            kind,
            path: path.display().to_string(),
            overwrite: false,
        };
        std::fs::write(path, "of years").expect("a file");
        let taken = Arc::clone(room).export(export.clone()).await;
        assert_eq!(taken.expect_err("it is taken").code, "LUM-EXPORT-TAKEN");
        assert_eq!(std::fs::read_to_string(path).expect("a text"), "of years");
        let export = ExportScan {
            overwrite: true,
            ..export
        };
        Arc::clone(room).export(export).await.expect("written");
        let text = std::fs::read_to_string(path).expect("a text");
        assert!(text.contains(sign), "{sign} is missing");
    }
    let hidden = path.with_file_name(".profile");
    let export = ExportScan {
        scan,
        kind: ScanExportKind::Json,
        path: hidden.display().to_string(),
        overwrite: false,
    };
    let problem = Arc::clone(room).export(export).await.expect_err("nobody agrees");
    assert_eq!(problem.code, "LUM-FILE-GUARDED");
    assert!(!hidden.exists());
}

/// A host that never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Session for Silent {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        request.cancel.cancelled().await;
        Err(ExecError::Cancelled {
            endpoint: self.endpoint(),
            step: "running the command",
        })
    }

    fn endpoint(&self) -> String {
        "ann@silent:22".to_owned()
    }

    async fn close(&mut self) {}
}

/// A host that refuses.
#[derive(Debug)]
struct Refusing;

#[async_trait]
impl Session for Refusing {
    async fn exec(&mut self, _: ExecRequest) -> Result<ExecOutput, ExecError> {
        Err(ExecError::Refused {
            endpoint: self.endpoint(),
            step: "opening a channel",
        })
    }

    fn endpoint(&self) -> String {
        "ann@closed:22".to_owned()
    }

    async fn close(&mut self) {}
}

/// A host whose login runs something else than a shell.
#[derive(Debug)]
struct Shellless;

#[async_trait]
impl Session for Shellless {
    async fn exec(&mut self, _: ExecRequest) -> Result<ExecOutput, ExecError> {
        Ok(ExecOutput {
            stdout: b"Your account has expired.\n".to_vec(),
            stderr: Vec::new(),
            status: luumen_transport::ExitStatus::Code(1),
            truncated: false,
            timed_out: false,
            duration: std::time::Duration::from_millis(5),
        })
    }

    fn endpoint(&self) -> String {
        "ann@expired:22".to_owned()
    }

    async fn close(&mut self) {}
}

#[tokio::test]
async fn a_login_without_a_shell_is_said_and_is_no_scan() {
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let (scan, _) = ended(&core, &room, target(Shellless)).await;
    assert_eq!(scan.state, ScanState::Failed);
    assert!(scan.sections.is_empty() && !scan.unjudged.is_empty());
    let problem = scan.problem.expect("why");
    assert_eq!(problem.code, "LUM-NO-SHELL");
    let said = format!("{problem:?}");
    assert!(said.contains("Your account has expired."), "{said}");
    assert!(said.contains("renew an expired password"), "{said}");
}

#[tokio::test]
async fn a_stopped_and_a_refused_scan_say_that_nothing_was_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let silent = room.begin(target(Silent)).await.expect("it begins");
    Arc::clone(&room).cancel(silent).await.expect("it stops");
    let (refused, _) = ended(&core, &room, target(Refusing)).await;
    assert_eq!(refused.state, ScanState::Failed);
    assert!(refused.problem.is_some() && !refused.unjudged.is_empty());
    let stopped = Arc::clone(&room).get(silent).await.expect("it is kept");
    assert_eq!(stopped.state, ScanState::Cancelled);
    assert!(stopped.row().partial);
}

#[tokio::test]
async fn a_scan_that_a_crash_cut_off_is_not_left_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = core(folder.path()).await;
    let running = room(&first).begin(target(Silent)).await.expect("it begins");
    first.store.close().await.expect("closed");
    let again = core(folder.path()).await;
    let room = room(&again);
    let rows = Arc::clone(&room).list(ListScans::default()).await.expect("rows");
    assert_eq!((rows[0].id, rows[0].state), (running.scan, ScanState::Failed));
}

/// A scan that came to its end, as if it had been made.
async fn kept(core: &Core, host: Option<Id>, target: &str, minute: i64) -> Id {
    let at = Time::from_millis(1_790_000_000_000 + minute * 60_000);
    let mut scan = Scan::begun(Id::new(), host, target.to_owned(), at);
    scan.state = ScanState::Done;
    scan.ended_at = Some(at);
    let id = scan.id;
    let looked = Looked {
        scan,
        snapshot: None,
        report: None,
    };
    keep::write(&core.store, &looked).await.expect("kept");
    id
}

#[tokio::test]
async fn a_scan_of_an_earlier_luumen_is_told_what_it_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let id = kept(&core, None, "ann@10.0.0.1:22", 1).await;
    let mut looked = keep::read(&core.store, id).await.expect("kept");
    looked.scan.catalogue = Some(CatalogueInfo {
        path: "catalogue".to_owned(),
        built_at: Time::now(),
        sample: false,
        age_days: 0,
    });
    keep::write(&core.store, &looked).await.expect("kept");
    let row = serde_json::to_value(looked.scan.row()).expect("a row");
    let mut row = row.as_object().expect("fields").clone();
    row.remove("judged").expect("it is told");
    scan::Entity::update_many()
        .col_expr(
            scan::Column::Summary,
            Expr::value(serde_json::Value::from(row).to_string()),
        )
        .exec(core.store.db())
        .await
        .expect("as an earlier one kept it");
    let rows = keep::list(&core.store, None).await.expect("rows");
    assert_eq!(rows[0].judged, Judged::Nothing, "never more than is known");
    let rows = Arc::clone(&room).list(ListScans::default()).await;
    assert_eq!(rows.expect("rows")[0].judged, Judged::Whole);
    let scan = Arc::clone(&room).get(ScanId { scan: id }).await.expect("kept");
    assert_eq!(scan.judged, Judged::Whole);
}

#[tokio::test]
async fn scans_of_a_place_that_is_not_kept_are_those_of_the_same_account_address_and_port() {
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let first = kept(&core, None, "ann@10.0.0.1:22", 1).await;
    for other in ["root@10.0.0.1:22", "ann@10.0.0.1:2222", "ann@10.0.0.2:22"] {
        kept(&core, None, other, 2).await;
    }
    kept(&core, Some(Id::new()), "ann@10.0.0.1:22", 3).await;
    let second = kept(&core, None, "ann@10.0.0.1:22", 4).await;
    let of = || ListScans {
        host: None,
        target: Some("ann@10.0.0.1:22".to_owned()),
    };
    let rows = Arc::clone(&room).list(of()).await.expect("rows");
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, [second, first]);
    let last = Arc::clone(&room).last(of()).await.expect("read").expect("one");
    assert_eq!(last.id, second);
    let nobody = Arc::clone(&room).last(ListScans::default()).await;
    assert!(nobody.expect("read").is_none());
}

#[tokio::test]
async fn one_scan_is_deleted_and_no_other_and_none_that_is_under_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let core = core(folder.path()).await;
    let room = room(&core);
    let first = kept(&core, None, "ann@10.0.0.1:22", 1).await;
    let second = kept(&core, None, "ann@10.0.0.1:22", 2).await;
    let delete = |scan| Arc::clone(&room).delete(ScanId { scan });
    delete(second).await.expect("deleted");
    // Whoever presses twice is told nothing new.
    delete(second).await.expect("deleted");
    let rows = Arc::clone(&room).list(ListScans::default()).await;
    let ids: Vec<Id> = rows.expect("rows").iter().map(|row| row.id).collect();
    assert_eq!(ids, [first]);
    let running = room.begin(target(Silent)).await.expect("it begins");
    let refused = delete(running.scan).await.expect_err("it is under way");
    assert_eq!(refused.code, "LUM-SCAN-RUNNING");
}
