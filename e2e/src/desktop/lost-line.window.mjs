// A line that goes: sshd is started anew, a host comes back with another key, a cable is cut. The tab and what it shows stay.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { mayPlug } from "../cable.mjs";
import { carries, startEcho } from "../carry.mjs";
import { eventually } from "../child.mjs";
import { apart } from "../hosts.mjs";
import { makeKey } from "../keys.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

const KEEPALIVE_S = 1;
/** So many questions without an answer, and the host is gone. */
const QUESTIONS = 3;

describe("a line that is lost, in the window", { timeout: 900_000 }, () => {
  let desk, person, echo, host;

  before(async () => {
    person = newPerson();
    echo = await startEcho();
    desk = await openDesk({ person });
  });
  after(async () => {
    await desk?.dispose();
    await echo?.stop();
  });

  const lost = (withinMs = 20_000) => desk.window.find(".connect", "was lost", withinMs);
  /** What a person does: the button has the keyboard. */
  const enter = () => desk.window.chord(KEY.enter);
  const forward = (port) => ({ id: crypto.randomUUID(), kind: "local", bind: "127.0.0.1", port: 0, to_host: "127.0.0.1", to_port: port, auto: true, label: "echo" });
  const forwardedPort = async () => {
    const found = await eventually("the forward", async () => (await desk.call("forwards_list")).find(({ state }) => state === "listening"));
    return found.bound_port;
  };

  test("after sshd was started anew, Enter connects again below what was shown", async () => {
    host = await person.host("restarted");
    await desk.keepHost(host, {}, [forward(echo.port)]);
    await desk.open("restarted");
    await desk.type("for n in $(seq 1 300); do echo line-$n-of-before; done\n");
    await desk.shows("line-300-of-before");
    await carries(await forwardedPort(), 1000);
    await host.stop();
    await lost();
    assert.match(await desk.shown(), /line-300-of-before/, "what was shown stays");
    assert.equal(await desk.tabs(), 1);
    // Nobody listens yet: it says so, and can be tried again.
    await enter();
    await desk.problem("refused");
    await host.startAgain();
    await enter();
    await desk.prompt();
    await desk.type("echo again-$((40 + 2))\n");
    await desk.shows("again-42");
    assert.equal(await desk.inScrollback("line-1-of-before"), 1, "the scrollback reaches back before the loss");
    // The key that left the search is not typed here.
    assert.equal(await desk.run("pgrep -cP $PPID"), "1", "one pane has one shell");
    await carries(await forwardedPort(), 1000);
  });

  test("a page that is loaded anew goes on with the shell that is there", async () => {
    const shell = await desk.run("echo $$");
    await desk.reload();
    await desk.prompt();
    assert.equal(await desk.inScrollback("line-1-of-before"), 1, "what was shown is shown again");
    assert.equal(await desk.run("echo $$"), shell);
    assert.equal(await desk.run("pgrep -cP $PPID"), "1");
  });

  test("a host that comes back with another key is not let in until its name is typed", async () => {
    await host.stop();
    await lost();
    for (const half of ["", ".pub"]) rmSync(join(host.home, `host_key${half}`));
    makeKey(join(host.home, "host_key"));
    await host.startAgain();
    await enter();
    await desk.window.find(".question", "The host key has changed", 20_000);
    const prints = await desk.window.run(() => document.querySelectorAll(".question .fingerprint code").length);
    assert.equal(prints, 2, "the known key and the one that is shown now");
    // The safe answer has the keyboard.
    await enter();
    await desk.window.find(".connect h2", "Could not connect to restarted");
    await enter();
    await desk.press("Replace the key…");
    await (await desk.window.find(".question input")).type("restarted");
    await desk.press("Replace and connect");
    await desk.prompt();
    assert.equal(await desk.inScrollback("line-1-of-before"), 1);
    await desk.closeTab();
  });

  test("a cut cable is noticed within the keepalive, and Enter connects again when it is whole", { skip: apart && mayPlug() ? false : "only root can give a host a network of its own" }, async () => {
    const away = await person.host("far-away", { away: true });
    await desk.keepHost(away, { keepalive_s: KEEPALIVE_S, connect_timeout_s: 3 });
    await desk.open("far-away");
    await desk.type("for n in $(seq 1 300); do echo far-$n-off; done\n");
    await desk.shows("far-300-off");
    const began = Date.now();
    away.cut();
    await desk.type("echo typed into the void\n");
    await lost();
    const noticed = Date.now() - began;
    console.log(`a cut cable was noticed after ${noticed} ms, with a keepalive of ${KEEPALIVE_S} s`);
    assert.ok(noticed >= KEEPALIVE_S * 1000, "it is the silence that counts");
    // Besides the keepalive's own time there is that of typing and of looking, on a machine that may be busy.
    assert.ok(noticed <= (QUESTIONS + 2) * KEEPALIVE_S * 1000 + 30_000, `noticed only after ${noticed} ms`);
    await enter();
    await desk.problem("far-away");
    away.mend();
    await enter();
    await desk.prompt();
    await desk.type("echo whole-$((40 + 2))\n");
    await desk.shows("whole-42");
    assert.doesNotMatch(await desk.shown(), /^typed into the void/m, "what was typed into a dead line is not run on the next one");
    assert.equal(await desk.inScrollback("far-1-off"), 1);
  });
});
