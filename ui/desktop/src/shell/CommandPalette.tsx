// One field: hosts, an address to connect to at once, open tabs, and everything that can be done.
import type { contract } from "@luumen/backend";
import { Palette, type PaletteEntry, type PaletteGroup } from "@luumen/kit";
import { useCallback, useMemo } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { ACTIONS, type ActionId } from "../keys/actions";
import { activate } from "../layout/tabs";
import { actionsOf, focusSoon } from "./useActions";
import { QuickDialog } from "../sessions/QuickForm";
import { useBindings, writtenKeys } from "./useKeyNames";

// These open the palette itself, or make no sense from it.
const NOT_LISTED = new Set<ActionId>(["palette", "palette_outside", "new_tab", "help", "focus_terminal", "leave_terminal", "last_tab", "last_tab_back"]);

/** A word of the search is no address, however much it looks like one. */
const WORD = /^(tag|group|env|os|user|address):/i;

export function CommandPalette() {
  const desk = useDesk();
  const start = useStore(desk.palette);
  const opened = start !== null;
  const bindings = useBindings();
  const hosts = useCall("hosts_tree", {}).data?.hosts;
  const layout = useStore(desk.layout);
  const close = () => {
    desk.palette.set(null);
  };

  const entryOf = useCallback(
    ({ id, name, address, tags }: contract.Host): PaletteEntry => ({
      id: `host:${id}`,
      name: [name, ...tags].join("  "),
      hint: address,
      run: () => desk.connect({ host: id, title: name }),
    }),
    [desk],
  );

  const fixed = useMemo<PaletteGroup[]>(() => {
    if (!opened) return [];
    const actions = actionsOf(desk);
    return [
      {
        title: "Connect",
        untyped: true,
        entries: (hosts ?? []).map(entryOf),
      },
      {
        title: "Open tabs",
        entries: layout.tabs.map((tab) => ({
          id: `tab:${tab.id}`,
          name: tab.name ?? layout.panes[tab.active]?.title ?? "",
          run: () => {
            desk.layout.set((each) => activate(each, tab.id));
            desk.go("sessions");
            focusSoon(desk);
          },
        })),
      },
      {
        title: "Actions",
        entries: [
          ...ACTIONS.filter(({ id }) => !NOT_LISTED.has(id)).map(({ id, label }) => ({
            id: `action:${id}`,
            name: label,
            hint: writtenKeys(bindings.get(id) ?? "").join(" "),
            run: actions[id].run,
          })),
          { id: "add-host", name: "Add a host", run: () => desk.go("hosts", "add") },
          { id: "import", name: "Import hosts", run: () => desk.go("hosts", "import") },
          { id: "light", name: "Light theme", run: () => void desk.prefer({ theme: "light" }) },
          { id: "dark", name: "Dark theme", run: () => void desk.prefer({ theme: "dark" }) },
          { id: "system-theme", name: "Theme of the system", run: () => void desk.prefer({ theme: "system" }) },
          { id: "about", name: "About Luumen", run: () => desk.go("settings", "about") },
        ],
      },
    ];
  }, [opened, desk, hosts, layout, bindings, entryOf]);

  const quick = useCallback(
    async (typed: string): Promise<PaletteGroup[]> => {
      if (!/^(ssh:\/\/)?[\w.@:[\]%-]+$/i.test(typed) || typed.startsWith("-") || WORD.test(typed)) return [];
      try {
        const { user, address, port, host } = await desk.backend.call("quick_parse", { text: typed });
        const kept = hosts?.find(({ id }) => id === host);
        // By its name alone it is listed already; another account or port is not.
        if (kept && typed.toLowerCase() === kept.name.toLowerCase()) return [];
        const hint = kept ? `the host ${kept.name}` : "not kept as a host";
        const target = `${user ? `${user}@` : ""}${address}${port ? `:${port}` : ""}`;
        // A bare word is more often the beginning of a host's name, or of a command.
        const last = !/[@:.]/.test(typed);
        const options = { id: "quick-options", name: `With options: ${target}…`, hint: "credential, jump host, log", run: () => desk.quick.set(typed) };
        return [{ title: "Quick connect", last, entries: [{ id: "quick", name: `Connect to ${target}`, hint, run: () => desk.connect({ quick: typed }) }, options] }];
      } catch {
        // What cannot be read as an address is a search like any other.
        return [];
      }
    },
    [desk, hosts],
  );

  /** The same search as in the tree. The names that begin with what was typed come first. */
  const kept = useCallback(
    async (typed: string): Promise<PaletteGroup[]> => {
      const ids = new Set(await desk.backend.call("hosts_search", { text: typed }));
      const begins = ({ name }: contract.Host) => Number(!name.toLowerCase().startsWith(typed.toLowerCase()));
      const found = (hosts ?? []).filter(({ id }) => ids.has(id)).sort((a, b) => begins(a) - begins(b));
      return [{ title: "Connect", entries: found.map(entryOf) }];
    },
    [desk, hosts, entryOf],
  );

  /** What the last word could become; choosing one goes on typing. */
  const words = useCallback(
    async (typed: string): Promise<PaletteGroup[]> => {
      const last = /(?:[^\s"]|"[^"]*"?)*$/.exec(typed)?.[0] ?? "";
      if (last === "" || typed.includes("@")) return [];
      const before = typed.slice(0, typed.length - last.length);
      const suggested = (await desk.backend.call("hosts_suggest", { text: last })).filter(({ term }) => term !== last);
      return [{ title: "Search the hosts", last: true, entries: suggested.map(({ term, hint }) => ({ id: `word:${term}`, name: term, hint, run: () => desk.palette.set(before + term) })) }];
    },
    [desk],
  );

  const look = useCallback(
    async (typed: string): Promise<PaletteGroup[]> => {
      const [address, found, suggested] = await Promise.all([quick(typed), kept(typed), words(typed)]);
      return [...address, ...found, ...suggested];
    },
    [quick, kept, words],
  );

  return (
    <>
      <Palette
        opened={opened}
        onOpen={() => desk.palette.set("")}
        start={start ?? ""}
        onClose={close}
        fixed={fixed}
        look={look}
        keys={null}
        label="Connect to user@host:port, or search hosts and commands"
      />
      <QuickDialog />
    </>
  );
}
