import type { contract } from "@luumen/backend";
import { expect, test } from "vitest";

import type { Target } from "../layout/tabs";
import { keptOf, shownNow } from "./shown";

const session = (id: string, state: contract.Session["state"], title = "db-1") => ({ id, state, title, host: title }) as contract.Session;
const sessions = (...all: contract.Session[]) => new Map(all.map((each) => [each.id, each]));
const pane = (session: string | null, host = "db-1"): Target => ({ host, quick: null, title: host, session });

const kept = keptOf(session("1", "open"), { left: pane("9", "web-1"), right: pane("1") });
const others = session("9", "open", "web-1");

function check(now: contract.Session, id: string, state: contract.Session["state"]) {
  expect([now.id, now.title, now.state]).toEqual([id, "db-1", state]);
}

test("a session that is lost is still the one that is shown, whatever else is open", () => {
  check(shownNow(kept, sessions(others, session("1", "lost")), { right: pane("1") }), "1", "lost");
});

test("one that is gone is shown as not connected", () => {
  check(shownNow(kept, sessions(others), {}), "1", "closed");
  check(shownNow(kept, sessions(others, session("1", "closed")), { right: pane("1") }), "1", "closed");
});

test("its pane that is connected again is the same host", () => {
  check(shownNow(kept, sessions(others, session("2", "open")), { right: pane("2") }), "2", "open");
});

test("its pane that now leads elsewhere is not", () => {
  check(shownNow(kept, sessions(others), { right: pane("9", "web-1") }), "1", "closed");
});
