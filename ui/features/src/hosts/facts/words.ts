// Names and values of facts as a person reads them: units come from the end of the name.
import { bytesWords, exactCount, exactSpan } from "@luumen/kit/format";

const SHORT: Record<string, string> = {
  cpu: "CPU",
  os: "OS",
  id: "ID",
  uid: "UID",
  gid: "GID",
  uuid: "UUID",
  mac: "MAC",
  mtu: "MTU",
  dns: "DNS",
  cpe: "CPE",
  bios: "BIOS",
  fqdn: "FQDN",
  sha256: "SHA-256",
  selinux: "SELinux",
  apparmor: "AppArmor",
  lsm: "LSM",
  fips: "FIPS",
  openssl: "OpenSSL",
  ca: "CA",
  fs: "FS",
  mem: "memory",
  "1m": "1 min",
  "5m": "5 min",
  "15m": "15 min",
  nopasswd: "NOPASSWD",
};

const UNITS = /_(bytes|s|ms|at|on|percent|days|hash)$/;

/** `mem_bytes` is `Memory`, `cpu_model` is `CPU model`. */
export function nameWords(key: string): string {
  const words = key
    .replace(UNITS, (unit) => (unit === "_hash" ? unit : ""))
    .split(/[._]/)
    .map((word) => SHORT[word] ?? word)
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export type ValueKind =
  | { kind: "text"; text: string }
  | { kind: "machine"; text: string }
  | { kind: "moment"; at: string };

/** A fact's value in words, by the unit in its name. */
export function valueWords(key: string, value: string | number | boolean): ValueKind {
  if (typeof value === "boolean") return { kind: "text", text: value ? "Yes" : "No" };
  if (typeof value === "number") {
    if (key.endsWith("_bytes")) return { kind: "text", text: bytesWords(value) };
    if (key.endsWith("_s")) return { kind: "text", text: exactSpan(value) };
    if (key.endsWith("_percent")) return { kind: "text", text: `${value.toFixed(1).replace(/\.0$/, "")} %` };
    if (/(^|[._])(uid|gid|pid|port)$/.test(key)) return { kind: "text", text: String(value) };
    return { kind: "text", text: Number.isInteger(value) ? exactCount(value) : String(value) };
  }
  if (key.endsWith("_at") || key === "not_before" || key === "not_after") return { kind: "moment", at: value };
  return { kind: "machine", text: value };
}

/** Facts that a whole section has; those that are absent are said to be not known. */
export const EXPECTED: Record<string, string[]> = {
  os: ["name", "id", "version_id", "hostname", "fqdn", "arch", "kernel_release", "init", "timezone", "boot_at"],
  hardware: ["cpu_model", "cpu_threads", "mem_bytes", "swap_bytes", "virtualization", "system_vendor", "product_name", "serial"],
  kernel: ["running", "newest_installed", "running_is_newest"],
  reboot_required: ["required", "source"],
  pending_updates: ["metadata_at", "security_count"],
  firewall: ["active"],
  audit: ["installed", "active"],
  crypto_policy: ["fips_enabled", "policy", "openssl_version"],
  time_sync: ["service", "active", "synchronized"],
  sshd: ["version", "source"],
  vitals: ["uptime_s", "load_1m", "mem_available_bytes", "processes"],
};
