// Agents, and the rounds of visits that they make.
import { api, dataOf } from "@luumen/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: ({ signal }) => dataOf(api.GET("/agents", { signal })),
  refetchInterval: 20_000,
});

export const runsQuery = infiniteQueryOptions({
  queryKey: ["runs", "list"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) =>
    dataOf(api.GET("/runs", { params: { query: { limit: 100, ...(pageParam && { cursor: pageParam }) } }, signal })),
  getNextPageParam: (last) => last.next ?? undefined,
  refetchInterval: 20_000,
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => dataOf(api.GET("/runs/{id}", { params: { path: { id } }, signal })),
    // A run that goes on is watched.
    refetchInterval: ({ state }) => (state.data?.summary.state === "running" ? 3000 : false),
  });
