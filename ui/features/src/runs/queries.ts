// Agents, and the rounds of visits that they make.
import { api, dataOf } from "@luumen/api-client";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { runsAsked, type AgentsView } from "./view";

const PAGE = 100;

export const agentsQuery = ({ q, agents: state }: Pick<AgentsView, "q" | "agents">) =>
  queryOptions({
    queryKey: ["agents", q, state],
    queryFn: ({ signal }) => dataOf(api.GET("/agents", { params: { query: { ...(q && { q }), ...(state && { state }) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 20_000,
  });

/** Every agent, whatever is searched for. */
export const allAgentsQuery = agentsQuery({ q: "", agents: null });

export async function removeAgent(id: string): Promise<void> {
  await api.DELETE("/agents/{id}", { params: { path: { id } } });
}

export const runsQuery = (view: Pick<AgentsView, "q" | "runs">) =>
  infiniteQueryOptions({
    queryKey: ["runs", "list", view.q, view.runs],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/runs", { params: { query: { ...runsAsked(view), limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 20_000,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => dataOf(api.GET("/runs/{id}", { params: { path: { id } }, signal })),
    // A run that goes on is watched.
    refetchInterval: ({ state }) => (state.data?.summary.state === "running" ? 3000 : false),
  });
