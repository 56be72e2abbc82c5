// Hosts from other programs, and hosts for them: what would come is shown first, what cannot come is named, and what is
// written out is read again as it was.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { LISTS } from "./imports.mjs";
import { clean, goTo, NOTHING_SET, openScreens } from "./screen.mjs";

const SECRETS = /hunter2|aEWNFV5u/;

describe("hosts from elsewhere", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens();
    ({ page } = screens);
  });
  beforeEach(async () => {
    await screens.open();
    await goTo(page, "Hosts");
  });
  after(() => screens?.dispose());

  const drawer = () => page.getByRole("dialog", { name: "Import hosts" });
  const item = (name) => drawer().locator(".import-items > li").filter({ has: page.getByText(name, { exact: true }) });
  const tick = (name) => drawer().getByRole("checkbox", { name: `Take ${name}`, exact: true });
  const tree = () => screens.call("hosts_tree");
  const place = ({ address, settings: { user, port } }) => `${user ? `${user}@` : ""}${address}${(port ?? 22) === 22 ? "" : `:${port}`}`;

  /** The names of a host's groups, outermost first. */
  function wayTo(id, groups) {
    const group = groups.find((each) => each.id === id);
    return group ? [...wayTo(group.parent, groups), group.name] : [];
  }

  async function previewed(from, path) {
    await page.getByRole("main").getByRole("button", { name: /^Import/ }).first().click();
    await drawer().getByRole("textbox", { name: "From" }).click();
    await page.getByRole("option", { name: from, exact: true }).click();
    await drawer().getByRole("textbox", { name: "File" }).fill(path);
    await drawer().getByRole("button", { name: "Preview" }).click();
    await drawer().getByText("Nothing has changed yet.").waitFor();
  }

  async function leaves() {
    await page.keyboard.press("Escape");
    await drawer().waitFor({ state: "detached" });
  }

  async function takesOver(count) {
    await drawer().getByRole("button", { name: `Take over ${count} host${count === 1 ? "" : "s"}`, exact: true }).click();
    await drawer().waitFor({ state: "detached" });
  }

  for (const { from, file, bytes, hosts, also = [], without, problems } of LISTS) {
    test(`from ${from}`, async () => {
      const before = (await tree()).hosts.length;
      writeFileSync(join(screens.person.home, file), bytes);
      await previewed(from, `~/${file}`);
      assert.equal(await drawer().locator(".import-items > li").count(), hosts.length);
      for (const [name, where, group] of hosts) {
        await item(name).getByText(where, { exact: true }).first().waitFor();
        await item(name).getByText("New", { exact: true }).waitFor();
        assert.ok(await tick(name).isChecked(), `${name} is new and ticked`);
        if (group) await item(name).getByText(`in ${group.replaceAll("/", " / ")}`).waitFor();
      }
      const left = drawer().locator(".import-items").getByText("Not taken over:");
      for (const words of without) await left.filter({ hasText: words }).first().waitFor();
      const named = drawer().locator(".import-problems li");
      for (const [text, why] of problems) await named.filter({ hasText: text }).filter({ hasText: why }).waitFor();
      assert.doesNotMatch(await drawer().innerText(), SECRETS);
      await clean(page, `import-${from.split(" ")[0].toLowerCase()}`);
      assert.equal((await tree()).hosts.length, before, "looking changes nothing");
      await takesOver(hosts.length);
      const kept = await tree();
      for (const [name, where, group] of hosts) {
        const host = kept.hosts.find((each) => each.name === name);
        assert.equal(host && place(host), where, name);
        assert.equal(wayTo(host.group, kept.groups).join("/"), group, name);
      }
      assert.equal(kept.hosts.length, before + hosts.length + also.filter((name) => kept.hosts.some((host) => host.name === name)).length);
      assert.doesNotMatch(JSON.stringify(kept), SECRETS);
    });
  }

  test("all that comes with a new host can be read before it is taken", async () => {
    writeFileSync(
      join(screens.person.home, "all.conf"),
      "Host all-1\n HostName 192.0.2.71\n StrictHostKeyChecking yes\n ServerAliveInterval 30\n LocalForward 18080 db.internal:80\n DynamicForward 11080\nHost all-2\n HostName 192.0.2.72\n",
    );
    await previewed("OpenSSH configuration", "~/all.conf");
    const short = item("all-1").getByText("Also taken over: new host keys, keepalive, 2 forwards");
    const full = item("all-1").getByText("L localhost:18080→db.internal:80 (listens from the first connect)");
    assert.equal(await full.isVisible(), false);
    await short.focus();
    await page.keyboard.press("Enter");
    await full.waitFor();
    await item("all-1").getByText("refuse", { exact: true }).waitFor();
    await item("all-1").getByText("30 s", { exact: true }).waitFor();
    assert.equal(await item("all-2").getByText("Also taken over").count(), 0, "with nothing more, nothing more is said");
    await clean(page, "import-along");
    await leaves();
  });

  test("a command that is the way through a proxy is taken as that proxy; without any other one, it is said that the way is straight", async () => {
    writeFileSync(
      join(screens.person.home, "ways.conf"),
      "Host way-1\n HostName 192.0.2.91\n ProxyCommand /usr/bin/nc -X 5 -x proxy.example.com:1080 %h %p\nHost way-2\n HostName 192.0.2.92\n ProxyCommand corkscrew proxy.example.com 8080 %h %p\n",
    );
    await previewed("OpenSSH configuration", "~/ways.conf");
    const warning = (name) => item(name).getByText("Without its ProxyCommand, this host would be reached directly.");
    await warning("way-2").waitFor();
    assert.equal(await warning("way-1").count(), 0);
    await item("way-2").getByText("Not taken over: ProxyCommand corkscrew").waitFor();
    await item("way-1").getByText("Also taken over: proxy").waitFor();
    await clean(page, "import-ways");
    await takesOver(2);
    const { hosts } = await tree();
    const proxy = (name) => hosts.find((host) => host.name === name).settings.proxy;
    assert.deepEqual([proxy("way-1"), proxy("way-2")], ["socks5://proxy.example.com:1080", null]);
  });

  test("the ssh-agent is lent only where that has a tick of its own, one by one or all at once", async () => {
    writeFileSync(join(screens.person.home, "lent.conf"), "Host lent-1 lent-2\n HostName 192.0.2.81\nHost lent-3\n HostName 192.0.2.83\n ForwardAgent no\nHost *\n ForwardAgent yes\n");
    const lend = (name) => item(name).getByRole("checkbox", { name: `Forward the ssh-agent to ${name}: the file asks for it` });
    const all = drawer().getByRole("checkbox", { name: "Forward the ssh-agent to all of them" });
    await previewed("OpenSSH configuration", "~/lent.conf");
    await drawer().getByText("Agent forwarding is asked for by 2 hosts.").waitFor();
    assert.deepEqual([await lend("lent-1").isChecked(), await lend("lent-2").isChecked(), await lend("lent-3").count()], [false, false, 0]);
    await all.check();
    assert.ok((await lend("lent-1").isChecked()) && (await lend("lent-2").isChecked()));
    await lend("lent-1").uncheck();
    await clean(page, "import-agent");
    await takesOver(3);
    const { hosts } = await tree();
    const own = (name) => hosts.find((host) => host.name === name).settings.agent_forwarding;
    assert.deepEqual(["lent-1", "lent-2", "lent-3"].map(own), [false, true, false]);
  });

  test("what is there already is not ticked and cannot be taken twice", async () => {
    await previewed("CSV", "~/hosts.csv");
    for (const name of ["csv-1", "csv-2"]) {
      await item(name).getByText("Same", { exact: true }).waitFor();
      assert.ok(await tick(name).isDisabled());
    }
    assert.ok(await drawer().getByRole("button", { name: "Take over 0 hosts" }).isDisabled());
    await clean(page, "import-same");
    await leaves();
  });

  test("what differs is shown field by field; merged, the file's word holds and the rest stays", async () => {
    const old = (await tree()).hosts.find(({ name }) => name === "csv-1");
    const { id: _, ...spec } = old;
    await screens.call("host_save", { id: old.id, host: { ...pick(spec), note: "a note of mine", settings: { ...spec.settings, keepalive_s: 45 } } });
    const path = join(screens.person.home, "second.csv");
    writeFileSync(path, "name,address,user,port\ncsv-1,192.0.2.11,admin,2022\ncsv-2,198.51.100.7,,\n");
    await previewed("CSV", path);
    await item("csv-1").getByText("user: root → admin").waitFor();
    await item("csv-1").getByText("port: 2222 → 2022").waitFor();
    assert.equal(await tick("csv-1").isChecked(), false, "what changes something waits for a tick");
    await item("csv-2").getByText("Name taken").waitFor();
    await tick("csv-1").check();
    await clean(page, "import-changes");
    await takesOver(1);
    const merged = (await tree()).hosts.find(({ id }) => id === old.id);
    assert.equal(place(merged), "admin@192.0.2.11:2022");
    assert.deepEqual([merged.note, merged.settings.keepalive_s, merged.settings.environment], ["a note of mine", 45, "production"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await eventually("what was before", async () => place((await tree()).hosts.find(({ id }) => id === old.id)) === "root@192.0.2.11:2222");
  });

  test("replaced, nothing of before is left; as new, both are there", async () => {
    await previewed("CSV", "~/second.csv");
    await tick("csv-1").check();
    await item("csv-1").getByRole("textbox", { name: "How to take csv-1" }).click();
    await page.getByRole("option", { name: "Replace" }).click();
    await tick("csv-2").check();
    await takesOver(2);
    const { hosts } = await tree();
    const replaced = hosts.filter(({ name }) => name === "csv-1");
    assert.equal(replaced.length, 1);
    assert.deepEqual([replaced[0].settings.keepalive_s, replaced[0].settings.environment], [null, null]);
    assert.ok(hosts.some(({ name }) => name === "csv-2 (2)"));
  });

  test("a file that is not there, or is another program's, is said", async () => {
    await page.getByRole("main").getByRole("button", { name: /^Import/ }).first().click();
    await drawer().getByRole("textbox", { name: "File" }).fill("~/nowhere");
    await drawer().getByRole("button", { name: "Preview" }).click();
    await drawer().getByRole("alert").getByText("LUM-IMPORT-FILE").waitFor();
    await clean(page, "import-failed");
    await leaves();
    await previewed("mRemoteNG", "~/hosts.csv");
    await drawer().getByText("There is no host in it.").waitFor();
    await drawer().locator(".import-problems li").first().waitFor();
    await leaves();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

/** What a host is saved with, of what is told of it. */
const pick = ({ group, name, protocol, address, tags, note, settings, forwards }) => ({ group, name, protocol, address, tags, note, settings, forwards });

describe("hosts for elsewhere", { timeout: 540_000 }, () => {
  let screens, page, groups;

  before(async () => {
    screens = await openScreens();
    ({ page } = screens);
    await screens.open();
  });
  after(() => screens?.dispose());

  const forward = { id: "0192f0c1-2b3c-7d4e-8f50-a1b2c3d4e5f6", kind: "local", bind: "localhost", port: 15432, to_host: "db.internal", to_port: 5432, auto: true, label: "data" };

  /** Two groups and three hosts, of which one goes by way of another. */
  async function keeps() {
    const { id: shop } = await screens.call("group_save", { group: { parent: null, name: "Shop", settings: NOTHING_SET } });
    const { id: web } = await screens.call("group_save", { group: { parent: shop, name: "Web", settings: NOTHING_SET } });
    groups = [shop, web];
    const save = (parts) => screens.call("host_save", { host: { group: null, protocol: "ssh", tags: [], note: "", forwards: [], ...parts, settings: { ...NOTHING_SET, ...parts.settings } } });
    const gate = await save({ name: "gate", address: "192.0.2.1", settings: { user: "ann", port: 2200 } });
    await save({
      name: "web-1",
      address: "web-1.example.com",
      group: web,
      tags: ["old", "web"],
      note: "=of the first floor, \"in quotes\"",
      settings: { user: "deploy", environment: "production", jump: [gate.id], compression: true, keepalive_s: 30, connect_timeout_s: 7, host_key_policy: "strict", agent_forwarding: false },
      forwards: [forward],
    });
    await save({ name: "db-1", address: "2001:db8::7", group: shop, settings: { proxy: "socks5://proxy.example.com:1080" } });
  }

  /** What is kept, by names and in one order. */
  async function described() {
    const { hosts, groups: known } = await screens.call("hosts_tree");
    const name = (list, id) => list.find((each) => each.id === id)?.name ?? null;
    const way = (id) => (id ? [...way(known.find((each) => each.id === id)?.parent), name(known, id)] : []);
    return hosts
      .map(({ name: own, address, tags, note, group, settings, forwards }) => ({
        name: own,
        address,
        tags,
        note,
        group: way(group),
        settings: { ...settings, jump: settings.jump?.map((id) => name(hosts, id)) ?? null },
        forwards: forwards.map(({ id: _, ...rest }) => rest),
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  async function forgetsAll() {
    const { hosts } = await screens.call("hosts_tree");
    await screens.call("hosts_delete", { ids: hosts.map(({ id }) => id) });
    for (const id of (await screens.call("hosts_tree")).groups.map((group) => group.id).toReversed()) await screens.call("group_delete", { id, hosts: "move_up" });
    assert.deepEqual((await screens.call("hosts_tree")).hosts, []);
  }

  /** What a form has no room for is as nobody set it. */
  const ofTable = (host) => ({ ...host, forwards: [], settings: { ...NOTHING_SET, ...only(host.settings, ["user", "port", "jump", "environment", "proxy"]) } });
  const ofConfig = (host) => ({
    ...host,
    tags: [],
    note: "",
    group: [],
    forwards: host.forwards.map((one) => ({ ...one, label: "" })),
    settings: { ...host.settings, environment: null },
  });
  const only = (settings, names) => Object.fromEntries(names.map((name) => [name, settings[name]]));

  for (const [kind, file, reader, holds, said] of [
    ["Luumen", "hosts.luumen.json", "Luumen", (host) => host, "What groups hand down stays here."],
    ["ssh_config", "ssh_config", "OpenSSH configuration", ofConfig, "ssh knows no groups, tags or notes."],
    ["CSV", "hosts.csv", "CSV", ofTable, "A table has no room for more."],
  ]) {
    test(`${kind} is written, and read again it gives the same hosts`, async () => {
      await keeps();
      await screens.open();
      await goTo(page, "Hosts");
      await page.getByRole("main").getByRole("button", { name: "Export", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Export hosts" });
      await dialog.getByRole("radiogroup", { name: "Format" }).getByText(kind, { exact: true }).click();
      await dialog.getByText(`${said} No password, key or passphrase is written.`).waitFor();
      await dialog.getByRole("textbox", { name: "Write to" }).fill(`~/${file}`);
      await clean(page, `export-${kind.toLowerCase()}`);
      await page.keyboard.press("Enter");
      await page.getByText(`Wrote 3 hosts to ~/${file}`).waitFor();
      // What a table has no column for is named.
      const named = dialog.getByText("new host keys, keepalive, connect timeout, compression, agent forwarding and forwards of web-1: a table has no column for that");
      if (kind === "CSV") await named.waitFor();
      const written = readFileSync(join(screens.person.home, file), "utf8");
      assert.match(written, /web-1\.example\.com/);
      const before = await described();
      await forgetsAll();
      await screens.open();
      await goTo(page, "Hosts");
      await page.getByRole("main").getByRole("button", { name: "Import hosts" }).click();
      const drawer = page.getByRole("dialog", { name: "Import hosts" });
      await drawer.getByRole("textbox", { name: "From" }).click();
      await page.getByRole("option", { name: reader, exact: true }).click();
      await drawer.getByRole("textbox", { name: "File" }).fill(`~/${file}`);
      await drawer.getByRole("button", { name: "Preview" }).click();
      await drawer.getByRole("button", { name: "Take over 3 hosts" }).click();
      await drawer.waitFor({ state: "detached" });
      const after = await described();
      // Names that a note or a setting has now and had not before, or the other way round, show here.
      assert.deepEqual(after.map(withoutEmpty), before.map(holds).map(withoutEmpty));
      await forgetsAll();
    });
  }

  test("what a configuration cannot say is named until it was read", async () => {
    await keeps();
    const { hosts } = await screens.call("hosts_tree");
    const web = hosts.find(({ name }) => name === "web-1");
    const { id, last_connected_at: _connected, os: _os, last_scan_at: _scan, ...host } = web;
    await screens.call("host_save", { id, host: { ...host, settings: { ...host.settings, proxy: "http://proxy.example.com:8080" } } });
    await screens.open();
    await goTo(page, "Hosts");
    await page.getByRole("main").getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export hosts" });
    await dialog.getByRole("radiogroup", { name: "Format" }).getByText("ssh_config", { exact: true }).click();
    await dialog.getByRole("textbox", { name: "Write to" }).fill("~/left-out");
    await page.keyboard.press("Enter");
    await dialog.getByText(/^the proxy of web-1: ssh goes through its jump hosts alone/).waitFor();
    assert.match(readFileSync(join(screens.person.home, "left-out"), "utf8"), /ProxyJump gate/);
    await clean(page, "export-left-out");
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await dialog.waitFor({ state: "detached" });
    await forgetsAll();
  });

  test("a file that is there is replaced only after a question", async () => {
    await keeps();
    await screens.open();
    await goTo(page, "Hosts");
    const file = join(screens.person.home, "of-years.json");
    writeFileSync(file, "of years");
    await page.getByRole("main").getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export hosts" });
    await dialog.getByRole("textbox", { name: "Write to" }).fill("~/of-years.json");
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: "Replace the file?" });
    await question.getByText("There is something at ~/of-years.json already. It is replaced by the hosts.").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByRole("alert").getByText("LUM-EXPORT-TAKEN").waitFor();
    assert.equal(readFileSync(file, "utf8"), "of years");
    await dialog.getByRole("textbox", { name: "Write to" }).press("Enter");
    await question.getByRole("button", { name: "Replace it" }).click();
    await page.getByText("Wrote 3 hosts to ~/of-years.json").waitFor();
    assert.match(readFileSync(file, "utf8"), /web-1\.example\.com/);
    await forgetsAll();
  });

  test("a place that cannot be written to is said, and nothing is lost", async () => {
    await keeps();
    await screens.open();
    await goTo(page, "Hosts");
    await page.getByRole("main").getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export hosts" });
    await dialog.getByRole("textbox", { name: "Write to" }).fill("/nowhere/hosts.json");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("LUM-EXPORT").waitFor();
    await clean(page, "export-failed");
    assert.equal(await dialog.getByRole("textbox", { name: "Write to" }).inputValue(), "/nowhere/hosts.json");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

/** Settings that say nothing may be there or not. */
const withoutEmpty = (host) => ({ ...host, settings: Object.fromEntries(Object.entries(host.settings).filter(([, value]) => value !== null)) });
