// Files between this device and a real host: looking, sending, deciding, and changing rights.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

describe("files", { timeout: 900_000 }, () => {
  let screens, page, folder;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }, { name: "db-1" }] });
    ({ page } = screens);
    // The account on the host may be another one than this person's.
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    for (const [name, text] of [["report.txt", "from the host\n"], [".hidden", ""]]) writeFileSync(join(folder, name), text, { mode: 0o666 });
    writeFileSync(join(screens.person.home, "letter.txt"), "from this device\n");
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await keepHost(screens, "db-1", screens.hosts["db-1"].port, account, { environment: "production" });
    await screens.open();
    await connect(page, "web-1");
    await goTo(page, "Files");
  });
  after(async () => {
    await screens?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const side = (name) => page.getByRole("region", { name, exact: true });
  const entry = (name, file) => side(name).getByRole("option").filter({ hasText: file });
  const settled = (name) => side("web-1").getByRole("option").filter({ hasText: name }).waitFor();

  test("both sides are listed, and hidden files when they are asked for", async () => {
    await side("web-1").getByRole("button", { name: "Type a path" }).click();
    await side("web-1").getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
    await settled("report.txt");
    assert.equal(await entry("web-1", ".hidden").count(), 0);
    await side("web-1").getByLabel("Hidden").check();
    await entry("web-1", ".hidden").waitFor();
    await entry("This device", "letter.txt").waitFor();
    await clean(page, "files");
  });

  test("a file goes up, and another comes down", async () => {
    await entry("This device", "letter.txt").click();
    await side("This device").getByRole("button", { name: "Upload 1" }).click();
    await settled("letter.txt");
    assert.equal(readFileSync(join(folder, "letter.txt"), "utf8"), "from this device\n");
    await entry("web-1", "report.txt").click();
    await side("web-1").getByRole("button", { name: "Download 1" }).click();
    await entry("This device", "report.txt").waitFor();
    assert.equal(readFileSync(join(screens.person.home, "report.txt"), "utf8"), "from the host\n");
  });

  test("what is already there is asked about, and keeping both keeps both", async () => {
    writeFileSync(join(screens.person.home, "letter.txt"), "a second one, longer\n");
    await entry("This device", "letter.txt").click();
    await side("This device").getByRole("button", { name: "Upload 1" }).click();
    await page.getByText("is already there").waitFor();
    await clean(page, "files-conflict");
    await page.getByRole("button", { name: "Keep both" }).click();
    await eventually("both letters", async () => (await entry("web-1", "letter").count()) === 2);
    assert.equal(readFileSync(join(folder, "letter.txt"), "utf8"), "from this device\n");
  });

  test("rights are changed as numbers or as letters", async () => {
    await entry("web-1", "letter.txt").click();
    await entry("web-1", "letter.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Rights…" }).click();
    const dialog = page.getByRole("dialog", { name: "Rights" });
    await dialog.getByText("letter.txt", { exact: true }).waitFor();
    await dialog.getByRole("textbox").fill("rw-r-----");
    await clean(page, "files-rights");
    await page.keyboard.press("Enter");
    await eventually("the rights", () => (statSync(join(folder, "letter.txt")).mode & 0o777) === 0o640);
  });

  test("what a search took out of sight is not acted on until it is seen again", async () => {
    await entry("web-1", "letter.txt").click();
    await entry("web-1", "report.txt").click({ modifiers: ["Control"] });
    await side("web-1").getByRole("button", { name: "Download 2" }).waitFor();
    const search = side("web-1").getByLabel("Search in this folder, web-1");
    await search.fill("report");
    await entry("web-1", "letter.txt").waitFor({ state: "detached" });
    await side("web-1").getByRole("button", { name: "Download 1" }).waitFor();
    await entry("web-1", "report.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Rights…" }).click();
    await page.getByRole("dialog").getByText("report.txt", { exact: true }).waitFor();
    await clean(page, "files-out-of-sight");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await search.fill("");
    await side("web-1").getByRole("button", { name: "Download 2" }).waitFor();
  });

  test("deleting asks first, and says where", async () => {
    await entry("web-1", "report.txt").click();
    await entry("web-1", "report.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await page.getByRole("dialog", { name: "Delete report.txt on web-1?" }).waitFor();
    assert.equal(await page.getByText("is production").count(), 0);
    await page.getByRole("button", { name: "Delete on the host" }).click();
    await eventually("the file to go", async () => (await entry("web-1", "report.txt").count()) === 0);
  });

  test("a host that is not connected any more stays the one that is shown, and is connected again from here", async () => {
    await connect(page, "db-1");
    await goTo(page, "Files");
    await side("db-1").waitFor();
    await screens.hosts["db-1"].stop();
    await page.getByRole("heading", { name: "db-1 is not connected" }).waitFor();
    assert.equal(await side("web-1").count(), 0, "another host takes its place");
    assert.equal(await page.getByRole("textbox", { name: "Host", exact: true }).inputValue(), "db-1 (not connected)");
    await clean(page, "files-not-connected");
    await screens.hosts["db-1"].startAgain();
    await page.getByRole("button", { name: "Connect again" }).click();
    await side("db-1").waitFor();
  });

  test("deleting on a production host says so", async () => {
    const path = join(folder, "letter.txt");
    chmodSync(path, 0o666);
    await side("db-1").getByRole("button", { name: "Type a path" }).click();
    await side("db-1").getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
    await entry("db-1", "letter.txt").click();
    await entry("db-1", "letter.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete letter.txt on db-1?" });
    await dialog.getByText("db-1 is production.").waitFor();
    await clean(page, "files-delete-production");
    await dialog.getByRole("button", { name: "Delete in production" }).click();
    await eventually("the file to go", () => !existsSync(path));
  });

  test("what is chosen or being filled in for one host is not carried to the next", async () => {
    // Both hosts are this machine, so the same path is on both.
    writeFileSync(join(folder, "both.txt"), "on both\n", { mode: 0o666 });
    const panel = page.getByRole("complementary");
    const both = (name) => panel.getByRole("region", { name, exact: true }).getByRole("option").filter({ hasText: "both.txt" });
    const other = () => page.keyboard.press("Control+Tab");
    await goTo(page, "Sessions");
    await page.keyboard.press("Control+Shift+I");
    await panel.getByRole("tab", { name: "Files" }).click();
    await panel.getByRole("region", { name: "db-1", exact: true }).getByRole("button", { name: "Read the folder again" }).click();
    await both("db-1").click();
    assert.equal(await both("db-1").getAttribute("aria-selected"), "true");
    await other();
    await panel.getByRole("region", { name: "web-1", exact: true }).getByRole("button", { name: "Read the folder again" }).click();
    await both("web-1").waitFor();
    assert.equal(await both("web-1").getAttribute("aria-selected"), "false");
    await panel.getByRole("tab", { name: "Forwards" }).click();
    await panel.getByRole("button", { name: "Add a forward" }).click();
    await panel.locator("form").waitFor();
    await other();
    await panel.getByRole("button", { name: "Add a forward" }).waitFor();
    await page.keyboard.press("Control+Shift+I");
    await goTo(page, "Files");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
