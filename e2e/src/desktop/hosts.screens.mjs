// Hosts that are kept: tags on and off several at once, a way that goes straight, and what becomes of the hosts of a deleted group.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { clean, goTo, NOTHING_SET, openScreens } from "./screen.mjs";

describe("hosts that are kept", { timeout: 180_000 }, () => {
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
  });

  test("a host may go straight, past what its group says", async () => {
    const tree = page.getByRole("region", { name: "Hosts" });
    await tree.getByText("web-1").click({ button: "right" });
    await page.getByRole("menuitem", { name: /Change|Edit/ }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("Goes straight, whatever is inherited").scrollIntoViewIfNeeded();
    await drawer.getByLabel("Goes straight, whatever is inherited").check();
    await drawer.getByRole("textbox", { name: "Proxy" }).fill("none");
    await clean(page, "host-straight");
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the way", async () => {
      const { settings } = (await kept()).find(({ name }) => name === "web-1");
      return settings.jump?.length === 0 && settings.proxy === "none";
    });
  });

  test("a group that is deleted asks what becomes of its hosts, and keeps them unless told otherwise", async () => {
    const ask = async () => {
      await page.getByRole("region", { name: "Hosts" }).getByText("shop", { exact: true }).click({ button: "right" });
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
