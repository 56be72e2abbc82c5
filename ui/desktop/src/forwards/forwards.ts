// Forwards in words, and what is wrong with one that a person types. Nothing here draws.
import type { contract } from "@luumen/backend";

type Spec = contract.ForwardSpec;

export interface ForwardFaults {
  bind?: string;
  port?: string;
  to_host?: string;
  to_port?: string;
}

/** A forward as it stands in an empty form. */
export function newForward(auto: boolean): Spec {
  return { id: crypto.randomUUID(), kind: "local", bind: "127.0.0.1", port: 0, to_host: "127.0.0.1", to_port: null, auto, label: "" };
}

/** A forward as it is kept: without blanks around what was typed, and a proxy leads nowhere by itself. */
export function tidyForward(spec: Spec): Spec {
  const tidy = { ...spec, bind: spec.bind.trim(), label: spec.label.trim() };
  return spec.kind === "dynamic" ? { ...tidy, to_host: null, to_port: null } : { ...tidy, to_host: spec.to_host?.trim() ?? null };
}

const at = (host: string, port: number | string) => `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;

/** Where a forward listens and where it leads. */
export function forwardWords(forward: Spec & { bound_port?: number | null }): string {
  const from = at(forward.bind, forward.bound_port ?? (forward.port || "any"));
  const to = at(forward.to_host ?? "", forward.to_port ?? "?");
  if (forward.kind === "dynamic") return `SOCKS ${from}`;
  return forward.kind === "local" ? `${from} → ${to}` : `host ${from} → this device ${to}`;
}

/** What a person calls it, else where it goes. */
export function forwardName(forward: Spec): string {
  return forward.label.trim() || forwardWords(forward);
}

const MOST = 65_535;

/** What is wrong with a forward, at the field that has to change; `others` are those of the same host. */
export function forwardFaults(spec: Spec, others: readonly Spec[] = []): ForwardFaults {
  const faults: ForwardFaults = {};
  const bind = spec.bind.trim();
  if (bind === "") faults.bind = "Where to listen? 127.0.0.1 lets in only programs of the same machine";
  else if (isMore(bind)) faults.bind = "An address only; the port has a field of its own";
  const taken = others.find((other) => other.id !== spec.id && listensAlike(spec, other));
  if (spec.port < 0 || spec.port > MOST) faults.port = `A port is a number up to ${MOST}`;
  else if (taken) faults.port = `${forwardName(taken)} listens there already`;
  return spec.kind === "dynamic" ? faults : { ...faults, ...endFaults(spec) };
}

function endFaults({ to_host, to_port }: Spec): ForwardFaults {
  const faults: ForwardFaults = {};
  const host = to_host?.trim() ?? "";
  if (host === "") faults.to_host = "Where does it lead? A name or an address";
  else if (isMore(host)) faults.to_host = "A name or an address only; the port has a field of its own";
  if (!to_port) faults.to_port = "To which port?";
  else if (to_port > MOST) faults.to_port = `A port is a number up to ${MOST}`;
  return faults;
}

/** Whether somebody typed more than an address: `host:port`, a web address, two words. */
function isMore(address: string): boolean {
  return /[\s/@]/.test(address) || /^[^:]+:\d*$/.test(address) || /\]:\d*$/.test(address);
}

const EVERYWHERE = new Set(["*", "0.0.0.0", "::", "[::]"]);

function listensAlike(a: Spec, b: Spec): boolean {
  if (a.port === 0 || a.port !== b.port || (a.kind === "remote") !== (b.kind === "remote")) return false;
  const [here, there] = [a.bind.trim().toLowerCase(), b.bind.trim().toLowerCase()];
  return here === there || EVERYWHERE.has(here) || EVERYWHERE.has(there);
}

/** Whether only programs of the same machine can use what listens at an address. */
export function isOwnOnly(bind: string): boolean {
  return /^(127\.|localhost$|::1$|\[::1\]$|$)/.test(bind.trim());
}
