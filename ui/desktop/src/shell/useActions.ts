// What each key does.
import { notifyFailed } from "@luumen/kit";
import { useMemo } from "react";

import { useDesk } from "../desk/context";
import type { Desk } from "../desk/desk";
import type { ActionId } from "../keys/actions";
import * as tabs from "../layout/tabs";
import { LEAST_TOGETHER } from "../layout/together";
import { panesOf, type Side } from "../layout/tree";
import type { TerminalHandle } from "../terminal/handle";

export interface Runnable {
  run: () => void;
  /** The browser does its own part too. */
  native?: boolean;
  /** Called when the key that was held is let go. */
  settle?: () => void;
}

const LEAST_FONT = 8;
const MOST_FONT = 32;
const NATIVE_PASTE_MS = 120;

export function useActions(): Record<ActionId, Runnable> {
  const desk = useDesk();
  return useMemo(() => actionsOf(desk), [desk]);
}

export function actionsOf(desk: Desk): Record<ActionId, Runnable> {
  const withPane = (work: (pane: string, handle: TerminalHandle) => void) => ({
    run: () => {
      const pane = desk.activePane();
      if (pane) work(pane, desk.terminal(pane));
    },
  });
  const layout = (change: (layout: tabs.Layout) => tabs.Layout) => ({
    run: () => {
      desk.layout.set(change);
      desk.go("sessions");
      focusAtOnce(desk);
    },
  });
  const go = (page: Parameters<Desk["go"]>[0]) => ({ run: () => desk.go(page) });
  const palette = { run: () => desk.palette.set("") };
  const help = { run: () => desk.help.set(true) };
  const font = (step: number) => ({
    run: () => {
      const size = desk.preferences.get().font_size + step;
      void desk.prefer({ font_size: Math.min(MOST_FONT, Math.max(LEAST_FONT, size)) });
    },
  });
  return {
    palette,
    palette_outside: palette,
    new_tab: palette,
    find: withPane((_, handle) => handle.searching.set((times) => times + 1)),
    help,
    help_anywhere: help,
    duplicate_tab: withPane((pane) => desk.duplicate(pane)),
    reconnect: withPane((pane) => {
      desk.reconnect(pane);
      desk.go("sessions");
    }),
    reconnect_all: { run: () => desk.reconnectAll() },
    close_pane: withPane((pane) => desk.closePane(pane)),
    ...usedTabs(desk),
    next_tab: layout((each) => tabs.activate(each, tabs.besideTab(each, 1) ?? "")),
    previous_tab: layout((each) => tabs.activate(each, tabs.besideTab(each, -1) ?? "")),
    rename_tab: { run: () => document.dispatchEvent(new CustomEvent("luumen:rename-tab")) },
    split_right: withPane((pane) => desk.split(pane, "row")),
    split_down: withPane((pane) => desk.split(pane, "column")),
    zoom_pane: withPane((pane) => desk.layout.set((each) => tabs.zoomPane(each, pane))),
    pane_left: layout(beside("left")),
    pane_right: layout(beside("right")),
    pane_up: layout(beside("up")),
    pane_down: layout(beside("down")),
    broadcast: { run: () => toggleBroadcast(desk) },
    broadcast_choose: { run: () => chooseBroadcast(desk) },
    copy: withPane((_, handle) => void handle.copy()),
    paste: { ...withPane((_, handle) => pasteWhenNotNative(handle)), native: true },
    previous_prompt: withPane((_, handle) => handle.jump(-1)),
    next_prompt: withPane((_, handle) => handle.jump(1)),
    bigger: font(1),
    smaller: font(-1),
    clear: withPane((_, handle) => handle.term.clear()),
    leave_terminal: { run: leaveTerminal },
    focus_terminal: { run: () => desk.focusTerminal() },
    hosts_panel: { run: () => desk.tree.set((shown) => !shown) },
    side_panel: { run: () => desk.panel.set((shown) => (shown ? null : "host")) },
    scan: withPane((pane) => startScan(desk, pane)),
    go_hosts: go("hosts"),
    go_sessions: go("sessions"),
    go_files: go("files"),
    go_scans: go("scans"),
    go_logs: go("logs"),
    go_keys: go("keys"),
    go_settings: go("settings"),
  };
}

const beside = (side: Side) => (layout: tabs.Layout) => tabs.focusBeside(layout, side);

/** Tab is typed into a terminal, so it ends there: out of it the keyboard goes to the panel, then to the tabs, then to the rail. */
function leaveTerminal(): void {
  const stops = ['.side [role="tab"][aria-selected="true"]', '.tabs [aria-current="page"]', '.rail [aria-current="page"]'];
  const parts = [".side", ".tabs", ".rail"];
  const at = parts.findIndex((part) => document.activeElement?.closest(part));
  const order = [...stops.slice(at + 1), ...stops.slice(0, at + 1)];
  for (const stop of order) {
    const found = document.querySelector<HTMLElement>(stop);
    if (found) return found.focus();
  }
}

/** What is typed next is meant for the pane that is in front now, even before it is drawn so. One that is not on the screen yet follows. */
function focusAtOnce(desk: Desk): void {
  desk.focusTerminal();
  focusSoon(desk);
}

/** The terminal of a tab is put on the screen first. */
export function focusSoon(desk: Desk): void {
  requestAnimationFrame(() => desk.focusTerminal());
}

/** While Ctrl is held, each press goes one tab further back; letting it go makes that tab the last used. */
function usedTabs(desk: Desk): { last_tab: Runnable; last_tab_back: Runnable } {
  let held: { order: readonly string[]; steps: number } | null = null;
  const step = (by: number) => ({
    run: () => {
      held ??= { order: desk.layout.get().used, steps: 0 };
      const { order } = held;
      const steps = (held.steps += by);
      desk.layout.set((layout) => tabs.goBack(layout, order, steps));
      desk.go("sessions");
      focusAtOnce(desk);
    },
    settle: () => {
      held = null;
    },
  });
  return { last_tab: step(1), last_tab_back: step(-1) };
}

/** Leaves at once; else every pane of the tab that is seen takes part, and where it has only one, a person chooses. */
export function toggleBroadcast(desk: Desk): void {
  if (desk.broadcast.get().size > 0) return desk.broadcast.set(new Set());
  const tab = tabs.activeTab(desk.layout.get());
  const panes = tab ? panesOf(tab.tree) : [];
  if (panes.length >= LEAST_TOGETHER) desk.broadcast.set(new Set(panes));
  else chooseBroadcast(desk);
}

function chooseBroadcast(desk: Desk): void {
  desk.go("sessions");
  desk.choosing.set(true);
}

/** Where the browser pastes by itself on this key, it has done so by then. */
function pasteWhenNotNative(handle: TerminalHandle): void {
  let native = false;
  const seen = () => {
    native = true;
  };
  handle.element.addEventListener("paste", seen, { capture: true, once: true });
  setTimeout(() => {
    handle.element.removeEventListener("paste", seen, true);
    if (!native) void handle.pasteFromSystem();
  }, NATIVE_PASTE_MS);
}

export function startScan(desk: Desk, pane: string): void {
  const session = desk.sessionOf(pane);
  if (session?.state !== "open") return;
  desk.panel.set("scan");
  desk.backend
    .call("scan_start", { session: session.id })
    .then(({ scan }) => desk.follow.scanning(session.id, scan))
    .catch((error: unknown) => notifyFailed("start the scan", error));
}
