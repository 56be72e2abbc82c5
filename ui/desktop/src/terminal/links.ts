// Links in a terminal: what a host wrote may lead anywhere, so only Ctrl (or Cmd) and a click opens one, and only in a browser.
import type { Backend } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";

import type { Platform } from "../keys/chords";

/** Schemes that a browser opens and that start nothing else. */
const OPENED = new Set(["http:", "https:"]);

export function openable(uri: string): boolean {
  try {
    return OPENED.has(new URL(uri).protocol);
  } catch {
    return false;
  }
}

export function openFromTerminal(backend: Backend, event: MouseEvent, uri: string): void {
  if (!event.ctrlKey && !event.metaKey) return;
  if (!openable(uri)) return notifyFailed("open the link", new Error(`${uri} is no web address`));
  backend.openLink(uri).catch((error: unknown) => notifyFailed("open the link", error));
}

/** What is held while a link is clicked, as a person calls it. */
export function heldForLinks(platform: Platform): string {
  return platform === "mac" ? "Cmd" : "Ctrl";
}
