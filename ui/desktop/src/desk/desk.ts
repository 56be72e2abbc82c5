// The desk: everything open in this window. It follows the workbench's events, keeps tabs and panes, and gives each pane
// its terminal. It draws nothing; the screens look at its stores.
import type { Backend, contract } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";
import type { QueryClient } from "@tanstack/react-query";

import * as tabs from "../layout/tabs";
import { stillTogether } from "../layout/together";
import type { Direction } from "../layout/tree";
import { panesOf } from "../layout/tree";
import { TerminalHandle, type Unseen } from "../terminal/handle";
import { isAnswer } from "./answers";
import { Follow } from "./follow";
import { Store, withEntry, withoutEntry } from "./store";
import { onShellClosed, type Ending } from "./endings";

export type Page = "hosts" | "sessions" | "files" | "scans" | "logs" | "keys" | "settings";
export interface View {
  page: Page;
  /** What of the page: a tab, a scan, a log. */
  at: string | null;
}
export type PanelTab = "host" | "files" | "forwards" | "scan" | "history";

export interface Asked {
  id: contract.Id;
  session: contract.Id | null;
  ask: contract.Question;
}

/** Why a pane has no shell, when its session is not to blame. */
export type PaneEnd = Ending;

const SAVE_AFTER_MS = 400;

function retitled(layout: tabs.Layout, pane: string, title: string): tabs.Layout {
  return layout.panes[pane]?.title === title ? layout : tabs.retarget(layout, pane, { title });
}

export class Desk {
  readonly view = new Store<View>({ page: "sessions", at: null });
  readonly layout = new Store<tabs.Layout>(tabs.EMPTY);
  readonly ends = new Store<ReadonlyMap<string, PaneEnd>>(new Map());
  readonly opening = new Store<ReadonlySet<string>>(new Set());
  /** What happened in panes that were not seen meanwhile. */
  readonly unseen = new Store<ReadonlyMap<string, Unseen>>(new Map());
  /** What the programs in the panes call themselves. */
  readonly titles = new Store<ReadonlyMap<string, string>>(new Map());
  /** The panes that are typed into together. */
  readonly broadcast = new Store<ReadonlySet<string>>(new Set());
  /** Whether they are being chosen. */
  readonly choosing = new Store<boolean>(false);
  readonly panel = new Store<PanelTab | null>(null);
  readonly tree = new Store<boolean>(true);
  /** What stands in the palette's field; null while it is shut. */
  readonly palette = new Store<string | null>(null);
  /** The pane whose connection is being mended on another page. */
  readonly mending = new Store<string | null>(null);
  /** What stands in the field of the dialog that connects with options; null while it is shut. */
  readonly quick = new Store<string | null>(null);
  /** What was chosen for an address that is being kept as a host. */
  readonly keeping = new Store<tabs.Instead>({});
  /** The folders that were looked at last, by side and session. */
  readonly folders = new Store<ReadonlyMap<string, string>>(new Map());
  /** The list of keys. */
  readonly help = new Store<boolean>(false);
  readonly preferences: Store<contract.Preferences>;
  readonly follow: Follow;

