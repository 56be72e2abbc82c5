// What the page may not decide: the system's dialog shows the command, and only its button lets it run.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { openDesk } from "./desk.mjs";
import { dialog, dialogs, noDialogs, presses } from "./system-dialog.mjs";

const TITLE = "Run a command on this device?";

describe("a command of an imported configuration", { timeout: 360_000, skip: noDialogs }, () => {
  let desk;

  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.dispose());

  /** Asks for a preview whose lines apply if a command says so; answers once the dialog stands. */
  async function previewed(mark) {
    const file = join(desk.person.home, mark);
    const text = `Match host quiet exec "touch ${file}"\n  User by-command\n\nHost quiet\n  HostName 192.0.2.7\n`;
    await desk.window.run((text) => {
      window.preview = null;
      const call = { name: "import_preview", args: { kind: "ssh_config", text, run_match_exec: true } };
      window.__TAURI_INTERNALS__.invoke("call", call).then((answer) => (window.preview = answer));
    }, text);
    const shown = await dialog(TITLE);
    const answer = () => eventually("the preview", () => desk.window.run(() => window.preview));
    return { shown, answer, ran: () => existsSync(file) };
  }

  test("runs when its person says so, and not before", async () => {
    const { shown, answer, ran } = await previewed("said-yes");
    assert.equal(ran(), false);
    presses(shown, "Tab", "Return");
    const { problems } = await answer();
    assert.equal(ran(), true);
    assert.deepEqual(problems, []);
    // The next test must not take this dialog for its own.
    await eventually("the dialog to go", () => dialogs(TITLE).length === 0);
  });

  for (const [how, key] of [
    ["types on and hits the button that has the keyboard", "Return"],
    ["leaves the dialog", "Escape"],
  ]) {
    test(`does not run when its person ${how}`, async () => {
      const { shown, answer, ran } = await previewed(`said-${key}`);
      presses(shown, key);
      const { problems } = await answer();
      assert.match(problems[0].text, /was not run$/);
      assert.equal(ran(), false);
      await eventually("the dialog to go", () => dialogs(TITLE).length === 0);
    });
  }
});
