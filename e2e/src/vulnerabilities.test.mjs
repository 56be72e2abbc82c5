// A person's way through the vulnerabilities: sample catalogue, real server, agent and hosts, real browser.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { colourFaults, faults, openBrowser, openPage, picture, setTheme, settled, THEMES } from "./browser.mjs";
import { eventually, run } from "./child.mjs";
import { setupLink, startFleet } from "./fleet.mjs";
import { apart } from "./hosts.mjs";
import { built, top } from "./places.mjs";
import { startPublisher } from "./publisher.mjs";

// Of the sample catalogue: fixed in bookworm's 3.0.11-1~deb12u2, and without a fix.
const FIXED = "CVE-2023-5363";
const UNFIXED = "CVE-2005-2541";
const JUDGED_MS = 90_000;

let fleet, browser, page, context, mistakes, library;

async function visit(path) {
  await page.goto(fleet.url + path);
  await settled(page);
}

const heading = (name) => page.getByRole("heading", { level: 1, name });
const table = (name) => page.getByRole("grid", { name, exact: true });
const rows = (name) => table(name).getByRole("row").filter({ has: page.getByRole("gridcell") });
const param = (name) => new URL(page.url()).searchParams.get(name);
const note = () => page.getByRole("list", { name: "Before you read on" });

/** Asks the server as the page does, with its session. */
async function ask(path) {
  return (await page.request.get(`${fleet.url}/api/v1${path}`)).json();
}

function buildCatalogue() {
  run(built("luumen"), ["feeds", "build", "--from", join(top, "content", "sample"), "--sample", "--dir", library], {
    // Files that are no feed, such as the read-me, are named and left out.
    allowed: [0, 3],
    timeout: 120_000,
  });
}

const skip = apart ? false : "hosts need packages of their own, which takes root and mount namespaces";

async function setUp() {
  browser = await openBrowser();
  ({ page, context, mistakes } = await openPage(browser));
  await page.goto(await setupLink(fleet));
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@example.net");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery");
  await page.getByLabel("Workspace").fill("Production");
  await page.getByRole("button", { name: "Set up" }).click();
  await heading("Overview").waitFor();
}

