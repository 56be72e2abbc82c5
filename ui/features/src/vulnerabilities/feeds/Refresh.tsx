// Fetches the feeds now, and shows how far it is.
import type { Job } from "@luumen/api-client";
import { notifyDone, notifyFailed, StateMark } from "@luumen/kit";
import { Button, Progress } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { useMay } from "../../session";
import { isUnderWay, jobQuery, refreshAll, refreshFeeds } from "../queries";
import { jobToWatch, percentDone, progressWords } from "./words";

/** `going` is the refresh that the server says is under way. */
export function Refresh({ going }: { going: Job | null }) {
  const client = useQueryClient();
  const mayRefresh = useMay("write_feeds");
  // Kept when it is over: how it ended is told after the server has forgotten it.
  const [watched, setWatched] = useState<Job | null>(null);
  const latest = jobToWatch(watched, going);
  if (latest?.id !== watched?.id) setWatched(latest);
  const asked = useQuery({ ...jobQuery(latest?.id ?? ""), enabled: latest !== null });
  // One that cannot be asked for goes on only as long as the server says so.
  const job = asked.data ?? (asked.isError ? going : latest);
  const begin = useMutation({
    mutationFn: refreshFeeds,
    onSuccess: (started) => {
      client.setQueryData(jobQuery(started.id).queryKey, started);
      setWatched(started);
    },
    onError: (error) => notifyFailed("refresh the feeds", error),
  });

  const [id, state] = [job?.id, job?.state];
  useEffect(() => {
    if (state !== "done" && state !== "failed") return;
    if (state === "done") notifyDone("The feeds were read and the catalogue is built");
    refreshAll(client);
  }, [client, id, state]);

  const running = isUnderWay(job);
  return (
    <div className="refresh">
      {running && job && <HowFar job={job} />}
      {job?.state === "failed" && <StateMark tone="failed" word={`The last refresh failed: ${job.error ?? "it does not say why"}`} />}
      {mayRefresh && (
        <Button
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={begin.isPending}
          disabled={running}
          onClick={() => begin.mutate()}
        >
          Refresh now
        </Button>
      )}
    </div>
  );
}

function HowFar({ job }: { job: Job }) {
  const percent = percentDone(job);
  const words = progressWords(job);
  return (
    <div className="refresh-progress" role="status">
      <StateMark tone="running" word={words} />
      {percent !== null && <Progress value={percent} size="sm" aria-label={words} />}
    </div>
  );
}
