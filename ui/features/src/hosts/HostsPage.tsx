// The list of hosts: filter, facets, table, and what can be done with the rows that are selected.
import type { HostSummary } from "@luumen/api-client";
import { ColumnChooser, DataTable, Empty, Facets, Failed, FilterInput, Loading, Page, plural, StateMark, useGo, useKeys } from "@luumen/kit";
import { Button } from "@mantine/core";
import { IconDownload, IconFileImport, IconPlus } from "@tabler/icons-react";

import { useMay } from "../session";
import { readSearch, SavedViews, writeSearch } from "../views";
import { BulkBar } from "./BulkBar";
import { HOST_COLUMNS } from "./columns";
import { HostDrawer } from "./HostDrawer";
import { ImportDrawer } from "./ImportDrawer";
import { csvHref } from "./queries";
import { useHosts } from "./useHosts";
import { unknownHostsWords } from "./words";
import { readHostsView, SORTS, writeHostsView, type HostsView } from "./view";

export function HostsPage({ view, onView }: { view: HostsView; onView: (next: HostsView) => void }) {
  const go = useGo();
  const mayWrite = useMay("write_hosts");
  const hosts = useHosts(view, onView);
  const { list, rows, total } = hosts;
  const open = (panel: string | null) => onView({ ...view, panel });
  useKeys(mayWrite ? [{ keys: "a", label: "Add a host", run: () => open("add") }] : []);

  return (
    <Page
      fill
      title="Hosts"
      state={<HowMany total={total} filtered={view.q !== ""} />}
      actions={
        <>
          <Button
            component="a"
            href={csvHref(view)}
            download="hosts.csv"
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            CSV
          </Button>
          {mayWrite && (
            <>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconFileImport size={14} aria-hidden />}
                onClick={() => open("import")}
              >
                Import
              </Button>
              <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => open("add")}>
                Add host
              </Button>
            </>
          )}
        </>
      }
    >
      <div className="filter-line">
        <FilterInput
          label="Filter hosts"
          placeholder="os:debian pkg:openssl<3.0.7 state:stale tag:web sshd.settings.permitrootlogin=yes"
          value={view.q}
          onChange={(q) => onView({ ...view, q })}
          suggest={hosts.suggest}
        />
        <SavedViews
          page="hosts"
          search={writeSearch(writeHostsView({ ...view, columns: hosts.columns, panel: null }))}
          onPick={(search) => onView(readHostsView(readSearch(search)))}
        />
        <ColumnChooser choices={HOST_COLUMNS} chosen={hosts.columns} onChange={hosts.setColumns} />
      </div>
      <BulkBar
        view={view}
        selection={hosts.selection}
        selected={hosts.selected}
        total={total}
        onSelect={(ids) => hosts.setSelection(Object.fromEntries(ids.map((id) => [id, true])))}
      />
      {hosts.unknown > 0 && (
        <p className="answer" role="status">
          <StateMark
            tone="unknown"
            word={unknownHostsWords(hosts.unknown)}
            title="They are in no row, and not in the CSV either"
          />
        </p>
      )}
      <div className="list-with-facets">
        <Facets facets={hosts.facets} onToggle={hosts.toggleFacet} />
        {list.isError && rows.length === 0 ? (
          <div className="table-empty">
            <Failed doing="load the hosts" error={list.error} onRetry={() => void list.refetch()} />
          </div>
        ) : list.isPending ? (
          <div className="table-empty">
            <Loading what="hosts" rows={12} />
          </div>
        ) : (
          <DataTable<HostSummary>
            label="Hosts"
            columns={HOST_COLUMNS}
            rows={rows}
            rowId={(host) => host.id}
            rowName={(host) => host.name}
            total={total}
            onEnd={hosts.onEnd}
            onOpen={(host) => go(`/hosts/${host.id}`)}
            sorting={{ column: view.sort, descending: view.descending }}
            onSort={({ column, descending }) => {
              const sort = SORTS.find((each) => each === column);
              if (sort) onView({ ...view, sort, descending });
            }}
            visible={Object.fromEntries(HOST_COLUMNS.map(({ id }) => [id, hosts.columns.includes(id)]))}
            {...(mayWrite && { selection: hosts.selection, onSelection: hosts.setSelection })}
            empty={<NoHosts filtered={view.q !== ""} onClear={() => onView({ ...view, q: "" })} onOpen={open} />}
          />
        )}
      </div>
      <HostDrawer panel={view.panel} onClose={() => open(null)} />
      <ImportDrawer opened={view.panel === "import"} onClose={() => open(null)} />
    </Page>
  );
}

function HowMany({ total, filtered }: { total: number | undefined; filtered: boolean }) {
  if (total === undefined) return <> </>;
  if (filtered) return <>{plural(total, "host")} {total === 1 ? "matches" : "match"} the filter</>;
  return <>{plural(total, "host")} in this workspace</>;
}

function NoHosts({
  filtered,
  onClear,
  onOpen,
}: {
  filtered: boolean;
  onClear: () => void;
  onOpen: (panel: string) => void;
}) {
  const mayWrite = useMay("write_hosts");
  if (filtered) {
    return (
      <Empty
        title="No host matches the filter"
        action={
          <Button variant="default" size="xs" onClick={onClear}>
            Clear the filter
          </Button>
        }
      >
        Terms are joined by “and”. A fact that could not be collected matches nothing, not even a negated term.
      </Empty>
    );
  }
  return (
    <Empty
      title="No hosts yet"
      action={
        mayWrite && (
          <>
            <Button size="xs" onClick={() => onOpen("add")}>
              Add a host
            </Button>
            <Button variant="default" size="xs" onClick={() => onOpen("import")}>
              Import a CSV file
            </Button>
          </>
        )
      }
    >
      Add the servers to look after. The agent visits them at its next run; nothing is installed on them.
    </Empty>
  );
}
