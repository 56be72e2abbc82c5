// Typing into several panes: chosen from any tab with the keyboard, said loudly, heard by those and no others, left by one key.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, keepHost, openScreens, shows, types } from "./screen.mjs";

describe("typing into several panes", { timeout: 900_000 }, () => {
  let screens, page;
  /** The panes by the name that each shell was given. */
  const panes = {};

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }, { name: "web-2" }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await keepHost(screens, "web-2", screens.hosts["web-2"].port, account);
    await keepHost(screens, "db-1", screens.hosts["web-2"].port, account, { environment: "production" });
    await screens.open();
    // web-1 has two panes, web-2 and db-1 have one each.
    for (const [host, name] of [["web-1", "left"], [null, "right"], ["web-2", "web"], ["db-1", "base"]]) {
      const before = Object.values(panes);
      if (host) await connect(page, host);
      else await page.keyboard.press("Control+Shift+D");
      panes[name] = await eventually(`the pane ${name}`, () => page.evaluate((known) => window.__luumen.panes().find((pane) => !known.includes(pane)), before));
      await eventually("its prompt", async () => /[$#] $/.test((await textOf(name)).trimEnd() + " "));
      await types(page, `HERE=${name}; exec env HERE=${name} bash --norc`);
      await types(page, "echo I-am-$HERE");
      await shows(page, `I-am-${name}`);
    }
  });
  after(() => screens?.dispose());

  const textOf = (name) => page.evaluate((pane) => window.__luumen.text(pane), panes[name]);
  const heard = async (mark) => {
    const all = await Promise.all(Object.keys(panes).map(async (name) => [name, (await textOf(name)).includes(`${mark}-${name}`)]));
    return all.filter(([, yes]) => yes).map(([name]) => name);
  };
  /** Types a line that each shell answers with its own name, and waits until as many have answered. */
  const say = async (mark, count) => {
    await types(page, `echo ${mark}-$HERE`);
    await eventually(`${count} panes to hear ${mark}`, async () => (await heard(mark)).length >= count);
    // Whoever else was typed to would have answered by the time that a second line has passed.
    await types(page, `echo then-${mark}-$HERE`);
    await eventually("the next line", async () => (await heard(`then-${mark}`)).length >= count);
    return heard(mark);
  };
  const banner = () => page.getByRole("region", { name: "Typing into several panes" });
  const dialog = () => page.getByRole("dialog", { name: "Type into several panes" });
  const focused = () => page.evaluate(() => document.activeElement?.closest(".terminal-host") !== null);

  test("panes of any tab are chosen with the keyboard", async () => {
    // The tab that is seen has one pane, so the key asks which others.
    await page.keyboard.press("Control+Shift+B");
    await dialog().waitFor();
    await clean(page, "broadcast-choose");
    assert.ok(await dialog().getByRole("button", { name: "Choose two or more" }).isDisabled());
    await eventually("the first box", () => page.evaluate(() => document.activeElement?.matches('.together-list input[type="checkbox"]')));
    // Down to the second pane of web-1, and to web-2.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    // db-1 was ticked, because its tab is seen.
    await dialog().getByRole("button", { name: "Type into 3 panes" }).waitFor();
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    await eventually("the keyboard in the terminal", focused);
  });

  test("a banner says how many panes in which tabs, and that production is among them", async () => {
    await banner().getByText("Typing into 3 panes in 3 tabs, 1 of them production").waitFor();
    const told = await banner().getByRole("list", { name: "Tabs that take part" }).getByRole("listitem").allInnerTexts();
    assert.deepEqual(told.map((text) => text.replace(/\s+/g, " ")), ["web-1 1 of 2", "web-2", "db-1"]);
    assert.equal(await page.locator(".tab").getByLabel("receives what is typed").count(), 3);
    await page.locator(".pane").getByText("receives what is typed").waitFor();
    await clean(page, "broadcast-tabs");
  });

  test("what is typed reaches those and no others", async () => {
    assert.deepEqual(await say("all", 3), ["right", "web", "base"]);
  });

  test("what a terminal answers by itself stays with the program that asked", async () => {
    await types(page, `clear; [ $HERE = base ] && { printf '\\033[6n'; read -rsd R -t 3 where; echo "at-\${#where}"; }; echo asked-$HERE`);
    await eventually("every shell", async () => (await heard("asked")).length === 3);
    assert.match(await textOf("base"), /^at-[4-9]$/m, "the program that asked was answered");
    // A cursor's place that came as keys would stand at the prompt, and be cut off the next line.
    assert.deepEqual(await say("whole", 3), ["right", "web", "base"]);
    for (const name of ["right", "web"]) assert.doesNotMatch(await textOf(name), /\[\d+;\d+R|;\d+R/, name);
  });

  test("where the mouse is stays with the program that asked", async () => {
    await types(page, `[ $HERE = base ] && printf '\\033[?1000h\\033[?1006h'; echo mouse-$HERE`);
    await eventually("every shell", async () => (await heard("mouse")).length === 3);
    const { x, y, width, height } = await page.locator(".pane .xterm-screen").boundingBox();
    for (const part of [0.3, 0.5, 0.7]) await page.mouse.click(x + width * part, y + height * part);
    // What the mouse wrote into the line of this one, where no program wanted it.
    await page.keyboard.press("Control+c");
    await types(page, `[ $HERE = base ] && printf '\\033[?1000l\\033[?1006l'`);
    assert.deepEqual(await say("clicked", 3), ["right", "web", "base"]);
    for (const name of ["right", "web"]) assert.doesNotMatch(await textOf(name), /\d+;\d+;\d+[Mm]/, name);
  });

  test("a paste has the marks that each shell asked for, and no other's", async () => {
    // One reads a line as plain programs do, and asked for no marks.
    await types(page, `echo marks-$HERE; [ $HERE = web ] && { read -r line; echo "read-$HERE: $line"; }`);
    await eventually("every shell", async () => (await heard("marks")).length === 3);
    await page.evaluate((text) => navigator.clipboard.writeText(text), "echo pas''ted-$HERE");
    await page.keyboard.press("Control+Shift+V");
    for (const name of ["right", "web", "base"]) await eventually(`the paste in ${name}`, async () => (await textOf(name)).includes("echo pas''ted-$HERE"));
    await page.keyboard.press("Enter");
    await eventually("two shells to run it, and one to read it", async () => (await heard("pasted")).length === 2 && (await heard("read")).length === 1);
    assert.match(await textOf("web"), /^read-web: echo pas''ted-\$HERE$/m);
    for (const name of ["right", "web", "base"]) assert.doesNotMatch(await textOf(name), /20[01]~/, name);
  });

  test("a pane that takes no part is typed into alone, and says so", async () => {
    await banner().getByRole("button", { name: /web-1/ }).click();
    await page.keyboard.press("Control+Alt+ArrowLeft");
    await banner().getByText("it takes no part").waitFor();
    assert.deepEqual(await say("alone", 1), ["left"]);
  });

  test("a pane that is closed is typed into no more", async () => {
    await page.keyboard.press("Control+Alt+ArrowRight");
    await banner().getByRole("button", { name: /db-1/ }).click();
    await eventually("the keyboard in the terminal", focused);
    await page.keyboard.press("Control+Shift+W");
    delete panes.base;
    await banner().getByText("Typing into 2 panes in 2 tabs").waitFor();
  });

  test("one key leaves, and the same key takes the panes of a tab that has several", async () => {
    await banner().getByRole("button", { name: /web-1/ }).click();
    await eventually("the keyboard in the terminal", focused);
    assert.deepEqual(await say("still", 2), ["right", "web"]);
    await page.keyboard.press("Control+Shift+B");
    await banner().waitFor({ state: "detached" });
    assert.deepEqual(await say("left", 1), ["right"]);
    await page.keyboard.press("Control+Shift+B");
    await banner().getByText("Typing into 2 panes").waitFor();
    assert.deepEqual(await say("again", 2), ["left", "right"]);
    // From here the choice can be changed with a key of its own.
    await page.keyboard.press("Control+Alt+Shift+B");
    await dialog().getByRole("button", { name: "All" }).click();
    await dialog().getByRole("button", { name: "Type into 3 panes" }).click();
    await banner().getByText("Typing into 3 panes in 2 tabs").waitFor();
    await eventually("the keyboard in the terminal", focused);
    await page.keyboard.press("Control+Shift+B");
    await banner().waitFor({ state: "detached" });
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
