// What the vulnerability screens ask the server, and what they tell it.
import { api, dataOf, type Exception, type Job, type NewException, type UpdateException } from "@luumen/api-client";
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";

import { findingQuery, type FindingsView, type Params } from "./view";

const PAGE = 200;
const MOST = 1000;
const FACTS_MS = 60_000;

export const findingListQuery = (view: FindingsView, pinned: Params) => {
  const query = findingQuery(view, pinned);
  return infiniteQueryOptions({
    queryKey: ["vulnerabilities", "list", query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/vulnerabilities", { params: { query: { ...query, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: FACTS_MS,
  });
};

export const findingFacetsQuery = (view: FindingsView, pinned: Params) => {
  const query = findingQuery(view, pinned);
  return queryOptions({
    queryKey: ["vulnerabilities", "facets", query],
    queryFn: ({ signal }) => dataOf(api.GET("/vulnerabilities/facets", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: FACTS_MS,
  });
};

export const summaryQuery = queryOptions({
  queryKey: ["vulnerabilities", "summary"],
  queryFn: ({ signal }) => dataOf(api.GET("/vulnerabilities/summary", { signal })),
  refetchInterval: FACTS_MS,
});

export const vulnerabilityQuery = (id: string) =>
  queryOptions({
    queryKey: ["vulnerabilities", "one", id],
    queryFn: ({ signal }) => dataOf(api.GET("/vulnerabilities/{id}", { params: { path: { id } }, signal })),
  });

export interface HostsOf {
  package?: string;
  state?: "open" | "excepted" | "not_evaluable" | "resolved";
  q?: string;
}

export const findingHostsQuery = (id: string, which: HostsOf) =>
  infiniteQueryOptions({
    queryKey: ["vulnerabilities", "hosts", id, which],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/vulnerabilities/{id}/hosts", {
          params: { path: { id }, query: { ...which, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export interface HostFindingsOf {
  q?: string;
  severity?: string;
  state?: HostsOf["state"];
  informational?: boolean;
}

export const hostFindingsQuery = (id: string, which: HostFindingsOf) =>
  infiniteQueryOptions({
    queryKey: ["vulnerabilities", "of-host", id, which],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/hosts/{id}/vulnerabilities", {
          params: { path: { id }, query: { ...which, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    // A host is judged a while after it was visited, and nothing else on its page says when.
    refetchInterval: FACTS_MS,
  });

export interface FixesOf {
  q?: string;
  severity?: string;
  kev?: boolean;
  os?: string;
  tag?: string;
  sort?: "priority" | "findings" | "hosts" | "package";
}

export const fixListQuery = (which: FixesOf) =>
  infiniteQueryOptions({
    queryKey: ["vulnerabilities", "fixes", which],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/vulnerabilities/fixes", { params: { query: { ...which, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

/** The update of one package, if it has one. */
export const fixOfQuery = (name: string) =>
  queryOptions({
    queryKey: ["vulnerabilities", "fix-of", name],
    queryFn: async ({ signal }) => {
      const list = await dataOf(api.GET("/vulnerabilities/fixes", { params: { query: { q: name, limit: MOST } }, signal }));
      return list.items.find((fix) => fix.package === name) ?? null;
    },
  });

export const trendQuery = (days: number) =>
  queryOptions({
    queryKey: ["vulnerabilities", "trend", days],
    queryFn: ({ signal }) => dataOf(api.GET("/vulnerabilities/trend", { params: { query: { days } }, signal })),
    placeholderData: keepPreviousData,
  });

/** Every exception: there are few, and a person searches in all of them. */
export const exceptionsQuery = queryOptions({
  queryKey: ["exceptions"],
  queryFn: async ({ signal }) => {
    const found: Exception[] = [];
    let cursor: string | undefined;
    do {
      const page = await dataOf(api.GET("/exceptions", { params: { query: { limit: MOST, ...(cursor && { cursor }) } }, signal }));
      found.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor);
    return found;
  },
});

export function createException(exception: NewException): Promise<Exception> {
  return dataOf(api.POST("/exceptions", { body: exception }));
}

export function updateException(id: string, change: UpdateException): Promise<Exception> {
  return dataOf(api.PATCH("/exceptions/{id}", { params: { path: { id } }, body: change }));
}

export async function deleteException(id: string): Promise<void> {
  await api.DELETE("/exceptions/{id}", { params: { path: { id } } });
}

export const feedsQuery = queryOptions({
  queryKey: ["feeds"],
  queryFn: ({ signal }) => dataOf(api.GET("/feeds", { signal })),
  refetchInterval: FACTS_MS,
});

export function isUnderWay(job: Job | null | undefined): boolean {
  return job?.state === "queued" || job?.state === "running";
}

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: ({ signal }) => dataOf(api.GET("/jobs/{id}", { params: { path: { id } }, signal })),
    // A job that goes on is watched.
    refetchInterval: ({ state }) => (!state.data || isUnderWay(state.data) ? 1000 : false),
  });

export function refreshFeeds(): Promise<Job> {
  return dataOf(api.POST("/feeds/refresh"));
}

// The server counts anew in a job, moments after it has answered.
const COUNTED_ANEW_MS = [3000, 8000];

/** Whatever was decided or read anew changes every list, at once and when it was counted. */
export function refreshAll(client: QueryClient): void {
  const refresh = () => {
    for (const key of ["vulnerabilities", "exceptions", "feeds", "overview", "hosts"]) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
  refresh();
  for (const after of COUNTED_ANEW_MS) setTimeout(refresh, after);
}
