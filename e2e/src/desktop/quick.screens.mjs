// Connecting at once with what holds for this one connection, a proxy that wants a password, and the one search for hosts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connected, goTo, keepHost, NOTHING_SET, openScreens, shows, types } from "./screen.mjs";

describe("quick connect and search", { timeout: 900_000 }, () => {
  let screens, page, port, jump, credential;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "bastion" }, { name: "goal" }] });
    ({ page } = screens);
    ({ port } = screens.hosts.goal);
    jump = await keepHost(screens, "bastion", screens.hosts.bastion.port, account);
    credential = (await screens.call("credentials_list"))[0];
    const shop = await screens.call("group_save", { group: { parent: null, name: "Web shop", settings: { ...NOTHING_SET, environment: "production" } } });
    for (const [name, tags] of [["web-1", ["nginx", "edge"]], ["web-2", ["nginx"]], ["db-1", []]]) {
      const host = { group: name === "db-1" ? null : shop.id, name, protocol: "ssh", address: "192.0.2.1", tags, note: "", settings: NOTHING_SET, forwards: [] };
      await screens.call("host_save", { host });
    }
    await screens.open();
  });
  after(() => screens?.dispose());

  const session = async () => (await screens.call("sessions_list")).at(-1);
  const choose = async (within, label, option) => {
    await within.getByRole("combobox", { name: label }).or(within.getByRole("textbox", { name: label })).first().click();
    await page.getByRole("option", { name: option, exact: true }).click();
  };
  /** A host by another name is not known yet. */
  const trust = async () => page.getByRole("button", { name: /this time|once/i }).click();

  test("options stand beside the field, and hold for the connection that they were chosen for", async () => {
    await goTo(page, "Sessions");
    const field = page.getByRole("textbox", { name: "Address" });
    await field.fill(`${account}@localhost:${port}`);
    // The keyboard alone opens them.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const options = page.getByRole("group", { name: "For this connection" });
    await choose(options, "Credential", credential.name);
    await choose(options, "Through", "bastion");
    await choose(options, "Session log", "Metadata");
    await clean(page, "quick-options");
    await field.press("Enter");
    await trust();
    await connected(page);
    const open = await session();
    assert.equal(open.recording, "metadata");
    assert.deepEqual([...new Set(open.steps.map(({ hop }) => hop))], [0, 1]);
    await types(page, "echo quick-$((40 + 2))");
    await shows(page, /^quick-42$/m);
    await types(page, "exit");
    await eventually("the tab to close", async () => (await page.locator(".tab").count()) === 0);
  });

  test("the palette offers the options, and what was chosen is kept with the host", async () => {
    await page.keyboard.press("Control+k");
    await page.locator(".palette-input input").fill("ann@quick.example.com:2200");
    await page.getByRole("option", { name: /^With options/ }).click();
    const dialog = page.getByRole("dialog", { name: "Connect to a host" });
    await choose(dialog, "Through", "bastion");
    await choose(dialog, "Session log", "Everything");
    await clean(page, "quick-dialog");
    await dialog.getByRole("button", { name: "Keep this host…" }).click();
    const drawer = page.getByRole("dialog", { name: "Add a host" });
    await drawer.getByRole("button", { name: "Add", exact: true }).click();
    await eventually("the host", async () => (await screens.call("hosts_tree")).hosts.some(({ name }) => name === "quick.example.com"));
    const kept = (await screens.call("hosts_tree")).hosts.find(({ name }) => name === "quick.example.com");
    assert.deepEqual([kept.settings.user, kept.settings.port, kept.settings.jump, kept.settings.log], ["ann", 2200, [jump.id], "full"]);
    await screens.call("hosts_delete", { ids: [kept.id] });
  });

  const rows = () => page.getByRole("treeitem").locator(".tree-name").allInnerTexts();

  test("the tree and the table are searched by words that are suggested", async () => {
    await goTo(page, "Hosts");
    const tree = page.getByRole("region", { name: "Hosts" });
    const search = tree.getByRole("textbox", { name: "Search the hosts" });
    await search.focus();
    await tree.getByText(/-word leaves out/).waitFor();
    await search.fill("env:prod -tag:ed");
    await page.getByRole("option", { name: /-tag:edge/ }).waitFor();
    await search.press("Escape");
    await clean(page, "tree-search");
    await eventually("the host that fits", async () => (await rows()).join() === "Web shop,web-2");
    await search.fill("os:solaris");
    await tree.getByText(/No host fits “os:solaris”/).waitFor();
    await search.fill("");
    await eventually("all of them", async () => (await rows()).includes("db-1"));

    const filter = page.getByRole("main").getByRole("textbox", { name: "Search the hosts" });
    await filter.fill("group:");
    await page.getByRole("option", { name: /Web shop/ }).click();
    assert.equal((await filter.inputValue()).trim(), 'group:"Web shop"');
    await eventually("two rows", async () => (await page.getByRole("button", { name: /^Connect to / }).count()) === 2);
    await filter.fill("");
  });

  test("the palette searches the same way, and suggests the words", async () => {
    await page.keyboard.press("Control+k");
    const field = page.locator(".palette-input input");
    await field.fill("env:production -web-1");
    await page.getByRole("option", { name: /^web-2/ }).waitFor();
    assert.equal(await page.getByRole("option", { name: /^web-1/ }).count(), 0);
    await field.fill("tag:ed");
    await page.getByRole("option", { name: /^tag:edge/ }).click();
    await eventually("the word in the field", async () => (await field.inputValue()) === "tag:edge");
    await page.getByRole("option", { name: /^web-1/ }).waitFor();
    await field.fill("nothing of the kind");
    await page.getByText("Nothing fits “nothing of the kind”").waitFor();
    await page.keyboard.press("Escape");
  });

  test("a proxy has an account and a credential, and no password in its text", async () => {
    await screens.call("vault_create", { passphrase: "x" }).catch(() => null);
    const office = await screens.call("credential_save", { credential: { name: "office proxy", user: null, kind: "ask", key: null, certificate: null } });
    await goTo(page, "Hosts");
    await page.getByRole("region", { name: "Hosts" }).getByText("db-1").click({ button: "right" });
    await page.getByRole("menuitem", { name: /Change/ }).click();
    const drawer = page.getByRole("dialog");
    const proxy = drawer.getByRole("textbox", { name: "Proxy", exact: true });
    await proxy.fill("http://ann:sesame@proxy.example.com:3128");
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await drawer.getByText(/No password here/).waitFor();
    await clean(page, "proxy-password");
    await proxy.fill("http://ann@proxy.example.com:3128");
    await choose(drawer, "Proxy credential", "office proxy");
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the proxy", async () => {
      const { settings } = (await screens.call("hosts_tree")).hosts.find(({ name }) => name === "db-1");
      return settings.proxy === "http://ann@proxy.example.com:3128" && settings.proxy_credential === office.id;
    });
  });

  test("a licence is read with its text", async () => {
    await goTo(page, "Settings");
    await page.getByRole("tab", { name: "About" }).click();
    await page.getByRole("textbox", { name: "Search the licences" }).fill("tokio-util");
    await page.getByRole("button", { name: "Licence of tokio-util" }).click();
    const dialog = page.getByRole("dialog", { name: /tokio-util/ });
    await dialog.getByText(/Permission is hereby granted/).waitFor();
    await clean(page, "licence-text");
    await page.keyboard.press("Escape");
    await page.getByRole("textbox", { name: "Search the licences" }).fill("@mantine/core");
    await page.getByRole("button", { name: "Licence of @mantine/core" }).waitFor();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
