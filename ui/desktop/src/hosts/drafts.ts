// Hosts and groups as they are typed into a form, and what is wrong with them.
import type { contract } from "@luumen/backend";

import { forwardFaults, tidyForward, type ForwardFaults } from "../forwards/forwards";

export const NOTHING_SET: contract.Settings = {
  user: null,
  port: null,
  credential: null,
  jump: null,
  proxy: null,
  proxy_credential: null,
  environment: null,
  host_key_policy: null,
  keepalive_s: null,
  connect_timeout_s: null,
  compression: null,
  agent_forwarding: null,
  log: null,
  sudo_tier: null,
  terminal: null,
};

export const NEW_HOST: contract.HostDraft = {
  group: null,
  name: "",
  protocol: "ssh",
  address: "",
  tags: [],
  note: "",
  settings: NOTHING_SET,
  forwards: [],
};

/** What of a stored host a form may change. */
export function draftOf(host: contract.Host): contract.HostDraft {
  const { group, name, protocol, address, tags, note, settings, forwards } = host;
  return { group, name, protocol, address, tags, note, settings, forwards };
}

/** A draft as it is kept: without blanks around what was typed. */
export function tidyDraft(draft: contract.HostDraft): contract.HostDraft {
  return { ...draft, name: draft.name.trim(), address: draft.address.trim(), forwards: draft.forwards.map(tidyForward) };
}

export interface Faults {
  name?: string;
  address?: string;
  proxy?: string;
  /** By the id of the forward. */
  forwards?: ReadonlyMap<string, ForwardFaults>;
}

/**
 * `none` goes without the proxy that would be inherited. An account may stand before the host, its password never. An IPv6 address stands
 * in brackets, or its port could not be told from it.
 */
function isProxy(typed: string): boolean {
  const port = /^(?:socks5|http):\/\/(?:[^\s:/]+@)?(?:\[[0-9a-f:.]+(?:%[^\s\]/@]+)?\]|[^\s:/@[\]-][^\s:/@[\]]*):(\d+)$/i.exec(typed)?.[1];
  return typed === "none" || (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535);
}

function holdsPassword(proxy: string): boolean {
  return /:\/\/[^/]*:[^/]*@/.test(proxy);
}

/**
 * The jump hosts after a person chose: none of them is what is inherited, unless the host is to go straight, which is a way of its own
 * and switches an inherited one off.
 */
export function jumpOf(hops: readonly contract.Id[], straight: boolean): contract.Settings["jump"] {
  if (hops.length > 0) return [...hops];
  return straight ? [] : null;
}

export function goesStraight(jump: contract.Settings["jump"]): boolean {
  return jump !== null && jump.length === 0;
}

/** What a person sees at the field at once; the workbench has the last word. */
export function hostFaults(draft: contract.HostDraft): Faults {
  const faults: Faults = {};
  if (draft.name.trim() === "") faults.name = "A host needs a name";
  if (draft.address.trim() === "") faults.address = "Where is it? A name or an IP address";
  else if (/[\s/]|:\/\//.test(draft.address.trim())) faults.address = "A name or an IP address only; user and port have fields of their own";
  const proxy = draft.settings.proxy;
  if (proxy && !isProxy(proxy)) faults.proxy = holdsPassword(proxy) ? "No password here: keep it as a credential, and choose that as the proxy credential" : "socks5://user@host:port, http://host:port, or none";
  const forwards = new Map(draft.forwards.map((each) => [each.id, forwardFaults(each, draft.forwards)] as const).filter(([, found]) => Object.keys(found).length > 0));
  if (forwards.size > 0) faults.forwards = forwards;
  return faults;
}
