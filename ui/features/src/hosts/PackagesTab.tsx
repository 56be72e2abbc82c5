// The packages of one snapshot.
import type { SnapshotDocument } from "@luumen/api-client";
import { Bytes, DataTable, Empty, FilterInput, Link, Machine, Panel, RelativeTime, Unknown, type Column, type Sorting } from "@luumen/kit";
import { useMemo } from "react";

import { packagesHref } from "../packages/view";
import { SectionCard } from "./facts/SectionCard";
import { BY_NAME, findPackages, noPackagesWords, packageCountWords, packagesOf, sortPackages, type InstalledPackage } from "./packages";
import { isComplete } from "./words";

const COLUMNS: Column<InstalledPackage>[] = [
  {
    id: "name",
    title: "Name",
    width: 200,
    grow: 2,
    sortable: true,
    cell: ({ name }) => (
      <Link href={packagesHref(name)} title={`${name}: which hosts have it`} className="machine" tabIndex={-1}>
        {name}
      </Link>
    ),
  },
  { id: "version", title: "Version", width: 190, grow: 1.6, sortable: true, cell: ({ version }) => <Machine>{version}</Machine> },
  { id: "arch", title: "Arch", width: 84, grow: 0, sortable: true, cell: ({ arch }) => (arch ? <Machine>{arch}</Machine> : <Unknown />) },
  {
    id: "source",
    title: "Source package",
    width: 160,
    grow: 1.4,
    sortable: true,
    cell: ({ source, source_version, version }) =>
      source ? (
        <Machine title={`${source} ${source_version ?? ""}`}>
          {source_version && source_version !== version ? `${source} ${source_version}` : source}
        </Machine>
      ) : (
        <Unknown />
      ),
  },
  { id: "manager", title: "Manager", width: 84, grow: 0, sortable: true, cell: ({ manager }) => manager },
  {
    id: "status",
    title: "Status",
    width: 110,
    grow: 0,
    sortable: true,
    cell: ({ status }) => status ?? <span className="faint">installed</span>,
  },
  {
    id: "size_bytes",
    title: "Size",
    width: 92,
    grow: 0,
    align: "end",
    sortable: true,
    cell: ({ size_bytes }) => (size_bytes === undefined ? <Unknown /> : <Bytes value={size_bytes} />),
  },
  {
    id: "installed_at",
    title: "Installed",
    width: 110,
    grow: 0,
    sortable: true,
    cell: ({ installed_at }) => (installed_at ? <RelativeTime at={installed_at} /> : <Unknown />),
  },
];

export function PackagesTab({
  document: doc,
  q,
  onQ,
  sorting = BY_NAME,
  onSort,
}: {
  document: SnapshotDocument;
  q: string;
  onQ: (q: string) => void;
  /** By name unless told. */
  sorting?: Sorting | undefined;
  onSort: (sorting: Sorting) => void;
}) {
  const all = useMemo(() => packagesOf(doc), [doc]);
  const shown = useMemo(() => all && sortPackages(findPackages(all, q), sorting), [all, q, sorting]);
  const record = doc.snapshot.sections["packages"];
  if (!shown || !all) {
    return record ? (
      <SectionCard kind="packages" record={record} seenAt={doc.section_seen_at["packages"]} />
    ) : (
      <Panel title="Packages">
        <Empty title="Packages were not collected">The visit did not ask for them.</Empty>
      </Panel>
    );
  }
  const complete = record !== undefined && isComplete(record.status);
  const nothing = noPackagesWords(q, complete);
  return (
    <div className="packages-tab">
      {record && !complete && (
        <SectionCard kind="packages" record={{ ...record, data: null }} seenAt={doc.section_seen_at["packages"]} />
      )}
      <div className="filter-line">
        <FilterInput label="Search packages" placeholder="Name, source or version" value={q} onChange={onQ} />
        <span className="faint nowrap" role="status">
          {packageCountWords(shown, q ? all : undefined)}
        </span>
      </div>
      <DataTable
        label="Packages"
        columns={COLUMNS}
        rows={shown}
        rowId={({ manager, name, arch, version }) => `${manager}/${name}/${arch ?? ""}/${version}`}
        sorting={sorting}
        onSort={onSort}
        empty={<Empty title={nothing.title}>{nothing.body}</Empty>}
      />
    </div>
  );
}
