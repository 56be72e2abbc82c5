// Whether a person looks at the window: what ends or is lost in the background is told by the system, a second start brings the window to
// the front, and the keyboard is where it was. A manager of windows is needed, for without one no window has the focus.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";

import { eventually, start } from "../child.mjs";
import { built } from "../places.mjs";
import { openDesk } from "./desk.mjs";

const missing = ["openbox", "xdotool", "dbus-monitor"].filter((name) => spawnSync("which", [name]).status !== 0);
const skip = missing.length > 0 && `not installed: ${missing.join(", ")}`;

describe("the window in front and in the background", { timeout: 720_000, skip }, () => {
  let manager, bus, desk, host;

  before(async () => {
    manager = start("openbox", []);
    bus = start("dbus-monitor", ["--session", "interface='org.freedesktop.Notifications',member='Notify'"]);
    desk = await openDesk();
    host = await desk.person.host("web-1");
    await desk.keepHost(host, { credential: await desk.keyCredential(desk.person.key) });
    await desk.reload();
    // The list is read anew when the window comes to the front, and a button of before is gone then.
    await eventually("the connection", () => desk.connect("web-1").then(() => true));
    await desk.prompt();
  });
  after(async () => {
    await desk?.dispose();
    await bus?.stop();
    await manager?.stop();
  });

  const xdotool = (...args) => spawnSync("xdotool", args, { encoding: "utf8", timeout: 10_000 });
  const id = () => xdotool("search", "--name", "^Luumen$").stdout.split("\n").filter(Boolean).at(-1);
  const inFront = () => desk.window.run(() => document.hasFocus());
  const told = (words) => bus.said.text.split(`string "${words}"`).length - 1;

  async function toTheBackground() {
    assert.equal(xdotool("windowminimize", "--sync", id()).status, 0);
    await eventually("the window to lose the focus", async () => !(await inFront()));
  }

  function startAgain(...args) {
    const second = spawnSync(built("luumen-desktop"), ["--data-dir", desk.person.data, ...args], { encoding: "utf8", env: { ...process.env, ...desk.person.env }, timeout: 20_000 });
    assert.equal(second.status, 0, second.stderr);
    return eventually("the window in front", inFront);
  }

  /** Types on the keyboard of the screen, which only what has the focus hears. */
  async function typed(word) {
    assert.equal(xdotool("type", "--delay", "30", `echo ${word}-$((40 + 2))\n`).status, 0);
    await desk.shows(new RegExp(`^${word}-42$`, "m"));
  }

  test("a second start brings the window to the front, with the keyboard in the terminal", async () => {
    await eventually("the window in front", inFront);
    await typed("first");
    await toTheBackground();
    await startAgain();
    await typed("second");
  });

  test("the keyboard goes to the pane that had it", async () => {
    await desk.type("echo in-the-first\n");
    await desk.window.chord("\uE009", "\uE008", "D");
    await eventually("a second pane", async () => (await desk.window.run(() => document.querySelectorAll(".pane").length)) === 2);
    const active = () => desk.window.run(() => document.activeElement?.closest(".pane")?.getAttribute("aria-label"));
    await eventually("the keyboard in the second", async () => /pane 2$/.test((await active()) ?? ""));
    await toTheBackground();
    await startAgain();
    assert.match(await active(), /pane 2$/);
    await desk.window.chord("\uE009", "\uE008", "W");
    await eventually("one pane", async () => (await desk.window.run(() => document.querySelectorAll(".pane").length)) === 1);
  });

  test("a link from elsewhere brings it to the front and fills in quick connect, where the keyboard is", async () => {
    await toTheBackground();
    await startAgain("ssh://ada@db-3:2222");
    const field = await desk.window.find(".palette-input input");
    assert.equal(await field.value(), "ssh://ada@db-3:2222");
    assert.equal(xdotool("key", "End", "BackSpace").status, 0);
    await eventually("the key in the field", async () => (await field.value()) === "ssh://ada@db-3:222");
    xdotool("key", "Escape");
    await eventually("the palette to go", () => desk.window.absent(".palette-input"));
  });

  test("a scan that ends in the background is told, without a name", async () => {
    await toTheBackground();
    const { id: session } = await desk.session();
    await desk.call("scan_start", { session });
    await eventually("the notification", () => told("A scan has ended") === 1, 90_000);
    await startAgain();
  });

  test("a connection that is lost in the background is told; one that is lost before a person's eyes is not", async () => {
    await toTheBackground();
    await host.stop();
    await eventually("the notification", () => told("A connection was lost") === 1, 30_000);
    assert.doesNotMatch(bus.said.text, /web-1|127\.0\.0\.1/);
    await startAgain();
    await host.startAgain();
    await desk.press("Reconnect");
    await desk.prompt();
    await host.stop();
    await desk.window.find("button", "Reconnect");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.equal(told("A connection was lost"), 1);
  });
});
