// What changed between two snapshots, grouped as a person reads it.
import type { PackageChange, PropertyChange, SectionKind, SnapshotDiff } from "@luumen/api-client";

import { SECTION_ORDER } from "../words";

export interface PackageGroups {
  changed: PackageChange[];
  installed: PackageChange[];
  removed: PackageChange[];
}

export function groupPackages(changes: PackageChange[]): PackageGroups {
  const groups: PackageGroups = { changed: [], installed: [], removed: [] };
  for (const change of changes) {
    if (!change.from_version) groups.installed.push(change);
    else if (!change.to_version) groups.removed.push(change);
    else groups.changed.push(change);
  }
  return groups;
}

export interface SectionChanges {
  section: SectionKind;
  changes: PropertyChange[];
}

/** Facts by section, in reading order; vitals last, because they always change. */
export function groupProperties(changes: PropertyChange[]): SectionChanges[] {
  return SECTION_ORDER.map((section) => ({
    section,
    changes: changes.filter((change) => change.section === section),
  })).filter((group) => group.changes.length > 0);
}

/** A path without its section: `sshd.settings.port` is `settings.port`. */
export function localPath({ section, path }: Pick<PropertyChange, "section" | "path">): string {
  return path.startsWith(`${section}.`) ? path.slice(section.length + 1) : path;
}

/** Values of a fact on one side, or nothing when it was not there. */
export function valuesWords(values: PropertyChange["from"]): string | null {
  if (values.length === 0) return null;
  return values.map(({ value }) => String(value)).join(", ");
}

/** One sentence on the whole. */
export function diffWords(diff: SnapshotDiff): string {
  const { changed, installed, removed } = groupPackages(diff.packages);
  const facts = diff.properties.filter(({ section }) => section !== "vitals").length;
  const parts = [
    [changed.length, "updated"],
    [installed.length, "installed"],
    [removed.length, "removed"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${count} ${word}`);
  const packages = parts.length > 0 ? `Packages: ${parts.join(", ")}.` : "No package changed.";
  const rest = facts > 0 ? `${facts} other ${facts === 1 ? "fact" : "facts"} differ${facts === 1 ? "s" : ""}.` : "No other fact changed.";
  return `${packages} ${rest}`;
}
