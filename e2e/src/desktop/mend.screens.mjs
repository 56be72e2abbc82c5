// A connection that failed is mended where it stands: the few fields that it is about, over its pane, and then it is tried again.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, freePort } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { makeKey } from "../keys.mjs";
import { clean, connected, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

const PASSWORD = "under the third bridge";
const VAULT = "a boat without oars";

describe("mending a connection", { timeout: 900_000 }, () => {
  let screens, page, port, closed;

  before(async () => {
    const asks = { name: "pass-1", password: PASSWORD, sshd: ["PasswordAuthentication yes", "AuthenticationMethods password"] };
    screens = await openScreens({ hosts: [{ name: "web-1" }, ...(apart ? [asks] : [])] });
    ({ page } = screens);
    ({ port } = screens.hosts["web-1"]);
    closed = await freePort();
  });
  after(() => screens?.dispose());

  const field = () => page.locator(".palette-input input");
  const card = () => page.locator(".connect");
  const form = () => card().getByRole("group", { name: "Mend the connection" });
  const press = (name) => card().getByRole("button", { name, exact: true }).click();
  const hasKeyboard = (field) => eventually("the keyboard to come there", () => field.evaluate((element) => element === document.activeElement));
  const settings = async (id) => (await screens.call("host_get", { id })).host.settings;

  /** Keeps a host that does not let anybody in like this, and fails to connect to it. */
  async function failed(name, at, change) {
    const host = await keepHost(screens, name, at, account, change);
    await screens.open();
    await goTo(page, "Hosts");
    await page.getByRole("button", { name: `Connect to ${name}`, exact: true }).click();
    await page.getByRole("heading", { name: `Could not connect to ${name}` }).waitFor();
    return host.id;
  }

  /** A page that is loaded before its tabs are remembered shows those of before. */
  const forgotten = () => eventually("the tabs to be remembered", async () => (await screens.call("layout_get"))?.tabs?.length === 0);

  /** The shell works; then its tab goes. */
  async function letIn() {
    await connected(page);
    await types(page, "echo let-in-$((40 + 2))");
    await shows(page, /^let-in-42$/m);
    await types(page, "exit");
    await eventually("the tab to close", async () => (await page.locator(".tab").count()) === 0).catch(async (error) => {
      throw new Error(`tabs: ${await page.locator(".tabs").innerText()}`, { cause: error });
    });
    await forgotten();
  }

  test("a wrong port is mended in the card, by the keyboard alone", async () => {
    const id = await failed("wrong-port", closed);
    await press("Address, port, user…");
    const address = form().getByLabel("Address");
    assert.ok(await hasKeyboard(address), "the first field has the keyboard");
    await page.keyboard.press("Escape");
    await form().waitFor({ state: "detached" });
    assert.ok(await hasKeyboard(card().getByRole("button", { name: "Address, port, user…" })), "the keyboard goes back");
    await page.keyboard.press("Enter");
    await clean(page, "mend-place");
    await form().getByLabel("Port").fill(String(port));
    await page.keyboard.press("Enter");
    await letIn();
    assert.equal((await settings(id)).port, port);
  });

  test("what is not right in the form stays in the form", async () => {
    const id = await failed("no-address", closed);
    await press("Address, port, user…");
    await form().getByLabel("Address").fill("ssh://127.0.0.1");
    await page.keyboard.press("Enter");
    await form().getByText("A name or an IP address only").waitFor();
    assert.ok(await hasKeyboard(form().getByLabel("Address")));
    assert.equal((await screens.call("host_get", { id })).host.address, "127.0.0.1");
    await form().getByRole("button", { name: "Cancel" }).click();
    await press("Close");
    await forgotten();
  });

  test("a place that was only typed is mended for this try, or kept", async () => {
    for (const keeps of [false, true]) {
      await page.keyboard.press("Control+Shift+K");
      await field().waitFor();
      await page.keyboard.type(`${account}@127.0.0.1:${closed}`);
      await page.getByRole("option", { name: /^Connect to/ }).first().waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Could not connect to" }).waitFor();
      await press("Address, port, user…");
      assert.equal(await form().getByLabel("User").inputValue(), account);
      await form().getByLabel("Port").fill(String(port));
      if (keeps) {
        await form().getByLabel("Keep it as a host").check();
        await form().getByLabel("Name").fill("kept-1");
        await clean(page, "mend-typed");
        await form().getByRole("button", { name: "Keep and try again" }).click();
      } else {
        await page.keyboard.press("Enter");
      }
      await letIn();
      const { hosts } = await screens.call("hosts_tree");
      assert.equal(hosts.some(({ name, settings }) => name === "kept-1" && settings.port === port), keeps);
      if (keeps) await screens.call("hosts_delete", { ids: hosts.filter(({ name }) => name === "kept-1").map(({ id }) => id) });
    }
  });

  test("a key that is refused is put right by another one", async () => {
    const stranger = makeKey(join(screens.person.home, ".ssh", "stranger"));
    const key = await screens.call("key_import", { name: "stranger", path: stranger, in_place: true });
    const { id: wrong } = await screens.call("credential_save", { credential: { name: "stranger", user: null, kind: "key", key: key.id, certificate: null } });
    const id = await failed("refused", port, { credential: wrong });
    await press("Sign in another way…");
    assert.ok(await hasKeyboard(form().getByRole("radio", { name: "A password, which is asked for" })));
    await form().getByRole("radio", { name: "A key in a file" }).check();
    await form().getByLabel("File of the key").fill(screens.person.key);
    await clean(page, "mend-sign-in");
    await form().getByLabel("File of the key").press("Enter");
    await letIn();
    assert.notEqual((await settings(id)).credential, wrong);

    // Next time it is chosen by its name.
    await failed("refused-too", port, { credential: wrong });
    await press("Sign in another way…");
    await form().getByRole("radio", { name: "A credential" }).check();
    await form().getByRole("combobox", { name: "Which credential" }).or(form().getByRole("textbox", { name: "Which credential" })).click();
    await page.getByRole("option", { name: "laptop" }).click();
    await press("Save and try again");
    await letIn();
  });

  test("a proxy that is not there is taken out", async () => {
    const id = await failed("behind", port, { proxy: `socks5://127.0.0.1:${closed}` });
    await press("Proxy…");
    const proxy = form().getByLabel("Proxy", { exact: true });
    assert.ok(await hasKeyboard(proxy));
    await clean(page, "mend-proxy");
    await proxy.fill("none");
    await page.keyboard.press("Enter");
    await letIn();
    assert.equal((await settings(id)).proxy, "none");
  });

  test("what is mended on another page leads back, and is tried again", async () => {
    await failed("elsewhere", closed);
    await press("All of the host…");
    const drawer = page.getByRole("dialog", { name: "Change elsewhere" });
    await drawer.getByLabel("Port").fill(String(port));
    await drawer.getByRole("button", { name: "Save", exact: true }).click();
    await drawer.waitFor({ state: "detached" });
    await page.getByRole("status").filter({ hasText: "The connection to elsewhere waits" }).waitFor();
    await clean(page, "mend-elsewhere");
    await page.getByRole("button", { name: "Back to the connection" }).click();
    await letIn();
    assert.equal(await page.getByRole("button", { name: "Back to the connection" }).count(), 0);
  });

  test("a password is asked for in place of a key, and kept if its person says so", { skip: apart ? false : "only root can give a host a password" }, async () => {
    await screens.call("vault_create", { passphrase: VAULT });
    const keys = await screens.call("credentials_list");
    const id = await failed("asks", closed, { credential: keys[0].id });
    await press("Address, port, user…");
    await form().getByLabel("Port").fill(String(screens.hosts["pass-1"].port));
    await page.keyboard.press("Enter");
    // The key does not open it, and whoever leaves the question is not in.
    await page.getByRole("group", { name: "Question" }).getByRole("button", { name: "Disconnect" }).click();
    await press("Sign in another way…");
    // The form reads its host first.
    assert.ok(await hasKeyboard(form().getByRole("radio", { name: "A password, which is asked for" })));
    await page.keyboard.press("Enter");
    const question = page.getByRole("group", { name: "Question" });
    await question.getByLabel(`Password of ${account} on ${account}@`).waitFor();
    await question.getByLabel(`Keep it in the credential “Password of ${account} on asks” (used by 1 host)`).check();
    await question.getByLabel(`Password of ${account} on ${account}@`).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await letIn();
    const { credential } = await settings(id);
    const kept = (await screens.call("credentials_list")).find((each) => each.id === credential);
    assert.deepEqual([kept.kind, kept.name, kept.has_secret], ["password", `Password of ${account} on asks`, true]);
  });

  test("a vault that is locked is opened in the card", { skip: apart ? false : "only root can give a host a password" }, async () => {
    await screens.call("vault_lock");
    await goTo(page, "Hosts");
    await page.getByRole("button", { name: "Connect to asks", exact: true }).click();
    // It is asked at once; who leaves that finds the same in the card.
    await page.getByRole("group", { name: "Question" }).getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("heading", { name: "Could not connect to asks" }).waitFor();
    await press("Unlock the vault…");
    const field = form().getByLabel("Passphrase of the vault");
    assert.ok(await hasKeyboard(field));
    await clean(page, "mend-vault");
    await page.keyboard.type(VAULT);
    await page.keyboard.press("Enter");
    await letIn();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
