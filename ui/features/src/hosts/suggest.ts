// Suggestions for the filter line: what a term can begin with, and the values that are there.
import { api, dataOf, type FacetValue } from "@luumen/api-client";
import type { Suggestion } from "@luumen/kit";
import { plural } from "@luumen/kit/format";
import { quoted } from "@luumen/kit/terms";

import { HOST_STATES, SECTION_ORDER, SECTIONS, STATE_ORDER } from "./words";

const STARTS: Suggestion[] = [
  { term: "state:", hint: "how well the host is known" },
  { term: "os:", hint: "operating system" },
  { term: "tag:", hint: "tag" },
  { term: "pkg:", hint: "has a package, such as pkg:openssl<3.0.7" },
  { term: "unseen:", hint: "a section could not be read whole" },
  { term: "seen:", hint: "age of the newest snapshot" },
  { term: "changed:", hint: "when packages changed last" },
  { term: "added:", hint: "when the host was added" },
];

const AGES: Suggestion[] = [
  { term: "<1h", hint: "within an hour" },
  { term: "<1d", hint: "within a day" },
  { term: "<7d", hint: "within a week" },
  { term: ">1d", hint: "a day ago or more" },
  { term: ">7d", hint: "a week ago or more" },
  { term: ">30d", hint: "30 days ago or more" },
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
  if (key === "unseen") return unseenSuggestions(value ?? "");
  if (key === "seen" || key === "changed" || key === "added") {
    const ages = key === "seen" ? [...AGES, { term: "never", hint: "no snapshot yet" }] : AGES;
    return ages.filter((each) => each.term.startsWith(value ?? "")).map(({ term: age, hint }) => ({ term: `${key}:${age}`, hint }));
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

/** Sections by their name in a path or on the screen; then, behind `=`, the causes. */
function unseenSuggestions(value: string): Suggestion[] {
  const [section = "", cause] = value.toLowerCase().split("=", 2);
  if (cause !== undefined) {
    return [
      { term: `unseen:${section}=denied`, hint: "the account may not read it" },
      { term: `unseen:${section}=other`, hint: "denied in part, cut, timed out or not understood" },
    ].filter(({ term }) => term.startsWith(`unseen:${section}=${cause}`));
  }
  const named = SECTION_ORDER.filter(
    (kind) => kind.startsWith(section) || SECTIONS[kind].toLowerCase().startsWith(section),
  ).map((kind) => ({ term: `unseen:${kind}`, hint: SECTIONS[kind] }));
  return "any".startsWith(section) ? [{ term: "unseen:any", hint: "any section" }, ...named] : named;
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
