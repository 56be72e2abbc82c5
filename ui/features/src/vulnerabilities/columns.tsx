// The columns of the list of findings.
import type { Finding } from "@luumen/api-client";
import { Link, RelativeTime, StateMark, type Column } from "@luumen/kit";

import { Epss, ExploitedMark, FixState, HostCounts, Rating, TwoLines } from "./parts";
import { packageFindingsHref, vulnerabilityHref } from "./view";
import { daysWords, originWords, VERDICTS, whyInShort } from "./words";

export const FINDING_COLUMNS: Column<Finding>[] = [
  {
    id: "vulnerability",
    title: "Vulnerability",
    width: 126,
    grow: 0,
    fixed: true,
    sortable: true,
    cell: ({ vulnerability, title }) => (
      <Link href={vulnerabilityHref(vulnerability)} className="machine" title={title ?? vulnerability} tabIndex={-1}>
        {vulnerability}
      </Link>
    ),
  },
  {
    id: "package",
    title: "Package",
    width: 82,
    grow: 1,
    sortable: true,
    cell: ({ package: name }) => (
      <Link href={packageFindingsHref(name)} className="machine" title={[name, originWords(name)].filter(Boolean).join(": ")} tabIndex={-1}>
        {name}
      </Link>
    ),
  },
  { id: "title", title: "What it is", width: 160, grow: 2, cell: ({ title }) => title ?? <span className="faint">no source says it in a line</span> },
  { id: "severity", title: "Severity", width: 118, grow: 0, sortable: true, cell: (finding) => <Rating {...finding} /> },
  {
    id: "kev",
    title: "Exploited",
    width: 121,
    grow: 0,
    cell: ({ kev_added_at, ransomware }) => <ExploitedMark since={kev_added_at} ransomware={ransomware} />,
  },
  { id: "epss", title: "EPSS", width: 78, grow: 0, align: "end", sortable: true, cell: ({ epss }) => <Epss probability={epss} /> },
  { id: "hosts", title: "Hosts", width: 54, grow: 0, align: "end", sortable: true, cell: (finding) => <HostCounts finding={finding} /> },
  { id: "fix", title: "Fix", width: 100, grow: 0, cell: (finding) => <FixState {...finding} /> },
  {
    id: "why",
    title: "Why",
    width: 119,
    grow: 2,
    cell: (finding) => <TwoLines>{whyInShort(finding)}</TwoLines>,
  },
  {
    id: "age",
    title: "Open for",
    width: 84,
    grow: 0,
    align: "end",
    sortable: true,
    cell: ({ days_open, first_opened_at }) => (
      <span className="number" title={`First seen ${first_opened_at.slice(0, 10)}`}>
        {daysWords(days_open)}
      </span>
    ),
  },
  { id: "opened_at", title: "Last opened", width: 106, grow: 0, sortable: true, cell: ({ last_opened_at }) => <RelativeTime at={last_opened_at} /> },
  {
    id: "resolved_at",
    title: "Resolved",
    width: 106,
    grow: 0,
    cell: ({ resolved_at }) => <RelativeTime at={resolved_at} empty="not yet" />,
  },
  {
    id: "verdict",
    title: "Verdict",
    width: 150,
    grow: 0,
    cell: ({ verdict }) => <StateMark tone={VERDICTS[verdict].tone} word={VERDICTS[verdict].word} title={VERDICTS[verdict].title} />,
  },
];

/** Shown until a person chooses. */
export const USUAL_COLUMNS = ["vulnerability", "package", "severity", "kev", "epss", "hosts", "fix", "why", "age"];
