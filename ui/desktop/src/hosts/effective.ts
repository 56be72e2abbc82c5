// Settings in words, and where each comes from. Nothing here draws.
import type { contract } from "@luumen/backend";

export const ENVIRONMENTS: Record<contract.Environment, string> = {
  production: "Production",
  staging: "Staging",
  development: "Development",
  none: "None",
};

export const LABELS: Record<keyof contract.Settings, string> = {
  user: "User",
  port: "Port",
  credential: "Credential",
  jump: "Jump hosts",
  proxy: "Proxy",
  proxy_credential: "Proxy credential",
  environment: "Environment",
  host_key_policy: "New host keys",
  keepalive_s: "Keepalive",
  connect_timeout_s: "Give up connecting after",
  compression: "Compression",
  agent_forwarding: "Agent forwarding",
  log: "Session log",
  sudo_tier: "Sudo for scans",
  terminal: "Terminal type",
};

const WORDS: Partial<Record<keyof contract.Settings, Record<string, string>>> = {
  environment: ENVIRONMENTS,
  host_key_policy: { ask: "ask", strict: "refuse" },
  log: { off: "off", metadata: "metadata", full: "everything" },
  sudo_tier: { none: "none", standard: "standard", extended: "extended" },
};

/** A setting's value in words; `names` knows credentials and hosts by id. */
export function valueWords<K extends keyof contract.Settings>(key: K, value: contract.Settings[K], names: ReadonlyMap<string, string> = new Map()): string {
  if (value === null || value === undefined || value === "") return EMPTY_WORDS[key] ?? "none";
  if (key === "keepalive_s" || key === "connect_timeout_s") return value === 0 ? "never" : `${String(value)} s`;
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((id) => names.get(id) ?? "a host that is gone").join(" → ");
  if (key === "credential" || key === "proxy_credential") return names.get(String(value)) ?? "a credential that is gone";
  return WORDS[key]?.[String(value)] ?? String(value);
}

const EMPTY_WORDS: Partial<Record<keyof contract.Settings, string>> = {
  credential: "asks, or the agent",
  proxy_credential: "asks, where the proxy names a user",
  user: "the name of this device's user",
};

export function originWords(from: contract.Origin): string {
  if (from === "host") return "set here";
  if (from === "default") return "usual";
  return `from ${from.name}`;
}

/** What is worth a line in the panel: what somebody chose, and what always matters. */
export function effectiveRows(effective: contract.Effective, names: ReadonlyMap<string, string> = new Map()) {
  const always = new Set<keyof contract.Settings>(["user", "port", "credential", "environment", "sudo_tier"]);
  return (Object.keys(LABELS) as (keyof contract.Settings)[])
    .filter((key) => always.has(key) || effective[key].from !== "default")
    .map((key) => ({ key, label: LABELS[key], value: valueWords(key, effective[key].value, names), from: effective[key].from }));
}
