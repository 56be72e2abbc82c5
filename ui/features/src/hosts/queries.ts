// What the hosts screens ask the server, and what they tell it.
import {
  api,
  dataOf,
  type Host,
  type HostSummary,
  type ImportReport,
  type NewHost,
  type UpdateHost,
} from "@luumen/api-client";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { HostsView } from "./view";

const PAGE = 500;
const MOST = 1000;
/** How often what stands on one page is read anew: all of it together, so that it is of one moment. */
const ANEW_MS = 60_000;

type ListView = Pick<HostsView, "q" | "sort" | "descending">;

export const hostListQuery = ({ q, sort, descending }: ListView) =>
  infiniteQueryOptions({
    queryKey: ["hosts", "list", q, sort, descending],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/hosts", {
          params: { query: { ...(q && { q }), sort, descending, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ANEW_MS,
  });

export const hostFacetsQuery = (q: string) =>
  queryOptions({
    queryKey: ["hosts", "facets", q],
    queryFn: ({ signal }) => dataOf(api.GET("/hosts/facets", { params: { query: q ? { q } : {} }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ANEW_MS,
  });

export const hostQuery = (id: string) =>
  queryOptions({
    queryKey: ["hosts", "one", id],
    queryFn: ({ signal }) => dataOf(api.GET("/hosts/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ANEW_MS,
  });

/** Every host that a filter matches, for actions on all of them. */
export async function allHosts(view: ListView): Promise<HostSummary[]> {
  const found: HostSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await dataOf(
      api.GET("/hosts", {
        params: {
          query: {
            ...(view.q && { q: view.q }),
            sort: view.sort,
            descending: view.descending,
            limit: MOST,
            ...(cursor && { cursor }),
          },
        },
      }),
    );
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return found;
}

/** Where the same list is to be had as CSV. */
export function csvHref({ q, sort, descending }: ListView): string {
  return `/api/v1/hosts.csv?${new URLSearchParams({ ...(q && { q }), sort, descending: String(descending) })}`;
}

export function addHost(host: NewHost): Promise<Host> {
  return dataOf(api.POST("/hosts", { body: host }));
}

export function updateHost(id: string, change: UpdateHost): Promise<Host> {
  return dataOf(api.PATCH("/hosts/{id}", { params: { path: { id } }, body: change }));
}

/** Adds tags to those that the host has now. A list may be old, and written back it would undo what others have changed since. */
export async function addTags(id: string, tags: readonly string[]): Promise<void> {
  const { summary } = await dataOf(api.GET("/hosts/{id}", { params: { path: { id } } }));
  const missing = tags.filter((tag) => !summary.tags.includes(tag));
  if (missing.length > 0) await updateHost(id, { tags: [...summary.tags, ...missing] });
}

export async function deleteHost(id: string): Promise<void> {
  await api.DELETE("/hosts/{id}", { params: { path: { id } } });
}

export function importHosts(csv: string, how: { dry_run: boolean; update: boolean }): Promise<ImportReport> {
  return dataOf(
    api.POST("/hosts/import", {
      params: { query: how },
      body: csv,
      bodySerializer: (text: string) => text,
      headers: { "content-type": "text/csv" },
    }),
  );
}
