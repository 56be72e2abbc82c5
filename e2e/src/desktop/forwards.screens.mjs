// Forwards: what a host keeps is made in its drawer and starts with the session; and the panel starts and stops all three kinds.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { carries, startEcho } from "../carry.mjs";
import { eventually, freePort, listens } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens, types } from "./screen.mjs";

const LITTLE = 40_000;

describe("forwards", { timeout: 900_000 }, () => {
  let screens, page, echo, ports;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "db-1" }] });
    ({ page } = screens);
    echo = await startEcho();
    ports = { local: await freePort(), remote: await freePort(), dynamic: await freePort() };
    await keepHost(screens, "db-1", screens.hosts["db-1"].port, account);
    await screens.open();
  });
  after(async () => {
    await screens?.dispose();
    await echo?.stop();
  });

  const drawer = () => page.getByRole("dialog", { name: "Change db-1" });
  const fields = (name) => drawer().getByRole("group", { name: `Forward ${name}` });
  const kept = async () => (await screens.call("hosts_tree")).hosts[0].forwards;

  const keyboardAtFault = () =>
    eventually("the keyboard at the first fault", () => page.evaluate(() => document.activeElement?.getAttribute("aria-invalid") === "true"));

  async function openDrawer() {
    await goTo(page, "Hosts");
    await page.getByRole("grid", { name: "Hosts" }).getByText("db-1").click();
    await drawer().getByRole("heading", { name: /^Change/ }).waitFor();
  }

  /** Adds a forward in the drawer; what is not filled in stays as the form has it. */
  async function add(kind, { name, port, toPort }) {
    await drawer().getByRole("button", { name: "Add a forward" }).click();
    const form = drawer().getByRole("group", { name: /^Forward / }).last();
    // The name has the keyboard at once.
    await page.keyboard.type(name);
    await form.getByRole("radiogroup").getByText(kind).click();
    if (port) await form.getByLabel("Port", { exact: true }).fill(String(port));
    if (toPort) await form.getByLabel("Port there").fill(String(toPort));
  }

  test("a host's own are made in its drawer, and what is wrong is said at its field", async () => {
    await openDrawer();
    await add("Local", { name: "the base", port: ports.local });
    await fields("the base").getByLabel("Leads to").fill("127.0.0.1:5432");
    await drawer().getByRole("button", { name: "Save", exact: true }).click();
    await fields("the base").getByText("A name or an address only").waitFor();
    await fields("the base").getByText("To which port?").waitFor();
    await keyboardAtFault();
    await clean(page, "forwards-drawer-faults");
    await fields("the base").getByLabel("Leads to").fill("127.0.0.1");
    await fields("the base").getByLabel("Port there").fill(String(echo.port));

    await add("SOCKS", { name: "any place", port: ports.local });
    await drawer().getByRole("button", { name: "Save", exact: true }).click();
    await fields("any place").getByText("the base listens there already").waitFor();
    // What is filled in before would go where the keyboard goes.
    await keyboardAtFault();
    await fields("any place").getByLabel("Port", { exact: true }).fill(String(ports.dynamic));
    await add("Remote", { name: "back home", port: ports.remote, toPort: echo.port });
    await add("Local", { name: "by hand", toPort: echo.port });
    await fields("by hand").getByLabel("Start it whenever a session opens").uncheck();
    await clean(page, "forwards-drawer");
    await drawer().getByRole("button", { name: "Save", exact: true }).click();
    await drawer().waitFor({ state: "detached" });
    assert.deepEqual(
      (await kept()).map(({ label, kind, port, to_port, auto }) => [label, kind, port, to_port, auto]),
      [
        ["the base", "local", ports.local, echo.port, true],
        ["any place", "dynamic", ports.dynamic, null, true],
        ["back home", "remote", ports.remote, echo.port, true],
        ["by hand", "local", 0, echo.port, false],
      ],
    );
  });

  const panel = () => page.getByRole("complementary");
  const row = (name) => panel().getByRole("listitem").filter({ hasText: name });
  const button = (word, name) => panel().getByRole("button", { name: `${word} ${name}`, exact: true });

  test("they start with the session, and each carries bytes", async () => {
    await connect(page, "db-1");
    await page.getByRole("button", { name: "3 forwards" }).click();
    for (const name of ["the base", "any place", "back home"]) await row(name).getByText("Listening").waitFor();
    await row("by hand").getByText("Off").waitFor();
    await carries(ports.local, LITTLE);
    await carries(ports.remote, LITTLE);
    await carries(ports.dynamic, LITTLE, { through: { host: "localhost", port: echo.port } });
    assert.equal(echo.connections, 3);
    await row("the base").getByText("39.1 KiB in · 39.1 KiB out").waitFor();
    await clean(page, "forwards");
  });

  test("each is stopped and started again", async () => {
    for (const [name, port, options] of [
      ["the base", ports.local, {}],
      ["back home", ports.remote, {}],
      ["any place", ports.dynamic, { through: { host: "127.0.0.1", port: echo.port } }],
    ]) {
      await button("Stop", name).click();
      await row(name).getByText("Off").waitFor();
      await eventually(`${name} to stop`, async () => !(await listens(port)));
      await button("Start", name).click();
      await row(name).getByText("Listening").waitFor();
      await carries(port, LITTLE, options);
    }
  });

  test("another one is made in the panel, on a port that is free", async () => {
    await panel().getByRole("button", { name: "Add a forward" }).click();
    await page.keyboard.type("for now");
    await panel().getByRole("button", { name: "Start", exact: true }).click();
    await panel().getByText("To which port?").waitFor();
    await panel().getByLabel("Port there").fill(String(echo.port));
    await panel().getByLabel("Listen on").fill("0.0.0.0");
    await panel().getByText("Others on this device's network can use it too.").waitFor();
    await panel().getByLabel("Listen on").fill("127.0.0.1");
    await panel().getByRole("button", { name: "Start", exact: true }).click();
    await row("for now").getByText("Listening").waitFor();
    const { bound_port } = (await screens.call("forwards_list")).find(({ label }) => label === "for now");
    await carries(bound_port, LITTLE);
  });

  test("one that cannot listen says why, and the others go on", async () => {
    await panel().getByRole("button", { name: "Add a forward" }).click();
    await panel().getByRole("radiogroup").getByText("SOCKS").click();
    await panel().getByLabel("Port", { exact: true }).fill(String(ports.local));
    await panel().getByRole("button", { name: "Start", exact: true }).click();
    await panel().getByRole("alert").getByText("Could not start the forward").waitFor();
    await clean(page, "forwards-failed");
    await panel().getByRole("button", { name: "Cancel" }).click();
    await carries(ports.local, LITTLE);
  });

  test("what is changed, added or removed in the drawer holds at once, and the rest goes on", async () => {
    const [moved, added] = [await freePort(), await freePort()];
    await panel().getByRole("button", { name: "Those of the host…" }).click();
    await drawer().getByRole("button", { name: "Change the base" }).click();
    await fields("the base").getByLabel("Port", { exact: true }).fill(String(moved));
    await drawer().getByRole("button", { name: "Remove back home" }).click();
    await add("Local", { name: "one more", port: added, toPort: echo.port });
    await drawer().getByRole("button", { name: "Save", exact: true }).click();
    await drawer().waitFor({ state: "detached" });
    assert.deepEqual((await kept()).map(({ label }) => label), ["the base", "any place", "by hand", "one more"]);
    await eventually("the forward on its new port", () => listens(moved));
    await carries(moved, LITTLE);
    await eventually("the one that was added", () => listens(added));
    await carries(added, LITTLE);
    for (const port of [ports.local, ports.remote]) await eventually(`port ${port} to be free`, async () => !(await listens(port)));
    await carries(ports.dynamic, LITTLE, { through: { host: "127.0.0.1", port: echo.port } });
    await goTo(page, "Sessions");
    for (const name of ["the base", "one more", "any place", "for now"]) await row(name).getByText("Listening").waitFor();
    await row("back home").waitFor({ state: "detached" });
  });

  test("all that listened listens again after the connection was lost", async () => {
    const listening = (await screens.call("forwards_list")).filter(({ state }) => state === "listening");
    assert.equal(listening.length, 4);
    await page.locator(".xterm-helper-textarea").first().focus();
    await types(page, "kill -KILL $PPID");
    await row("one more").getByText("Failed").waitFor();
    await page.getByRole("button", { name: "Reconnect (Enter)" }).click();
    for (const { label } of listening) await row(label).getByText("Listening").waitFor();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
