// What the last scan saw of a host, in the rows of the host panel. What was not collected is said as such and never looks fine.
// Facts are whatever the host told: each is looked at before it is believed. Nothing here draws.
import type { contract } from "@luumen/backend";
import { bytesWords, plural, type Tone } from "@luumen/kit";

import { isWhole, SECTION_WORDS } from "../scans/findings";

/** One thing of a row: words, a machine's words, a moment, or a state. */
export type FactPart = { text: string } | { machine: string } | { before: string; at: string } | { tone: Tone; word: string; title?: string };

export interface FactRow {
  label: string;
  parts: FactPart[];
  /** What of it is not known, and why; null when it was read whole. */
  gap: { word: string; why: string } | null;
}

type Seen = Pick<contract.Scan, "facts" | "sections" | "started_at">;
type Data = Record<string, unknown>;

/** How many of a list are named. */
const NAMED = 8;
/** Lists of packages that are older than this hide updates. */
const DAYS_UNTIL_OLD = 7;
const DAY_MS = 86_400_000;
const NEARLY_FULL_PERCENT = 90;

export function factRows(scan: Seen): FactRow[] {
  const row = (label: string, section: string, read: (data: Data, whole: boolean) => FactPart[]): FactRow => {
    const data = scan.facts[section];
    const told = scan.sections.find(({ name }) => name === section);
    const whole = told !== undefined && isWhole(told);
    if (!isData(data)) return { label, parts: [], gap: notCollected(told) };
    const parts = read(data, whole);
    if (!whole) return { label, parts, gap: { word: parts.length > 0 ? "not all of it was read" : "not collected", why: whyNot(told) } };
    return { label, parts, gap: parts.length > 0 ? null : { word: "not known", why: "The host did not tell." } };
  };
  return [
    row("System", "os", ({ name, arch }) => [...machine(text(name)), ...words(text(arch))]),
    row("Up since", "os", ({ boot_at }) => moment("", text(boot_at))),
    row("Kernel running", "kernel", ({ running }) => machine(text(running))),
    row("Newest installed", "kernel", newestKernel),
    row("Reboot", "reboot_required", reboot),
    row("Updates", "pending_updates", (data, whole) => updates(data, whole, scan.started_at)),
    row("Failed services", "services", failedServices),
    row("Machine", "hardware", ({ system_vendor, product_name, virtualization }) => [
      ...words([text(system_vendor), text(product_name)].filter(Boolean).join(" ")),
      ...words(virtualizationWords(text(virtualization))),
    ]),
    row("Processor", "hardware", ({ cpu_model, cpu_threads }) => [
      ...words(text(cpu_model)),
      ...words(number(cpu_threads) === null ? "" : plural(number(cpu_threads) ?? 0, "thread")),
    ]),
    row("Memory", "hardware", ({ mem_bytes, swap_bytes }) => [
      ...words(size(mem_bytes)),
      ...words(number(swap_bytes) === null ? "" : number(swap_bytes) === 0 ? "no swap" : `${size(swap_bytes)} of swap`),
    ]),
    row("Disks", "disks", disks),
    row("File systems", "mounts", (data, whole) => mounts(data, whole, scan.facts.vitals)),
    row("Addresses", "network", addresses),
    row("Reachable ports", "listening_ports", ports),
    row("Firewall", "firewall", ({ active }) => state(active, { tone: "ok", word: "active" }, { tone: "warning", word: "not active" })),
    row("Clock", "time_sync", ({ synchronized }) => state(synchronized, { tone: "ok", word: "in step" }, { tone: "warning", word: "not synchronised" })),
  ];
}

function notCollected(section: contract.ScanSection | undefined): FactRow["gap"] {
  if (section?.status === "unsupported") return { word: "not on this system", why: section.detail || "This platform has no such thing." };
  return { word: "not collected", why: whyNot(section) };
}

function whyNot(section: contract.ScanSection | undefined): string {
  if (!section) return "This scan did not ask for it.";
  const words = SECTION_WORDS[section.status];
  return [words ? `${words.word}: ${words.title}.` : `${section.status}.`, section.detail].filter(Boolean).join("\n");
}

function newestKernel({ newest_installed, running_is_newest }: Data): FactPart[] {
  const newest = machine(text(newest_installed));
  if (running_is_newest === true) return [...newest, { tone: "ok", word: "it runs" }];
  if (running_is_newest === false) return [...newest, { tone: "warning", word: "does not run yet" }];
  return newest.length > 0 ? [...newest, { tone: "unknown", word: "cannot be compared", title: "In a container, or with a foreign kernel, nobody can say whether the newest runs" }] : [];
}

function reboot({ required, reasons }: Data, whole: boolean): FactPart[] {
  if (required === true) return [{ tone: "warning", word: "required" }, ...named(texts(reasons))];
  // Half of what could ask for a reboot is not enough to say that nothing does.
  if (required === false && whole) return [{ tone: "ok", word: "not required" }];
  return [];
}

