// The tabs: drag to order, double click or the menu to rename, middle click to close; production is red and said in words.
import type { contract } from "@luumen/backend";
import { ContextMenu, menuPoint, type MenuEntry, type MenuPoint } from "@luumen/kit";
import { TextInput } from "@mantine/core";
import { IconAlertTriangle, IconBell, IconBroadcast, IconHelpCircle, IconPin, IconPlayerRecordFilled, IconPlus, IconPointFilled, IconProgress, IconX } from "@tabler/icons-react";
import { useEffect, useState, type DragEvent } from "react";

import { useDesk } from "../desk/context";
import type { Desk } from "../desk/desk";
import { useStore } from "../desk/store";
import * as tabs from "../layout/tabs";
import { panesOf } from "../layout/tree";
import type { Unseen } from "../terminal/handle";
import { focusSoon } from "../shell/useActions";
import { useKeyNames } from "../shell/useKeyNames";

const DRAGGED = "application/x-luumen-tab";

export function TabStrip() {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const keys = useKeyNames();
  const [renaming, setRenaming] = useState<string | null>(null);
  useEffect(() => {
    const rename = () => setRenaming(desk.layout.get().used[0] ?? null);
    document.addEventListener("luumen:rename-tab", rename);
    return () => document.removeEventListener("luumen:rename-tab", rename);
  }, [desk]);
  return (
    <nav className="tabs" aria-label="Tabs">
      <ul>
        {layout.tabs.map((tab) => (
          <TabItem key={tab.id} tab={tab} renaming={renaming === tab.id} onRename={setRenaming} />
        ))}
      </ul>
      <button type="button" className="tab-new" aria-label="Connect in a new tab" title={`Connect in a new tab (${keys("new_tab")})`} onClick={() => desk.palette.set("")}>
        <IconPlus size={16} aria-hidden />
      </button>
    </nav>
  );
}

function TabItem({ tab, renaming, onRename }: { tab: tabs.Tab; renaming: boolean; onRename: (id: string | null) => void }) {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const seen = layout.used[0] === tab.id;
  const title = tab.name ?? layout.panes[tab.active]?.title ?? "";
  const state = useTabState(tab);
  // A name that a person gave says it all.
  const told = useStore(desk.titles, (titles) => titles.get(tab.active)) ?? null;
  const unseen = useUnseen(tab);
  const [over, setOver] = useState(false);
  const [menu, setMenu] = useState<MenuPoint | null>(null);
  const show = () => {
    desk.layout.set((each) => tabs.activate(each, tab.id));
    focusUnlessRenaming(desk);
  };
  const drag = {
    draggable: !renaming,
    onDragStart: (event: DragEvent) => event.dataTransfer.setData(DRAGGED, tab.id),
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const moved = event.dataTransfer.getData(DRAGGED);
      if (moved) desk.layout.set((each) => tabs.moveTab(each, moved, tab.id));
    },
  };
  if (renaming) return <Renaming tab={tab} title={title} onDone={() => onRename(null)} />;
  return (
    <li className="tab" data-seen={seen || undefined} data-over={over || undefined} data-production={state.production || undefined} {...drag}>
      <button
        type="button"
        className="tab-name"
        aria-current={seen ? "page" : undefined}
        title={[title, told, state.word, unseen && UNSEEN[unseen].word, state.together && "receives what is typed", state.agent && "may use your ssh-agent"].filter(Boolean).join(": ")}
        onClick={show}
        onContextMenu={(event) => setMenu(menuPoint(event))}
        onDoubleClick={() => onRename(tab.id)}
        onAuxClick={(event) => event.button === 1 && desk.closeTab(tab.id)}
      >
        {tab.pinned && <IconPin size={13} aria-label="pinned" />}
        {state.icon}
        {state.together && <IconBroadcast size={14} className="tone-warning" aria-label="receives what is typed" />}
        {unseen && UNSEEN[unseen].icon}
        <span className="cut">{title}</span>
        {told && tab.name === null && <span className="tab-told faint small">{told}</span>}
        {state.production && <span className="tab-production">production</span>}
      </button>
      <button type="button" className="tab-close" aria-label={`Close ${title}`} title="Close" onClick={() => desk.closeTab(tab.id)}>
        <IconX size={13} aria-hidden />
      </button>
      <TabMenu tab={tab} at={menu} onRename={() => onRename(tab.id)} onClose={() => setMenu(null)} />
    </li>
  );
}

