// The whole view of one host as it stands in the URL.
import type { Sorting } from "@luumen/kit";

import { readHostVulnerabilities, writeHostVulnerabilities, type HostVulnerabilitiesView } from "../vulnerabilities/host/view";
import { BY_NAME, readPackageSort } from "./packages";
import type { Params } from "./view";

export const TABS = ["facts", "packages", "vulnerabilities", "history", "raw"] as const;
export type Tab = (typeof TABS)[number];

export interface HostView {
  tab: Tab;
  /** A snapshot by its id; nothing means the newest, or the newest at `asOf`. */
  snapshot: string | null;
  asOf: string | null;
  /** The two snapshots that are compared. */
  from: string | null;
  to: string | null;
  /** What is searched for in the tab. */
  q: string;
  editing: boolean;
  /** How the packages are sorted, on their tab; nothing means by name. */
  sorting?: Sorting;
  /** How the vulnerabilities are narrowed, on their tab. */
  findings?: Omit<HostVulnerabilitiesView, "q">;
}

export function readHostView(params: Params): HostView {
  const tab = TABS.find((each) => each === params["tab"]) ?? "facts";
  const sorting = tab === "packages" ? readPackageSort(params["sort"]) : undefined;
  return {
    tab,
    snapshot: params["snapshot"] ?? null,
    asOf: params["as_of"] ?? null,
    from: params["from"] ?? null,
    to: params["to"] ?? null,
    q: params["q"] ?? "",
    editing: params["panel"] === "edit",
    ...(sorting && { sorting }),
    ...(tab === "vulnerabilities" && { findings: readHostVulnerabilities(params) }),
  };
}

export function writeHostView(view: HostView): Params {
  const params: Params = {};
  if (view.tab !== "facts") params["tab"] = view.tab;
  if (view.snapshot) params["snapshot"] = view.snapshot;
  if (view.asOf) params["as_of"] = view.asOf;
  if (view.from) params["from"] = view.from;
  if (view.to) params["to"] = view.to;
  if (view.q) params["q"] = view.q;
  if (view.editing) params["panel"] = "edit";
  if (view.tab === "packages" && view.sorting) {
    const { column, descending } = view.sorting;
    if (column !== BY_NAME.column || descending) params["sort"] = (descending ? "-" : "") + column;
  }
  return view.tab === "vulnerabilities" && view.findings ? { ...params, ...writeHostVulnerabilities(view.findings) } : params;
}
