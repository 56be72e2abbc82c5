// The list of findings with its tabs, filter and drawer; the whole fleet's, or one package's.
import type { Finding } from "@luumen/api-client";
import { ColumnChooser, DataTable, Empty, exactCount, Facets, Failed, FilterDrawer, FilterInput, Loading, plural, StateMark } from "@luumen/kit";
import { Button, Tabs } from "@mantine/core";
import { useState } from "react";

import { useMay } from "../session";
import { readSearch, SavedViews, writeSearch } from "../views";
import { NothingJudged } from "./AreaNav";
import { FINDING_COLUMNS } from "./columns";
import { ExceptDrawer } from "./exceptions/ExceptDrawer";
import { FindingDrawer } from "./FindingDrawer";
import { useFindings } from "./useFindings";
import { keyText, readFindingsView, SORTS, TABS, usualWay, writeFindingsView, type FindingsView, type Params, type Tab } from "./view";

const TAB_WORDS: Record<Tab, string> = { active: "Active", resolved: "Resolved", excepted: "Excepted", informational: "Informational" };
const NOT_PINNED: Params = {};

interface Props {
  view: FindingsView;
  onView: (next: FindingsView) => void;
  /** What the list is about, and cannot be taken out of its filter. */
  pinned?: Params;
}

export function FindingsList({ view, onView, pinned = NOT_PINNED }: Props) {
  const findings = useFindings(view, onView, pinned);
  const mayExcept = useMay("write_exceptions");
  const [excepting, setExcepting] = useState<Finding[] | null>(null);
  return (
    <Tabs
      className="fill-tabs"
      value={view.tab}
      onChange={(next) => onView({ ...view, tab: (next ?? "active") as Tab, open: null })}
      keepMounted={false}
    >
      <Tabs.List>
        {TABS.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {TAB_WORDS[tab]}
            {findings.tabs && <span className="tab-count"> {exactCount(findings.tabs[tab])}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={view.tab} className="fill-panel">
        <div className="filter-line">
          <FilterInput
            label="Filter vulnerabilities"
            placeholder="CVE-2024 openssl severity:critical,high kev:yes fix:available os:debian/12"
            value={view.q}
            onChange={(q) => onView({ ...view, q, open: null })}
            suggest={findings.suggest}
          />
          <FilterDrawer facets={findings.facets} onToggle={findings.toggle} />
          {pinned === NOT_PINNED && (
            <SavedViews
              page="vulnerabilities"
              search={writeSearch(writeFindingsView({ ...view, columns: findings.columns, open: null }))}
              onPick={(search) => onView(readFindingsView(readSearch(search)))}
            />
          )}
          <ColumnChooser choices={FINDING_COLUMNS} chosen={findings.columns} onChange={findings.setColumns} />
        </div>
        {view.tab === "informational" && (
          <p className="secondary">
            Only upstream’s version ranges speak of these packages; who builds them says nothing. Distributions fix without a new version, so most
            are false: they count nowhere.
          </p>
        )}
        {findings.problems.map((problem) => (
          <p key={problem} role="alert">
            <StateMark tone="warning" word={problem} />
          </p>
        ))}
        {findings.selected.length > 0 && (
          <div className="bulk" role="group" aria-label="Selected findings">
            <strong>{plural(findings.selected.length, "finding")} selected</strong>
            <span className="bulk-actions">
              <Button size="xs" variant="default" onClick={() => setExcepting(findings.selected)}>
                Except…
              </Button>
              <Button size="xs" variant="subtle" onClick={() => findings.setSelection({})}>
                Clear
              </Button>
            </span>
          </div>
        )}
        <div className="list-with-facets">
          <Facets facets={findings.facets} onToggle={findings.toggle} />
          <Rows findings={findings} view={view} onView={onView} mayExcept={mayExcept} />
        </div>
      </Tabs.Panel>
      <FindingDrawer finding={view.open} onClose={() => onView({ ...view, open: null })} onExcept={(finding) => setExcepting([finding])} />
      <ExceptDrawer
        findings={excepting}
        onClose={(done) => {
          setExcepting(null);
          if (done) findings.setSelection({});
        }}
      />
    </Tabs>
  );
}

function Rows({
  findings,
  view,
  onView,
  mayExcept,
}: Props & { findings: ReturnType<typeof useFindings>; mayExcept: boolean }) {
  const { list, rows } = findings;
  if (list.isPending) {
    return (
      <div className="table-empty">
        <Loading what="vulnerabilities" rows={12} />
      </div>
    );
  }
  if (list.isError && rows.length === 0) {
    return (
      <div className="table-empty">
        <Failed doing="load the vulnerabilities" error={list.error} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  return (
    <DataTable<Finding>
      label="Vulnerabilities"
      columns={FINDING_COLUMNS}
      rows={rows}
      rowId={keyText}
      rowName={keyText}
      total={findings.total}
      onEnd={findings.onEnd}
      onOpen={({ vulnerability, package: name }) => onView({ ...view, open: { vulnerability, package: name } })}
      sorting={{ column: view.sort, descending: view.descending }}
      onSort={({ column }) => {
        const sort = SORTS.find((each) => each === column);
        // The first press sorts the usual way, the next one turns it round.
        if (sort) onView({ ...view, sort, descending: sort === view.sort ? !view.descending : usualWay(sort) });
      }}
      visible={Object.fromEntries(FINDING_COLUMNS.map(({ id }) => [id, findings.columns.includes(id)]))}
      {...(mayExcept && { selection: findings.selection, onSelection: findings.setSelection })}
      empty={<Nothing findings={findings} view={view} onClear={() => onView({ ...view, q: "" })} />}
    />
  );
}

const NOTHING: Record<Tab, { title: string; body: string }> = {
  active: { title: "Nothing is open", body: "No host that could be judged has a vulnerability that the catalogue knows." },
  resolved: { title: "Nothing was resolved yet", body: "A finding comes here when no host has it any more: fixed, not affected, or its package removed." },
  excepted: { title: "Nothing is excepted", body: "Findings that somebody decided to live with, why, and until when, stand here." },
  informational: {
    title: "Nothing is told of",
    body: "Where only upstream's version ranges speak of a package and its vendor says nothing, it stands here: worth a look, and never counted among the findings.",
  },
};

/** An empty list says what its emptiness is worth. */
function Nothing({
  findings: { first },
  view,
  onClear,
}: {
  findings: ReturnType<typeof useFindings>;
  view: FindingsView;
  onClear: () => void;
}) {
  const unknown = first?.not_evaluable_host_count ?? 0;
  if (!first?.catalogue) return <NothingJudged />;
  if (view.q) {
    return (
      <Empty
        title="Nothing matches the filter"
        action={
          <Button variant="default" size="xs" onClick={onClear}>
            Clear the filter
          </Button>
        }
      >
        Terms are joined by “and”.
        {unknown > 0 && ` ${plural(unknown, "host")} could not be judged whole; what they have may be missing here.`}
      </Empty>
    );
  }
  const { title, body } = NOTHING[view.tab];
  return (
    <Empty title={title}>
      {body}
      {unknown > 0 && ` That says nothing, or not all, about ${plural(unknown, "host")} that could not be judged whole.`}
    </Empty>
  );
}
