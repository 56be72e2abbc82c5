// What the page may not decide: the system's dialog shows the command, and only its button lets it run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { openDesk } from "./desk.mjs";

const TITLE = "Run a command on this device?";
const skip = spawnSync("xdotool", ["version"]).status === 0 ? false : "xdotool is not installed";

describe("a command of an imported configuration", { timeout: 120_000, skip }, () => {
  let desk;

  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.dispose());

  /** The system's windows with this title, as a person sees them. */
  const dialogs = () => spawnSync("xdotool", ["search", "--onlyvisible", "--name", TITLE], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);

  /** Asks for a preview whose lines apply if a command says so; answers once the dialog stands. */
  async function previewed(mark) {
    const file = join(desk.person.home, mark);
    const text = `Match host quiet exec "touch ${file}"\n  User by-command\n\nHost quiet\n  HostName 192.0.2.7\n`;
    await desk.window.run((text) => {
      window.preview = null;
      const call = { name: "import_preview", args: { kind: "ssh_config", text, run_match_exec: true } };
      window.__TAURI_INTERNALS__.invoke("call", call).then((answer) => (window.preview = answer));
    }, text);
    const [dialog] = await eventually("the dialog", () => dialogs().length > 0 && dialogs());
    const answer = () => eventually("the preview", () => desk.window.run(() => window.preview));
    return { dialog, answer, ran: () => existsSync(file) };
  }

  /** Without a manager of windows nobody gives a dialog the keyboard. */
  function presses(dialog, ...keys) {
    const done = spawnSync("xdotool", ["windowfocus", "--sync", dialog, "key", "--clearmodifiers", ...keys], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
  }

  test("runs when its person says so, and not before", async () => {
    const { dialog, answer, ran } = await previewed("said-yes");
    assert.equal(ran(), false);
    presses(dialog, "Tab", "Return");
    const { problems } = await answer();
    assert.equal(ran(), true);
    assert.deepEqual(problems, []);
  });

  for (const [how, key] of [
    ["types on and hits the button that has the keyboard", "Return"],
    ["leaves the dialog", "Escape"],
  ]) {
    test(`does not run when its person ${how}`, async () => {
      const { dialog, answer, ran } = await previewed(`said-${key}`);
      presses(dialog, key);
      const { problems } = await answer();
      assert.match(problems[0].text, /was not run$/);
      assert.equal(ran(), false);
      await eventually("the dialog to go", () => dialogs().length === 0);
    });
  }
});
