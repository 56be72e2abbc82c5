// Lists, menus and drawers by the keyboard alone: what opens takes it, and what closes gives it back to where it was. Each is looked at
// by axe in both themes on the way.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, NOTHING_SET, openScreens, shows, types } from "./screen.mjs";

describe("the keyboard alone", { timeout: 900_000 }, () => {
  let screens, page, folder;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o755);
    for (const name of ["a.txt", "b.txt", "c.txt"]) writeFileSync(join(folder, name), name);
    await screens.call("group_save", { group: { parent: null, name: "shop", settings: NOTHING_SET } });
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
  });
  after(async () => {
    await screens?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "";
  });
  const isBack = (what) => eventually(`the keyboard to be on ${what} again`, async () => (await focused()) === what, 5000).catch(async () => assert.equal(await focused(), what));

  /** Opens by a button that has the keyboard, looks, and leaves by Escape. */
  async function opensAndLeaves(button, dialog, picture, inside = () => {}) {
    await button.focus();
    const name = await focused();
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog", { name: dialog });
    await drawer.waitFor();
    await eventually("the keyboard to be inside", () => drawer.evaluate((element) => element.contains(document.activeElement)));
    await inside(drawer);
    await clean(page, picture);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await isBack(name);
  }

  /** A menu that a key opens is walked by arrows, and Escape gives the keyboard back. */
  async function menuByKey(key, first, picture) {
    const name = await focused();
    await page.keyboard.press(key);
    const menu = page.getByRole("menu");
    await menu.waitFor();
    await eventually("the keyboard to be in the menu", () => menu.evaluate((element) => element.contains(document.activeElement)));
    await eventually(`${first} first`, async () => (await focused()).startsWith(first));
    await page.keyboard.press("ArrowDown");
    await eventually("the next", async () => !(await focused()).startsWith(first));
    await page.keyboard.press("ArrowUp");
    await eventually(`${first} again`, async () => (await focused()).startsWith(first));
    await clean(page, picture);
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    await isBack(name);
  }

  /** The menu lies directly below a row, or above it where there is no room. */
  async function opensAt(row) {
    const menu = page.getByRole("menu");
    await menu.waitFor();
    const [at, from] = [await menu.boundingBox(), await row.boundingBox()];
    const away = Math.min(Math.abs(at.y - (from.y + from.height)), Math.abs(at.y + at.height - (from.y + from.height)), Math.abs(at.y + at.height - from.y));
    assert.ok(away < 20 && Math.abs(at.x - from.x) < 30, `the menu is at ${JSON.stringify(at)}, the row at ${JSON.stringify(from)}`);
  }

  test("a tab's menu", async () => {
    await page.locator('.tabs [aria-current="page"]').focus();
    await menuByKey("Shift+F10", "Rename", "menu-tab");
    await menuByKey("ContextMenu", "Rename", "menu-tab");
  });

  test("a tab is renamed and closed by keys", async () => {
    await page.locator('.tabs [aria-current="page"]').focus();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: "Rename" }).press("Enter");
    await page.getByLabel("Name of the tab").waitFor();
    await page.keyboard.type("by keys");
    await page.keyboard.press("Enter");
    await page.locator(".tab").filter({ hasText: "by keys" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
  });

  test("a terminal's menu gives the keyboard back to the shell", async () => {
    await page.locator(".pane-room").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Split to the right" }).waitFor();
    // Else arrows and Escape would be typed into the shell.
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
    await clean(page, "menu-terminal");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
    await types(page, "echo still-$((40 + 2))");
    await shows(page, /^still-42$/m);
  });

  test("the list of files", async () => {
    await goTo(page, "Files");
    const list = page.getByRole("region", { name: "web-1", exact: true });
    await list.getByRole("button", { name: "Type a path" }).press("Enter");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(folder);
    await page.keyboard.press("Enter");
    await list.getByRole("option").filter({ hasText: "c.txt" }).waitFor();
    const rows = list.getByRole("listbox");
    await rows.focus();
    for (const key of ["ArrowDown", "Space", "ArrowDown", "Space"]) await page.keyboard.press(key);
    assert.equal(await rows.locator('[aria-selected="true"]').count(), 2);
    await menuByKey("Shift+F10", "Download", "menu-files");
    await page.keyboard.press("Escape");
    assert.equal(await rows.locator('[aria-selected="true"]').count(), 0);
  });

  test("a file's menu opens at its row, and is about it", async () => {
    const rows = page.getByRole("listbox", { name: "Files, web-1" });
    for (const name of ["a.txt", "c.txt"]) {
      await rows.focus();
      await page.keyboard.press(name === "a.txt" ? "Home" : "End");
      for (const key of ["Shift+F10", "ContextMenu"]) {
        await page.keyboard.press(key);
        await opensAt(rows.getByRole("option").filter({ hasText: name }));
        assert.match(await rows.locator('[aria-selected="true"]').innerText(), new RegExp(name));
        await page.keyboard.press("Escape");
        await page.getByRole("menu").waitFor({ state: "detached" });
      }
      await page.keyboard.press("Escape");
    }
    // By the mouse it opens where that is.
    const row = await rows.getByRole("option").first().boundingBox();
    await page.mouse.click(row.x + 150, row.y + 5, { button: "right" });
    const menu = page.getByRole("menu");
    await menu.waitFor();
    assert.ok(Math.abs((await menu.boundingBox()).x - (row.x + 150)) < 20);
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
  });

  test("who comes back to the files finds the folders that were open", async () => {
    const here = page.getByRole("region", { name: "This device", exact: true });
    await here.getByRole("button", { name: "Type a path" }).press("Enter");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(screens.person.folder);
    await page.keyboard.press("Enter");
    await here.getByRole("option").filter({ hasText: "home" }).waitFor();
    await goTo(page, "Hosts");
    await goTo(page, "Files");
    await page.getByRole("listbox", { name: "Files, web-1" }).getByText("c.txt").waitFor();
    await here.getByRole("option").filter({ hasText: "home" }).waitFor();
    // The panel beside the terminal stands in the same folder.
    await goTo(page, "Sessions");
    await page.keyboard.press("Control+Shift+i");
    await page.getByRole("complementary").getByRole("tab", { name: "Files" }).click();
    await page.getByRole("complementary").getByRole("option").filter({ hasText: "c.txt" }).waitFor();
    await page.keyboard.press("Control+Shift+i");
  });

  test("the tree of hosts", async () => {
    await goTo(page, "Hosts");
    const tree = page.getByRole("tree", { name: "Hosts by group" });
    await tree.focus();
    await page.keyboard.press("Home");
    const active = () => tree.evaluate((element) => document.getElementById(element.getAttribute("aria-activedescendant"))?.textContent);
    assert.match(await active(), /^shop/);
    await page.keyboard.press("ArrowDown");
    assert.match(await active(), /^web-1/);
    await page.keyboard.press("Home");
    await page.keyboard.press("e");
    const drawer = page.getByRole("dialog", { name: "Change the group shop" });
    await drawer.waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await isBack("Hosts by group");
    for (const [key, name, first] of [["Home", "shop", "Change the group"], ["End", "web-1", "Connect"]]) {
      for (const asks of ["Shift+F10", "ContextMenu"]) {
        await page.keyboard.press(key);
        await page.keyboard.press(asks);
        await opensAt(tree.getByRole("treeitem").filter({ hasText: name }));
        await eventually(`${first} first`, async () => (await focused()).startsWith(first));
        await page.keyboard.press("Escape");
        await page.getByRole("menu").waitFor({ state: "detached" });
        await isBack("Hosts by group");
      }
    }
    await tree.getByText("shop").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Change the group…" }).waitFor();
    await clean(page, "menu-group");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    await tree.getByText("web-1").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Connect" }).waitFor();
    await clean(page, "menu-host");
    await page.keyboard.press("Escape");
  });

  test("the search above the tree leaves its button free", async () => {
    const head = page.getByRole("region", { name: "Hosts", exact: true });
    const [field, button] = [await head.getByLabel("Search the hosts").boundingBox(), await head.getByRole("button", { name: "Add a host" }).boundingBox()];
    assert.ok(field.x + field.width <= button.x, `the field ends at ${field.x + field.width}, the button begins at ${button.x}`);
  });

  test("the drawers of hosts and groups, of import and export", async () => {
    const main = page.getByRole("main");
    await opensAndLeaves(main.getByRole("button", { name: "Add group" }), "Add a group", "group-add", (drawer) => drawer.getByText("More settings").click());
    await opensAndLeaves(main.getByRole("button", { name: "Add host" }), "Add a host", "host-add");
    await opensAndLeaves(main.getByRole("button", { name: "Import", exact: true }), "Import hosts", "import-drawer");
    await opensAndLeaves(main.getByRole("button", { name: "Export", exact: true }), "Export hosts", "export-dialog");
  });

  test("the table of hosts", async () => {
    const grid = page.getByRole("grid", { name: "Hosts" });
    await grid.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog");
    await drawer.waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await isBack("Hosts");
  });

  test("the drawer of a credential, of each kind", async () => {
    await goTo(page, "Keys");
    await page.getByRole("tab", { name: /Credentials/ }).click();
    await opensAndLeaves(page.getByRole("button", { name: "Add a credential" }), "Add a credential", "credential-add", async (drawer) => {
      await drawer.getByRole("radiogroup", { name: "What it signs in with" }).getByText("Password").click();
      await clean(page, "credential-password");
      await drawer.getByRole("radiogroup", { name: "What it signs in with" }).getByText("Key", { exact: true }).click();
    });
    await opensAndLeaves(page.getByRole("button", { name: "laptop", exact: true }), "Change laptop", "credential-change");
  });

  test("a key is made by keys, and the keyboard comes back to where it began", async () => {
    await page.getByRole("tab", { name: /^Keys/ }).click();
    const add = page.getByRole("button", { name: "Add a key" });
    await opensAndLeaves(add, "Add a key", "key-add", async (dialog) => {
      await dialog.getByText("Import one").click();
      await clean(page, "key-import");
      await dialog.getByText("Make a new one").click();
    });
    await screens.call("vault_create", { passphrase: "a long enough passphrase" }).catch(() => undefined);
    await add.press("Enter");
    await page.keyboard.type("made by keys");
    await page.keyboard.press("Enter");
    await page.getByText("The key is there").waitFor();
    await clean(page, "key-made");
    await page.keyboard.press("Escape");
    await page.getByText("The key is there").waitFor({ state: "detached" });
    await isBack("Add a key");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