describe("vulnerabilities without a catalogue", { timeout: 360_000 }, () => {
  before(async () => {
    fleet = await startFleet([]);
    await setUp();
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  test("nothing reads as fine", async () => {
    await visit("/vulnerabilities");
    await page.getByText("There is no catalogue of vulnerabilities yet").waitFor();
    for (const [path, words] of [
      ["/vulnerabilities", "Nothing was judged yet"],
      ["/vulnerabilities/packages/openssl", "Nothing was judged yet"],
      ["/vulnerabilities/fixes", "Nothing was judged yet"],
      ["/vulnerabilities/trend", "No day to show yet"],
      ["/vulnerabilities/exceptions", "No exceptions"],
    ]) {
      await visit(path);
      await page.getByRole("heading", { name: words }).waitFor();
    }
    assert.deepEqual(mistakes, []);
  });
});

describe("feeds that this server fetches, and bundles that are brought to it", { timeout: 900_000 }, () => {
  let folder, publisher;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "luumen-e2e-feeds-"));
    publisher = await startPublisher();
    for (const name of ["ours", "theirs"]) run(built("luumen"), ["feeds", "keygen", join(folder, name)]);
    fleet = await startFleet([], [
      `feeds_dir: ${join(folder, "feeds")}`,
      `catalogue_dir: ${join(folder, "catalogues")}`,
      `trusted_keys: ["${readFileSync(join(folder, "ours.pub"), "utf8").trim()}"]`,
      publisher.settings,
    ].join("\n"));
    await setUp();
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
    await publisher?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const feeds = () => page.getByRole("group", { name: "Feeds" });

  test("a person fetches them now, sees how far it is, and how fresh each source is", async () => {
    await eventually("the first refresh to be done", async () => (await ask("/feeds")).items.some(({ last_success_at }) => last_success_at), 60_000);
    await eventually("nothing to be fetched", async () => !(await ask("/feeds")).job, 60_000);
    await visit("/vulnerabilities/feeds");
    const before_ = publisher.asked.length;
    await page.getByRole("button", { name: "Refresh now" }).click();
    await page.getByText("The feeds were read and the catalogue is built").waitFor({ timeout: 60_000 });
    assert.equal(publisher.asked.length - before_, 2, "every source is asked, whoever's turn it is");
    await settled(page);
    for (const title of ["Debian security tracker", "Known exploited vulnerabilities"]) {
      const row = feeds().getByRole("row").filter({ hasText: title });
      await row.getByText("Fresh").waitFor();
      assert.equal(await row.getByText("never").count(), 0);
    }
    await page.getByText(/2 of 2 feeds fresh/).waitFor();
    await picture(page, "vulnerabilities-feeds-fetched");
  });

  test("a bundle of a stranger is refused, ours is in use, and an older one needs a word", async () => {
    const store = join(folder, "library");
    const build = () =>
      run(built("luumen"), ["feeds", "build", "--from", join(top, "content", "sample"), "--sample", "--dir", store], { allowed: [0, 3], timeout: 120_000 });
    const bundle = (name, key) => {
      const path = join(folder, name);
      run(built("luumen"), ["feeds", "export", path, "--key", join(folder, key), "--dir", store]);
      return path;
    };
    build();
    const [older, stranger] = [bundle("older.bundle", "ours"), bundle("stranger.bundle", "theirs")];
    build();
    const newer = bundle("newer.bundle", "ours");
    await visit("/vulnerabilities/feeds");
    await page.getByRole("button", { name: "Import bundle" }).click();
    const drawer = page.getByRole("dialog", { name: "Import a signed bundle" });
    const take = async (path) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), drawer.getByRole("button", { name: "Choose a file" }).click()]);
      await chooser.setFiles(path);
      await drawer.getByRole("button", { name: "Import", exact: true }).click();
    };
    await take(stranger);
    await drawer.getByRole("alert").getByText("LUM-API-BUNDLE-NOT-TRUSTED").waitFor();
    for (const theme of THEMES) {
      await setTheme(page, theme);
      await page.waitForTimeout(250);
      await picture(page, `vulnerabilities-import-refused-1280-${theme}`);
    }
    await take(newer);
    await drawer.getByText("The bundle is in use").waitFor();
    await drawer.getByRole("button", { name: "Close" }).last().click();
    await drawer.waitFor({ state: "detached" });
    await page.getByText("Sample data, not for judging hosts").waitFor();
    await page.getByRole("button", { name: "Import bundle" }).click();
    await take(older);
    await drawer.getByRole("alert").getByText("LUM-API-BUNDLE-OLDER").waitFor();
    await drawer.getByLabel("Go back to an older catalogue").check();
    await drawer.getByRole("button", { name: "Import", exact: true }).click();
    await drawer.getByText("The bundle is in use").waitFor();
    const refused = /\/feeds\/import/;
    assert.deepEqual(mistakes.filter((mistake) => !refused.test(mistake) && !/422|409/.test(mistake)), []);
  });
});

