// Reduced motion: what fades, slides or turns on a screen stands still for whoever asks their system for it. Every other browser test
// asks for it, so this is the one that sees both. The desktop's screens and the web app's.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, openPage, settled, signUp } from "../browser.mjs";
import { setupLink, startFleet } from "../fleet.mjs";
import { account } from "../hosts.mjs";
import { connect, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

const WISHES = ["no-preference", "reduce"];

/** Everything that would take its time now, with what stands before and behind elements, by what it is. */
function timed(page) {
  return page.evaluate(() => {
    const lasts = (durations) => durations.split(",").some((one) => parseFloat(one) > 0);
    const moves = (style) => (style.animationName !== "none" && lasts(style.animationDuration)) || (style.transitionProperty !== "none" && lasts(style.transitionDuration));
    return [...document.querySelectorAll("*")].flatMap((element) =>
      ["", "::before", "::after"]
        .filter((part) => {
          const style = getComputedStyle(element, part || undefined);
          return (part === "" || style.content !== "none") && moves(style);
        })
        .map((part) => `${element.tagName.toLowerCase()}.${element.getAttribute("class")?.split(" ").join(".") ?? ""}${part}`),
    );
  });
}

/** How often something began to move on a page since it was asked for the last time. */
async function begun(page) {
  return page.evaluate(() => {
    const { counted = 0 } = window.moved ?? {};
    if (!window.moved) {
      window.moved = { counted: 0 };
      for (const kind of ["transitionrun", "animationstart"]) document.addEventListener(kind, () => (window.moved.counted += 1), true);
    }
    window.moved.counted = 0;
    return counted;
  });
}

/** With motion something takes its time in each place, so that the test can fail; without it nothing does. */
async function standsStill(page, name) {
  const seen = {};
  for (const wish of WISHES) {
    await page.emulateMedia({ reducedMotion: wish });
    seen[wish] = await timed(page);
  }
  console.log(`${name}: ${seen["no-preference"].length} parts move, with reduced motion ${seen.reduce.length}`);
  assert.ok(seen["no-preference"].length > 0, `${name}: nothing moves for those who let it`);
  assert.deepEqual(seen.reduce, [], `${name}: moves although less motion is asked for`);
}

/** What opens over a page slides or fades in, or is there at once. A busy machine may draw only the end of what moves. */
async function opens(page, name, open, close) {
  for (const wish of WISHES) {
    await page.emulateMedia({ reducedMotion: wish });
    // The page hears of the wish a moment later.
    await page.waitForTimeout(200);
    await begun(page);
    await open();
    const parts = await timed(page);
    if (wish === "reduce") assert.deepEqual(parts, [], name);
    else assert.ok(parts.length > 0, `${name} does not move for those who let it`);
    await close();
    await page.waitForTimeout(300);
    const times = await begun(page);
    if (wish === "reduce") assert.equal(times, 0, `${name} moved ${times} times although less motion is asked for`);
  }
}

describe("reduced motion on the desktop", { timeout: 540_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
  });
  after(() => screens?.dispose());

  for (const where of ["Hosts", "Sessions", "Files", "Scans", "Session logs", "Keys", "Settings"]) {
    test(where, async () => {
      await goTo(page, where);
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      await standsStill(page, where);
    });
  }

  test("what opens over a page is there at once", async () => {
    const dialog = page.getByRole("dialog");
    const gone = async () => {
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    };
    for (const [where, name] of [["Hosts", "Add host"], ["Keys", "Add a key"]]) {
      // A page that was told to keep still does not always begin to move again before it is loaded anew.
      await page.emulateMedia({ reducedMotion: WISHES[0] });
      await screens.open();
      await goTo(page, where);
      if (where === "Keys") await page.getByRole("tab", { name: "Keys" }).click();
      const open = async () => {
        await page.getByRole("main").getByRole("button", { name }).click();
        await dialog.waitFor();
      };
      await opens(page, name, open, gone);
    }
  });

  test("a bell that is seen does not flash", async () => {
    await screens.call("preferences_set", { preferences: { bell: "visual" } });
    await screens.open();
    await connect(page, "web-1");
    for (const wish of WISHES) {
      await page.emulateMedia({ reducedMotion: wish });
      await begun(page);
      const said = `rang-for-${wish}`;
      await types(page, `printf '\\a'; echo rang-"for"-${wish}`);
      await shows(page, said);
      await page.waitForTimeout(500);
      const times = await begun(page);
      assert.equal(times > 0, wish === "no-preference", `${wish}: ${times}`);
    }
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

describe("reduced motion in the web app", { timeout: 540_000 }, () => {
  let fleet, browser, page, mistakes;

  before(async () => {
    fleet = await startFleet([]);
    browser = await openBrowser();
    ({ page, mistakes } = await openPage(browser));
    await page.goto(await setupLink(fleet));
    await signUp(page, "ada@example.net");
  });
  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  for (const path of ["/", "/hosts", "/vulnerabilities", "/settings"]) {
    test(path, async () => {
      await page.goto(fleet.url + path);
      await settled(page);
      await standsStill(page, path);
    });
  }

  test("the page made no mistake", () => assert.deepEqual(mistakes, []));
});
