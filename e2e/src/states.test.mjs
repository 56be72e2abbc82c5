// What a person finds again after a reload, and what they read when something fails or falls silent: a real server,
// agent and hosts, a real browser. Only the failures of single answers are put in by the browser.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { faults, openBrowser, openPage, picture, setTheme, settled, signUp, THEMES } from "./browser.mjs";
import { eventually } from "./child.mjs";
import { setupLink, signInLink, startFleet } from "./fleet.mjs";

const EMAIL = "ada@example.net";
// Two intervals without a snapshot and half an interval's grace, of the shortest interval that there is; and time to ask.
const STALE_MS = 170_000;

let fleet, browser, page, context, mistakes, key, host, gone;

async function visit(path) {
  await page.goto(fleet.url + path);
  await settled(page);
}

const heading = (name) => page.getByRole("heading", { level: 1, name });
const table = (name) => page.getByRole("grid", { name, exact: true });
const rows = (name) => table(name).getByRole("row").filter({ has: page.getByRole("gridcell") });
const list = (name) => page.getByRole("group", { name, exact: true });
const lines = (name) => list(name).locator("tbody tr");
const param = (name) => new URL(page.url()).searchParams.get(name);

/** Asks the server as the page does, with its session; or as an agent, with its key. */
async function ask(method, path, body, headers = {}) {
  const answer = await page.evaluate(
    async ([url, options]) => {
      const got = await fetch(url, options);
      return { ok: got.ok, text: await got.text() };
    },
    [`/api/v1${path}`, { method, headers: { ...(body && { "content-type": "application/json" }), ...headers }, ...(body && { body: JSON.stringify(body) }) }],
  );
  assert.ok(answer.ok, `${method} ${path}: ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : undefined;
}

const asAgent = (method, path, body) => ask(method, path, body, { "api-key": key });

/** Looks at the page in both themes, with axe and as a picture. */
async function look(name) {
  for (const theme of THEMES) {
    await setTheme(page, theme);
    await page.waitForTimeout(250);
    assert.deepEqual(await faults(page), [], `${name}, ${theme}`);
    await picture(page, `${name}-${theme}`);
  }
}

describe("what holds, what fails and what falls silent", { timeout: 1800_000 }, () => {
  before(async () => {
    fleet = await startFleet([{ name: "web-1" }, { name: "db-1", release: "trixie" }]);
    browser = await openBrowser();
    ({ page, context, mistakes } = await openPage(browser));
    await page.goto(await setupLink(fleet));
    await signUp(page, EMAIL);
    ({ secret: key } = await ask("POST", "/api-keys", { name: "patch-1", scope: "agent" }));
    fleet.configureAgent(key);
    const made = [];
    for (const { name, address, port } of [...fleet.hosts, { name: "gone-1", address: "127.0.0.1", port: 1 }]) {
      made.push(await ask("POST", "/hosts", { name, address, port, credential: "fleet" }));
    }
    [host, , gone] = made.map(({ summary }) => summary.id);
    fleet.runAgent();
    // The second run knows no host that cannot be reached, and so has no trouble.
    await ask("PATCH", `/hosts/${gone}`, { enabled: false });
    fleet.runAgent();
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  test("runs and agents are searched by the server, and the address keeps what was asked", async () => {
    await visit("/agents");
    assert.deepEqual([await lines("Agents").count(), await lines("Runs").count()], [1, 2]);
    const search = page.getByRole("textbox", { name: "Search agents and runs" });
    await page.keyboard.press("/");
    await page.keyboard.type("gone-1");
    await page.waitForURL(/q=gone-1/);
    await eventually("the run that visited gone-1", async () => (await lines("Runs").count()) === 1);
    await page.getByRole("heading", { name: "No agent matches “gone-1”" }).waitFor();
    await look("agents-search");
    await search.fill("nobody");
    await page.getByRole("heading", { name: "No run matches “nobody”" }).waitFor();
    await page.goBack();
    await eventually("one run again", async () => (await lines("Runs").count()) === 1);
    assert.equal(await search.inputValue(), "gone-1");
    await page.getByRole("button", { name: "Show all" }).first().click();
    await eventually("all runs", async () => (await lines("Runs").count()) === 2);

    const which = (name) => page.getByRole("radiogroup", { name });
    await which("Which runs").getByText("With trouble").click();
    await page.waitForURL(/runs=trouble/);
    await eventually("the run with trouble", async () => (await lines("Runs").count()) === 1);
    await page.reload();
    await settled(page);
    assert.equal(await lines("Runs").count(), 1);
    assert.equal(await page.getByRole("radio", { name: "With trouble" }).isChecked(), true);
    await which("Which runs").getByText("Lost").click();
    await page.getByRole("heading", { name: "No run matches “Lost”" }).waitFor();
    await which("Which agents").getByText("Silent").click();
    await page.getByRole("heading", { name: "No agent matches “Silent”" }).waitFor();
    assert.deepEqual([param("runs"), param("agents")], ["lost", "silent"]);
    await look("agents-none");
  });

  test("only the pages that are asked for are fetched, whatever is searched for", async () => {
    // A hundred runs and five of a second agent, so that the list has a second page.
    for (let number = 0; number < 105; number += 1) {
      const started = new Date(Date.now() - 3_600_000 - number * 1000).toISOString();
      await asAgent("PUT", `/agent/runs/${randomUUID()}`, { agent: "patch-2", started_at: started, host_count: 1 });
    }
    await visit("/agents?q=patch-2");
    assert.equal(await lines("Runs").count(), 100);
    await page.getByRole("button", { name: "Show older runs" }).click();
    await eventually("the second page", async () => (await lines("Runs").count()) === 105);
    assert.equal(await page.getByRole("button", { name: "Show older runs" }).count(), 0);
  });

  test("a host's page is found again as it was left", async () => {
    await visit(`/hosts/${host}`);
    await page.getByRole("textbox", { name: "Search the facts" }).fill("permitrootlogin");
    await page.getByRole("heading", { level: 2, name: "Operating system" }).waitFor({ state: "detached" });
    await page.waitForURL(/q=permitrootlogin/);
    await page.reload();
    await settled(page);
    assert.equal(await page.getByRole("textbox", { name: "Search the facts" }).inputValue(), "permitrootlogin");
    assert.equal(await page.getByRole("heading", { level: 2, name: "Operating system" }).count(), 0);
    await look("host-facts-search");

    await page.getByRole("tab", { name: /Packages/ }).click();
    await table("Packages").waitFor();
    assert.equal(param("q"), null, "what was searched for belongs to its tab");
    await table("Packages").getByRole("button", { name: "Size" }).click();
    await page.waitForURL(/sort=size_bytes/);
    await table("Packages").getByRole("button", { name: "Size" }).click();
    await page.waitForURL(/sort=-size_bytes/);
    const largest = await rows("Packages").first().textContent();
    await page.reload();
    await settled(page);
    assert.equal(await rows("Packages").first().textContent(), largest);
    await page.goBack();
    await page.waitForURL(/sort=size_bytes/);
    assert.equal(await table("Packages").getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort"), "ascending");
  });

  test("drawers and dialogs that were open are open again", async () => {
    await visit("/settings?tab=keys");
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.waitForURL(/panel=add/);
    await page.reload();
    await page.getByRole("dialog", { name: "Create an API key" }).waitFor();
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await visit("/vulnerabilities/feeds?panel=import");
    await page.getByRole("dialog", { name: "Import a signed bundle" }).waitFor();
  });

  test("a view is saved, picked, replaced, renamed and deleted with the keyboard alone", async () => {
    const views = () => page.getByRole("main").locator(".views-button");
    const open = async () => {
      await page.keyboard.press("v");
      await page.getByRole("menu").waitFor();
    };
    const choose = async (name) => {
      for (let presses = 0; presses < 8; presses += 1) {
        await page.keyboard.press("ArrowDown");
        if ((await page.evaluate(() => document.activeElement?.textContent)) === name) break;
      }
      await page.keyboard.press("Enter");
    };
    await visit("/hosts?q=web&sort=-name&columns=name,state,os");
    await open();
    await page.getByRole("menuitem", { name: "None yet" }).waitFor();
    await choose("Save this view…");
    await page.getByRole("dialog", { name: "Save this view" }).waitFor();
    await page.keyboard.type("Web servers");
    await look("views-save");
    await page.keyboard.press("Enter");
    await page.getByText("“Web servers” is saved").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Web servers" }).waitFor();

    // Another list, and back with the menu; what is not the view any more does not say that it is.
    await visit("/hosts");
    assert.equal(await views().textContent(), "Views");
    await open();
    await look("views-menu");
    await choose("Web servers");
    await page.waitForURL(/q=web/);
    assert.deepEqual([param("q"), param("sort"), param("columns")], ["web", "-name", "name,state,os"]);
    assert.equal(await views().textContent(), "Web servers");
    assert.equal(await table("Hosts").getByRole("columnheader", { name: "Address" }).count(), 0);
    await page.goBack();
    await eventually("the list as before", async () => (await views().textContent()) === "Views");

    // The same name once more replaces what the view holds.
    await visit("/hosts?q=db");
    await open();
    await choose("Save this view…");
    await page.getByRole("dialog", { name: "Save this view" }).waitFor();
    await page.keyboard.type("Web servers");
    await page.getByText("It will hold what the list shows now").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("“Web servers” is replaced").waitFor();
    assert.match((await ask("GET", "/views?page=hosts")).items[0].search, /^q=db/);

    await open();
    await choose("Rename, replace or delete…");
    const dialog = page.getByRole("dialog", { name: "Saved views" });
    await dialog.getByRole("textbox", { name: "Name of “Web servers”" }).fill("Databases");
    await page.keyboard.press("Enter");
    await page.getByText("“Web servers” is now “Databases”").waitFor();
    await dialog.getByRole("textbox", { name: "Name of “Databases”" }).waitFor();
    await look("views-manage");
    await dialog.getByRole("button", { name: "Delete “Databases”" }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByText("No saved views").waitFor();
    assert.deepEqual((await ask("GET", "/views")).items, []);
    await page.getByRole("button", { name: "Undo" }).click();
    await dialog.getByRole("textbox", { name: "Name of “Databases”" }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  test("saved views are there wherever the person signs in, for vulnerabilities too, and say when they cannot be had", async () => {
    const other = await openPage(browser);
    await other.page.goto(signInLink(fleet, EMAIL));
    await other.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await other.page.goto(`${fleet.url}/hosts`);
    await other.page.getByRole("button", { name: "Views" }).click();
    await other.page.getByRole("menuitem", { name: "Databases" }).waitFor();
    await other.context.close();

    await visit("/vulnerabilities?q=severity%3Acritical");
    await page.keyboard.press("v");
    await page.getByRole("menuitem", { name: "None yet" }).waitFor();
    await page.getByRole("menuitem", { name: "Save this view…" }).click();
    await page.getByLabel("Name").fill("Critical");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Critical", exact: true }).waitFor();

    const fail = failing("**/api/v1/views?*");
    await fail.begin();
    await page.reload();
    await page.getByRole("button", { name: "Views" }).click();
    const again = page.getByRole("menuitem", { name: /Could not load them: The server made a mistake.*LUM-API-INTERNAL/ });
    await again.waitFor();
    await fail.end();
    await again.click();
    await page.getByRole("menuitem", { name: "Critical" }).waitFor();
    await page.keyboard.press("Escape");
  });

  /** Lets the browser answer some questions in the server's place, as a server that made a mistake does. */
  function failing(pattern) {
    const problem = {
      type: "https://luumen.ai/problems/LUM-API-INTERNAL",
      title: "The server made a mistake",
      status: 500,
      code: "LUM-API-INTERNAL",
      next_step: "Try again; if it stays, look for the request id in the server's log.",
      request_id: "req-123",
    };
    const answer = (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) });
    return { begin: () => page.route(pattern, answer), end: () => page.unroute(pattern, answer) };
  }

  test("run, host, snapshot, history and differences say why they cannot be had, and try again", async () => {
    const run = (await ask("GET", "/runs?limit=1&q=web-1")).items[0].id;
    const [second, first] = (await ask("GET", `/hosts/${host}/snapshots`)).items.map(({ id }) => id);
    for (const [name, path, pattern, doing, then] of [
      ["run", `/runs/${run}`, "**/api/v1/runs/*", "load the run", table("Hosts of this run")],
      ["host", `/hosts/${host}`, `**/api/v1/hosts/${host}`, "load the host", page.getByRole("tab", { name: "Facts" })],
      ["snapshot", `/hosts/${host}`, "**/api/v1/hosts/*/snapshot", "load the snapshot", page.getByRole("heading", { name: "Operating system" })],
      ["packages", `/hosts/${host}?tab=packages`, "**/api/v1/hosts/*/snapshot", "load the snapshot", table("Packages")],
      ["raw", `/hosts/${host}?tab=raw`, "**/api/v1/hosts/*/snapshot", "load the snapshot", list("Snapshot document")],
      ["past", `/hosts/${host}?snapshot=${first}`, "**/api/v1/hosts/*/snapshots/*", "load the snapshot", page.getByText("As of the visit of")],
      ["history", `/hosts/${host}?tab=history`, "**/api/v1/hosts/*/snapshots?*", "load the history", list("Visits on a time line")],
      ["diff", `/hosts/${host}?tab=history&from=${first}&to=${second}`, "**/api/v1/hosts/*/diff?*", "load the differences", page.getByText(/^From .* to /)],
    ]) {
      const fail = failing(pattern);
      await fail.begin();
      await page.goto(fleet.url + path);
      const alert = page.getByRole("alert").filter({ hasText: `Could not ${doing}` });
      for (const words of ["The server made a mistake", "Try again; if it stays", "LUM-API-INTERNAL", "req-123"]) {
        await alert.getByText(words).first().waitFor();
      }
      assert.equal(await then.count(), 0, `${name} shows something that was not answered`);
      await look(`failed-${name}`);
      // Asked again while it still fails, it still says so.
      await alert.getByRole("button", { name: "Try again" }).press("Enter");
      await settled(page);
      await alert.waitFor();
      await fail.end();
      await alert.getByRole("button", { name: "Try again" }).press("Enter");
      await then.waitFor();
      await alert.waitFor({ state: "detached" });
    }
  });

  test("a server that cannot be reached is told from one that makes mistakes", async () => {
    await context.route("**/api/v1/hosts/*", (route) => route.abort());
    await page.goto(`${fleet.url}/hosts/${host}`);
    const alert = page.getByRole("alert").filter({ hasText: "Could not load the host" });
    await alert.waitFor();
    assert.equal(await alert.getByText("The server made a mistake").count(), 0);
    await context.unroute("**/api/v1/hosts/*");
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("tab", { name: "Facts" }).waitFor();
  });

  test("what is shown says since when nobody answers, and no more once somebody does", async () => {
    await visit("/");
    const banner = page.getByRole("status").filter({ hasText: /since \d\d:\d\d/ });
    const states = page.getByRole("list", { name: "Hosts by state" });
    await states.waitFor();
    assert.equal(await banner.count(), 0);
    // The overview asks by itself, and tries three times.
    await context.route("**/api/v1/**", (route) => route.abort());
    await banner.filter({ hasText: "No answer since" }).filter({ hasText: "What you see is from then" }).waitFor({ timeout: 60_000 });
    await states.waitFor();
    await look("overview-unanswered");
    const again = banner.getByRole("button", { name: "Try again" });
    await again.click();
    await context.unroute("**/api/v1/**");
    await banner.waitFor({ state: "detached", timeout: 60_000 });

    const fail = failing("**/api/v1/overview");
    await fail.begin();
    await banner.filter({ hasText: "Could not be read again since" }).filter({ hasText: "The server made a mistake" }).waitFor({ timeout: 60_000 });
    await fail.end();
    await again.click();
    await banner.waitFor({ state: "detached" });
  });

  test("a visit that comes in moves all of the host's page on, and not its head alone", async () => {
    const other = await context.newPage();
    await other.clock.install();
    await other.goto(`${fleet.url}/hosts/${host}?tab=history`);
    await settled(other);
    const visits = () => other.getByRole("group", { name: "Visits", exact: true }).locator("tbody tr").count();
    const before = await visits();
    fleet.runAgent();
    await other.clock.fastForward(61_000);
    await eventually("the visit in the list", async () => (await visits()) === before + 1);
    await other.close();
  });

  test("vulnerabilities say that they are those of now when the rest of the host's page is of before", async () => {
    const [, first] = (await ask("GET", `/hosts/${host}/snapshots`)).items.map(({ id }) => id);
    await visit(`/hosts/${host}?tab=vulnerabilities&snapshot=${first}`);
    const said = page.getByText("These are the vulnerabilities of now");
    await said.waitFor();
    await look("host-vulnerabilities-past");
    await page.getByRole("button", { name: "Leave the past" }).click();
    await said.waitFor({ state: "detached" });
    assert.equal(param("snapshot"), null);
  });

  const named = async (q) => (await ask("GET", `/hosts?q=${q}`)).items.map(({ name }) => name).toSorted();
  const addNamed = (names) => Promise.all(names.map((name) => ask("POST", "/hosts", { name, address: "192.0.2.1", tags: ["bulk"], enabled: false })));

  /** Selects one row of the filter, and then all that match. */
  async function selectAll(count) {
    await visit("/hosts?q=tag:bulk");
    await rows("Hosts").first().getByRole("checkbox").check();
    await page.getByRole("button", { name: `Select all ${count} that match` }).click();
    await page.getByRole("region", { name: "Selected hosts" }).getByText(`${count} hosts selected`).waitFor();
  }

  test("all that match are deleted as they were counted: what comes to match later stays", async () => {
    await addNamed(["bulk-1", "bulk-2", "bulk-3"]);
    await selectAll(3);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Delete 3 hosts?" });
    await dialog.waitFor();
    await addNamed(["bulk-4"]);
    await dialog.getByRole("button", { name: "Delete 3 hosts" }).click();
    await page.getByText("Deleted: 3 hosts").waitFor();
    assert.deepEqual(await named("tag:bulk"), ["bulk-4"]);
  });

  test("what could not be done with some hosts names them, and leaves them selected", async () => {
    const [refused] = await addNamed(["bulk-5", "bulk-6"]);
    await selectAll(3);
    const fail = failing(`**/api/v1/hosts/${refused.summary.id}`);
    await fail.begin();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete 3 hosts" }).click();
    await page.getByText("Could not delete bulk-5").waitFor();
    const bar = page.getByRole("region", { name: "Selected hosts" });
    await bar.getByText("1 host selected").waitFor();
    await fail.end();
    await look("hosts-left");
    await bar.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete 1 host" }).click();
    await bar.waitFor({ state: "detached" });
    assert.deepEqual(await named("tag:bulk"), []);
  });

  test("a host that nobody has visited for two intervals is stale, an agent that is not heard is silent, and its run is lost", async () => {
    await asAgent("PUT", `/agent/runs/${randomUUID()}`, { agent: "patch-2", started_at: new Date().toISOString(), host_count: 2 });
    await ask("PATCH", "/workspace", { interval_s: 60, polling_s: 5, silence_grace_s: 0 });
    await eventually("both hosts to be stale", async () => (await ask("GET", "/hosts?q=state:stale")).total === 2, STALE_MS);
    await eventually("both agents to be silent", async () => (await ask("GET", "/agents?state=silent")).items.length === 2, 30_000);

    await visit("/");
    const states = page.getByRole("list", { name: "Hosts by state" });
    await states.getByRole("link", { name: /2\s*Stale/i }).waitFor();
    await page.getByRole("link", { name: /2 agents silent/ }).waitFor();
    await page.getByRole("link", { name: /runs? lost/ }).waitFor();
    assert.equal(await list("Agents").getByText("Silent", { exact: true }).count(), 2);
    assert.equal(await page.getByText("Nothing waits for you").count(), 0);
    await look("overview-silent");

    await page.getByRole("link", { name: /2 hosts stale/ }).click();
    await heading("Hosts").waitFor();
    await page.getByText("2 hosts match the filter").waitFor();
    assert.equal(param("q"), "state:stale");
    assert.equal(await rows("Hosts").filter({ hasText: "Stale" }).count(), 2);
    await look("hosts-stale");
    await visit(`/hosts/${host}`);
    await page.getByRole("main").getByText("Stale", { exact: true }).first().waitFor();
    await page.getByText("What is shown may be out of date").waitFor();
    await page.getByText("Two intervals went by without a snapshot").waitFor();
    await page.getByRole("heading", { level: 2, name: "Operating system" }).waitFor();
    await look("host-stale");

    await visit("/");
    await page.getByRole("link", { name: /2 agents silent/ }).click();
    await heading("Agents and runs").waitFor();
    await settled(page);
    assert.equal(param("agents"), "silent");
    await page.getByText("2 agents of 2 went silent: their hosts turn stale, production is untouched").waitFor();
    assert.equal(await lines("Agents").filter({ hasText: /Silent since/ }).count(), 2);
    await page.getByRole("radiogroup", { name: "Which agents" }).getByText("OK").click();
    await page.getByRole("heading", { name: "No agent matches “OK”" }).waitFor();
    await visit("/agents?agents=silent&runs=lost&q=patch-2");
    assert.equal(await lines("Runs").count(), await lines("Runs").filter({ hasText: "Lost" }).count());
    await look("agents-silent");

    // One that is heard again is not silent any more, and the other still is.
    await asAgent("POST", "/agent/heartbeat", { agent: "patch-2", hostname: "patch-2.example", version: "0.1.0", tier: "none" });
    await visit("/agents?agents=ok");
    await lines("Agents").filter({ hasText: "patch-2" }).filter({ hasText: "OK" }).waitFor();
    await page.getByText("1 agent of 2 went silent").waitFor();

    // One that is retired is taken from the list, and is silent no more.
    const heard = () => asAgent("POST", "/agent/heartbeat", { agent: "patch-2", hostname: "patch-2.example", version: "0.1.0", tier: "none" });
    const [{ name: retired }] = (await ask("GET", "/agents?state=silent")).items;
    await heard();
    await visit("/agents");
    const button = (name) => page.getByRole("button", { name: `Remove ${name}` });
    await button(retired).waitFor();
    assert.equal(await button("patch-2").count(), 0);
    await button(retired).click();
    await look("agents-remove");
    await heard();
    await page.getByRole("dialog", { name: `Remove ${retired}?` }).getByRole("button", { name: `Remove ${retired}` }).click();
    await page.getByText("The agent was heard in time").waitFor();
    assert.equal(await lines("Agents").filter({ hasText: retired }).count(), 0);
    await lines("Runs").filter({ hasText: retired }).first().waitFor();
  });

  test("no page made a mistake on the way", () => {
    assert.deepEqual(mistakes, []);
  });
});
