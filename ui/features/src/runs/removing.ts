// Takes an agent that is silent for good from the list, after a question.
import type { Agent } from "@luumen/api-client";
import { notifyDone, notifyFailed, useConfirm } from "@luumen/kit";
import { useQueryClient } from "@tanstack/react-query";

import { useMay } from "../session";
import { removeAgent } from "./queries";

/** What removes an agent; nothing for whoever may not. */
export function useRemoveAgent(): ((agent: Agent) => void) | undefined {
  const client = useQueryClient();
  const confirm = useConfirm();
  const may = useMay("write_agents");
  const remove = async ({ id, name }: Agent) => {
    const agreed = await confirm({
      title: `Remove ${name}?`,
      body: "It is no longer listed and no longer counts as silent. Its runs and its hosts stay, and it is here again as soon as it speaks. Its API key still works; revoke it under Settings.",
      action: `Remove ${name}`,
    });
    if (!agreed) return;
    try {
      await removeAgent(id);
      notifyDone(`${name} is removed`);
    } catch (error) {
      notifyFailed(`remove ${name}`, error);
    }
    for (const queryKey of [["agents"], ["overview"]]) void client.invalidateQueries({ queryKey });
  };
  return may ? (agent) => void remove(agent) : undefined;
}
