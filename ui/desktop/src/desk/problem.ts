// A problem as running text: what happened, why, and what to do; and which one it is.

import { CallError, type contract } from "@luumen/backend";

/** What follows the title, as whole sentences: problems come with and without full stops. */
export function whyAndNext({ detail, next }: Pick<contract.Problem, "detail" | "next">): string {
  return [detail, next].filter((part): part is string => Boolean(part?.trim())).map(sentence).join(" ");
}

function sentence(text: string, index: number): string {
  const trimmed = text.trim();
  const begun = index === 0 ? trimmed : trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?:…]$/.test(begun) ? begun : `${begun}.`;
}

/** Whether a call failed for one of these reasons. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof CallError && codes.includes(error.problem.code);
}
