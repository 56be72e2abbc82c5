import { expect, test } from "vitest";

import * as tabs from "./tabs";
import { panesByTab, stillTogether, togetherByTab } from "./together";

const to = (title: string): tabs.Target => ({ host: `host-${title}`, quick: null, title, session: null });

/** web-1 with two panes, and db-1 in a tab that is called "the base". */
function desk(): tabs.Layout {
  const web = tabs.openTab(tabs.EMPTY, "t1", "p1", to("web-1"));
  const both = tabs.split(web, "p1", "row", { split: "s", pane: "p2" }, to("web-1"));
  return tabs.renameTab(tabs.openTab(both, "t2", "p3", to("db-1")), "t2", "the base");
}

test("panes are told by their tabs, and those of one tab by number", () => {
  expect(panesByTab(desk())).toEqual([
    { tab: "t1", name: "web-1", panes: [{ pane: "p1", name: "web-1, pane 1" }, { pane: "p2", name: "web-1, pane 2" }] },
    { tab: "t2", name: "the base", panes: [{ pane: "p3", name: "db-1" }] },
  ]);
});

test("only the tabs that take part are told, and how many of their panes do", () => {
  const told = togetherByTab(desk(), new Set(["p2", "p3"])).map(({ name, panes, of }) => [name, panes.length, of]);
  expect(told).toEqual([["web-1", 1, 2], ["the base", 1, 1]]);
  expect(togetherByTab(desk(), new Set(["p3"])).map(({ tab }) => tab)).toEqual(["t2"]);
});

test("a pane that is gone takes no part any more, and one alone is no broadcast", () => {
  const all = new Set(["p1", "p2", "p3"]);
  expect(stillTogether(desk(), all)).toBe(all);
  expect([...stillTogether(tabs.closePane(desk(), "p1"), all)]).toEqual(["p2", "p3"]);
  expect([...stillTogether(tabs.closeTab(desk(), "t1"), all)]).toEqual([]);
});
