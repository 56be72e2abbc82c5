// One host: who it is, how well we know it, and what it says, packages, history and the raw document.
import { ApiError, type Host, type SnapshotDocument } from "@luumen/api-client";
import {
  CopyButton,
  Empty,
  exactWords,
  Failed,
  Link,
  Loaded,
  Loading,
  Machine,
  notifyDone,
  notifyFailed,
  Page,
  Panel,
  RelativeTime,
  StateMark,
  Unknown,
  useConfirm,
  useGo,
} from "@luumen/kit";
import { Button, Menu, Tabs } from "@mantine/core";
import { IconDots, IconPencil } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useMay } from "../session";
import { FactsTab } from "./facts/FactsTab";
import { HistoryTab } from "./history/HistoryTab";
import { HostDrawer } from "./HostDrawer";
import { HostStateMark } from "./HostStateMark";
import type { HostView, Tab } from "./hostView";
import { PackagesTab } from "./PackagesTab";
import { deleteHost, hostQuery, updateHost } from "./queries";
import { RawTab } from "./RawTab";
import { snapshotQuery, useFollowNewest } from "./snapshotQueries";
import { VulnerabilitiesTab } from "./VulnerabilitiesTab";
import { SECTIONS } from "./words";

export interface HostPageProps {
  id: string;
  view: HostView;
  onView: (next: HostView) => void;
}

