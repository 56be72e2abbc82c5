// What network.window.mjs runs inside of its namespace: a window, everything that can be done with it, and what was sent meanwhile.
import assert from "node:assert/strict";
import dgram from "node:dgram";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run, start } from "../child.mjs";
import { account } from "../hosts.mjs";
import { makeKey } from "../keys.mjs";
import { built, program, top } from "../places.mjs";
import { capture, EDGE, INNER, strays } from "./namespaces.mjs";
import { newPerson } from "./person.mjs";
import { NOTHING_SET } from "./settings.mjs";
import { KEY } from "./webdriver.mjs";

const WITHIN_MS = 30_000;
const networks = JSON.parse(process.env.LUUMEN_E2E_NETWORKS);

describe("a desktop that reaches one host and nothing else", { timeout: 810_000 }, () => {
  let person, window, session, packets, edge;

  before(async () => {
    person = newPerson();
    edge = await person.host("edge-1", { net: networks.edge, at: EDGE });
    await person.host("db-1", { net: networks.inner, at: INNER });
    const library = join(person.home, ".local", "share", "luumen");
    // 3: made, and some sources have nothing to say.
    run(built("luumen"), ["feeds", "build", "--from", join(top, "content", "sample"), "--sample", "--dir", library], { allowed: [0, 3], env: { ...process.env, ...person.env } });
    packets = await capture();
    window = await person.window(`ssh://${account}@${EDGE}`);
    await call("preferences_set", { preferences: { first_run_done: true } });
    await window.run(() => location.reload());
  });
  after(async () => {
    await packets?.stop();
    await person?.dispose();
  });

  const call = (name, args = {}) => window.invoke("call", { name, args });
  const shown = () => window.run(() => Array.from(document.querySelectorAll(".xterm-rows")).find((one) => one.checkVisibility())?.innerText ?? "");
  const types = async (text, shows) => {
    await (await window.find(".xterm-helper-textarea")).type(text);
    await eventually(`the terminal to show ${shows}`, async () => (await shown()).includes(shows), WITHIN_MS);
  };
  const prompt = () => eventually("a prompt", async () => /[$#]/.test(await shown()), WITHIN_MS);

  test("connects, and has a terminal", async () => {
    await window.find(".frame", undefined, WITHIN_MS);
    await window.chord(KEY.control, "k");
    await (await window.find(".palette-input input")).fill(`${account}@${EDGE}`);
    await (await window.find("[role=option]", "Connect to")).click();
    await window.find(".xterm-rows", undefined, WITHIN_MS);
    await prompt();
    await types("echo E2E-$((40+2))-OK\n", "E2E-42-OK");
    session = (await call("sessions_list"))[0];
  });

  test("carries files both ways", async () => {
    const text = "to and fro\n".repeat(100_000);
    const [here, back] = [join(person.home, "up.txt"), join(person.home, "back")];
    writeFileSync(here, text);
    const { files, home } = await call("files_open", { session: session.id });
    const carry = async (direction, from, to) => {
      const [{ id }] = await call("transfer_add", { files, direction, from: [from], to, on_conflict: "overwrite" });
      const done = await eventually(`the ${direction}`, async () => (await call("transfers_list")).find((one) => one.id === id && ["done", "failed"].includes(one.state)), WITHIN_MS);
      assert.equal(done.state, "done", JSON.stringify(done));
    };
    await carry("upload", here, home);
    rmSync(here);
    run("mkdir", [back]);
    await carry("download", `${home}/up.txt`, back);
    assert.equal(readFileSync(join(back, "up.txt"), "utf8"), text);
  });

  test("forwards ports all three ways", async () => {
    const begin = async (spec) => {
      const all = { id: crypto.randomUUID(), bind: "127.0.0.1", port: 0, to_host: null, to_port: null, auto: false, label: "", ...spec };
      const { id } = await call("forward_start", { session: session.id, spec: all });
      return eventually(`the ${spec.kind} forward`, async () => (await call("forwards_list", { session: session.id })).find((one) => one.id === id && one.state === "listening")?.bound_port);
    };
    const local = await begin({ kind: "local", to_host: INNER, to_port: 22 });
    assert.match(await greeting(local), /^SSH-2\.0-/);
    const dynamic = await begin({ kind: "dynamic" });
    const [a, b, c, d] = INNER.split(".").map(Number);
    assert.match(await greeting(dynamic, [[5, 1, 0], [5, 1, 0, 1, a, b, c, d, 0, 22]]), /SSH-2\.0-/);
    const here = net.createServer((socket) => socket.end("from the desk\n"));
    await new Promise((resolve) => here.listen(0, "127.0.0.1", resolve));
    const remote = await begin({ kind: "remote", to_host: "127.0.0.1", to_port: here.address().port });
    const asked = `require("node:net").connect(${remote}, "127.0.0.1").on("data", (data) => process.stdout.write(data))`;
    // Not waited for with run(), which would hold up the server that answers.
    const there = start("nsenter", [`--net=/run/netns/${networks.edge}`, process.execPath, "-e", asked]);
    await eventually("the answer at the host", () => there.said.text.includes("from the desk"));
    await there.stop();
    here.close();
  });

  test("reaches a host behind another", async () => {
    const save = (name, address, jump) => call("host_save", { host: { group: null, name, protocol: "ssh", address, tags: [], note: "", forwards: [], settings: { ...NOTHING_SET, user: account, jump } } });
    const first = await save("edge-1", EDGE, null);
    const inner = await save("db-1", INNER, [first.id]);
    const { id } = await call("session_open", { host: inner.id });
    const open = await eventually("the inner host", async () => (await call("sessions_list")).find((one) => one.id === id && one.state === "open"), WITHIN_MS);
    assert.equal(new Set(open.steps.map(({ hop }) => hop)).size, 2);
    await call("session_close", { id });
  });

  test("scans by the catalogue on disk, and writes it into a file", async () => {
    const { scan } = await call("scan_start", { session: session.id });
    const done = await eventually("the scan", async () => { const now = await call("scan_get", { scan }); return now.state !== "running" && now; }, 90_000);
    assert.equal(done.state, "done", JSON.stringify(done.problem));
    assert.ok(done.catalogue?.sample && done.package_count > 0, "the catalogue judged");
    const path = join(person.home, "scan.json");
    await call("scan_export", { scan, kind: "json", path });
    assert.equal(JSON.parse(readFileSync(path, "utf8")).scan.id, scan);
  });

  const state = (wanted, withinMs = WITHIN_MS) => eventually(`the session to be ${wanted}`, async () => (await call("sessions_list")).find((one) => one.id === session.id && one.state === wanted), withinMs);
  /** The host goes down, and comes back once something was done to it. */
  const goesDown = async (meanwhile = () => {}) => {
    await edge.stop();
    await state("lost");
    meanwhile();
    await edge.startAgain();
    await call("session_reconnect", { id: session.id });
  };

  test("connects again after the line was lost", async () => {
    await goesDown();
    await state("open");
    await types("echo again-$((40+2))\n", "again-42");
  });

  test("refuses a host whose key has changed, and takes the old one again", async () => {
    const key = join(edge.home, "host_key");
    await goesDown(() => {
      for (const half of ["", ".pub"]) renameSync(key + half, `${key}.old${half}`);
      makeKey(key);
    });
    const asked = await eventually("the question", async () => (await call("questions_list"))[0], WITHIN_MS);
    assert.equal(asked.ask.kind, "host_key_changed");
    await call("question_answer", { question: asked.question, answer: { kind: "cancel" } });
    await state("failed");
    await edge.stop();
    for (const half of ["", ".pub"]) renameSync(`${key}.old${half}`, key + half);
    await edge.startAgain();
    await call("session_reconnect", { id: session.id });
    await state("open");
  });

  test("edits a file of the host and sends it back", async () => {
    const { files, home } = await call("files_open", { session: session.id });
    const path = `${home}/up.txt`;
    const { edit, local_path: copy } = await call("edit_open", { files, path });
    writeFileSync(copy, "edited here\n");
    await eventually("the change to be seen", async () => (await call("edits_list")).find((one) => one.edit === edit)?.changed);
    await call("edit_upload", { edit });
    await call("edit_close", { edit });
    assert.equal(readFileSync(join(edge.home, "home", "up.txt"), "utf8"), "edited here\n");
    await call("files_close", { files });
  });

  test("takes an ssh_config over without looking its names up", async () => {
    const path = join(person.home, ".ssh", "config");
    writeFileSync(path, "Host far\n  HostName far.luumen.example\n  User ada\n  ProxyJump gate.luumen.example\n\nHost gate.luumen.example\n  Port 2200\n");
    const { batch, items } = await call("import_preview", { kind: "ssh_config", path });
    assert.ok(items.some(({ name }) => name === "far"), JSON.stringify(items));
    const { added } = await call("import_apply", { batch, take: items.map(({ index }) => ({ index, as: "new" })) });
    assert.equal(added, items.length);
  });

  test("records a session, and plays it back", async () => {
    await call("session_log", { id: session.id, mode: "full" });
    await types("echo recorded-$((40+2))\n", "recorded-42");
    await call("session_log", { id: session.id, mode: "off" });
    const log = await eventually("the recording", async () => (await call("logs_list")).find(({ mode, size_bytes: size }) => mode === "full" && size > 0));
    const held = async () => (await call("log_events", { id: log.id, offset: 0 })).events.map(([, , text]) => text).join("");
    await eventually("what was recorded", async () => (await held()).includes("recorded-42"));
    await (await window.find(".rail button[aria-label='Session logs']")).click();
    await (await window.find(".player button[aria-label=Play]", undefined, WITHIN_MS)).click();
    await eventually("the replay", async () => (await shown()).includes("recorded-42"), WITHIN_MS);
  });

  test("seals secrets, opens them again, and makes a key", async () => {
    const field = async (label) => {
      const find = (label) => Array.from(document.querySelectorAll("label")).find((one) => one.checkVisibility() && one.textContent.startsWith(label))?.htmlFor;
      return window.find(`[id="${await eventually(label, () => window.run(find, label))}"]`);
    };
    const press = async (name) => (await window.find("button", name, WITHIN_MS)).click();
    await press("Settings");
    await (await window.find("[role=tab]", "Secrets")).click();
    for (const label of ["New passphrase", "New passphrase again"]) await (await field(label)).type("opens the vault");
    await press("Make the vault");
    const { public_key: made } = await eventually("the key", () => call("key_generate", { name: "made here" }), WITHIN_MS);
    assert.match(made, /^ssh-ed25519 /);
    await press("Lock now");
    await (await field("Passphrase of the vault")).type("opens the vault");
    await press("Unlock");
    await eventually("the vault to be open", async () => (await call("vault_status")).state === "open", WITHIN_MS);
  });

  test("shows every page, and what is under Settings", async () => {
    const pages = await window.run(() => Array.from(document.querySelectorAll(".rail li button"), (one) => one.getAttribute("aria-label")));
    assert.ok(pages.length >= 6, pages.join());
    for (const name of pages) await (await window.find(`.rail button[aria-label=${JSON.stringify(name)}]`)).click();
    for (const name of ["Catalogue", "About"]) {
      await (await window.find("[role=tab]", name)).click();
      await eventually(`the tab ${name}`, () => window.run((name) => document.querySelector("[role=tab][aria-selected=true]")?.textContent === name, name));
    }
    await eventually("the licences", () => window.run(() => document.body.innerText.includes("parts made by others")));
  });

  test("sent packets to the host and nowhere else, and looked no name up", async () => {
    // What is done behind a person's back is done when nothing else is.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await call("session_close", { id: session.id });
    await window.close();
    const all = await packets.end();
    const toHost = all.filter(({ interface: device, target, target_port: port }) => device === "desk0" && target === EDGE && port === 22).reduce((sum, { count }) => sum + count, 0);
    console.log(`captured ${toHost} packets to the host and ${JSON.stringify(strays(all))} elsewhere`);
    assert.deepEqual(strays(all), []);
    assert.ok(toHost > 100);
  });

  test("a packet to anywhere else is seen", async () => {
    const watched = await capture();
    const socket = dgram.createSocket("udp4");
    const sent = (port, address) => new Promise((resolve) => socket.send("?", port, address, resolve));
    await sent(53, "127.0.0.53");
    await sent(4500, "198.51.100.7");
    socket.close();
    run(program("getent"), ["ahosts", "luumen.example"], { allowed: [0, 2] });
    const web = net.connect(443, "203.0.113.9").on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    web.destroy();
    const seen = strays(await watched.end());
    console.log(`stray packets that the check has found: ${JSON.stringify(seen)}`);
    const places = seen.map(({ protocol, target, target_port: port }) => `${protocol} ${target} ${port}`);
    for (const wanted of ["udp 127.0.0.53 53", "udp 198.51.100.7 4500", "udp 192.0.2.53 53", "tcp 203.0.113.9 443"]) assert.ok(places.includes(wanted), `${wanted} in ${places}`);
  });
});

/** What the other end says first, after what has to be said to it. */
function greeting(port, before = []) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    const steps = before.map((bytes) => Buffer.from(bytes));
    let text = "";
    socket.on("error", reject);
    socket.on("connect", () => steps.length > 0 && socket.write(steps.shift()));
    socket.on("data", (data) => {
      if (steps.length > 0) return socket.write(steps.shift());
      text += data.toString("latin1");
      if (text.includes("SSH-")) {
        socket.destroy();
        resolve(text);
      }
    });
    socket.on("close", () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
  });
}
