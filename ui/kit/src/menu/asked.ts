// Whether a menu was asked for by a key. The event that asks for it does not tell: each engine fills it in another way.
let byKey = false;

/** Shift and F10, or the key that has a menu on it. */
function asks({ key, shiftKey }: KeyboardEvent): boolean {
  return key === "ContextMenu" || (key === "F10" && shiftKey);
}

if (typeof window !== "undefined") {
  window.addEventListener("keydown", (event) => void (byKey = asks(event)), { capture: true });
  window.addEventListener("pointerdown", () => void (byKey = false), { capture: true });
}

/** Whether the menu that is asked for now is asked for by a key. */
export function askedByKey(): boolean {
  return byKey;
}
