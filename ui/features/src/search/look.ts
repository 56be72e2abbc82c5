// What the palette looks up while a person types: hosts, vulnerabilities and packages.
import { api, dataOf } from "@luumen/api-client";
import { describeFailure, plural, quoted, type Navigate, type PaletteGroup } from "@luumen/kit";

import { hostsHref } from "../hosts/view";
import { HOST_STATES } from "../hosts/words";
import { packagesHref } from "../packages/view";
import { vulnerabilityEntries } from "./vulnerabilities";

const MOST = 6;

/** Hosts, vulnerabilities and packages that fit, and which of them could not be looked up. */
export async function lookUp(typed: string, go: Navigate): Promise<PaletteGroup[]> {
  const answers = await Promise.allSettled([
    dataOf(api.GET("/hosts", { params: { query: { q: quoted(typed), limit: MOST } } })),
    dataOf(api.GET("/vulnerabilities", { params: { query: { q: typed, limit: MOST } } })),
    dataOf(api.GET("/packages", { params: { query: { q: typed, limit: MOST } } })),
  ]);
  const [hosts, findings, packages] = [given(answers[0]), given(answers[1]), given(answers[2])];
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
    ...notLookedUp(answers),
  ];
}

const given = <T>(answer: PromiseSettledResult<T>): T | null => (answer.status === "fulfilled" ? answer.value : null);

/** What was asked for, in the order of the answers. */
const ASKED = ["hosts", "vulnerabilities", "packages"];
const together = new Intl.ListFormat("en-GB");

/** What could not be looked up, and why; of several, why the first could not. Nothing that fits means something only without it. */
function notLookedUp(answers: PromiseSettledResult<unknown>[]): PaletteGroup[] {
  const what = ASKED.filter((_, at) => answers[at]?.status === "rejected");
  const first = answers.find((answer) => answer.status === "rejected");
  if (!first) return [];
  return [{ title: "Not looked up", entries: [], note: `Could not look up ${together.format(what)}: ${describeFailure(first.reason).title}` }];
}
