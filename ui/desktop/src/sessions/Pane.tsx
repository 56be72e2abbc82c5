// One pane: its terminal, and above it whatever a person has to see or answer first.
import { ContextMenu, menuPoint, type MenuEntry, type MenuPoint } from "@luumen/kit";
import { useEffect, useRef, useState } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import type { Tab } from "../layout/tabs";
import { panesOf } from "../layout/tree";
import { actionsOf } from "../shell/useActions";
import { PLATFORM, useKeyNames } from "../shell/useKeyNames";
import type { ActionId } from "../keys/actions";
import { heldForLinks } from "../terminal/links";
import { ConnectCard } from "./ConnectCard";
import { PasteGuard } from "./PasteGuard";
import { SearchBar } from "./SearchBar";

export function Pane({ pane, tab }: { pane: string; tab: Tab }) {
  const desk = useDesk();
  const handle = desk.terminal(pane);
  const room = useRef<HTMLDivElement>(null);
  const target = useStore(desk.layout, (layout) => layout.panes[pane]);
  const session = useStore(desk.follow.sessions, (sessions) => sessions.get(target?.session ?? ""));
  const together = useStore(desk.broadcast, (panes) => panes.has(pane));
  const searching = useStore(handle.searching);
  const hint = useStore(handle.hint);
  const [menu, setMenu] = useState<MenuPoint | null>(null);
  const many = panesOf(tab.tree).length > 1;
  const active = tab.active === pane;

  useEffect(() => {
    const parent = room.current;
    if (!parent) return;
    handle.mount(parent);
    const observer = new ResizeObserver(() => handle.resize());
    observer.observe(parent);
    if (active) handle.focus();
    return () => {
      observer.disconnect();
      handle.unmount();
    };
    // Becoming active moves the keyboard by itself; it does not mount anew.
  }, [handle]);

  const production = session?.environment === "production";
  return (
    <section
      className="pane"
      aria-label={`Terminal ${target?.title ?? ""}${many ? `, pane ${panesOf(tab.tree).indexOf(pane) + 1}` : ""}`}
      data-active={(active && many) || undefined}
      data-production={production || undefined}
      data-together={together || undefined}
    >
      {(production || many || together) && (
        <header className="pane-head">
          {production && <strong className="pane-production">PRODUCTION</strong>}
          <span className="cut" title={session?.target}>
            {target?.title}
          </span>
          {together && <span className="pane-together">receives what is typed</span>}
          {tab.zoomed === pane && <span className="faint">other panes are hidden</span>}
        </header>
      )}
      <div className="pane-room" ref={room} onContextMenu={(event) => setMenu(menuPoint(event))} />
      {searching > 0 && <SearchBar handle={handle} />}
      {hint && (
        <p className="pane-hint machine" role="status">
          {hint} <span className="faint">{heldForLinks(PLATFORM)} + click opens it</span>
        </p>
      )}
      <ConnectCard pane={pane} />
      <PasteGuard handle={handle} production={production} />
      <PaneMenu at={menu} pane={pane} onClose={() => setMenu(null)} />
    </section>
  );
}

const MENU: (ActionId | "-")[] = ["copy", "paste", "find", "clear", "-", "split_right", "split_down", "zoom_pane", "broadcast_choose", "-", "duplicate_tab", "scan", "close_pane"];
const MENU_WORDS: Partial<Record<ActionId, string>> = {
  copy: "Copy",
  paste: "Paste",
  find: "Search",
  clear: "Clear the scrollback",
  split_right: "Split to the right",
  split_down: "Split downwards",
  zoom_pane: "All the room for this pane",
  broadcast_choose: "Type into several panes…",
  duplicate_tab: "Connect again in a new tab",
  scan: "Scan the host",
  close_pane: "Close",
};

function PaneMenu({ at, pane, onClose }: { at: MenuPoint | null; pane: string; onClose: () => void }) {
  const desk = useDesk();
  const keys = useKeyNames();
  if (!at) return null;
  const actions = actionsOf(desk);
  const entries = MENU.map((action): MenuEntry => {
    if (action === "-") return "-";
    return {
      label: MENU_WORDS[action] ?? action,
      hint: keys(action),
      disabled: action === "copy" && !desk.terminal(pane).term.hasSelection(),
      run: () => (action === "paste" ? void desk.terminal(pane).pasteFromSystem() : actions[action].run()),
    };
  });
  return <ContextMenu at={at} label="Terminal" entries={entries} onClose={onClose} />;
}
