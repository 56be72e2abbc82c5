// What can be done about a session that did not open, and where it is done: in the card itself as far as it can be. The workbench says
// what happened; this says what a person mends.
import type { contract } from "@luumen/backend";

import type { Page } from "../desk/desk";
import type { Target } from "../layout/tabs";

/** What a form in the card changes. */
export type Mending = "place" | "sign_in" | "way" | "proxy" | "time" | "unlock";

export type Repair = { kind: Mending; word: string } | { kind: "elsewhere"; word: string; page: Page; at: string | null };

const WORDS: Record<Mending, string> = {
  place: "Address, port, user…",
  sign_in: "Sign in another way…",
  way: "Jump hosts and proxy…",
  proxy: "Proxy…",
  time: "Wait longer…",
  unlock: "Unlock the vault…",
};

/** By the code of the problem, nearest first. The first that fits counts. */
const MENDS: readonly [RegExp, readonly Mending[]][] = [
  [/^LUM-VAULT-LOCKED$/, ["unlock"]],
  [/HOSTKEY|HOSTCERT|KNOWN-HOSTS|KEX|VAULT|SECRET/, []],
  [/PROXY/, ["proxy"]],
  [/^LUM-CONNECT-TIMEOUT$/, ["time", "place", "way"]],
  [/^LUM-(CONNECT|DNS|SSH-LOST)$/, ["place", "way"]],
  [/^LUM-(SSH-CHANNEL|HOST-LOOP)$/, ["way", "place"]],
  [/^LUM-QUICK/, ["place"]],
  [/AUTH|KEY|CREDENTIAL|AGENT|^LUM-CANCELLED$/, ["sign_in", "place"]],
];

/** The ways out of a problem, nearest first; `host` is the kept one, if it is kept. */
export function repairsOf(problem: Pick<contract.Problem, "code"> | null, host: contract.Id | null): Repair[] {
  if (!problem) return [];
  const { code } = problem;
  const inPlace = (MENDS.find(([fits]) => fits.test(code))?.[1] ?? []).map((kind): Repair => ({ kind, word: WORDS[kind] }));
  const elsewhere: Repair[] = [];
  if (/HOSTKEY|HOSTCERT|KNOWN-HOSTS/.test(code)) elsewhere.push({ kind: "elsewhere", word: "Known hosts…", page: "keys", at: "known" });
  if (/VAULT|SECRET/.test(code)) elsewhere.push({ kind: "elsewhere", word: "Where secrets live…", page: "settings", at: "secrets" });
  if (host) elsewhere.push({ kind: "elsewhere", word: "All of the host…", page: "hosts", at: `edit:${host}` });
  return [...inPlace, ...elsewhere];
}

/** What is mended: a host that is kept, or a place that was only typed. */
export type Subject = { kept: contract.Id; onTheWay: boolean } | { typed: string };

export function subjectOf(
  kind: Mending,
  session: Pick<contract.Session, "host" | "target" | "steps"> | null,
  { host, quick }: Pick<Target, "host" | "quick">,
  hosts: readonly Pick<contract.Host, "id" | "address">[],
): Subject {
  const failed = session?.steps.find(({ state }) => state === "failed");
  const goal = Math.max(0, ...(session?.steps ?? []).map(({ hop }) => hop));
  if (failed && failed.hop < goal && (kind === "place" || kind === "sign_in")) {
    // It is a jump host that does not let anybody pass. Which one is known by where it is.
    const near = hosts.filter(({ address }) => address.toLowerCase() === addressOf(failed.endpoint));
    if (near.length === 1) return { kept: near[0]!.id, onTheWay: true };
  }
  // What was typed goes before what the host says, so that is what has to change.
  if (quick !== null && (kind === "place" || kind === "sign_in")) return { typed: quick };
  const kept = host ?? session?.host ?? null;
  return kept ? { kept, onTheWay: false } : { typed: quick ?? session?.target ?? "" };
}

/** The address of `host:port` or `[host]:port`. */
function addressOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, "").replace(/^\[|\]$/g, "").toLowerCase();
}

/** A place as it is typed: `user@host:port`. */
export function placeText({ user, address, port }: { user: string | null; address: string; port: number | null }): string {
  const bracketed = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
  return `${user ? `${user}@` : ""}${bracketed}${port === null ? "" : `:${port}`}`;
}
