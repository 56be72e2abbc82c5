// The files connection of a session: opened once, shared by the page and the panel, closed with the session.
import type { contract } from "@luumen/backend";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { useDesk } from "../desk/context";

export interface Opened {
  files: contract.Id;
  home: string;
}

export function useFiles(session: contract.Session | null): UseQueryResult<Opened> {
  const { backend } = useDesk();
  return useQuery({
    queryKey: ["files_open", session?.id, session?.opened_at],
    queryFn: () => backend.call("files_open", { session: session?.id ?? "" }),
    enabled: session?.state === "open",
    staleTime: Infinity,
    gcTime: Infinity,
  });
}
