// The whole view of the fixes as it stands in the URL, and an update in words.
import type { CatalogueInfo, Fix, FixTarget } from "@luumen/api-client";
import { plural } from "@luumen/kit/format";

import { readFilter, textOf, type Key } from "../filter";
import type { FixesOf } from "../queries";
import type { Params } from "../view";
import { channelWords } from "../words";

export const FIX_SORTS = ["priority", "findings", "hosts", "package"] as const;
export type FixSort = (typeof FIX_SORTS)[number];

export interface FixesView {
  q: string;
  sort: FixSort;
  /** The package in the drawer. */
  open: string | null;
}

export function readFixesView(params: Params): FixesView {
  return {
    q: textOf(params),
    sort: FIX_SORTS.find((each) => each === params["sort"]) ?? "priority",
    open: params["open"] || null,
  };
}

export function writeFixesView({ q, sort, open }: FixesView): Params {
  return { ...(q && { q }), ...(sort !== "priority" && { sort }), ...(open && { open }) };
}

/** What fixes can be narrowed by. */
export const FIX_KEYS: Key[] = ["severity", "kev", "os", "tag"];

/** What the server is asked, and what of the text could not be. */
export function fixesQuery({ q, sort }: FixesView): { query: FixesOf; problems: string[] } {
  const { filter, problems } = readFilter(q);
  const { q: words, severity, kev, os, tag, ...rest } = filter;
  const unused = Object.keys(rest).map((name) => `“${name}” does not narrow fixes and is left out`);
  const asked = { q: words, severity, kev, os, tag };
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return { query: { ...query, sort }, problems: [...problems, ...unused] };
}

/** How many updates there are. Nothing while no catalogue is known of: then none says nothing of the hosts. */
export function fixesSentence(total: number, filtered: boolean, catalogue: CatalogueInfo | null | undefined): string | undefined {
  if (!catalogue) return undefined;
  if (filtered) return `${plural(total, "update")} ${total === 1 ? "matches" : "match"} the filter`;
  return total === 0 ? "No update would close anything" : `${plural(total, "update")} would close what has a fix`;
}

/** `Upgrade openssl on 41 hosts closes 14 findings`. */
export function fixSentence({ package: name, host_count, vulnerability_count }: Fix): string {
  return `Upgrade ${name} on ${plural(host_count, "host")} closes ${plural(vulnerability_count, "vulnerability", "vulnerabilities")}`;
}

/** `3.0.15-1 on debian/12`, with what its channel needs. */
export function targetWords({ platform, fixed_version, channel }: FixTarget): string {
  return `${fixed_version} on ${platform}${channel ? `, needs ${channelWords(channel, platform)}` : ""}`;
}

export const FIXES_BASE = "/vulnerabilities/fixes";
