// Says loudly that what is typed goes to several hosts, to how many and to which.
import { Button } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { panesOf } from "../layout/tree";
import type { Tab } from "../layout/tabs";

export function BroadcastBanner({ tab }: { tab: Tab }) {
  const desk = useDesk();
  const together = useStore(desk.broadcast);
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  if (together.size === 0) return null;
  const panes = Object.entries(layout.panes);
  const production = panes.filter(([pane, { session }]) => together.has(pane) && sessions.get(session ?? "")?.environment === "production").length;
  const toggle = (pane: string) =>
    desk.broadcast.set((now) => {
      const next = new Set(now);
      if (!next.delete(pane)) next.add(pane);
      return next;
    });
  const here = new Set(panesOf(tab.tree));
  return (
    <div className="broadcast" role="alert" data-production={production > 0 || undefined}>
      <IconBroadcast size={16} aria-hidden />
      <strong>
        Typing into {together.size} {together.size === 1 ? "pane" : "panes"}
        {production > 0 && `, ${production} of them production`}
      </strong>
      <div className="broadcast-panes" role="group" aria-label="Panes that take part">
        {panes
          .filter(([pane]) => together.has(pane) || here.has(pane))
          .map(([pane, { title }]) => (
            <button key={pane} type="button" aria-pressed={together.has(pane)} onClick={() => toggle(pane)}>
              {title}
            </button>
          ))}
      </div>
      <Button size="compact-xs" variant="default" onClick={() => desk.broadcast.set(new Set())}>
        Stop
      </Button>
    </div>
  );
}
