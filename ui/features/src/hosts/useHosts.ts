// Controller of the host list: the view in the URL, the rows behind it, what is selected.
import type { HostSummary } from "@luumen/api-client";
import { hasTerm, quoted, toggleTerm, type Facet } from "@luumen/kit";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";

import { HOST_COLUMNS, USUAL_COLUMNS } from "./columns";
import { hostFacetsQuery, hostListQuery } from "./queries";
import { serverSources, suggestTerms } from "./suggest";
import type { HostsView } from "./view";
import { HOST_STATES, STATE_ORDER } from "./words";

const COLUMNS_KEY = "luumen.hosts.columns";

/** The term that stands for a facet's value. */
const FACETS: { name: string; title: string; term: (value: string) => string }[] = [
  { name: "state", title: "State", term: (value) => `state:${value}` },
  { name: "os", title: "System", term: (value) => `os:${quoted(value)}` },
  { name: "os_version", title: "Release", term: (value) => `os_version:${quoted(value)}` },
  { name: "arch", title: "Architecture", term: (value) => `arch:${quoted(value)}` },
  { name: "tag", title: "Tag", term: (value) => `tag:${quoted(value)}` },
  { name: "reboot_required", title: "Reboot required", term: (value) => `reboot_required:${value}` },
];

const YES_NO: Record<string, string> = { true: "Yes", false: "No", unknown: "Not known" };

function storedColumns(): string[] | null {
  const stored = localStorage.getItem(COLUMNS_KEY)?.split(",") ?? [];
  const known = stored.filter((id) => HOST_COLUMNS.some((column) => column.id === id));
  return known.length > 0 ? known : null;
}

export function useHosts(view: HostsView, onView: (next: HostsView) => void) {
  const list = useInfiniteQuery(hostListQuery(view));
  const facets = useQuery(hostFacetsQuery(view.q));
  const [selection, setSelection] = useState<Record<string, boolean>>({});

  // What is selected belongs to the rows of this filter.
  useEffect(() => setSelection({}), [view.q]);

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total;
  const unknown = list.data?.pages[0]?.unknown_host_count ?? 0;
  const columns = view.columns ?? storedColumns() ?? USUAL_COLUMNS;

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const found = facets.data?.facets;
  const drawn: Facet[] = useMemo(
    () =>
      FACETS.map(({ name, title, term }) => {
        const values = (found?.[name] ?? []).map(({ value, count }) => ({
          value,
          count,
          word: wordOf(name, value),
          chosen: hasTerm(view.q, term(value)),
        }));
        if (name === "state") values.sort((a, b) => rankOf(a.value) - rankOf(b.value));
        return { name, title, values };
      }).filter((facet) => facet.values.length > 0),
    [found, view.q],
  );

  const suggest = useCallback(
    (term: string) => suggestTerms(term, { ...serverSources, facet: (name) => found?.[name] ?? [] }),
    [found],
  );

  return {
    list,
    rows,
    total,
    unknown,
    onEnd,
    columns,
    facets: drawn,
    suggest,
    selection,
    setSelection,
    selected: rows.filter((host: HostSummary) => selection[host.id]),
    setColumns: (chosen: string[]) => {
      localStorage.setItem(COLUMNS_KEY, chosen.join(","));
      onView({ ...view, columns: chosen });
    },
    toggleFacet: (facet: string, value: string) => {
      const term = FACETS.find((each) => each.name === facet)?.term(value);
      if (term) onView({ ...view, q: toggleTerm(view.q, term) });
    },
  };
}

function wordOf(facet: string, value: string): string {
  if (facet === "state") return HOST_STATES[value as keyof typeof HOST_STATES]?.word ?? value;
  if (facet === "reboot_required") return YES_NO[value] ?? value;
  return value;
}

function rankOf(state: string): number {
  return STATE_ORDER.findIndex((each) => each === state);
}
