// A long table: only the rows in view exist, the header stays, and the keyboard moves through it.
import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import {
  getCoreRowModel,
  useReactTable,
  type ColumnDef,
  type Row,
  type RowSelectionState,
  type VisibilityState,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { useAppearance } from "../appearance/appearance";
import { isWriting } from "../keys/match";
import { moveRow } from "./move";

export interface Column<T> {
  id: string;
  title: string;
  /** What the cell shows. A plain text is cut with its whole on hover. */
  cell: (row: T) => ReactNode;
  /** Smallest width in pixels. */
  width: number;
  /** Share of the room that is left; 0 keeps the width. */
  grow?: number;
  align?: "end";
  sortable?: boolean;
  /** Cannot be hidden. */
  fixed?: boolean;
}

export interface Sorting {
  column: string;
  descending: boolean;
}

export interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowId: (row: T) => string;
  /** How many rows there are when not all are loaded yet. */
  total?: number | undefined;
  /** Called when the end comes near and there is more. */
  onEnd?: (() => void) | undefined;
  onOpen?: ((row: T) => void) | undefined;
  sorting?: Sorting | undefined;
  onSort?: ((sorting: Sorting) => void) | undefined;
  visible?: VisibilityState;
  selection?: RowSelectionState;
  onSelection?: (selection: RowSelectionState) => void;
  /** What a row is called when it is selected, for those who hear the page. */
  rowName?: (row: T) => string;
  empty: ReactNode;
}

const SELECT = "select";
const NEAR_END = 40;

export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, rowId, total, onEnd, onOpen, sorting, onSort, visible, selection, onSelection } = props;
  const { rowHeight } = useAppearance();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const prefix = useId();
  const selectable = onSelection !== undefined;

  const defs = useMemo<ColumnDef<T>[]>(
    () => columns.map((column) => ({ id: column.id, header: column.title })),
    [columns],
  );
  const table = useReactTable({
    data: rows,
    columns: defs,
    getCoreRowModel: getCoreRowModel(),
    getRowId: rowId,
    manualSorting: true,
    enableRowSelection: selectable,
    state: { columnVisibility: visible ?? {}, rowSelection: selection ?? {} },
    onRowSelectionChange: (update) => onSelection?.(typeof update === "function" ? update(selection ?? {}) : update),
  });

  const shown = columns.filter((column) => visible?.[column.id] !== false);
  const template = [
    ...(selectable ? ["36px"] : []),
    ...shown.map(({ width, grow = 1 }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`)),
  ].join(" ");
  const minWidth = shown.reduce((sum, { width }) => sum + width, selectable ? 36 : 0);

  const all = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && last >= all.length - NEAR_END) onEnd();
  }, [onEnd, last, all.length]);

  const current = Math.min(active, all.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isWriting(event.target) && (event.target as HTMLInputElement).type !== "checkbox") return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = all[current];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / rowHeight) - 2);
    const next = moveRow(event.key, current, all.length, page);
    if (next !== null) {
      setActive(next);
      virtual.scrollToIndex(next);
      scroller.current?.focus();
    } else if (event.key === "Enter" && row && event.target === scroller.current) {
      onOpen?.(row.original);
    } else if ((event.key === "x" || event.key === " ") && row && selectable && event.target === scroller.current) {
      row.toggleSelected();
    } else {
      return;
    }
    event.preventDefault();
  };

  if (all.length === 0) return <div className="table-empty">{props.empty}</div>;

  const cellsOf = (row: Row<T>) =>
    shown.map((column) => {
      const content = column.cell(row.original);
      return (
        <div key={column.id} role="gridcell" className="cell" data-align={column.align}>
          {typeof content === "string" ? <span title={content}>{content}</span> : content}
        </div>
      );
    });

  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={(total ?? all.length) + 1}
      aria-multiselectable={selectable || undefined}
      aria-activedescendant={items.some(({ index }) => index === current) ? `${prefix}${current}` : undefined}
      tabIndex={0}
      data-grid
      onKeyDown={onKeyDown}
    >
      <div className="grid-head" role="rowgroup" style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className="row" style={{ gridTemplateColumns: template }}>
          {selectable && (
            <div role="columnheader" className="cell" key={SELECT}>
              <Checkbox
                size="xs"
                aria-label="Select all rows that are loaded"
                checked={table.getIsAllRowsSelected()}
                indeterminate={table.getIsSomeRowsSelected()}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </div>
          )}
          {shown.map((column) => (
            <Head key={column.id} column={column} sorting={sorting} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth, position: "relative" }}>
        {items.map((item) => {
          const row = all[item.index];
          if (!row) return null;
          return (
            <div
              key={row.id}
              id={`${prefix}${item.index}`}
              role="row"
              className="row"
              aria-rowindex={item.index + 2}
              aria-selected={selectable ? row.getIsSelected() : undefined}
              data-active={item.index === current || undefined}
              data-open={onOpen ? true : undefined}
              style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={(event) => {
                setActive(item.index);
                const onControl = (event.target as HTMLElement).closest("a, button, input, label");
                if (!onControl && !window.getSelection()?.toString()) onOpen?.(row.original);
              }}
            >
              {selectable && (
                <div role="gridcell" className="cell">
                  <Checkbox
                    size="xs"
                    tabIndex={-1}
                    aria-label={`Select ${props.rowName?.(row.original) ?? row.id}`}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </div>
              )}
              {cellsOf(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head<T>({
  column,
  sorting,
  onSort,
}: {
  column: Column<T>;
  sorting: Sorting | undefined;
  onSort: ((sorting: Sorting) => void) | undefined;
}) {
  const sorted = sorting?.column === column.id ? (sorting.descending ? "descending" : "ascending") : "none";
  if (!column.sortable || !onSort) {
    return (
      <div role="columnheader" className="cell" data-align={column.align} title={column.title}>
        {column.title}
      </div>
    );
  }
  const Arrow = sorted === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <div role="columnheader" className="cell" data-align={column.align} aria-sort={sorted}>
      <button
        type="button"
        className="sort"
        title={`Sort by ${column.title.toLowerCase()}`}
        onClick={() => onSort({ column: column.id, descending: sorted === "ascending" })}
      >
        {column.title}
        {sorted !== "none" && <Arrow size={13} aria-hidden />}
      </button>
    </div>
  );
}
