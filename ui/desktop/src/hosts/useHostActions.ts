// What can be done with hosts, from the tree and from the table alike; what is taken away can be taken back.
import { CallError, type contract } from "@luumen/backend";
import { notifyDone, notifyFailed, notifyUndo, plural, useConfirm } from "@luumen/kit";
import { useQueryClient } from "@tanstack/react-query";
import { createElement, useMemo } from "react";

import { useDesk, useDo, useReadAgain } from "../desk/context";
import { GroupFate, lendingWords } from "./GroupFate";
import { hostsInside, lendingIn, lendingWithout } from "./rows";

/** Other hosts are reached through what was to be deleted. */
const WAY_USED = "LUM-HOST-JUMP-USED";

export function useHostActions() {
  const desk = useDesk();
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const queries = useQueryClient();
  return useMemo(() => {
    const again = () => readAgain("hosts_tree", "host_get");
    const undo = (message: string, id: contract.Id) =>
      notifyUndo(message, async () => {
        await desk.backend.call("undo", { undo: id });
        again();
      });
    /** Deletes, and asks before hosts that stay lose the way that leads through what goes. */
    const deleted = async (what: string, work: (ways: { shorten_ways?: boolean }) => Promise<contract.Undo>): Promise<contract.Undo | undefined> => {
      try {
        return await work({}).catch(async (error: unknown) => {
          if (!(error instanceof CallError) || error.problem.code !== WAY_USED) throw error;
          const sure = await confirm({
            title: `Delete ${what}?`,
            body: `At the moment ${error.problem.detail}. Once that is deleted, the way there leads without it: perhaps straight there, perhaps nowhere. This can be taken back.`,
            action: "Delete it all the same",
          });
          return sure ? work({ shorten_ways: true }) : undefined;
        });
      } catch (error) {
        notifyFailed("delete", error);
        return undefined;
      }
    };
    return {
      undo,
      again,
      connect: (hosts: readonly contract.Host[]) => hosts.forEach(({ id, name }) => desk.connect({ host: id, title: name })),
      remove: async (hosts: readonly contract.Host[]) => {
        if (hosts.length === 0) return;
        const what = hosts.length === 1 ? (hosts[0]?.name ?? "") : plural(hosts.length, "host");
        const done = await deleted(what, (ways) => desk.backend.call("hosts_delete", { ids: hosts.map(({ id }) => id), ...ways }));
        again();
        if (done) undo(`Deleted ${what}`, done.undo);
      },
      move: async (hosts: readonly contract.Host[], group: contract.Id | null, name: string) => {
        const moved = hosts.filter((host) => host.group !== group);
        if (moved.length === 0) return;
        const lending = lendingIn(group, queries.getQueryData<contract.HostsTree>(["hosts_tree", {}])?.groups ?? [], moved);
        const lends =
          lending.length === 0 ||
          (await confirm({
            title: "Lend your agent?",
            body: `Agent forwarding is on in ${name}: ${lendingWords(lending)} will lend your agent with the next connection. Whoever is root there can use its keys for as long as you are connected.`,
            action: "Move and lend it",
          }));
        if (!lends) return;
        const done = await act("move", "hosts_move", { ids: moved.map(({ id }) => id), group });
        again();
        if (!done) return;
        // Each goes back to where it was.
        const before = new Map<contract.Id | null, contract.Id[]>();
        for (const host of moved) before.set(host.group, [...(before.get(host.group) ?? []), host.id]);
        notifyUndo(`Moved ${moved.length === 1 ? moved[0]?.name : plural(moved.length, "host")} to ${name}`, async () => {
          for (const [from, ids] of before) await desk.backend.call("hosts_move", { ids, group: from });
          again();
        });
      },
      tag: async (hosts: readonly contract.Host[], add: string[], remove: string[]) => {
        const done = await act("tag", "hosts_tag", { ids: hosts.map(({ id }) => id), add, remove });
        again();
        if (done) notifyDone(add.length > 0 ? `Tagged ${plural(hosts.length, "host")}` : `Took tags off ${plural(hosts.length, "host")}`);
      },
      removeGroup: async (group: contract.Group, counted: number) => {
        // A tree that is narrowed counts only what fits; what goes with the group is all that is inside.
        const tree = queries.getQueryData<contract.HostsTree>(["hosts_tree", {}]);
        const held = tree ? hostsInside(group.id, tree.groups, tree.hosts).length : counted;
        const lending = tree ? lendingWithout(group, tree.groups, tree.hosts) : [];
        const fate: { hosts: contract.GroupHosts } = { hosts: "move_up" };
        const sure =
          held === 0 ||
          (await confirm({
            title: `Delete the group ${group.name}?`,
            body: createElement(GroupFate, { held, lending, onChange: (next: contract.GroupHosts) => (fate.hosts = next) }),
            action: "Delete the group",
          }));
        if (!sure) return;
        const what = fate.hosts === "delete" ? `the group ${group.name} with ${plural(held, "host")}` : `the group ${group.name}`;
        const done = await deleted(what, (ways) => desk.backend.call("group_delete", { id: group.id, hosts: fate.hosts, ...ways }));
        again();
        if (done) undo(`Deleted ${what}`, done.undo);
      },
    };
  }, [desk, act, readAgain, confirm, queries]);
}
