// A host as it is now, for a form that writes it back whole.
import type { contract } from "@luumen/backend";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { useDesk } from "../desk/context";

/**
 * Read anew for each form that is opened. A form keeps what it began with: begun with an answer of before, it would
 * write that over what was changed since, such as tags that were put on several hosts at once.
 */
export function useHostToChange(id: contract.Id) {
  const { backend } = useDesk();
  const form = useId();
  return useQuery({ queryKey: ["host_get", { id }, form], queryFn: () => backend.call("host_get", { id }), staleTime: 0, gcTime: 0 });
}