export function HostPage({ id, view, onView }: HostPageProps) {
  const host = useQuery(hostQuery(id));
  if (host.data) return <HostBody key={id} host={host.data} view={view} onView={onView} />;
  return (
    <Page title="Host" heading={<Trail name="…" />}>
      <Panel>
        <Loaded from={host} what="the host">
          {() => null}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Trail({ name }: { name: string }) {
  return (
    <span className="trail">
      <Link href="/hosts">Hosts</Link>
      <span aria-hidden>/</span>
      <span>{name}</span>
    </span>
  );
}

function HostBody({ host, view, onView }: { host: Host; view: HostView; onView: (next: HostView) => void }) {
  const { summary } = host;
  useFollowNewest(summary.id, host.snapshot_id);
  const old = view.snapshot !== null || view.asOf !== null;
  const tab = (value: Tab, children: (doc: SnapshotDocument) => ReactNode) => (
    <Tabs.Panel value={value}>
      {view.tab === value && <WithSnapshot host={host} view={view} onView={onView} draw={children} />}
    </Tabs.Panel>
  );
  return (
    <Page
      title={summary.name}
      heading={<Trail name={summary.name} />}
      state={<HostLine host={host} />}
      actions={<HostActions host={host} onEdit={() => onView({ ...view, editing: true })} />}
    >
      <Stale host={host} />
      <HostTrouble host={host} />
      <Tabs
        value={view.tab}
        onChange={(next) => onView({ ...view, tab: (next ?? "facts") as Tab, q: "" })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="facts">Facts</Tabs.Tab>
          <Tabs.Tab value="packages">
            Packages{summary.package_count != null && !old && <span className="tab-count"> {summary.package_count}</span>}
          </Tabs.Tab>
          <Tabs.Tab value="vulnerabilities">Vulnerabilities</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="raw">Raw</Tabs.Tab>
        </Tabs.List>
        {tab("facts", (doc) => (
          <FactsTab document={doc} q={view.q} onQ={(q) => onView({ ...view, q })} />
        ))}
        {tab("packages", (doc) => (
          <PackagesTab
            document={doc}
            q={view.q}
            onQ={(q) => onView({ ...view, q })}
            sorting={view.sorting}
            onSort={(sorting) => onView({ ...view, sorting })}
          />
        ))}
        <Tabs.Panel value="vulnerabilities">
          <VulnerabilitiesTab id={summary.id} view={view} onView={onView} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab id={summary.id} view={view} onView={onView} />
        </Tabs.Panel>
        {tab("raw", (doc) => (
          <RawTab document={doc} name={summary.name} />
        ))}
      </Tabs>
      <HostDrawer panel={view.editing ? summary.id : null} onClose={() => onView({ ...view, editing: false })} />
    </Page>
  );
}

function HostLine({ host: { summary } }: { host: Host }) {
  const address = summary.port === 22 ? summary.address : `${summary.address}:${summary.port}`;
  return (
    <span className="in-line">
      <HostStateMark host={summary} />
      <span className="with-copy">
        <Machine>{address}</Machine>
        <CopyButton text={address} label="Copy the address" />
      </span>
      {summary.os_name ? <span>{summary.os_name}</span> : <Unknown why="No visit has succeeded yet.">system not known</Unknown>}
      {summary.kernel && <Machine>{summary.kernel}</Machine>}
      <span>
        seen <RelativeTime at={summary.last_seen_at} />
      </span>
      {summary.reboot_required === true && <StateMark tone="warning" word="Reboot needed" />}
      {summary.tags.map((tag) => (
        <span key={tag} className="tag" title={tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

/** What is shown may not be so any more, whatever else is said of the host. */
function Stale({ host: { summary } }: { host: Host }) {
  if (summary.state !== "stale") return null;
  return (
    <div className="trouble" data-tone="stale" role="status">
      <StateMark tone="stale" word="What is shown may be out of date" />
      <p>
        Two intervals went by without a snapshot; the newest is of <RelativeTime at={summary.last_seen_at} />.{" "}
        <Link href="/agents">See whether the agents are heard</Link>.
      </p>
    </div>
  );
}

/** The last error, or what could not be seen: the first thing to know about a host that is not well. */
function HostTrouble({ host }: { host: Host }) {
  const { summary } = host;
  if (summary.last_error && summary.last_outcome !== "complete") {
    const { message, next_step, code } = summary.last_error;
    return (
      <div className="trouble" data-tone="failed" role="status">
        <StateMark tone="failed" word="The last visit did not succeed" />
        <p>
          {message.replace(/\.$/, "")}. {next_step} <span className="machine faint">{code}</span>
        </p>
      </div>
    );
  }
  if (summary.incomplete_sections.length > 0) {
    return (
      <div className="trouble" data-tone="partial" role="status">
        <StateMark tone="partial" word="Not everything could be read" />
        <p>{summary.incomplete_sections.map((kind) => SECTIONS[kind]).join(", ")}. Under Facts, each says what it would need.</p>
      </div>
    );
  }
  return null;
}

function HostActions({ host, onEdit }: { host: Host; onEdit: () => void }) {
  const client = useQueryClient();
  const confirm = useConfirm();
  const go = useGo();
  if (!useMay("write_hosts")) return null;
  const { id, name } = host.summary;
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["hosts"] });
    void client.invalidateQueries({ queryKey: ["overview"] });
  };
  const toggle = async () => {
    try {
      await updateHost(id, { enabled: !host.enabled });
      notifyDone(host.enabled ? `${name} is not visited any more` : `${name} is visited again`);
      refresh();
    } catch (error) {
      notifyFailed(`change ${name}`, error);
    }
  };
  const remove = async () => {
    const agreed = await confirm({
      title: `Delete ${name}?`,
      body: "Its snapshots and its history are deleted too. This cannot be undone. The server itself is not touched.",
      action: `Delete ${name}`,
    });
    if (!agreed) return;
    try {
      await deleteHost(id);
      notifyDone(`${name} is deleted`);
      go("/hosts");
      refresh();
    } catch (error) {
      notifyFailed(`delete ${name}`, error);
    }
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconPencil size={14} aria-hidden />} onClick={onEdit}>
        Edit
      </Button>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button variant="default" size="xs" aria-label="More actions" px={8}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void toggle()}>{host.enabled ? "Disable visits" : "Enable visits"}</Menu.Item>
          <Menu.Item onClick={() => void remove()}>Delete…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** Loads the snapshot that the view asks for, and says so when it is not the newest. */
function WithSnapshot({
  host,
  view,
  onView,
  draw,
}: {
  host: Host;
  view: HostView;
  onView: (next: HostView) => void;
  draw: (doc: SnapshotDocument) => ReactNode;
}) {
  const old = view.snapshot !== null || view.asOf !== null;
  const never = !old && !host.snapshot_id;
  const snapshot = useQuery({ ...snapshotQuery(host.summary.id, view), enabled: !never });
  if (never) {
    return (
      <Panel title="Nothing collected yet">
        <Empty title="No visit has succeeded yet">
          {host.enabled
            ? "The agent visits this host at its next run. If it did already, the runs page says what went wrong."
            : "Visits are switched off for this host. Enable them to collect its facts."}
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      {old && (
        <div className="trouble" data-tone="stale" role="status">
          <StateMark tone="stale" word="You are looking at the past" />
          <p>
            {snapshot.data ? `As of the visit of ${exactWords(new Date(snapshot.data.snapshot.taken_at))}. ` : ""}
            <button type="button" className="link" onClick={() => onView({ ...view, snapshot: null, asOf: null })}>
              Show the newest
            </button>
          </p>
        </div>
      )}
      {snapshot.data ? (
        draw(snapshot.data)
      ) : snapshot.error instanceof ApiError && snapshot.error.status === 404 ? (
        <Empty title="There is no snapshot of that moment">The host had not been visited by then, or the snapshot is past its retention.</Empty>
      ) : snapshot.error ? (
        <Failed doing="load the snapshot" error={snapshot.error} onRetry={() => void snapshot.refetch()} />
      ) : (
        <Loading what="the snapshot" rows={10} />
      )}
    </>
  );
}
