// One folder: the way to it, its entries, and what can be done with them by mouse and by keyboard.
import type { contract } from "@luumen/backend";
import { askedByKey, bytesWords, ContextMenu, Empty, Failed, Loading, menuPoint, RelativeTime, type MenuEntry, type MenuPoint } from "@luumen/kit";
import { ActionIcon, Checkbox, TextInput } from "@mantine/core";
import { IconArrowUp, IconFile, IconFolder, IconLink, IconLinkOff, IconRefresh, type Icon } from "@tabler/icons-react";
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent, type ReactNode } from "react";

import { DROPPED, HELD } from "../shell/useHappenings";
import { crumbs, isFolder, modeWords, parentOf, shownEntries, sortEntries, type SortBy } from "./paths";

export interface Chosen {
  entries: contract.Entry[];
  clear: () => void;
}

interface Props {
  label: string;
  path: string;
  listing: { data: contract.Listing | undefined; error: unknown; isFetching: boolean; refetch: () => unknown };
  onGo: (path: string) => void;
  /** A file was opened: Enter, or a double click. */
  onOpen?: (entry: contract.Entry) => void;
  menu: (chosen: Chosen) => MenuEntry[];
  tools?: (chosen: Chosen) => ReactNode;
  /** What is dragged out of this list is known by this name, and only the other side takes it. */
  side: "local" | "remote";
  onDrop: (paths: string[]) => void;
  compact?: boolean;
}

const KINDS: Record<contract.Entry["kind"], Icon> = { file: IconFile, directory: IconFolder, link: IconLink, other: IconFile };
const dragType = (side: string) => `application/x-luumen-files-${side}`;

export function FileList(props: Props) {
  const { label, path, listing, onGo, tools, side, onDrop } = props;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState("");
  const [hidden, setHidden] = useState(false);
  const [sort, setSort] = useState<{ by: SortBy; descending: boolean }>({ by: "name", descending: false });
  const [over, setOver] = useState(false);
  const all = listing.data?.entries ?? [];
  const entries = sortEntries(shownEntries(all, hidden, typed), sort.by, sort.descending);
  // What a search took out of sight is acted on only when it is seen again.
  const selected: Chosen = { entries: entries.filter((entry) => chosen.has(entry.path)), clear: () => setChosen(new Set()) };
  const other = dragType(side === "local" ? "remote" : "local");
  const part = useTakesFiles(side === "remote" ? onDrop : null, setOver);
  const go = (to: string) => {
    setChosen(new Set());
    setTyped("");
    onGo(to);
  };
  return (
    <section
      ref={part}
      className="files-side"
      aria-label={label}
      data-takes-files={side === "remote" || undefined}
      data-over={over || undefined}
      onDragOver={(event: DragEvent) => {
        if (!event.dataTransfer.types.includes(other)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event: DragEvent) => {
        setOver(false);
        const paths = event.dataTransfer.getData(other);
        if (paths) onDrop(JSON.parse(paths) as string[]);
      }}
    >
      <header className="files-head">
        <h2>{label}</h2>
        {tools?.(selected)}
      </header>
      <PathLine label={label} path={path} onGo={go} onRefresh={() => void listing.refetch()} busy={listing.isFetching} />
      <div className="files-filter">
        <TextInput size="xs" className="grow" aria-label={`Search in this folder, ${label}`} placeholder="Search in this folder" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Checkbox size="xs" label="Hidden" checked={hidden} onChange={(event) => setHidden(event.currentTarget.checked)} />
      </div>
      {listing.error ? (
        <Failed doing="list the folder" error={listing.error} onRetry={() => void listing.refetch()} />
      ) : !listing.data ? (
        <Loading what="the folder" rows={8} />
      ) : entries.length === 0 ? (
        <Empty title={all.length === 0 ? "The folder is empty" : typed ? `No name has “${typed}” in it` : "Only hidden files are here"} />
      ) : (
        <Table {...props} entries={entries} chosen={chosen} setChosen={setChosen} selected={selected} sort={sort} setSort={setSort} go={go} />
      )}
      {listing.data?.truncated && <p className="trouble" data-tone="partial">The folder has more entries than are listed here.</p>}
    </section>
  );
}

/** Files that are dropped from outside of the window. */
function useTakesFiles(onDrop: ((paths: string[]) => void) | null, setOver: (over: boolean) => void) {
  const part = useRef<HTMLElement>(null);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    const element = part.current;
    const held = (event: Event) => setOver((event as CustomEvent<boolean>).detail);
    const dropped = (event: Event) => latest.current?.((event as CustomEvent<string[]>).detail);
    element?.addEventListener(HELD, held);
    element?.addEventListener(DROPPED, dropped);
    return () => {
      element?.removeEventListener(HELD, held);
      element?.removeEventListener(DROPPED, dropped);
    };
  }, [setOver]);
  return part;
}

