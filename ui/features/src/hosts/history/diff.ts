// What changed between two snapshots, grouped as a person reads it.
import type { PackageChange, PropertyChange, SectionKind, SnapshotDiff, SnapshotSummary } from "@luumen/api-client";

import { isComplete, SECTION_ORDER, SECTIONS } from "../words";

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
  const packages = parts.length > 0 ? `Packages: ${parts.join(", ")}.` : withoutPackages(diff);
  const rest = facts > 0 ? `${facts} other ${facts === 1 ? "fact" : "facts"} differ${facts === 1 ? "s" : ""}.` : withoutFacts(diff);
  return `${packages} ${rest}`;
}

function withoutPackages({ not_comparable }: SnapshotDiff): string {
  return not_comparable.includes("packages") ? "Nothing can be said about packages." : "No package changed.";
}

function withoutFacts({ not_comparable }: SnapshotDiff): string {
  return not_comparable.some((kind) => kind !== "packages") ? "No other fact that both could read changed." : "No other fact changed.";
}

/** `not known of Packages and 4 others`: sections that a visit could not read whole may have changed. Nothing when it read all. */
export function notKnownWords(visit: Pick<SnapshotSummary, "section_status">): string | null {
  const unread = unreadSections(visit);
  const [first] = unread.includes("packages") ? (["packages"] as const) : unread;
  if (!first) return null;
  const others = unread.length - 1;
  const rest = others === 0 ? "" : others === 1 ? " and 1 other" : ` and ${others} others`;
  return `not known of ${SECTIONS[first]}${rest}`;
}

/** The sections that a visit could not read whole. */
export function unreadSections({ section_status }: Pick<SnapshotSummary, "section_status">): SectionKind[] {
  return SECTION_ORDER.filter((kind) => {
    const status = section_status[kind];
    return status !== undefined && !isComplete(status);
  });
}
