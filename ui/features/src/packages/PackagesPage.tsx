// Packages across the fleet: which hosts have what, in which version, and about which hosts nothing can be said.
import type { PackageOnHost, PackageSummary } from "@luumen/api-client";
import {
  Count,
  DataTable,
  Empty,
  exactCount,
  Failed,
  FilterInput,
  Link,
  Loading,
  Machine,
  Page,
  plural,
  RelativeTime,
  StateMark,
  Unknown,
  useGo,
  type Column,
} from "@luumen/kit";
import { Autocomplete, Button, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";

import { packageHostsQuery, packageListQuery, packageNames } from "./queries";
import { OPERATOR_SIGNS, OPERATORS, packagesHref, questionWords, type Operator, type PackagesView } from "./view";

interface Props {
  view: PackagesView;
  onView: (next: PackagesView) => void;
}

export function PackagesPage({ view, onView }: Props) {
  return (
    <Page fill title="Packages" state="What is installed on the fleet, by the newest snapshot of each host">
      <Question key={`${view.name}/${view.op}/${view.version}`} view={view} onView={onView} />
      {view.name ? <Answer view={view} onView={onView} /> : <Names view={view} onView={onView} />}
    </Page>
  );
}

/** "Which hosts have …": name, comparison, version. */
function Question({ view, onView }: Props) {
  const [name, setName] = useState(view.name ?? "");
  const [op, setOp] = useState<Operator | "any">(view.op ?? "any");
  const [version, setVersion] = useState(view.version);
  const names = useQuery({ queryKey: ["packages", "names", name], queryFn: () => packageNames(name), staleTime: 30_000 });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const compared = op !== "any" && version.trim() !== "";
    onView({ ...view, name: name.trim() || null, op: compared ? op : null, version: compared ? version.trim() : "" });
  };
  return (
    <form className="question" onSubmit={submit} aria-label="Which hosts have a package">
      <span className="question-words">Which hosts have</span>
      <Autocomplete
        size="xs"
        aria-label="Package name"
        placeholder="openssl"
        classNames={{ input: "machine" }}
        data={names.data ?? []}
        filter={({ options }) => options}
        value={name}
        onChange={setName}
      />
      <Select
        size="xs"
        aria-label="Comparison"
        w={120}
        allowDeselect={false}
        data={[
          { value: "any", label: "any version" },
          ...OPERATORS.map((each) => ({ value: each, label: OPERATOR_SIGNS[each] })),
        ]}
        value={op}
        onChange={(next) => setOp((next ?? "any") as Operator | "any")}
      />
      <TextInput
        size="xs"
        aria-label="Version"
        placeholder="3.0.7"
        classNames={{ input: "machine" }}
        disabled={op === "any"}
        value={version}
        onChange={(event) => setVersion(event.currentTarget.value)}
      />
      <Button size="xs" type="submit" disabled={name.trim() === ""}>
        Find hosts
      </Button>
    </form>
  );
}

const HOST_COLUMNS: Column<PackageOnHost>[] = [
  {
    id: "host",
    title: "Host",
    width: 160,
    grow: 2,
    cell: ({ host_id, host_name }) => (
      <Link href={`/hosts/${host_id}`} title={host_name} tabIndex={-1}>
        {host_name}
      </Link>
    ),
  },
  { id: "version", title: "Version", width: 200, grow: 2, cell: ({ version }) => <Machine>{version}</Machine> },
  { id: "name", title: "Package", width: 150, grow: 1.5, cell: ({ name }) => <Machine>{name}</Machine> },
  {
    id: "source",
    title: "Source package",
    width: 170,
    grow: 1.5,
    cell: ({ source, source_version }) => (source ? <Machine>{`${source} ${source_version ?? ""}`.trim()}</Machine> : <Unknown />),
  },
  { id: "arch", title: "Arch", width: 84, grow: 0, cell: ({ arch }) => (arch ? <Machine>{arch}</Machine> : <Unknown />) },
  { id: "manager", title: "Manager", width: 84, grow: 0, cell: ({ manager }) => manager },
  {
    id: "seen",
    title: "Seen",
    width: 190,
    grow: 0,
    cell: ({ last_seen_at, stale }) => (
      <span className="in-line">
        <RelativeTime at={last_seen_at} />
        {stale && <StateMark tone="stale" word="Stale" title="The host is stale: this may not be so any more" />}
      </span>
    ),
  },
];

