// What changed between two visits: packages first, then facts by section, then what cannot be said.
import type { PackageChange, PropertyChange, SnapshotDiff } from "@luumen/api-client";
import { Empty, exactWords, Loaded, localMoment, Machine, Panel, PlainTable, StateMark, Unknown } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { diffQuery } from "../snapshotQueries";
import { SECTIONS } from "../words";
import { diffWords, groupPackages, groupProperties, localPath, valuesWords } from "./diff";

const ROWS = 25;

export function DiffPanel({ id, from, to }: { id: string; from: string; to: string }) {
  const diff = useQuery(diffQuery(id, from, to));
  return (
    <Panel title="What changed" note={diff.data && diffWords(diff.data)} flush>
      <Loaded from={diff} what="the differences">
        {(data) => <DiffBody diff={data} />}
      </Loaded>
    </Panel>
  );
}

function DiffBody({ diff }: { diff: SnapshotDiff }) {
  const { changed, installed, removed } = groupPackages(diff.packages);
  const sections = groupProperties(diff.properties);
  return (
    <div className="diff">
      <p className="diff-span">
        From <Moment at={diff.from.taken_at} /> to <Moment at={diff.to.taken_at} />
      </p>
      {diff.not_comparable.length > 0 && (
        <div className="trouble" data-tone="partial">
          <StateMark tone="partial" word="Nothing can be said about some sections" />
          <p>
            {diff.not_comparable.map((kind) => SECTIONS[kind]).join(", ")}: one of the two visits could not read them whole,
            so a difference there would prove nothing.
          </p>
        </div>
      )}
      {diff.truncated && (
        <div className="trouble" data-tone="partial">
          <StateMark tone="partial" word="The list is cut at 10,000 entries" />
        </div>
      )}
      {diff.packages.length === 0 && sections.length === 0 && (
        <Empty title={diff.not_comparable.length > 0 ? "Nothing else changed between these two visits" : "Nothing changed between these two visits"} />
      )}
      <Packages title="Packages updated" changes={changed} />
      <Packages title="Packages installed" changes={installed} />
      <Packages title="Packages removed" changes={removed} />
      {sections.map(({ section, changes }) => (
        <div key={section} className="diff-group">
          <h3>
            {SECTIONS[section]} <span className="faint">{changes.length}</span>
          </h3>
          <PlainTable<PropertyChange>
            label={`Changes of ${SECTIONS[section]}`}
            rows={changes}
            rowId={({ path }, index) => `${path}/${index}`}
            cut={ROWS}
            columns={[
              { id: "path", title: "Fact", cell: (change) => <Machine title={change.path}>{localPath(change)}</Machine> },
              { id: "from", title: "Before", cell: ({ from }) => <Side words={valuesWords(from)} side="from" /> },
              { id: "to", title: "After", cell: ({ to }) => <Side words={valuesWords(to)} side="to" /> },
            ]}
          />
        </div>
      ))}
    </div>
  );
}

function Moment({ at }: { at: string }) {
  return <time title={exactWords(new Date(at))}>{localMoment(new Date(at))}</time>;
}

function Packages({ title, changes }: { title: string; changes: PackageChange[] }) {
  if (changes.length === 0) return null;
  return (
    <div className="diff-group">
      <h3>
        {title} <span className="faint">{changes.length}</span>
      </h3>
      <PlainTable<PackageChange>
        label={title}
        rows={changes}
        rowId={({ manager, name, arch }, index) => `${manager}/${name}/${arch ?? ""}/${index}`}
        cut={ROWS}
        columns={[
          { id: "name", title: "Package", cell: ({ name }) => <Machine>{name}</Machine> },
          { id: "arch", title: "Arch", cell: ({ arch }) => (arch ? <Machine>{arch}</Machine> : <Unknown />) },
          { id: "from", title: "Before", cell: ({ from_version }) => <Side words={from_version ?? null} side="from" /> },
          { id: "to", title: "After", cell: ({ to_version }) => <Side words={to_version ?? null} side="to" /> },
        ]}
      />
    </div>
  );
}

function Side({ words, side }: { words: string | null; side: "from" | "to" }) {
  if (words === null) return <span className="faint">not there</span>;
  return (
    <span className="machine diff-side" data-side={side} title={words}>
      {words === "" ? "(empty)" : words}
    </span>
  );
}
