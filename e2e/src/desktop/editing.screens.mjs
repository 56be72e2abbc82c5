// A file of the host in an editor here: where the copy is, the question before it goes back, and what happens when two changed it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

describe("editing a file of the host", { timeout: 900_000 }, () => {
  let screens, page, folder, theirs, ours;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    theirs = join(folder, "app.conf");
    writeFileSync(theirs, "port = 80\n");
    chmodSync(theirs, 0o666);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
    await page.keyboard.press("Control+Shift+I");
    await panel().getByRole("tab", { name: "Files" }).click();
    await panel().getByRole("button", { name: "Type a path" }).click();
    await panel().getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
  });
  after(async () => {
    await screens?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const panel = () => page.getByRole("complementary");
  const queue = () => panel().getByRole("region", { name: "Transfers" });
  const asks = () => queue().getByRole("alert").filter({ hasText: "was changed on this device" });
  const button = (name) => queue().getByRole("button", { name, exact: true });
  const host = () => readFileSync(theirs, "utf8");
  // The copy is looked at twice a second, and by its time of change.
  const edit = async (text) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    // A notification stays for as long as the pointer is on it.
    await page.mouse.move(640, 10);
    await page.locator(".notice-done").first().waitFor({ state: "detached" });
    writeFileSync(ours, text);
    await asks().waitFor();
  };

  test("opening it says where the copy is", async () => {
    await panel().getByRole("option").filter({ hasText: "app.conf" }).dblclick();
    await queue().getByText("is watched for changes").waitFor();
    ours = (await queue().locator(".edit code, .edit .machine").nth(1).innerText()).trim();
    assert.equal(readFileSync(ours, "utf8"), "port = 80\n");
    await queue().getByRole("button", { name: "Copy where the copy is" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), ours);
    await page.mouse.move(640, 10);
    await page.locator(".notice-done").first().waitFor({ state: "detached" });
    await clean(page, "edit-watched");
  });

  test("a change is asked about, and goes to the host only then", async () => {
    await edit("port = 8080\n");
    assert.equal(host(), "port = 80\n");
    await clean(page, "edit-changed");
    await button("Upload the change").click();
    await eventually("the host's file", () => host() === "port = 8080\n");
    await asks().waitFor({ state: "detached" });
    await queue().getByText("is watched for changes").waitFor();
  });

  test("the notice of it lies over none of its buttons", async () => {
    await edit("port = 8088\n");
    await button("Upload the change").click();
    const notice = page.locator(".notice-done").first();
    await notice.waitFor();
    const beside = await notice.boundingBox();
    assert.ok(beside.x + beside.width <= (await panel().boundingBox()).x, "over the panel");
    await goTo(page, "Files");
    const transfers = page.getByRole("region", { name: "Transfers" });
    await transfers.waitFor();
    const above = await notice.boundingBox();
    assert.ok(above.y + above.height <= (await transfers.boundingBox()).y, "over the transfers");
    await goTo(page, "Sessions");
  });

  test("who says not now can upload it later", async () => {
    await edit("port = 8081\n");
    await button("Not now").click();
    await asks().waitFor({ state: "detached" });
    assert.equal(host(), "port = 8088\n");
    await button("Upload the change").click();
    await eventually("the host's file", () => host() === "port = 8081\n");
  });

  test("what somebody else wrote meanwhile is not overwritten unasked", async () => {
    await edit("port = 1\n");
    writeFileSync(theirs, "somebody else was here\n");
    await button("Upload the change").click();
    await queue().getByText("somebody else changed or removed it on the host").waitFor();
    assert.equal(host(), "somebody else was here\n");
    await clean(page, "edit-conflict");
    await button("Overwrite the host's file").click();
    await eventually("the host's file", () => host() === "port = 1\n");
  });

  test("a change that was never uploaded is not thrown away unasked", async () => {
    await edit("port = 2\n");
    await button("Throw away…").click();
    const sure = page.getByRole("dialog", { name: "Throw the change away?" });
    await sure.getByRole("button", { name: "Cancel" }).click();
    assert.ok(existsSync(ours));
    await button("Throw away…").click();
    await sure.getByRole("button", { name: "Throw it away" }).click();
    await eventually("the copy to go", () => !existsSync(ours));
    await queue().waitFor({ state: "detached" });
    assert.equal(host(), "port = 1\n");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
