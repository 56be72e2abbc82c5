//! What a person sees of vulnerabilities: from a report to the finding, the reason, the fix, the exception and the file.

use std::{sync::Arc, time::Duration};

use luumen_model::{
    RunId,
    advisory::{Cvss, CvssVersion, Epss, Kev, Record, Vulnerability},
};
use luumen_server::{clock, vulnerabilities::jobs::Jobs};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Server, World, catalogue_of, claim, section};

const OPENSSL: &str = "CVE-2022-0778";
const BASH: &str = "CVE-2019-18276";

/// What the world says.
fn records() -> Vec<Record> {
    vec![
        claim("debian/12", OPENSSL, "openssl", "3.0.11-1"),
        claim("debian/12", BASH, "bash", ""),
        claim("ubuntu/20.04", OPENSSL, "openssl", "1.1.1f-1ubuntu2.12"),
        Record::Vulnerability(Vulnerability {
            id: OPENSSL.to_owned(),
            source: "nvd-sample".to_owned(),
            title: Some("A certificate makes it loop for ever".to_owned()),
            cvss: vec![Cvss {
                version: CvssVersion::V31,
                score: 7.5,
                vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H".to_owned(),
                source: "nvd".to_owned(),
            }],
            cwes: vec!["CWE-835".to_owned()],
            ..Vulnerability::default()
        }),
        Record::Kev(Kev {
            vulnerability: OPENSSL.to_owned(),
            name: "A loop".to_owned(),
            added_at: "2026-01-02T00:00:00Z".parse().expect("moment"),
            due_at: None,
            ransomware: false,
            action: "Update".to_owned(),
        }),
        Record::Epss(Epss {
            vulnerability: OPENSSL.to_owned(),
            probability: 0.5,
            percentile: 0.99,
        }),
    ]
}

/// A server with a catalogue, and one world on it.
struct Scene {
    server: Server,
    world: World,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::new().await;
        server.catalogue.put(catalogue_of(&records()));
        let world = World::new(&server, "a").await;
        Self { server, world }
    }

    async fn get(&self, path: &str) -> Value {
        self.server.get(&self.world.read, path).await.expect(200).json()
    }

    /// The host is seen with these packages, over HTTP.
    async fn see(&self, packages: &[(&str, &str)]) {
        let (run, now) = (RunId(Uuid::now_v7()), clock::now());
        let start = json!({"agent": "patch-a", "started_at": now, "host_count": 1});
        let agent = &self.world.agent;
        let path = format!("/agent/runs/{run}");
        self.server
            .call(agent, "PUT", &path, Some(start))
            .await
            .expect(204);
        let items: Vec<Value> = packages
            .iter()
            .map(|(name, version)| json!({"manager": "dpkg", "name": name, "version": version}))
            .collect();
        let mut report = crate::harness::document(now, "", "");
        report["snapshot"]["sections"]["packages"] = section(json!({"managers": ["dpkg"], "items": items}));
        let path = format!("/agent/runs/{run}/hosts/{}", self.world.host);
        self.server
            .call(agent, "PUT", &path, Some(report))
            .await
            .expect(200);
    }

    /// Everything that waits is done.
    async fn work(&self) {
        let jobs = Jobs {
            store: self.server.store.clone(),
            catalogue: Arc::clone(&self.server.catalogue),
            refresher: None,
        };
        while jobs.one(Uuid::new_v4()).await.expect("a job") {}
    }

    /// Vulnerabilities of a list, in its order.
    async fn listed(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/vulnerabilities?{query}")).await;
        let items = list["items"].as_array().expect("items");
        assert_eq!(list["total"], items.len(), "{list}");
        let id = |item: &Value| item["vulnerability"].as_str().expect("id").to_owned();
        items.iter().map(id).collect()
    }

    #[track_caller]
    fn export(&self, format: &str, query: &str) -> impl Future<Output = Answer> + '_ {
        let path = format!("/vulnerabilities/export?format={format}&{query}");
        async move { self.server.get(&self.world.read, &path).await.expect(200) }
    }
}

