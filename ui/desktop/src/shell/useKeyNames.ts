// The keys that are in force, as they are written for people.
import { useMemo } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { bindingsOf, type ActionId, type Bindings } from "../keys/actions";
import { platformOf, writtenChord, type Platform } from "../keys/chords";

export const PLATFORM: Platform = platformOf(navigator.userAgent);

export function useBindings(): Bindings {
  const desk = useDesk();
  const own = useStore(desk.preferences, ({ keys }) => keys);
  return useMemo(() => bindingsOf(own, PLATFORM), [own]);
}

export function writtenKeys(keys: string): string[] {
  return keys.split(" ").flatMap((chord) => writtenChord(chord, PLATFORM));
}

/** The keys of an action in one word, empty when it has none. */
export function useKeyNames(): (action: ActionId) => string {
  const bindings = useBindings();
  return (action) => writtenKeys(bindings.get(action) ?? "").join(PLATFORM === "mac" ? "" : " ").trim();
}
