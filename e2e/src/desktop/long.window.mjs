// A long session: new keys again and again, on a compressed line, while text goes both ways and a person types beside it.
// LUUMEN_LONG_S says how many seconds; ten minutes are 600.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";

const SECONDS = Number(process.env.LUUMEN_LONG_S ?? 20);
/** Both of sshd: it asks for new keys after so many bytes on the line, which are fewer than what is said, and after so long. */
const REKEY = { bytes: "256K", seconds: 10 };
const TYPED_EVERY_MS = 2000;

describe("a long session in the window", { timeout: (SECONDS + 180) * 1000 }, () => {
  let desk, host;

  before(async () => {
    const person = newPerson();
    host = await person.host("long", { sshd: ["LogLevel DEBUG", "Compression yes", `RekeyLimit ${REKEY.bytes} ${REKEY.seconds}s`] });
    desk = await openDesk({ person });
    await desk.keepHost(host, { compression: true });
    await desk.open("long");
  });
  after(() => desk?.dispose());

  const exchanges = () => host.log.match(/SSH2_MSG_NEWKEYS received/g)?.length ?? 0;

  test(`text goes both ways for ${SECONDS} s over new keys, and every byte arrives in its place`, async () => {
    assert.match(host.log, /compression: zlib@openssh\.com/);
    const session = await desk.session();
    const before = exchanges();
    await desk.window.run(pump, session.id, SECONDS);
    const carried = () => desk.window.run(() => window.carried);
    const typed = [];
    for (let number = 1; ; number += 1) {
      const began = Date.now();
      await desk.type(`echo typed-${number}-$((${number} * 7))\n`);
      await desk.shows(`typed-${number}-${number * 7}`);
      typed.push(Date.now() - began);
      const now = await carried();
      assert.equal(now.wrong, null);
      if (now.over) break;
      await new Promise((resolve) => setTimeout(resolve, TYPED_EVERY_MS));
    }
    const { sent, received } = await eventually("the rest to come back", async () => {
      const now = await carried();
      assert.equal(now.wrong, null);
      return now.sent === now.received && now;
    }, 30_000);
    const rekeys = exchanges() - before;
    console.log(`${SECONDS} s: ${sent} bytes went and ${received} came back in order, over ${rekeys} times new keys; a typed line was back within ${Math.max(...typed)} ms`);
    // How fast it went is no matter here; a busy machine is slow.
    assert.ok(sent > SECONDS * 10_000, `only ${sent} bytes in ${SECONDS} s`);
    assert.ok(rekeys >= Math.max(1, Math.floor(SECONDS / REKEY.seconds / 2)), `only ${rekeys} times new keys for ${sent} bytes`);
    const [still] = (await desk.call("sessions_list")).filter(({ id }) => id === session.id);
    assert.equal(still.state, "open");
  });
});

// Runs in the page: a second terminal on the session, in which a program sends back what it is sent. Each byte is compared.
async function pump(session, seconds) {
  const internals = window.__TAURI_INTERNALS__;
  const call = (name, args) => internals.invoke("call", { name, args });
  const carried = (window.carried = { sent: 0, received: 0, wrong: null, over: false });
  const encode = (text) => new TextEncoder().encode(text);
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const { terminal } = await call("terminal_open", { session, cols: 80, rows: 24 });

  const expected = [];
  let hello = "";
  const take = (bytes) => {
    if (!hello.includes("READY\n")) {
      hello += new TextDecoder().decode(bytes);
      return;
    }
    for (const byte of bytes) {
      if (expected[0]?.at === expected[0]?.bytes.length) expected.shift();
      const next = expected[0];
      if (byte !== next?.bytes[next.at]) carried.wrong ??= `byte ${carried.received} came back as ${byte}`;
      if (next) next.at += 1;
      carried.received += 1;
    }
  };
  const callback = internals.transformCallback(([length, text]) => {
    take(encode(text));
    void call("terminal_ack", { terminal, bytes: length });
  });
  await internals.invoke("attach", { terminal, callback });
  await call("terminal_write", { terminal, text: "stty raw -echo; printf 'REA''DY\\n'; exec cat\n" });
  while (!hello.includes("READY\n")) await wait(20);

  const until = performance.now() + seconds * 1000;
  let line = 0;
  const some = () => {
    let text = "";
    while (text.length < 8000) {
      line += 1;
      // Words that compress well, and numbers that do not.
      text += `${line} a long session says much the same again and again, 漢字 ünïcode ${Math.random()} ${Math.random()}\n`;
    }
    return text;
  };
  void (async () => {
    while (performance.now() < until) {
      await wait(20);
      if (carried.sent - carried.received > 256 * 1024) continue;
      const text = some();
      const bytes = encode(text);
      expected.push({ bytes, at: 0 });
      carried.sent += bytes.length;
      await call("terminal_write", { terminal, text });
    }
    carried.over = true;
  })().catch((error) => {
    carried.wrong ??= JSON.stringify(error);
    carried.over = true;
  });
}
