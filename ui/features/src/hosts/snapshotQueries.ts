// A host's history: visits, snapshots, and what changed between two.
import { api, dataOf, type SnapshotDiff } from "@luumen/api-client";
import { infiniteQueryOptions, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

const PAGE = 100;

/** Which snapshot of a host: one by its id, the newest at a moment, or the newest of all. */
export interface Which {
  snapshot: string | null;
  asOf: string | null;
}

export const snapshotQuery = (host: string, which: Which) =>
  queryOptions({
    queryKey: ["hosts", "snapshot", host, which.snapshot, which.asOf],
    queryFn: ({ signal }) =>
      which.snapshot
        ? dataOf(
            api.GET("/hosts/{id}/snapshots/{snapshot_id}", {
              params: { path: { id: host, snapshot_id: which.snapshot } },
              signal,
            }),
          )
        : dataOf(
            api.GET("/hosts/{id}/snapshot", {
              params: { path: { id: host }, query: which.asOf ? { as_of: which.asOf } : {} },
              signal,
            }),
          ),
  });

export const historyQuery = (host: string) =>
  infiniteQueryOptions({
    queryKey: ["hosts", "history", host],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/hosts/{id}/snapshots", {
          params: { path: { id: host }, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const diffQuery = (host: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["hosts", "diff", host, from, to],
    queryFn: ({ signal }): Promise<SnapshotDiff> =>
      dataOf(api.GET("/hosts/{id}/diff", { params: { path: { id: host }, query: { from, to } }, signal })),
    staleTime: Infinity,
  });

/** Reads all of a host's page anew once its head tells of a newer snapshot: below it would stand what the head says no more. */
export function useFollowNewest(host: string, newest: string | null | undefined): void {
  const client = useQueryClient();
  const seen = useRef(newest);
  useEffect(() => {
    if (seen.current === newest) return;
    seen.current = newest;
    for (const key of [["hosts", "snapshot", host], ["hosts", "history", host], ["vulnerabilities", "of-host", host]]) {
      void client.invalidateQueries({ queryKey: key });
    }
  }, [client, host, newest]);
}