#[tokio::test]
async fn a_report_becomes_findings_that_say_why() {
    let scene = Scene::new().await;
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    assert_eq!(
        scene.listed("").await,
        [OPENSSL, BASH],
        "known to be exploited comes first"
    );
    assert_eq!(scene.listed("sort=vulnerability").await, [BASH, OPENSSL]);
    assert_eq!(scene.listed("kev=true").await, [OPENSSL]);
    assert_eq!(scene.listed("fix=none").await, [BASH]);
    assert_eq!(scene.listed("epss_min=0.4").await, [OPENSSL]);
    assert_eq!(scene.listed("q=bash").await, [BASH]);
    assert_eq!(scene.listed("os=debian&tag=tag-a").await, [OPENSSL, BASH]);
    assert!(scene.listed("os=ubuntu").await.is_empty());
    assert!(scene.listed("severity=low,medium").await.is_empty());
    let first = scene.get("/vulnerabilities?limit=1").await;
    let next = first["next"].as_str().expect("another page");
    assert_eq!(
        scene
            .get(&format!("/vulnerabilities?limit=1&cursor={next}"))
            .await["items"][0]["vulnerability"],
        BASH
    );
    assert_eq!(first["catalogue"]["sample"], true);

    let facets = scene.get("/vulnerabilities/facets?fix=none").await;
    assert_eq!(facets["tabs"]["active"], 1);
    let fixes = facets["facets"]["fix"].as_array().expect("fixes");
    assert_eq!(fixes.len(), 2, "a facet counts without its own filter: {facets}");

    page_of_openssl(&scene).await;
    sides_of_it(&scene).await;
    searches_by_words(&scene).await;
}

/// Words stand in whatever column, in whatever order, and all of them have to.
async fn searches_by_words(scene: &Scene) {
    let host = format!("/hosts/{}/vulnerabilities", scene.world.host);
    for (words, expected) in [
        ("CVE-2022-0778%20openssl", &[OPENSSL][..]),
        ("SSL%20%20certificate%20cve-2022", &[OPENSSL]),
        ("CVE-2022-0778%20bash", &[]),
        ("%20", &[OPENSSL, BASH]),
    ] {
        assert_eq!(scene.listed(&format!("q={words}")).await, expected, "{words}");
        let own = scene.get(&format!("{host}?q={words}")).await;
        assert_eq!(own["total"], expected.len(), "{words} of the host: {own}");
        let file = scene.export("csv", &format!("q={words}")).await.text();
        assert_eq!(
            file.lines().count(),
            1 + expected.len(),
            "{words} as a file: {file}"
        );
        let fixes = scene.get(&format!("/vulnerabilities/fixes?q={words}")).await;
        let fixed = expected.iter().filter(|id| **id == OPENSSL).count();
        assert_eq!(fixes["total"], fixed, "{words} of the fixes: {fixes}");
    }
}

async fn page_of_openssl(scene: &Scene) {
    let page = scene.get(&format!("/vulnerabilities/{OPENSSL}")).await;
    assert_eq!(page["title"], "A certificate makes it loop for ever");
    assert_eq!(page["sources"][0]["cvss"][0]["score"], 7.5);
    assert_eq!(page["kev"]["name"], "A loop");
    let found = &page["packages"][0];
    assert_eq!(found["finding"]["package"], "openssl");
    let variant = &found["variants"][0];
    assert_eq!(variant["fixed_version"], "3.0.11-1");
    assert_eq!(variant["reason"], "before_fix");
    assert!(
        variant["why"]
            .as_str()
            .expect("why")
            .contains("older than 3.0.11-1"),
        "{variant}"
    );
    let claims = page["claims"].as_array().expect("claims");
    assert_eq!(
        claims.len(),
        1,
        "claims on platforms that nobody has are only counted"
    );
    assert_eq!(page["other_claim_count"], 1);
    let trend = page["trend"].as_array().expect("trend");
    assert_eq!(trend.last().expect("today")["open_host_count"], 1);
}

