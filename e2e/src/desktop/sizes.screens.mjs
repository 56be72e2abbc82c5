// Every page in a small window: at 200 % zoom of the least size, and as narrow as a phone. Nothing may be out of reach.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens, types } from "./screen.mjs";

const SIZES = [
  { name: "zoomed", width: 640, height: 400 },
  { name: "narrow", width: 320, height: 640 },
];

describe("small windows", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    writeFileSync(join(screens.person.home, "a letter with quite a long name.txt"), "here\n");
    await screens.call("group_save", { group: { parent: null, name: "Web servers of the north", settings: {} } });
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account, { environment: "production" });
    await screens.open();
    await connect(page, "web-1");
    await types(page, "echo here");
  });
  after(() => screens?.dispose());

  /** Nothing stands beside the window, and what has the keyboard or a button's work is inside of it. */
  async function fits(name) {
    const outside = await page.evaluate(() => {
      const within = (rect) => rect.left >= -1 && rect.right <= window.innerWidth + 1;
      const scrolls = (element) => {
        for (let at = element.parentElement; at; at = at.parentElement) {
          const { overflowX } = getComputedStyle(at);
          if ((overflowX === "auto" || overflowX === "scroll") && at.scrollWidth > at.clientWidth && within(at.getBoundingClientRect())) return true;
        }
        return false;
      };
      return [...document.querySelectorAll("button, input, a[href], [tabindex='0'], h1, h2")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0)
        .filter((element) => !element.closest(".xterm, .hidden, .skip"))
        .filter((element) => !within(element.getBoundingClientRect()) && !scrolls(element))
        .map((element) => `${element.tagName.toLowerCase()} ${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40)}`);
    });
    assert.deepEqual(outside, [], `${name}: out of the window`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: the page is wider than the window`);
  }

  for (const { name, width, height } of SIZES) {
    describe(`${width} by ${height}`, () => {
      before(() => page.setViewportSize({ width, height }));
      after(() => page.setViewportSize({ width: 1280, height: 800 }));

      for (const where of ["Hosts", "Sessions", "Files", "Scans", "Session logs", "Keys", "Settings"]) {
        test(where, async () => {
          await goTo(page, where);
          await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
          await clean(page, `${name}-${where.toLowerCase().replace(" ", "-")}`);
          await fits(where);
        });
      }

      test("the panel of a session, and the palette", async () => {
        await goTo(page, "Sessions");
        await page.keyboard.press("Control+Shift+I");
        for (const tab of ["Host", "Files", "Forwards", "Scan", "History"]) {
          await page.getByRole("complementary").getByRole("tab", { name: tab }).click();
          await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
          await clean(page, `${name}-panel-${tab.toLowerCase()}`);
          await fits(`panel ${tab}`);
        }
        await page.keyboard.press("Control+Shift+I");
        await page.keyboard.press("Control+k");
        await page.getByRole("option").first().waitFor();
        await clean(page, `${name}-palette`);
        await fits("the palette");
        await page.keyboard.press("Escape");
        await page.locator(".palette-input").waitFor({ state: "detached" });
      });

      test("the drawer of a host", async () => {
        await goTo(page, "Hosts");
        await page.getByRole("main").getByRole("button", { name: "Add host" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Add a forward" }).click();
        await clean(page, `${name}-drawer`);
        await fits("the drawer");
        await page.keyboard.press("Escape");
      });
    });
  }

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
