// What a person chose about the look: theme and density, kept in this browser.
import { useMantineColorScheme } from "@mantine/core";
import { useSyncExternalStore } from "react";

export type Scheme = "auto" | "light" | "dark";
export type Density = "compact" | "comfortable";

const DENSITY_KEY = "luumen.density";
const listeners = new Set<() => void>();

function storedDensity(): Density {
  return localStorage.getItem(DENSITY_KEY) === "comfortable" ? "comfortable" : "compact";
}

/** Puts the density on the document; call it once before the first render. */
export function applyDensity(density: Density = storedDensity()): void {
  document.documentElement.dataset["density"] = density;
}

/** Changes the density of every table, now and for the next visit. */
export function setDensity(density: Density): void {
  localStorage.setItem(DENSITY_KEY, density);
  applyDensity(density);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Theme and density, and how to change them. */
export function useAppearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const density = useSyncExternalStore(subscribe, storedDensity);
  return {
    scheme: colorScheme as Scheme,
    setScheme: setColorScheme as (scheme: Scheme) => void,
    density,
    setDensity,
    /** Height of a table row in pixels. */
    rowHeight: density === "compact" ? 32 : 40,
  };
}
