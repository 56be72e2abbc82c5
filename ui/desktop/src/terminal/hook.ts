// What tests read terminals by. Only `build:test` contains it: a terminal drawn by the graphics card has no text in the page.
import type { Desk } from "../desk/desk";
import type { TerminalHandle } from "./handle";

export interface TestHook {
  /** The text of a pane, the one with the keyboard when none is named. */
  text: (pane?: string) => string;
  panes: () => string[];
  renderer: (pane?: string) => string;
  write: (bytes: Uint8Array, pane?: string) => Promise<void>;
  /** For `bench/terminal`: the terminal itself, and a new tab to an address. */
  handle: (pane?: string) => TerminalHandle | undefined;
  connect: (quick: string) => void;
  /** When the screens stood for the first time, in milliseconds since 1970. */
  drawnAt: number | null;
}

declare global {
  interface Window {
    __luumen?: TestHook;
  }
}

export function installTestHook(desk: Desk): void {
  const handle = (pane?: string) => {
    const id = pane ?? desk.activePane();
    return id ? desk.allTerminals().get(id) : undefined;
  };
  const hook: TestHook = {
    handle,
    connect: (quick) => desk.connect({ quick }),
    panes: () => [...desk.allTerminals().keys()],
    renderer: (pane) => handle(pane)?.renderer ?? "none",
    write: (bytes, pane) => new Promise((resolve) => handle(pane)?.term.write(bytes, resolve)),
    text: (pane) => {
      const buffer = handle(pane)?.term.buffer.active;
      const lines: string[] = [];
      for (let line = 0; line < (buffer?.length ?? 0); line += 1) {
        lines.push(buffer?.getLine(line)?.translateToString(true) ?? "");
      }
      return lines.join("\n");
    },
    drawnAt: null,
  };
  window.__luumen = hook;
  const look = () => {
    if (document.querySelector(".frame, .first-run")) hook.drawnAt = Date.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
