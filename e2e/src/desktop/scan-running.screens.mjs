// A scan of a host that takes its time: how far it is, in the panel and on the page, and that it can be stopped and begun anew.
import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

const SLOW = "/usr/bin/dpkg-query";
const WITHIN_MS = 90_000;

const missing = !apart ? "it needs root, for a host with a program of its own" : !existsSync(SLOW) && `there is no ${SLOW}`;
if (missing) console.log(`skipped: a scan that takes its time: ${missing}`);

describe("a scan that takes its time", { timeout: 900_000, skip: missing }, () => {
  let screens, page, wait;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1", slow: SLOW }] });
    ({ page } = screens);
    wait = join(screens.hosts["web-1"].home, "wait");
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
    writeFileSync(wait, "");
  });
  after(() => screens?.dispose());

  const side = () => page.getByRole("complementary");
  const states = async () => (await screens.call("scans_list")).map(({ state }) => state);
  /** How far it is, by what can be read and by what a reader is told of the bar. */
  const progress = (part) =>
    part.evaluate((element) => {
      const [, done, total] = /(\d+) of (\d+)/.exec(element.querySelector('[role="status"]')?.innerText ?? "") ?? [];
      return { done: Number(done), total: Number(total), bar: Number(element.querySelector('[role="progressbar"]')?.getAttribute("aria-valuenow")) };
    });

  test("says in the panel how far it is and what it reads", async () => {
    await page.keyboard.press("Control+Shift+s");
    const status = side().getByRole("status");
    await status.getByText(/Reading the host: /).waitFor();
    await side().getByRole("progressbar", { name: "Progress of the scan" }).waitFor();
    await eventually("it to come to the program that waits", async () => {
      const before = await progress(side());
      await page.waitForTimeout(3000);
      return before.done > 0 && (await progress(side())).done === before.done;
    });
    const { done, total, bar } = await progress(side());
    assert.ok(done < total, `${done} of ${total}`);
    assert.ok(Math.abs(bar - (done / total) * 100) < 1, `the bar is at ${bar}, and it is at ${done} of ${total}`);
    assert.equal(await side().getByRole("button", { name: /^Scan/ }).count(), 0, "one at a time");
    await clean(page, "scan-running");
  });

  test("the shell of its session does not wait for it", async () => {
    await page.locator(".xterm-helper-textarea").first().focus();
    await types(page, "echo meanwhile-$((40 + 2))");
    await shows(page, "meanwhile-42");
  });

  test("is on the page of scans, as far as it is", async () => {
    await goTo(page, "Scans");
    await page.getByRole("list", { name: "Scans" }).getByText("Running", { exact: true }).waitFor();
    const there = page.getByRole("region", { name: "The scan" });
    assert.ok((await progress(there)).done > 0);
    await clean(page, "scans-running");
    await goTo(page, "Sessions");
  });

  test("is cancelled by keys, and that is said", async () => {
    const cancel = side().getByRole("button", { name: "Cancel" });
    await cancel.focus();
    await page.keyboard.press("Enter");
    await side().getByText("cancelled", { exact: true }).waitFor();
    assert.deepEqual(await states(), ["cancelled"]);
    assert.equal(await side().getByRole("progressbar").count(), 0);
    await side().getByText("The scan did not come to its end").waitFor();
    assert.equal(await side().getByText(/catalogue/i).count(), 0, "it is not for want of a catalogue that nothing was judged");
    await clean(page, "scan-cancelled");
  });

  test("is begun anew, and ends once the host answers", async () => {
    await side().getByRole("button", { name: "Scan again" }).click();
    await eventually("the second to run", async () => (await states()).join() === "running,cancelled");
    rmSync(wait);
    await side().getByRole("button", { name: "Export" }).waitFor({ timeout: WITHIN_MS });
    await eventually("the second to be done", async () => (await states()).join() === "done,cancelled");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
