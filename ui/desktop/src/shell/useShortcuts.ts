// Listens for our keys before a terminal does, and takes only those that are ours.
import { useEffect, useRef } from "react";

import { useDesk } from "../desk/context";
import type { Desk } from "../desk/desk";
import { actionOf, type ActionId } from "../keys/actions";
import { chordsOf } from "../keys/chords";
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

/**
 * Copying and pasting belong to the terminal only when it is the terminal that is meant. A field pastes for itself: what is pasted
 * into a question, a password even, must not go to a shell too.
 */
function belongsToPage(action: ActionId, target: EventTarget | null, desk: Desk): boolean {
  if (action !== "copy" && action !== "paste") return false;
  if (inTerminal(target)) return false;
  if (inField(target)) return true;
  return action === "copy" ? document.getSelection()?.isCollapsed === false : !desk.hears();
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
      const [chord, ...spellings] = chordsOf(event);
      if (!chord || event.isComposing || capturesKeys(event.target)) return;
      const terminal = inTerminal(event.target);
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const dialog = document.querySelector('[role="dialog"]') !== null;
      if (!terminal && plain && (inField(event.target) || dialog)) return;
      const keys = [...(pending ? [`${pending} ${chord}`] : []), chord, ...spellings];
      const action = keys.map((each) => actionOf(live.current.bindings, each, terminal)).find((each) => each !== null);
      pending = "";
      clearTimeout(timer);
      if (action) {
        if (dialog && action !== "palette" && action !== "palette_outside" && action !== "copy") return;
        if (belongsToPage(action, event.target, desk)) return;
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
    // Whoever lets the key go over another window does not tell this one.
    const onBlur = () => live.current.actions.last_tab.settle?.();
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("keyup", onKeyUp, true);
    window.addEventListener("blur", onBlur);
    return () => {
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("keyup", onKeyUp, true);
      window.removeEventListener("blur", onBlur);
      clearTimeout(timer);
    };
  }, [desk]);
}