async fn sides_of_it(scene: &Scene) {
    let hosts = scene.get(&format!("/vulnerabilities/{OPENSSL}/hosts")).await;
    assert_eq!(
        (&hosts["total"], &hosts["items"][0]["host_name"]),
        (&json!(1), &json!("host-a"))
    );
    let host = scene
        .get(&format!("/hosts/{}/vulnerabilities", scene.world.host))
        .await;
    assert_eq!(
        (&host["total"], &host["platform"]),
        (&json!(2), &json!("debian/12"))
    );
    assert_eq!(host["open"]["high"], 2);
    assert!(
        host["not_evaluated"].as_array().expect("list").len() >= 2,
        "kernel and Python were never collected: {host}"
    );
    let fixes = scene.get("/vulnerabilities/fixes").await;
    assert_eq!(fixes["total"], 1, "bash has no fix");
    assert_eq!(
        fixes["items"][0]["targets"],
        json!([{"platform": "debian/12", "fixed_version": "3.0.11-1", "channel": null, "host_count": 1, "vulnerability_count": 1}])
    );
    let summary = scene.get("/vulnerabilities/summary").await;
    assert_eq!(
        (&summary["findings"]["high"], &summary["kev_count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(summary["fixes"][0]["package"], "openssl");
    let trend = scene.get("/vulnerabilities/trend?days=7").await;
    let today = trend["items"]
        .as_array()
        .expect("days")
        .last()
        .expect("today")
        .clone();
    assert_eq!(today["findings"]["high"], 2);
    let events = scene
        .get("/vulnerabilities/events?kind=opened&package=openssl")
        .await;
    assert_eq!(events["items"][0]["hosts"][0]["name"], "host-a");
    let feeds = scene.get("/feeds").await;
    assert_eq!(
        (&feeds["items"][0]["id"], &feeds["items"][0]["sample"]),
        (&json!("debian-sample"), &json!(true))
    );
}

#[tokio::test]
async fn an_exception_covers_until_it_expires() {
    let scene = Scene::new().await;
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    let now = clock::now();
    let mut body = json!({
        "kind": "code_not_reachable", "vulnerability": OPENSSL, "package": "openssl",
        "host": scene.world.host, "reason": "no certificates are read here", "expires_at": now.plus_millis(-1),
    });
    let write = &scene.world.write;
    let refused = scene
        .server
        .post(write, "/exceptions", body.clone())
        .await
        .expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "expires_at");
    body["expires_at"] = json!(now.plus_millis(3_600_000));
    let made = scene.server.post(write, "/exceptions", body).await.expect(201);
    let (location, made) = (made.header("location").to_owned(), made.json());
    assert_eq!(
        (&made["state"], &made["created_by"]),
        (&json!("active"), &json!("write-a"))
    );
    assert_eq!(made["host"]["name"], "host-a");
    scene.work().await;
    assert_eq!(scene.listed("").await, [BASH]);
    assert_eq!(scene.listed("tab=excepted").await, [OPENSSL]);
    let hosts = scene
        .get(&format!("/vulnerabilities/{OPENSSL}/hosts?state=excepted"))
        .await;
    assert_eq!(hosts["items"][0]["exception_id"], made["id"]);
    let vex = scene.export("cyclonedx-vex", "tab=excepted").await.json();
    assert_eq!(vex["vulnerabilities"][0]["analysis"]["state"], "not_affected");
    let sarif = scene.export("sarif", "tab=excepted").await.json();
    assert_eq!(
        sarif["runs"][0]["results"][0]["suppressions"][0]["status"],
        "accepted"
    );
    it_ends_by_itself(&scene, location.strip_prefix("/api/v1").expect("our address")).await;
}

/// Time is asked, and no job has to run.
async fn it_ends_by_itself(scene: &Scene, path: &str) {
    let write = &scene.world.write;
    let soon = clock::now().plus_millis(10_000);
    let change = json!({"expires_at": soon, "ticket": "SEC-1"});
    scene
        .server
        .call(write, "PATCH", path, Some(change))
        .await
        .expect(200);
    scene.work().await;
    assert_eq!(scene.listed("tab=excepted").await, [OPENSSL]);
    tokio::time::sleep(Duration::from_millis(10_100)).await;
    assert_eq!(scene.listed("").await, [OPENSSL, BASH]);
    assert!(scene.listed("tab=excepted").await.is_empty());
    let expired = scene.get("/exceptions?state=expired").await;
    assert_eq!(expired["items"][0]["ticket"], "SEC-1");

    let change = json!({"never_expires": true});
    scene
        .server
        .call(write, "PATCH", path, Some(change))
        .await
        .expect(200);
    scene.work().await;
    assert_eq!(scene.listed("tab=excepted").await, [OPENSSL]);
    scene.server.call(write, "DELETE", path, None).await.expect(204);
    scene.work().await;
    assert_eq!(scene.listed("").await, [OPENSSL, BASH]);
}

#[tokio::test]
async fn a_fix_resolves_and_every_file_tells_it() {
    let scene = Scene::new().await;
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    let csv = scene.export("csv", "kev=true").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("vulnerabilities.csv"));
    let lines: Vec<String> = csv.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "exactly what is filtered: {lines:?}");
    assert!(
        lines[1].starts_with("CVE-2022-0778,openssl,high,7.5,3.1,2026-01-02"),
        "{}",
        lines[1]
    );
    let sarif = scene.export("sarif", "").await.json();
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    assert_eq!(
        (&results[0]["kind"], &results[0]["level"]),
        (&json!("fail"), &json!("error"))
    );
    assert_eq!(
        sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"],
        "7.5"
    );
    let vex = scene.export("cyclonedx-vex", "").await.json();
    assert_eq!(
        vex["vulnerabilities"][0]["analysis"]["response"],
        json!(["update"])
    );
    let ocsf = scene.export("ocsf", "").await.text();
    let events: Vec<Value> = ocsf
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events.len(), 2);
    assert_eq!(
        (&events[0]["class_uid"], &events[0]["resources"][0]["name"]),
        (&json!(2002), &json!("host-a"))
    );
    once_it_is_fixed(&scene).await;
}

