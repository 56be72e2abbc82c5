// The hosts that have a vulnerability, or had it.
import type { FindingOnHost } from "@luumen/api-client";
import { DataTable, Empty, Failed, FilterInput, Link, Loading, Machine, Panel, plural, RelativeTime, StateMark, useGo, type Column } from "@luumen/kit";
import { Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { findingHostsQuery } from "../queries";
import { daysWords, fixWords, STATES } from "../words";
import { STATE_CHOICES, type VulnerabilityView } from "./view";

const COLUMNS: Column<FindingOnHost>[] = [
  {
    id: "host",
    title: "Host",
    width: 140,
    grow: 1,
    cell: ({ host_id, host_name }) => (
      <Link href={`/hosts/${host_id}?tab=vulnerabilities`} title={host_name} tabIndex={-1}>
        {host_name}
      </Link>
    ),
  },
  { id: "package", title: "Package", width: 104, grow: 1, cell: ({ package: name }) => <Machine>{name}</Machine> },
  {
    id: "state",
    title: "State",
    width: 132,
    grow: 0,
    cell: ({ state }) => <StateMark tone={STATES[state].tone} word={STATES[state].word} title={STATES[state].title} />,
  },
  {
    id: "installed",
    title: "Installed",
    width: 140,
    grow: 1,
    cell: ({ variant }) => {
      const first = variant?.installed[0];
      return first ? <Machine>{first.version}</Machine> : <span className="faint">not any more</span>;
    },
  },
  { id: "fix", title: "Fix", width: 150, grow: 1, cell: ({ variant }) => (variant ? fixWords(variant) : <span className="faint">none needed</span>) },
  { id: "why", title: "Why", width: 160, grow: 3, cell: ({ variant }) => variant?.why ?? <span className="faint">it is gone</span> },
  {
    id: "days",
    title: "Open for",
    width: 90,
    grow: 0,
    align: "end",
    cell: ({ days_open, opened_at }) => (
      <span className="number" title={`First seen ${opened_at.slice(0, 10)}`}>
        {daysWords(days_open)}
      </span>
    ),
  },
  {
    id: "seen",
    title: "Seen",
    width: 150,
    grow: 0,
    cell: ({ last_seen_at, stale }) => (
      <span className="in-line">
        <RelativeTime at={last_seen_at} />
        {stale && <StateMark tone="stale" word="Stale" title="The host is stale: this may not be so any more" />}
      </span>
    ),
  },
];

interface Props {
  id: string;
  packages: string[];
  view: VulnerabilityView;
  onView: (next: VulnerabilityView) => void;
}

export function Hosts({ id, packages, view, onView }: Props) {
  const go = useGo();
  const hosts = useInfiniteQuery({
    ...findingHostsQuery(id, {
      ...(view.q && { q: view.q }),
      ...(view.state && { state: view.state }),
      ...(view.package && { package: view.package }),
    }),
    enabled: packages.length > 0,
  });
  if (packages.length === 0) return null;
  const rows = hosts.data?.pages.flatMap((page) => page.items) ?? [];
  const total = hosts.data?.pages[0]?.total;
  const narrowed = view.q !== "" || view.state !== null || view.package !== null;
  return (
    <Panel title="Hosts" note={total === undefined ? undefined : plural(total, "row")}>
      <div className="filter-line hosts-filter">
        <FilterInput label="Search the hosts" placeholder="Part of a host's name" value={view.q} onChange={(q) => onView({ ...view, q })} />
        <Select
          size="xs"
          aria-label="State"
          w={150}
          allowDeselect={false}
          data={[{ value: "all", label: "Every state" }, ...STATE_CHOICES.map((value) => ({ value, label: STATES[value].word }))]}
          value={view.state ?? "all"}
          onChange={(next) => onView({ ...view, state: STATE_CHOICES.find((each) => each === next) ?? null })}
        />
        {packages.length > 1 && (
          <Select
            size="xs"
            aria-label="Package"
            w={170}
            allowDeselect={false}
            data={[{ value: "", label: "Every package" }, ...packages.map((value) => ({ value, label: value }))]}
            value={view.package ?? ""}
            onChange={(next) => onView({ ...view, package: next || null })}
          />
        )}
      </div>
      {hosts.isPending ? (
        <Loading what="the hosts" rows={6} />
      ) : hosts.isError && rows.length === 0 ? (
        <Failed doing="load the hosts" error={hosts.error} onRetry={() => void hosts.refetch()} />
      ) : (
        <div className="table-window" style={{ height: tableHeight(rows.length) }}>
          <DataTable
            label="Hosts that have it"
            columns={COLUMNS}
            rows={rows}
            rowId={({ host_id, package: name }) => `${host_id} ${name}`}
            total={total}
            onEnd={() => void (hosts.hasNextPage && !hosts.isFetchingNextPage && hosts.fetchNextPage())}
            onOpen={({ host_id }) => go(`/hosts/${host_id}?tab=vulnerabilities`)}
            empty={<Empty title={narrowed ? "No host matches" : "No host has it any more"} />}
          />
        </div>
      )}
    </Panel>
  );
}

const HEAD = 36;
const ROW = 40;
const MOST_ROWS = 12;

/** Short lists stand whole, long ones scroll. */
function tableHeight(rows: number): number {
  return HEAD + ROW * Math.min(Math.max(rows, 2), MOST_ROWS);
}
