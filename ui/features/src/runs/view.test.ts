import { expect, test } from "vitest";

import { agentsHref, readAgentsView, runsAsked, writeAgentsView, type AgentsView } from "./view";

test.each<AgentsView>([
  { q: "", agents: null, runs: null },
  { q: "patch 1", agents: "silent", runs: "trouble" },
  { q: "", agents: "never_seen", runs: "lost" },
])("agents and runs survive the URL: %o", (view) => {
  expect(readAgentsView(writeAgentsView(view))).toEqual(view);
});

test("the usual view has no parameters, and what makes no sense is left out", () => {
  expect(writeAgentsView(readAgentsView({}))).toEqual({});
  expect(readAgentsView({ agents: "asleep", runs: "wild" })).toEqual({ q: "", agents: null, runs: null });
});

test("an address narrows", () => {
  expect(agentsHref({ agents: "silent" })).toBe("/agents?agents=silent");
});

test("trouble is a question of its own, a state is a state", () => {
  expect(runsAsked({ q: "web-1", runs: "trouble" })).toEqual({ q: "web-1", trouble: true });
  expect(runsAsked({ q: "", runs: "lost" })).toEqual({ state: "lost" });
  expect(runsAsked({ q: "", runs: null })).toEqual({});
});
