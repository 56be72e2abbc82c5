// The whole view of the exceptions as it stands in the URL.
import type { Params } from "../view";

export const WHICH = ["all", "active", "expired"] as const;
export type Which = (typeof WHICH)[number];

export interface ExceptionsView {
  q: string;
  which: Which;
  /** What is open beside the list: `add`, or the id of an exception that is edited. */
  panel: string | null;
}

export function readExceptionsView(params: Params): ExceptionsView {
  return {
    q: params["q"] ?? "",
    which: WHICH.find((each) => each === params["state"]) ?? "all",
    panel: params["panel"] ?? null,
  };
}

export function writeExceptionsView({ q, which, panel }: ExceptionsView): Params {
  return { ...(q && { q }), ...(which !== "all" && { state: which }), ...(panel && { panel }) };
}
