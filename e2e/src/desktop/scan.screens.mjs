// From the keyboard alone: connect to a host, scan it, and write what was found into a file.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connected, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

const TABS = 60;

describe("a scan from the keyboard alone", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await page.evaluate(() => {
      window.pointed = 0;
      for (const kind of ["pointerdown", "mousedown", "wheel", "touchstart"]) window.addEventListener(kind, () => (window.pointed += 1), { capture: true });
    });
  });
  after(() => screens?.dispose());

  /** Presses Tab until the part with the keyboard has this name. */
  const tabTo = async (name) => {
    for (let presses = 0; presses < TABS; presses += 1) {
      const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");
      if (focused.trim() === name) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not reach ${name}`);
  };

  test("connects by the palette", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("web-1");
    await page.getByRole("option", { name: /web-1/ }).first().waitFor();
    await page.keyboard.press("Enter");
    await connected(page);
    await types(page, "echo here");
    await shows(page, /^here$/m);
  });

  test("scans, and says what it found and what it could not see", async () => {
    await page.keyboard.press("Control+Shift+s");
    await page.getByRole("complementary").getByRole("button", { name: "Export" }).waitFor({ timeout: 90_000 });
    await page.getByText(/^Not seen \d+$/).waitFor();
    await clean(page, "scan");
  });

  test("writes it into a file", async () => {
    const path = join(screens.person.home, "scan.json");
    await page.keyboard.press("Control+Shift+m");
    await tabTo("Export");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    // The path has the keyboard first; the format stands before it.
    await page.waitForFunction(() => document.activeElement?.closest(".path-input") !== null);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Tab");
    await page.keyboard.type(path);
    await page.keyboard.press("Enter");
    // The dialog goes when the file is whole.
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const written = JSON.parse(readFileSync(path, "utf8"));
    assert.ok(JSON.stringify(written).length > 1000);
    assert.equal(await page.evaluate(() => window.pointed), 0, "until here nobody touched the mouse");
  });

  test("the scan is kept, and can be looked at again", async () => {
    await goTo(page, "Scans");
    await page.getByRole("list", { name: "Scans" }).getByText("web-1").waitFor();
    await page.getByRole("region", { name: "The scan" }).getByText(/Not seen/).waitFor();
    // There is no catalogue on this device.
    await page.getByRole("list", { name: "Scans" }).getByText("Nothing was judged").waitFor();
    assert.equal(await page.getByText(/\b0 (findings|vulnerabilities)/).count(), 0);
    await clean(page, "scans");
  });

  test("shows in the host's panel what was seen", async () => {
    await goTo(page, "Sessions");
    const panel = page.getByRole("complementary");
    await panel.getByRole("tab", { name: "Host" }).click();
    await panel.getByRole("heading", { name: "Facts" }).waitFor();
    await panel.getByText("Kernel running", { exact: true }).waitFor();
    await panel.getByText(/^Seen by the scan of/).waitFor();
    await clean(page, "host-facts");
  });

  test("is deleted by keys, and only after a question", async () => {
    await goTo(page, "Scans");
    await page.getByRole("region", { name: "The scan" }).getByRole("button", { name: "Delete" }).waitFor();
    await tabTo("Delete");
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: /^Delete the scan of / });
    await question.waitFor();
    await clean(page, "scan-delete");
    // Cancel has the keyboard.
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "detached" });
    await page.getByRole("list", { name: "Scans" }).getByText("web-1").waitFor();
    await tabTo("Delete");
    await page.keyboard.press("Enter");
    await question.waitFor();
    await tabTo("Delete the scan");
    await page.keyboard.press("Enter");
    await page.getByText("No scans yet").waitFor();
    const last = await screens.call("hosts_tree");
    assert.equal(last.hosts[0].last_scan_at, null);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