function updates({ items, metadata_at, security_count }: Data, whole: boolean, at: string): FactPart[] {
  if (!Array.isArray(items)) return [];
  const refreshed = text(metadata_at);
  const old = refreshed !== "" && new Date(at).getTime() - new Date(refreshed).getTime() > DAYS_UNTIL_OLD * DAY_MS;
  const security = number(security_count);
  const pending: FactPart =
    items.length > 0
      ? { tone: "warning", word: `${plural(items.length, "update")} pending${security === null ? "" : `, ${security} for security`}` }
      : whole && refreshed !== "" && !old
        ? { tone: "ok", word: "none pending" }
        : { tone: "unknown", word: "none known", title: "The host's own lists are old, or were not read whole: there may be updates" };
  const age: FactPart[] = refreshed === "" ? [{ tone: "unknown", word: "nobody knows how old the host's lists are" }] : moment("lists of", refreshed);
  return [pending, ...age, ...(old ? [{ tone: "stale" as const, word: "old lists hide updates" }] : [])];
}

function failedServices({ items }: Data, whole: boolean): FactPart[] {
  const all = list(items);
  const failed = all.filter(({ active_state }) => active_state === "failed").map(({ name }) => text(name));
  if (failed.length > 0) return [{ tone: "failed", word: plural(failed.length, "service") }, ...named(failed)];
  // Where no service tells its state, none is said to be fine.
  const told = all.some(({ active_state }) => text(active_state) !== "");
  return whole && told ? [{ tone: "ok", word: `none of ${all.length}` }] : [];
}

function virtualizationWords(kind: string): string {
  if (kind === "") return "";
  return kind === "none" ? "not virtual" : `in ${kind}`;
}

function disks({ items }: Data, whole: boolean): FactPart[] {
  const devices = list(items).filter(({ kind }) => kind === "disk");
  if (devices.length === 0) return whole ? [{ text: "none" }] : [];
  return named(devices.map(({ name, size_bytes, model }) => [text(name), size(size_bytes), text(model)].filter(Boolean).join(" ")));
}

function mounts({ items }: Data, whole: boolean, vitals: unknown): FactPart[] {
  const all = list(items);
  if (all.length === 0) return whole ? [{ text: "none" }] : [];
  const usage = new Map(list(isData(vitals) ? vitals.mounts : []).map((each) => [text(each.mount_point), each]));
  const rows = all.map(({ mount_point, size_bytes, fs_type }) => {
    const place = text(mount_point);
    const full = number(usage.get(place)?.used_percent);
    return { place, full, words: [place, size(size_bytes) || text(fs_type), full === null ? "" : `${Math.round(full)} % full`].filter(Boolean).join(" ") };
  });
  // The fullest first: they are what a person looks for.
  rows.sort((a, b) => (b.full ?? -1) - (a.full ?? -1) || a.place.localeCompare(b.place));
  const tight = rows.filter(({ full }) => full !== null && full >= NEARLY_FULL_PERCENT).length;
  return [...(tight > 0 ? [{ tone: "warning" as const, word: `${tight} nearly full` }] : []), ...named(rows.map(({ words: each }) => each))];
}

function addresses({ interfaces }: Data, whole: boolean): FactPart[] {
  const own = list(interfaces)
    .filter(({ kind }) => kind !== "loopback")
    .flatMap(({ name, addresses: on }) => texts(on).map((address) => `${text(name)} ${address}`));
  return own.length > 0 ? named(own) : whole ? [{ text: "none but its own" }] : [];
}

function ports({ items }: Data, whole: boolean): FactPart[] {
  const exposed = list(items).filter((each) => each.exposed === true);
  if (exposed.length === 0) return whole ? [{ text: "none: what listens answers only the host itself" }] : [];
  return named([...new Set(exposed.map(({ port, protocol, process }) => [`${String(port)}/${text(protocol)}`, text(process)].filter(Boolean).join(" ")))]);
}

function state(value: unknown, yes: FactPart, no: FactPart): FactPart[] {
  if (value === true) return [yes];
  return value === false ? [no] : [];
}

function named(all: string[]): FactPart[] {
  const parts: FactPart[] = all.slice(0, NAMED).map((each) => ({ machine: each }));
  return all.length > NAMED ? [...parts, { text: `and ${all.length - NAMED} more` }] : parts;
}

const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): Data[] => (Array.isArray(value) ? value.filter(isData) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const size = (value: unknown): string => (number(value) === null ? "" : bytesWords(number(value) ?? 0));
const words = (said: string): FactPart[] => (said === "" ? [] : [{ text: said }]);
const machine = (said: string): FactPart[] => (said === "" ? [] : [{ machine: said }]);
// A moment that cannot be read is no moment.
const moment = (before: string, at: string): FactPart[] => (Number.isNaN(new Date(at).getTime()) ? [] : [{ before, at }]);