function PathLine({ label, path, onGo, onRefresh, busy }: { label: string; path: string; onGo: (path: string) => void; onRefresh: () => void; busy: boolean }) {
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <div className="files-path">
      <ActionIcon variant="subtle" size="sm" aria-label="Folder above" title="Folder above" onClick={() => onGo(parentOf(path))}>
        <IconArrowUp size={15} aria-hidden />
      </ActionIcon>
      {typing === null ? (
        <nav className="crumbs" aria-label={`Path, ${label}`} onDoubleClick={() => setTyping(path)}>
          {crumbs(path).map((crumb) => (
            <button key={crumb.path} type="button" onClick={() => onGo(crumb.path)}>
              {crumb.name}
            </button>
          ))}
          <button type="button" className="crumbs-type" aria-label="Type a path" title="Type a path" onClick={() => setTyping(path)} />
        </nav>
      ) : (
        <TextInput
          size="xs"
          className="grow"
          autoFocus
          aria-label="Path"
          classNames={{ input: "machine" }}
          value={typing}
          onChange={(event) => setTyping(event.currentTarget.value)}
          onBlur={() => setTyping(null)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setTyping(null);
            if (event.key !== "Enter" || typing.trim() === "") return;
            onGo(typing.trim());
            setTyping(null);
          }}
        />
      )}
      <ActionIcon variant="subtle" size="sm" aria-label="Read the folder again" title="Read the folder again" loading={busy} onClick={onRefresh}>
        <IconRefresh size={15} aria-hidden />
      </ActionIcon>
    </div>
  );
}

interface TableProps extends Props {
  entries: contract.Entry[];
  chosen: ReadonlySet<string>;
  setChosen: (chosen: ReadonlySet<string>) => void;
  selected: Chosen;
  sort: { by: SortBy; descending: boolean };
  setSort: (sort: { by: SortBy; descending: boolean }) => void;
  go: (path: string) => void;
}

