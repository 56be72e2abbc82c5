// Links in a terminal, and the tabs: their names, their order, the pinned ones, and the order in which they were used.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, keepHost, openScreens, shows, types } from "./screen.mjs";

describe("links and tabs", { timeout: 900_000 }, () => {
  let screens, page, site, visited;

  before(async () => {
    visited = [];
    site = createServer((request, response) => {
      if (request.url !== "/favicon.ico") visited.push(request.url);
      response.setHeader("content-type", "text/plain").end("here");
    });
    site.listen(0, "127.0.0.1");
    await once(site, "listening");
    screens = await openScreens({ hosts: ["web-1", "web-2", "web-3"].map((name) => ({ name })) });
    ({ page } = screens);
    for (const [name, { port }] of Object.entries(screens.hosts)) await keepHost(screens, name, port, account);
    await screens.open();
    for (const name of ["web-1", "web-2", "web-3"]) await connect(page, name);
  });
  after(async () => {
    await screens?.dispose();
    site?.close();
  });

  const address = (path) => `http://127.0.0.1:${site.address().port}${path}`;
  const hint = () => page.locator(".pane-hint");
  const tab = (name) => page.locator(".tab").filter({ hasText: name });
  const order = async () => (await page.locator(".tab .tab-name .cut").allInnerTexts()).map((name) => name.trim());
  const seen = () => page.locator('.tabs [aria-current="page"]').innerText();
  const inTerminal = () => page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));

  /** The middle of the last place where the seen terminal shows a text. */
  const placeOf = (text) =>
    eventually(`${text} on the screen`, () =>
      page.evaluate((wanted) => {
        const rows = [...document.querySelectorAll(".pane .xterm-rows > div")].filter((row) => row.checkVisibility() && row.textContent.includes(wanted));
        const walker = rows.length > 0 && document.createTreeWalker(rows.at(-1), NodeFilter.SHOW_TEXT);
        while (walker && walker.nextNode()) {
          const { textContent } = walker.currentNode;
          const at = textContent.lastIndexOf(wanted.slice(0, 4));
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(walker.currentNode, at);
          range.setEnd(walker.currentNode, Math.min(textContent.length, at + 4));
          const { left, top, width, height } = range.getBoundingClientRect();
          return { x: left + width / 2, y: top + height / 2 };
        }
        return null;
      }, text),
    );

  /** Points at a text as a person does, who moves there. */
  async function pointsAt(text) {
    const { x, y } = await placeOf(text);
    await page.mouse.move(x - 3, y);
    await page.mouse.move(x, y);
    return { x, y };
  }

  /** Clicks a text, with Ctrl if it says so, and waits as long as a browser may need. */
  async function clicks(text, modifiers = []) {
    const { x, y } = await pointsAt(text);
    for (const key of modifiers) await page.keyboard.down(key);
    await page.mouse.click(x, y);
    for (const key of modifiers) await page.keyboard.up(key);
    await page.waitForTimeout(500);
  }

  test("a web address says where it leads, and only Ctrl and a click opens it", async () => {
    await types(page, `echo see ${address("/plain")} there`);
    await shows(page, new RegExp(`^see ${address("/plain")} there$`, "m"));
    await pointsAt(address("/plain"));
    await hint().getByText(address("/plain")).waitFor();
    await clean(page, "link");
    await clicks(address("/plain"));
    assert.deepEqual(visited, [], "a click alone marks text");
    const opened = page.context().waitForEvent("page");
    await clicks(address("/plain"), ["Control"]);
    await (await opened).close();
    assert.deepEqual(visited, ["/plain"]);
    await page.mouse.move(640, 790);
    await hint().waitFor({ state: "detached" });
  });

  test("a link under other words says where it truly leads", async () => {
    await types(page, String.raw`printf '\033]8;;${address("/hidden")}\033\\the-bank\033]8;;\033\\\n'`);
    await shows(page, /^the-bank$/m);
    await pointsAt("the-bank");
    await hint().getByText(address("/hidden")).waitFor();
    const opened = page.context().waitForEvent("page");
    await clicks("the-bank", ["Control"]);
    await (await opened).close();
    assert.deepEqual(visited, ["/plain", "/hidden"]);
  });

  test("what is no web address is never opened", async () => {
    const pages = page.context().pages().length;
    for (const [index, uri] of ["file:///etc/passwd", "javascript:alert(1)", "ssh://db-3"].entries()) {
      await types(page, String.raw`printf '\033]8;;${uri}\033\\other-${index}-way\033]8;;\033\\\n'`);
      await shows(page, new RegExp(`^other-${index}-way$`, "m"));
      await clicks(`other-${index}-way`, ["Control"]);
      await types(page, `echo 'or ${uri}'`);
      await shows(page, new RegExp(`^or ${uri.replace(/[()]/g, "\\$&")}$`, "m"));
      await clicks(uri, ["Control"]);
    }
    assert.equal(page.context().pages().length, pages);
    assert.deepEqual(visited, ["/plain", "/hidden"]);
  });

  test("a tab is renamed by a double click, and Escape leaves its name and gives the keyboard back", async () => {
    await tab("web-3").locator(".tab-name").dblclick();
    const field = page.getByLabel("Name of the tab");
    await field.fill("shop front");
    await clean(page, "tab-rename");
    await field.press("Enter");
    await tab("shop front").waitFor();
    await inTerminal();
    await page.keyboard.press("Control+Shift+R");
    await field.fill("something else");
    await field.press("Escape");
    await field.waitFor({ state: "detached" });
    assert.deepEqual(await order(), ["web-1", "web-2", "shop front"]);
    await inTerminal();
    await page.keyboard.press("Control+Shift+R");
    await field.fill("");
    await field.press("Enter");
    await tab("web-3").waitFor();
    await inTerminal();
  });

  test("a tab shows what its shell calls itself, until a person names it", async () => {
    const named = tab("web-3");
    await named.locator(".tab-name").click();
    await inTerminal();
    // What would turn the text around is taken out.
    await types(page, String.raw`printf '\033]0;building \342\200\256it\007'`);
    await named.getByText("building it", { exact: true }).waitFor();
    assert.match(await named.locator(".tab-name").getAttribute("title"), /^web-3: building it/);
    await clean(page, "tab-title");
    await page.keyboard.press("Control+Shift+R");
    await page.getByLabel("Name of the tab").fill("mine");
    await page.keyboard.press("Enter");
    await tab("mine").waitFor();
    assert.equal(await tab("mine").getByText("building it").count(), 0);
    assert.match(await tab("mine").locator(".tab-name").getAttribute("title"), /^mine: building it/);
    await page.keyboard.press("Control+Shift+R");
    await page.getByLabel("Name of the tab").fill("");
    await page.keyboard.press("Enter");
    await inTerminal();
    await types(page, String.raw`printf '\033]2;\007'`);
    await eventually("the title to go", async () => (await tab("web-3").locator(".tab-told").count()) === 0);
  });

  test("a tab that is not seen is marked when something is written there, and when the bell rings", async () => {
    await tab("web-1").locator(".tab-name").click();
    await inTerminal();
    assert.equal(await page.locator(".tab").getByLabel("new output").count(), 0);
    await types(page, String.raw`sleep 1; echo late; sleep 2; printf '\a'; sleep 1; echo later`);
    await tab("web-2").locator(".tab-name").click();
    await tab("web-1").getByLabel("new output").waitFor();
    await clean(page, "tab-unseen");
    await tab("web-1").getByLabel("the bell rang").waitFor();
    await eventually("the end of it", () => page.evaluate(() => window.__luumen.panes().some((pane) => /^later$/m.test(window.__luumen.text(pane)))));
    await tab("web-1").getByLabel("the bell rang").waitFor();
    await tab("web-1").locator(".tab-name").click();
    await tab("web-1").getByLabel("the bell rang").waitFor({ state: "detached" });
    assert.equal(await tab("web-1").getByLabel("new output").count(), 0);
    await tab("web-3").locator(".tab-name").click();
  });

  test("a tab is dragged to another place", async () => {
    await tab("web-3").dragTo(tab("web-1"));
    await eventually("web-3 to stand first", async () => (await order()).join() === "web-3,web-1,web-2");
    await tab("web-3").dragTo(tab("web-2"));
    await eventually("web-3 to stand last", async () => (await order()).join() === "web-1,web-2,web-3");
  });

  test("a pinned tab stands first, cannot be dragged behind others, and stays when they are closed", async () => {
    await tab("web-2").locator(".tab-name").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Pin", exact: true }).click();
    await tab("web-2").getByLabel("pinned").waitFor();
    assert.deepEqual(await order(), ["web-2", "web-1", "web-3"]);
    await tab("web-2").dragTo(tab("web-3"));
    assert.deepEqual(await order(), ["web-2", "web-1", "web-3"]);
    await tab("web-3").dragTo(tab("web-2"));
    assert.deepEqual(await order(), ["web-2", "web-3", "web-1"]);
    await clean(page, "tab-pinned");
  });

  test("names, pins and order are there again after a restart of the page", async () => {
    await tab("web-1").locator(".tab-name").dblclick();
    await page.getByLabel("Name of the tab").fill("kept");
    await page.keyboard.press("Enter");
    await eventually("the tabs on disk", async () => (await screens.call("layout_get")).tabs.some(({ name }) => name === "kept"));
    await screens.open();
    await tab("kept").waitFor();
    assert.deepEqual(await order(), ["web-2", "web-3", "kept"]);
    await tab("web-2").getByLabel("pinned").waitFor();
  });

  test("Ctrl+Tab goes back through the tabs as they were used, and letting Ctrl go makes one the last", async () => {
    for (const name of ["web-2", "web-3", "kept"]) await tab(name).locator(".tab-name").click();
    await page.keyboard.down("Control");
    for (const expected of ["web-3", "web-2", "kept", "web-3", "web-2"]) {
      await page.keyboard.press("Tab");
      assert.match(await seen(), new RegExp(expected));
    }
    await page.keyboard.up("Control");
    await inTerminal();
    // The last used is now the one that was seen before, not the one beside it.
    await page.keyboard.press("Control+Tab");
    assert.match(await seen(), /kept/);
    await page.keyboard.press("Control+Shift+Tab");
    assert.match(await seen(), /web-3/);
    await page.keyboard.press("Control+PageDown");
    assert.match(await seen(), /kept/);
  });

  test("a tab that is closed while Ctrl is held is passed over", async () => {
    await connect(page, "web-1");
    await tab("kept").locator(".tab-name").click();
    await inTerminal();
    await page.keyboard.down("Control");
    await page.keyboard.press("Tab");
    assert.match(await seen(), /web-1/);
    await inTerminal();
    const before = await order();
    await page.keyboard.press("d");
    await eventually("its shell to end, and the tab with it", async () => (await order()).length === before.length - 1);
    for (let step = 0; step < 4; step += 1) {
      await page.keyboard.press("Tab");
      assert.equal(await page.locator('.tabs [aria-current="page"]').count(), 1, `a tab is seen after ${step + 1} more`);
    }
    await page.keyboard.up("Control");
  });

  test("closing the others leaves the pinned one", async () => {
    await tab("kept").locator(".tab-name").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Close the others" }).click();
    await eventually("the others to go", async () => (await order()).join() === "web-2,kept");
    await tab("kept").getByRole("button", { name: "Close kept" }).click();
    await eventually("one", async () => (await order()).join() === "web-2");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
