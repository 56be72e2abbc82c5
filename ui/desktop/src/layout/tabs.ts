// The tabs: their order, which one is seen, and in which order they were used. Nothing here draws or connects.
import type { contract } from "@luumen/backend";

import { leaf, neighbour, panesOf, readTree, removePane, setRatio, splitPane, type Direction, type Side, type Tree } from "./tree";

/** What a person chose for one connection; nothing of it is kept with the host. */
export interface Instead {
  credential?: contract.Id;
  jump?: contract.Id;
  log?: contract.LogMode;
}

/** Where a pane leads: enough to open it again after a restart. */
export interface Target {
  /** What holds for this connection in place of what is kept. */
  instead?: Instead;
  host: string | null;
  /** `user@host:port`, when it is none of the stored hosts. */
  quick: string | null;
  title: string;
  /** The session that it shows, while there is one. Splits share it. */
  session: string | null;
  /** Its terminal in the workbench, which outlives this page. */
  terminal?: string | null;
}

/** What of a session says which pane it belongs in. */
type LiveSession = Pick<contract.Session, "id" | "host" | "target" | "title" | "state">;

export interface Tab {
  id: string;
  /** What a person called it; null shows the host's name. */
  name: string | null;
  pinned: boolean;
  tree: Tree;
  /** The pane that has the keyboard. */
  active: string;
  /** The pane that has all the room for a while. */
  zoomed: string | null;
}

export interface Layout {
  tabs: Tab[];
  panes: Record<string, Target>;
  /** Tabs in the order of last use; the first is seen. */
  used: string[];
}

export const EMPTY: Layout = { tabs: [], panes: {}, used: [] };

export function activeTab(layout: Layout): Tab | null {
  return layout.tabs.find(({ id }) => id === layout.used[0]) ?? null;
}

export function tabOfPane(layout: Layout, pane: string): Tab | null {
  return layout.tabs.find(({ tree }) => panesOf(tree).includes(pane)) ?? null;
}

/** A new tab beside the one that is seen, and it is seen. */
export function openTab(layout: Layout, id: string, pane: string, target: Target): Layout {
  const tab: Tab = { id, name: null, pinned: false, tree: leaf(pane), active: pane, zoomed: null };
  const at = layout.tabs.findIndex((each) => each.id === layout.used[0]);
  const pinned = layout.tabs.filter((each) => each.pinned).length;
  const tabs = [...layout.tabs];
  tabs.splice(at < 0 ? tabs.length : Math.max(at + 1, pinned), 0, tab);
  return { tabs, panes: { ...layout.panes, [pane]: target }, used: [id, ...layout.used] };
}

/**
 * A tab more for each session that lives and that no pane shows. A page that went away right after it connected had no time to
 * remember its tabs, and a session that nobody sees could never be closed.
 */
export function withSessions(layout: Layout, sessions: readonly LiveSession[], newId: () => string): Layout {
  return sessions.reduce((shown, { id, host, target, title, state }) => {
    if (state === "closed" || Object.values(shown.panes).some(({ session }) => session === id)) return shown;
    return openTab(shown, newId(), newId(), { host, quick: host ? null : target, title: title || target, session: id });
  }, layout);
}

/**
 * Which pane each terminal that lives belongs in: the one that knows it, else, for a page that went away before it could remember,
 * one of the same session that has none. A terminal that is not in the answer has no place.
 */
export function placesOf(layout: Layout, terminals: readonly Pick<contract.OpenTerminal, "terminal" | "session">[]): Map<string, string> {
  const panes = layout.tabs.flatMap(({ tree }) => panesOf(tree));
  const places = new Map<string, string>();
  const free = new Set(panes);
  const give = (terminal: string, pane: string | undefined) => {
    if (pane === undefined) return;
    places.set(terminal, pane);
    free.delete(pane);
  };
  const fits = (pane: string, session: string) => free.has(pane) && layout.panes[pane]?.session === session;
  for (const { terminal, session } of terminals) give(terminal, panes.find((pane) => fits(pane, session) && layout.panes[pane]?.terminal === terminal));
  for (const { terminal, session } of terminals) if (!places.has(terminal)) give(terminal, panes.find((pane) => fits(pane, session)));
  return places;
}

