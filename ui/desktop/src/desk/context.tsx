// How a screen reaches the desk and asks the workbench.
import type { Answer, Args, CallName } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useState } from "react";

import type { Desk } from "./desk";

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk needs a DeskProvider around it");
  return desk;
}

/** What the workbench answers; read again when it says that it changed. */
export function useCall<N extends CallName>(name: N, args: Args<N>, enabled = true): UseQueryResult<Answer<N>> {
  const { backend } = useDesk();
  return useQuery({ queryKey: [name, args], queryFn: () => backend.call(name, args), enabled }) as UseQueryResult<Answer<N>>;
}

/** A function that asks the workbench to do something, and says when it could not. Answers undefined then. */
export function useDo() {
  const { backend } = useDesk();
  return useCallback(
    async <N extends CallName>(doing: string, name: N, args: Args<N>): Promise<{ answer: Answer<N> } | undefined> => {
      try {
        return { answer: await backend.call(name, args) };
      } catch (error) {
        notifyFailed(doing, error);
        return undefined;
      }
    },
    [backend],
  );
}

/** For forms: the failure stays where it can be read, and `busy` is true meanwhile. */
export function useAttempt() {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useCallback(async <T,>(work: () => Promise<T>): Promise<{ answer: T } | undefined> => {
    setBusy(true);
    setError(null);
    try {
      return { answer: await work() };
    } catch (thrown) {
      setError(thrown);
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);
  return { attempt, busy, error, clear: () => setError(null) };
}

/** Reads some lists again at once. */
export function useReadAgain() {
  const queries = useQueryClient();
  return useCallback(
    (...names: CallName[]) => names.forEach((name) => void queries.invalidateQueries({ queryKey: [name] })),
    [queries],
  );
}
