// Packages across the fleet.
import { api, dataOf } from "@luumen/api-client";
import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";

import type { PackagesView } from "./view";

const PAGE = 200;

export const packageListQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ["packages", "list", q],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/packages", {
          params: { query: { ...(q && { q }), limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const packageHostsQuery = ({ name, op, version }: PackagesView) =>
  infiniteQueryOptions({
    queryKey: ["packages", "hosts", name, op, version],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/packages/hosts", {
          params: {
            query: {
              name: name ?? "",
              ...(op && version && { op, version }),
              limit: PAGE,
              ...(pageParam && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: name !== null,
  });

/** Names for suggestions; a failed look-up suggests nothing. */
export async function packageNames(q: string): Promise<string[]> {
  const list = await dataOf(api.GET("/packages", { params: { query: { ...(q && { q }), limit: 20 } } })).catch(() => null);
  return [...new Set(list?.items.map(({ name }) => name) ?? [])];
}
