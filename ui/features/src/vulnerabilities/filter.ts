// The filter text of findings: terms such as `severity:critical,high kev:yes` and free words, and what they ask the server.
// What is written wrong is named, never guessed.
import { quoted, splitTerms } from "@luumen/kit/terms";

export const SEVERITY_ORDER = ["critical", "high", "medium", "low", "none", "unknown"] as const;
export const FIXES = ["available", "needs_subscription", "none"] as const;
export const EXPOSURES = ["running_kernel", "installed_kernel", "not_evaluable"] as const;

/** What the server is asked for: its own names. */
export interface FindingFilter {
  q?: string;
  severity?: string;
  kev?: boolean;
  epss_min?: number;
  fix?: (typeof FIXES)[number];
  exposure?: (typeof EXPOSURES)[number];
  end_of_life?: boolean;
  package?: string;
  os?: string;
  tag?: string;
  host?: string;
}

export interface ReadFilter {
  filter: FindingFilter;
  /** Terms that could not be understood, each in a sentence. */
  problems: string[];
}

/** What a term can begin with. `epss` alone is written `epss>0.1`. */
export const KEYS = ["severity", "kev", "epss", "fix", "exposure", "end_of_life", "package", "os", "tag", "host"] as const;
export type Key = (typeof KEYS)[number];

const TRUTHS: Record<string, boolean> = { yes: true, true: true, no: false, false: false };
const unquoted = (text: string) => text.replaceAll('"', "");

interface Split {
  key: Key | null;
  value: string;
}

/** What only the list of hosts is narrowed by, and what says the same here. A term in quotes is words, whatever it holds. */
const OF_HOSTS: Record<string, string> = {
  pkg: "write package:openssl with the name of a source package",
  os_version: "write os:debian/12 for a release",
  state: "",
  arch: "",
  reboot: "",
  reboot_required: "",
  stale: "",
  unseen: "",
  seen: "",
  changed: "",
  added: "",
};

/** Why a term that has no key here cannot be meant as a word; nothing when it is one. */
function whyNoWord(term: string): string | null {
  if (/^-[^-\s]/.test(term)) return "nothing can be excluded here; in quotes it is looked for as it stands";
  const [, key = ""] = /^([a-z_]+)(?::|[<>=])/.exec(term) ?? [];
  const instead = OF_HOSTS[key];
  return instead === undefined ? null : instead || `${key}: narrows the list of hosts, not this one`;
}

/** A term as key and value; free words have no key. */
function splitTerm(term: string): Split {
  const [, key = "", value = ""] = /^([a-z_]+)(?::|>=?)(.*)$/.exec(term) ?? [];
  const known = KEYS.find((each) => each === key);
  return known ? { key: known, value: unquoted(value) } : { key: null, value: unquoted(term) };
}

/** Reads a filter text. Of terms that can only be said once, the last one counts. */
export function readFilter(text: string): ReadFilter {
  const filter: FindingFilter = {};
  const problems: string[] = [];
  const words: string[] = [];
  for (const { text: term } of splitTerms(text)) {
    const { key, value } = splitTerm(term);
    if (key === null) {
      const why = whyNoWord(term);
      if (why) problems.push(`“${term}” is left out: ${why}`);
      else words.push(value);
    } else if (!take(filter, key, value)) {
      problems.push(`“${term}” is left out: ${EXPECTED[key]}`);
    }
  }
  const q = words.join(" ").trim();
  if (q) filter.q = q;
  return { filter, problems };
}

const EXPECTED: Record<Key, string> = {
  severity: `write one or more of ${SEVERITY_ORDER.join(", ")}`,
  kev: "write kev:yes or kev:no",
  epss: "write a probability from 0 to 1, such as epss>0.1",
  fix: `write one of ${FIXES.join(", ")}`,
  exposure: `write one of ${EXPOSURES.join(", ")}`,
  end_of_life: "write end_of_life:yes or end_of_life:no",
  package: "write the name of a source package",
  os: "write a system such as debian, or a release such as debian/12",
  tag: "write a tag",
  host: "write the id of a host",
};

/** Puts one term into the filter; false when its value makes no sense. */
function take(filter: FindingFilter, key: Key, value: string): boolean {
  switch (key) {
    case "severity": {
      const named = value.split(",").filter(Boolean);
      const known = SEVERITY_ORDER.filter((each) => named.includes(each));
      if (known.length === 0 || known.length !== new Set(named).size) return false;
      filter.severity = known.join(",");
      return true;
    }
    case "kev":
    case "end_of_life":
      if (TRUTHS[value] === undefined) return false;
      filter[key] = TRUTHS[value];
      return true;
    case "epss": {
      const least = Number(value);
      if (value === "" || !(least >= 0 && least <= 1)) return false;
      filter.epss_min = least;
      return true;
    }
    case "fix":
      return (filter.fix = FIXES.find((each) => each === value)) !== undefined;
    case "exposure":
      return (filter.exposure = EXPOSURES.find((each) => each === value)) !== undefined;
    default:
      if (value === "") return false;
      filter[key] = value;
      return true;
  }
}

/** A term for a key and its value. */
export function termOf(key: Key, value: string): string {
  return key === "epss" ? `epss>${value}` : `${key}:${quoted(value)}`;
}

/** Whether the text narrows by this value. */
export function isChosen(text: string, key: Key, value: string): boolean {
  return splitTerms(text).some(({ text: term }) => {
    const split = splitTerm(term);
    if (split.key !== key) return false;
    return key === "severity" ? split.value.split(",").includes(value) : sameValue(key, split.value, value);
  });
}

function sameValue(key: Key, one: string, other: string): boolean {
  if (key === "kev" || key === "end_of_life") return TRUTHS[one] === TRUTHS[other];
  return key === "epss" ? Number(one) === Number(other) : one === other;
}

/** The text with a value added or taken away. Severities add up; of anything else a new value takes the old one's place. */
export function toggleValue(text: string, key: Key, value: string): string {
  const terms = splitTerms(text).map(({ text: term }) => ({ term, ...splitTerm(term) }));
  const others = terms.filter((each) => each.key !== key).map(({ term }) => term);
  const held = terms.filter((each) => each.key === key).flatMap((each) => each.value.split(key === "severity" ? "," : "\n"));
  if (key === "severity") {
    const next = SEVERITY_ORDER.filter((each) => held.includes(each) !== (each === value));
    return [...others, ...(next.length > 0 ? [termOf(key, next.join(","))] : [])].join(" ");
  }
  return isChosen(text, key, value) ? others.join(" ") : [...others, termOf(key, value)].join(" ");
}

/** The text for a filter in the server's names: addresses may be written that way too. */
export function textOf(params: Record<string, string>): string {
  const terms = KEYS.flatMap((key) => {
    const value = params[key === "epss" ? "epss_min" : key];
    return value ? [termOf(key, value)] : [];
  });
  return [params["q"] ?? "", ...terms].filter(Boolean).join(" ");
}

/** The filter as parameters of an address of the server. */
export function paramsOf(filter: FindingFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]));
}
