// Suggestions for the filter line of findings: what a term can begin with, and the values that are there.
import type { FacetValue } from "@luumen/api-client";
import type { Suggestion } from "@luumen/kit";
import { plural } from "@luumen/kit/format";

import { EXPOSURES, FIXES, KEYS, SEVERITY_ORDER, termOf, type Key } from "./filter";

const STARTS: Record<Exclude<Key, "host">, string> = {
  severity: "how bad, such as severity:critical,high",
  kev: "known to be exploited",
  epss: "least probability of exploitation, such as epss>0.1",
  fix: "what can be done",
  exposure: "running kernel, or not evaluable",
  end_of_life: "support of the release has ended",
  package: "source package",
  os: "system or release, such as debian/12",
  tag: "tag of a host",
};

const FIXED: Partial<Record<Key, readonly string[]>> = {
  severity: SEVERITY_ORDER,
  kev: ["yes", "no"],
  fix: FIXES,
  exposure: EXPOSURES,
  end_of_life: ["yes", "no"],
};

const MOST = 12;

/** Suggestions for one term; `facet` knows the values that are there. */
export function suggestFilter(term: string, facet: (name: string) => FacetValue[]): Suggestion[] {
  const [, written, value = ""] = /^([a-z_]+):(.*)$/.exec(term) ?? [];
  const key = KEYS.find((each) => each === written);
  if (!key) {
    return Object.entries(STARTS)
      .map(([name, hint]) => ({ term: name === "epss" ? "epss>" : `${name}:`, hint }))
      .filter((each) => each.term.startsWith(term));
  }
  if (key === "severity") return severities(value);
  const typed = value.replace(/^"/, "").toLowerCase();
  const counts = new Map(facet(key).map((each) => [each.value, each.count]));
  const values = FIXED[key] ?? [...counts.keys()];
  return values
    .filter((each) => each.toLowerCase().startsWith(typed))
    .slice(0, MOST)
    .map((each) => {
      const count = counts.get(each);
      return { term: termOf(key, each), ...(count !== undefined && { hint: plural(count, "finding") }) };
    });
}

/** Severities after those that are already written before the last comma. */
function severities(value: string): Suggestion[] {
  const held = value.split(",").slice(0, -1);
  const typed = value.split(",").at(-1) ?? "";
  return SEVERITY_ORDER.filter((each) => each.startsWith(typed) && !held.includes(each)).map((each) => ({
    term: `severity:${[...held, each].join(",")}`,
  }));
}
