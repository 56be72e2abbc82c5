// One section of a snapshot: how well it could be read, when, what it says, and what it could not say.
import type { MissingRight, SectionKind, SectionRecord } from "@luumen/api-client";
import { CodeLines, Machine, Panel, Pair, PlainTable, plural, RelativeTime, StateMark, Unknown } from "@luumen/kit";
import { TextInput } from "@mantine/core";
import { useMemo, useState } from "react";

import { isComplete, SECTION_STATUSES, SECTIONS } from "../words";
import { inlineWords, shapeOf, type FactMap, type Shape } from "./shape";
import { EXPECTED, nameWords, valueWords } from "./words";

const ROWS = 8;
const WORDS = 40;
const FINDABLE = 12;

export function SectionCard({
  kind,
  record,
  seenAt,
}: {
  kind: SectionKind;
  record: SectionRecord;
  seenAt: string | undefined;
}) {
  const status = SECTION_STATUSES[record.status];
  const shape = useMemo(() => shapeOf(record.data), [record.data]);
  const rights = record.missing_rights ?? [];
  const problems = record.problems ?? [];
  const nothing = Object.values(shape).every((part: unknown[]) => part.length === 0);
  return (
    <Panel
      id={`section-${kind}`}
      title={SECTIONS[kind]}
      actions={
        <span className="section-facts">
          <StateMark tone={status.tone} word={status.word} title={status.title} />
          {seenAt && (
            <span className="faint small">
              read <RelativeTime at={seenAt} />
            </span>
          )}
        </span>
      }
    >
      {!isComplete(record.status) && <NotWhole record={record} />}
      {rights.length > 0 && <Rights rights={rights} />}
      {problems.length > 0 && (
        <ul className="problems">
          {problems.map(({ command, message, line }, index) => (
            <li key={index}>
              {message} <span className="faint">(command {command})</span>
              {line && <Machine>{line}</Machine>}
            </li>
          ))}
        </ul>
      )}
      {record.data === undefined || record.data === null ? (
        isComplete(record.status) && (
          <p className="faint">
            {record.status === "unsupported" ? "This system has no such thing." : "The facts were not kept with this snapshot."}
          </p>
        )
      ) : nothing && isComplete(record.status) ? (
        <p className="faint">Read completely; there is nothing of the kind on this host.</p>
      ) : (
        <Facts kind={kind} shape={shape} />
      )}
    </Panel>
  );
}

