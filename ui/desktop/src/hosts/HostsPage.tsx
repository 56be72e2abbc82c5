// All hosts in one table: search, choose several, connect, tag, move, delete; and the drawers to add, change, import and export.
import type { contract } from "@luumen/backend";
import { DataTable, Empty, Failed, FilterInput, Loaded, Page, plural, RelativeTime, type Column, type Sorting } from "@luumen/kit";
import { Button, Menu, MultiSelect, TagsInput } from "@mantine/core";
import { IconChevronDown, IconFileExport, IconFileImport, IconFolderPlus, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { EnvironmentMark } from "./EnvironmentMark";
import { ExportDialog } from "./ExportDialog";
import { GroupDrawer } from "./GroupDrawer";
import { HostDrawer } from "./HostDrawer";
import { ImportDrawer } from "./ImportDrawer";
import { OsMark } from "./OsMark";
import { environmentOf, groupPath, tagsOf } from "./rows";
import { useHostActions } from "./useHostActions";
import { SEARCH_HINT, useHostSearch, useHostSuggestions } from "./useHostSearch";

export function HostsPage() {
  const desk = useDesk();
  const at = useStore(desk.view, (view) => view.at) ?? "";
  const tree = useCall("hosts_tree", {});
  const close = () => desk.go("hosts");
  const [what, id] = split(at);
  return (
    <Page
      title="Hosts"
      state={tree.data ? plural(tree.data.hosts.length, "host") : undefined}
      fill
      actions={
        <>
          <Button size="xs" variant="default" leftSection={<IconFileImport size={15} aria-hidden />} onClick={() => desk.go("hosts", "import")}>
            Import
          </Button>
          <Button size="xs" variant="default" leftSection={<IconFileExport size={15} aria-hidden />} onClick={() => desk.go("hosts", "export")}>
            Export
          </Button>
          <Button size="xs" variant="default" leftSection={<IconFolderPlus size={15} aria-hidden />} onClick={() => desk.go("hosts", "group:")}>
            Add group
          </Button>
          <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => desk.go("hosts", "add")}>
            Add host
          </Button>
        </>
      }
    >
      <Loaded from={tree} what="the hosts" rows={10}>
        {({ groups, hosts }) => (
          <>
            <Table groups={groups} hosts={hosts} />
            <HostDrawer
              opened={what === "add" || what === "add-in" || what === "edit"}
              id={what === "edit" ? id : null}
              quick={what === "add" ? id : ""}
              inside={what === "add-in" ? id : null}
              groups={groups}
              hosts={hosts}
              onClose={close}
            />
            <GroupDrawer opened={what === "group"} id={id || null} groups={groups} hosts={hosts} onClose={close} />
            <ImportDrawer opened={what === "import"} onClose={close} />
            <ExportDialog opened={what === "export"} hosts={hosts} onClose={close} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** `edit:7` is `edit` and `7`; an address may have colons of its own. */
function split(at: string): [string, string] {
  const colon = at.indexOf(":");
  return colon < 0 ? [at, ""] : [at.slice(0, colon), at.slice(colon + 1)];
}

function Table({ groups, hosts }: { groups: contract.Group[]; hosts: contract.Host[] }) {
  const desk = useDesk();
  const [typed, setTyped] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ column: "name", descending: false });
  const [selection, setSelection] = useState<Record<string, boolean>>({});
  const columns = useMemo(() => columnsOf(groups), [groups]);
  const suggest = useHostSuggestions();
  const { found, failed } = useHostSearch(typed, hosts);
  const rows = useMemo(() => sorted(found ?? [], sorting, groups), [found, groups, sorting]);
  const chosen = hosts.filter(({ id }) => selection[id]);
  const tags = useMemo(() => tagsOf(hosts), [hosts]);
  if (hosts.length === 0) return <NoHosts />;
  return (
    <>
      <div className="filter-line">
        <FilterInput label="Search the hosts" placeholder={SEARCH_HINT} value={typed} onChange={setTyped} suggest={suggest} />
      </div>
      {failed !== null && <Failed doing="search the hosts" error={failed} />}
      {chosen.length > 0 && <Bulk hosts={chosen} groups={groups} tags={tags} onDone={() => setSelection({})} />}
      <DataTable
        label="Hosts"
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        rowName={({ name }) => name}
        sorting={sorting}
        onSort={setSorting}
        selection={selection}
        onSelection={setSelection}
        onOpen={({ id }) => desk.go("hosts", `edit:${id}`)}
        empty={<Empty title={`No host fits “${typed}”`}>{SEARCH_HINT}</Empty>}
      />
    </>
  );
}

function columnsOf(groups: readonly contract.Group[]): Column<contract.Host>[] {
  return [
    {
      id: "name",
      title: "Name",
      width: 150,
      grow: 2,
      sortable: true,
      cell: (host) => (
        <span className="with-mark">
          <OsMark os={host.os} />
          <span className="cut" title={host.name}>
            {host.name}
          </span>
        </span>
      ),
    },
    { id: "address", title: "Address", width: 130, grow: 2, sortable: true, cell: ({ address }) => <span className="machine" title={address}>{address}</span> },
    { id: "environment", title: "Environment", width: 108, grow: 0, sortable: true, cell: (host) => <EnvironmentMark environment={environmentOf(host, groups)} whole /> },
    { id: "group", title: "Group", width: 90, sortable: true, cell: ({ group }) => groupPath(group, groups) },
    {
      id: "tags",
      title: "Tags",
      width: 90,
      cell: ({ tags }) => tags.join(", "),
    },
    { id: "connected", title: "Connected", width: 96, grow: 0, sortable: true, cell: ({ last_connected_at }) => <RelativeTime at={last_connected_at} /> },
    { id: "scan", title: "Scanned", width: 90, grow: 0, sortable: true, cell: ({ last_scan_at }) => <RelativeTime at={last_scan_at} /> },
    { id: "connect", title: "Actions", width: 90, grow: 0, cell: (host) => <ConnectButton host={host} /> },
  ];
}

function ConnectButton({ host }: { host: contract.Host }) {
  const { connect } = useHostActions();
  return (
    <Button size="compact-xs" variant="default" aria-label={`Connect to ${host.name}`} onClick={() => connect([host])}>
      Connect
    </Button>
  );
}

function sorted(hosts: contract.Host[], { column, descending }: Sorting, groups: readonly contract.Group[]): contract.Host[] {
  const key = (host: contract.Host): string =>
    ({
      name: host.name,
      address: host.address,
      environment: environmentOf(host, groups),
      group: groupPath(host.group, groups),
      connected: host.last_connected_at ?? "",
      scan: host.last_scan_at ?? "",
    })[column] ?? host.name;
  const sign = descending ? -1 : 1;
  return [...hosts].sort((a, b) => sign * key(a).localeCompare(key(b), undefined, { numeric: true }));
}

function Bulk({ hosts, groups, tags, onDone }: { hosts: contract.Host[]; groups: contract.Group[]; tags: string[]; onDone: () => void }) {
  const actions = useHostActions();
  const worn = useMemo(() => tagsOf(hosts), [hosts]);
  const [tagging, setTagging] = useState<"add" | "remove" | null>(null);
  return (
    <div className="bulk" role="region" aria-label="Chosen hosts">
      <strong>{plural(hosts.length, "host")} chosen</strong>
      <Button size="xs" variant="default" onClick={() => actions.connect(hosts)}>
        Connect
      </Button>
      {tagging === null ? (
        <>
          <Button size="xs" variant="default" onClick={() => setTagging("add")}>
            Tag…
          </Button>
          {worn.length > 0 && (
            <Button size="xs" variant="default" onClick={() => setTagging("remove")}>
              Take tags off…
            </Button>
          )}
        </>
      ) : (
        <TagForm
          key={tagging}
          what={tagging}
          tags={tagging === "add" ? tags : worn}
          onDone={(chosen) => {
            if (tagging === "add") void actions.tag(hosts, chosen, []);
            else void actions.tag(hosts, [], chosen);
            setTagging(null);
          }}
          onCancel={() => setTagging(null)}
        />
      )}
      <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button size="xs" variant="default" rightSection={<IconChevronDown size={13} aria-hidden />}>
            Move to
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void actions.move(hosts, null, "no group")}>No group</Menu.Item>
          {groups.map(({ id }) => (
            <Menu.Item key={id} onClick={() => void actions.move(hosts, id, groupPath(id, groups))}>
              {groupPath(id, groups)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          void actions.remove(hosts);
          onDone();
        }}
      >
        Delete
      </Button>
      <Button size="xs" variant="subtle" onClick={onDone}>
        Let go
      </Button>
    </div>
  );
}

/** New tags may be typed; those to take off are chosen from the ones that the hosts have. */
function TagForm({ what, tags, onDone, onCancel }: { what: "add" | "remove"; tags: string[]; onDone: (chosen: string[]) => void; onCancel: () => void }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const label = what === "add" ? "Tags to add" : "Tags to take off";
  const field = { size: "xs", "aria-label": label, placeholder: label, data: tags, value: chosen, onChange: setChosen, autoFocus: true, w: 220 } as const;
  return (
    <>
      {what === "add" ? <TagsInput {...field} /> : <MultiSelect {...field} searchable comboboxProps={{ transitionProps: { duration: 0 }, withinPortal: false }} />}
      <Button size="xs" disabled={chosen.length === 0} onClick={() => onDone(chosen)}>
        {what === "add" ? "Add" : "Take off"}
      </Button>
      <Button size="xs" variant="subtle" onClick={onCancel}>
        Cancel
      </Button>
    </>
  );
}

function NoHosts() {
  const desk = useDesk();
  return (
    <Empty
      title="No hosts yet"
      action={
        <>
          <Button size="xs" onClick={() => desk.go("hosts", "import")}>
            Import hosts
          </Button>
          <Button size="xs" variant="default" onClick={() => desk.go("hosts", "add")}>
            Add one
          </Button>
        </>
      }
    >
      Bring those that you have from ssh_config, PuTTY, a CSV file or an Ansible inventory, with a preview before anything is taken.
    </Empty>
  );
}
