// Every section of a snapshot, with an index that shows at a glance which could not be read whole.
import type { SectionKind, SectionRecord, SnapshotDocument } from "@luumen/api-client";
import { Empty, FilterInput, StateMark } from "@luumen/kit";

import { isComplete, SECTION_ORDER, SECTION_STATUSES, SECTIONS } from "../words";
import { SectionCard } from "./SectionCard";
import { matches } from "./shape";

export function FactsTab({ document: doc, q: typed, onQ }: { document: SnapshotDocument; q: string; onQ: (q: string) => void }) {
  // Packages have a tab of their own.
  const present = SECTION_ORDER.filter((kind) => kind !== "packages" && doc.snapshot.sections[kind]);
  const shown = present.filter((kind) => {
    const record = recordOf(doc, kind);
    return typed === "" || matches(record?.data, typed) || SECTIONS[kind].toLowerCase().includes(typed.toLowerCase());
  });
  return (
    <div className="facts-tab">
      <nav className="section-index" aria-label="Sections">
        <FilterInput label="Search the facts" placeholder="Search the facts" value={typed} onChange={onQ} />
        <ul>
          {shown.map((kind) => {
            const record = recordOf(doc, kind);
            const status = record && SECTION_STATUSES[record.status];
            return (
              <li key={kind}>
                <a
                  href={`#section-${kind}`}
                  onClick={(event) => {
                    event.preventDefault();
                    document.getElementById(`section-${kind}`)?.scrollIntoView();
                  }}
                >
                  <span className="cut" title={SECTIONS[kind]}>
                    {SECTIONS[kind]}
                  </span>
                  {record && status && !isComplete(record.status) && (
                    <StateMark tone={status.tone} word={status.word} title={status.title} />
                  )}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className="section-cards">
        {shown.length === 0 && <Empty title={`No fact of this snapshot contains “${typed}”`} />}
        {shown.map((kind) => {
          const record = recordOf(doc, kind);
          return record && <SectionCard key={kind} kind={kind} record={record} seenAt={doc.section_seen_at[kind]} />;
        })}
      </div>
    </div>
  );
}

function recordOf(doc: SnapshotDocument, kind: SectionKind): SectionRecord | undefined {
  return doc.snapshot.sections[kind];
}
