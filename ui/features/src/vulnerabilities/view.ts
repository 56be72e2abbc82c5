// The whole view of the list of findings as it stands in the URL.
import { readFilter, textOf } from "./filter";

export type Params = Record<string, string>;

export const TABS = ["active", "resolved", "excepted", "informational"] as const;
export type Tab = (typeof TABS)[number];

/** Columns that the server can sort by. */
export const SORTS = ["priority", "severity", "score", "epss", "hosts", "opened_at", "age", "vulnerability", "package"] as const;
export type Sort = (typeof SORTS)[number];

/** These read from the top of the alphabet; everything else from the greatest. */
const FROM_THE_LEAST: Sort[] = ["vulnerability", "package"];

export function usualWay(sort: Sort): boolean {
  return !FROM_THE_LEAST.includes(sort);
}

export interface FindingsView {
  tab: Tab;
  q: string;
  sort: Sort;
  descending: boolean;
  /** Columns shown; nothing means the person's usual ones. */
  columns: string[] | null;
  /** The finding in the drawer. */
  open: FindingKey | null;
}

/** What a finding is known by. */
export interface FindingKey {
  vulnerability: string;
  package: string;
}

/** `CVE-2022-0778 openssl`: ids hold no spaces. */
export function keyText({ vulnerability, package: name }: FindingKey): string {
  return `${vulnerability} ${name}`;
}

export function readKey(text: string | undefined): FindingKey | null {
  const [, vulnerability, name] = /^(\S+) (.+)$/.exec(text ?? "") ?? [];
  return vulnerability && name ? { vulnerability, package: name } : null;
}

/** Reads the view out of the URL's parameters; what makes no sense is left out. */
export function readFindingsView(params: Params): FindingsView {
  const written = params["sort"] ?? "";
  const reversed = written.startsWith("-");
  const sort = SORTS.find((each) => each === (reversed ? written.slice(1) : written)) ?? "priority";
  return {
    tab: TABS.find((tab) => tab === params["tab"]) ?? "active",
    q: textOf(params),
    sort,
    descending: reversed ? !usualWay(sort) : usualWay(sort),
    columns: params["columns"]?.split(",").filter(Boolean) ?? null,
    open: readKey(params["open"]),
  };
}

/** The URL's parameters for a view; what is as usual is not written. A `-` turns the usual way of sorting round. */
export function writeFindingsView(view: FindingsView): Params {
  const params: Params = {};
  const turned = view.descending !== usualWay(view.sort);
  if (view.tab !== "active") params["tab"] = view.tab;
  if (view.q) params["q"] = view.q;
  if (view.sort !== "priority" || turned) params["sort"] = (turned ? "-" : "") + view.sort;
  if (view.columns) params["columns"] = view.columns.join(",");
  if (view.open) params["open"] = keyText(view.open);
  return params;
}

/** What the view asks the server for, but for the page. */
export function findingQuery(view: FindingsView, pinned: Params = {}) {
  const { filter } = readFilter(view.q);
  return { ...filter, ...pinned, tab: view.tab, sort: view.sort, descending: view.descending };
}

const BASE = "/vulnerabilities";

/** The address of the list with a filter. */
export function findingsHref(q: string, tab: Tab = "active"): string {
  const params = new URLSearchParams({ ...(tab !== "active" && { tab }), ...(q && { q }) }).toString();
  return params ? `${BASE}?${params}` : BASE;
}

/** The address of one vulnerability's page. */
export function vulnerabilityHref(id: string): string {
  return `${BASE}/${encodeURIComponent(id)}`;
}

/** The address of the findings of one package. */
export function packageFindingsHref(name: string): string {
  return `${BASE}/packages/${encodeURIComponent(name)}`;
}

export type ExportFormatName = "csv" | "sarif" | "cyclonedx-vex" | "ocsf";

/** Where exactly what the view shows is to be had as a file. */
export function exportHref(view: FindingsView, format: ExportFormatName, pinned: Params = {}): string {
  const asked = Object.entries(findingQuery(view, pinned)).map(([name, value]): [string, string] => [name, String(value)]);
  return `/api/v1/vulnerabilities/export?${new URLSearchParams([["format", format], ...asked])}`;
}
