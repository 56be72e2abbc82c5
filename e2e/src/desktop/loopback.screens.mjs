// The same screens in a browser, over the loopback server: that this door opens to whoever has the token, and to no one else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, openPage } from "../browser.mjs";
import { account } from "../hosts.mjs";
import { newPerson } from "./person.mjs";

describe("the screens over the loopback server", { timeout: 900_000 }, () => {
  let person, host, server, browser;

  before(async () => {
    person = newPerson();
    host = await person.host("web-1");
    server = await person.workbench();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await person?.dispose();
  });

  const ask = (page, name, args = {}) =>
    page.evaluate(
      async ({ name, args, token }) => {
        const response = await fetch(`/call/${name}`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(args) });
        return response.json();
      },
      { name, args, token: server.token },
    );

  test("without the token the page says where it belongs", async () => {
    const { page, context } = await openPage(browser);
    await page.goto(server.url.split("#")[0]);
    await page.getByText("Start the desktop app").waitFor();
    await context.close();
  });

  test("a shell on a real host echoes what is typed, and nothing breaks the rules of content", async () => {
    const { page, context, mistakes } = await openPage(browser);
    await page.goto(server.url);
    await ask(page, "preferences_set", { preferences: { first_run_done: true } });
    await page.reload();
    await page.locator("#page").waitFor();
    await page.keyboard.press("Control+k");
    await page.locator(".palette-input input").fill(`${account}@127.0.0.1:${host.port}`);
    await page.getByRole("option", { name: /Connect to/ }).click();
    await page.waitForFunction(() => /[$#]\s*$/.test(window.__luumen?.text().trimEnd() ?? ""), undefined, { timeout: 30_000 });
    await page.keyboard.type("echo E2E-$((40+2))-OK\n");
    await page.waitForFunction(() => window.__luumen.text().includes("E2E-42-OK"));
    assert.deepEqual(mistakes, []);
    await context.close();
  });

  test("a page that is loaded anew finds the session still open, with a shell on it", async () => {
    const { page, context } = await openPage(browser);
    await page.goto(server.url);
    await page.locator(".tab-name").waitFor();
    await page.waitForFunction(() => /[$#]\s*$/.test(window.__luumen?.text().trimEnd() ?? ""), undefined, { timeout: 30_000 });
    const sessions = await ask(page, "sessions_list");
    assert.deepEqual(sessions.map(({ state }) => state), ["open"]);
    await context.close();
  });
});
