// The panel beside a terminal: what is known of its host, its files, forwards, scan and history.
import { ActionIcon, Tabs } from "@mantine/core";
import { Empty } from "@luumen/kit";
import { IconX } from "@tabler/icons-react";

import { useDesk } from "../desk/context";
import type { PanelTab } from "../desk/desk";
import { useStore } from "../desk/store";
import { FilesPanel } from "../files/FilesPanel";
import { ForwardsPanel } from "../forwards/ForwardsPanel";
import { HistoryPanel } from "./HistoryPanel";
import { HostPanel } from "./HostPanel";
import { ScanPanel } from "../scans/ScanPanel";

const TABS: { id: PanelTab; name: string }[] = [
  { id: "host", name: "Host" },
  { id: "files", name: "Files" },
  { id: "forwards", name: "Forwards" },
  { id: "scan", name: "Scan" },
  { id: "history", name: "History" },
];

export function SidePanel({ pane }: { pane: string }) {
  const desk = useDesk();
  const tab = useStore(desk.panel) ?? "host";
  const target = useStore(desk.layout, (layout) => layout.panes[pane]);
  const session = useStore(desk.follow.sessions, (sessions) => sessions.get(target?.session ?? "")) ?? null;
  return (
    <aside className="side" aria-label={`About ${target?.title ?? "the session"}`}>
      <Tabs value={tab} onChange={(value) => value && desk.panel.set(value as PanelTab)} keepMounted={false} className="side-tabs">
        <div className="side-head">
          <Tabs.List>
            {TABS.map(({ id, name }) => (
              <Tabs.Tab key={id} value={id}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <ActionIcon variant="subtle" aria-label="Hide the panel" onClick={() => desk.panel.set(null)}>
            <IconX size={15} aria-hidden />
          </ActionIcon>
        </div>
        <Tabs.Panel value="host">{target && <HostPanel target={target} session={session} />}</Tabs.Panel>
        <Tabs.Panel value="files">
          {session?.state === "open" ? <FilesPanel session={session} /> : <NotConnected what="browse its files" />}
        </Tabs.Panel>
        <Tabs.Panel value="forwards">
          {/* A forward that is being filled in is meant for this host. */}
          {session ? <ForwardsPanel key={session.id} session={session} /> : <NotConnected what="forward ports" />}
        </Tabs.Panel>
        <Tabs.Panel value="scan">
          <ScanPanel session={session} host={target?.host ?? null} />
        </Tabs.Panel>
        <Tabs.Panel value="history">{target && <HistoryPanel pane={pane} target={target} />}</Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function NotConnected({ what }: { what: string }) {
  return <Empty title="Not connected">Connect the session to {what}.</Empty>;
}
