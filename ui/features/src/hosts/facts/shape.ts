// A section's data taken apart for reading: single facts, lists, tables and maps.

export type Scalar = string | number | boolean;

export interface Fact {
  key: string;
  value: Scalar;
}

/** A table of like things, such as services or mounts. */
export interface FactTable {
  key: string;
  columns: string[];
  rows: Record<string, unknown>[];
}

export interface FactList {
  key: string;
  items: Scalar[];
}

/** Names to values, such as kernel settings. */
export interface FactMap {
  key: string;
  entries: [string, string][];
}

export interface Shape {
  facts: Fact[];
  lists: FactList[];
  maps: FactMap[];
  tables: FactTable[];
}

function isScalar(value: unknown): value is Scalar {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The words of a value that stands inside of a table's cell or a map. */
export function inlineWords(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (isScalar(value)) return String(value);
  if (Array.isArray(value)) return value.map(inlineWords).join(", ");
  return Object.entries(value as Record<string, unknown>)
    .map(([key, inner]) => `${key}: ${inlineWords(inner)}`)
    .join(", ");
}

/** Takes the data of a section apart, in the order it was written. */
export function shapeOf(data: unknown): Shape {
  const shape: Shape = { facts: [], lists: [], maps: [], tables: [] };
  if (isObject(data)) walk("", data, shape);
  return shape;
}

function walk(prefix: string, data: Record<string, unknown>, shape: Shape): void {
  for (const [name, value] of Object.entries(data)) {
    const key = prefix + name;
    if (isScalar(value)) {
      shape.facts.push({ key, value });
    } else if (Array.isArray(value)) {
      const rows = value.filter(isObject);
      if (rows.length > 0) shape.tables.push({ key, columns: columnsOf(rows), rows });
      else shape.lists.push({ key, items: value.filter(isScalar) });
    } else if (isObject(value)) {
      if (isMap(value)) shape.maps.push({ key, entries: Object.entries(value).map(([k, v]) => [k, inlineWords(v)]) });
      else walk(`${key}.`, value, shape);
    }
  }
}

// A record's own fields are few and named by us; a map's names come from the host.
const MAP_NAMES = 8;

function isMap(value: Record<string, unknown>): boolean {
  const entries = Object.entries(value);
  const flat = entries.every(([, inner]) => isScalar(inner) || (Array.isArray(inner) && inner.every(isScalar)));
  return flat && (entries.length >= MAP_NAMES || entries.some(([key, inner]) => /[./]/.test(key) || Array.isArray(inner)));
}

function columnsOf(rows: Record<string, unknown>[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const key of Object.keys(row)) columns.add(key);
  return [...columns];
}

/** Whether anything of a section's data is in reach of a search. */
export function matches(data: unknown, typed: string): boolean {
  return JSON.stringify(data ?? null)
    .toLowerCase()
    .includes(typed.toLowerCase());
}
