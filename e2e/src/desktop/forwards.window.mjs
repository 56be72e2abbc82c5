// Forwards of every kind, started in the panel of the real window, with bytes carried through each; and a way over three hosts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { carries, startEcho } from "../carry.mjs";
import { eventually, listens } from "../child.mjs";
import { account } from "../hosts.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";

const MIB = 1 << 20;

describe("forwards and ways, in the window", { timeout: 900_000 }, () => {
  let desk, person, host, echo;

  before(async () => {
    person = newPerson();
    echo = await startEcho();
    host = await person.host("tunnel", { sshd: ["LogLevel DEBUG"] });
    desk = await openDesk({ person });
    await desk.keepHost(host);
    await desk.open("tunnel");
    await desk.panel("Forwards");
  });
  after(async () => {
    await desk?.dispose();
    await echo?.stop();
  });

  const row = (name) => desk.window.run((label) => Array.from(document.querySelectorAll(".forwards li")).find((each) => each.textContent.includes(label))?.innerText ?? "", name);
  const fill = async (label, text) => {
    const id = await desk.window.run((words, after) => {
      const labels = Array.from(document.querySelectorAll(".side-form label")).filter((each) => each.textContent.trim() === words);
      return labels.at(after ? -1 : 0)?.htmlFor;
    }, ...label);
    await (await desk.window.find(`[id="${id}"]`)).fill(text);
  };

  /** Fills in the form, starts the forward, and answers on which port it listens. */
  const add = async (kind, name, leadsTo) => {
    await desk.press("Add a forward");
    await (await desk.window.find(".side-form label", kind)).click();
    await fill(["Name", false], name);
    if (leadsTo) await fill(["Port there", false], String(leadsTo));
    await (await desk.window.find(".side-form button", "Start")).click();
    const words = await eventually(`${name} to listen`, async () => /Listening[^]*?:(\d+)/.exec(await row(name)));
    return Number(words[1]);
  };
  const carried = (name, words) => eventually(`${name} to tell what it carried`, async () => (await row(name)).includes(words));

  test("a local forward carries bytes to a service that the host reaches", async () => {
    const port = await add("Local", "database", echo.port);
    await carries(port, MIB);
    await Promise.all([carries(port, 100_000), carries(port, 1), carries(port, 70_000)]);
    assert.equal(echo.connections, 4);
    assert.match(host.log, new RegExp(`target 127.0.0.1 port ${echo.port}`), "the host opened the connection");
    await carried("database", "0 open · 1.2 MiB in · 1.2 MiB out");
  });

  test("a remote forward carries bytes from a port of the host to this device", async () => {
    const port = await add("Remote", "from the host", echo.port);
    assert.match(await row("from the host"), /host 127\.0\.0\.1:\d+ → this device/);
    assert.match(host.log, /tcpip-forward/);
    const before = echo.connections;
    await carries(port, MIB);
    assert.equal(echo.connections, before + 1);
    await carried("from the host", "1 MiB in · 1 MiB out");
  });

  test("a SOCKS forward carries bytes to wherever a program asks for, by name", async () => {
    const port = await add("SOCKS", "proxy");
    await carries(port, MIB, { through: { host: "localhost", port: echo.port } });
    assert.match(host.log, new RegExp(`target localhost port ${echo.port}`), "the host looks the name up");
    await assert.rejects(carries(port, 1, { through: { host: "localhost", port: 1 } }), /the proxy answered 5|has gone quiet|answered/);
    await carried("proxy", "1 MiB in · 1 MiB out");
  });

  test("a forward that is stopped gives its port back, and can be started again", async () => {
    const [port] = /:(\d+)/.exec(await row("database")).slice(1).map(Number);
    await (await desk.window.find(".forwards button[aria-label='Stop database']")).click();
    await eventually("the port to be free", async () => !(await listens(port)));
    await (await desk.window.find(".forwards button[aria-label='Start database']")).click();
    const words = await eventually("it to listen again", async () => /Listening[^]*?:(\d+)/.exec(await row("database")));
    await carries(Number(words[1]), 1000);
  });

  test("the way to a host leads through three others, each of which may reach only the next", async () => {
    const goal = await person.host("goal", { sshd: ["LogLevel VERBOSE"] });
    const way = [];
    for (const [place, name] of ["first", "second", "third"].entries()) {
      // From the last to the first: each knows the port of the one it leads to.
      const next = way[0] ?? goal;
      const hop = await person.host(name, { sshd: [`PermitOpen 127.0.0.1:${next.port}`, "LogLevel DEBUG"] });
      way.unshift(hop);
      assert.equal(way.length, place + 1);
    }
    const kept = [];
    for (const hop of way) kept.push((await desk.keepHost(hop)).id);
    await desk.keepHost(goal, { jump: kept });
    await desk.open("goal");
    const { steps, ...session } = await desk.session();
    assert.equal(session.title, "goal");
    assert.deepEqual([...new Set(steps.map(({ endpoint }) => endpoint))], [...way, goal].map(({ port }) => `127.0.0.1:${port}`));
    assert.ok(steps.every(({ state }) => state === "done"), JSON.stringify(steps));
    assert.match(await desk.run("echo $SSH_CONNECTION"), new RegExp(` ${goal.port}$`));
    assert.match(goal.log, new RegExp(`Accepted publickey for ${account}`));
    for (const [number, hop] of way.entries()) {
      const next = way[number + 1] ?? goal;
      assert.match(hop.log, new RegExp(`direct_tcpip: originator .* target 127.0.0.1 port ${next.port}`), hop.name);
    }
    // When one on the way goes, the session says so and not the host behind it.
    await way[1].stop();
    await desk.window.find(".connect", "The connection to goal was lost", 20_000);
    await way[1].startAgain();
    await desk.press("Reconnect (Enter)");
    await desk.prompt();
  });
});
