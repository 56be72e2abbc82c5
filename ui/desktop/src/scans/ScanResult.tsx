// What a scan found, what it could not see, what it could not judge, and what changed since the one before.
import type { contract } from "@luumen/backend";
import { CodeLines, Empty, Failed, Loading, Machine, Pair, plural, RelativeTime, SeverityMark, severityWord, SEVERITIES, StateMark } from "@luumen/kit";
import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";

import { useCall } from "../desk/context";
import { whyAndNext } from "../desk/problem";
import { DeleteScan } from "./DeleteScan";
import { ExportScan } from "./ExportScan";
import {
  catalogueMark,
  comparable,
  count,
  countWords,
  findingFits,
  fixes,
  fixWords,
  isOpen,
  isWhole,
  judgedWords,
  pointsWords,
  ranked,
  SECTION_WORDS,
  sectionName,
  severityOf,
  verdictWords,
  whyNothing,
} from "./findings";

type Tab = "findings" | "fixes" | "gaps" | "diff";

export function ScanResult({ scan }: { scan: contract.Scan }) {
  const [tab, setTab] = useState<Tab>("findings");
  const gaps = scan.sections.filter((section) => !isWhole(section));
  const counts = useMemo(() => count(scan.findings), [scan.findings]);
  const holes = gaps.length + (scan.unjudged.length > 0 ? 1 : 0);
  return (
    <div className="scan">
      <Summary scan={scan} gaps={gaps.length} />
      {scan.problem && <ScanProblem problem={scan.problem} />}
      <div className="scan-tools">
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={tab}
          onChange={(next) => setTab(next as Tab)}
          data={[
            { value: "findings", label: countWords("Findings", counts.open + counts.undecided, scan) },
            { value: "fixes", label: countWords("Fixes", fixes(scan.findings).length, scan) },
            { value: "gaps", label: `Not seen ${holes}` },
            { value: "diff", label: "Changes" },
          ]}
        />
        <span className="in-line-tight">
          <ExportScan scan={scan} />
          <DeleteScan scan={scan} />
        </span>
      </div>
      {tab === "findings" && <Findings scan={scan} />}
      {tab === "fixes" && <Fixes scan={scan} />}
      {tab === "gaps" && <Gaps sections={gaps} unjudged={scan.unjudged} total={scan.sections.length} />}
      {tab === "diff" && <Changes scan={scan} />}
    </div>
  );
}

function Summary({ scan, gaps }: { scan: contract.Scan; gaps: number }) {
  const counts = count(scan.findings);
  // Cancelled or failed, it came to no judgement, whatever catalogue there is; and where something went wrong, that is said below, with why.
  const catalogue = scan.state === "done" && !scan.problem ? catalogueMark(scan) : null;
  return (
    <div className="scan-summary">
      <p className="in-line">
        <strong>{judgedWords(scan, counts.open)}</strong>
        {scan.state === "cancelled" && <StateMark tone="off" word="cancelled" title="Nothing of what was read until then was kept" />}
        {scan.state === "failed" && <StateMark tone="failed" word="failed" />}
        {counts.exploited > 0 && <StateMark tone="failed" word={`${counts.exploited} known to be exploited`} />}
      </p>
      <p className="in-line">
        {SEVERITIES.filter((severity) => counts.severities[severity] > 0).map((severity) => (
          <span key={severity} className="in-line-tight">
            <SeverityMark severity={severity} /> <span className="number">{counts.severities[severity]}</span>
          </span>
        ))}
        {counts.undecided > 0 && <StateMark tone="unknown" word={`${counts.undecided} not decided`} title="Nobody has said for sure, or it cannot be said" />}
      </p>
      <p className="in-line small">
        <span className="secondary">
          Read <RelativeTime at={scan.started_at} />
        </span>
        {scan.package_count > 0 && <span className="secondary">{plural(scan.package_count, "package")} judged</span>}
        {catalogue && <StateMark {...catalogue} />}
        {gaps > 0 && <StateMark tone="partial" word={`${gaps} of ${plural(scan.sections.length, "section")} not read whole`} />}
      </p>
    </div>
  );
}

function ScanProblem({ problem }: { problem: contract.Problem }) {
  return (
    <div className="trouble" data-tone="failed" role="alert">
      <p>
        <strong>{problem.title}</strong>: {whyAndNext(problem)} <span className="machine faint">{problem.code}</span>
      </p>
    </div>
  );
}

