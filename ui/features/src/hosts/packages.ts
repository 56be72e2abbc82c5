// The packages of one snapshot: read out of the document, searched and sorted.
import type { SnapshotDocument } from "@luumen/api-client";
import type { Sorting } from "@luumen/kit";
import { exactCount, plural } from "@luumen/kit/format";

export interface InstalledPackage {
  manager: string;
  name: string;
  version: string;
  arch?: string;
  source?: string;
  source_version?: string;
  status?: string;
  size_bytes?: number;
  installed_at?: string;
  origin?: string;
  module?: string;
}

/** Columns that the packages can be sorted by. */
export const PACKAGE_SORTS = ["name", "version", "arch", "source", "manager", "status", "size_bytes", "installed_at"] as const;

/** How they are sorted until a person chooses. */
export const BY_NAME: Sorting = { column: "name", descending: false };

/** Reads an order out of the URL, such as `-size_bytes`; nothing when it makes no sense or is the usual one. */
export function readPackageSort(written: string | undefined): Sorting | undefined {
  const descending = written?.startsWith("-") ?? false;
  const column = PACKAGE_SORTS.find((each) => each === (descending ? written?.slice(1) : written));
  return column && (column !== BY_NAME.column || descending) ? { column, descending } : undefined;
}

/** The packages of a document; nothing when the section was not read. */
export function packagesOf(doc: SnapshotDocument): InstalledPackage[] | null {
  const data: unknown = doc.snapshot.sections["packages"]?.data;
  if (typeof data !== "object" || data === null || !("items" in data) || !Array.isArray(data.items)) return null;
  return data.items as InstalledPackage[];
}

const REMOVED = ["config-files", "not-installed"];

/** False for what was removed and is still known of. The host's own count leaves it out, so this has to. */
export function isInstalled({ status }: Pick<InstalledPackage, "status">): boolean {
  return !status || !REMOVED.includes(status);
}

/** How many are installed of those that are listed, such as `312 packages · 3 removed, settings left`; with all, `4 packages of 312`. */
export function packageCountWords(listed: InstalledPackage[], all?: InstalledPackage[]): string {
  const installed = listed.filter(isInstalled).length;
  const removed = listed.length - installed;
  const of = all ? ` of ${exactCount(all.filter(isInstalled).length)}` : "";
  return `${plural(installed, "package")}${of}${removed > 0 ? ` · ${exactCount(removed)} removed, settings left` : ""}`;
}

/** Packages whose name, source or version holds every word. */
export function findPackages(packages: InstalledPackage[], typed: string): InstalledPackage[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return packages;
  return packages.filter((each) => {
    const text = `${each.name} ${each.source ?? ""} ${each.version}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What an empty list says. That there is nothing is known only where all was read. */
export function noPackagesWords(q: string, complete: boolean): { title: string; body: string } {
  if (q) return { title: `No package matches “${q}”`, body: "Names, source names and versions are searched." };
  if (complete) return { title: "There is no package on this host", body: "The section was read completely." };
  return { title: "No package could be listed", body: "What was not read stands above." };
}

const natural = new Intl.Collator("en", { numeric: true });

/** Sorted by a column; what is not known comes last either way. */
export function sortPackages(packages: InstalledPackage[], { column, descending }: Sorting): InstalledPackage[] {
  const way = descending ? -1 : 1;
  const key = (each: InstalledPackage) => each[column as keyof InstalledPackage];
  return [...packages].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (typeof left === "number" && typeof right === "number") return way * (left - right);
    return way * natural.compare(String(left), String(right));
  });
}
