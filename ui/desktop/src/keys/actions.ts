// Everything that a key can do, with the keys it has until a person chooses others.
import { belongsToShell, normalChord, type Platform } from "./chords";

/** Where an action's key works: everywhere, or only outside of terminals, where no shell listens. */
export type Reach = "everywhere" | "outside";

export interface Action {
  id: string;
  /** As the list of keys says it. */
  label: string;
  area: "Find" | "Tabs" | "Panes" | "Terminal" | "Window";
  reach: Reach;
  other: string;
  mac: string;
}

export const ACTIONS = [
  { id: "palette", label: "Search, commands and quick connect", area: "Find", reach: "everywhere", other: "ctrl+shift+k", mac: "cmd+k" },
  { id: "palette_outside", label: "The same, outside of terminals", area: "Find", reach: "outside", other: "ctrl+k", mac: "cmd+shift+k" },
  { id: "find", label: "Search in the terminal", area: "Find", reach: "everywhere", other: "ctrl+shift+f", mac: "cmd+f" },
  { id: "help", label: "List the keys", area: "Find", reach: "outside", other: "?", mac: "?" },
  { id: "help_anywhere", label: "List the keys, also in a terminal", area: "Find", reach: "everywhere", other: "ctrl+shift+?", mac: "cmd+shift+?" },
  { id: "new_tab", label: "Connect in a new tab", area: "Tabs", reach: "everywhere", other: "ctrl+shift+t", mac: "cmd+t" },
  { id: "duplicate_tab", label: "Connect to the same host again", area: "Tabs", reach: "everywhere", other: "ctrl+shift+n", mac: "cmd+shift+n" },
  { id: "reconnect", label: "Connect the pane again", area: "Tabs", reach: "everywhere", other: "ctrl+shift+enter", mac: "cmd+enter" },
  { id: "reconnect_all", label: "Connect all panes that are not connected", area: "Tabs", reach: "everywhere", other: "ctrl+alt+shift+enter", mac: "cmd+alt+enter" },
  { id: "close_pane", label: "Close the pane, or the tab with the last", area: "Tabs", reach: "everywhere", other: "ctrl+shift+w", mac: "cmd+w" },
  { id: "last_tab", label: "Tab used before", area: "Tabs", reach: "everywhere", other: "ctrl+tab", mac: "ctrl+tab" },
  { id: "last_tab_back", label: "The other way", area: "Tabs", reach: "everywhere", other: "ctrl+shift+tab", mac: "ctrl+shift+tab" },
  { id: "next_tab", label: "Next tab", area: "Tabs", reach: "everywhere", other: "ctrl+pagedown", mac: "cmd+shift+]" },
  { id: "previous_tab", label: "Tab before", area: "Tabs", reach: "everywhere", other: "ctrl+pageup", mac: "cmd+shift+[" },
  { id: "rename_tab", label: "Rename the tab", area: "Tabs", reach: "everywhere", other: "ctrl+shift+r", mac: "cmd+shift+r" },
  { id: "split_right", label: "Split to the right", area: "Panes", reach: "everywhere", other: "ctrl+shift+d", mac: "cmd+d" },
  { id: "split_down", label: "Split downwards", area: "Panes", reach: "everywhere", other: "ctrl+shift+e", mac: "cmd+shift+d" },
  { id: "zoom_pane", label: "All the room for this pane, and back", area: "Panes", reach: "everywhere", other: "ctrl+shift+z", mac: "cmd+shift+enter" },
  { id: "pane_left", label: "Pane to the left", area: "Panes", reach: "everywhere", other: "ctrl+alt+left", mac: "cmd+alt+left" },
  { id: "pane_right", label: "Pane to the right", area: "Panes", reach: "everywhere", other: "ctrl+alt+right", mac: "cmd+alt+right" },
  { id: "pane_up", label: "Pane above", area: "Panes", reach: "everywhere", other: "ctrl+alt+up", mac: "cmd+alt+up" },
  { id: "pane_down", label: "Pane below", area: "Panes", reach: "everywhere", other: "ctrl+alt+down", mac: "cmd+alt+down" },
  { id: "broadcast", label: "Type into several panes, and back to one", area: "Panes", reach: "everywhere", other: "ctrl+shift+b", mac: "cmd+shift+b" },
  { id: "broadcast_choose", label: "Choose the panes to type into, in any tab", area: "Panes", reach: "everywhere", other: "ctrl+alt+shift+b", mac: "cmd+alt+b" },
  { id: "copy", label: "Copy", area: "Terminal", reach: "everywhere", other: "ctrl+shift+c", mac: "cmd+c" },
  { id: "paste", label: "Paste", area: "Terminal", reach: "everywhere", other: "ctrl+shift+v", mac: "cmd+v" },
  { id: "previous_prompt", label: "Command before (where the shell marks them)", area: "Terminal", reach: "everywhere", other: "ctrl+shift+up", mac: "cmd+up" },
  { id: "next_prompt", label: "Next command", area: "Terminal", reach: "everywhere", other: "ctrl+shift+down", mac: "cmd+down" },
  { id: "bigger", label: "Larger text", area: "Terminal", reach: "everywhere", other: "ctrl+shift++", mac: "cmd++" },
  { id: "smaller", label: "Smaller text", area: "Terminal", reach: "everywhere", other: "ctrl+shift+_", mac: "cmd+-" },
  { id: "clear", label: "Clear the scrollback", area: "Terminal", reach: "everywhere", other: "ctrl+shift+l", mac: "cmd+shift+l" },
  { id: "leave_terminal", label: "Move the keyboard out of the terminal", area: "Window", reach: "everywhere", other: "ctrl+shift+m", mac: "cmd+shift+m" },
  { id: "focus_terminal", label: "Back to the terminal", area: "Window", reach: "outside", other: "t", mac: "t" },
  { id: "hosts_panel", label: "Show or hide the hosts", area: "Window", reach: "everywhere", other: "ctrl+shift+h", mac: "cmd+shift+h" },
  { id: "side_panel", label: "Show or hide the panel of the session", area: "Window", reach: "everywhere", other: "ctrl+shift+i", mac: "cmd+shift+i" },
  { id: "scan", label: "Scan the host of this session", area: "Window", reach: "everywhere", other: "ctrl+shift+s", mac: "cmd+shift+s" },
  { id: "go_hosts", label: "Hosts", area: "Window", reach: "outside", other: "g h", mac: "g h" },
  { id: "go_sessions", label: "Sessions", area: "Window", reach: "outside", other: "g s", mac: "g s" },
  { id: "go_files", label: "Files", area: "Window", reach: "outside", other: "g f", mac: "g f" },
  { id: "go_scans", label: "Scans", area: "Window", reach: "outside", other: "g v", mac: "g v" },
  { id: "go_logs", label: "Session logs", area: "Window", reach: "outside", other: "g l", mac: "g l" },
  { id: "go_keys", label: "Keys and credentials", area: "Window", reach: "outside", other: "g k", mac: "g k" },
  { id: "go_settings", label: "Settings", area: "Window", reach: "outside", other: "g ,", mac: "g ," },
] as const satisfies readonly Action[];

