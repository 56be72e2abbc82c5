import { expect, test } from "vitest";
import type { contract } from "@luumen/backend";

import { leadsTo, sessionFor } from "./edits";

const WEB = { host: "h1", target: "ann@web-1:22" };
const session = (id: string, state: contract.SessionState, place: { host: string | null; target: string } = WEB) => ({ id, state, ...place }) as contract.Session;

test.each([
  ["the same host elsewhere", { host: "h1", target: "ann@web-1:2222" }, true],
  ["the same place, kept anew", { host: "h2", target: "ann@web-1:22" }, true],
  ["another host", { host: "h2", target: "ann@web-2:22" }, false],
  ["another place that is not kept either", { host: null, target: "ann@web-2:22" }, false],
])("%s", (_, place, expected) => {
  expect(leadsTo(place, WEB)).toBe(expected);
});

test("two places that are kept nowhere are not the same for that", () => {
  expect(leadsTo({ host: null, target: "root@web-1:22" }, { host: null, target: "ann@web-1:22" })).toBe(false);
});

test.each([
  ["an open one before its own that was lost", [session("own", "lost"), session("other", "open")], "other"],
  ["its own before another that is open", [session("other", "open"), session("own", "open")], "own"],
  ["one that is connecting is waited for", [session("other", "connecting"), session("own", "closed")], "other"],
  ["a lost one is connected again", [session("own", "lost")], "own"],
  ["none that is closed or failed, and none of another host", [session("own", "closed"), session("a", "failed"), session("b", "open", { host: "h2", target: "x" })], null],
])("%s", (_, sessions, expected) => {
  expect(sessionFor(sessions, { ...WEB, session: "own" })?.id ?? null).toBe(expected);
});
