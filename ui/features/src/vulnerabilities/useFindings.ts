// Controller of the list of findings: the view in the URL, the rows behind it, facets, columns, what is selected.
import type { Finding } from "@luumen/api-client";
import { severityWord, type Facet, type SeverityName, type Suggestion } from "@luumen/kit";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";

import { FINDING_COLUMNS, USUAL_COLUMNS } from "./columns";
import { EXPOSURES, FIXES, isChosen, readFilter, SEVERITY_ORDER, toggleValue, type Key } from "./filter";
import { findingFacetsQuery, findingListQuery } from "./queries";
import { suggestFilter } from "./suggest";
import { keyText, type FindingsView, type Params } from "./view";
import { percentWords } from "./words";

const COLUMNS_KEY = "luumen.vulnerabilities.columns";

/** Thresholds that are offered, whether anything reaches them or not. */
const EPSS_STEPS = ["0.01", "0.1", "0.5"];

const FACETS: { name: Key; title: string }[] = [
  { name: "severity", title: "Severity" },
  { name: "kev", title: "Known to be exploited" },
  { name: "epss", title: "EPSS at least" },
  { name: "fix", title: "Fix" },
  { name: "exposure", title: "Exposure" },
  { name: "end_of_life", title: "Support has ended" },
  { name: "os", title: "System" },
  { name: "tag", title: "Tag" },
  { name: "package", title: "Package" },
];

const VALUE_WORDS: Partial<Record<Key, Record<string, string>>> = {
  kev: { yes: "Exploited", no: "Not known to be" },
  fix: { available: "Available", needs_subscription: "Needs a subscription", none: "None published" },
  exposure: { running_kernel: "Running kernel", installed_kernel: "Kernel not running", not_evaluable: "Not evaluable" },
  end_of_life: { yes: "Ended", no: "Supported" },
};

/** The word for a facet's value. */
export function valueWord(key: Key, value: string): string {
  if (key === "severity") return severityWord(value as SeverityName);
  if (key === "epss") return percentWords(Number(value));
  return VALUE_WORDS[key]?.[value] ?? value;
}

/** Facets whose values keep their places whatever their counts. */
const ORDERS: Partial<Record<Key, readonly string[]>> = {
  severity: SEVERITY_ORDER,
  kev: ["yes", "no"],
  fix: FIXES,
  exposure: EXPOSURES,
  end_of_life: ["yes", "no"],
};

const YES_NO: Record<string, string> = { true: "yes", false: "no" };

function storedColumns(): string[] | null {
  const stored = localStorage.getItem(COLUMNS_KEY)?.split(",") ?? [];
  const known = stored.filter((id) => FINDING_COLUMNS.some((column) => column.id === id));
  return known.length > 0 ? known : null;
}

type Counted = { value: string; count?: number }[];

/** Every step with its count; none of it while the server has not answered. */
function epssSteps(counted: Counted | undefined): Counted {
  return EPSS_STEPS.map((value) => ({ value, ...(counted && { count: counted.find((each) => each.value === value)?.count ?? 0 }) }));
}

function drawn(found: Record<string, Counted>, q: string, pinned: Params): Facet[] {
  return FACETS.filter(({ name }) => pinned[name] === undefined)
    .map(({ name, title }) => {
      const counted: Counted = name === "epss" ? epssSteps(found[name]) : (found[name] ?? []);
      const values = counted.map(({ value: written, ...rest }) => {
        const value = YES_NO[written] ?? written;
        return { ...rest, value, word: valueWord(name, value), chosen: isChosen(q, name, value) };
      });
      const order = ORDERS[name];
      if (order) values.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value));
      return { name, title, values };
    })
    .filter((facet) => facet.values.length > 0);
}

export function useFindings(view: FindingsView, onView: (next: FindingsView) => void, pinned: Params) {
  const list = useInfiniteQuery(findingListQuery(view, pinned));
  const facets = useQuery(findingFacetsQuery(view, pinned));
  const [selection, setSelection] = useState<Record<string, boolean>>({});

  // What is selected belongs to the rows of this filter.
  useEffect(() => setSelection({}), [view.q, view.tab]);

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const found = facets.data?.facets;
  const columns = view.columns ?? storedColumns() ?? USUAL_COLUMNS;
  return {
    list,
    rows,
    first: list.data?.pages[0],
    total: list.data?.pages[0]?.total,
    tabs: facets.data?.tabs,
    onEnd,
    columns,
    problems: useMemo(() => readFilter(view.q).problems, [view.q]),
    facets: useMemo(() => drawn(found ?? {}, view.q, pinned), [found, view.q, pinned]),
    suggest: useCallback((term: string): Suggestion[] => suggestFilter(term, (name) => found?.[name] ?? []), [found]),
    selection,
    setSelection,
    selected: rows.filter((finding: Finding) => selection[keyText(finding)]),
    setColumns: (chosen: string[]) => {
      localStorage.setItem(COLUMNS_KEY, chosen.join(","));
      onView({ ...view, columns: chosen });
    },
    toggle: (facet: string, value: string) => onView({ ...view, q: toggleValue(view.q, facet as Key, value), open: null }),
  };
}