describe("vulnerabilities", { timeout: 2700_000, skip }, () => {
  before(async () => {
    library = mkdtempSync(join(tmpdir(), "luumen-e2e-catalogue-"));
    buildCatalogue();
    process.env.LUUMEN_CATALOGUE_DIR = join(library, "catalogue");
    fleet = await startFleet([
      { name: "web-1", release: "bookworm" },
      { name: "web-2", release: "bookworm" },
    ]);
    fleet.hosts[0].upgrade("openssl", "3.0.10-1~deb12u1");
    fleet.hosts[1].upgrade("openssl", "3.0.10-1~deb12u1");
    await setUp();
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
    delete process.env.LUUMEN_CATALOGUE_DIR;
    if (library) rmSync(library, { recursive: true, force: true });
  });

  test("hosts are visited and judged, and the page says by what", async () => {
    const made = await page.request.post(`${fleet.url}/api/v1/api-keys`, {
      data: { name: "patch-1", scope: "agent" },
      headers: { origin: fleet.url },
    });
    assert.equal(made.status(), 201, await made.text());
    fleet.configureAgent((await made.json()).secret);
    for (const { name, port } of fleet.hosts) {
      const added = await page.request.post(`${fleet.url}/api/v1/hosts`, {
        data: { name, address: "127.0.0.1", port, credential: "fleet", tags: [name] },
        headers: { origin: fleet.url },
      });
      assert.equal(added.status(), 201, await added.text());
    }
    fleet.runAgent();
    await eventually("the hosts to be judged", async () => (await ask("/vulnerabilities?q=openssl")).total > 0, JUDGED_MS);
    await visit("/");
    await page.keyboard.press("g");
    await page.keyboard.press("v");
    await heading("Vulnerabilities").waitFor();
    await settled(page);
    await page.getByText(/ open on 2 of 2 judged hosts/).waitFor();
    await note().getByText("Sample data").waitFor();
    assert.ok((await rows("Vulnerabilities").count()) > 3);
  });

  test("the overview says what vulnerabilities need, and that nothing does only when it knows", async () => {
    const needs = page.locator("section.panel", { has: page.getByRole("heading", { name: "Needs a look today" }) });
    const well = page.getByText("Nothing waits for you");
    await visit("/");
    await needs.getByRole("link", { name: /sample data of vulnerabilities/ }).waitFor();
    const [fleet_, summary] = [await ask("/overview"), await ask("/vulnerabilities/summary")];
    const calm = { ...fleet_, states: { ok: 2 }, agents: [], runs: [], coverage: [], reboot_required_count: 0 };
    const nothing = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };
    const judged = { ...summary, kev_count: 0, findings: nothing, stale_feed_count: 0, not_evaluable_host_count: 0, catalogue: { ...summary.catalogue, sample: false } };
    await page.route("**/api/v1/overview", (route) => route.fulfill({ json: calm }));
    let answer;
    await page.route("**/api/v1/vulnerabilities/summary", (route) => answer(route));

    answer = (route) => route.fulfill({ json: judged });
    await visit("/");
    await well.waitFor();

    answer = (route) => route.fulfill({ json: { ...judged, kev_count: 1 } });
    await visit("/");
    await needs.getByRole("link", { name: /1 finding known to be exploited/ }).waitFor();
    assert.equal(await well.count(), 0);

    let let_go;
    const held = new Promise((resolve) => (let_go = resolve));
    answer = async (route) => {
      await held;
      await route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "x", title: "The server made a mistake", status: 500, code: "LUM-API-INTERNAL" }) });
    };
    await page.goto(fleet.url);
    await needs.getByText("Asking what the vulnerabilities need").waitFor();
    assert.equal(await well.count(), 0);
    let_go();
    const alert = needs.getByRole("alert").filter({ hasText: "Could not say what the vulnerabilities need" });
    await alert.waitFor();
    assert.equal(await well.count(), 0);
    answer = (route) => route.fulfill({ json: { ...judged, kev_count: 1 } });
    await alert.getByRole("button", { name: "Try again" }).click();
    await needs.getByRole("link", { name: /1 finding known to be exploited/ }).click();
    await heading("Vulnerabilities").waitFor();
    assert.equal(param("q"), "kev:yes");
    await page.unrouteAll();
  });

  test("the filter suggests, facets narrow, and the address holds the whole view", async () => {
    await visit("/vulnerabilities");
    const filter = page.getByRole("textbox", { name: "Filter vulnerabilities" });
    await filter.fill("fix:a");
    await page.getByRole("option", { name: /fix:available/ }).click();
    await page.waitForURL(/q=fix%3Aavailable/);
    await settled(page);
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    assert.equal(await rows("Vulnerabilities").filter({ hasText: UNFIXED }).count(), 0);
    const facets = page.getByRole("complementary", { name: "Narrow the list" });
    await facets.getByRole("button", { name: /^None published/ }).click();
    await rows("Vulnerabilities").filter({ hasText: UNFIXED }).waitFor();
    assert.equal(param("q"), "fix:none");
    await page.goBack();
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    await page.reload();
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    await filter.fill("severity:hihg");
    await page.getByRole("alert").getByText(/is left out/).waitFor();
    await filter.fill("pkg:openssl");
    await page.getByRole("alert").getByText("write package:openssl").waitFor();
    const id = FIXED.slice(0, 8);
    await filter.fill(`${id} openssl`);
    await rows("Vulnerabilities").filter({ hasText: UNFIXED }).waitFor({ state: "detached" });
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    await visit(`/vulnerabilities/fixes?q=openssl+${id}`);
    await rows("Fixes").filter({ hasText: /Upgrade openssl/ }).waitFor();
    await visit("/vulnerabilities");
    await filter.fill("nothing-like-this");
    await page.getByRole("heading", { name: "Nothing matches the filter" }).waitFor();
    await page.getByRole("button", { name: "Clear the filter" }).last().click();
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
  });

  test("why is in sight, and whoever rates it is named where two differ", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await visit("/vulnerabilities");
    const header = table("Vulnerabilities").getByRole("columnheader", { name: "Why" });
    const [grid, why] = await Promise.all([table("Vulnerabilities").boundingBox(), header.boundingBox()]);
    assert.ok(why.x + why.width <= grid.x + grid.width + 1, "the column of reasons is not cut at 1280");
    await rows("Vulnerabilities").filter({ hasText: /\(Debian\) · \d+\.\d \(NVD\)/ }).first().waitFor();
    const facets = page.getByRole("complementary", { name: "Narrow the list" });
    await facets.getByRole("button", { name: /^10 % \d+/ }).waitFor();
  });

  test("columns are kept, sorting turns round, and exports hold exactly what is shown", async () => {
    await visit("/vulnerabilities?q=openssl");
    await page.getByRole("button", { name: "Hosts", exact: true }).click();
    await page.waitForURL(/sort=hosts/);
    await page.getByRole("button", { name: "Hosts", exact: true }).click();
    await page.waitForURL(/sort=-hosts/);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "What it is" }).check();
    await page.keyboard.press("Escape");
    await visit("/vulnerabilities?q=openssl");
    await table("Vulnerabilities").getByRole("columnheader", { name: "What it is" }).waitFor();
    const shown = await rows("Vulnerabilities").count();
    const files = {};
    for (const name of ["CSV", "SARIF", "CycloneDX", "OCSF"]) {
      await page.getByRole("button", { name: "Export" }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: new RegExp(name) }).click()]);
      files[name] = readFileSync(await download.path(), "utf8").trim();
    }
    assert.equal(files.CSV.split(/\r?\n/).length, shown + 1);
    assert.ok(files.CSV.includes(FIXED));
    assert.equal(JSON.parse(files.SARIF).version, "2.1.0");
    assert.equal(JSON.parse(files.CycloneDX).bomFormat, "CycloneDX");
    for (const line of files.OCSF.split("\n")) assert.equal(JSON.parse(line).class_uid, 2002);
  });

  test("the keyboard alone opens a finding, and it says why", async () => {
    await visit(`/vulnerabilities?q=${FIXED}`);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Filter vulnerabilities");
    await page.keyboard.press("Escape");
    for (let presses = 0; presses < 60; presses += 1) {
      if (await page.evaluate(() => document.activeElement?.getAttribute("role") === "grid")) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("heading", { name: "Why we say so" }).waitFor();
    await drawer.getByText("Fixed in 3.0.11-1~deb12u2").waitFor();
    assert.equal(param("open"), `${FIXED} openssl`);
    await page.reload();
    await drawer.getByText("Fixed in 3.0.11-1~deb12u2").waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await page.keyboard.type(FIXED);
    await page.getByRole("option", { name: new RegExp(FIXED) }).waitFor();
    await page.keyboard.press("Enter");
    await heading(new RegExp(FIXED)).waitFor();
  });

  test("a vulnerability's page tells what, why, where, and what everyone says", async () => {
    await visit(`/vulnerabilities/${FIXED}`);
    await page.getByRole("heading", { name: /Why we say so of/ }).waitFor();
    await page.getByText("Upgrade openssl to 3.0.11-1~deb12u2 on 2 hosts").waitFor();
    assert.equal(await rows("Hosts that have it").count(), 2);
    await page.getByRole("textbox", { name: "Search the hosts" }).fill("web-1");
    await page.waitForURL(/q=web-1/);
    await rows("Hosts that have it").filter({ hasText: "web-2" }).waitFor({ state: "detached" });
    assert.equal(await rows("Hosts that have it").count(), 1);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL(/claims=all/);
    await page.getByRole("group", { name: "Claims" }).getByText("debian-tracker").first().waitFor();
    await visit("/vulnerabilities/CVE-1999-0001");
    await page.getByText(/No host has it|Could not load/).first().waitFor();
  });

  test("fixes are said in a sentence, and lead to the package", async () => {
    await visit("/vulnerabilities/fixes");
    await rows("Fixes").filter({ hasText: /Upgrade openssl on 2 hosts closes \d+ vulnerabilit/ }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("group", { name: "What to install" }).getByText("debian/12").waitFor();
    assert.equal(param("open"), "openssl");
    await drawer.getByRole("button", { name: "All findings of openssl" }).click();
    await heading(/openssl/).waitFor();
    await settled(page);
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    assert.equal(await rows("Vulnerabilities").filter({ hasText: UNFIXED }).count(), 0);
  });

  test("a host tells what it has, and first what could not be judged", async () => {
    const { items } = await ask("/hosts?q=web-1");
    await visit(`/hosts/${items[0].id}?tab=vulnerabilities`);
    const { not_evaluated } = await ask(`/hosts/${items[0].id}/vulnerabilities`);
    if (not_evaluated.length > 0) await page.getByText("Not everything could be judged").waitFor();
    await page.getByText(/Judged .* as/).waitFor();
    const { not_evaluated: gaps } = await ask("/vulnerabilities/summary");
    if (gaps.length > 0) {
      await visit("/vulnerabilities");
      await note().getByText("What could not be judged, and why").click();
      await note().getByText(gaps[0].why).first().waitFor();
    }
    await visit(`/hosts/${items[0].id}?tab=vulnerabilities`);
    await page.getByRole("textbox", { name: "Search vulnerabilities" }).fill(FIXED);
    await page.waitForURL(/q=CVE/);
    await settled(page);
    await rows("Vulnerabilities of this host").first().click();
    await page.getByRole("dialog").getByText("Confidence").waitFor();
    assert.equal(param("finding"), `${FIXED} openssl`);
  });

  test("many findings are excepted at once, with a reason and until a day, and come back when it ends", async () => {
    await visit(`/vulnerabilities?q=${FIXED}`);
    await page.getByRole("checkbox", { name: `Select ${FIXED} openssl` }).check();
    await page.getByRole("button", { name: "Except…" }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("button", { name: "Except 1 finding" }).click();
    await drawer.getByRole("alert").getByText("Write the reason").waitFor();
    await drawer.getByLabel("Reason").fill("Behind a proxy");
    await drawer.getByLabel("Owner").fill("Ada");
    await drawer.getByLabel("Ticket").fill("SEC-1");
    await drawer.getByRole("button", { name: "Except 1 finding" }).click();
    await drawer.waitFor({ state: "detached" });
    await page.getByRole("tab", { name: /Excepted 1/ }).click();
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    await visit("/vulnerabilities/exceptions?q=proxy");
    await rows("Exceptions").filter({ hasText: `${FIXED} in openssl on all hosts` }).click();
    await drawer.getByLabel("Ticket").fill("SEC-2");
    await drawer.getByRole("button", { name: "Save" }).click();
    await rows("Exceptions").filter({ hasText: "SEC-2" }).click();
    await drawer.getByRole("button", { name: "End now" }).click();
    await page.getByRole("dialog", { name: "End this exception?" }).getByRole("button", { name: "End it now" }).click();
    await rows("Exceptions").filter({ hasText: "Expired" }).waitFor();
    await eventually("the finding to be open again", async () => (await ask(`/vulnerabilities?q=${FIXED}`)).total > 0);
    // What else is changed of it does not bring it back to life.
    await rows("Exceptions").filter({ hasText: "SEC-2" }).click();
    await drawer.getByLabel("Ticket").fill("SEC-3");
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.waitFor({ state: "detached" });
    await rows("Exceptions").filter({ hasText: "SEC-3" }).filter({ hasText: "Expired" }).waitFor();
    assert.equal((await ask("/exceptions")).items.find(({ ticket }) => ticket === "SEC-3").state, "expired");
    await visit(`/vulnerabilities?q=${FIXED}`);
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
  });

  test("a finding that was excepted can be excepted again", async () => {
    await visit(`/vulnerabilities?q=${FIXED}`);
    const drawer = page.getByRole("dialog");
    for (const [n, tag] of ["nowhere-1", "nowhere-2"].entries()) {
      await page.getByRole("checkbox", { name: `Select ${FIXED} openssl` }).check();
      await page.getByRole("button", { name: "Except…" }).click();
      await drawer.getByText("Hosts with a tag").click();
      await drawer.getByLabel("Tag", { exact: true }).fill(tag);
      await drawer.getByLabel("Reason").fill("Not in use there");
      await drawer.getByRole("button", { name: "Except 1 finding" }).click();
      await drawer.waitFor({ state: "detached" });
      const { items } = await ask("/exceptions");
      assert.equal(items.filter(({ reason }) => reason === "Not in use there").length, n + 1, `the exception for ${tag} is there`);
    }
  });

  test("what was upgraded is resolved", async () => {
    for (const host of fleet.hosts) host.upgrade("openssl", "3.0.19-1~deb12u2");
    fleet.runAgent();
    await eventually("the finding to be resolved", async () => (await ask(`/vulnerabilities?tab=resolved&q=${FIXED}`)).total > 0, JUDGED_MS);
    await visit(`/vulnerabilities?tab=resolved&q=${FIXED}`);
    await rows("Vulnerabilities").filter({ hasText: FIXED }).waitFor();
    await visit("/vulnerabilities/trend");
    await page.getByRole("heading", { name: "Opened and fixed" }).waitFor();
    await page.getByText("Table").first().click();
    await page.getByRole("group", { name: "Open by severity" }).waitFor();
  });

  test("feeds say how fresh they are, under which licence, and what must be shown", async () => {
    await visit("/vulnerabilities/feeds");
    await page.getByRole("group", { name: "Feeds" }).getByText("debian-tracker").waitFor();
    await page.getByText(/not endorsed or certified by the NVD/).waitFor();
    await page.getByRole("textbox", { name: "Search the feeds" }).fill("no-such-feed");
    await page.getByRole("heading", { name: "No feed matches" }).waitFor();
  });

  test("every list says why it could not be loaded, and tries again", async () => {
    const problem = { type: "x", title: "The server made a mistake", status: 500, code: "LUM-API-INTERNAL", next_step: "Try again.", request_id: "req-123" };
    for (const [path, pattern, doing] of [
      ["/vulnerabilities", "**/api/v1/vulnerabilities?*", "load the vulnerabilities"],
      [`/vulnerabilities/${UNFIXED}`, `**/api/v1/vulnerabilities/${UNFIXED}`, "load the vulnerability"],
      [`/vulnerabilities/${UNFIXED}`, "**/hosts?*", "load the hosts"],
      ["/vulnerabilities/fixes", "**/vulnerabilities/fixes?*", "load the fixes"],
      ["/vulnerabilities/trend", "**/vulnerabilities/trend?*", "load the trend"],
      ["/vulnerabilities/exceptions", "**/api/v1/exceptions?*", "load the exceptions"],
      ["/vulnerabilities/feeds", "**/api/v1/feeds", "load the feeds"],
    ]) {
      const fail = (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) });
      await page.route(pattern, fail);
      await page.goto(fleet.url + path);
      const alert = page.getByRole("alert").filter({ hasText: `Could not ${doing}` });
      await alert.getByText("LUM-API-INTERNAL").waitFor();
      await page.unroute(pattern, fail);
      await alert.getByRole("button", { name: "Try again" }).click();
      await alert.waitFor({ state: "detached" });
    }
  });

  test("what takes longer says what it is doing", async () => {
    for (const [path, pattern, words] of [
      ["/vulnerabilities", "**/api/v1/vulnerabilities?*", "Loading vulnerabilities"],
      ["/vulnerabilities/fixes", "**/vulnerabilities/fixes?*", "Loading the fixes"],
      ["/vulnerabilities/exceptions", "**/api/v1/exceptions?*", "Loading exceptions"],
      ["/vulnerabilities/feeds", "**/api/v1/feeds", "Loading the feeds"],
    ]) {
      const slow = async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1200));
        await route.continue().catch(() => undefined);
      };
      await page.route(pattern, slow);
      await page.goto(fleet.url + path);
      await page.getByText(words).first().waitFor();
      await page.unroute(pattern, slow);
      await settled(page);
    }
  });

  test("axe finds nothing, in both themes, and 320 pixels are enough", async () => {
    const { items } = await ask("/hosts?q=web-1");
    const found = [];
    const paths = {
      list: "/vulnerabilities",
      informational: "/vulnerabilities?tab=informational",
      drawer: `/vulnerabilities?open=${UNFIXED}+tar`,
      vulnerability: `/vulnerabilities/${UNFIXED}?claims=all`,
      package: "/vulnerabilities/packages/tar",
      fixes: "/vulnerabilities/fixes",
      trend: "/vulnerabilities/trend",
      exceptions: "/vulnerabilities/exceptions",
      "exceptions-add": "/vulnerabilities/exceptions?panel=add",
      feeds: "/vulnerabilities/feeds",
      host: `/hosts/${items[0].id}?tab=vulnerabilities`,
    };
    for (const [name, path] of Object.entries(paths)) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await setTheme(page, "light");
      await visit(path);
      found.push(...(await faults(page)).map((fault) => `light ${name}: ${fault}`));
      await setTheme(page, "dark");
      await page.waitForTimeout(250);
      found.push(...(await colourFaults(page)).map((fault) => `dark ${name}: ${fault}`));
      await page.setViewportSize({ width: 320, height: 640 });
      await visit(path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) found.push(`${name} is ${wide} pixels too wide for 320`);
      await picture(page, `vulnerabilities-${name}-320`);
      for (const theme of THEMES) {
        await setTheme(page, theme);
        for (const [width, height] of [
          [1280, 800],
          [1920, 1080],
        ]) {
          await page.setViewportSize({ width, height });
          await settled(page);
          await picture(page, `vulnerabilities-${name}-${width}-${theme}`);
        }
      }
    }
    assert.deepEqual(found, []);
  });

  test("nothing went wrong on the way", async () => {
    assert.deepEqual(mistakes, []);
    await context.close();
  });
});
