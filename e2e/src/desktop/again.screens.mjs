// A lost session is connected again by what its host's settings say then: a password that was kept for it is not tried once they say
// another way, and one that is still right needs no vault to be opened for it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { openScreens } from "./screen.mjs";

const PASSWORD = "heron-tide-39";
const PASSPHRASE = "a long enough passphrase";

if (!apart) console.log("skipped: a session that is connected again: only root can have a host with a password");

describe("a session that is connected again", { timeout: 360_000, skip: !apart }, () => {
  let screens, host, server, kept, session;

  before(async () => {
    const sshd = ["PasswordAuthentication yes", "LogLevel VERBOSE"];
    screens = await openScreens({ hosts: [{ name: "web-1", password: PASSWORD, sshd }] });
    server = screens.hosts["web-1"];
    await screens.call("vault_create", { passphrase: PASSPHRASE });
    kept = await screens.call("credential_save", { credential: credential("password"), secret: PASSWORD });
    const settings = { port: server.port, user: account, credential: kept.id };
    host = await screens.call("host_save", {
      host: { group: null, name: "web-1", protocol: "ssh", address: "127.0.0.1", tags: [], note: "", settings, forwards: [] },
    });
    session = (await screens.call("session_open", { host: host.id })).id;
    await becomes("open");
  });
  after(() => screens?.dispose());

  const credential = (kind, key = null) => ({ name: "web", user: null, kind, key, certificate: null });
  const state = async () => (await screens.call("sessions_list")).find(({ id }) => id === session).state;
  const becomes = (wanted) =>
    eventually(`the session to be ${wanted}`, async () => (await state()) === wanted).catch(async (error) => {
      throw new Error(JSON.stringify([await screens.call("sessions_list"), await screens.call("questions_list"), server.log]), { cause: error });
    });
  const asked = async (kind) => {
    const [question] = await eventually(`the question ${kind}`, async () => {
      const questions = await screens.call("questions_list");
      return questions.length > 0 && questions;
    });
    assert.equal(question.ask.kind, kind);
    return question.question;
  };
  const leave = async (question) => {
    await screens.call("question_answer", { question, answer: { kind: "cancel" } });
    await becomes("failed");
  };
  const changeTo = (kind, key) => screens.call("credential_save", { credential: { ...credential(kind, key), id: kept.id } });
  /** Loses the line, and connects again; answers what the host has logged since. */
  async function again() {
    if ((await state()) === "open") {
      await server.stop();
      await becomes("lost");
      await server.startAgain();
    }
    const before = server.log.length;
    await screens.call("session_reconnect", { id: session });
    return () => server.log.slice(before);
  }
  const passwords = (log) => log.split("\n").filter((line) => /(Accepted|Failed) password/.test(line));

  test("nobody opens a vault that was locked meanwhile, for a password that is still the one", async () => {
    await screens.call("vault_lock");
    const log = await again();
    await becomes("open");
    assert.equal(passwords(log()).length, 1, log());
    assert.deepEqual(await screens.call("questions_list"), []);
    await screens.call("vault_unlock", { passphrase: PASSPHRASE });
  });

  test("after the credential became one with a key, its password is not tried", async () => {
    const { id } = await screens.call("key_generate", { name: "unknown to the host" });
    await changeTo("key", id);
    const log = await again();
    const question = await asked("password");
    assert.match(log(), /Failed publickey/, "the key was");
    assert.deepEqual(passwords(log()), []);
    await leave(question);
    assert.deepEqual(passwords(log()), []);
  });

  test("a key in a locked vault is asked for, and nothing older is taken in its place", async () => {
    await screens.call("vault_lock");
    const log = await again();
    const question = await asked("vault_locked");
    assert.deepEqual(passwords(log()), []);
    await leave(question);
    await screens.call("vault_unlock", { passphrase: PASSPHRASE });
  });

  test("a key that the host knows lets in", async () => {
    const key = await screens.call("key_import", { name: "laptop", path: screens.person.key, in_place: true });
    await changeTo("key", key.id);
    const log = await again();
    await becomes("open");
    assert.match(log(), /Accepted publickey/);
    assert.deepEqual(passwords(log()), []);
  });

  test("a password that was typed is known for as long as the settings want one", async () => {
    await changeTo("ask", null);
    await again();
    const question = await asked("password");
    await screens.call("question_answer", { question, answer: { kind: "texts", texts: [PASSWORD] } });
    await becomes("open");
    const typed = await again();
    await becomes("open");
    assert.equal(passwords(typed()).length, 1, typed());
    assert.deepEqual(await screens.call("questions_list"), []);
    await changeTo("agent", null);
    const log = await again();
    const left = await asked("password");
    assert.deepEqual(passwords(log()), []);
    await leave(left);
  });
});
