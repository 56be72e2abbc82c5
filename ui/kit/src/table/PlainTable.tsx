// A short table that a person reads: plain rows, cut after a handful until asked for all.
import { Button } from "@mantine/core";
import { useState, type ReactNode } from "react";

export interface PlainColumn<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  align?: "end";
}

export function PlainTable<T>({
  label,
  columns,
  rows,
  rowId,
  cut = Infinity,
}: {
  label: string;
  columns: PlainColumn<T>[];
  rows: T[];
  rowId: (row: T, index: number) => string;
  /** Rows shown before a person asks for all. */
  cut?: number;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, cut);
  return (
    <>
      <div className="plain-scroll" role="group" aria-label={label} tabIndex={0}>
        <table className="plain">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.id} scope="col" data-align={column.align}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={rowId(row, index)}>
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown.length && (
        <Button variant="subtle" size="compact-sm" className="show-all" onClick={() => setAll(true)}>
          Show all {rows.length}
        </Button>
      )}
    </>
  );
}
