// A terminal in the real window, on a real sshd: what is typed comes back, and what was open comes back after a restart.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { built, out } from "../places.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

const WITHIN_MS = 30_000;

describe("a terminal in the window", { timeout: 900_000 }, () => {
  let person, host, place, window;

  before(async () => {
    person = newPerson();
    host = await person.host("db-1");
    place = `${account}@127.0.0.1:${host.port}`;
    const first = await person.window();
    await first.invoke("call", { name: "preferences_set", args: { preferences: { first_run_done: true } } });
    await first.close();
  });
  after(() => person?.dispose());

  /** What the seen terminal shows, as the plain renderer writes it into the page. */
  const shown = () => window.run(() => document.querySelector(".xterm-rows")?.innerText ?? "");
  const shows = (text) => eventually(`the terminal to show ${text}`, async () => (await shown()).includes(text), WITHIN_MS);
  const type = async (text) => (await window.find(".xterm-helper-textarea")).type(text);
  const picture = async (name) => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${name}.png`), await window.screenshot());
  };

  test("a link fills in quick connect, and connects only when a person says so", async () => {
    window = await person.window(`ssh://${place}`);
    const field = await window.find(".palette-input input", undefined, WITHIN_MS);
    await eventually("the link in the field", async () => (await field.value()) === `ssh://${place}`);
    const option = await window.find("[role=option]", `Connect to ${place}`);
    assert.deepEqual(await window.invoke("call", { name: "sessions_list", args: {} }), []);
    await option.click();
    await window.find(".xterm-rows", undefined, WITHIN_MS);
    await eventually("a prompt", async () => /[$#]\s*$/.test((await shown()).trimEnd() + " "), WITHIN_MS);
    const [session] = await window.invoke("call", { name: "sessions_list", args: {} });
    assert.equal(session.state, "open");
  });

  test("what is typed comes back from the host, in any script", async () => {
    await type("echo E2E-$((40+2))-OK\n");
    await shows("E2E-42-OK");
    await type("printf '%s\\n' 漢字-ünïcode-✓ | tr a-z A-Z\n");
    await shows("漢字-");
    await picture("desktop-window");
  });

  test("the shell learns the size of the window", async () => {
    const size = async (mark) => {
      await type(`echo ${mark}-$(stty size | tr ' ' x)-${mark}\n`);
      const found = await eventually("the size", async () => new RegExp(`${mark}-(\\d+)x(\\d+)-${mark}`).exec(await shown()), WITHIN_MS);
      return found.slice(1).map(Number);
    };
    const [rows, columns] = await size("A");
    await window.resize(900, 560);
    await eventually("the new size", () => window.run(() => innerWidth === 900));
    const [fewer, narrower] = await eventually("another size", async () => {
      const now = await size(`B${Date.now() % 100_000}`);
      return now[1] < columns && now;
    });
    assert.ok(fewer < rows && narrower < columns, `${rows}x${columns} became ${fewer}x${narrower}`);
  });

  test("Ctrl-C reaches the shell and nothing else", async () => {
    await type("sleep 600\n");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await window.chord(KEY.control, "c");
    await type("echo BACK-$((1+1))\n");
    await shows("BACK-2");
  });

  test("a second start brings its link to this window", async () => {
    const link = "ssh://ada@db-3:2222";
    const second = spawnSync(built("luumen-desktop"), ["--data-dir", person.data, link], { encoding: "utf8", env: { ...process.env, ...person.env }, timeout: 20_000 });
    assert.equal(second.status, 0, second.stderr);
    const field = await window.find(".palette-input input");
    await eventually("the link in the field", async () => (await field.value()) === link);
  });

  test("after a restart the tab is there and connects again at a key", async () => {
    await eventually("the layout to be kept", async () => JSON.stringify(await window.invoke("call", { name: "layout_get", args: {} })).includes(place));
    await window.close();
    window = await person.window();
    // A host that is in no list is called by its address.
    await window.find(".tab-name", "127.0.0.1", WITHIN_MS);
    const again = await window.find("button", "Connect (Enter)", WITHIN_MS);
    assert.deepEqual(await window.invoke("call", { name: "sessions_list", args: {} }), [], "nothing connects by itself");
    await again.type(KEY.enter);
    await eventually("a prompt", async () => /[$#]/.test(await shown()), WITHIN_MS);
    await type("echo AGAIN-$((2+2))\n");
    await shows("AGAIN-4");
  });
});
