// The keys of the app: parts say which keys they answer to, and `?` lists them all.
import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from "react";

import { isWriting, matchPress, pressName } from "./match";

export interface KeyBinding {
  /** `j`, `mod+k`, `g h`, `?`. */
  keys: string;
  /** What it does, as the list of keys says it. */
  label: string;
  run: () => void;
  /** Also while a person writes in a field. */
  whileWriting?: boolean;
}

interface Registry {
  add: (bindings: KeyBinding[]) => () => void;
  all: () => KeyBinding[];
}

const KeysContext = createContext<Registry | null>(null);

const SEQUENCE_MS = 1200;

function useRegistry(): Registry {
  const registry = useContext(KeysContext);
  if (!registry) throw new Error("keys need a KeysProvider around them");
  return registry;
}

/** Answers to keys for as long as the part is on the screen. */
export function useKeys(bindings: KeyBinding[]): void {
  const { add } = useRegistry();
  const latest = useRef(bindings);
  latest.current = bindings;
  const signature = bindings.map((binding) => binding.keys).join("|");
  useEffect(() => {
    const stable = latest.current.map((binding, index) => ({
      ...binding,
      run: () => latest.current[index]?.run(),
    }));
    return add(stable);
  }, [add, signature]);
}

/** Every key that works just now. */
export function useAllKeys(): () => KeyBinding[] {
  return useRegistry().all;
}

export function KeysProvider({ children }: { children: ReactNode }) {
  const sets = useRef<KeyBinding[][]>([]);

  const registry = useMemo<Registry>(
    () => ({
      add: (bindings) => {
        sets.current = [...sets.current, bindings];
        return () => {
          sets.current = sets.current.filter((set) => set !== bindings);
        };
      },
      all: () => sets.current.flat(),
    }),
    [],
  );

  useEffect(() => {
    let pending = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return;
      const dialogOpen = document.querySelector('[role="dialog"]') !== null;
      // The part that came last answers first.
      const live = registry
        .all()
        .reverse()
        .filter((binding) => binding.whileWriting || !(isWriting(event.target) || dialogOpen));
      const matched = matchPress(live.map((binding) => binding.keys), pending, pressName(event));
      pending = matched.pending;
      clearTimeout(timer);
      timer = setTimeout(() => (pending = ""), SEQUENCE_MS);
      if (matched.keys === null) return;
      event.preventDefault();
      live.find((binding) => binding.keys === matched.keys)?.run();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      clearTimeout(timer);
    };
  }, [registry]);

  return <KeysContext.Provider value={registry}>{children}</KeysContext.Provider>;
}
