// The first page: what needs a person today, how well the fleet is known, and what the agents did.
import type { Overview } from "@luumen/api-client";
import { Count, Empty, Link, Loaded, Page, Panel, PlainTable, plural, StateMark } from "@luumen/kit";
import { Plot } from "@luumen/kit/plot";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { hostsHref } from "../hosts/view";
import { HOST_STATES, STATE_ORDER } from "../hosts/words";
import { AgentTable, RunTable } from "../runs";
import { FirstSteps } from "./FirstSteps";
import { freshnessHref, neverSeenCount, neverSeenWords, noGapsWords, overviewWords, unseenHref } from "./needs";
import { NeedsPanel } from "./NeedsPanel";
import { overviewQuery } from "./queries";

const RUNS = 6;
const SYSTEMS = 8;

export function OverviewPage() {
  const overview = useQuery(overviewQuery);
  return (
    <Page title="Overview" state={overview.data && overviewWords(overview.data)}>
      <Loaded from={overview} what="the overview" rows={10}>
        {(data) => {
          const started = data.host_count > 0 && data.agents.length > 0 && data.package_count > 0;
          return (
            <>
              {!started && <FirstSteps overview={data} />}
              {data.host_count > 0 && <Fleet overview={data} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Fleet({ overview }: { overview: Overview }) {
  const visits = useMemo(
    () => ({
      categories: overview.visits.map(({ day }) => day.slice(5)),
      series: [
        { name: "Complete", token: "--state-ok", values: overview.visits.map(({ complete }) => complete) },
        { name: "Partial", token: "--state-partial", values: overview.visits.map(({ partial }) => partial) },
        { name: "Failed", token: "--state-failed", values: overview.visits.map(({ failed }) => failed) },
        { name: "Skipped", token: "--state-off", values: overview.visits.map(({ skipped }) => skipped) },
      ],
    }),
    [overview.visits],
  );
  const systems = useMemo(() => {
    const shown = overview.os.slice(0, SYSTEMS);
    return {
      horizontal: true,
      categories: shown.map(({ value }) => value),
      series: [{ name: "Hosts", token: "--accent", values: shown.map(({ count }) => count) }],
    };
  }, [overview.os]);
  const freshness = useMemo(
    () => ({
      horizontal: true,
      categories: overview.freshness.map(({ label }) => label),
      series: [{ name: "Hosts", token: "--accent", values: overview.freshness.map(({ count }) => count) }],
    }),
    [overview.freshness],
  );
  return (
    <>
      <States overview={overview} />
      <div className="overview-columns">
        <NeedsPanel overview={overview} />
        <Coverage overview={overview} />
      </div>
      <div className="overview-plots">
        <Plot title="Visits per day" note="by outcome, in UTC" plot={visits} category="Day" />
        <Plot title="Systems" plot={systems} category="System" href={systemHref} />
        <Plot
          title="Age of what we know"
          plot={freshness}
          category="Newest snapshot"
          href={(_, index) => freshnessHref(overview.freshness, index)}
        />
      </div>
      <div className="overview-columns">
        <Panel title="Last runs" flush actions={<Link href="/agents">All runs</Link>}>
          {overview.runs.length > 0 ? (
            <RunTable runs={overview.runs.slice(0, RUNS)} short />
          ) : (
            <Empty title="No runs yet">A run appears here as soon as an agent starts to visit hosts.</Empty>
          )}
        </Panel>
        <Panel title="Agents" flush>
          {overview.agents.length > 0 ? <AgentTable agents={overview.agents} /> : <Empty title="No agent has called yet" />}
        </Panel>
      </div>
    </>
  );
}

/** The hosts behind a bar of the systems plot: `debian 12`, or `arch` for a release without a number. */
function systemHref(system: string): string {
  const [id = "", version] = system.split(" ", 2);
  return hostsHref(version ? `os:${id} os_version:${version}` : `os:${id}`);
}

/** Hosts by state; each number leads to its hosts. */
function States({ overview }: { overview: Overview }) {
  const states = STATE_ORDER.filter((state) => (overview.states[state] ?? 0) > 0 || state === "ok");
  return (
    <ul className="tiles" aria-label="Hosts by state">
      <li>
        <Link href="/hosts" className="tile">
          <Count value={overview.host_count} />
          <span className="tile-word">{overview.host_count === 1 ? "host" : "hosts"}</span>
        </Link>
        {overview.new_today_count > 0 && (
          <Link href={hostsHref("added:<1d")} className="tile-more">
            {overview.new_today_count} new today
          </Link>
        )}
      </li>
      {states.map((state) => {
        const { tone, word, title } = HOST_STATES[state];
        return (
          <li key={state}>
            <Link href={hostsHref(`state:${state}`)} className="tile" title={title}>
              <Count value={overview.states[state] ?? 0} />
              <StateMark tone={tone} word={word} title={title} />
            </Link>
          </li>
        );
      })}
      <li>
        <Link href="/packages" className="tile">
          <Count value={overview.package_count} />
          <span className="tile-word">packages</span>
        </Link>
        {overview.changed_today_count > 0 && (
          <Link href={hostsHref("changed:<1d")} className="tile-more">
            changed on {plural(overview.changed_today_count, "host")} today
          </Link>
        )}
      </li>
    </ul>
  );
}

/** What the hosts did not show us. */
function Coverage({ overview }: { overview: Overview }) {
  const rows = overview.coverage.filter(({ denied, other }) => denied + other > 0);
  const never = neverSeenCount(overview);
  // Where no host was seen at all, that is said already.
  const some = never > 0 && never < overview.host_count && <Link href={hostsHref("seen:never")}>{neverSeenWords(never)}</Link>;
  const { tone, word, rest } = noGapsWords(overview);
  return (
    <Panel
      title="What we could not see"
      note={<>hosts, by section of their newest snapshot{rows.length > 0 && some && <>; {some}</>}</>}
      flush={rows.length > 0}
    >
      {rows.length === 0 ? (
        <p className="all-well">
          <StateMark tone={tone} word={word} /> {rest} {some}
        </p>
      ) : (
        <PlainTable
          label="Coverage gaps"
          rows={rows}
          rowId={({ section }) => section}
          cut={6}
          columns={[
            { id: "section", title: "Section", cell: ({ title }) => title },
            { id: "denied", title: "Denied", align: "end", cell: ({ section, denied }) => <Hosts count={denied} href={unseenHref(section, "denied")} /> },
            { id: "other", title: "Other reasons", align: "end", cell: ({ section, other }) => <Hosts count={other} href={unseenHref(section, "other")} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Hosts({ count, href }: { count: number; href: string }) {
  return count === 0 ? <span className="faint">none</span> : <Link href={href}>{plural(count, "host")}</Link>;
}
