// The view of a host's vulnerabilities, as part of the host's own address.
import type { FindingState, Severity } from "@luumen/api-client";

import { SEVERITY_ORDER } from "../filter";
import { STATE_CHOICES } from "../page/view";
import type { Params } from "../view";

export interface HostVulnerabilitiesView {
  q: string;
  severity: Severity[];
  state: FindingState | null;
  /** What is only told, and no finding. */
  informational: boolean;
  /** The finding in the drawer: `CVE-… package`. */
  finding: string | null;
}

/** Reads all but the search text, which the host's tabs share. */
export function readHostVulnerabilities(params: Params): Omit<HostVulnerabilitiesView, "q"> {
  const named = params["severity"]?.split(",") ?? [];
  return {
    severity: SEVERITY_ORDER.filter((each) => named.includes(each)),
    state: STATE_CHOICES.find((each) => each === params["state"]) ?? null,
    informational: params["state"] === "informational",
    finding: params["finding"] || null,
  };
}

export function writeHostVulnerabilities({ severity, state, informational, finding }: Omit<HostVulnerabilitiesView, "q">): Params {
  return {
    ...(severity.length > 0 && { severity: severity.join(",") }),
    ...(state && { state }),
    ...(informational && { state: "informational" }),
    ...(finding && { finding }),
  };
}
