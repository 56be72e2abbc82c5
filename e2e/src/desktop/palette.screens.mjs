// The palette under quick fingers: Enter means what was typed, however early it comes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { connected, keepHost, openScreens, shows, types } from "./screen.mjs";

describe("the palette", { timeout: 900_000 }, () => {
  let screens, page, port;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    ({ port } = screens.hosts["web-1"]);
    await keepHost(screens, "web-1", port, account);
    await screens.open();
  });
  after(() => screens?.dispose());

  const field = () => page.locator(".palette-input input");
  const opened = async (keys) => {
    await page.keyboard.press(keys);
    await page.waitForFunction(() => document.activeElement?.closest(".palette-input"));
  };
  const target = () => eventually("the session", async () => (await screens.call("sessions_list")).at(-1)?.target);

  /** Presses Enter in the very moment in which an option comes onto the page: before it was even drawn. */
  const enterWithOption = (text) =>
    page.evaluate(
      (wanted) =>
        new Promise((resolve) => {
          const press = () => {
            const option = [...document.querySelectorAll('[role="option"]')].find((each) => each.textContent.includes(wanted));
            if (!option) return;
            observer.disconnect();
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true }));
            resolve();
          };
          const observer = new MutationObserver(press);
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        }),
      text,
    );

  test("Enter works from the moment in which an option is listed", async () => {
    await page.keyboard.press("Control+k");
    await field().waitFor();
    const pressed = enterWithOption(`Connect to ${account}@127.0.0.1:${port}`);
    await field().fill(`${account}@127.0.0.1:${port}`);
    await pressed;
    await connected(page);
    assert.equal(await target(), `${account}@127.0.0.1:${port}`);
    await types(page, "echo quick-$((40 + 2))");
    await shows(page, /^quick-42$/m);
    await types(page, "exit");
    await eventually("the tab to close", async () => (await page.locator(".tab").count()) === 0);
  });

  test("Enter right behind an address connects to that address, not to what was listed before", async () => {
    await opened("Control+Shift+K");
    await page.keyboard.type(`${account}@127.0.0.1:${String(port).slice(0, -1)}`);
    await page.getByRole("option", { name: /^Connect to/ }).waitFor();
    await page.keyboard.type(String(port).slice(-1));
    await page.keyboard.press("Enter");
    await connected(page);
    assert.equal(await target(), `${account}@127.0.0.1:${port}`);
    await types(page, "exit");
    await eventually("the tab to close", async () => (await page.locator(".tab").count()) === 0);
  });

  test("the beginning of a host's name leads to the host", async () => {
    await opened("Control+k");
    await page.keyboard.type("web");
    await page.getByRole("option", { name: /^Connect to web/ }).waitFor();
    await page.keyboard.press("Enter");
    await connected(page);
    assert.equal(await page.locator(".tab-name").innerText(), "web-1");
    await types(page, "echo by-name");
    await shows(page, /^by-name$/m);
  });

  test("an entry chosen with the arrows is what Enter runs", async () => {
    await opened("Control+Shift+K");
    await page.keyboard.type("theme");
    await page.getByRole("option", { name: "Dark theme" }).waitFor();
    while ((await page.locator('[role="option"][data-combobox-selected]').innerText()).trim() !== "Dark theme") await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await eventually("the dark theme", async () => (await screens.call("preferences_get")).theme === "dark");
    assert.equal(await field().count(), 0);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
