// Forwards in words, and what is wrong with one that a person types.
import type { contract } from "@luumen/backend";

const at = (host: string, port: number | null) => `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port ?? "?"}`;

/** Where a forward listens and where it leads. */
export function forwardWords(forward: contract.ForwardSpec & { bound_port?: number | null }): string {
  const from = at(forward.bind, forward.bound_port ?? forward.port);
  const to = at(forward.to_host ?? "", forward.to_port);
  if (forward.kind === "dynamic") return `SOCKS ${from}`;
  return forward.kind === "local" ? `${from} → ${to}` : `host ${from} → this device ${to}`;
}

/** Why a forward cannot be started as it is, or null. */
export function forwardFault(spec: contract.ForwardSpec): string | null {
  if (spec.bind.trim() === "") return "Say where to listen";
  if (spec.port < 0 || spec.port > 65_535) return "A port is a number up to 65535";
  if (spec.kind === "dynamic") return null;
  if (!spec.to_host?.trim()) return "Say where it leads";
  return spec.to_port && spec.to_port <= 65_535 ? null : "Say to which port it leads";
}