function Findings({ scan }: { scan: contract.Scan }) {
  const [typed, setTyped] = useState("");
  const [severity, setSeverity] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const all = useMemo(() => ranked(scan.findings.filter(isOpen)), [scan.findings]);
  const shown = all.filter((finding) => (severity === null || finding.severity === severity) && findingFits(finding, typed));
  if (all.length === 0) return <NoFindings scan={scan} />;
  return (
    <>
      <div className="filter-line">
        <TextInput size="xs" className="grow" aria-label="Search the findings" placeholder="CVE, package, kev:yes" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Select
          size="xs"
          aria-label="Severity"
          placeholder="Severity"
          w={120}
          clearable
          comboboxProps={{ transitionProps: { duration: 0 } }}
          data={SEVERITIES.map((value) => ({ value, label: severityWord(value) }))}
          value={severity}
          onChange={setSeverity}
        />
      </div>
      {shown.length === 0 && <Empty title={`No finding fits “${typed}”`} />}
      <ul className="findings">
        {shown.slice(0, SHOWN).map((finding) => {
          const key = `${finding.vulnerability} ${finding.package}`;
          return <FindingRow key={key} finding={finding} open={open === key} onToggle={() => setOpen(open === key ? null : key)} />;
        })}
      </ul>
      {shown.length > SHOWN && <p className="faint small">The first {SHOWN} of {shown.length} are shown; search narrows them.</p>}
    </>
  );
}

const SHOWN = 200;

function NoFindings({ scan }: { scan: contract.Scan }) {
  if (scan.judged === "nothing") return <Empty title="Nothing was judged">{whyNothing(scan)}</Empty>;
  const whole = scan.sections.every(isWhole) && scan.unjudged.length === 0;
  return (
    <Empty title={whole ? "No vulnerability is known for what is installed" : "No vulnerability found in what could be seen"}>
      {whole ? "By the catalogue of that time." : "That does not mean there is none: see “Not seen”."}
    </Empty>
  );
}

function FindingRow({ finding, open, onToggle }: { finding: contract.Finding; open: boolean; onToggle: () => void }) {
  const verdict = verdictWords(finding.verdict);
  return (
    <li>
      <button type="button" className="finding" aria-expanded={open} onClick={onToggle}>
        <SeverityMark severity={severityOf(finding)} score={finding.score ?? null} />
        <span className="machine cut" title={finding.vulnerability}>
          {finding.vulnerability}
        </span>
        <span className="machine cut secondary" title={finding.package}>
          {finding.package}
        </span>
        {finding.kev_added_at && <StateMark tone="failed" word="exploited" title="CISA knows that it is exploited" />}
        {finding.verdict !== "vulnerable" && <StateMark {...verdict} />}
      </button>
      {open && <FindingDetails finding={finding} />}
    </li>
  );
}

function FindingDetails({ finding }: { finding: contract.Finding }) {
  return (
    <div className="finding-details">
      <p>{finding.why}.</p>
      <dl>
        <Pair label="Fix">
          <Machine>{fixWords(finding)}</Machine>
        </Pair>
        <Pair label="Installed">
          <Machine>{finding.installed.map(({ name, version, path }) => `${name} ${version}${path ? ` (${path})` : ""}`).join(", ") || "not told"}</Machine>
        </Pair>
        <Pair label="Says who">{`${finding.source}${finding.advisory ? `, ${finding.advisory}` : ""}`}</Pair>
        <Pair label="How sure">{finding.confidence}</Pair>
        {finding.scores && <Scores scores={finding.scores} />}
        {finding.ssvc && <Pair label="CISA says">{pointsWords(finding.ssvc)}</Pair>}
        {finding.epss !== undefined && finding.epss !== null && <Pair label="EPSS">{`${(finding.epss * 100).toFixed(1)} % within 30 days`}</Pair>}
        {finding.running === false && <Pair label="Kernel">Installed, not the one that runs</Pair>}
        {finding.running === true && <Pair label="Kernel">This one runs: a reboot is needed after the update</Pair>}
        {finding.note && <Pair label="Note">{finding.note}</Pair>}
      </dl>
    </div>
  );
}

/** Sources score differently, so each stands with its name. */
function Scores({ scores }: { scores: contract.CvssScore[] }) {
  return (
    <Pair label="Scores">
      <ul className="plain-list scores">
        {scores.map(({ version, score, vector, source }) => (
          <li key={`${version} ${source} ${vector}`}>
            <span className="number">{score.toFixed(1)}</span> by <Machine>{source}</Machine>, CVSS {version}
            <span className="machine faint small">{vector}</span>
          </li>
        ))}
      </ul>
    </Pair>
  );
}