export function activate(layout: Layout, id: string): Layout {
  if (!layout.tabs.some((tab) => tab.id === id)) return layout;
  return { ...layout, used: [id, ...layout.used.filter((each) => each !== id)] };
}

/** Shows the tab a number of steps back in an order of use, going around. Tabs may have come and gone since that was the order. */
export function goBack(layout: Layout, order: readonly string[], steps: number): Layout {
  const there = order.filter((id) => layout.used.includes(id));
  const used = [...there, ...layout.used.filter((id) => !there.includes(id))];
  const count = used.length;
  const id = used[((steps % count) + count) % count];
  return id === undefined ? layout : { ...layout, used: [id, ...used.filter((each) => each !== id)] };
}

/** The tab beside the one that is seen, going around. */
export function besideTab(layout: Layout, steps: number): string | null {
  const count = layout.tabs.length;
  const at = layout.tabs.findIndex(({ id }) => id === layout.used[0]);
  return count === 0 ? null : (layout.tabs[(((at + steps) % count) + count) % count]?.id ?? null);
}

function changeTab(layout: Layout, id: string, change: (tab: Tab) => Tab): Layout {
  return { ...layout, tabs: layout.tabs.map((tab) => (tab.id === id ? change(tab) : tab)) };
}

export function renameTab(layout: Layout, id: string, name: string): Layout {
  return changeTab(layout, id, (tab) => ({ ...tab, name: name.trim() || null }));
}

/** Pinned tabs stand first and stay when others are closed. */
export function pinTab(layout: Layout, id: string, pinned: boolean): Layout {
  return sortPinned(changeTab(layout, id, (tab) => ({ ...tab, pinned })));
}

function sortPinned(layout: Layout): Layout {
  return { ...layout, tabs: [...layout.tabs.filter((tab) => tab.pinned), ...layout.tabs.filter((tab) => !tab.pinned)] };
}

/** Puts a tab in the place of another. */
export function moveTab(layout: Layout, id: string, onto: string): Layout {
  const from = layout.tabs.findIndex((tab) => tab.id === id);
  const to = layout.tabs.findIndex((tab) => tab.id === onto);
  const moved = layout.tabs[from];
  if (!moved || to < 0 || from === to) return layout;
  const tabs = layout.tabs.filter((tab) => tab.id !== id);
  tabs.splice(to, 0, moved);
  return sortPinned({ ...layout, tabs });
}

export function closeTab(layout: Layout, id: string): Layout {
  const closed = layout.tabs.find((tab) => tab.id === id);
  const gone = new Set(closed ? panesOf(closed.tree) : []);
  return {
    tabs: layout.tabs.filter((tab) => tab.id !== id),
    panes: Object.fromEntries(Object.entries(layout.panes).filter(([pane]) => !gone.has(pane))),
    used: layout.used.filter((each) => each !== id),
  };
}

/** Divides the room of a pane; the new pane has the keyboard. */
export function split(layout: Layout, pane: string, direction: Direction, ids: { split: string; pane: string }, target: Target): Layout {
  const tab = tabOfPane(layout, pane);
  if (!tab) return layout;
  const tree = splitPane(tab.tree, pane, direction, ids.split, ids.pane);
  const next = changeTab(layout, tab.id, (each) => ({ ...each, tree, active: ids.pane, zoomed: null }));
  return { ...next, panes: { ...next.panes, [ids.pane]: target } };
}

/** Closes a pane, and its tab with the last one. */
export function closePane(layout: Layout, pane: string): Layout {
  const tab = tabOfPane(layout, pane);
  if (!tab) return layout;
  const tree = removePane(tab.tree, pane);
  if (!tree) return closeTab(layout, tab.id);
  const active = tab.active === pane ? (panesOf(tree)[0] ?? tab.active) : tab.active;
  const next = changeTab(layout, tab.id, (each) => ({ ...each, tree, active, zoomed: each.zoomed === pane ? null : each.zoomed }));
  const { [pane]: _gone, ...panes } = next.panes;
  return { ...next, panes };
}

