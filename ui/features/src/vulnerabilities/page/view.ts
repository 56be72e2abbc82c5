// The whole view of one vulnerability's page as it stands in the URL.
import type { FindingState } from "@luumen/api-client";

import type { Params } from "../view";

export const STATE_CHOICES = ["open", "excepted", "not_evaluable", "resolved"] as const satisfies FindingState[];

export interface VulnerabilityView {
  /** Part of a host's name. */
  q: string;
  /** Hosts in this state; nothing for all. */
  state: FindingState | null;
  /** Hosts that have it in this package; nothing for all. */
  package: string | null;
  /** All claims of all sources are shown. */
  claims: boolean;
  /** What is searched for in the claims. */
  find: string;
  /** The drawer in which its findings are excepted is open. */
  excepting: boolean;
}

export function readVulnerabilityView(params: Params): VulnerabilityView {
  return {
    q: params["q"] ?? "",
    state: STATE_CHOICES.find((each) => each === params["state"]) ?? null,
    package: params["package"] || null,
    claims: params["claims"] === "all",
    find: params["find"] ?? "",
    excepting: params["panel"] === "except",
  };
}

export function writeVulnerabilityView({ q, state, package: name, claims, find, excepting }: VulnerabilityView): Params {
  return {
    ...(q && { q }),
    ...(state && { state }),
    ...(name && { package: name }),
    ...(claims && { claims: "all" }),
    ...(claims && find && { find }),
    ...(excepting && { panel: "except" }),
  };
}
