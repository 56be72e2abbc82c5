// A field for a secret: it holds one sign for each character, and the characters go where they can be wiped. What cannot be
// taken before it is in the field (a composed character, what a program fills in) is taken out of it at once.
import type { TypedSecret } from "@luumen/backend";

export const SIGN = "•";

interface Selected {
  from: number;
  to: number;
}

/** Ties a field to a secret, both ways. Answers what unties them. */
export function tie(field: HTMLInputElement, secret: TypedSecret): () => void {
  const show = (caret?: number) => {
    const signs = SIGN.repeat(secret.length);
    if (field.value !== signs) field.value = signs;
    if (caret !== undefined && document.activeElement === field) field.setSelectionRange(caret, caret);
  };
  const before = (event: InputEvent) => {
    const selected = { from: field.selectionStart ?? secret.length, to: field.selectionEnd ?? secret.length };
    const change = changeOf(event.inputType, event.data ?? event.dataTransfer?.getData("text/plain") ?? null, selected, secret.length);
    if (!change) return;
    event.preventDefault();
    show(secret.replace(change.from, change.to, change.text));
  };
  const after = (event: Event) => {
    if ((event as InputEvent).isComposing) return;
    const { from, to, text, caret } = reconciled(field.value, field.selectionStart ?? field.value.length, secret.length);
    if (from === to && text === "") return;
    secret.replace(from, to, text);
    show(caret);
  };
  const stop = new AbortController();
  const { signal } = stop;
  field.addEventListener("beforeinput", before, { signal });
  field.addEventListener("input", after, { signal });
  field.addEventListener("compositionend", after, { signal });
  const untie = secret.onChange(() => show());
  show();
  return () => {
    stop.abort();
    untie();
  };
}

/** What an edit does to the secret, or null when the field does it by itself and is looked at afterwards. */
export function changeOf(inputType: string, data: string | null, { from, to }: Selected, length: number): (Selected & { text: string }) | null {
  if (inputType === "insertText" || inputType === "insertFromPaste" || inputType === "insertFromDrop" || inputType === "insertReplacementText") {
    // A line break at the end of what was copied is nobody's password.
    return data === null ? null : { from, to, text: data.replace(/[\r\n]+$/, "") };
  }
  if (inputType.startsWith("history")) return { from, to: from, text: "" };
  if (!inputType.startsWith("delete")) return null;
  if (from !== to) return { from, to, text: "" };
  if (inputType === "deleteContentBackward") return { from: Math.max(0, from - 1), to, text: "" };
  if (inputType === "deleteContentForward") return { from, to: Math.min(length, to + 1), text: "" };
  // Where words end in a secret is not shown: all of that side goes.
  return inputType.endsWith("Forward") ? { from, to: length, text: "" } : { from: 0, to, text: "" };
}

/** What changed when the field did it by itself: signs that are still there stand for characters that are. */
export function reconciled(value: string, caret: number, length: number): Selected & { text: string; caret: number } {
  const characters = Array.from(value);
  const foreign = characters.map((character) => character !== SIGN);
  const first = foreign.indexOf(true);
  if (first < 0) {
    // Only signs: some were taken away before the caret.
    const from = Math.min(caret, characters.length);
    return { from, to: from + Math.max(0, length - characters.length), text: "", caret: from };
  }
  const last = foreign.lastIndexOf(true);
  const behind = characters.length - 1 - last;
  const from = Math.min(first, length);
  return { from, to: Math.max(from, length - behind), text: characters.slice(first, last + 1).join(""), caret: last + 1 };
}