export function focusPane(layout: Layout, pane: string): Layout {
  const tab = tabOfPane(layout, pane);
  return tab ? activate(changeTab(layout, tab.id, (each) => ({ ...each, active: pane })), tab.id) : layout;
}

export function focusBeside(layout: Layout, side: Side): Layout {
  const tab = activeTab(layout);
  const next = tab && neighbour(tab.tree, tab.active, side);
  return next ? focusPane(layout, next) : layout;
}

export function zoomPane(layout: Layout, pane: string): Layout {
  const tab = tabOfPane(layout, pane);
  if (!tab || tab.tree.kind === "pane") return layout;
  return changeTab(layout, tab.id, (each) => ({ ...each, zoomed: each.zoomed ? null : pane }));
}

export function resizeSplit(layout: Layout, tab: string, splitId: string, ratio: number): Layout {
  return changeTab(layout, tab, (each) => ({ ...each, tree: setRatio(each.tree, splitId, ratio) }));
}

export function retarget(layout: Layout, pane: string, change: Partial<Target>): Layout {
  const target = layout.panes[pane];
  return target ? { ...layout, panes: { ...layout.panes, [pane]: { ...target, ...change } } } : layout;
}

/** The tabs that "close the others" closes: never a pinned one. */
export function othersOf(layout: Layout, id: string): string[] {
  return layout.tabs.filter((tab) => tab.id !== id && !tab.pinned).map((tab) => tab.id);
}

/** A layout from a store; what cannot be read of it is left out. */
export function readLayout(value: unknown): Layout {
  if (typeof value !== "object" || value === null) return EMPTY;
  const { tabs, panes, used } = value as Record<string, unknown>;
  const targets = readTargets(panes);
  const read = (Array.isArray(tabs) ? tabs : []).map((tab) => readTab(tab, targets)).filter((tab) => tab !== null);
  const known = new Set(read.map(({ id }) => id));
  const order = (Array.isArray(used) ? used : []).filter((id): id is string => typeof id === "string" && known.has(id));
  return { tabs: read, panes: targets, used: [...new Set([...order, ...known])] };
}

function readTab(value: unknown, targets: Record<string, Target>): Tab | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, pinned, tree: stored, active } = value as Record<string, unknown>;
  let tree = readTree(stored);
  for (const pane of tree ? panesOf(tree) : []) if (!targets[pane]) tree = tree && removePane(tree, pane);
  if (typeof id !== "string" || !tree) return null;
  const panes = panesOf(tree);
  const first = panes[0] ?? "";
  return {
    id,
    name: typeof name === "string" ? name : null,
    pinned: pinned === true,
    tree,
    active: typeof active === "string" && panes.includes(active) ? active : first,
    zoomed: null,
  };
}

function readTargets(value: unknown): Record<string, Target> {
  const text = (each: unknown) => (typeof each === "string" ? each : null);
  const targets: Record<string, Target> = {};
  for (const [pane, target] of Object.entries(typeof value === "object" && value !== null ? value : {})) {
    const { host, quick, title, session, terminal, instead } = (target ?? {}) as Record<string, unknown>;
    if (text(host) === null && text(quick) === null) continue;
    const chosen = readInstead(instead);
    const known = text(terminal);
    targets[pane] = { host: text(host), quick: text(quick), title: text(title) ?? "", session: text(session), ...(known && { terminal: known }), ...(chosen && { instead: chosen }) };
  }
  return targets;
}

function readInstead(value: unknown): Instead | null {
  if (typeof value !== "object" || value === null) return null;
  const { credential, jump, log } = value as Record<string, unknown>;
  const instead: Instead = {
    ...(typeof credential === "string" && { credential }),
    ...(typeof jump === "string" && { jump }),
    ...((log === "off" || log === "metadata" || log === "full") && { log }),
  };
  return Object.keys(instead).length > 0 ? instead : null;
}
