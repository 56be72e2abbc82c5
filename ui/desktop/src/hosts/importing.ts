// An import before it is taken: which items are ticked, as what, and how they are counted. Nothing here draws.
import type { contract } from "@luumen/backend";

import { LABELS } from "./effective";

export type As = "new" | "merge" | "replace";
export type Ticks = ReadonlyMap<number, As>;

export const KINDS: { kind: contract.ImportKind; name: string; where: string; file: boolean }[] = [
  { kind: "ssh_config", name: "OpenSSH configuration", where: "~/.ssh/config", file: true },
  { kind: "putty", name: "PuTTY sessions", where: "A registry export (.reg) of HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions", file: false },
  { kind: "csv", name: "CSV", where: "With a first line of names: name, address, user, port, group, tags", file: false },
  { kind: "ansible", name: "Ansible inventory", where: "INI or YAML", file: false },
  { kind: "termius", name: "Termius", where: "Its CSV export", file: false },
  { kind: "mobaxterm", name: "MobaXterm", where: "A .mxtsessions file or MobaXterm.ini", file: false },
  { kind: "mremoteng", name: "mRemoteNG", where: "confCons.xml, not encrypted", file: false },
  { kind: "luumen", name: "Luumen", where: "A file that another Luumen exported", file: false },
];

export const STATES: Record<contract.ImportItem["state"], { tone: "ok" | "off" | "running" | "warning"; word: string; title: string }> = {
  new: { tone: "ok", word: "New", title: "It is not here yet" },
  same: { tone: "off", word: "Same", title: "It is here already, just so" },
  changes: { tone: "running", word: "Changes", title: "It is here with other settings" },
  name_taken: { tone: "warning", word: "Name taken", title: "Another host has this name" },
};

/** What can be done with an item, the careful way first. */
export function ways(item: contract.ImportItem): As[] {
  if (item.state === "new") return ["new"];
  if (item.state === "same") return [];
  return item.state === "changes" ? ["merge", "replace", "new"] : ["new", "merge", "replace"];
}

/** What is ticked at first: what is new. What changes a host waits for its person. */
export function firstTicks(items: readonly contract.ImportItem[]): Ticks {
  return new Map(items.filter(({ state }) => state === "new").map(({ index }) => [index, "new" as const]));
}

export function tick(ticks: Ticks, item: contract.ImportItem, as: As | null): Ticks {
  const next = new Map(ticks);
  if (as && ways(item).includes(as)) next.set(item.index, as);
  else next.delete(item.index);
  return next;
}

/** All of them, or none, in their careful way. */
export function tickAll(items: readonly contract.ImportItem[], on: boolean): Ticks {
  if (!on) return new Map();
  return new Map(items.flatMap((item) => (ways(item)[0] ? [[item.index, ways(item)[0] as As]] : [])));
}

export const AS_WORDS: Record<As, string> = { new: "Add as new", merge: "Change what the file says", replace: "Replace" };

/** What the first line of an item says already. */
const SAID = new Set(["name", "address", "user", "port", "group", "jump"]);

/** What comes with a host that is taken as new, besides what its line says. */
export function comesAlong(item: contract.ImportItem): contract.ItemField[] {
  return item.fields.filter(({ field, value }) => !SAID.has(field) && !lendsAgent(field, value));
}

/** What differs, without what waits for a tick of its own. */
export function differences(item: contract.ImportItem): contract.ItemChange[] {
  return item.changes.filter(({ field, to }) => !lendsAgent(field, to));
}

function lendsAgent(field: string, value: string | null): boolean {
  return field === "agent_forwarding" && value === "yes";
}

/** The items that would be lent the ssh-agent and can be taken. */
export function wantAgent(items: readonly contract.ImportItem[]): contract.ImportItem[] {
  return items.filter((item) => item.agent_forwarding !== null && ways(item).length > 0);
}

/** What is taken, as it is asked for: nobody is lent the agent without a tick. */
export function takes(ticks: Ticks, lent: ReadonlySet<number>): contract.ImportTake[] {
  return [...ticks].map(([index, as]) => ({ index, as, agent_forwarding: lent.has(index) }));
}

/** `key, 2 forwards, keepalive`. */
export function inShort(fields: readonly contract.ItemField[]): string {
  const counts = new Map<string, number>();
  for (const { field } of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  return [...counts].map(([field, count]) => (count > 1 ? `${count} ${fieldWord(field)}s` : shortWord(field))).join(", ");
}

/** Only a word against it comes along by itself. */
function shortWord(field: string): string {
  return field === "agent_forwarding" ? "no agent forwarding" : fieldWord(field).toLowerCase();
}

export function fieldWord(field: string): string {
  const words: Record<string, string> = LABELS;
  return words[field] ?? field;
}

export function fieldValue({ field, value }: contract.ItemField): string {
  return field.endsWith("_s") ? `${value} s` : (VALUES[`${field} ${value}`] ?? value);
}

/** As the settings of a host call it. */
const VALUES: Record<string, string> = {
  "host_key_policy strict": "refuse",
  "log full": "everything",
  "compression yes": "on",
  "compression no": "off",
  "agent_forwarding no": "off",
};

export function itemFits(item: contract.ImportItem, typed: string): boolean {
  const all = [item.name, item.address, item.user ?? "", ...item.group].join(" ").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
