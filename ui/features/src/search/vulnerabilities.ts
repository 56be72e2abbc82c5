// Vulnerabilities in the palette: those found, the packages that have them, and an id that was typed whole.
import type { Finding } from "@luumen/api-client";
import type { Navigate, PaletteGroup } from "@luumen/kit";
import { plural } from "@luumen/kit/format";

import { packageFindingsHref, vulnerabilityHref } from "../vulnerabilities/view";

const WHOLE_ID = /^cve-\d{4}-\d{4,}$/i;

type Found = Pick<Finding, "vulnerability" | "package" | "title" | "open_host_count">;

/** Each vulnerability and each package once. An id that was typed whole is offered always; whether a host has it, its page says. */
export function vulnerabilityEntries(typed: string, found: Found[], go: Navigate): PaletteGroup[] {
  const ids = new Map(found.map(({ vulnerability, package: name, title }) => [vulnerability, title ?? name]));
  const whole = typed.trim().toUpperCase();
  // Only what is open was looked up: that it was not found says nothing of the hosts.
  if (WHOLE_ID.test(whole) && !ids.has(whole)) ids.set(whole, "open its page");
  const packages = new Map<string, number>();
  for (const { package: name } of found) packages.set(name, (packages.get(name) ?? 0) + 1);
  return [
    {
      title: "Vulnerabilities",
      entries: [...ids].map(([id, hint]) => ({ id: `vulnerability:${id}`, name: id, hint, run: () => go(vulnerabilityHref(id)) })),
    },
    {
      title: "Packages with findings",
      entries: [...packages]
        .filter(([name]) => name.toLowerCase().includes(typed.trim().toLowerCase()))
        .map(([name, count]) => ({
          id: `findings:${name}`,
          name,
          hint: `${plural(count, "finding")} or more`,
          run: () => go(packageFindingsHref(name)),
        })),
    },
  ];
}
