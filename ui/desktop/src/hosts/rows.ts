// The hosts as rows of a tree: groups with what is in them, narrowed by what was typed. Nothing here draws.
import type { contract } from "@luumen/backend";

export type Row =
  | { kind: "group"; id: string; depth: number; group: contract.Group; open: boolean; count: number }
  | { kind: "host"; id: string; depth: number; host: contract.Host; environment: contract.Environment };

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, undefined, { numeric: true });

/** The environment of a host: its own, else that of the nearest group that has one. */
export function environmentOf(host: Pick<contract.Host, "settings" | "group">, groups: readonly contract.Group[]): contract.Environment {
  return host.settings.environment ?? inherited("environment", host.group, groups)?.value ?? "none";
}

/** A setting as the nearest group around has it; what lets into a proxy comes with the nearest proxy or not at all. Groups that hold each other in a ring are walked once. */
export function inherited<K extends keyof contract.Settings>(
  key: K,
  group: contract.Id | null,
  groups: readonly contract.Group[],
): { value: NonNullable<contract.Settings[K]>; from: { group: contract.Id; name: string } } | null {
  const seen = new Set<string>();
  let at = groups.find(({ id }) => id === group);
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const value = at.settings[key];
    if (value !== null && value !== undefined) return { value: value as NonNullable<contract.Settings[K]>, from: { group: at.id, name: at.name } };
    if (key === "proxy_credential" && at.settings.proxy !== null) return null;
    const parent = at.parent;
    at = groups.find(({ id }) => id === parent);
  }
  return null;
}

/** The hosts that would lend this device's agent if a group were gone: it says off, and what is around it lends. */
export function lendingWithout(group: contract.Group, groups: readonly contract.Group[], hosts: readonly contract.Host[]): contract.Host[] {
  if (group.settings.agent_forwarding !== false || !inherited("agent_forwarding", group.parent, groups)?.value) return [];
  return hosts.filter((host) => host.settings.agent_forwarding === null && inherited("agent_forwarding", host.group, groups)?.from.group === group.id);
}

/** The hosts that would lend this device's agent in another group, and do not where they are. */
export function lendingIn(group: contract.Id | null, groups: readonly contract.Group[], hosts: readonly contract.Host[]): contract.Host[] {
  const lends = (inside: contract.Id | null) => inherited("agent_forwarding", inside, groups)?.value === true;
  return lends(group) ? hosts.filter((host) => host.settings.agent_forwarding === null && !lends(host.group)) : [];
}

/** `Databases / Berlin`. */
export function groupPath(group: contract.Id | null, groups: readonly contract.Group[]): string {
  const names: string[] = [];
  const seen = new Set<string>();
  let at = groups.find(({ id }) => id === group);
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    names.unshift(at.name);
    const parent = at.parent;
    at = groups.find(({ id }) => id === parent);
  }
  return names.join(" / ");
}

/** The rows from top to bottom. While something is looked for, every group that holds a host is open and the others are not shown. */
export function treeRows(groups: readonly contract.Group[], fitting: readonly contract.Host[], closed: ReadonlySet<string>, looking = false): Row[] {
  const known = new Set(groups.map(({ id }) => id));
  const rows: Row[] = [];
  const walked = new Set<string>();
  const walk = (parent: string | null, depth: number): number => {
    let count = 0;
    const inside = groups.filter((group) => (group.parent !== null && known.has(group.parent) ? group.parent : null) === parent).sort(byName);
    for (const group of inside) {
      if (walked.has(group.id)) continue;
      walked.add(group.id);
      const at = rows.length;
      const open = looking || !closed.has(group.id);
      const row: Row = { kind: "group", id: group.id, depth, group, open, count: 0 };
      rows.push(row);
      row.count = walk(group.id, depth + 1);
      if (looking && row.count === 0) rows.splice(at);
      else if (!open) rows.splice(at + 1);
      count += row.count;
    }
    const own = fitting.filter(({ group }) => (group !== null && known.has(group) ? group : null) === parent);
    for (const host of [...own].sort(byName)) rows.push({ kind: "host", id: host.id, depth, host, environment: environmentOf(host, groups) });
    return count + own.length;
  };
  walk(null, 0);
  return rows;
}

/** The hosts from one row to another, for Shift and a click. */
export function hostsBetween(rows: readonly Row[], from: string, to: string): string[] {
  const a = rows.findIndex(({ id }) => id === from);
  const b = rows.findIndex(({ id }) => id === to);
  if (a < 0 || b < 0) return [to];
  return rows.slice(Math.min(a, b), Math.max(a, b) + 1).flatMap((row) => (row.kind === "host" ? [row.id] : []));
}

/** Every tag that is in use, the commonest first. */
export function tagsOf(hosts: readonly contract.Host[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of hosts.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([tag]) => tag);
}

/** The hosts in a group and in the groups inside of it. */
export function hostsInside(group: contract.Id, groups: readonly contract.Group[], hosts: readonly contract.Host[]): contract.Host[] {
  const outside = new Set(possibleParents(group, groups).map(({ id }) => id));
  return hosts.filter((host) => host.group !== null && !outside.has(host.group) && groups.some(({ id }) => id === host.group));
}

/** Where a group may be put: not into itself or what it holds. */
export function possibleParents(group: contract.Id | null, groups: readonly contract.Group[]): contract.Group[] {
  const inside = new Set<string>(group ? [group] : []);
  let grew = group !== null;
  while (grew) {
    const more = groups.filter(({ id, parent }) => parent !== null && inside.has(parent) && !inside.has(id));
    more.forEach(({ id }) => inside.add(id));
    grew = more.length > 0;
  }
  return groups.filter(({ id }) => !inside.has(id));
}
