// Controller of what is done with many hosts at once: which they are, how far it is, and which it could not be done with.
import { ApiError, type HostSummary } from "@luumen/api-client";
import { exactCount, notifyDone, notifyFailed, plural, useConfirm } from "@luumen/kit";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { inTurn, madeWords } from "./inTurn";
import { addTags, allHosts, deleteHost, updateHost } from "./queries";
import { useStop } from "./useStop";
import type { HostsView } from "./view";
import { namedHosts } from "./words";

/** The same act in the words that it needs: `Deleting`, `Deleted`, and `delete` as in "could not delete". */
interface Words {
  doing: string;
  done: string;
  act: string;
}

export interface Choice {
  view: HostsView;
  /** The ids that are selected, and those of them that are in the table. */
  selection: Readonly<Record<string, boolean>>;
  selected: HostSummary[];
  /** Selects others in their place. */
  onSelect: (ids: string[]) => void;
}

/** Hosts that were found by themselves; they count until something else is selected or looked for. */
interface Found {
  by: string;
  hosts: HostSummary[];
}

const keyOf = (q: string, ids: string[]): string => JSON.stringify([q, ids.sort()]);

export function useBulk({ view, selection, selected, onSelect }: Choice) {
  const client = useQueryClient();
  const confirm = useConfirm();
  const { begin, stop } = useStop();
  const [progress, setProgress] = useState<string | null>(null);
  const [stopping, setStopping] = useState(false);
  const [finding, setFinding] = useState(false);
  // All that matched when it was asked: what comes to match later was not seen by whoever agrees, and is left alone.
  const [found, setFound] = useState<Found | null>(null);
  const key = keyOf(view.q, Object.keys(selection).filter((id) => selection[id]));
  // Let go of: the same rows selected once more later are only these rows.
  useEffect(() => setFound((now) => (now && now.by !== key ? null : now)), [key, found]);
  const isAll = found?.by === key;
  const hosts = found?.by === key ? found.hosts : selected;

  const selectAll = async () => {
    setFinding(true);
    try {
      setFound({ by: key, hosts: await allHosts(view) });
    } catch (error) {
      notifyFailed("find the hosts", error);
    } finally {
      setFinding(false);
    }
  };

  const forEach = async (these: readonly HostSummary[], { doing, done, act }: Words, run: (host: HostSummary) => Promise<unknown>) => {
    const told = (finished: number) => setProgress(`${doing}: ${exactCount(finished)} of ${exactCount(these.length)}`);
    setStopping(false);
    told(0);
    const { failed, left: notBegun } = await inTurn(these, run, told, begin());
    setProgress(null);
    const made = these.length - failed.length - notBegun.length;
    if (made > 0) notifyDone(madeWords(done, made, these.length, "host"));
    if (failed.length > 0) notifyFailed(`${act} ${namedHosts(failed.map(({ item }) => item.name))}`, failed[0]?.error);
    // Those that it was not done with stay selected, to be looked at or tried again.
    const left = [...failed.map(({ item }) => item), ...notBegun];
    onSelect(left.map(({ id }) => id));
    setFound(left.length > 0 ? { by: keyOf(view.q, left.map(({ id }) => id)), hosts: left } : null);
    void client.invalidateQueries({ queryKey: ["hosts"] });
    void client.invalidateQueries({ queryKey: ["overview"] });
  };

  return {
    hosts,
    progress,
    stopping,
    stop: () => {
      setStopping(true);
      stop();
    },
    finding,
    isAll,
    selectAll,
    selectOnlyPicked: () => setFound(null),
    tag: (tags: string[]) => forEach(hosts, { doing: "Tagging", done: "Tagged", act: "tag" }, ({ id }) => addTags(id, tags)),
    enable: () => forEach(hosts, { doing: "Enabling", done: "Enabled", act: "enable" }, ({ id }) => updateHost(id, { enabled: true })),
    disable: () => forEach(hosts, { doing: "Disabling", done: "Disabled", act: "disable" }, ({ id }) => updateHost(id, { enabled: false })),
    remove: async () => {
      const count = plural(hosts.length, "host");
      const agreed = await confirm({
        title: `Delete ${count}?`,
        body: "Their snapshots and their history are deleted too. This cannot be undone. The servers themselves are not touched.",
        action: `Delete ${count}`,
      });
      if (agreed) await forEach(hosts, { doing: "Deleting", done: "Deleted", act: "delete" }, ({ id }) => deleteIfThere(id));
    },
  };
}

/** A host that somebody else has deleted meanwhile is gone, as was wished. */
async function deleteIfThere(id: string): Promise<void> {
  try {
    await deleteHost(id);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