/** The second click of a double click begins to rename, and then the keyboard is the field's. */
function focusUnlessRenaming(desk: Desk): void {
  requestAnimationFrame(() => {
    if (!document.activeElement?.matches(".tab input")) desk.focusTerminal();
  });
}

function Renaming({ tab, title, onDone }: { tab: tabs.Tab; title: string; onDone: () => void }) {
  const desk = useDesk();
  const [name, setName] = useState(title);
  const leave = () => {
    onDone();
    focusSoon(desk);
  };
  const keep = () => {
    desk.layout.set((each) => tabs.renameTab(each, tab.id, name));
    leave();
  };
  return (
    <li className="tab" data-seen>
      <TextInput
        size="xs"
        autoFocus
        aria-label="Name of the tab"
        value={name}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === "Enter") keep();
          if (event.key === "Escape") leave();
        }}
      />
    </li>
  );
}

function TabMenu({ tab, at, onRename, onClose }: { tab: tabs.Tab; at: MenuPoint | null; onRename: () => void; onClose: () => void }) {
  const desk = useDesk();
  const keys = useKeyNames();
  const others = tabs.othersOf(desk.layout.get(), tab.id);
  const entries: MenuEntry[] = [
    { label: "Rename", hint: keys("rename_tab"), run: onRename },
    { label: tab.pinned ? "Unpin" : "Pin", run: () => desk.layout.set((each) => tabs.pinTab(each, tab.id, !tab.pinned)) },
    { label: "Connect again", hint: keys("duplicate_tab"), run: () => desk.duplicate(tab.active) },
    "-",
    { label: "Close", run: () => desk.closeTab(tab.id) },
    { label: "Close the others", disabled: others.length === 0, run: () => others.forEach((id) => desk.closeTab(id)) },
  ];
  return <ContextMenu at={at} label="Tab" entries={entries} onClose={onClose} />;
}

const UNSEEN: Record<Unseen, { word: string; icon: React.ReactNode }> = {
  bell: { word: "the bell rang", icon: <IconBell size={14} className="tone-warning" aria-label="the bell rang" /> },
  output: { word: "new output", icon: <IconPointFilled size={12} className="tone-running" aria-label="new output" /> },
};

/** What happened in the panes of a tab since they were seen last; a bell before all else. */
function useUnseen(tab: tabs.Tab): Unseen | null {
  const desk = useDesk();
  return useStore(desk.unseen, (unseen) => {
    const all = panesOf(tab.tree).map((pane) => unseen.get(pane));
    return all.includes("bell") ? "bell" : all.includes("output") ? "output" : null;
  });
}

interface TabState {
  production: boolean;
  /** A pane of it is typed into together with others. */
  together: boolean;
  /** A host in it may use the ssh-agent of this device. */
  agent: boolean;
  word: string;
  icon: React.ReactNode;
}

/** The worst that can be said of the panes of a tab. */
function useTabState(tab: tabs.Tab): TabState {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  const questions = useStore(desk.follow.questions);
  const broadcast = useStore(desk.broadcast);
  const together = panesOf(tab.tree).some((pane) => broadcast.has(pane));
  const all = panesOf(tab.tree)
    .map((pane) => sessions.get(layout.panes[pane]?.session ?? ""))
    .filter((session): session is contract.Session => session !== undefined);
  const production = all.some(({ environment }) => environment === "production");
  const agent = all.some(({ state, agent_forwarding }) => state === "open" && agent_forwarding);
  if (all.some(({ id }) => questions.some(({ session }) => session === id))) {
    return { production, together, agent, word: "a question waits", icon: <IconHelpCircle size={14} className="tone-warning" aria-label="a question waits" /> };
  }
  if (all.some(({ state }) => state === "lost" || state === "failed")) {
    return { production, together, agent, word: "not connected", icon: <IconAlertTriangle size={14} className="tone-failed" aria-label="not connected" /> };
  }
  if (all.some(({ state }) => state === "connecting")) {
    return { production, together, agent, word: "connecting", icon: <IconProgress size={14} className="tone-running" aria-label="connecting" /> };
  }
  if (all.some(({ recording }) => recording === "full")) {
    return { production, together, agent, word: "recorded", icon: <IconPlayerRecordFilled size={11} className="tone-failed" aria-label="recorded" /> };
  }
  return { production, together, agent, word: "", icon: null };
}