  private readonly terminals = new Map<string, TerminalHandle>();
  /** What was told of a terminal before the call that makes it was answered. */
  private readonly early = new Map<contract.Id, () => void>();
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly backend: Backend,
    readonly queries: QueryClient,
    preferences: contract.Preferences,
  ) {
    this.preferences = new Store(preferences);
    this.follow = new Follow(backend, queries, {
      session: (session) => this.onSession(session),
      shellClosed: (terminal, exit, signal) => this.onShellClosed(terminal, exit, signal),
      shellRefused: (terminal, problem) => this.onShellRefused(terminal, problem),
      preferences: () => void this.reloadPreferences(),
    });
    this.layout.subscribe(() => {
      this.saveSoon();
      this.broadcast.set((panes) => stillTogether(this.layout.get(), panes));
    });
    this.preferences.subscribe(() => this.terminals.forEach((handle) => handle.apply(this.preferences.get())));
  }

  /** Takes up what was open: the layout of last time, and sessions and shells that are still there. */
  async start(): Promise<void> {
    await this.follow.start();
    const [layout, sessions, terminals] = await Promise.all([
      this.backend.call("layout_get", {}),
      this.backend.call("sessions_list", {}),
      this.backend.call("terminals_list", {}),
    ]);
    for (const session of sessions) this.follow.seen(session);
    const alive = new Set(sessions.map(({ id }) => id));
    const read = tabs.readLayout(layout);
    const panes = Object.entries(read.panes).map(([id, target]) => {
      const session = target.session && alive.has(target.session) ? target.session : null;
      return [id, { ...target, session }] as const;
    });
    const shown = tabs.withSessions({ ...read, panes: Object.fromEntries(panes) }, sessions, () => crypto.randomUUID());
    this.layout.set(shown);
    this.takeUp(terminals);
    for (const session of sessions) this.onSession(session);
    this.view.set({ page: shown.tabs.length > 0 ? "sessions" : "hosts", at: null });
  }

  /** Shells of an earlier page go on in their panes. Nobody can see one that has no pane, and nobody could end it. */
  private takeUp(terminals: readonly contract.OpenTerminal[]): void {
    const places = tabs.placesOf(this.layout.get(), terminals);
    for (const open of terminals) {
      const pane = places.get(open.terminal);
      if (!pane) {
        this.backend.call("terminal_close", { terminal: open.terminal }).catch(() => undefined);
        continue;
      }
      this.layout.set((layout) => tabs.retarget(layout, pane, { terminal: open.terminal }));
      this.terminal(pane)
        .takeUp(open)
        .catch((error: unknown) => this.setEnd(pane, { kind: "refused", error }));
    }
  }

  go(page: Page, at: string | null = null): void {
    this.view.set({ page, at });
  }

  /** Opens the form of a host with an address that was typed, and what was chosen for it. */
  keep(quick: string, instead: tabs.Instead = {}): void {
    this.keeping.set(instead);
    this.go("hosts", `add:${quick}`);
  }

  // ---- panes and their sessions ----

  /** Puts a pane in front. */
  show(pane: string): void {
    this.layout.set((layout) => tabs.focusPane(layout, pane));
    this.go("sessions");
  }

  /** Opens a host, or an address, in a new tab, and answers its pane. */
  connect(to: { host: contract.Id; title: string } | { quick: string }, instead?: tabs.Instead): string {
    const pane = crypto.randomUUID();
    const target: tabs.Target =
      "host" in to
        ? { host: to.host, quick: null, title: to.title, session: null }
        : { host: null, quick: to.quick, title: to.quick, session: null };
    if (instead && Object.keys(instead).length > 0) target.instead = instead;
    this.layout.set((layout) => tabs.openTab(layout, crypto.randomUUID(), pane, target));
    this.go("sessions");
    void this.openSession(pane);
    return pane;
  }

  /** The same host once more, on a connection of its own. */
  duplicate(pane: string): void {
    const target = this.layout.get().panes[pane];
    if (target?.host) this.connect({ host: target.host, title: target.title }, target.instead);
    else if (target?.quick) this.connect({ quick: target.quick }, target.instead);
  }

  /** Another shell on the same connection, beside this one. */
  split(pane: string, direction: Direction): void {
    const target = this.layout.get().panes[pane];
    if (!target) return;
    const added = crypto.randomUUID();
    this.layout.set((layout) => tabs.split(layout, pane, direction, { split: crypto.randomUUID(), pane: added }, { ...target, terminal: null }));
    const session = this.sessionOf(added);
    if (session?.state === "open") this.openShell(added, session.id);
    else if (!session) void this.openSession(added);
  }

  /** Connects a pane that has no session, or whose session was lost; the scrollback stays. */
  reconnect(pane: string): void {
    const session = this.sessionOf(pane);
    this.setEnd(pane, null);
    if (session?.state === "connecting") return;
    if (session?.state === "open") return this.openShell(pane, session.id);
    if (!session || session.state === "closed") return void this.openSession(pane);
    // What comes of it is told by events. The answer is how it stood at the beginning, and may come after them.
    this.backend.call("session_reconnect", { id: session.id }).catch((error: unknown) => notifyFailed("connect again", error));
  }

  /** Connects every pane that is not connected: the network is back, or the day begins. */
  reconnectAll(): void {
    const begun = new Set<contract.Id>();
    for (const pane of Object.keys(this.layout.get().panes)) {
      const session = this.sessionOf(pane);
      if (session?.state === "open" || (session && begun.has(session.id))) continue;
      if (session) begun.add(session.id);
      this.reconnect(pane);
    }
  }

  /** Tries a pane once more, at another place or in another way. Panes that share its session go with it. */
  retry(pane: string, to: Pick<tabs.Target, "host" | "quick" | "title" | "instead">): void {
    const before = this.sessionOf(pane);
    const panes = before ? this.panesOfSession(before.id) : [pane];
    for (const each of panes) {
      this.setEnd(each, null);
      this.terminals.get(each)?.shellGone();
      this.layout.set((layout) => tabs.retarget(layout, each, { instead: undefined, ...to, session: null }));
    }
    this.closeUnseenSessions();
    void this.openSession(pane, panes);
  }

  private async openSession(pane: string, panes = [pane]): Promise<void> {
    const target = this.layout.get().panes[pane];
    if (!target || this.opening.get().has(pane)) return;
    this.opening.set((panes) => new Set(panes).add(pane));
    this.setEnd(pane, null);
    try {
      const where = target.host ? { host: target.host } : { quick: target.quick ?? "" };
      const session = await this.backend.call("session_open", { ...where, ...target.instead });
      for (const each of panes) this.layout.set((layout) => tabs.retarget(layout, each, { session: session.id }));
      this.onSession(this.follow.sessions.get().get(session.id) ?? session);
    } catch (error) {
      this.setEnd(pane, { kind: "refused", error });
    } finally {
      this.opening.set((panes) => new Set([...panes].filter((each) => each !== pane)));
    }
  }

  private onSession(session: contract.Session): void {
    this.follow.seen(session);
    const panes = this.panesOfSession(session.id);
    if (panes.length === 0 && session.state === "closed") this.follow.forget(session.id);
    for (const pane of panes) {
      // Where a session leads is known by name only once it was looked up.
      if (session.title) this.layout.set((layout) => retitled(layout, pane, session.title));
      this.follows(pane, session);
    }
  }

  /** What a pane does about how its session stands. */
  private follows(pane: string, session: contract.Session): void {
    switch (session.state) {
      case "connecting":
        return;
      case "open": {
        const handle = this.terminal(pane);
        if (handle.terminal !== null) {
          handle.lineBack();
          // The card goes when the screens have seen it.
          setTimeout(() => this.focusWhenNobodyHasIt(pane));
        } else if (!handle.live && !this.ends.get().has(pane)) this.openShell(pane, session.id);
        return;
      }
      case "lost":
      case "failed":
        return this.terminals.get(pane)?.lineLost();
      case "closed":
        return this.terminals.get(pane)?.shellGone();
    }
  }

  private openShell(pane: string, session: contract.Id): void {
    const handle = this.terminal(pane);
    handle
      .openShell(session)
      .then(() => {
        const { terminal } = handle;
        if (terminal === null) return;
        this.layout.set((layout) => tabs.retarget(layout, pane, { terminal }));
        this.focusWhenNobodyHasIt(pane);
        this.early.get(terminal)?.();
        this.early.delete(terminal);
      })
      .catch((error: unknown) => this.setEnd(pane, { kind: "refused", error }));
  }

  /** The button that connected is gone, and the keyboard with it. */
  private focusWhenNobodyHasIt(pane: string): void {
    const free = document.activeElement === null || document.activeElement === document.body;
    if (free && this.view.get().page === "sessions" && this.activePane() === pane) this.terminal(pane).focus();
  }

  private onShellClosed(terminal: contract.Id, exit: number | null, signal: string | null): void {
    const pane = this.paneOf(terminal, () => this.onShellClosed(terminal, exit, signal));
    if (!pane) return;
    const handle = this.terminal(pane);
    const session = this.sessionOf(pane);
    const ending = onShellClosed({ exit, signal, lived_ms: handle.livedMs(), connected: session?.state === "open" });
    handle.shellGone();
    if (ending === "close") this.closePane(pane);
    else this.setEnd(pane, ending);
  }

  /** The host gives no shell, while its connection stands: it allows none, or no more of them. */
  private onShellRefused(terminal: contract.Id, error: contract.Problem): void {
    const pane = this.paneOf(terminal, () => this.onShellRefused(terminal, error));
    if (!pane) return;
    this.terminal(pane).shellGone();
    this.setEnd(pane, { kind: "refused", error });
  }

  /** The pane of a terminal. One that is being made may be told of before its pane knows which it is: `again` is for then. */
  private paneOf(terminal: contract.Id, again: () => void): string | null {
    const all = [...this.terminals];
    const found = all.find(([, handle]) => handle.terminal === terminal);
    if (!found && all.some(([, { live, terminal }]) => live && terminal === null)) this.early.set(terminal, again);
    return found?.[0] ?? null;
  }

  private setEnd(pane: string, end: PaneEnd | null): void {
    this.ends.set((ends) => {
      if (end === null && !ends.has(pane)) return ends;
      const next = new Map(ends);
      if (end) next.set(pane, end);
      else next.delete(pane);
      return next;
    });
  }

  private setUnseen(pane: string, what: Unseen | null): void {
    this.unseen.set((unseen) => {
      const before = unseen.get(pane) ?? null;
      // Whoever rang, rang, however much is written after it.
      if (before === what || (before === "bell" && what === "output")) return unseen;
      return what ? withEntry(unseen, pane, what) : withoutEntry(unseen, pane);
    });
  }

  closePane(pane: string): void {
    this.forget(pane);
    this.layout.set((layout) => tabs.closePane(layout, pane));
    this.closeUnseenSessions();
  }

  closeTab(id: string): void {
    const tab = this.layout.get().tabs.find((each) => each.id === id);
    for (const pane of tab ? panesOf(tab.tree) : []) this.forget(pane);
    this.layout.set((layout) => tabs.closeTab(layout, id));
    this.closeUnseenSessions();
  }

  private forget(pane: string): void {
    this.terminals.get(pane)?.dispose();
    this.terminals.delete(pane);
    this.setEnd(pane, null);
    this.setUnseen(pane, null);
    this.titles.set((titles) => withoutEntry(titles, pane));
  }

  /** A session that no pane shows has nobody to look after it. */
  private closeUnseenSessions(): void {
    const shown = new Set(Object.values(this.layout.get().panes).map(({ session }) => session));
    for (const { id, state } of this.follow.sessions.get().values()) {
      if (shown.has(id) || state === "closed") continue;
      this.follow.forget(id);
      this.backend.call("session_close", { id }).catch((error: unknown) => notifyFailed("close the session", error));
    }
  }

  // ---- what the screens ask ----

  sessionOf(pane: string): contract.Session | null {
    const session = this.layout.get().panes[pane]?.session;
    return session ? (this.follow.sessions.get().get(session) ?? null) : null;
  }

  panesOfSession(session: contract.Id): string[] {
    return Object.entries(this.layout.get().panes)
      .filter(([, target]) => target.session === session)
      .map(([pane]) => pane);
  }

  activePane(): string | null {
    return tabs.activeTab(this.layout.get())?.active ?? null;
  }

  /** The terminal of a pane, made when it is first asked for. */
  terminal(pane: string): TerminalHandle {
    let handle = this.terminals.get(pane);
    if (!handle) {
      handle = new TerminalHandle(this.backend, this.preferences.get(), {
        typed: (text) => this.typed(pane, text),
        pasted: (text) => this.pasted(pane, text),
        unseen: (what) => this.setUnseen(pane, what),
        titled: (title) => this.titles.set((titles) => (title === null ? withoutEntry(titles, pane) : withEntry(titles, pane, title))),
        focused: () => this.layout.set((layout) => tabs.focusPane(layout, pane)),
      });
      this.terminals.set(pane, handle);
    }
    return handle;
  }

  allTerminals(): ReadonlyMap<string, TerminalHandle> {
    return this.terminals;
  }

  /** What is typed into a pane, and into those that take part when it is broadcast. */
  private typed(pane: string, text: string): void {
    const answer = isAnswer(text);
    if (this.takesKeys(pane)) this.terminals.get(pane)?.send(text);
    else if (!answer) this.terminals.get(pane)?.unheard();
    if (!answer) for (const handle of this.others(pane)) handle.send(text);
  }

  /** A text is pasted into each pane as its own shell wants it. */
  private pasted(pane: string, text: string): void {
    if (this.takesKeys(pane)) this.terminals.get(pane)?.sendPasted(text);
    else this.terminals.get(pane)?.unheard();
    for (const handle of this.others(pane)) handle.sendPasted(text);
  }

  /** The other panes that are typed into together with this one, as far as they have a shell. */
  private others(pane: string): TerminalHandle[] {
    const together = this.broadcast.get();
    if (!together.has(pane)) return [];
    // Keys would wait for a shell that comes later, and run there when nobody expects it.
    return [...together].flatMap((each) => (each === pane ? [] : (this.terminals.get(each) ?? []))).filter(({ live }) => live);
  }

  /** Keys go to a shell, or wait for one that is on its way. The next shell after a lost or ended one is not the one they were meant for. */
  private takesKeys(pane: string): boolean {
    return this.terminal(pane).live || this.opening.get().has(pane) || this.sessionOf(pane)?.state === "connecting";
  }

  /** Whether the pane with the keyboard is seen, and has a shell. */
  hears(): boolean {
    const pane = this.activePane();
    return pane !== null && this.view.get().page === "sessions" && this.terminal(pane).live;
  }

  focusTerminal(): void {
    const pane = this.activePane();
    if (pane) this.terminal(pane).focus();
  }

  // ---- preferences and layout ----

  async prefer(change: Partial<contract.Preferences>): Promise<void> {
    this.preferences.set((preferences) => ({ ...preferences, ...change }));
    try {
      this.preferences.set(await this.backend.call("preferences_set", { preferences: change }));
    } catch (error) {
      notifyFailed("keep the setting", error);
      await this.reloadPreferences();
    }
  }

  private async reloadPreferences(): Promise<void> {
    this.preferences.set(await this.backend.call("preferences_get", {}));
  }

  private saveSoon(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      const layout = this.layout.get();
      this.backend.call("layout_set", { layout }).catch((error: unknown) => notifyFailed("remember the tabs", error));
    }, SAVE_AFTER_MS);
  }
}
