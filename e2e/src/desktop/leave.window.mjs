// Closing the window over something that is not finished: the system's dialog says what, and who types on stays. What was not sent is there
// at the next start.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";

const TITLE = "Quit Luumen?";
const skip = spawnSync("xdotool", ["version"]).status === 0 ? false : "xdotool is not installed";

describe("closing the window", { timeout: 540_000, skip }, () => {
  let person, desk, folder, edit, local_path;

  before(async () => {
    person = newPerson();
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    desk = await openDesk({ person });
    const host = await person.host("web-1");
    await desk.keepHost(host, { credential: await desk.keyCredential(person.key) });
    await desk.open("web-1");
    const [{ id: session }] = await desk.call("sessions_list");
    await desk.call("session_log", { id: session, mode: "metadata" });
    const { files } = await desk.call("files_open", { session });
    writeFileSync(join(folder, "app.conf"), "port = 80\n");
    chmodSync(join(folder, "app.conf"), 0o666);
    ({ edit, local_path } = await desk.call("edit_open", { files, path: join(folder, "app.conf") }));
    writeFileSync(local_path, "port = 8080\n");
  });
  after(async () => {
    await person?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const windows = (name) => spawnSync("xdotool", ["search", "--onlyvisible", "--name", name], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
  const dialogs = () => windows(`^${TITLE.replace("?", "\\?")}$`);
  const run = (program, ...what) => {
    const done = spawnSync(program, what, { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
  };
  const does = (...what) => run("xdotool", ...what);
  const close = () => run("python3", join(import.meta.dirname, "close.py"), windows("^Luumen$")[0]);
  const asked = () => eventually("the dialog", () => dialogs()[0]);

  for (const [how, key] of [
    ["types on and hits the button that has the keyboard", "Return"],
    ["leaves the dialog", "Escape"],
  ]) {
    test(`it stays open for who ${how}`, async () => {
      close();
      does("windowfocus", "--sync", await asked(), "key", "--clearmodifiers", key);
      await eventually("the dialog to go", () => dialogs().length === 0);
      assert.deepEqual((await desk.call("edits_list")).map(({ changed }) => changed), [true]);
    });
  }

  test("pressing the button twice asks once", async () => {
    close();
    const dialog = await asked();
    close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(dialogs().length, 1);
    does("windowfocus", "--sync", dialog, "key", "--clearmodifiers", "Escape");
    await eventually("the dialog to go", () => dialogs().length === 0);
  });

  test("who says so leaves, and finds the change at the next start", async () => {
    close();
    does("windowfocus", "--sync", await asked(), "key", "--clearmodifiers", "Tab", "Return");
    await eventually("the window to go", () => windows("^Luumen$").length === 0);
    assert.equal(readFileSync(local_path, "utf8"), "port = 8080\n");
    // The program ends its sessions before it goes, and the log says so.
    const logs = join(person.data, "logs");
    await eventually("the end of the session log", () => JSON.parse(readFileSync(join(logs, readdirSync(logs)[0], "log.json"), "utf8")).end_reason === "closed");
    await desk.window.close();
    desk = await openDesk({ person });
    const [left] = await desk.call("edits_list");
    assert.deepEqual([left.edit, left.changed, left.session], [edit, true, null]);
    await desk.window.find(".banner", "app.conf on web-1");
  });

  test("where nothing is left, nobody is asked", async () => {
    await desk.call("edit_close", { edit });
    assert.equal(existsSync(local_path), false);
    close();
    await eventually("the window to go", () => windows("^Luumen$").length === 0);
    assert.equal(dialogs().length, 0);
  });
});
