// Listens for our keys before a terminal does, and takes only those that are ours.
import { useEffect, useRef } from "react";

import { useDesk } from "../desk/context";
import { actionOf } from "../keys/actions";
import { chordOf } from "../keys/chords";
import { useActions } from "./useActions";
import { useBindings } from "./useKeyNames";

const SEQUENCE_MS = 1200;

/** Whether a person writes in a field, where plain letters belong to the text. */
function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** A field that is asking for a key takes all of them. */
function capturesKeys(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("[data-captures-keys]") !== null;
}

function inTerminal(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(".terminal-host") !== null;
}

export function useShortcuts(): void {
  const desk = useDesk();
  const bindings = useBindings();
  const actions = useActions();
  const live = useRef({ bindings, actions });
  live.current = { bindings, actions };

  useEffect(() => {
    let pending = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      const chord = chordOf(event);
      if (!chord || event.isComposing || capturesKeys(event.target)) return;
      const terminal = inTerminal(event.target);
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const dialog = document.querySelector('[role="dialog"]') !== null;
      if (!terminal && plain && (inField(event.target) || dialog)) return;
      const keys = pending ? [`${pending} ${chord}`, chord] : [chord];
      const action = keys.map((each) => actionOf(live.current.bindings, each, terminal)).find((each) => each !== null);
      pending = "";
      clearTimeout(timer);
      if (action) {
        if (dialog && action !== "palette" && action !== "palette_outside" && action !== "copy") return;
        const { run, native } = live.current.actions[action];
        if (!native) event.preventDefault();
        event.stopPropagation();
        run();
      } else if (!terminal && plain && [...live.current.bindings.values()].some((each) => each.startsWith(`${chord} `))) {
        pending = chord;
        timer = setTimeout(() => (pending = ""), SEQUENCE_MS);
      }
    };
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key === "Control" || event.key === "Meta") live.current.actions.last_tab.settle?.();
    };
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("keyup", onKeyUp, true);
    return () => {
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("keyup", onKeyUp, true);
      clearTimeout(timer);
    };
  }, [desk]);
}
