// What only the real window has: how it starts, what its page may ask and load, and that there is one of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, start } from "../child.mjs";
import { account } from "../hosts.mjs";
import { built } from "../places.mjs";
import { newPerson } from "./person.mjs";
import { dialog, dialogs, noDialogs, presses } from "./system-dialog.mjs";

/** A debug build on a busy machine; the time itself is printed, and measured in bench/terminal. */
const STARTS_WITHIN_MS = 20_000;

describe("the desktop's window", { timeout: 900_000 }, () => {
  let person, window;

  before(async () => {
    person = newPerson();
    window = await person.window();
  });
  after(() => person?.dispose());

  const secondStart = (...args) =>
    spawnSync(built("luumen-desktop"), ["--data-dir", person.data, ...args], { encoding: "utf8", env: { ...process.env, ...person.env }, timeout: 20_000 });

  /** Listens for what happens to the window, in place of the screens. */
  const listen = () =>
    window.run(() => {
      window.heard = [];
      const internals = window.__TAURI_INTERNALS__;
      const id = internals.transformCallback(({ message }) => window.heard.push(message));
      return internals.invoke("window_events", { channel: `__CHANNEL__:${id}` });
    });
  const heard = () => window.run(() => window.heard);

  test("starts, and its page asks the workbench", async () => {
    console.log(`the window answered after ${window.startedInMs} ms`);
    assert.ok(window.startedInMs < STARTS_WITHIN_MS);
    const about = await window.invoke("call", { name: "about", args: {} });
    assert.equal(about.data_dir, person.data);
  });

  test("a call that fails says what, why and what to do", async () => {
    const problem = await window.run(() => window.__TAURI_INTERNALS__.invoke("call", { name: "nonsense", args: {} }).then(() => null, (error) => error));
    assert.equal(problem.code, "LUM-CALL-UNKNOWN");
    assert.ok(problem.next);
  });

  test("the page may ask nothing but what its capability names", async () => {
    for (const command of [
      "plugin:event|listen",
      "plugin:app|version",
      "plugin:window|close",
      "plugin:webview|create_webview_window",
      "plugin:path|resolve_directory",
      "plugin:resources|close",
      "plugin:shell|execute",
      "plugin:fs|read_file",
      "plugin:http|fetch",
      "nonsense",
    ]) {
      await assert.rejects(window.invoke(command), /not allowed/, command);
    }
    for (const url of ["file:///etc/passwd", "ssh://db-3", "--help"]) {
      await assert.rejects(window.invoke("open_link", { url }), /LUM-DESKTOP-LINK/, url);
    }
  });

  test("the page cannot read a private key", async () => {
    const refusal = (name, args) => window.run((name, args) => window.__TAURI_INTERNALS__.invoke("call", { name, args }).then(() => null, (error) => error), name, args);
    const key = readFileSync(person.key, "utf8").split("\n")[1];
    for (const kind of ["ssh_config", "csv", "ansible"]) assert.equal((await refusal("import_preview", { kind, path: person.key })).code, "LUM-IMPORT-KEY", kind);
    const included = await window.invoke("call", { name: "import_preview", args: { kind: "ssh_config", text: `Include ${person.key}\nHost web\n` } });
    assert.ok(!JSON.stringify(included).includes(key), "no line of it comes back");
    const kept = await window.invoke("call", { name: "key_import", args: { name: "laptop", path: person.key, in_place: true } });
    assert.ok(!JSON.stringify(kept).includes(key) && kept.public_key.startsWith("ssh-ed25519 "));
  });

  test("the page cannot send a private key to a host", { skip: noDialogs }, async () => {
    const title = "Send a guarded file to a host?";
    const ask = (name, args = {}) => window.invoke("call", { name, args });
    const host = await person.host("web");
    const { id } = await ask("session_open", { quick: `${account}@${host.address}:${host.port}` });
    await eventually("the session", async () => (await ask("sessions_list")).some((session) => session.id === id && session.state === "open"));
    const { files, home } = await ask("files_open", { session: id });
    mkdirSync(join(person.home, "work"));
    copyFileSync(person.key, join(person.home, "work", "notes.txt"));
    const standing = (transfer, state) => eventually(`the transfer ${state}`, async () => (await ask("transfers_list")).find((one) => one.id === transfer && one.state === state));
    const there = async () => (await ask("files_list", { files, path: home })).entries.some(({ name }) => name === "work");

    const [{ id: transfer }] = await ask("transfer_add", { files, direction: "upload", from: [join(person.home, "work")], to: home, on_conflict: "overwrite" });
    presses(await dialog(title), "Return");
    assert.equal((await standing(transfer, "failed")).problem.code, "LUM-FILE-GUARDED");
    assert.equal(await there(), false, "who types on has not agreed");
    await eventually("the dialog to go", () => dialogs(title).length === 0);

    await ask("transfer_retry", { id: transfer });
    presses(await dialog(title), "Tab", "Return");
    await standing(transfer, "done");
    assert.equal(await there(), true, "its person may");
    await ask("session_close", { id });
  });

  test("the page cannot write over what programs are started from", { skip: noDialogs }, async () => {
    const profile = join(person.home, ".profile");
    await window.run((path) => {
      const call = { name: "export_hosts", args: { kind: "ssh_config", path } };
      window.refusal = null;
      window.__TAURI_INTERNALS__.invoke("call", call).then(() => (window.refusal = "written"), (problem) => (window.refusal = problem.code));
    }, profile);
    const shown = await dialog("Write to a guarded place?");
    assert.ok(!existsSync(profile));
    presses(shown, "Escape");
    assert.equal(await eventually("the answer", () => window.run(() => window.refusal)), "LUM-FILE-GUARDED");
    assert.ok(!existsSync(profile));
  });

  test("the page loads and reaches nothing outside of the window", async () => {
    const tried = await window.run(async () => {
      const failed = (work) => work.then(() => "loaded", () => "refused");
      const image = (src) => new Promise((resolve, reject) => Object.assign(new Image(), { src, onload: resolve, onerror: reject }));
      return {
        fetch: await failed(fetch("http://127.0.0.1:9/")),
        image: await failed(image("http://127.0.0.1:9/a.png")),
        file: await failed(fetch("file:///etc/hostname")),
        script: await failed(new Promise((resolve, reject) => setTimeout(() => (window.ran ? resolve() : reject()), 50, document.head.append(Object.assign(document.createElement("script"), { text: "window.ran = true" }))))),
        eval: await failed(Promise.resolve().then(() => new Function("return 1")())),
      };
    });
    assert.deepEqual(tried, { fetch: "refused", image: "refused", file: "refused", script: "refused", eval: "refused" });
    await window.run(() => void (location.href = "http://127.0.0.1:9/"));
    const about = await window.invoke("call", { name: "about", args: {} });
    assert.ok(about.version, "the page is still the one it was");
  });

  test("a second start ends, and hands its link to the first", async () => {
    await listen();
    const second = secondStart("ssh://ada@db-3:2222");
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /already open/);
    await eventually("the link", async () => (await heard()).length > 0);
    assert.deepEqual(await heard(), [{ event: "link", text: "ssh://ada@db-3:2222" }]);
  });

  test("what is no link to a host is refused before a window hears of it", async () => {
    const second = secondStart("file:///etc/passwd");
    assert.equal(second.status, 2);
    assert.match(second.stderr, /begins with ssh:\/\//);
    assert.equal((await heard()).length, 1);
  });

  test("the web view of an ordinary start keeps nothing of what it shows on disk", async () => {
    const other = newPerson();
    const { TAURI_WEBVIEW_AUTOMATION, ...env } = { ...process.env, ...other.env };
    assert.equal(TAURI_WEBVIEW_AUTOMATION, undefined);
    const app = start(built("luumen-desktop"), ["--data-dir", other.data, "--secrets", "vault-file"], { env });
    try {
      await eventually("the store", () => existsSync(join(other.data, "window.socket")));
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(app.ended, false, app.said.text);
      const files = readdirSync(join(other.data, "webview"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      // What WebKit makes before it knows of any page: salts for the names of devices, and an empty list of sites that want TLS.
      const left = files.map(({ name }) => name).filter((name) => !["salt", "hsts-storage.sqlite"].includes(name));
      assert.deepEqual(left, []);
    } finally {
      await app.stop();
      await other.dispose();
    }
  });

  test("a window comes back as large as it was", async () => {
    await window.resize(1000, 700);
    const kept = () => JSON.parse(readFileSync(join(person.data, "window.json"), "utf8")).width === 1000;
    await eventually("the size on disk", kept);
    await window.close();
    window = await person.window();
    await eventually("the same size", () => window.run(() => innerWidth === 1000 && innerHeight === 700));
  });

  // The last one: the dialog stays open.
  test("the page cannot run a command by itself", async () => {
    // A dialog of the system asks, and nobody answers it here: the page waits, and so does the command.
    const mark = join(person.folder, "ran");
    await window.run((text) => void window.__TAURI_INTERNALS__.invoke("call", { name: "import_preview", args: { kind: "ssh_config", text, run_match_exec: true } }).then((answer) => (window.ran = answer)), `Host web\nMatch exec "touch ${mark}"\n`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.ok(!existsSync(mark), "it has not run");
    assert.equal(await window.run(() => window.ran), null, "and somebody is asked");
  });
});
