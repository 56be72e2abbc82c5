// Where a password is kept, in words: a credential may be shared, and what is kept in it goes to all who share it.
import type { contract } from "@luumen/backend";
import { plural } from "@luumen/kit";

export function keepWords({ name, hosts, proxies }: contract.CredentialUse): string {
  return `Keep it in the credential “${name}” (${usedBy(hosts, proxies)})`;
}

function usedBy(hosts: number, proxies: number): string {
  const proxy = `for the proxy of ${plural(proxies, "host")}`;
  if (hosts === 0) return proxies === 0 ? "used by no host that is kept" : `used ${proxy}`;
  return `used by ${plural(hosts, "host")}${proxies === 0 ? "" : `, and ${proxy}`}`;
}
