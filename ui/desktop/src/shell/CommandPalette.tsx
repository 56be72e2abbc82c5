// One field: hosts, an address to connect to at once, open tabs, and everything that can be done.
import { Palette, type PaletteGroup } from "@luumen/kit";
import { useCallback, useMemo } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { ACTIONS, type ActionId } from "../keys/actions";
import { activate } from "../layout/tabs";
import { actionsOf, focusSoon } from "./useActions";
import { useBindings, writtenKeys } from "./useKeyNames";

// These open the palette itself, or make no sense from it.
const NOT_LISTED = new Set<ActionId>(["palette", "palette_outside", "new_tab", "help", "focus_terminal", "leave_terminal", "last_tab", "last_tab_back"]);

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

  const fixed = useMemo<PaletteGroup[]>(() => {
    if (!opened) return [];
    const actions = actionsOf(desk);
    return [
      {
        title: "Connect",
        entries: (hosts ?? []).map(({ id, name, address, tags }) => ({
          id: `host:${id}`,
          name: [name, ...tags].join("  "),
          hint: address,
          words: address,
          run: () => desk.connect({ host: id, title: name }),
        })),
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
  }, [opened, desk, hosts, layout, bindings]);

  const look = useCallback(
    async (typed: string): Promise<PaletteGroup[]> => {
      if (!/^(ssh:\/\/)?[\w.@:[\]%-]+$/i.test(typed)) return [];
      try {
        const { user, address, port, host } = await desk.backend.call("quick_parse", { text: typed });
        const kept = hosts?.find(({ id }) => id === host);
        // By its name alone it is listed already; another account or port is not.
        if (kept && typed.toLowerCase() === kept.name.toLowerCase()) return [];
        const hint = kept ? `the host ${kept.name}` : "not kept as a host";
        const target = `${user ? `${user}@` : ""}${address}${port ? `:${port}` : ""}`;
        // A bare word is more often the beginning of a host's name, or of a command.
        const last = !/[@:.]/.test(typed);
        return [{ title: "Quick connect", last, entries: [{ id: "quick", name: `Connect to ${target}`, hint, run: () => desk.connect({ quick: typed }) }] }];
      } catch {
        // What cannot be read as an address is a search like any other.
        return [];
      }
    },
    [desk, hosts],
  );

  return (
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
  );
}
