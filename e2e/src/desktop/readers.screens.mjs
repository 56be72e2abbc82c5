// Terminals for those who listen and for those who draw with the graphics card: chosen in the settings, and in force at once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

describe("how a terminal is read", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
    await types(page, "exec bash --norc");
  });
  after(() => screens?.dispose());

  async function setting(work) {
    await goTo(page, "Settings");
    await page.getByRole("tab", { name: "Terminal" }).click();
    await work();
    await goTo(page, "Sessions");
    await page.locator(".xterm-helper-textarea").first().focus();
  }
  const renderer = () => page.evaluate(() => window.__luumen.renderer());

  test("with the screen reader's mode on, what a host writes is text that is read out", async () => {
    await setting(() => page.getByLabel("Screen reader").check());
    await types(page, "echo read-me-$((40 + 2))");
    await page.locator(".xterm-accessibility-tree").getByText("read-me-42").first().waitFor();
    await eventually("what is said", async () => (await page.locator(".xterm-accessibility .live-region").textContent()).includes("read-me-42"));
    await clean(page, "screen-reader");
    await setting(() => page.getByLabel("Screen reader").uncheck());
    await page.locator(".xterm-accessibility-tree").waitFor({ state: "detached" });
  });

  test("the graphics card draws where there is one, and where there is none the page goes on and it is said", async () => {
    const card = await page.evaluate(() => document.createElement("canvas").getContext("webgl2") !== null);
    await setting(() => page.getByRole("radiogroup", { name: /Drawn by/ }).getByText("Graphics card").click());
    assert.equal(await renderer(), card ? "webgl" : "dom");
    if (!card) await page.getByText("Could not draw with the graphics card").first().waitFor();
    await types(page, "echo drawn-$((40 + 2))");
    await shows(page, /^drawn-42$/m);
    await clean(page, "graphics-card");
    // A split has a terminal of its own, drawn the same way.
    await page.keyboard.press("Control+Shift+D");
    await eventually("a second pane", () => page.evaluate(() => window.__luumen.panes().length === 2));
    assert.equal(await renderer(), card ? "webgl" : "dom");
    await setting(() => page.getByRole("radiogroup", { name: /Drawn by/ }).getByText("The page").click());
    assert.equal(await renderer(), "dom");
    await types(page, "echo again-$((40 + 2))");
    await shows(page, /^again-42$/m);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