function NotWhole({ record }: { record: SectionRecord }) {
  const { title } = SECTION_STATUSES[record.status];
  const some = record.data !== undefined && record.data !== null;
  return (
    <p className="not-whole">
      <strong>{some ? "Not the whole truth" : "Not collected"}:</strong> {lower(title)}.{" "}
      {some ? "What is missing below may still be there on the host." : "Nothing is known here; that does not mean there is nothing."}
    </p>
  );
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function Rights({ rights }: { rights: MissingRight[] }) {
  const lines = [...new Set(rights.flatMap(({ sudoers_line }) => sudoers_line ?? []))];
  const commands = [...new Set(rights.map(({ command }) => command))].join(", ");
  const tiers = [...new Set(rights.flatMap(({ sudoers_line, tier }) => (sudoers_line ? tier : [])))].join(" and ");
  return (
    <div className="rights">
      <p>
        Permission denied for <Machine>{commands}</Machine>.{" "}
        {lines.length > 0
          ? `${lines.length === 1 ? "This sudoers line allows" : "These sudoers lines allow"} it (tier ${tiers}):`
          : "No sudo line would change that; it needs another account."}
      </p>
      {lines.length > 0 && <CodeLines text={lines.join("\n")} label={plural(lines.length, "sudoers line")} />}
    </div>
  );
}

function Facts({ kind, shape }: { kind: SectionKind; shape: Shape }) {
  const expected = EXPECTED[kind] ?? [];
  const known = new Map(shape.facts.map(({ key, value }) => [key, value]));
  const keys = [...expected, ...shape.facts.map(({ key }) => key).filter((key) => !expected.includes(key))];
  return (
    <div className="facts">
      {keys.length > 0 && (
        <dl className="fact-pairs">
          {keys.map((key) => {
            const value = known.get(key);
            return (
              <Pair key={key} label={nameWords(key)}>
                {value === undefined || value === "" ? <Unknown /> : <Value name={key} value={value} />}
              </Pair>
            );
          })}
          {shape.lists
            .filter(({ items }) => items.length <= WORDS)
            .map(({ key, items }) => (
              <Pair key={key} label={nameWords(key)}>
                {items.length === 0 ? <span className="faint">none</span> : <Machine>{items.join(", ")}</Machine>}
              </Pair>
            ))}
        </dl>
      )}
      {shape.lists
        .filter(({ items }) => items.length > WORDS || keys.length === 0)
        .map(({ key, items }) => (
          <LongList key={key} name={nameWords(key)} items={items.map(String)} />
        ))}
      {shape.maps.map((map) => (
        <MapTable key={map.key} map={map} />
      ))}
      {shape.tables.map(({ key, columns, rows }) => (
        <div key={key} className="fact-table">
          {key !== "items" && (
            <h3>
              {nameWords(key)} <span className="faint">{rows.length}</span>
            </h3>
          )}
          <PlainTable
            label={`${SECTIONS[kind]}: ${nameWords(key)}`}
            rows={rows}
            rowId={(_, index) => String(index)}
            cut={ROWS}
            columns={columns.map((column) => ({
              id: column,
              title: nameWords(column),
              cell: (row: Record<string, unknown>) => <Cell name={column} value={row[column]} />,
            }))}
          />
        </div>
      ))}
    </div>
  );
}

function Value({ name, value }: { name: string; value: string | number | boolean }) {
  const words = valueWords(name, value);
  if (words.kind === "moment") return <RelativeTime at={words.at} />;
  if (words.kind === "machine") return <Machine>{words.text}</Machine>;
  return (
    <span className="number" title={String(value)}>
      {words.text}
    </span>
  );
}

function Cell({ name, value }: { name: string; value: unknown }) {
  if (value === undefined || value === null || value === "") return <Unknown>not told</Unknown>;
  if (typeof value === "object") {
    const text = inlineWords(value);
    return text ? <Machine>{text}</Machine> : <span className="faint">none</span>;
  }
  return <Value name={name} value={value as string | number | boolean} />;
}

function LongList({ name, items }: { name: string; items: string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, WORDS);
  return (
    <div className="fact-table">
      <h3>
        {name} <span className="faint">{items.length}</span>
      </h3>
      <p className="long-list">
        {items.length === 0 ? <span className="faint">none</span> : <Machine title={name}>{shown.join(", ")}</Machine>}{" "}
        {items.length > shown.length && (
          <button type="button" className="link" onClick={() => setAll(true)}>
            Show all {items.length}
          </button>
        )}
      </p>
    </div>
  );
}

function MapTable({ map }: { map: FactMap }) {
  const [typed, setTyped] = useState("");
  const found = map.entries.filter((entry) => entry.join("=").toLowerCase().includes(typed.toLowerCase()));
  return (
    <div className="fact-table">
      <h3>
        {nameWords(map.key)} <span className="faint">{map.entries.length}</span>
        {map.entries.length > FINDABLE && (
          <TextInput
            size="xs"
            aria-label={`Search ${nameWords(map.key).toLowerCase()}`}
            placeholder="Search"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </h3>
      <PlainTable
        label={nameWords(map.key)}
        rows={found}
        rowId={([key]) => key}
        cut={typed ? Infinity : ROWS}
        columns={[
          { id: "name", title: "Name", cell: ([key]) => <Machine>{key}</Machine> },
          { id: "value", title: "Value", cell: ([, value]) => (value ? <Machine>{value}</Machine> : <span className="faint">empty</span>) },
        ]}
      />
    </div>
  );
}
