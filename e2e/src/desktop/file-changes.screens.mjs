// What is changed on a host by its list of files: folders, names, links, rights and deletion, and what is said when the host refuses.
import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

describe("changes of a host's files", { timeout: 900_000 }, () => {
  let screens, page, folder, shut;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    // The account on the host may be another one than this person's.
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "report.txt"), "from the host\n");
    chmodSync(join(folder, "report.txt"), 0o666);
    shut = join(folder, "shut");
    mkdirSync(shut);
    writeFileSync(join(shut, "kept.txt"), "nobody else's\n");
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
    await goTo(page, "Files");
    await goes(folder);
    await entry("report.txt").waitFor();
  });
  after(async () => {
    await screens?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const list = () => page.getByRole("region", { name: "web-1", exact: true });
  const entry = (name) => list().getByRole("option").filter({ has: page.getByText(name, { exact: true }) });
  const dialog = () => page.getByRole("dialog");

  async function goes(path) {
    await list().getByRole("button", { name: "Type a path" }).click();
    await list().getByLabel("Path", { exact: true }).fill(path);
    await page.keyboard.press("Enter");
  }

  async function chooses(name, action) {
    await entry(name).click({ button: "right" });
    await page.getByRole("menuitem", { name: action, exact: true }).click();
  }

  /** Answers the dialog that asks for a name or for rights. */
  async function answers(text) {
    await dialog().getByRole("textbox").fill(text);
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
  }

  /** What is said when the host refuses, which goes away by its button. */
  async function refused(doing, name) {
    const said = page.getByRole("alert").filter({ hasText: `Could not ${doing}` });
    await said.first().waitFor();
    assert.match(await said.first().innerText(), /is not allowed to[^]*LUM-SFTP-DENIED/);
    if (name) await clean(page, name);
    await said.first().getByRole("button").last().click();
    await said.first().waitFor({ state: "detached" });
  }

  test("a folder is made, and one whose name is taken is refused", async () => {
    await list().getByRole("button", { name: "New folder" }).click();
    const make = dialog().getByRole("button", { name: "Make" });
    assert.ok(await make.isDisabled());
    await dialog().getByRole("textbox").fill("a/b");
    await dialog().getByText("A name has no slash").waitFor();
    await clean(page, "file-folder");
    await answers("plans");
    await entry("plans").waitFor();
    assert.ok(statSync(join(folder, "plans")).isDirectory());
    await list().getByRole("button", { name: "New folder" }).click();
    await answers("plans");
    await page.getByRole("alert").filter({ hasText: "Could not make the folder" }).first().waitFor();
    await page.getByRole("alert").first().getByRole("button").last().click();
  });

  test("a file is renamed", async () => {
    await chooses("report.txt", "Rename…");
    assert.equal(await dialog().getByRole("textbox").inputValue(), "report.txt");
    await answers("letter to the north.txt");
    await entry("letter to the north.txt").waitFor();
    assert.deepEqual(readdirSync(folder).sort(), ["letter to the north.txt", "plans", "shut"]);
  });

  test("a link leads to its file, and says so when it leads nowhere", async () => {
    await chooses("letter to the north.txt", "Link to it…");
    await answers("north");
    await entry("north").waitFor();
    assert.equal(readlinkSync(join(folder, "north")), join(folder, "letter to the north.txt"));
    await chooses("letter to the north.txt", "Rename…");
    await answers("letter.txt");
    await entry("north").getByText("leads nowhere").waitFor();
    await clean(page, "file-link");
    assert.ok(lstatSync(join(folder, "north")).isSymbolicLink());
  });

  test("rights hold for everything inside of a folder when that is asked for", async () => {
    const inside = join(folder, "plans", "inside.txt");
    // The folder is the account's own; a file of its own comes there by its shell.
    await goTo(page, "Sessions");
    await page.locator(".xterm-helper-textarea").first().focus();
    await page.keyboard.type(`echo mine > ${inside}`);
    await page.keyboard.press("Enter");
    await eventually("the file", () => existsSync(inside));
    await goTo(page, "Files");
    await goes(folder);
    await chooses("plans", "Rights…");
    await dialog().getByRole("checkbox", { name: "Also for everything inside" }).check();
    await dialog().getByRole("textbox").fill("9");
    await dialog().getByText("These are no rights").waitFor();
    await answers("0750");
    await eventually("the rights", () => [inside, join(folder, "plans")].every((path) => (statSync(path).mode & 0o777) === 0o750));
  });

  test("what the host refuses is said with its reason, and nothing has changed", { skip: !apart && "hosts are this account's own here" }, async () => {
    await chooses("shut", "Rights…");
    await answers("0777");
    await refused("change the rights of shut", "file-refused");
    await goes(shut);
    await entry("kept.txt").waitFor();
    await list().getByRole("button", { name: "New folder" }).click();
    await answers("mine");
    await refused("make the folder");
    await chooses("kept.txt", "Rename…");
    await answers("taken.txt");
    await refused("rename");
    await chooses("kept.txt", "Link to it…");
    await answers("link");
    await refused("make the link");
    await chooses("kept.txt", "Delete…");
    await page.getByRole("button", { name: "Delete on the host" }).click();
    await refused("delete");
    assert.deepEqual(readdirSync(shut), ["kept.txt"]);
    await entry("kept.txt").waitFor();
    chmodSync(shut, 0o700);
    await list().getByRole("button", { name: "Read the folder again" }).click();
    const failed = list().getByRole("alert");
    await failed.getByText("Could not list the folder").waitFor();
    assert.match(await failed.innerText(), /is not allowed to[^]*LUM-SFTP-DENIED/);
    await clean(page, "file-list-refused");
    await list().getByRole("button", { name: "Folder above" }).click();
    await entry("letter.txt").waitFor();
  });

  test("a folder is deleted with all that is in it, once its person says so", async () => {
    await chooses("plans", "Delete…");
    await dialog().getByText("Folders are deleted with all that is in them.").waitFor();
    await clean(page, "file-delete");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    assert.ok(existsSync(join(folder, "plans")));
    await chooses("plans", "Delete…");
    await page.getByRole("button", { name: "Delete on the host" }).click();
    await entry("plans").waitFor({ state: "detached" });
    assert.ok(!existsSync(join(folder, "plans")));
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