function Answer({ view, onView }: Props) {
  const go = useGo();
  const hosts = useInfiniteQuery(packageHostsQuery(view));
  const first = hosts.data?.pages[0];
  const rows = hosts.data?.pages.flatMap((page) => page.items) ?? [];
  const question = questionWords(view);
  useEffect(() => {
    document.title = `${question} · Luumen`;
  }, [question]);

  if (hosts.isPending) return <div className="table-empty"><Loading what="the hosts" rows={10} /></div>;
  if (!first) {
    return (
      <div className="table-empty">
        <Failed doing={`find hosts with ${question}`} error={hosts.error} onRetry={() => void hosts.refetch()} />
      </div>
    );
  }
  return (
    <>
      <div className="answer" role="status">
        <strong>
          {plural(first.total, "installation")} of <Machine>{question}</Machine>
        </strong>
        {first.unknown_host_count > 0 && (
          <StateMark
            tone="unknown"
            word={`nothing can be said about ${plural(first.unknown_host_count, "host")}`}
            title="Their packages could not be read whole, or were never read"
          />
        )}
        {first.not_comparable.length > 0 && (
          <StateMark
            tone="warning"
            word={`not comparable: ${first.not_comparable.join(", ")}`}
            title="These versions could not be compared with the one asked for, so they are not in the list"
          />
        )}
        <Button variant="subtle" size="compact-sm" onClick={() => onView({ ...view, name: null, op: null, version: "" })}>
          All packages
        </Button>
      </div>
      <DataTable
        label={`Hosts with ${question}`}
        columns={HOST_COLUMNS}
        rows={rows}
        rowId={(row) => `${row.host_id}/${row.manager}/${row.name}/${row.arch ?? ""}/${row.version}`}
        total={first.total}
        onEnd={() => void (hosts.hasNextPage && !hosts.isFetchingNextPage && hosts.fetchNextPage())}
        onOpen={({ host_id }) => go(`/hosts/${host_id}?${new URLSearchParams({ tab: "packages", q: view.name ?? "" })}`)}
        empty={
          <Empty title={`No host has ${question}`}>
            {first.unknown_host_count > 0
              ? `That holds for the hosts whose packages were read whole. ${plural(first.unknown_host_count, "host")} could not be read, so nothing can be said about them.`
              : "The packages of every host that was seen were read whole. The name must be exact: a binary or a source package."}
          </Empty>
        }
      />
    </>
  );
}

const NAME_COLUMNS: Column<PackageSummary>[] = [
  {
    id: "name",
    title: "Name",
    width: 220,
    grow: 3,
    cell: ({ name }) => (
      <Link href={packagesHref(name)} className="machine" title={name} tabIndex={-1}>
        {name}
      </Link>
    ),
  },
  { id: "manager", title: "Manager", width: 100, grow: 0, cell: ({ manager }) => manager },
  { id: "versions", title: "Versions", width: 100, grow: 0, align: "end", cell: ({ version_count }) => <Count value={version_count} /> },
  { id: "hosts", title: "Hosts", width: 100, grow: 0, align: "end", cell: ({ host_count }) => <Count value={host_count} /> },
];

function Names({ view, onView }: Props) {
  const list = useInfiniteQuery(packageListQuery(view.q));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="filter-line">
        <FilterInput label="Search package names" placeholder="Part of a name" value={view.q} onChange={(q) => onView({ ...view, q })} />
        {list.data && (
          <span className="faint nowrap" role="status">
            {exactCount(rows.length)}
            {list.hasNextPage ? "+" : ""} names
          </span>
        )}
      </div>
      {list.isPending ? (
        <div className="table-empty">
          <Loading what="packages" rows={12} />
        </div>
      ) : list.isError && rows.length === 0 ? (
        <div className="table-empty">
          <Failed doing="load the packages" error={list.error} onRetry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          label="Package names"
          columns={NAME_COLUMNS}
          rows={rows}
          rowId={({ manager, name }) => `${manager}/${name}`}
          onEnd={() => void (list.hasNextPage && !list.isFetchingNextPage && list.fetchNextPage())}
          onOpen={({ name }) => onView({ ...view, name, op: null, version: "" })}
          empty={
            view.q ? (
              <Empty title={`No package name contains “${view.q}”`}>Only names on hosts that were seen are searched.</Empty>
            ) : (
              <Empty title="No packages yet">They appear here as soon as the agent has visited a host.</Empty>
            )
          }
        />
      )}
    </>
  );
}
