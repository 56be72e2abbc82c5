// A new person: the first run, hosts from elsewhere, and every list while it is empty.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { clean, goTo, openScreens } from "./screen.mjs";

const CONFIG = `
Host bastion
  HostName bastion.example.net
  User ada

Host db-1 db-2
  HostName %h.example.net
  User ops
  Port 2222
  ProxyJump bastion
  RemoteCommand tmux attach
`;

describe("the first run", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ firstRun: true });
    ({ page } = screens);
  });
  after(() => screens?.dispose());

  test("says first that no account is needed", async () => {
    await page.getByText("No account is needed").waitFor();
    await clean(page, "first-run-1");
    await page.getByRole("button", { name: "Start" }).click();
  });

  test("shows what an import would bring before anything is taken", async () => {
    await page.getByLabel("Or its text").fill(CONFIG);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("3 hosts found, 3 ticked").waitFor();
    assert.ok((await page.getByText("RemoteCommand").count()) > 0, "what is not taken over is named");
    assert.deepEqual((await screens.call("hosts_tree")).hosts, []);
    await clean(page, "first-run-2");
    await page.getByRole("checkbox", { name: "Take db-2" }).uncheck();
    await page.getByRole("button", { name: "Take over 2 hosts" }).click();
    await page.getByRole("heading", { name: "Where your secrets live" }).waitFor();
    const { hosts } = await screens.call("hosts_tree");
    assert.deepEqual(hosts.map(({ name }) => name).sort(), ["bastion", "db-1"]);
  });

  test("says where secrets live, and seals a vault", async () => {
    await page.getByLabel("New passphrase", { exact: true }).fill("a long walk by the river");
    await page.getByLabel("New passphrase again").fill("a long walk by the lake");
    await page.getByText("It is not the same").waitFor();
    assert.ok(await page.getByRole("button", { name: "Make the vault" }).isDisabled());
    await page.getByLabel("New passphrase again").fill("a long walk by the river");
    await clean(page, "first-run-3");
    await page.getByRole("button", { name: "Make the vault" }).click();
    await page.getByText("Secrets are in a vault file that your passphrase seals.").waitFor();
    await page.getByRole("button", { name: "Next" }).click();
  });

  test("ends with a host to connect to, and does not come again", async () => {
    await page.getByRole("heading", { name: "Connect to a host" }).waitFor();
    await clean(page, "first-run-4");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("tree", { name: "Hosts by group" }).getByText("db-1").waitFor();
    await screens.open();
    assert.equal(await page.locator(".first-run").count(), 0);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

describe("while nothing is there", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens();
    ({ page } = screens);
  });
  after(() => screens?.dispose());

  for (const [where, words] of [
    ["Hosts", "No hosts yet"],
    ["Sessions", "No hosts yet"],
    ["Files", "No host is connected"],
    ["Scans", "No scans yet"],
    ["Session logs", "No session was recorded"],
    ["Keys", "No credentials yet"],
  ]) {
    test(`${where} says what to do`, async () => {
      await goTo(page, where);
      await page.getByRole("main").getByRole("heading", { name: words }).waitFor();
      await clean(page, `empty-${where.toLowerCase().replace(" ", "-")}`);
    });
  }

  test("every tab of Keys and Settings is clean", async () => {
    for (const [where, tabs] of [
      ["Keys", ["Credentials", "Keys", "Known hosts"]],
      ["Settings", ["Look", "Terminal", "Keyboard", "Secrets", "Catalogue", "About"]],
    ]) {
      await goTo(page, where);
      for (const tab of tabs) {
        await page.getByRole("tab", { name: tab, exact: true }).click();
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        await clean(page, `${where.toLowerCase()}-${tab.toLowerCase().replace(" ", "-")}`);
      }
    }
  });

  test("a list that cannot be read says why, and can be tried again", async () => {
    await page.route("**/call/hosts_tree", (route) =>
      route.fulfill({ status: 422, contentType: "application/json", body: JSON.stringify({ code: "LUM-STORE-BUSY", title: "The store is busy", detail: "another program holds it", next: "Close it." }) }),
    );
    await screens.open();
    await goTo(page, "Hosts");
    await page.getByRole("main").getByText("The store is busy: another program holds it").waitFor();
    await clean(page, "failed-hosts");
    await page.unroute("**/call/hosts_tree");
    await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
    await page.getByRole("main").getByRole("heading", { name: "No hosts yet" }).waitFor();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
