// What closes a vulnerability, read from its variants: one line for each package, platform and version.
import type { FindingVariant, FixState, PackageFinding } from "@luumen/api-client";
import { plural } from "@luumen/kit/format";

import { channelWords } from "../words";

export interface FixLine {
  package: string;
  platform: string;
  fix: FixState;
  version: string | null;
  channel: string | null;
  endOfLife: boolean;
  hosts: number;
}

const RANK: Record<FixState, number> = { available: 0, needs_subscription: 1, none: 2 };

/** Lines for what is still to be done, what helps at once first. */
export function fixLines(packages: PackageFinding[]): FixLine[] {
  const lines = new Map<string, FixLine>();
  for (const { finding, variants } of packages) {
    for (const variant of variants.filter(isToBeDone)) {
      const line = lineOf(finding.package, variant);
      const key = [line.package, line.platform, line.fix, line.version, line.channel].join("\n");
      const known = lines.get(key);
      if (known) known.hosts += line.hosts;
      else lines.set(key, line);
    }
  }
  return [...lines.values()].sort((a, b) => RANK[a.fix] - RANK[b.fix] || b.hosts - a.hosts || a.platform.localeCompare(b.platform));
}

function isToBeDone({ verdict }: FindingVariant): boolean {
  return verdict !== "fixed" && verdict !== "not_affected";
}

function lineOf(name: string, variant: FindingVariant): FixLine {
  return {
    package: name,
    platform: variant.platform,
    fix: variant.fix,
    version: variant.fixed_version ?? null,
    channel: variant.fix_channel ?? null,
    endOfLife: variant.end_of_life,
    hosts: variant.host_count,
  };
}

/** `Upgrade openssl to 3.0.15-1 on 12 hosts`. */
export function lineWords({ package: name, fix, version, channel, platform, hosts }: FixLine): string {
  const on = `on ${plural(hosts, "host")}`;
  const to = version ? ` to ${version}` : "";
  if (fix === "available") return `Upgrade ${name}${to} ${on}`;
  if (fix === "needs_subscription") {
    return `Upgrade ${name}${to} ${on}: needs ${channel ? channelWords(channel, platform) : "a subscription"}`;
  }
  return `No fix of ${name} is published for ${plural(hosts, "host")}`;
}
