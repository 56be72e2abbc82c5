// Agent forwarding is never quiet: who turns it on for a group sees it at its hosts, and a session that lends the agent says so.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { account } from "../hosts.mjs";
import { startAgent } from "../keys.mjs";
import { clean, connect, goTo, keepHost, NOTHING_SET, openScreens, shows, types } from "./screen.mjs";

describe("agent forwarding", { timeout: 540_000 }, () => {
  let screens, page, agent, folder;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "luumen-agent-"));
    agent = await startAgent(folder);
    screens = await openScreens({ hosts: [{ name: "lends" }, { name: "keeps" }, { name: "refuses", sshd: ["AllowAgentForwarding no"] }], env: { SSH_AUTH_SOCK: agent.socket } });
    ({ page } = screens);
    agent.add(screens.person.key);
    const { id } = await screens.call("group_save", { group: { parent: null, name: "Lent", settings: { ...NOTHING_SET, agent_forwarding: true } } });
    for (const [name, settings] of [
      ["lends", {}],
      ["keeps", { agent_forwarding: false }],
      ["refuses", {}],
    ]) {
      const { id: host, ...kept } = await keepHost(screens, name, screens.hosts[name].port, account, settings);
      const { protocol, address, tags, note, forwards } = kept;
      await screens.call("host_save", { id: host, host: { group: id, name, protocol, address, tags, note, forwards, settings: kept.settings } });
    }
    await screens.open();
  });
  after(async () => {
    await screens?.dispose();
    await agent?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const mark = () => page.getByRole("contentinfo", { name: "Status" }).getByText("Agent forwarded");
  const tabTitle = (name) => page.locator(".tab").filter({ hasText: name }).locator(".tab-name").getAttribute("title");

  async function changes(name) {
    await goTo(page, "Hosts");
    await page.getByRole("region", { name: "Hosts" }).getByText(name, { exact: true }).click({ button: "right" });
    await page.getByRole("menuitem", { name: /^Change/ }).click();
    return page.getByRole("dialog");
  }

  test("a host warns of what its group has turned on, with the fields folded away", async () => {
    const drawer = await changes("lends");
    await drawer.getByText("Agent forwarding is on, inherited from the group Lent:").waitFor();
    await clean(page, "agent-inherited");
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    const group = await changes("Lent");
    await group.getByText("Agent forwarding is on for every host in this group that does not turn it off").waitFor();
    await page.keyboard.press("Escape");
    await group.waitFor({ state: "detached" });
    const off = await changes("keeps");
    await off.getByRole("button", { name: "Save", exact: true }).waitFor();
    assert.equal(await off.getByText(/Agent forwarding is on/).count(), 0);
    await page.keyboard.press("Escape");
    await off.waitFor({ state: "detached" });
  });

  test("a session that lends the agent says so in its status and its tab, and the host can use it", async () => {
    await connect(page, "lends");
    await mark().waitFor();
    assert.match(await tabTitle("lends"), /may use your ssh-agent/);
    await types(page, "ssh-add -l | wc -l | sed 's/^ */keys=/'");
    await shows(page, "keys=1");
    await clean(page, "agent-lent");
  });

  test("one that does not lend it does not say so", async () => {
    await connect(page, "keeps");
    await types(page, 'echo "socket=<$SSH_AUTH_SOCK>"');
    await shows(page, "socket=<>");
    assert.equal(await mark().count(), 0);
    assert.doesNotMatch(await tabTitle("keeps"), /ssh-agent/);
  });

  test("where the host takes no agent, none is said to be lent", async () => {
    await connect(page, "refuses");
    await mark().waitFor({ state: "detached" });
    await types(page, 'echo "socket=<$SSH_AUTH_SOCK>"');
    await shows(page, "socket=<>");
    assert.equal(await mark().count(), 0);
  });

  test("it is said for as long as the session is open", async () => {
    await page.locator(".tab").filter({ hasText: "lends" }).locator(".tab-name").click();
    await mark().waitFor();
    const { id } = (await screens.call("sessions_list")).find(({ title }) => title === "lends");
    await screens.call("session_close", { id });
    await page.getByRole("contentinfo", { name: "Status" }).getByText("Closed").waitFor();
    assert.equal(await mark().count(), 0);
    assert.doesNotMatch(await tabTitle("lends"), /ssh-agent/);
  });

  test("a group that keeps it here is not deleted before its person knows who lends it then", async () => {
    const { groups, hosts } = await screens.call("hosts_tree");
    const { id } = await screens.call("group_save", { group: { parent: groups[0].id, name: "Kept here", settings: { ...NOTHING_SET, agent_forwarding: false } } });
    await screens.call("hosts_move", { ids: [hosts.find(({ name }) => name === "refuses").id], group: id });
    await goTo(page, "Hosts");
    await page.getByRole("region", { name: "Hosts" }).locator(".tree-name", { hasText: /^Kept here$/ }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Delete the group…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete the group Kept here?" });
    await dialog.getByRole("alert").filter({ hasText: "refuses will lend your agent" }).waitFor();
    await clean(page, "agent-group-delete");
    await dialog.getByRole("radio", { name: "Delete the hosts too" }).check();
    await dialog.getByRole("alert").waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await screens.call("hosts_tree")).groups.length, 2);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
