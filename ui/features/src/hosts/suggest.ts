// Suggestions for the filter line: what a term can begin with, and the values that are there.
import { api, dataOf, type FacetValue } from "@luumen/api-client";
import type { Suggestion } from "@luumen/kit";
import { plural } from "@luumen/kit/format";
import { quoted } from "@luumen/kit/terms";

import { HOST_STATES, STATE_ORDER } from "./words";

const STARTS: Suggestion[] = [
  { term: "state:", hint: "how well the host is known" },
  { term: "os:", hint: "operating system" },
  { term: "tag:", hint: "tag" },
  { term: "pkg:", hint: "has a package, such as pkg:openssl<3.0.7" },
];

const OPERATORS = /[<>=]=?/;
const MOST = 12;

/** What the suggestions are looked up in. */
export interface Sources {
  facet: (name: string) => FacetValue[];
  packages: (beginning: string) => Promise<{ name: string; host_count: number }[]>;
  properties: (part: string) => Promise<{ path: string; host_count: number; examples: string[] }[]>;
}

/** Suggestions for one term, its `-` kept. */
export async function suggestTerms(term: string, sources: Sources): Promise<Suggestion[]> {
  const negated = term.startsWith("-");
  const bare = negated ? term.slice(1) : term;
  const found = await bareSuggestions(bare, sources);
  return found.slice(0, MOST).map(({ term: each, ...rest }) => ({ ...rest, term: negated ? `-${each}` : each }));
}

async function bareSuggestions(term: string, sources: Sources): Promise<Suggestion[]> {
  const [, key, value] = /^([a-z_]+):(.*)$/.exec(term) ?? [];
  if (key === "state") {
    return STATE_ORDER.filter((state) => state.startsWith(value ?? "")).map((state) => ({
      term: `state:${state}`,
      hint: HOST_STATES[state].title,
    }));
  }
  if (key === "os" || key === "tag") {
    return sources
      .facet(key)
      .filter((each) => each.value.toLowerCase().startsWith((value ?? "").toLowerCase().replace(/^"/, "")))
      .map((each) => ({ term: `${key}:${quoted(each.value)}`, hint: plural(each.count, "host") }));
  }
  if (key === "pkg") {
    if (OPERATORS.test(value ?? "") || !value) return [];
    const packages = await sources.packages(value);
    return packages.map(({ name, host_count }) => ({ term: `pkg:${name}`, hint: plural(host_count, "host") }));
  }
  const starts = STARTS.filter((start) => start.term.startsWith(term));
  if (term.length < 2) return starts;
  const operator = OPERATORS.exec(term);
  if (operator) {
    const path = term.slice(0, operator.index);
    const typed = term.slice(operator.index + operator[0].length).replace(/^"/, "");
    const property = (await sources.properties(path)).find((each) => each.path === path);
    return (property?.examples ?? [])
      .filter((example) => example.startsWith(typed) && example !== typed)
      .map((example) => ({ term: `${path}${operator[0]}${quoted(example)}` }));
  }
  const properties = await sources.properties(term);
  return [
    ...starts,
    ...properties.map(({ path, host_count }) => ({ term: `${path}=`, hint: plural(host_count, "host") })),
  ];
}

/** Looks packages and properties up at the server; a failed look-up suggests nothing. */
export const serverSources: Pick<Sources, "packages" | "properties"> = {
  packages: async (q) => {
    const list = await dataOf(api.GET("/packages", { params: { query: { q, limit: 12 } } })).catch(() => null);
    return list?.items ?? [];
  },
  properties: async (q) => {
    const list = await dataOf(api.GET("/properties", { params: { query: { q, limit: 12 } } })).catch(() => null);
    return list?.items ?? [];
  },
};
