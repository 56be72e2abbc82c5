// One person, two workspaces, several windows of one browser: what a window shows is what it acts on.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { faults, openBrowser, openPage, picture, setTheme, settled, signUp, THEMES } from "./browser.mjs";
import { run } from "./child.mjs";
import { setupLink, startFleet } from "./fleet.mjs";
import { built } from "./places.mjs";

const EMAIL = "ada@example.net";

let fleet, browser, context, page, mistakes;

const shows = (window, name) => window.getByRole("button", { name: `Workspace ${name}`, exact: true }).waitFor();
const notice = (window, name) => window.getByRole("status").filter({ hasText: `This window shows ${name} now` });

async function another(path, script) {
  const window = await context.newPage();
  if (script) await window.addInitScript(script);
  window.on("pageerror", (error) => mistakes.push(error.message));
  await window.goto(fleet.url + path);
  await settled(window);
  return window;
}

async function change(window, from, to) {
  await window.getByRole("button", { name: `Workspace ${from}`, exact: true }).click();
  await window.getByRole("menuitem", { name: to }).click();
  await shows(window, to);
}

/** Names of the hosts of the workspace that the session is in. */
async function hosts() {
  const list = await (await context.request.get(`${fleet.url}/api/v1/hosts`)).json();
  return list.items.map(({ name }) => name);
}

describe("workspaces and windows", { timeout: 180_000 }, () => {
  before(async () => {
    fleet = await startFleet([]);
    browser = await openBrowser();
    ({ page, context, mistakes } = await openPage(browser));
    await page.goto(await setupLink(fleet));
    await signUp(page, EMAIL);
    run(built("luumen-server"), ["admin", "create", "--database", fleet.database, "--email", EMAIL, "--name", "Ada", "--workspace", "Staging"]);
    const added = await context.request.post(`${fleet.url}/api/v1/hosts`, {
      data: { name: "only-in-production", address: "127.0.0.1", port: 22 },
      headers: { origin: fleet.url },
    });
    assert.equal(added.status(), 201, await added.text());
  });

  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  test("a switch begins anew with the other workspace's name and hosts, and back", async () => {
    await page.goto(`${fleet.url}/hosts`);
    await page.getByText("only-in-production").waitFor();
    await change(page, "Production", "Staging");
    assert.equal(new URL(page.url()).pathname, "/");
    await settled(page);
    await page.getByRole("link", { name: "Hosts", exact: true }).first().click();
    await page.getByRole("heading", { name: "No hosts yet" }).waitFor();
    assert.equal(await notice(page, "Staging").count(), 0);
    await change(page, "Staging", "Production");
  });

  test("another window follows at once, and says why", async () => {
    const other = await another("/hosts");
    await other.getByText("only-in-production").waitFor();
    await change(page, "Production", "Staging");
    await notice(other, "Staging").waitFor();
    await shows(other, "Staging");
    for (const theme of THEMES) {
      await setTheme(other, theme);
      assert.deepEqual(await faults(other), []);
      await picture(other, `switched-elsewhere-${theme}`);
    }
    await other.getByRole("button", { name: "Understood" }).click();
    await other.reload();
    await shows(other, "Staging");
    assert.equal(await notice(other, "Staging").count(), 0);
    await other.close();
    await change(page, "Staging", "Production");
  });

  test("a window that heard nothing of it changes nothing in the other workspace", async () => {
    const deaf = await another("/hosts", () => {
      window.BroadcastChannel = class extends EventTarget {
        postMessage() {}
      };
    });
    await deaf.getByRole("main").getByRole("button", { name: "Add host" }).click();
    const form = deaf.getByRole("dialog");
    await form.getByLabel("Name", { exact: false }).first().fill("meant-for-production");
    await form.getByLabel("Address").fill("127.0.0.1");
    await change(page, "Production", "Staging");
    assert.equal(await deaf.getByRole("button", { name: "Workspace Production", includeHidden: true }).count(), 1);
    await form.getByRole("button", { name: "Add host" }).click();
    await notice(deaf, "Staging").waitFor();
    await shows(deaf, "Staging");
    assert.deepEqual(await hosts(), []);
    await change(page, "Staging", "Production");
    assert.deepEqual(await hosts(), ["only-in-production"]);
    // Signing out is about the session, wherever it is.
    await deaf.getByRole("button", { name: "Ada Lovelace, account" }).click();
    await deaf.getByRole("menuitem", { name: "Sign out" }).click();
    await deaf.getByRole("heading", { name: "Sign in" }).waitFor();
    await deaf.close();
    assert.deepEqual(mistakes, []);
  });
});
