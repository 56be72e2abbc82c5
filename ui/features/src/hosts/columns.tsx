// The columns of the host list.
import type { HostSummary } from "@luumen/api-client";
import { Count, Link, Machine, RelativeTime, StateMark, Unknown, type Column } from "@luumen/kit";

import { SECTIONS } from "./words";
import { HostStateMark } from "./HostStateMark";

const NEVER = "No visit has succeeded yet, so this is not known.";
const NOT_TOLD = "The newest snapshot does not say.";

function text(host: HostSummary, value: string | null | undefined, machine = false) {
  if (value) return machine ? <Machine>{value}</Machine> : <span title={value}>{value}</span>;
  return <Unknown why={host.last_seen_at ? NOT_TOLD : NEVER} />;
}

function Reboot({ host }: { host: HostSummary }) {
  if (host.reboot_required === true) return <StateMark tone="warning" word="Needed" title="The host asks for a reboot" />;
  if (host.reboot_required === false) return <span>Not needed</span>;
  return <Unknown why={host.last_seen_at ? "Nothing on the host can tell." : NEVER} />;
}

export const HOST_COLUMNS: Column<HostSummary>[] = [
  {
    id: "name",
    title: "Name",
    width: 160,
    grow: 2,
    sortable: true,
    fixed: true,
    cell: (host) => (
      <Link href={`/hosts/${host.id}`} title={host.name} tabIndex={-1}>
        {host.name}
      </Link>
    ),
  },
  { id: "state", title: "State", width: 116, grow: 0, sortable: true, cell: (host) => <HostStateMark host={host} /> },
  {
    id: "address",
    title: "Address",
    width: 138,
    grow: 1.4,
    sortable: true,
    cell: (host) => <Machine>{host.port === 22 ? host.address : `${host.address}:${host.port}`}</Machine>,
  },
  { id: "os", title: "System", width: 116, grow: 2, sortable: true, cell: (host) => text(host, host.os_name) },
  { id: "kernel", title: "Kernel", width: 150, grow: 1.4, sortable: true, cell: (host) => text(host, host.kernel, true) },
  { id: "arch", title: "Arch", width: 84, grow: 0, cell: (host) => text(host, host.arch, true) },
  {
    id: "packages",
    title: "Packages",
    width: 96,
    grow: 0,
    align: "end",
    sortable: true,
    cell: (host) =>
      host.package_count === null || host.package_count === undefined ? (
        <Unknown why={host.last_seen_at ? NOT_TOLD : NEVER} />
      ) : (
        <Count value={host.package_count} />
      ),
  },
  { id: "reboot", title: "Reboot", width: 92, grow: 0, cell: (host) => <Reboot host={host} /> },
  {
    id: "tags",
    title: "Tags",
    width: 84,
    grow: 1.2,
    cell: (host) =>
      host.tags.length === 0 ? (
        <span className="faint">none</span>
      ) : (
        <span className="tags" title={host.tags.join(", ")}>
          <span className="tag">{host.tags[0]}</span>
          {host.tags.length > 1 && <span className="faint">+{host.tags.length - 1}</span>}
        </span>
      ),
  },
  {
    id: "unseen",
    title: "Not seen whole",
    width: 150,
    grow: 1.4,
    cell: (host) => {
      const names = host.incomplete_sections.map((kind) => SECTIONS[kind]).join(", ");
      if (!host.last_seen_at) return <Unknown why={NEVER} />;
      return names ? <span title={names}>{names}</span> : <span className="faint">nothing</span>;
    },
  },
  {
    id: "last_seen",
    title: "Last seen",
    width: 98,
    grow: 0,
    sortable: true,
    cell: (host) => <RelativeTime at={host.last_seen_at} />,
  },
];

/** Shown until a person chooses. */
export const USUAL_COLUMNS = ["name", "state", "address", "os", "packages", "tags", "last_seen"];
