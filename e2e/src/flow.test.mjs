// A person's way through the web app, from the first link to signing out, on a real server, agent and hosts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { colourFaults, faults, openBrowser, openPage, picture, setTheme, settled, THEMES } from "./browser.mjs";
import { setupLink, signInLink, startFleet } from "./fleet.mjs";
import { apart } from "./hosts.mjs";

const PASSWORD = "correct horse battery";
const EMAIL = "ada@example.net";

let fleet, browser, page, context, mistakes;

/** Goes to an address of the app and waits until it has loaded. */
async function visit(path) {
  await page.goto(fleet.url + path);
  await settled(page);
}

const heading = (name) => page.getByRole("heading", { level: 1, name });
const table = (name) => page.getByRole("grid", { name });
const rows = (name) => table(name).getByRole("row").filter({ has: page.getByRole("gridcell") });
const param = (name) => new URL(page.url()).searchParams.get(name);

describe("the web app", { timeout: 2700_000 }, () => {
  before(async () => {
    fleet = await startFleet([
      { name: "web-1", release: "bookworm" },
      { name: "web-2", release: "bookworm" },
      { name: "db-1", release: "trixie" },
      { name: "cache-1", release: "noble" },
    ]);
    browser = await openBrowser();
    ({ page, context, mistakes } = await openPage(browser));
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  test("the link that the server printed makes the first account", async () => {
    await page.goto(`${fleet.url}/hosts`);
    await page.getByRole("heading", { name: "This server is new" }).waitFor();
    await page.goto(await setupLink(fleet));
    await page.getByLabel("Your name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByLabel("Workspace").fill("Production");
    await page.getByRole("button", { name: "Set up" }).click();
    await heading("Overview").waitFor();
    await page.getByText("Make an API key for the agent").waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
  });

  test("every list says what to do while it is empty", async () => {
    for (const [path, words] of [
      ["/", "First steps"],
      ["/hosts", "No hosts yet"],
      ["/packages", "No packages yet"],
      ["/agents", "Start the agent"],
      ["/agents", "No runs yet"],
      ["/settings?tab=keys", "No API keys yet"],
    ]) {
      await visit(path);
      await page.getByRole("heading", { name: words }).waitFor();
    }
    for (const theme of THEMES) {
      await setTheme(page, theme);
      await visit("/");
      assert.deepEqual(await faults(page), []);
      await picture(page, `empty-overview-${theme}`);
    }
  });

  test("an API key is shown once", async () => {
    await visit("/settings?tab=keys");
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByLabel("Name").fill("patch-1");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const secret = await page.getByRole("group", { name: "the API key" }).textContent();
    assert.match(secret, /^lum_\w+/);
    await page.getByRole("group", { name: "config.yaml" }).getByText(secret).waitFor();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("group", { name: "API keys" }).getByText("patch-1").waitFor();
    assert.equal(await page.getByText(secret).count(), 0);
    fleet.configureAgent(secret);
  });

  test("a host is added, and a wrong field is named at the field", async () => {
    const [host] = fleet.hosts;
    await visit("/hosts");
    await page.getByRole("main").getByRole("button", { name: "Add host" }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Name", { exact: false }).first().fill(host.name);
    await form.getByLabel("Address").fill("not an address!");
    await form.getByLabel("Port").fill(String(host.port));
    await form.getByLabel("Credential").fill("fleet");
    await form.getByRole("button", { name: "Add host" }).click();
    await form.getByRole("alert").getByText("LUM-API-INVALID").waitFor();
    assert.equal(await form.getByLabel("Address").getAttribute("aria-invalid"), "true");
    await form.getByLabel("Address").fill("127.0.0.1");
    await form.getByRole("button", { name: "Add host" }).click();
    await form.waitFor({ state: "detached" });
    await table("Hosts").getByText(host.name).waitFor();
    await table("Hosts").getByText("Never seen").waitFor();
  });

  test("hosts come from CSV, previewed row by row", async () => {
    const lines = fleet.hosts
      .slice(1)
      .map(({ name, port }) => `${name},127.0.0.1,${port},fleet,${name.split("-")[0]};production`);
    const csv = ["name,address,port,credential,tags", ...lines, "gone-1,127.0.0.1,1,fleet,lab", "bad-1,,22,fleet,"].join("\n");
    await visit("/hosts?panel=import");
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("Hosts as CSV").fill(csv);
    await drawer.getByRole("button", { name: "Preview" }).click();
    await drawer.getByText("Nothing has changed yet").waitFor();
    await drawer.getByText("Cannot be taken", { exact: true }).waitFor();
    assert.equal(await drawer.getByText("Will be added", { exact: true }).count(), 4);
    await drawer.getByRole("button", { name: "Import 4 hosts" }).click();
    await drawer.getByText("Done.").waitFor();
    await drawer.getByRole("button", { name: "Close" }).last().click();
    await page.getByText("5 hosts in this workspace").waitFor();
  });

  test("the agent visits, and the hosts appear", async () => {
    fleet.runAgent();
    await visit("/hosts");
    await table("Hosts").waitFor();
    assert.equal(await rows("Hosts").count(), 5);
    for (const { name } of fleet.hosts) {
      await rows("Hosts").filter({ hasText: name }).filter({ hasText: /OK|Partial/ }).waitFor();
    }
    await rows("Hosts").filter({ hasText: "gone-1" }).filter({ hasText: "Never seen" }).waitFor();
    await visit("/");
    await page.getByRole("list", { name: "Hosts by state" }).waitFor();
    await page.getByRole("link", { name: /1 host never seen/ }).click();
    await heading("Hosts").waitFor();
    assert.equal(param("q"), "state:never_seen");
  });

  test("each number of the overview leads to exactly its rows", async () => {
    await visit("/");
    const gaps = page.getByRole("group", { name: "Coverage gaps" });
    await gaps.waitFor();
    const showAll = page.getByRole("button", { name: /^Show all/ });
    if (await showAll.count()) await showAll.first().click();
    const links = await gaps.getByRole("link").evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute("href")]));
    assert.ok(links.length > 0, "without root, some section is always denied");
    await page.getByRole("radiogroup", { name: "Age of what we know: plot or table" }).getByText("Table").click();
    const ages = await page
      .getByRole("group", { name: "Age of what we know" })
      .locator("tbody tr")
      .evaluateAll((all) => all.map((row) => [row.lastElementChild.textContent, row.querySelector("a").getAttribute("href")]));
    assert.deepEqual(
      ages.map(([count]) => count),
      ["4", "0", "0", "0", "0", "0", "1"],
    );
    const added = page.getByRole("link", { name: /new today$/ });
    const more = [[await added.textContent(), await added.getAttribute("href")]];
    for (const [words, href] of [...links, ...ages, ...more]) {
      await visit(href);
      const count = Number.parseInt(words, 10);
      await page.getByText(new RegExp(count === 1 ? "^1 host matches" : count ? `^${count} hosts match` : "^No hosts? match")).first().waitFor();
      assert.equal(await rows("Hosts").count(), count, href);
    }
  });

  test("a host that could not be read whole is never nothing to look at", async () => {
    await visit("/");
    await page.getByRole("link", { name: /sections? (denied|not read whole)/ }).first().waitFor();
    assert.equal(await page.getByText("Nothing waits for you").count(), 0);
    await page.getByRole("link", { name: /sections? (denied|not read whole)/ }).first().click();
    await heading("Hosts").waitFor();
    assert.match(param("q"), /^unseen:any=/);
    await rows("Hosts").first().waitFor();
  });

  test("the filter suggests, and the address holds the whole view", async () => {
    await visit("/hosts");
    const filter = page.getByRole("textbox", { name: "Filter hosts" });
    await filter.fill("tag:we");
    await page.getByRole("option", { name: /tag:web/ }).click();
    await page.getByText("1 host matches the filter").waitFor();
    assert.equal(param("q"), "tag:web");
    await filter.fill("os.version");
    await page.getByRole("option", { name: /os\.version_id=/ }).waitFor();
    await filter.fill("pkg:bash");
    await page.getByText("4 hosts match the filter").waitFor();
    await page.goBack();
    await page.getByText("1 host matches the filter").waitFor();
    await page.reload();
    await page.getByText("1 host matches the filter").waitFor();
    assert.equal(await filter.inputValue(), "tag:web");
    await filter.fill("nothing-like-this");
    await page.getByRole("heading", { name: "No host matches the filter" }).waitFor();
    await page.getByRole("button", { name: "Clear the filter" }).last().click();
    await page.getByText("5 hosts in this workspace").waitFor();
  });

  test("facets, sorting, columns and CSV follow the filter", async () => {
    await visit("/hosts");
    await page.getByRole("complementary", { name: "Narrow the list" }).getByRole("button", { name: /^production/ }).click();
    await page.getByText("3 hosts match the filter").waitFor();
    await page.getByRole("button", { name: "Name" }).click();
    await page.waitForURL(/sort=-name/);
    await rows("Hosts").first().getByText("web-2").waitFor();
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "Kernel" }).check();
    await page.keyboard.press("Escape");
    await table("Hosts").getByRole("columnheader", { name: "Kernel" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
    const lines = readFileSync(await download.path(), "utf8").trim().split(/\r?\n/);
    assert.equal(lines.length, 4);
    assert.match(lines[1], /web-2/);
    await visit("/hosts");
    await table("Hosts").getByRole("columnheader", { name: "Kernel" }).waitFor();
  });

  test("the keyboard alone reaches everything", async () => {
    await visit("/");
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await heading("Hosts").waitFor();
    await settled(page);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Filter hosts");
    await page.keyboard.type("web-2");
    await page.keyboard.press("Enter");
    await page.getByText("1 host matches the filter").waitFor();
    for (let presses = 0; presses < 60; presses += 1) {
      if (await page.evaluate(() => document.activeElement?.getAttribute("role") === "grid")) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    await page.getByText("1 host selected").waitFor();
    await page.keyboard.press("x");
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "Facts" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("textbox", { name: "Search hosts, packages, pages and actions" }).waitFor();
    await page.keyboard.type("db-1");
    await page.getByRole("option", { name: /db-1/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /db-1/ }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("Search and command palette").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("a host tells its facts, and what it could not tell", async () => {
    await visit("/hosts?q=web-1");
    await rows("Hosts").first().click();
    await settled(page);
    await page.getByRole("heading", { level: 2, name: "Operating system" }).waitFor();
    await page.getByRole("heading", { level: 2, name: "Vitals" }).waitFor();
    if (apart) {
      await page.getByText("Debian GNU/Linux 12 (bookworm)").first().waitFor();
      await page.getByText(/Not (collected|the whole truth)/).first().waitFor();
      await page.getByRole("group", { name: /sudoers line/ }).first().waitFor();
    }
    await page.getByRole("textbox", { name: "Search the facts" }).fill("permitrootlogin");
    await page.getByRole("heading", { level: 2, name: "Operating system" }).waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "Raw" }).click();
    await page.getByRole("group", { name: "Snapshot document" }).getByText("luumen.snapshot/1").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
    assert.equal(JSON.parse(readFileSync(await download.path(), "utf8")).snapshot.schema, "luumen.snapshot/1");
  });

  test("its packages are all there and can be searched", async () => {
    await page.getByRole("tab", { name: /Packages/ }).click();
    await table("Packages").waitFor();
    const shown = Number(await table("Packages").getAttribute("aria-rowcount")) - 1;
    assert.ok(shown > 50, `${shown} packages`);
    await page.getByRole("textbox", { name: "Search packages" }).fill("bash");
    await page.getByText(/packages? of [\d,]+/).waitFor();
    await table("Packages").getByText("bash", { exact: true }).first().waitFor();
    assert.equal(param("q"), "bash");
  });

  test("two visits are compared", async () => {
    const [host] = fleet.hosts;
    host.upgrade("bash", "99.0-1");
    host.remove("login");
    fleet.runAgent();
    await visit("/hosts?q=web-1");
    await rows("Hosts").first().click();
    await page.getByRole("tab", { name: "History" }).click();
    await settled(page);
    const dots = page.getByRole("group", { name: "Visits on a time line" }).getByRole("button");
    assert.equal(await dots.count(), 2);
    await page.getByRole("checkbox").first().check();
    await page.getByRole("checkbox").nth(1).check();
    await page.getByRole("heading", { name: "What changed" }).waitFor();
    await settled(page);
    if (apart) {
      await page.getByRole("heading", { name: /Packages updated 1/ }).waitFor();
      await page.getByText("99.0-1").waitFor();
      await page.getByRole("heading", { name: /Packages removed/ }).waitFor();
      await page.getByText("Nothing can be said about some sections").waitFor();
    }
    for (const theme of THEMES) {
      await setTheme(page, theme);
      assert.deepEqual(await faults(page), []);
    }
    await page.getByRole("button", { name: "Show as of then" }).last().click();
    await page.getByText("You are looking at the past").waitFor();
    await page.getByRole("button", { name: "Show the newest" }).click();
    await page.getByText("You are looking at the past").waitFor({ state: "detached" });
  });

  test("the fleet is asked which hosts have a package", async () => {
    await visit("/packages");
    await table("Package names").waitFor();
    await page.getByRole("textbox", { name: "Package name", exact: true }).fill("bash");
    await page.getByRole("textbox", { name: "Comparison" }).click();
    await page.getByRole("option", { name: "<", exact: true }).click();
    await page.getByLabel("Version").fill("90");
    await page.getByRole("button", { name: "Find hosts" }).click();
    await page.getByText(apart ? "3 installations of" : "4 installations of").waitFor();
    await page.getByText("nothing can be said about 1 host").waitFor();
    assert.equal(param("op"), "lt");
    await visit("/packages?name=no-such-package");
    await page.getByRole("heading", { name: "No host has no-such-package" }).waitFor();
  });

  test("a run says how each visit ended, why, and what to do", async () => {
    await visit("/agents");
    await page.getByRole("group", { name: "Agents" }).getByText("OK").waitFor();
    await page.getByRole("group", { name: "Runs" }).getByRole("link").first().click();
    await settled(page);
    const failed = rows("Hosts of this run").filter({ hasText: "gone-1" });
    await failed.getByText("Failed").waitFor();
    await failed.getByText(/LUM-/).first().waitFor();
    await page.getByRole("textbox", { name: "Search the hosts of this run" }).fill("web-");
    await page.waitForURL(/q=web-/);
    assert.equal(await rows("Hosts of this run").count(), 2);
  });

  test("many hosts are changed at once, and deleting asks first", async () => {
    await visit("/hosts?q=gone-1");
    await page.getByRole("checkbox", { name: "Select gone-1" }).check();
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    await page.getByRole("textbox", { name: "Tags to add" }).fill("old");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("Tagged: 1 host").waitFor();
    await rows("Hosts").first().getByTitle(/\bold\b/).waitFor();
    await page.getByRole("checkbox", { name: "Select gone-1" }).check();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await rows("Hosts").first().getByText("Disabled").waitFor();
    await page.getByRole("checkbox", { name: "Select gone-1" }).check();
    await page.getByRole("region", { name: "Selected hosts" }).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Selected hosts" }).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete 1 host" }).click();
    await page.getByRole("heading", { name: "No host matches the filter" }).waitFor();
  });

  test("settings are saved, keys rotated and revoked, the password changed", async () => {
    await visit("/settings");
    await page.getByLabel("Visit every host").fill("soon");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Write a span such as").waitFor();
    await page.getByLabel("Visit every host").fill("30 min");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Settings saved").waitFor();
    await page.reload();
    await settled(page);
    assert.equal(await page.getByLabel("Visit every host").inputValue(), "30 min");

    await page.getByRole("tab", { name: "API keys" }).click();
    await page.getByRole("button", { name: "Rotate patch-1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate", exact: true }).click();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByText("the key before:").waitFor();
    await page.getByRole("button", { name: "Revoke patch-1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke the key" }).click();
    await page.getByRole("group", { name: "API keys" }).getByText("Revoked").waitFor();

    await page.getByRole("tab", { name: "Account and look" }).click();
    await page.getByText("Comfortable").click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.density), "comfortable");
    await page.getByText("Compact").click();
    await page.getByLabel("Current password").fill("wrong wrong wrong");
    await page.getByLabel("New password").fill(`${PASSWORD} 2`);
    await page.getByRole("button", { name: "Change the password" }).click();
    // That the settings were saved may still be said beside it.
    await page.getByRole("alert").filter({ hasText: "is not your password" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/settings");
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("The password is changed").waitFor();
  });

  test("every list says why it could not be loaded, and tries again", async () => {
    const problem = {
      type: "https://luumen.ai/problems/LUM-API-INTERNAL",
      title: "The server made a mistake",
      status: 500,
      code: "LUM-API-INTERNAL",
      next_step: "Try again.",
      request_id: "req-123",
    };
    for (const [path, pattern, doing] of [
      ["/", "**/api/v1/overview", "load the overview"],
      ["/hosts", "**/api/v1/hosts?*", "load the hosts"],
      ["/packages", "**/api/v1/packages?*", "load the packages"],
      ["/packages?name=bash", "**/api/v1/packages/hosts?*", "find hosts with bash"],
      ["/agents", "**/api/v1/agents", "load the agents"],
      ["/agents", "**/api/v1/runs?*", "load the runs"],
      ["/settings", "**/api/v1/workspace", "load the settings"],
      ["/settings?tab=keys", "**/api/v1/api-keys", "load the API keys"],
    ]) {
      const fail = (route) =>
        route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) });
      await page.route(pattern, fail);
      await page.goto(fleet.url + path);
      const alert = page.getByRole("alert").filter({ hasText: `Could not ${doing}` });
      await alert.getByText("LUM-API-INTERNAL").waitFor();
      await alert.getByText("req-123").waitFor();
      await page.unroute(pattern, fail);
      await alert.getByRole("button", { name: "Try again" }).click();
      await alert.waitFor({ state: "detached" });
    }
  });

  test("what takes longer says what it is doing", async () => {
    for (const [path, pattern, words] of [
      ["/", "**/api/v1/overview", "Loading the overview"],
      ["/hosts", "**/api/v1/hosts?*", "Loading hosts"],
      ["/packages", "**/api/v1/packages?*", "Loading packages"],
      ["/agents", "**/api/v1/runs?*", "Loading the runs"],
    ]) {
      const slow = async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1200));
        await route.continue().catch(() => undefined);
      };
      await page.route(pattern, slow);
      await page.goto(fleet.url + path);
      await page.getByText(words).waitFor();
      await page.unroute(pattern, slow);
      await settled(page);
    }
  });

  test("axe finds nothing on any page, in both themes", async () => {
    await visit("/hosts?q=web-1");
    await rows("Hosts").first().click();
    await page.waitForURL(/hosts\/\w/);
    const host = new URL(page.url()).pathname;
    await visit("/agents");
    const run = await page.getByRole("group", { name: "Runs" }).getByRole("link").first().getAttribute("href");
    const found = [];
    for (const path of [
      "/",
      "/hosts",
      "/hosts?panel=add",
      "/hosts?panel=import",
      host,
      `${host}?tab=packages`,
      `${host}?tab=history`,
      `${host}?tab=raw`,
      "/packages",
      "/packages?name=bash&op=lt&version=99",
      "/agents",
      run,
      "/settings",
      "/settings?tab=keys",
      "/settings?tab=account",
      "/settings?tab=about",
      "/no-such-page",
    ]) {
      await setTheme(page, "light");
      await visit(path);
      found.push(...(await faults(page)).map((fault) => `light ${path}: ${fault}`));
      await setTheme(page, "dark");
      await page.waitForTimeout(250);
      found.push(...(await colourFaults(page)).map((fault) => `dark ${path}: ${fault}`));
    }
    assert.deepEqual(found, []);
  });

  test("the overview fits 320 pixels, and pages survive 200 % zoom", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await visit("/");
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok((await overflow()) <= 0, `${await overflow()} pixels too wide`);
    await picture(page, "overview-320");
    await page.setViewportSize({ width: 640, height: 400 });
    for (const path of ["/", "/hosts", "/packages", "/agents", "/settings"]) {
      await visit(path);
      assert.ok((await overflow()) <= 0, `${path} is ${await overflow()} pixels too wide`);
      await picture(page, `zoom-200-${path.slice(1) || "overview"}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("pictures in both themes and two sizes", async () => {
    await visit("/hosts?q=web-1");
    await rows("Hosts").first().click();
    await page.waitForURL(/hosts\/\w/);
    const host = new URL(page.url()).pathname;
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ]) {
      await page.setViewportSize({ width, height });
      for (const [name, path] of [
        ["overview", "/"],
        ["hosts", "/hosts"],
        ["host", host],
        ["host-packages", `${host}?tab=packages`],
        ["history", `${host}?tab=history`],
        ["packages", "/packages"],
        ["agents", "/agents"],
        ["settings", "/settings"],
      ]) {
        await visit(path);
        for (const theme of THEMES) {
          await setTheme(page, theme);
          await page.waitForTimeout(250);
          await picture(page, `${name}-${theme}-${width}`);
        }
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("a session that ended leads to the door and back", async () => {
    await visit("/packages?q=ba");
    await context.clearCookies();
    await page.getByRole("textbox", { name: "Search package names" }).fill("bas");
    await page.getByText("Your session has ended").waitFor();
    for (const theme of THEMES) {
      await setTheme(page, theme);
      assert.deepEqual(await faults(page), []);
    }
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByRole("textbox", { name: "Password" }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("LUM-API-SIGN-IN-FAILED").waitFor();
    await page.getByRole("textbox", { name: "Password" }).fill(`${PASSWORD} 2`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await heading("Packages").waitFor();
    assert.match(page.url(), /packages\?q=ba/);
  });

  test("signing out closes the door, and a one-time link opens it once", async () => {
    await page.getByRole("button", { name: /Ada Lovelace/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(`${fleet.url}/hosts`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const link = signInLink(fleet, EMAIL);
    await page.goto(link);
    await heading("Overview").waitFor();
    await context.clearCookies();
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("alert").getByText("LUM-API-LINK-INVALID").waitFor();
  });

  test("no page made a mistake on the way", () => {
    assert.deepEqual(mistakes, []);
  });
});
