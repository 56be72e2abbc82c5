// Host states, outcomes and section statuses in the words and marks of the surface.
import type { HostState, Outcome, SectionKind, SectionStatus } from "@luumen/api-client";
import type { Tone } from "@luumen/kit";
import { plural } from "@luumen/kit/format";

interface Words {
  tone: Tone;
  word: string;
  title: string;
}

export const HOST_STATES: Record<HostState, Words> = {
  ok: { tone: "ok", word: "OK", title: "Seen in time, every section complete" },
  partial: { tone: "partial", word: "Partial", title: "Seen in time, but some section could not be read whole" },
  failing: { tone: "failed", word: "Failing", title: "The last visit failed, or was skipped; what is shown is from the visit before" },
  stale: { tone: "stale", word: "Stale", title: "Two intervals went by without a snapshot" },
  never_seen: { tone: "unknown", word: "Never seen", title: "No visit has succeeded yet" },
  disabled: { tone: "off", word: "Disabled", title: "Visits are switched off" },
};

/** In the order of urgency: what a person should look at first. */
export const STATE_ORDER: HostState[] = ["failing", "stale", "never_seen", "partial", "ok", "disabled"];

export const OUTCOMES: Record<Outcome, Words> = {
  complete: { tone: "ok", word: "Complete", title: "Every section was read" },
  partial: { tone: "partial", word: "Partial", title: "Some section could not be read whole" },
  failed: { tone: "failed", word: "Failed", title: "There is no snapshot of this visit" },
  skipped: { tone: "failed", word: "Skipped", title: "The host was not tried" },
};

export const SECTION_STATUSES: Record<SectionStatus, Words> = {
  ok: { tone: "ok", word: "Complete", title: "Everything was read" },
  unchanged: { tone: "ok", word: "Unchanged", title: "The same facts as at the visit before" },
  unsupported: { tone: "off", word: "Not on this system", title: "This platform has no such thing" },
  partial: { tone: "partial", word: "Partial", title: "Something was read and something was not" },
  denied: { tone: "failed", word: "Denied", title: "The account may not read it" },
  timeout: { tone: "stale", word: "Timed out", title: "A command did not end in time" },
  truncated: { tone: "partial", word: "Cut", title: "The output reached its cap and the rest was cut" },
  parse_error: { tone: "failed", word: "Not understood", title: "Output came and could not be understood" },
};

/** Only these mean "this is all there is". */
export function isComplete(status: SectionStatus): boolean {
  return status === "ok" || status === "unchanged" || status === "unsupported";
}

/** Sections in reading order, by the name on a screen. */
export const SECTIONS: Record<SectionKind, string> = {
  os: "Operating system",
  hardware: "Hardware",
  disks: "Disks",
  mounts: "Mounts",
  network: "Network",
  packages: "Packages",
  python_packages: "Python packages",
  kernel: "Kernel",
  reboot_required: "Reboot required",
  pending_updates: "Pending updates",
  repositories: "Repositories",
  services: "Services",
  timers: "Timers",
  users: "Users",
  groups: "Groups",
  sudo_policy: "Sudo policy",
  sshd: "SSH server",
  sysctl: "Kernel settings",
  mandatory_access: "SELinux and AppArmor",
  firewall: "Firewall",
  audit: "Audit",
  crypto_policy: "Crypto policy",
  time_sync: "Time synchronisation",
  listening_ports: "Listening ports",
  containers: "Containers",
  certificates: "Certificates",
  applications: "Applications",
  vitals: "Vitals",
};

export const SECTION_ORDER = Object.keys(SECTIONS) as SectionKind[];

const NAMED = 3;

/** The names of some hosts, such as `web-1, web-2, web-3 and 9 more`. */
export function namedHosts(names: readonly string[]): string {
  const more = names.length - NAMED;
  if (more > 1) return `${names.slice(0, NAMED).join(", ")} and ${more} more`;
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
}

/** Of how many hosts a filtered list says nothing, because what the filter asks was not read of them, or not whole. */
export function unknownHostsWords(count: number): string {
  return `nothing can be said about ${plural(count, "host")}: what the filter asks was not read there`;
}
