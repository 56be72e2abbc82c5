// What the palette looks up while a person types: hosts, vulnerabilities and packages.
import { api, dataOf } from "@luumen/api-client";
import { plural, quoted, type Navigate, type PaletteGroup } from "@luumen/kit";

import { hostsHref } from "../hosts/view";
import { HOST_STATES } from "../hosts/words";
import { packagesHref } from "../packages/view";
import { vulnerabilityEntries } from "./vulnerabilities";

const MOST = 6;

/** Hosts, vulnerabilities and packages that fit; what cannot be looked up is left out. */
export async function lookUp(typed: string, go: Navigate): Promise<PaletteGroup[]> {
  const [hosts, findings, packages] = await Promise.all([
    dataOf(api.GET("/hosts", { params: { query: { q: quoted(typed), limit: MOST } } })).catch(() => null),
    dataOf(api.GET("/vulnerabilities", { params: { query: { q: typed, limit: MOST } } })).catch(() => null),
    dataOf(api.GET("/packages", { params: { query: { q: typed, limit: MOST } } })).catch(() => null),
  ]);
  const all = hosts && hosts.total > MOST;
  return [
    {
      title: "Hosts",
      entries: [
        ...(hosts?.items ?? []).map((host) => ({
          id: `host:${host.id}`,
          name: host.name,
          hint: `${host.address} · ${HOST_STATES[host.state].word}`,
          run: () => go(`/hosts/${host.id}`),
        })),
        ...(all
          ? [
              {
                id: "hosts:all",
                name: `All ${plural(hosts.total, "host")} with “${typed}”`,
                run: () => go(hostsHref(quoted(typed))),
              },
            ]
          : []),
      ],
    },
    ...vulnerabilityEntries(typed, findings?.items ?? [], go),
    {
      title: "Packages",
      entries: (packages?.items ?? []).map(({ manager, name, host_count }) => ({
        id: `package:${manager}/${name}`,
        name,
        hint: `${manager} · ${plural(host_count, "host")}`,
        run: () => go(packagesHref(name)),
      })),
    },
  ];
}
