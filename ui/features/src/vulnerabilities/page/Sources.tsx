// What the world says of a vulnerability as such: each source in its own words, scores, CISA's and FIRST's marks, references.
import type { Vulnerability, VulnerabilityPage } from "@luumen/api-client";
import { Machine, Pair, Panel, PlainTable, SeverityMark, StateMark, Unknown, type PlainColumn } from "@luumen/kit";
import { useMemo } from "react";

import { Day } from "../parts";
import { percentWords } from "../words";

const REFERENCES_SHOWN = 12;

export function Sources({ page }: { page: VulnerabilityPage }) {
  return (
    <div className="vulnerability-side">
      <Panel title="What it is">
        {page.sources.length === 0 ? (
          <Unknown why="No feed that was read describes it.">no source describes it</Unknown>
        ) : (
          page.sources.map((source) => <Words key={source.source} source={source} />)
        )}
      </Panel>
      <Scores sources={page.sources} />
      <Priority page={page} />
      <References sources={page.sources} />
    </div>
  );
}

function Words({ source }: { source: Vulnerability }) {
  const text = source.description ?? source.title;
  return (
    <section className="source-words">
      <h3>
        <Machine>{source.source}</Machine>
        {source.severity && <SeverityMark severity={source.severity} title="In the source's own scale" />}
        {source.rejected && <StateMark tone="off" word="Withdrawn" />}
      </h3>
      {text ? <p>{text}</p> : <p className="faint">It gives no description.</p>}
      {(source.cwes ?? []).length > 0 && <p className="secondary small">Weakness: {(source.cwes ?? []).join(", ")}</p>}
      {(source.aliases ?? []).length > 0 && <p className="secondary small">Also known as {(source.aliases ?? []).join(", ")}</p>}
      {source.modified_at && (
        <p className="faint small">
          changed <Day at={source.modified_at} />
        </p>
      )}
    </section>
  );
}

interface Score {
  version: string;
  score: number;
  vector: string;
  source: string;
}

const SCORE_COLUMNS: PlainColumn<Score>[] = [
  { id: "version", title: "CVSS", cell: ({ version }) => version },
  { id: "score", title: "Score", align: "end", cell: ({ score }) => <span className="number">{score.toFixed(1)}</span> },
  {
    id: "source",
    title: "Given by",
    cell: ({ source, vector }) => (
      <div className="score-source">
        <Machine>{source}</Machine>
        <span className="machine faint small">{vector}</span>
      </div>
    ),
  },
];

/** Newest edition first; the same score told by several feeds once. */
function Scores({ sources }: { sources: Vulnerability[] }) {
  const scores = useMemo(() => {
    const seen = new Set<string>();
    return sources
      .flatMap((source) => source.cvss ?? [])
      .filter(({ version, source, vector }) => {
        const key = `${version} ${source} ${vector}`;
        return !seen.has(key) && seen.add(key);
      })
      .sort((a, b) => b.version.localeCompare(a.version) || b.score - a.score);
  }, [sources]);
  return (
    <Panel title="Scores" flush={scores.length > 0}>
      {scores.length > 0 ? (
        <PlainTable label="Scores" columns={SCORE_COLUMNS} rows={scores} rowId={({ version, source, vector }) => `${version} ${source} ${vector}`} />
      ) : (
        <Unknown why="No feed that was read gives it a CVSS score.">nobody has scored it</Unknown>
      )}
    </Panel>
  );
}

/** CISA's and FIRST's marks; that one is missing is said, for it may only not have been read. */
function Priority({ page: { kev, epss, sources } }: { page: VulnerabilityPage }) {
  const ssvc = sources.find((source) => source.ssvc)?.ssvc;
  return (
    <Panel title="Priority">
      <dl>
        <Pair label="Exploited">
          {kev ? (
            <>
              <p>
                {kev.name}, added by CISA <Day at={kev.added_at} />
                {kev.due_at && (
                  <>
                    {"; US agencies had to act by "}
                    <Day at={kev.due_at} />
                  </>
                )}
                .{kev.ransomware && " Ransomware campaigns use it."}
              </p>
              <p className="secondary">{kev.action}</p>
            </>
          ) : (
            <span className="secondary">not among CISA's known exploited vulnerabilities</span>
          )}
        </Pair>
        <Pair label="EPSS">
          {epss ? (
            <>
              {percentWords(epss.probability)} within 30 days
              {epss.percentile != null && <span className="secondary">, more than {percentWords(epss.percentile)} of all</span>}
            </>
          ) : (
            <Unknown why="FIRST says nothing of it, or EPSS was not read.">not rated</Unknown>
          )}
        </Pair>
        <Pair label="SSVC">
          {ssvc ? (
            `exploitation ${ssvc.exploitation}, ${ssvc.automatable ? "can" : "cannot"} be automated, ${ssvc.technical_impact} impact`
          ) : (
            <Unknown why="CISA has not published its decision points for it.">not rated</Unknown>
          )}
        </Pair>
      </dl>
    </Panel>
  );
}

/** Addresses as sources wrote them; only those of the web can be followed. */
function References({ sources }: { sources: Vulnerability[] }) {
  const all = useMemo(() => [...new Set(sources.flatMap((source) => source.references ?? []))], [sources]);
  if (all.length === 0) return null;
  return (
    <Panel title="References" flush>
      <PlainTable
        label="References"
        cut={REFERENCES_SHOWN}
        columns={[
          {
            id: "address",
            title: "Address",
            cell: (address) =>
              /^https?:\/\//.test(address) ? (
                <a href={address} target="_blank" rel="noopener noreferrer">
                  {address}
                </a>
              ) : (
                <Machine>{address}</Machine>
              ),
          },
        ]}
        rows={all}
        rowId={(address) => address}
      />
    </Panel>
  );
}
