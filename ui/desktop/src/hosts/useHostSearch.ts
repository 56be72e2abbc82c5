// The search of the workbench, as the tree, the table and the palette ask it.
import type { contract } from "@luumen/backend";
import type { Suggestion } from "@luumen/kit";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { useDesk } from "../desk/context";

/** What the search understands, in one line. */
export const SEARCH_HINT = 'Words, or tag: group: env: os: user: address: · -word leaves out · "two words"';

/** The hosts that fit, once it is known which; `failed` says why it is not. Nothing typed fits all of them. */
export function useHostSearch(typed: string, hosts: readonly contract.Host[]): { found: contract.Host[] | null; failed: unknown } {
  const { backend } = useDesk();
  const text = typed.trim();
  const answer = useQuery({
    // A host that was changed may fit from then on.
    queryKey: ["hosts_search", { text }, hosts],
    queryFn: () => backend.call("hosts_search", { text }),
    enabled: text !== "",
    // What was found before stays until the next answer, and nothing flickers.
    placeholderData: keepPreviousData,
  });
  const found = useMemo(() => {
    if (text === "") return [...hosts];
    if (!answer.data) return null;
    const ids = new Set(answer.data);
    return hosts.filter(({ id }) => ids.has(id));
  }, [text, hosts, answer.data]);
  return { found, failed: text === "" ? null : answer.error };
}

/** What the word under the caret could become. Without an answer the field is what it is. */
export function useHostSuggestions(): (term: string) => Promise<Suggestion[]> {
  const { backend } = useDesk();
  return useCallback((term: string) => backend.call("hosts_suggest", { text: term }).catch(() => []), [backend]);
}
