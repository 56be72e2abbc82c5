// A file of a host opens in the device's own text editor, whatever it is called; what the editor saves goes to the host when its person says so.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { out } from "../places.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

describe("editing in the window", { timeout: 540_000 }, () => {
  let desk, files, folder, ran;

  before(async () => {
    const person = newPerson();
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    ran = join(folder, "ran");
    setEditor(person.home);
    desk = await openDesk({ person });
    const host = await person.host("web-1");
    await desk.keepHost(host, { credential: await desk.keyCredential(person.key) });
    await desk.open("web-1");
    ({ files } = await desk.call("files_open", { session: (await desk.call("sessions_list"))[0].id }));
  });
  after(async () => {
    await desk?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** An editor that writes a line of its own below, and is the person's for plain text. */
  function setEditor(home) {
    const program = join(home, "editor.sh");
    writeFileSync(program, '#!/bin/sh\nprintf "by the editor\\n" >> "$1"\n', { mode: 0o755 });
    const entry = `[Desktop Entry]\nType=Application\nName=Editor\nExec=${program} %f\nMimeType=text/plain;\n`;
    mkdirSync(join(home, ".local/share/applications"), { recursive: true });
    writeFileSync(join(home, ".local/share/applications/editor.desktop"), entry);
    mkdirSync(join(home, ".config"), { recursive: true });
    writeFileSync(join(home, ".config/mimeapps.list"), "[Default Applications]\ntext/plain=editor.desktop\n");
  }

  const picture = async (name) => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${name}.png`), await desk.window.screenshot());
  };

  async function fetched(name, content) {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), 0o666);
    return desk.call("edit_open", { files, path: join(folder, name) });
  }

  test("the copy opens in the editor, and a change goes to the host only by its person", async () => {
    const { edit, local_path } = await fetched("app.conf", "port = 80\n");
    await desk.window.invoke("open_edit", { edit });
    await eventually("the editor to save", () => readFileSync(local_path, "utf8").includes("by the editor"));
    assert.equal(readFileSync(join(folder, "app.conf"), "utf8"), "port = 80\n");
    await desk.call("edit_upload", { edit });
    assert.equal(readFileSync(join(folder, "app.conf"), "utf8"), "port = 80\nby the editor\n");
    await desk.call("edit_close", { edit });
  });

  test("the file opens from its list, and once more by its button", async () => {
    writeFileSync(join(folder, "list.conf"), "port = 80\n");
    chmodSync(join(folder, "list.conf"), 0o666);
    await desk.panel("Files");
    await (await desk.window.find(".side button[aria-label='Type a path']")).click();
    // Emptying it by the driver would take the keyboard from it, and it goes when it has lost that.
    await desk.window.chord(KEY.control, "a");
    await (await desk.window.find(".side input[aria-label=Path]")).type(folder + KEY.enter);
    const file = await desk.window.find(".side [role=option]", "list.conf");
    await file.click();
    await desk.window.chord(KEY.enter);
    const saved = (times) => eventually(`${times} changes to be asked about`, async () => (await asked()) && (await copy()).endsWith("by the editor\n".repeat(times)));
    const asked = () => desk.window.run(() => document.querySelector(".edit[data-asks]") !== null);
    const copy = async () => readFileSync(await desk.window.run(() => document.querySelector(".edit .machine:not(strong)").textContent), "utf8");
    await saved(1);
    await desk.press("Not now");
    await desk.press("Open in the editor");
    await saved(2);
    await picture("open-in-the-editor");
    await desk.press("Upload the change");
    await eventually("the host's file", () => readFileSync(join(folder, "list.conf"), "utf8") === "port = 80\nby the editor\nby the editor\n");
    await eventually("the notification to go", () => desk.window.absent(".notice-done"));
    await desk.press("Stop watching");
    await eventually("the row to go", () => desk.window.absent(".edit"));
  });

  test("a file that would start a program is a text like any other", async () => {
    const starts = `[Desktop Entry]\nType=Application\nName=Start\nExec=touch ${ran}\n`;
    for (const [name, content] of [
      ["start.desktop", starts],
      ["start.sh", `#!/bin/sh\ntouch ${ran}\n`],
      ["page.html", `<script>location = "file://${ran}"</script>`],
    ]) {
      const { edit, local_path } = await fetched(name, content);
      await desk.window.invoke("open_edit", { edit });
      await eventually(`the editor to save ${name}`, () => readFileSync(local_path, "utf8") === `${content}by the editor\n`);
      await desk.call("edit_close", { edit });
    }
    assert.equal(existsSync(ran), false);
  });

  test("what was never fetched cannot be opened", async () => {
    const refused = (args) => desk.window.run((args) => window.__TAURI_INTERNALS__.invoke("open_edit", args).then(() => null, (error) => error.code ?? String(error)), args);
    assert.equal(await refused({ edit: crypto.randomUUID() }), "LUM-EDIT-UNKNOWN");
    assert.match(await refused({ edit: "/etc/passwd" }), /invalid/i);
    assert.match(await refused({ path: "/etc/passwd" }), /edit/);
  });
});