function Fixes({ scan }: { scan: contract.Scan }) {
  const all = fixes(scan.findings);
  if (scan.findings.length === 0) return <NoFindings scan={scan} />;
  if (all.length === 0) return <Empty title="No fix is published for what was found" />;
  return (
    <ul className="fixes">
      {all.map(({ package: name, version, channel, closes }) => (
        <li key={name}>
          <p className="in-line">
            <strong className="machine">{name}</strong> <Machine>{version}</Machine>
            {channel && <span className="tone-warning small">needs {channel}</span>}
          </p>
          <p className="secondary small" title={closes.map(({ vulnerability }) => vulnerability).join(", ")}>
            Closes {plural(closes.length, "finding")}: {closes.slice(0, 4).map(({ vulnerability }) => vulnerability).join(", ")}
            {closes.length > 4 && ` and ${closes.length - 4} more`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Gaps({ sections, unjudged, total }: { sections: contract.ScanSection[]; unjudged: string[]; total: number }) {
  if (sections.length + unjudged.length === 0) return <Empty title={`All ${total} sections were read whole, and every package was judged`} />;
  return (
    <div className="gaps">
      {sections.map(({ name, status, detail, sudo_line }) => (
        <section key={name}>
          <p className="in-line">
            <strong>{sectionName(name)}</strong>
            <StateMark {...(SECTION_WORDS[status] ?? { tone: "unknown" as const, word: status })} />
          </p>
          {detail && <p className="secondary small">{detail}</p>}
          {sudo_line && (
            <>
              <p className="small">This sudo line on the host allows it:</p>
              <CodeLines text={sudo_line} label={`sudo line for ${sectionName(name)}`} />
            </>
          )}
        </section>
      ))}
      {unjudged.length > 0 && (
        <section>
          <p>
            <strong>{plural(unjudged.length, "thing")} nobody could judge</strong>
          </p>
          <p className="secondary small">They may be vulnerable or not; the catalogue says nothing of them.</p>
          <ul className="unjudged machine small">
            {unjudged.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Changes({ scan }: { scan: contract.Scan }) {
  // A place that is not kept is the same one if account, address and port are.
  const rows = useCall("scans_list", scan.host === null ? { target: scan.target } : { host: scan.host });
  const before = comparable(scan, rows.data ?? []);
  const [from, setFrom] = useState<string | null>(null);
  const chosen = from ?? before[0]?.id ?? null;
  const seen = scan.state === "done";
  const diff = useCall("scan_diff", { from: chosen ?? "", to: scan.id }, seen && chosen !== null);
  if (!seen) return <Empty title="Nothing to compare">This scan did not come to its end, and kept nothing of the host.</Empty>;
  if (rows.error) return <Failed doing="read the earlier scans" error={rows.error} onRetry={() => void rows.refetch()} />;
  if (!rows.data) return <Loading what="the earlier scans" rows={2} />;
  if (chosen === null) return <Empty title="Nothing to compare with">No earlier scan of {scan.host === null ? scan.target : "the host"} that came to its end is on this device: this is the first.</Empty>;
  return (
    <div className="scan-diff">
      <Select
        size="xs"
        label="Compared with"
        allowDeselect={false}
        comboboxProps={{ transitionProps: { duration: 0 } }}
        data={before.map(({ id, started_at }) => ({ value: id, label: new Date(started_at).toLocaleString("en-GB") }))}
        value={chosen}
        onChange={setFrom}
      />
      {diff.error ? (
        <Failed doing="compare the scans" error={diff.error} onRetry={() => void diff.refetch()} />
      ) : (
        diff.data && <Diff diff={diff.data} />
      )}
    </div>
  );
}

function Diff({ diff: { added, gone, packages, unjudged } }: { diff: contract.ScanDiff }) {
  if (added.length + gone.length + packages.length + unjudged.length === 0) return <Empty title="Nothing changed" />;
  return (
    <>
      <DiffList title="New" findings={added} />
      <DiffList title="Gone" findings={gone} />
      {unjudged.length > 0 && (
        <section>
          <h2>Not compared</h2>
          <ul className="plain-list small">
            {unjudged.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        </section>
      )}
      {packages.length > 0 && (
        <section>
          <h2>Packages</h2>
          <ul className="plain-list small">
            {packages.map(({ name, from, to }) => (
              <li key={name}>
                <Machine>{name}</Machine> <Machine>{from ?? "not there"}</Machine> → <Machine>{to ?? "removed"}</Machine>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function DiffList({ title, findings }: { title: string; findings: contract.Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <section>
      <h2>
        {title} <span className="faint">{findings.length}</span>
      </h2>
      <ul className="plain-list">
        {ranked(findings).map((finding) => (
          <li key={`${finding.vulnerability} ${finding.package}`} className="in-line">
            <SeverityMark severity={severityOf(finding)} /> <Machine>{finding.vulnerability}</Machine>{" "}
            <span className="secondary machine">{finding.package}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
