// Hosts that are kept: tags on and off several at once, a way that goes straight, and what becomes of the hosts of a deleted group.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { clean, goTo, NOTHING_SET, openScreens } from "./screen.mjs";

describe("hosts that are kept", { timeout: 540_000 }, () => {
  let screens, page, group;

  before(async () => {
    screens = await openScreens();
    ({ page } = screens);
    group = await screens.call("group_save", { group: { parent: null, name: "shop", settings: { ...NOTHING_SET, proxy: "socks5://[2001:db8::7]:1080" } } });
    for (const name of ["web-1", "web-2"]) {
      const host = { group: group.id, name, protocol: "ssh", address: "192.0.2.1", tags: ["old", "shop"], note: "", settings: NOTHING_SET, forwards: [] };
      await screens.call("host_save", { host });
    }
    await screens.open();
    await goTo(page, "Hosts");
  });
  after(() => screens?.dispose());

  const kept = async () => (await screens.call("hosts_tree")).hosts;

  test("a host's row shows its first tag and how many more there are, and says all of them", async () => {
    const row = page.getByRole("treeitem").filter({ hasText: "web-1" });
    const tags = row.getByRole("img", { name: "tags: old, shop", exact: true });
    assert.match((await tags.innerText()).replace(/\s+/g, " "), /^old ?\+1$/);
    const { width } = await tags.boundingBox();
    assert.ok(width <= 84, `${width} px leave room for the name`);
    await clean(page, "hosts-tree-tags");
  });

  test("tags are taken off several at once", async () => {
    const bulk = page.getByRole("region", { name: "Chosen hosts" });
    await page.getByRole("checkbox", { name: /all/i }).first().check();
    await bulk.getByRole("button", { name: "Take tags off…" }).click();
    await bulk.getByRole("textbox", { name: "Tags to take off" }).fill("old");
    await page.getByRole("option", { name: "old" }).click();
    await clean(page, "hosts-tags-off");
    await page.keyboard.press("Escape");
    await bulk.getByRole("button", { name: "Take off" }).click();
    await eventually("the tags", async () => (await kept()).every(({ tags }) => tags.join() === "shop"));
    await page.getByRole("treeitem").filter({ hasText: "web-1" }).getByRole("img", { name: "tag: shop", exact: true }).waitFor();
  });

  test("a host that is opened again is shown as it is now, and saving a note takes nothing back", async () => {
    const tree = page.getByRole("region", { name: "Hosts" });
    const drawer = page.getByRole("dialog");
    const change = async () => {
      await tree.getByText("web-1").click({ button: "right" });
      await page.getByRole("menuitem", { name: "Change…" }).click();
      await drawer.getByLabel("Note").waitFor();
    };
    await change();
    await drawer.getByRole("button", { name: "Cancel" }).click();
    await drawer.waitFor({ state: "detached" });
    const bulk = page.getByRole("region", { name: "Chosen hosts" });
    await bulk.getByRole("button", { name: "Tag…" }).click();
    await bulk.getByRole("textbox", { name: "Tags to add" }).fill("new");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await bulk.getByRole("button", { name: "Add", exact: true }).click();
    await eventually("the tags", async () => (await kept()).every(({ tags }) => tags.includes("new")));
    const { id } = (await kept()).find(({ name }) => name === "web-1");
    await screens.call("hosts_move", { ids: [id], group: null });
    await tree.getByRole("treeitem").filter({ hasText: "web-1" }).and(page.locator("[aria-level='1']")).waitFor();
    await change();
    await drawer.getByLabel("Note").fill("the first of two");
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the note", async () => (await kept()).some(({ note }) => note === "the first of two"));
    const host = (await kept()).find(({ name }) => name === "web-1");
    assert.deepEqual([host.tags, host.group], [["shop", "new"], null]);
    await screens.call("hosts_move", { ids: [id], group: group.id });
    await screens.call("hosts_tag", { ids: [id], add: [], remove: ["new"] });
  });

  test("a host may go straight, past what its group says", async () => {
    const tree = page.getByRole("region", { name: "Hosts" });
    await tree.getByText("web-1").click({ button: "right" });
    await page.getByRole("menuitem", { name: /Change|Edit/ }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("Goes straight, whatever is inherited").scrollIntoViewIfNeeded();
    await drawer.getByLabel("Goes straight, whatever is inherited").check();
    await drawer.getByRole("textbox", { name: "Proxy", exact: true }).fill("none");
    await clean(page, "host-straight");
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the way", async () => {
      const { settings } = (await kept()).find(({ name }) => name === "web-1");
      return settings.jump?.length === 0 && settings.proxy === "none";
    });
  });

  test("a host that leads to others is deleted only when that was read", async () => {
    const save = (name, settings) => screens.call("host_save", { host: { group: null, name, protocol: "ssh", address: "192.0.2.9", tags: [], note: "", settings: { ...NOTHING_SET, ...settings }, forwards: [] } });
    const gate = await save("gate", {});
    await save("behind", { jump: [gate.id] });
    const tree = page.getByRole("region", { name: "Hosts" });
    await tree.getByText("behind").waitFor();
    const ask = async () => {
      await tree.getByText("gate", { exact: true }).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Delete", exact: false }).click();
    };
    const dialog = page.getByRole("dialog", { name: "Delete gate?" });
    await ask();
    await dialog.getByText("behind is reached through gate").waitFor();
    await clean(page, "host-way-delete");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    const named = async () => (await kept()).map(({ name }) => name);
    assert.ok((await named()).includes("gate"));
    await ask();
    await dialog.getByRole("button", { name: "Delete it all the same" }).click();
    await eventually("the host to go", async () => !(await named()).includes("gate"));
    await page.getByRole("button", { name: "Undo" }).click();
    await eventually("the way again", async () => (await kept()).find(({ name }) => name === "behind")?.settings.jump.length === 1);
    await screens.call("hosts_delete", { ids: (await kept()).filter(({ name }) => name === "gate" || name === "behind").map(({ id }) => id) });
    await tree.getByText("behind").waitFor({ state: "detached" });
  });

  test("a group that is deleted asks what becomes of its hosts, and keeps them unless told otherwise", async () => {
    const ask = async () => {
      await page.getByRole("region", { name: "Hosts" }).locator(".tree-name", { hasText: /^shop$/ }).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Delete the group…" }).click();
    };
    await ask();
    const dialog = page.getByRole("dialog");
    assert.ok(await dialog.getByRole("radio", { name: "Keep the hosts" }).isChecked());
    await clean(page, "group-delete");
    await dialog.getByRole("radio", { name: "Delete the hosts too" }).check();
    await dialog.getByRole("button", { name: "Delete the group" }).click();
    await eventually("the hosts to go", async () => (await kept()).length === 0);
    await page.getByRole("button", { name: "Undo" }).click();
    await eventually("the hosts again", async () => (await kept()).length === 2);
    await ask();
    await dialog.getByRole("button", { name: "Delete the group" }).click();
    await eventually("the hosts without their group", async () => (await kept()).every(({ group }) => group === null));
    assert.equal((await kept()).length, 2);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
