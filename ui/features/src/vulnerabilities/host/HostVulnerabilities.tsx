// The vulnerabilities of one host: first what could not be judged, then what it has and why.
import type { HostFinding, HostFindings } from "@luumen/api-client";
import {
  DataTable,
  Empty,
  exactCount,
  Failed,
  FilterInput,
  Link,
  Loading,
  Machine,
  plural,
  RelativeTime,
  SEVERITIES,
  severityWord,
  StateMark,
  type Column,
  type SeverityName,
} from "@luumen/kit";
import { Button, Drawer, MultiSelect, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { ExploitedMark, Rating, TwoLines } from "../parts";
import { hostFindingsQuery } from "../queries";
import { STATE_CHOICES } from "../page/view";
import { keyText, vulnerabilityHref } from "../view";
import { WhyCard } from "../Why";
import { countsWords, daysWords, fixWords, STATES, sumOf } from "../words";
import type { HostVulnerabilitiesView } from "./view";

const COLUMNS: Column<HostFinding>[] = [
  {
    id: "vulnerability",
    title: "Vulnerability",
    width: 138,
    grow: 0,
    cell: ({ finding: { vulnerability, title } }) => (
      <Link href={vulnerabilityHref(vulnerability)} className="machine" title={title ?? vulnerability} tabIndex={-1}>
        {vulnerability}
      </Link>
    ),
  },
  { id: "package", title: "Package", width: 104, grow: 1, cell: ({ finding }) => <Machine>{finding.package}</Machine> },
  { id: "severity", title: "Severity", width: 126, grow: 0, cell: ({ finding }) => <Rating {...finding} /> },
  {
    id: "kev",
    title: "Exploited",
    width: 122,
    grow: 0,
    cell: ({ finding: { kev_added_at, ransomware } }) => <ExploitedMark since={kev_added_at} ransomware={ransomware} />,
  },
  {
    id: "state",
    title: "State",
    width: 132,
    grow: 0,
    cell: ({ state }) => <StateMark tone={STATES[state].tone} word={STATES[state].word} title={STATES[state].title} />,
  },
  {
    id: "fix",
    title: "Fix",
    width: 150,
    grow: 1.4,
    cell: ({ variant }) => (variant ? <TwoLines>{fixWords(variant)}</TwoLines> : <span className="faint">none needed</span>),
  },
  { id: "why", title: "Why", width: 170, grow: 3, cell: ({ variant }) => (variant ? <TwoLines>{variant.why}</TwoLines> : <span className="faint">it is gone</span>) },
  {
    id: "days",
    title: "Open for",
    width: 84,
    grow: 0,
    align: "end",
    cell: ({ days_open, opened_at }) => (
      <span className="number" title={`First seen ${opened_at.slice(0, 10)}`}>
        {daysWords(days_open)}
      </span>
    ),
  },
];

interface Props {
  host: string;
  view: HostVulnerabilitiesView;
  onView: (next: HostVulnerabilitiesView) => void;
}

export function HostVulnerabilities({ host, view, onView }: Props) {
  const findings = useInfiniteQuery(
    hostFindingsQuery(host, {
      ...(view.q && { q: view.q }),
      ...(view.severity.length > 0 && { severity: view.severity.join(",") }),
      ...(view.state && { state: view.state }),
      ...(view.informational && { informational: true }),
    }),
  );
  const first = findings.data?.pages[0];
  if (findings.isPending) return <Loading what="the vulnerabilities" rows={10} />;
  if (!first) return <Failed doing="load the vulnerabilities" error={findings.error} onRetry={() => void findings.refetch()} />;
  const rows = findings.data?.pages.flatMap((page) => page.items) ?? [];
  const opened = rows.find(({ finding }) => keyText(finding) === view.finding);
  return (
    <div className="packages-tab">
      <NotJudged first={first} />
      <Judged first={first} />
      <div className="filter-line">
        <FilterInput label="Search vulnerabilities" placeholder="Id or package" value={view.q} onChange={(q) => onView({ ...view, q })} />
        <MultiSelect
          size="xs"
          className="severity-choice"
          aria-label="Severity"
          placeholder={view.severity.length === 0 ? "Every severity" : ""}
          data={SEVERITIES.map((value) => ({ value, label: severityWord(value) }))}
          value={view.severity}
          onChange={(severity) => onView({ ...view, severity: severity as SeverityName[] })}
        />
        <Select
          size="xs"
          aria-label="State"
          w={170}
          allowDeselect={false}
          data={[
            { value: "all", label: "Not resolved" },
            ...STATE_CHOICES.map((value) => ({ value, label: STATES[value].word })),
            { value: "informational", label: `Informational (${first.informational_count})` },
          ]}
          value={view.informational ? "informational" : (view.state ?? "all")}
          onChange={(next) =>
            onView({ ...view, state: STATE_CHOICES.find((each) => each === next) ?? null, informational: next === "informational" })
          }
        />
      </div>
      <DataTable
        label="Vulnerabilities of this host"
        columns={COLUMNS}
        rows={rows}
        rowId={({ finding }) => keyText(finding)}
        total={first.total}
        onEnd={() => void (findings.hasNextPage && !findings.isFetchingNextPage && findings.fetchNextPage())}
        onOpen={({ finding }) => onView({ ...view, finding: keyText(finding) })}
        empty={<Nothing first={first} view={view} onClear={() => onView({ ...view, q: "", severity: [], state: null, informational: false })} />}
      />
      <Drawer opened={view.finding !== null} onClose={() => onView({ ...view, finding: null })} size="lg" title={view.finding?.replace(" ", " in ")}>
        {opened ? <Opened row={opened} /> : view.finding && <Elsewhere finding={view.finding} />}
      </Drawer>
    </div>
  );
}

/** Loud and first: what is not in the list because nobody could look. */
function NotJudged({ first }: { first: HostFindings }) {
  if (!first.assessed_at) {
    return (
      <div className="trouble" data-tone="failed" role="status">
        <StateMark tone="unknown" word="This host has not been judged" />
        <p>That nothing is listed means nothing. It is judged after its first visit, when a catalogue of vulnerabilities is there.</p>
      </div>
    );
  }
  if (first.not_evaluated.length === 0) return null;
  return (
    <div className="trouble not-judged" data-tone="failed" role="status">
      <StateMark tone="unknown" word="Not everything could be judged" />
      <ul>
        {first.not_evaluated.map(({ what, why }) => (
          <li key={`${what} ${why}`}>
            <strong>{what.replaceAll("_", " ")}</strong>: {why}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Judged({ first: { open, informational_count, assessed_at, catalogue_at, platform } }: { first: HostFindings }) {
  if (!assessed_at) return null;
  const total = sumOf(open);
  return (
    <p className="secondary">
      {total === 0 ? "Nothing open" : `${plural(total, "finding")} open: ${countsWords(open)}`}. Judged <RelativeTime at={assessed_at} />
      {platform && (
        <>
          {" as "}
          <Machine>{platform}</Machine>
        </>
      )}
      {catalogue_at && (
        <>
          {" by the catalogue built "}
          <RelativeTime at={catalogue_at} />
        </>
      )}
      .
      {informational_count > 0 && ` Of ${exactCount(informational_count)} more only upstream’s version ranges speak: information, no findings.`}
    </p>
  );
}

function Nothing({ first, view, onClear }: { first: HostFindings; view: HostVulnerabilitiesView; onClear: () => void }) {
  if (view.q || view.severity.length > 0 || view.state || view.informational) {
    return (
      <Empty
        title="Nothing matches"
        action={
          <Button size="xs" variant="default" onClick={onClear}>
            Show all
          </Button>
        }
      />
    );
  }
  if (!first.assessed_at) return <Empty title="Not judged yet">So it is not known what this host has.</Empty>;
  return (
    <Empty title="Nothing is open">
      {first.not_evaluated.length > 0 ? "That holds only for what could be judged; what could not stands above." : "Everything that is installed was judged."}
    </Empty>
  );
}

/** A deep link to a finding that the list, as it is narrowed, does not hold. */
function Elsewhere({ finding }: { finding: string }) {
  const [id = finding] = finding.split(" ");
  return (
    <Empty title="It is not in this list" action={<Link href={vulnerabilityHref(id)}>Everything about {id}</Link>}>
      The host may not have it any more, or the list is narrowed.
    </Empty>
  );
}

function Opened({ row: { finding, state, variant, days_open, resolved_at } }: { row: HostFinding }) {
  return (
    <div className="drawer-stack">
      {finding.title && <p className="secondary">{finding.title}</p>}
      <p className="in-line">
        <Rating {...finding} />
        <StateMark tone={STATES[state].tone} word={STATES[state].word} title={STATES[state].title} />
        <span>open for {daysWords(days_open)}</span>
        {resolved_at && (
          <span>
            resolved <RelativeTime at={resolved_at} />
          </span>
        )}
      </p>
      {variant ? <WhyCard variant={variant} hosts={false} /> : <p className="secondary">It is gone from this host.</p>}
      <p>
        <Link href={vulnerabilityHref(finding.vulnerability)}>Everything about {finding.vulnerability}</Link>
      </p>
    </div>
  );
}
