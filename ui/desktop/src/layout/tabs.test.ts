import { describe, expect, test } from "vitest";

import * as tabs from "./tabs";
import { EMPTY, readLayout, type Layout, type Target } from "./tabs";

const to = (title: string): Target => ({ host: `host-${title}`, quick: null, title, session: null });

/** Tabs named by letters, opened one after another; the last is seen. */
function opened(...names: string[]): Layout {
  return names.reduce((layout, name) => tabs.openTab(layout, name, `pane-${name}`, to(name)), EMPTY);
}

const order = (layout: Layout) => layout.tabs.map(({ id }) => id).join("");

test("a new tab stands beside the one that was seen", () => {
  const layout = tabs.openTab(tabs.activate(opened("a", "b", "c"), "a"), "d", "pane-d", to("d"));
  expect(order(layout)).toBe("adbc");
  expect(tabs.activeTab(layout)?.id).toBe("d");
});

test("Ctrl+Tab goes back in the order of use, and around", () => {
  const layout = tabs.activate(opened("a", "b", "c"), "a");
  expect([1, 2, 3, -1].map((steps) => tabs.goBack(layout, layout.used, steps).used[0])).toEqual(["c", "b", "a", "b"]);
  expect(tabs.goBack(layout, layout.used, 2).used).toEqual(["b", "a", "c"]);
  expect(tabs.goBack(EMPTY, [], 1)).toBe(EMPTY);
});

test("a tab that is closed or opened while Ctrl is held is passed over, or found", () => {
  const began = opened("a", "b", "c");
  const closed = tabs.closeTab(tabs.goBack(began, began.used, 1), "b");
  expect([1, 2].map((steps) => tabs.goBack(closed, began.used, steps).used)).toEqual([["a", "c"], ["c", "a"]]);
  const more = tabs.openTab(began, "d", "pane-d", to("d"));
  expect(tabs.goBack(more, began.used, 3).used).toEqual(["d", "c", "b", "a"]);
});

test("the tab beside is found around the ends", () => {
  const layout = opened("a", "b", "c");
  expect(tabs.besideTab(layout, 1)).toBe("a");
  expect(tabs.besideTab(layout, -1)).toBe("b");
});

test("closing shows the tab that was used before", () => {
  const layout = tabs.closeTab(tabs.activate(opened("a", "b", "c"), "a"), "a");
  expect(tabs.activeTab(layout)?.id).toBe("c");
  expect(Object.keys(layout.panes)).toEqual(["pane-b", "pane-c"]);
});

test("pinned tabs stand first, and stay when the others are closed", () => {
  const layout = tabs.pinTab(opened("a", "b", "c"), "c", true);
  expect(order(layout)).toBe("cab");
  expect(tabs.othersOf(layout, "a")).toEqual(["b"]);
  expect(order(tabs.moveTab(layout, "a", "c"))).toBe("cab");
});

test("a tab takes the place of another", () => {
  expect(order(tabs.moveTab(opened("a", "b", "c"), "a", "c"))).toBe("bca");
  expect(order(tabs.moveTab(opened("a", "b", "c"), "c", "a"))).toBe("cab");
});

test("a name of nothing gives the host's name back", () => {
  const named = tabs.renameTab(opened("a"), "a", "  deploy ");
  expect(named.tabs[0]?.name).toBe("deploy");
  expect(tabs.renameTab(named, "a", " ").tabs[0]?.name).toBeNull();
});

test("a session that lives and that no pane shows has a tab of its own", () => {
  const known = opened("a");
  known.panes["pane-a"] = { ...to("a"), session: "shown" };
  const session = (id: string, state: "open" | "closed", host: string | null = null) => ({ id, host, target: "me@db:22", title: "", state });
  let made = 0;
  const layout = tabs.withSessions(known, [session("shown", "open"), session("lone", "open"), session("over", "closed")], () => `new-${++made}`);
  expect(layout.tabs).toHaveLength(2);
  expect(Object.values(layout.panes)).toContainEqual({ host: null, quick: "me@db:22", title: "me@db:22", session: "lone" });
  const kept = tabs.withSessions(EMPTY, [session("lone", "open", "host-1")], () => `new-${++made}`);
  expect(Object.values(kept.panes)[0]).toMatchObject({ host: "host-1", quick: null });
});

describe("terminals that an earlier page opened", () => {
  const layout = tabs.split(opened("a", "b"), "pane-a", "row", { split: "s", pane: "right" }, to("a"));
  layout.panes["pane-a"] = { ...to("a"), session: "one", terminal: "first" };
  layout.panes["right"] = { ...to("a"), session: "one", terminal: "second" };
  layout.panes["pane-b"] = { ...to("b"), session: "two" };
  const lives = (session: string, ...terminals: string[]) => terminals.map((terminal) => ({ session, terminal }));

  test("each goes on in the pane that knows it", () => {
    const places = tabs.placesOf(layout, lives("one", "second", "first"));
    expect(Object.fromEntries(places)).toEqual({ first: "pane-a", second: "right" });
  });

  test("one that no pane had time to remember takes a pane of its session that has none", () => {
    const places = tabs.placesOf(layout, [...lives("one", "late", "first"), ...lives("two", "only")]);
    expect(Object.fromEntries(places)).toEqual({ first: "pane-a", late: "right", only: "pane-b" });
  });

  test("one that is left over has no place", () => {
    const places = tabs.placesOf(layout, [...lives("two", "only", "more"), ...lives("three", "lone")]);
    expect(Object.fromEntries(places)).toEqual({ only: "pane-b" });
  });
});

describe("panes", () => {
  const layout = tabs.split(opened("a"), "pane-a", "row", { split: "s", pane: "right" }, to("a"));

  test("a split has the keyboard, and the keyboard can go beside it", () => {
    expect(tabs.activeTab(layout)?.active).toBe("right");
    expect(tabs.activeTab(tabs.focusBeside(layout, "left"))?.active).toBe("pane-a");
  });

  test("the last pane closes its tab", () => {
    const rest = tabs.closePane(layout, "right");
    expect(tabs.activeTab(rest)?.active).toBe("pane-a");
    expect(tabs.closePane(rest, "pane-a").tabs).toEqual([]);
  });

  test("one has all the room for a while", () => {
    const zoomed = tabs.zoomPane(layout, "right");
    expect(zoomed.tabs[0]?.zoomed).toBe("right");
    expect(tabs.zoomPane(zoomed, "right").tabs[0]?.zoomed).toBeNull();
    expect(tabs.closePane(zoomed, "right").tabs[0]?.zoomed).toBeNull();
  });
});

describe("a layout from a store", () => {
  test("comes back as it was", () => {
    const layout = tabs.split(opened("a", "b"), "pane-a", "column", { split: "s", pane: "p" }, to("a"));
    layout.panes["p"] = { ...to("a"), session: "one", terminal: "first" };
    expect(readLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
  });

  test.each([null, "tabs", { tabs: 4 }, { tabs: [{ id: "a" }] }])("%j is an empty one", (value) => {
    expect(readLayout(value)).toEqual(EMPTY);
  });

  test("a pane that leads nowhere is left out", () => {
    const layout = tabs.split(opened("a"), "pane-a", "row", { split: "s", pane: "p" }, { host: null, quick: null, title: "", session: null });
    expect(readLayout(layout).tabs[0]?.tree).toEqual({ kind: "pane", pane: "pane-a" });
  });
});