function Table({ label, entries, chosen, setChosen, selected, sort, setSort, go, onOpen, menu, side, compact }: TableProps) {
  const [at, setAt] = useState(0);
  const [point, setPoint] = useState<MenuPoint | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const current = Math.min(at, entries.length - 1);
  const open = (entry: contract.Entry) => (isFolder(entry) ? go(entry.path) : onOpen?.(entry));
  const walk = (to: number) => {
    const next = Math.min(entries.length - 1, Math.max(0, to));
    setAt(next);
    document.getElementById(`${side}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const toggle = (path: string) => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const entry = entries[current];
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) setChosen(new Set(entries.map(({ path }) => path)));
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "ArrowDown" || event.key === "j") walk(current + 1);
    else if (event.key === "ArrowUp" || event.key === "k") walk(current - 1);
    else if (event.key === "PageDown") walk(current + 15);
    else if (event.key === "PageUp") walk(current - 15);
    else if (event.key === "Home") walk(0);
    else if (event.key === "End") walk(entries.length - 1);
    else if (event.key === "Enter" && entry) open(entry);
    else if (event.key === "Backspace") go(parentOf(parentOf(`${entries[0]?.path ?? "/"}`)));
    else if ((event.key === " " || event.key === "x") && entry) toggle(entry.path);
    else if (event.key === "Escape") setChosen(new Set());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const head = (by: SortBy, name: string) => (
    <button type="button" className="sort" aria-label={`Sort by ${name.toLowerCase()}`} onClick={() => setSort({ by, descending: sort.by === by && !sort.descending })}>
      {name} {sort.by === by && (sort.descending ? "↓" : "↑")}
    </button>
  );
  return (
    <>
      <div className="files-columns" data-compact={compact || undefined}>
        <span>{head("name", "Name")}</span>
        <span className="end">{head("size", "Size")}</span>
        <span>{head("modified", "Changed")}</span>
        {!compact && <span>Rights</span>}
        {!compact && <span>Owner</span>}
      </div>
      <div
        ref={box}
        className="files-rows"
        role="listbox"
        aria-label={`Files, ${label}`}
        aria-multiselectable
        tabIndex={0}
        aria-activedescendant={`${side}-${current}`}
        onKeyDown={onKeyDown}
        onContextMenu={(event) => {
          const entry = entries[current];
          if (askedByKey() && selected.entries.length === 0 && entry) setChosen(new Set([entry.path]));
          setPoint(menuPoint(event, document.getElementById(`${side}-${current}`)));
        }}
      >
        {entries.map((entry, index) => (
          <div
            key={entry.path}
            id={`${side}-${index}`}
            role="option"
            className="files-row"
            data-compact={compact || undefined}
            aria-selected={chosen.has(entry.path)}
            data-active={index === current || undefined}
            draggable
            onDragStart={(event) => {
              const paths = chosen.has(entry.path) ? selected.entries.map(({ path }) => path) : [entry.path];
              event.dataTransfer.setData(dragType(side), JSON.stringify(paths));
            }}
            onClick={(event) => {
              box.current?.focus();
              setAt(index);
              if (event.ctrlKey || event.metaKey) toggle(entry.path);
              else if (event.shiftKey) setChosen(new Set(entries.slice(Math.min(current, index), Math.max(current, index) + 1).map(({ path }) => path)));
              else setChosen(new Set([entry.path]));
            }}
            onDoubleClick={() => open(entry)}
            onContextMenu={() => {
              setAt(index);
              if (!chosen.has(entry.path)) setChosen(new Set([entry.path]));
            }}
          >
            <EntryCells entry={entry} compact={compact ?? false} />
          </div>
        ))}
      </div>
      <ContextMenu at={point} label="Files" entries={menu(selected)} onClose={() => setPoint(null)} />
    </>
  );
}

function EntryCells({ entry, compact }: { entry: contract.Entry; compact: boolean }) {
  const { name, kind, link_to, link_broken, size_bytes, modified_at, mode, owner, group } = entry;
  const Mark = link_broken ? IconLinkOff : KINDS[kind];
  return (
    <>
      <span className="files-name" title={link_to ? `${name} → ${link_to}${link_broken ? " (leads nowhere)" : ""}` : name}>
        <Mark size={15} stroke={1.6} aria-hidden />
        <span className="cut">{name}</span>
        {link_to && <span className="faint cut">→ {link_to}</span>}
        {link_broken && <span className="tone-warning small">leads nowhere</span>}
      </span>
      <span className="end number" title={`${size_bytes} bytes`}>
        {kind === "directory" ? "" : bytesWords(size_bytes)}
      </span>
      <span className="small">{modified_at ? <RelativeTime at={modified_at} /> : <span className="faint">not told</span>}</span>
      {!compact && <span className="machine small">{mode === null ? "not told" : modeWords(mode)}</span>}
      {!compact && <span className="small cut" title={`${owner ?? "?"}:${group ?? "?"}`}>{owner ?? "not told"}</span>}
    </>
  );
}
