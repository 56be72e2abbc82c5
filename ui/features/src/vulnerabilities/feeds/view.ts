// The whole view of the feeds as it stands in the URL.
import type { Params } from "../view";

export interface FeedsView {
  q: string;
  /** The drawer that brings a bundle is open. */
  importing: boolean;
}

export function readFeedsView(params: Params): FeedsView {
  return { q: params["q"] ?? "", importing: params["panel"] === "import" };
}

export function writeFeedsView({ q, importing }: FeedsView): Params {
  return { ...(q && { q }), ...(importing && { panel: "import" }) };
}