export type ActionId = (typeof ACTIONS)[number]["id"];

export type Bindings = ReadonlyMap<ActionId, string>;

/** The keys that are in force: a person's own, where they may be had, else ours. */
export function bindingsOf(own: Readonly<Record<string, string>>, platform: Platform): Bindings {
  const bindings = new Map<ActionId, string>();
  for (const action of ACTIONS) {
    const usual = action[platform];
    const chosen = own[action.id];
    if (chosen === "") continue;
    bindings.set(action.id, chosen && refusal(action, chosen, platform) === null ? normalKeys(chosen, platform) : usual);
  }
  return bindings;
}

function normalKeys(keys: string, platform: Platform): string {
  return keys
    .split(" ")
    .map((chord) => normalChord(chord, platform) ?? chord)
    .join(" ");
}

/** Why an action cannot have these keys, or null. */
export function refusal(action: Pick<Action, "reach">, keys: string, platform: Platform): string | null {
  const chords = keys.split(" ").map((chord) => normalChord(chord, platform));
  if (chords.some((chord) => chord === null)) return "This is no key";
  if (action.reach === "outside") return null;
  if (chords.length > 1) return "Keys one after another would be typed into the shell";
  return belongsToShell(chords[0] ?? "", platform);
}

/** The other action that already has these keys, if one has. */
export function takenBy(bindings: Bindings, id: ActionId, keys: string): Action | null {
  const other = [...bindings].find(([each, theirs]) => each !== id && theirs === keys)?.[0];
  return ACTIONS.find((action) => action.id === other) ?? null;
}

/** The action of a chord; in a terminal only those that work everywhere. */
export function actionOf(bindings: Bindings, keys: string, inTerminal: boolean): ActionId | null {
  for (const { id, reach } of ACTIONS) {
    if (bindings.get(id) === keys && (!inTerminal || reach === "everywhere")) return id;
  }
  return null;
}
