// What to do first: updates, by how much each closes.
import type { Fix } from "@luumen/api-client";
import { Count, DataTable, Empty, Failed, FilterInput, Link, Loaded, Loading, Machine, Page, SeverityMark, StateMark, useGo, type Column } from "@luumen/kit";
import { Button, Drawer, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { AreaNav, Notes, NothingJudged } from "../AreaNav";
import { fixListQuery, fixOfQuery, summaryQuery } from "../queries";
import { suggestFilter } from "../suggest";
import { packageFindingsHref } from "../view";
import { FixDetails } from "./FixDetails";
import { FIX_KEYS, FIX_SORTS, fixesQuery, fixesSentence, fixSentence, targetWords, type FixesView, type FixSort } from "./view";

const COLUMNS: Column<Fix>[] = [
  {
    id: "update",
    title: "Update",
    width: 300,
    grow: 3,
    cell: (fix) => (
      <Link href={packageFindingsHref(fix.package)} title={fixSentence(fix)} tabIndex={-1}>
        {fixSentence(fix)}
      </Link>
    ),
  },
  { id: "severity", title: "Worst", width: 110, grow: 0, cell: ({ severity }) => <SeverityMark severity={severity} /> },
  {
    id: "kev",
    title: "Exploited",
    width: 110,
    grow: 0,
    cell: ({ kev_count }) => (kev_count > 0 ? <StateMark tone="failed" word={`${kev_count} exploited`} /> : <span className="faint">none</span>),
  },
  {
    id: "install",
    title: "Install",
    width: 220,
    grow: 2,
    cell: ({ targets }) => {
      const [first] = targets;
      if (!first) return <span className="faint">no version named</span>;
      return (
        <span title={targets.map(targetWords).join("\n")}>
          <Machine>{targetWords(first)}</Machine>
          {targets.length > 1 && <span className="faint"> +{targets.length - 1}</span>}
        </span>
      );
    },
  },
  { id: "hosts", title: "Hosts", width: 72, grow: 0, align: "end", cell: ({ host_count }) => <Count value={host_count} /> },
  { id: "vulnerabilities", title: "Closes", width: 72, grow: 0, align: "end", cell: ({ vulnerability_count }) => <Count value={vulnerability_count} /> },
  { id: "findings", title: "On hosts", width: 84, grow: 0, align: "end", cell: ({ finding_count }) => <Count value={finding_count} /> },
];

const SORT_WORDS: Record<FixSort, string> = {
  priority: "Most urgent first",
  findings: "What closes most first",
  hosts: "Most hosts first",
  package: "By package",
};

const NO_FACET = () => [];

export function FixesPage({ view, onView }: { view: FixesView; onView: (next: FixesView) => void }) {
  const { query, problems } = useMemo(() => fixesQuery(view), [view]);
  const fixes = useInfiniteQuery(fixListQuery(query));
  const rows = useMemo(() => fixes.data?.pages.flatMap((page) => page.items) ?? [], [fixes.data]);
  const total = fixes.data?.pages[0]?.total;
  const summary = useQuery(summaryQuery);
  const suggest = useCallback(
    (term: string) => suggestFilter(term, NO_FACET).filter((each) => FIX_KEYS.some((key) => each.term.startsWith(`${key}:`))),
    [],
  );
  return (
    <Page fill title="Fixes" state={total === undefined ? undefined : fixesSentence(total, view.q !== "", summary.data?.catalogue)}>
      <AreaNav current="fixes" />
      <Notes />
      <div className="filter-line">
        <FilterInput
          label="Filter fixes"
          placeholder="openssl CVE-2024 severity:critical,high kev:yes os:debian/12 tag:web"
          value={view.q}
          onChange={(q) => onView({ ...view, q })}
          suggest={suggest}
        />
        <Select
          size="xs"
          aria-label="Order"
          w={176}
          allowDeselect={false}
          data={FIX_SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
          value={view.sort}
          onChange={(next) => onView({ ...view, sort: FIX_SORTS.find((each) => each === next) ?? "priority" })}
        />
      </div>
      {problems.map((problem) => (
        <p key={problem} role="alert">
          <StateMark tone="warning" word={problem} />
        </p>
      ))}
      {fixes.isPending ? (
        <div className="table-empty">
          <Loading what="the fixes" rows={10} />
        </div>
      ) : fixes.isError && rows.length === 0 ? (
        <div className="table-empty">
          <Failed doing="load the fixes" error={fixes.error} onRetry={() => void fixes.refetch()} />
        </div>
      ) : (
        <DataTable
          label="Fixes"
          columns={COLUMNS}
          rows={rows}
          rowId={(fix) => fix.package}
          total={total}
          onEnd={() => void (fixes.hasNextPage && !fixes.isFetchingNextPage && fixes.fetchNextPage())}
          onOpen={(fix) => onView({ ...view, open: fix.package })}
          empty={
            <Loaded from={summary} what="what was judged" rows={3}>
              {({ catalogue }) => (catalogue ? <NoFixes filtered={view.q !== ""} onClear={() => onView({ ...view, q: "" })} /> : <NothingJudged />)}
            </Loaded>
          }
        />
      )}
      <Drawer opened={view.open !== null} onClose={() => onView({ ...view, open: null })} size="lg" title={view.open && `Upgrade ${view.open}`}>
        {view.open && <Opened name={view.open} known={rows.find((fix) => fix.package === view.open)} />}
      </Drawer>
    </Page>
  );
}

function NoFixes({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered) return <Empty title="No update would close anything">Either nothing is open, or nothing that is open has a fix. What has none stands under Findings.</Empty>;
  return (
    <Empty
      title="No fix matches the filter"
      action={
        <Button variant="default" size="xs" onClick={onClear}>
          Clear the filter
        </Button>
      }
    />
  );
}

/** The update that the address names, also when the list has not come to it. */
function Opened({ name, known }: { name: string; known: Fix | undefined }) {
  const go = useGo();
  const asked = useQuery({ ...fixOfQuery(name), enabled: known === undefined });
  const fix = known ?? asked.data;
  if (fix) {
    return (
      <div className="drawer-stack">
        <FixDetails fix={fix} />
        <div className="drawer-actions">
          <Button size="xs" variant="default" onClick={() => go(packageFindingsHref(name))}>
            All findings of {name}
          </Button>
        </div>
      </div>
    );
  }
  if (asked.isError) return <Failed doing="load the fix" error={asked.error} onRetry={() => void asked.refetch()} />;
  if (asked.isPending) return <Loading what="the fix" />;
  return <Empty title={`No update of ${name} would close anything`}>It may have been installed since.</Empty>;
}
