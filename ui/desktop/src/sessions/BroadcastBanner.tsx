// Says loudly that what is typed goes to several hosts: to how many panes, in which tabs, and how to leave.
import { Button } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { activate, type Tab } from "../layout/tabs";
import { togetherByTab } from "../layout/together";
import { focusSoon } from "../shell/useActions";
import { useKeyNames } from "../shell/useKeyNames";

const panesWords = (count: number) => `${count} ${count === 1 ? "pane" : "panes"}`;

export function BroadcastBanner({ tab }: { tab: Tab }) {
  const desk = useDesk();
  const keys = useKeyNames();
  const together = useStore(desk.broadcast);
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  if (together.size === 0) return null;
  const tabs = togetherByTab(layout, together);
  const states = [...together].map((pane) => sessions.get(layout.panes[pane]?.session ?? ""));
  const production = states.filter((session) => session?.environment === "production").length;
  const away = states.filter((session) => session?.state !== "open").length;
  const show = (id: string) => {
    desk.layout.set((each) => activate(each, id));
    focusSoon(desk);
  };
  return (
    <div className="broadcast" role="region" aria-label="Typing into several panes" data-production={production > 0 || undefined}>
      <IconBroadcast size={16} aria-hidden />
      <p role="status">
        <strong>
          Typing into {panesWords(together.size)}
          {tabs.length > 1 && ` in ${tabs.length} tabs`}
          {production > 0 && `, ${production} of them production`}
        </strong>
        {away > 0 && <span className="secondary"> · {away} not connected</span>}
        {!together.has(tab.active) && <span className="secondary"> · not from the pane that has the keyboard: it takes no part</span>}
      </p>
      <ul className="broadcast-tabs" aria-label="Tabs that take part">
        {tabs.map(({ tab: id, name, panes, of }) => (
          <li key={id}>
            <button type="button" aria-current={id === tab.id || undefined} title={panes.map((pane) => pane.name).join("; ")} onClick={() => show(id)}>
              <span className="cut">{name}</span>
              {of > 1 && <span className="number">{panes.length === of ? `all ${of}` : `${panes.length} of ${of}`}</span>}
            </button>
          </li>
        ))}
      </ul>
      <span className="row-actions">
        <Button size="compact-xs" variant="default" title={keys("broadcast_choose")} onClick={() => desk.choosing.set(true)}>
          Choose panes…
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            desk.broadcast.set(new Set());
            focusSoon(desk);
          }}
        >
          Stop <span className="faint">&nbsp;{keys("broadcast")}</span>
        </Button>
      </span>
    </div>
  );
}
