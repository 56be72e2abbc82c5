// A change of a host's file that was not sent: a page that is loaded anew knows of it, and so does the next start. It is sent, saved as a
// file or thrown away by its person, and by nobody else.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

describe("a change that was not sent", { timeout: 900_000 }, () => {
  let screens, page, folder, theirs, ours;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    theirs = join(folder, "app.conf");
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
  });
  after(async () => {
    await screens?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const unsent = () => page.getByRole("region", { name: "Unsent changes" });
  const transfers = () => page.getByRole("region", { name: "Transfers" });
  const banner = () => page.getByRole("status").filter({ hasText: "not sent before Luumen was closed" });
  const button = (name) => transfers().getByRole("button", { name, exact: true });
  const host = () => readFileSync(theirs, "utf8");
  const noNotice = async () => {
    await page.mouse.move(640, 10);
    await page.locator(".notice-done").first().waitFor({ state: "detached" });
  };

  /** Opens the host's file and saves a change of it in its copy. */
  async function changed(text) {
    writeFileSync(theirs, "port = 80\n");
    chmodSync(theirs, 0o666);
    const [session] = (await screens.call("sessions_list")).filter(({ state }) => state === "open");
    const { files } = await screens.call("files_open", { session: session.id });
    ({ local_path: ours } = await screens.call("edit_open", { files, path: theirs }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    writeFileSync(ours, text);
  }

  /** The program ends and is started again; nobody told it to tidy up. */
  async function startAgain() {
    await screens.server.stop();
    Object.assign(screens.server, await screens.person.workbench());
    await screens.open();
  }

  test("is known to a page that is loaded anew, which asks about it", async () => {
    await connect(page, "web-1");
    await changed("port = 8080\n");
    await screens.open();
    await goTo(page, "Files");
    const asks = transfers().getByRole("alert").filter({ hasText: "was changed on this device" });
    await asks.waitFor();
    await asks.getByText(ours).waitFor();
    await clean(page, "edit-after-reload");
    await button("Upload the change").click();
    await eventually("the host's file", () => host() === "port = 8080\n");
    await asks.waitFor({ state: "detached" });
    await button("Stop watching").click();
    await transfers().waitFor({ state: "detached" });
    await noNotice();
  });

  test("is said at the next start, with whose it is", async () => {
    await changed("port = 8081\n");
    await startAgain();
    await banner().getByText("A change was not sent before Luumen was closed: app.conf on web-1").waitFor();
    await page.getByRole("button", { name: "Files: a change was not sent" }).waitFor();
    assert.equal(readFileSync(ours, "utf8"), "port = 8081\n");
    await clean(page, "unsent-banner");
    await banner().getByRole("button", { name: "Show it" }).click();
    await unsent().getByText(theirs, { exact: true }).waitFor();
    await unsent().getByText("on web-1").waitFor();
    await banner().waitFor({ state: "detached" });
    await clean(page, "unsent-changes");
  });

  test("goes to its host over a new session, but not over what somebody else wrote meanwhile", async () => {
    writeFileSync(theirs, "somebody else was here\n");
    await button("Connect and upload").click();
    await page.getByRole("heading", { name: "Files", exact: true }).waitFor();
    await transfers().getByText("somebody else changed or removed it on the host").waitFor();
    assert.equal(host(), "somebody else was here\n");
    await clean(page, "unsent-conflict");
    await button("Overwrite the host's file").click();
    await eventually("the host's file", () => host() === "port = 8081\n");
    // From now on it is a file that is open, like any other.
    await unsent().waitFor({ state: "detached" });
    await transfers().getByText("is watched for changes").waitFor();
    await button("Stop watching").click();
    await noNotice();
  });

  test("is saved as a file, which replaces none unasked", async () => {
    await changed("port = 8082\n");
    await startAgain();
    await goTo(page, "Files");
    const mine = join(screens.person.home, "mine.conf");
    writeFileSync(mine, "older\n");
    await unsent().getByRole("button", { name: "Save as a file…" }).click();
    const dialog = page.getByRole("dialog", { name: "Save the change as a file" });
    await dialog.getByLabel("Write to").fill("~/mine.conf");
    await clean(page, "unsent-save");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Replace the file?" }).getByRole("button", { name: "Cancel" }).click();
    assert.equal(readFileSync(mine, "utf8"), "older\n");
    await dialog.getByLabel("Write to").press("Enter");
    await page.getByRole("dialog", { name: "Replace the file?" }).getByRole("button", { name: "Replace it" }).click();
    await unsent().waitFor({ state: "detached" });
    assert.equal(readFileSync(mine, "utf8"), "port = 8082\n");
    await eventually("the copy to go", () => !existsSync(ours));
    assert.equal(host(), "port = 80\n");
    await noNotice();
  });

  test("is thrown away only by who says so twice", async () => {
    await connect(page, "web-1");
    await changed("port = 8083\n");
    await startAgain();
    await goTo(page, "Files");
    await unsent().getByRole("button", { name: "Throw away…" }).click();
    const sure = page.getByRole("dialog", { name: "Throw the change away?" });
    await clean(page, "unsent-throw-away");
    await sure.getByRole("button", { name: "Cancel" }).click();
    assert.ok(existsSync(ours));
    await unsent().getByRole("button", { name: "Throw away…" }).click();
    await sure.getByRole("button", { name: "Throw it away" }).click();
    await eventually("the copy to go", () => !existsSync(ours));
    await unsent().waitFor({ state: "detached" });
  });

  test("is not there where nothing was changed", async () => {
    await connect(page, "web-1");
    await changed("port = 80\n");
    await startAgain();
    assert.deepEqual(await screens.call("edits_list"), []);
    assert.equal(existsSync(ours), false);
    await goTo(page, "Files");
    await page.getByText("No host is connected").waitFor();
    assert.equal(await banner().count(), 0);
    assert.equal(await transfers().count(), 0);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
