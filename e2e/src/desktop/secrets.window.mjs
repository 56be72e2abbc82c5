// Secrets that are planted through the window, and looked for, private keys among them: in the memory of the web view, in every file that is kept, in what
// the program says, and in what a crash leaves. Reading the memory of another process needs root.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { makeKey } from "../keys.mjs";
import { lockedPartsOf, partsOf } from "./key-parts.mjs";
import { found, shapesOf } from "./memory.mjs";
import { newPerson } from "./person.mjs";
import { NOTHING_SET } from "./settings.mjs";
import { descendants, KEY } from "./webdriver.mjs";

const WITHIN_MS = 30_000;

/** Each unlike anything else, so that half of it is enough to know it by. */
const planted = (kind) => `${kind}-${randomBytes(12).toString("hex")}-Ok1`;

const missing = !apart ? "only root can read the memory of another process" : !existsSync("/etc/pam.d/sshd") && "sshd has no PAM here";
if (missing) console.log(`skipped: planted secrets are not looked for: ${missing}`);

describe("planted secrets", { timeout: 900_000, skip: missing }, () => {
  const secrets = { vault: planted("vault"), passphrase: planted("phrase"), password: planted("passwd"), code: planted("onetime"), credential: planted("cred") };
  // Parts of private keys join them, once the keys are made.
  const keys = {};
  let person, host, window, session, imported;

  before(async () => {
    person = newPerson();
    host = await person.host("db-1", { asks: { password: secrets.password, code: secrets.code } });
    Object.assign(keys, partsOf(person.key, "key in its file"));
    run("ssh-keygen", ["-q", "-p", "-P", "", "-N", secrets.passphrase, "-f", person.key]);
    Object.assign(keys, lockedPartsOf(person.key, "locked key in its file"));
    imported = makeKey(join(person.folder, "imported"));
    Object.assign(keys, partsOf(imported, "imported key"));
    window = await person.window();
    await window.invoke("call", { name: "preferences_set", args: { preferences: { first_run_done: true, log_default: "full" } } });
    await window.run(() => location.reload());
    await window.find(".frame", undefined, WITHIN_MS);
  });
  after(() => person?.dispose());

  /** A field by its label. */
  const field = async (label) => {
    const find = (pattern) => Array.from(document.querySelectorAll("label")).find((one) => one.checkVisibility() && new RegExp(pattern).test(one.textContent))?.htmlFor;
    const id = await eventually(`the field ${label}`, () => window.run(find, label.source));
    return window.find(`[id="${id}"]`);
  };
  const button = async (name) => (await window.find("button", name, WITHIN_MS)).click();
  const call = (name, args = {}) => window.invoke("call", { name, args });

  /** The processes of the window, by what they are. */
  const processes = () => {
    const named = descendants(window.driver.pid).map(({ pid }) => ({ pid, name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() }));
    const one = (start) => named.find(({ name }) => name.startsWith(start))?.pid;
    // The kernel keeps the first 15 characters of a name.
    return { app: one("luumen-desktop"), web: one("WebKitWebP"), network: one("WebKitNetwork") };
  };
  const clean = (name, pid, texts = { ...secrets, ...keys }) => assert.deepEqual(found(pid, texts), {}, `the ${name} process`);

  test("the search sees what is typed into an ordinary field", async () => {
    const marker = planted("marker");
    await window.chord(KEY.control, "k");
    const line = await window.find(".palette-input input");
    await line.type(marker);
    await eventually("the marker in the field", async () => (await line.value()) === marker);
    assert.ok(found(processes().web, { marker }).marker, "an ordinary text is in the memory of the web view");
    await window.run(() => location.reload());
    await window.find(".frame", undefined, WITHIN_MS);
  });

  const toTheVault = async () => {
    await button("Settings");
    await (await window.find("[role=tab]", "Secrets")).click();
  };
  const lockAndOpen = async () => {
    await button("Lock now");
    await (await field(/^Passphrase of the vault/)).type(secrets.vault);
    await button("Unlock");
    await window.find("button", "Lock now", WITHIN_MS);
    assert.equal((await call("vault_status")).state, "open");
  };

  test("a vault is made, locked and opened", async () => {
    await toTheVault();
    for (const label of [/^New passphrase$/, /^New passphrase again/]) await (await field(label)).type(secrets.vault);
    await button("Make the vault");
    await lockAndOpen();
  });

  test("a password is kept with a credential", async () => {
    await button("Keys");
    await (await window.find("[role=tab]", "Credentials")).click();
    await button("Add a credential");
    await (await field(/^Name/)).type("root");
    await (await window.find("label", "Password")).click();
    const typed = await window.find(".drawer-form input[type=password]");
    await typed.type(secrets.credential);
    assert.equal(await typed.value(), "•".repeat(secrets.credential.length), "the field holds signs only");
    await (await window.find(".drawer-form button[type=submit]")).click();
    const kept = await eventually("the credential", async () => (await call("credentials_list"))[0]);
    assert.equal(kept.has_secret, true);
  });

  test("a host is asked for a passphrase, a password and a one-time code", async () => {
    await window.chord(KEY.control, "k");
    await (await window.find(".palette-input input")).type(`${account}@127.0.0.1:${host.port}`);
    await (await window.find("[role=option]", "Connect to")).click();
    for (const [kind, label, secret] of [
      ["passphrase", /^Passphrase of the key/, secrets.passphrase],
      ["password", /^Password of/, secrets.password],
      ["prompts", /^Password$/, secrets.code],
    ]) {
      await eventually(`the question ${kind}`, async () => (await call("questions_list"))[0]?.ask.kind === kind, WITHIN_MS);
      await (await field(label)).type(secret);
      await button("Continue");
    }
    session = await eventually("the session", async () => (await call("sessions_list")).find(({ state }) => state === "open"), WITHIN_MS);
    await eventually("a prompt", () => window.run(() => /[$#]/.test(document.querySelector(".xterm-rows")?.innerText ?? "")), WITHIN_MS);
    assert.equal(session.recording, "full");
  });

  test("a key is imported from its file, and opens another host", async () => {
    await button("Keys");
    await (await window.find("[role=tab]", "Keys")).click();
    await button("Add a key");
    await (await window.find(".drawer-form label", "Import one")).click();
    await (await field(/^Name/)).type("carried");
    await (await field(/^File/)).type(imported);
    await (await window.find(".drawer-form button[type=submit]")).click();
    const key = await eventually("the key", async () => (await call("keys_list"))[0]);
    assert.equal(key.source, "imported");
    assert.equal(key.encrypted, false);
    // Only what the vault keeps can open the host, and it is read from its file once.
    rmSync(imported);
    await toTheVault();
    await lockAndOpen();
    const second = await person.host("db-2", { key: imported });
    const credential = await call("credential_save", { credential: { name: "carried", user: account, kind: "key", key: key.id, certificate: null } });
    const settings = { ...NOTHING_SET, port: second.port, credential: credential.id };
    const kept = await call("host_save", { host: { group: null, name: "db-2", protocol: "ssh", address: second.address, tags: [], note: "", settings, forwards: [] } });
    await (await window.find(".rail [data-page=hosts] button")).click();
    await (await window.find(`button[aria-label="Connect to ${kept.name}"]`)).click();
    await eventually("the second session", async () => (await call("sessions_list")).some((one) => one.host === kept.id && one.state === "open"), WITHIN_MS);
  });

  test("while the session is open, the web view has none of them", () => {
    const { app, web, network } = processes();
    clean("web", web);
    clean("network", network);
    // What was typed to sign in is kept by the program, for files and the next connection (docs/dev/desktop.md).
    console.log(`the program while the session is open: ${JSON.stringify(found(app, { ...secrets, ...keys }))}`);
  });

  test("after it is closed, the program has none of them either", async () => {
    for (const { id } of await call("sessions_list")) await call("session_close", { id });
    await call("vault_lock");
    await eventually("the session to be gone", async () => (await call("sessions_list")).length === 0);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { app, web, network } = processes();
    clean("web", web);
    clean("network", network);
    console.log(`the program after the session is closed: ${JSON.stringify(found(app, { ...secrets, ...keys }))}`);
    clean("program's own", app);
  });

  test("no file that is kept holds one, nor what the program said", () => {
    const files = readdirSync(person.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.some(({ name }) => name.endsWith(".cast")), "the session was recorded");
    assert.ok(files.some(({ name }) => name === "vault.json"));
    const shapes = Object.entries({ ...secrets, ...keys }).flatMap(([kind, secret]) => Object.values(shapesOf(secret)).map((bytes) => ({ kind, bytes })));
    const held = (bytes) => shapes.filter((shape) => bytes.includes(shape.bytes)).map(({ kind }) => kind);
    for (const { parentPath, name } of files) assert.deepEqual(held(readFileSync(join(parentPath, name))), [], `in ${name}`);
    assert.deepEqual(held(Buffer.from(window.said)), [], "printed");
  });

  test("a crash writes no memory out", async () => {
    const { app, web, network } = processes();
    for (const [name, pid] of Object.entries({ app, web, network })) {
      assert.match(readFileSync(`/proc/${pid}/limits`, "utf8"), /Max core file size +0 +0 /, `${name} may leave a core dump`);
    }
    process.kill(app, "SIGABRT");
    await eventually("the program to end", () => !existsSync(`/proc/${app}`));
    const left = readdirSync(person.data, { recursive: true }).concat(readdirSync(process.cwd())).filter((name) => /(^|\/)core(\.|$)/.test(name));
    assert.deepEqual(left, []);
  });
});
