// Every way to sign in to a real sshd, in the real window: what is asked is answered there, and only what has to be.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account, apart, hasPamModule } from "../hosts.mjs";
import { certify, makeKey, startAgent } from "../keys.mjs";
import { openDesk } from "./desk.mjs";
import { newPerson } from "./person.mjs";

const PASSWORD = "correct horse 7 battery";
const PASSPHRASE = "open sesame, please";
const OTP_SECRET = "12345678901234567890";

const needsRoot = apart ? false : "only root can give a host's account a password";
const needsOath = !apart ? needsRoot : hasPamModule("pam_oath.so") ? false : "pam_oath is not installed (Debian: apt install libpam-oath)";

/** The code that comes after so many others (RFC 4226). */
function oneTimeCode(count) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(count));
  const digest = createHmac("sha1", OTP_SECRET).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

describe("signing in, in the window", { timeout: 900_000 }, () => {
  let desk, person, agent, keys;
  const logins = (host) => host.log.match(/^Accepted (?:password|publickey|keyboard-interactive\/pam) for .*$/gm) ?? [];

  before(async () => {
    person = newPerson();
    keys = join(person.folder, "keys");
    mkdirSync(keys);
    agent = await startAgent(person.folder);
    desk = await openDesk({ person, env: { SSH_AUTH_SOCK: agent.socket } });
  });
  after(async () => {
    await desk?.dispose();
    await agent?.stop();
  });

  /** A host that only `key` opens, unless the lines say otherwise. */
  const host = (name, wish = {}) => person.host(name, { key: null, ...wish, sshd: ["LogLevel VERBOSE", ...(wish.sshd ?? [])] });
  const worksAs = async (name) => {
    await desk.prompt();
    assert.equal(await desk.run("id -un"), account, name);
  };

  test("a password is asked for until it is right, and not again when the session connects again", { skip: needsRoot }, async () => {
    const server = await host("by-password", { password: PASSWORD, sshd: ["PasswordAuthentication yes"] });
    await desk.keepHost(server);
    await desk.connect("by-password");
    await desk.answer(`Password of ${account}`, "a wrong one");
    await desk.window.find(".question", "It was not accepted. Try again.", 20_000);
    await desk.answer(`Password of ${account}`, PASSWORD);
    await worksAs("by-password");
    assert.match(logins(server).join(), /Accepted password/);
    await server.stop();
    await desk.window.find("button", "Reconnect (Enter)", 20_000);
    await server.startAgain();
    await desk.press("Reconnect (Enter)");
    await desk.prompt();
    assert.equal(logins(server).length, 2);
    await desk.closeTab();
  });

  test("a password that is kept with the host is not asked for at all", { skip: needsRoot }, async () => {
    await desk.call("vault_create", { passphrase: "the vault of the test" });
    const server = await host("kept-password", { password: PASSWORD, sshd: ["PasswordAuthentication yes"] });
    await desk.keepHost(server, { credential: await desk.credential("password", { secret: PASSWORD }) });
    await desk.open("kept-password");
    await worksAs("kept-password");
    await desk.closeTab();
  });

  test("a key opens its host", async () => {
    const key = makeKey(join(keys, "plain"));
    const server = await host("by-key", { key });
    await desk.keepHost(server, { credential: await desk.keyCredential(key) });
    await desk.open("by-key");
    await worksAs("by-key");
    assert.match(logins(server).join(), /Accepted publickey/);
    await desk.closeTab();
  });

  test("the passphrase of a locked key is asked for in the window, and files do not ask for it again", async () => {
    const key = makeKey(join(keys, "locked"), { passphrase: PASSPHRASE });
    const server = await host("locked-key", { key });
    await desk.keepHost(server, { credential: await desk.keyCredential(key) });
    await desk.connect("locked-key");
    await desk.answer("Passphrase of the key", "not this one");
    await desk.window.find(".question", "The passphrase that was tried does not open the key.", 20_000);
    await desk.answer("Passphrase of the key", PASSPHRASE);
    await worksAs("locked-key");
    await desk.panel("Files");
    await eventually("the connection of the files", () => logins(server).length === 2);
    assert.ok(await desk.window.absent(".question"));
    await desk.closeTab();
  });

  test("the ssh-agent signs, and goes along where the host may use it", async () => {
    const key = makeKey(join(keys, "of-the-agent"), { passphrase: "" });
    const server = await host("by-agent", { key });
    await desk.keepHost(server, { credential: await desk.credential("agent"), agent_forwarding: true });
    await desk.connect("by-agent");
    await desk.problem("it holds no key");
    agent.add(key);
    await desk.press("Try again (Enter)");
    await worksAs("by-agent");
    assert.match(await desk.run("ssh-add -l | cut -d' ' -f3"), /luumen-e2e/, "the host asks the forwarded agent");
    agent.forget();
    await desk.closeTab();
  });

  test("an authority's certificate opens a host that knows no key", async () => {
    const authority = makeKey(join(keys, "authority"));
    const [key, late] = [makeKey(join(keys, "certified")), makeKey(join(keys, "late"))];
    const server = await host("by-certificate", { sshd: [`TrustedUserCAKeys ${authority}.pub`] });
    const expired = certify(late, { authority, account, valid: "20200101:20200102" });
    const refused = await desk.keepHost({ ...server, name: "expired" }, { credential: await desk.keyCredential(late, { certificate: expired }) });
    await desk.connect(refused.name);
    // Nothing else opens this host, so the certificate is named.
    await desk.problem("certificate “luumen-e2e”");
    await desk.closeTab();
    await desk.keepHost(server, { credential: await desk.keyCredential(key, { certificate: certify(key, { authority, account }) }) });
    await desk.open("by-certificate");
    await worksAs("by-certificate");
    assert.match(logins(server).join(), /ED25519-CERT .* ID luumen-e2e/);
    await desk.closeTab();
  });

  test("a one-time code is asked for each time, a password only once", { skip: needsOath }, async () => {
    const users = join(person.folder, "codes");
    writeFileSync(users, `HOTP/E ${account} - ${Buffer.from(OTP_SECRET).toString("hex")}\n`, { mode: 0o600 });
    const server = await host("by-code", {
      password: PASSWORD,
      pam: [
        "auth required pam_unix.so nodelay",
        `auth required pam_oath.so usersfile=${users} window=5 digits=6`,
        "account required pam_permit.so",
        "session required pam_permit.so",
        "",
      ].join("\n"),
      sshd: ["KbdInteractiveAuthentication yes", "AuthenticationMethods keyboard-interactive"],
    });
    await desk.keepHost(server);
    await desk.connect("by-code");
    await desk.answer("Password", PASSWORD);
    await desk.answer("One-time password", oneTimeCode(0));
    await worksAs("by-code");

    await desk.panel("Files");
    await desk.answer("One-time password", oneTimeCode(1));
    await eventually("the connection of the files", () => logins(server).length === 2);
    // Files that are shown connect again, too, and ask for themselves.
    await desk.hidePanel();

    await server.stop();
    await desk.window.find("button", "Reconnect (Enter)", 20_000);
    await server.startAgain();
    await desk.press("Reconnect (Enter)");
    await desk.answer("One-time password", oneTimeCode(2));
    await desk.prompt();
    assert.doesNotMatch(server.log, /Failed keyboard-interactive|error: PAM/, "nothing wrong was ever sent");

    await desk.closeTab();
    await desk.connect("by-code");
    await desk.answer("Password", PASSWORD);
    await desk.answer("One-time password", oneTimeCode(2));
    // A code that was used is worth nothing, and the host asks anew from the beginning.
    await desk.asked("Password");
    await desk.press("Disconnect");
    await desk.closeTab();
  });
});
