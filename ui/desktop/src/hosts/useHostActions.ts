// What can be done with hosts, from the tree and from the table alike; what is taken away can be taken back.
import type { contract } from "@luumen/backend";
import { notifyDone, notifyUndo, plural, useConfirm } from "@luumen/kit";
import { useMemo } from "react";

import { useDesk, useDo, useReadAgain } from "../desk/context";

export function useHostActions() {
  const desk = useDesk();
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  return useMemo(() => {
    const again = () => readAgain("hosts_tree", "host_get");
    const undo = (message: string, id: contract.Id) =>
      notifyUndo(message, async () => {
        await desk.backend.call("undo", { undo: id });
        again();
      });
    return {
      undo,
      again,
      connect: (hosts: readonly contract.Host[]) => hosts.forEach(({ id, name }) => desk.connect({ host: id, title: name })),
      remove: async (hosts: readonly contract.Host[]) => {
        if (hosts.length === 0) return;
        const done = await act("delete", "hosts_delete", { ids: hosts.map(({ id }) => id) });
        again();
        if (done) undo(hosts.length === 1 ? `Deleted ${hosts[0]?.name}` : `Deleted ${plural(hosts.length, "host")}`, done.answer.undo);
      },
      move: async (hosts: readonly contract.Host[], group: contract.Id | null, name: string) => {
        const moved = hosts.filter((host) => host.group !== group);
        if (moved.length === 0) return;
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
        if (done) notifyDone(`Tagged ${plural(hosts.length, "host")}`);
      },
      removeGroup: async (group: contract.Group, held: number) => {
        const sure =
          held === 0 ||
          (await confirm({
            title: `Delete the group ${group.name}?`,
            body: `Its ${plural(held, "host")} ${held === 1 ? "stays and moves" : "stay and move"} one group up, and no longer inherit its settings. This can be taken back.`,
            action: "Delete the group",
          }));
        if (!sure) return;
        const done = await act("delete the group", "group_delete", { id: group.id, hosts: "move_up" });
        again();
        if (done) undo(`Deleted the group ${group.name}`, done.answer.undo);
      },
    };
  }, [desk, act, readAgain, confirm]);
}
