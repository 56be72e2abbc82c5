// What a host asks before it lets somebody in: a password, the passphrase of a key, and a code that opens once.
import assert from "node:assert/strict";
import { writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account, apart, hasPamModule } from "../hosts.mjs";
import { clean, connected, goTo, openScreens, shows, types } from "./screen.mjs";

const PASSWORD = "under the third bridge";
const PASSPHRASE = "a boat without oars";
const VAULT = "a lamp in the window";
const CODES = ["417 203", "860 115"];

describe("questions", { timeout: 900_000, skip: apart ? false : "only root can give a host a password and codes" }, () => {
  let screens, page, locked;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "pass-1", password: PASSWORD, sshd: ["PasswordAuthentication yes", "AuthenticationMethods password"] }, { name: "key-1" }] });
    ({ page } = screens);
    const { person } = screens;
    await keep("pass-1", screens.hosts["pass-1"].port, await credential({ kind: "ask" }));
    const file = join(person.home, ".ssh", "id_locked");
    run("cp", [person.key, file]);
    run("ssh-keygen", ["-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", file]);
    const key = await screens.call("key_import", { name: "locked", path: file, in_place: true });
    assert.ok(key.encrypted);
    locked = await keep("key-1", screens.hosts["key-1"].port, await credential({ kind: "key", key: key.id }));
    await screens.open();
  });
  after(() => screens?.dispose());

  const credential = async (part) => (await screens.call("credential_save", { credential: { name: part.kind, user: null, key: null, certificate: null, ...part } })).id;
  const keep = (name, port, credentialId) =>
    screens.call("host_save", {
      host: {
        group: null,
        name,
        protocol: "ssh",
        address: "127.0.0.1",
        tags: [],
        note: "",
        settings: { port, user: account, credential: credentialId },
        forwards: [],
      },
    });
  const question = () => page.getByRole("group", { name: "Question" });
  const open = async (name) => {
    await goTo(page, "Hosts");
    await page.getByRole("button", { name: `Connect to ${name}`, exact: true }).click();
  };
  /** The shell works, and nothing of a secret stands in the page. */
  const letIn = async (...secrets) => {
    await connected(page);
    await types(page, "echo let-in-$((40 + 2))");
    await shows(page, /^let-in-42$/m);
    const content = await page.content();
    for (const secret of secrets) assert.ok(!content.includes(secret), "the page still has the secret");
    await types(page, "exit");
  };

  test("a password is asked for, again when it is wrong, and is not shown", async () => {
    await open("pass-1");
    const field = question().getByLabel(`Password of ${account} on`);
    await field.waitFor();
    assert.equal(await field.getAttribute("type"), "password");
    assert.ok(await field.evaluate((input) => input === document.activeElement), "it has the keyboard");
    await page.keyboard.type("not this one");
    await page.keyboard.press("Enter");
    await question().getByText("It was not accepted. Try again.").waitFor();
    assert.equal(await field.inputValue(), "");
    await clean(page, "question-password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await letIn(PASSWORD);
  });

  test("who leaves is not connected, and can try again", async () => {
    await open("pass-1");
    await question().getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("heading", { name: "Could not connect to pass-1" }).waitFor();
    await page.getByRole("button", { name: "Try again (Enter)" }).click();
    await question().getByLabel(`Password of ${account} on`).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await letIn(PASSWORD);
  });

  test("a password that is kept in a credential says which hosts get it", async () => {
    const shared = await credential({ kind: "password", name: "ops" });
    for (const name of ["ops-1", "ops-2"]) await keep(name, screens.hosts["pass-1"].port, shared);
    await open("ops-1");
    await question().getByLabel("Keep it in the credential “ops” (used by 2 hosts)").waitFor();
    await clean(page, "question-keep");
    await question().getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: "Close", exact: true }).click();
  });

  test("who disconnects at a passphrase is not connected, and may go on without the key", async () => {
    await open("key-1");
    const why = page.locator(".connect").getByRole("alert");
    await question().getByRole("button", { name: "Disconnect" }).click();
    await why.getByText("LUM-CANCELLED").waitFor();
    await page.getByRole("button", { name: "Try again (Enter)" }).click();
    await question().getByRole("button", { name: "Without this key" }).click();
    // Nothing else opens this host.
    await why.getByText(/^LUM-SSH-/).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
  });

  test("a session without a tab asks in a dialog, and Escape disconnects it", async () => {
    const { id } = await screens.call("session_open", { host: locked.id });
    const dialog = page.getByRole("dialog", { name: "key-1 asks" });
    await dialog.getByLabel("Passphrase of the key").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const problem = await eventually("the end of the session", async () => (await screens.call("sessions_list")).find((session) => session.id === id)?.problem);
    assert.equal(problem.code, "LUM-CANCELLED");
    await screens.call("session_close", { id });
  });

  test("the passphrase of a key is asked for, once for the session and its files", async () => {
    await open("key-1");
    const field = question().getByLabel("Passphrase of the key");
    await field.waitFor();
    await clean(page, "question-passphrase");
    await page.keyboard.type("something else");
    await page.keyboard.press("Enter");
    await question().getByText("The passphrase that was tried does not open the key.").waitFor();
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press("Enter");
    await connected(page);
    await goTo(page, "Files");
    const there = page.getByRole("region", { name: "key-1", exact: true });
    await there.getByRole("listbox").or(there.getByText(/^(The folder is empty|Only hidden files are here)$/)).waitFor();
    assert.equal(await question().count(), 0);
    await goTo(page, "Sessions");
    await page.locator(".xterm-helper-textarea").first().focus();
    await letIn(PASSPHRASE);
  });

  test("a code that opens once is asked for in the host's words, and anew each time", { skip: hasPamModule("pam_exec.so") && hasPamModule("pam_echo.so") ? false : "this system has no pam_exec and pam_echo" }, async () => {
    const host = await screens.person.host("code-1", { sshd: ["KbdInteractiveAuthentication yes", "AuthenticationMethods keyboard-interactive"], pam: oneTimePam(screens.person.folder) });
    await keep("code-1", host.port, await credential({ kind: "ask" }));
    for (const code of CODES) {
      await open("code-1");
      await question().getByText("Enter the code of your device.").waitFor();
      const field = question().getByLabel("Password");
      await field.waitFor();
      if (code === CODES[0]) await clean(page, "question-code");
      await field.fill(code);
      await page.keyboard.press("Enter");
      await letIn(code);
    }
    // A code opens once.
    await open("code-1");
    await question().getByLabel("Password").fill(CODES[0]);
    await page.keyboard.press("Enter");
    await question().getByText("It was not accepted").waitFor();
    await question().getByRole("button", { name: "Disconnect" }).click();
  });

  test("a vault that is opened in one tab opens the way of all", async () => {
    await screens.call("vault_create", { passphrase: VAULT });
    const { id: key } = await screens.call("key_import", { name: "sealed", path: screens.person.key });
    const sealed = await credential({ kind: "key", name: "sealed", key });
    for (const name of ["sealed-1", "sealed-2"]) await keep(name, screens.hosts["key-1"].port, sealed);
    await screens.call("vault_lock");
    const vault = question().getByLabel("Passphrase of the vault");
    for (const name of ["sealed-1", "sealed-2"]) {
      await open(name);
      await page.getByRole("heading", { name: `Connecting to ${name}` }).waitFor();
      await vault.waitFor();
    }
    await vault.fill(VAULT);
    await page.keyboard.press("Enter");
    const states = async () => (await screens.call("sessions_list")).filter(({ title }) => title.startsWith("sealed-")).map(({ state }) => state);
    await eventually("both sessions to open", async () => (await states()).join() === "open,open");
    await letIn(VAULT);
    await page.locator(".tab").filter({ hasText: "sealed-1" }).locator(".tab-name").click();
    await letIn(VAULT);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

/** A stack of PAM that lets in whoever knows a code, and takes the code out of its list. */
function oneTimePam(folder) {
  const [codes, hint, script] = ["codes", "hint", "once.sh"].map((name) => join(folder, name));
  writeFileSync(codes, `${CODES.join("\n")}\n`, { mode: 0o600 });
  writeFileSync(hint, "Enter the code of your device.\n");
  writeFileSync(
    script,
    `#!/bin/sh\nsaid=$(tr -d '\\000')\n[ -n "$said" ] && grep -Fxq -- "$said" '${codes}' || exit 1\ngrep -Fxv -- "$said" '${codes}' >'${codes}.left'\ncat '${codes}.left' >'${codes}'\n`,
  );
  chmodSync(script, 0o755);
  return [`auth optional pam_echo.so file=${hint}`, `auth requisite pam_exec.so expose_authtok quiet ${script}`, "auth required pam_permit.so", "account required pam_permit.so", "session required pam_permit.so", ""].join("\n");
}
