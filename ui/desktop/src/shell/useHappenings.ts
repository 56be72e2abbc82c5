// What happens to the window: a link from elsewhere fills in quick connect, dropped files go to the list under them.
import type { Happening } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";
import { useEffect } from "react";

import { useDesk } from "../desk/context";

/** Files from outside, dropped onto a part of the screen. */
export const DROPPED = "luumen:dropped";
/** Files from outside, held over a part of the screen; false when they left it. */
export const HELD = "luumen:held";

function under(x: number, y: number): Element | null {
  return document.elementFromPoint(x, y)?.closest("[data-takes-files]") ?? null;
}

export function useHappenings(): void {
  const desk = useDesk();
  useEffect(() => {
    let held: Element | null = null;
    const hold = (next: Element | null) => {
      if (next === held) return;
      held?.dispatchEvent(new CustomEvent(HELD, { detail: false }));
      next?.dispatchEvent(new CustomEvent(HELD, { detail: true }));
      held = next;
    };
    const take = (happening: Happening) => {
      switch (happening.event) {
        case "link":
          return desk.palette.set(happening.text);
        case "drag_over":
          return hold(under(happening.x, happening.y));
        case "drag_leave":
          return hold(null);
        case "drop":
          hold(null);
          under(happening.x, happening.y)?.dispatchEvent(new CustomEvent(DROPPED, { detail: happening.paths }));
      }
    };
    const listening = desk.backend.happenings?.(take);
    listening?.catch((error: unknown) => notifyFailed("hear what happens to the window", error));
    return () => void listening?.then((stop) => stop()).catch(() => undefined);
  }, [desk]);
}