async fn once_it_is_fixed(scene: &Scene) {
    scene.see(&[("bash", "5.2.15-2")]).await;
    scene.work().await;
    let page = scene.get(&format!("/vulnerabilities/{OPENSSL}")).await;
    assert_eq!(
        page["claims"].as_array().expect("claims").len(),
        1,
        "they say why"
    );
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    scene.see(&[("openssl", "3.0.11-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    assert_eq!(scene.listed("").await, [BASH]);
    assert_eq!(scene.listed("tab=resolved&package=openssl").await, [OPENSSL]);
    let vex = scene
        .export("cyclonedx-vex", "tab=resolved&package=openssl")
        .await
        .json();
    assert_eq!(vex["vulnerabilities"][0]["analysis"]["state"], "resolved");
    let ocsf = scene.export("ocsf", "tab=resolved&package=openssl").await.json();
    assert_eq!((&ocsf["status_id"], &ocsf["activity_id"]), (&json!(4), &json!(3)));
    let events = scene
        .get("/vulnerabilities/events?kind=fixed&package=openssl")
        .await;
    assert_eq!(events["items"][0]["host_count"], 1);
    let host = scene
        .get(&format!(
            "/hosts/{}/vulnerabilities?state=resolved&q=openssl",
            scene.world.host
        ))
        .await;
    assert_eq!(host["total"], 1, "{host}");
}

#[tokio::test]
async fn a_file_of_some_hosts_names_no_others_and_every_reason() {
    let scene = Scene::new().await;
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    let write = &scene.world.write;
    for reason in ["behind a proxy", "in the laboratory"] {
        let body = json!({"kind": "risk_accepted", "package": "openssl", "tag": "tag-a", "reason": reason});
        scene.server.post(write, "/exceptions", body).await.expect(201);
    }
    let elsewhere =
        json!({"kind": "risk_accepted", "package": "openssl", "tag": "tag-z", "reason": "nowhere"});
    scene
        .server
        .post(write, "/exceptions", elsewhere)
        .await
        .expect(201);
    scene.work().await;
    let narrow = format!("tab=excepted&host={}", scene.world.host);
    for format in ["sarif", "cyclonedx-vex", "ocsf"] {
        let text = scene.export(format, &narrow).await.text();
        assert!(text.contains("behind a proxy"), "{format}: {text}");
        assert!(text.contains("in the laboratory"), "{format}: {text}");
        assert!(!text.contains("nowhere"), "{format}: {text}");
    }
    let ocsf = scene.export("ocsf", &narrow).await.json();
    assert_eq!(ocsf["resources"][0]["name"], "host-a");
    assert_eq!(ocsf["unmapped"]["excepted_hosts"], 1);
    let of_tag = scene.export("ocsf", "tag=tag-a&package=bash").await.json();
    assert_eq!(of_tag["resources"].as_array().map(Vec::len), Some(1));
    // An empty file says that not everything was judged.
    let empty = scene.export("ocsf", "tag=tag-z").await;
    assert_eq!(
        (empty.header("luumen-not-judged-hosts"), empty.text().as_str()),
        ("1", "")
    );
}

#[tokio::test]
async fn who_rates_it_is_named_where_they_differ() {
    let scene = Scene::new().await;
    let mut records = records();
    if let Record::Claim(bash) = &mut records[1] {
        bash.severity = Some(luumen_model::advisory::Severity::Low);
    }
    records.push(Record::Vulnerability(Vulnerability {
        id: BASH.to_owned(),
        source: "nvd-sample".to_owned(),
        cvss: vec![Cvss {
            version: CvssVersion::V31,
            score: 7.8,
            vector: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            source: "nvd".to_owned(),
        }],
        ..Vulnerability::default()
    }));
    scene.server.catalogue.put(catalogue_of(&records));
    scene.see(&[("openssl", "3.0.9-1"), ("bash", "5.2.15-2")]).await;
    scene.work().await;
    let list = scene.get("/vulnerabilities?sort=vulnerability").await;
    let [bash, openssl] = [&list["items"][0], &list["items"][1]];
    assert_eq!(
        (&bash["severity"], &bash["severity_source"], &bash["score_source"]),
        (&json!("low"), &json!("debian-sample"), &json!("nvd"))
    );
    assert_eq!(
        openssl["severity_source"],
        Value::Null,
        "both say high: {openssl}"
    );
    let host = scene
        .get(&format!("/hosts/{}/vulnerabilities?q=bash", scene.world.host))
        .await;
    assert_eq!(host["items"][0]["finding"]["severity_source"], "debian-sample");
    let facets = scene.get("/vulnerabilities/facets").await;
    assert_eq!(
        facets["facets"]["epss"],
        json!([{"value": "0.5", "count": 1}, {"value": "0.1", "count": 1}, {"value": "0.01", "count": 1}])
    );
}

#[tokio::test]
async fn without_a_catalogue_nothing_reads_as_fine() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let list = server
        .get(&world.read, "/vulnerabilities?kev=true")
        .await
        .expect(200)
        .json();
    assert_eq!((&list["total"], &list["catalogue"]), (&json!(0), &Value::Null));
    assert_eq!(
        list["not_evaluable_host_count"], 1,
        "kernel and Python were never collected"
    );
    let nothing = server
        .get(&world.read, "/vulnerabilities/CVE-1999-0001")
        .await
        .expect(404)
        .json();
    assert!(
        nothing["next_step"]
            .as_str()
            .expect("step")
            .contains("no catalogue"),
        "{nothing}"
    );
}

#[tokio::test]
async fn odd_questions_are_refused_by_name() {
    #[track_caller]
    fn check(answer: &Answer, path: &str, field: &str) {
        let errors = answer.json()["errors"].clone();
        assert_eq!(errors[0]["field"], field, "{path}: {errors}");
    }
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for (path, field) in [
        ("/vulnerabilities?severity=critical,bad", "severity"),
        ("/vulnerabilities?severity=", "severity"),
        ("/vulnerabilities?epss_min=1.5", "epss_min"),
        ("/vulnerabilities?epss_min=NaN", "epss_min"),
        ("/vulnerabilities?limit=0", "limit"),
        ("/vulnerabilities/trend?days=0", "days"),
        ("/vulnerabilities/fixes?os=", "os"),
        ("/vulnerabilities/export?format=csv&tag=", "tag"),
        ("/hosts/{host}/vulnerabilities?severity=x", "severity"),
    ] {
        let path = path.replace("{host}", &world.host.to_string());
        check(&server.get(&world.read, &path).await.expect(422), &path, field);
    }
    server
        .get(&world.read, "/vulnerabilities/export")
        .await
        .expect(400);
    server
        .get(&world.read, "/vulnerabilities/export?format=pdf")
        .await
        .expect(400);
    for (body, field) in [
        (json!({"kind": "risk_accepted", "reason": "x"}), "vulnerability"),
        (
            json!({"kind": "risk_accepted", "package": "a", "reason": " "}),
            "reason",
        ),
        (
            json!({"kind": "risk_accepted", "package": "a", "reason": "x", "tag": "t", "host": world.host}),
            "host",
        ),
        (json!({"kind": "because", "package": "a", "reason": "x"}), "kind"),
    ] {
        let answer = server
            .post(&world.write, "/exceptions", body.clone())
            .await
            .expect(422);
        check(&answer, &body.to_string(), field);
    }
    let foreign = json!({"kind": "risk_accepted", "package": "a", "reason": "x", "host": Uuid::now_v7()});
    server
        .post(&world.write, "/exceptions", foreign)
        .await
        .expect(404);
}
