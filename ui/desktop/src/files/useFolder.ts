// The folder that a side of a session shows. Page and panel share it, and whoever comes back finds it.
import type { contract } from "@luumen/backend";
import { useCallback } from "react";

import { useDesk } from "../desk/context";
import { useStore, withEntry } from "../desk/store";

export function useFolder(session: contract.Id, side: "local" | "remote"): [string | undefined, (path: string) => void] {
  const { folders } = useDesk();
  const key = `${side} ${session}`;
  const path = useStore(folders, (folders) => folders.get(key));
  const go = useCallback((path: string) => folders.set((folders) => withEntry(folders, key, path)), [folders, key]);
  return [path, go];
}
