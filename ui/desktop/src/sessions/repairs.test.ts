import { describe, expect, test } from "vitest";

import { placeText, repairsOf, subjectOf, type Mending } from "./repairs";

const words = (code: string, host: string | null = "h") => repairsOf({ code }, host).map(({ word }) => word);

describe("which repair belongs to which problem", () => {
  test.each([
    ["LUM-DNS", ["Address, port, user…", "Jump hosts and proxy…"]],
    ["LUM-CONNECT", ["Address, port, user…", "Jump hosts and proxy…"]],
    ["LUM-CONNECT-TIMEOUT", ["Wait longer…", "Address, port, user…", "Jump hosts and proxy…"]],
    ["LUM-SSH-LOST", ["Address, port, user…", "Jump hosts and proxy…"]],
    ["LUM-SSH-CHANNEL", ["Jump hosts and proxy…", "Address, port, user…"]],
    ["LUM-HOST-LOOP", ["Jump hosts and proxy…", "Address, port, user…"]],
    ["LUM-PROXY", ["Proxy…"]],
    ["LUM-HOST-PROXY", ["Proxy…"]],
    ["LUM-SSH-AUTH", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-SSH-KEY-UNREADABLE", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-SSH-KEY-PASSPHRASE", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-SSH-AGENT", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-CREDENTIAL-KEY", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-CANCELLED", ["Sign in another way…", "Address, port, user…"]],
    ["LUM-QUICK-TEXT", ["Address, port, user…"]],
    ["LUM-VAULT-LOCKED", ["Unlock the vault…", "Where secrets live…"]],
    ["LUM-SECRETS-KEYCHAIN", ["Where secrets live…"]],
    ["LUM-SSH-HOSTKEY", ["Known hosts…"]],
    ["LUM-SSH-HOSTKEY-REVOKED", ["Known hosts…"]],
    ["LUM-SSH-KNOWN-HOSTS", ["Known hosts…"]],
    ["LUM-SSH-KEX", []],
  ])("%s", (code, expected) => {
    expect(words(code)).toEqual([...expected, "All of the host…"]);
    expect(words(code, null), "of a place that is kept nowhere").toEqual(expected);
  });

  test("what did not fail needs none", () => expect(repairsOf(null, "h")).toEqual([]));
});

describe("what is mended", () => {
  const hosts = [
    { id: "goal", address: "db-3.lan" },
    { id: "bastion", address: "Bastion.example" },
  ];
  const step = (hop: number, endpoint: string, state: "done" | "failed") => ({ hop, endpoint, state, step: "connect", detail: "", ms: null }) as const;
  const through = { host: "goal", target: "ann@db-3.lan:22", steps: [step(0, "bastion.example:22", "failed"), step(1, "db-3.lan:22", "done")] };
  const straight = { ...through, steps: [step(0, "db-3.lan:22", "failed")] };

  test.each<[string, Mending, typeof through | typeof straight | null, { host: string | null; quick: string | null }, object]>([
    ["the host", "place", straight, { host: "goal", quick: null }, { kept: "goal", onTheWay: false }],
    ["the jump host that failed", "place", through, { host: "goal", quick: null }, { kept: "bastion", onTheWay: true }],
    ["the goal, of which jump hosts there are", "way", through, { host: "goal", quick: null }, { kept: "goal", onTheWay: false }],
    ["what was typed, though a kept host was meant", "sign_in", straight, { host: null, quick: "root@db-3.lan" }, { typed: "root@db-3.lan" }],
    ["the kept host that was meant, for what cannot be typed", "time", straight, { host: null, quick: "root@db-3.lan" }, { kept: "goal", onTheWay: false }],
    ["what was typed, when it is kept nowhere", "proxy", { ...straight, host: null as unknown as string }, { host: null, quick: "new.lan" }, { typed: "new.lan" }],
    ["the jump host as typed, when nobody knows which it is", "place", { ...through, steps: [step(0, "other:22", "failed"), step(1, "db-3.lan:22", "done")] }, { host: "goal", quick: null }, { kept: "goal", onTheWay: false }],
  ])("%s", (_, kind, session, target, expected) => {
    expect(subjectOf(kind, session, target, hosts)).toEqual(expected);
  });
});

test.each([
  [{ user: "ann", address: "db-3", port: 2222 }, "ann@db-3:2222"],
  [{ user: null, address: "db-3", port: null }, "db-3"],
  [{ user: "ann", address: "2001:db8::1", port: 22 }, "ann@[2001:db8::1]:22"],
])("a place is written as it is typed: %j", (place, expected) => {
  expect(placeText(place)).toBe(expected);
});
