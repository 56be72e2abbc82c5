// The workbench, through whichever door this page came.
import type { Backend } from "./backend";
import { httpBackend, tokenIn } from "./http";
import { inTauri, tauriBackend } from "./tauri";

export { CallError, type Answer, type Args, type Backend, type CallName, type Happening, type Stop } from "./backend";
export type * as contract from "./contract";
export { TypedSecret } from "./typed";
export { Acknowledger, Typist, WINDOW_BYTES, type Piece } from "./flow";

/** The door of this page, or null when it stands open in an ordinary browser. */
export function openBackend(): Backend | null {
  if (inTauri()) return tauriBackend();
  const token = tokenIn(window.location.hash);
  return token ? httpBackend(window.location.origin, token) : null;
}
