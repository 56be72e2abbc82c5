// The hosts on the left: groups, search, marks; the keyboard walks it, and rows are dragged into groups.
import type { contract } from "@luumen/backend";
import { askedByKey, ContextMenu, Failed, FilterInput, Loaded, menuPoint, type MenuEntry, type MenuPoint } from "@luumen/kit";
import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconFolder, IconPlus } from "@tabler/icons-react";
import { useMemo, useRef, useState, type DragEvent, type KeyboardEvent, type MouseEvent } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { EnvironmentMark } from "./EnvironmentMark";
import { OsMark } from "./OsMark";
import { hostsBetween, treeRows, type Row } from "./rows";
import { useHostActions } from "./useHostActions";
import { SEARCH_HINT, useHostSearch, useHostSuggestions } from "./useHostSearch";

const DRAGGED = "application/x-luumen-hosts";

export function HostTree() {
  const tree = useCall("hosts_tree", {});
  const desk = useDesk();
  const suggest = useHostSuggestions();
  const [typed, setTyped] = useState("");
  const [hinted, setHinted] = useState(false);
  return (
    <section className="tree" aria-label="Hosts">
      <div className="tree-head">
        <div className="tree-search" title={SEARCH_HINT} onFocus={() => setHinted(true)} onBlur={() => setHinted(false)}>
          <FilterInput
            label="Search the hosts"
            placeholder="Search hosts"
            value={typed}
            onChange={setTyped}
            // With nothing typed the arrow leads to the rows; the hint below says what there is.
            suggest={(term) => (term === "" ? [] : suggest(term))}
            slash={false}
            onLeaveDown={() => document.querySelector<HTMLElement>(".tree-rows")?.focus()}
          />
        </div>
        <ActionIcon variant="subtle" aria-label="Add a host" title="Add a host" onClick={() => desk.go("hosts", "add")}>
          <IconPlus size={16} aria-hidden />
        </ActionIcon>
      </div>
      {hinted && typed === "" && <p className="tree-hint faint small">{SEARCH_HINT}</p>}
      <Loaded from={tree} what="the hosts" rows={8}>
        {({ groups, hosts }) => <Rows groups={groups} hosts={hosts} typed={typed} />}
      </Loaded>
    </section>
  );
}

function Rows({ groups, hosts, typed }: { groups: contract.Group[]; hosts: contract.Host[]; typed: string }) {
  const desk = useDesk();
  const actions = useHostActions();
  const folded = useStore(desk.preferences, (preferences) => preferences.folded_groups);
  const closed = useMemo(() => new Set<string>(folded), [folded]);
  const [active, setActive] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [menu, setMenu] = useState<{ at: MenuPoint; row: Row } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const { found, failed } = useHostSearch(typed, hosts);
  const looking = typed.trim() !== "";
  const rows = useMemo(() => treeRows(groups, found ?? [], closed, looking), [groups, found, closed, looking]);
  const at = Math.max(0, rows.findIndex(({ id }) => id === active));

  const fold = (id: string, close: boolean) => {
    const next = new Set(closed);
    if (close) next.add(id);
    else next.delete(id);
    void desk.prefer({ folded_groups: [...next] });
  };
  const walk = (to: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    setActive(row.id);
    document.getElementById(`tree-${row.id}`)?.scrollIntoView({ block: "nearest" });
  };
  const chosenHosts = (row: Row | undefined) =>
    row?.kind === "host" && !chosen.has(row.id) ? [row.host] : hosts.filter(({ id }) => chosen.has(id));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== box.current) return;
    const row = rows[at];
    const steps: Record<string, () => void> = {
      ArrowDown: () => walk(at + 1),
      ArrowUp: () => walk(at - 1),
      Home: () => walk(0),
      End: () => walk(rows.length - 1),
      ArrowRight: () => row?.kind === "group" && (row.open ? walk(at + 1) : fold(row.id, false)),
      ArrowLeft: () => (row?.kind === "group" && row.open ? fold(row.id, true) : walk(parentOf(rows, at))),
      Enter: () => (row?.kind === "group" ? fold(row.id, row.open) : actions.connect(chosenHosts(row))),
      " ": () => row?.kind === "host" && setChosen(toggled(chosen, row.id)),
      Escape: () => setChosen(new Set()),
      Delete: () => void actions.remove(chosenHosts(row)),
      e: () => row && desk.go("hosts", `${row.kind === "group" ? "group" : "edit"}:${row.id}`),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };

  const onClick = (row: Row, event: MouseEvent) => {
    box.current?.focus();
    setActive(row.id);
    if (row.kind === "group") return fold(row.id, row.open);
    if (event.shiftKey && active) setChosen(new Set(hostsBetween(rows, active, row.id)));
    else if (event.ctrlKey || event.metaKey) setChosen(toggled(chosen, row.id));
    else setChosen(new Set());
  };

  const drop = (group: contract.Group | null) => ({
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    onDrop: (event: DragEvent) => {
      event.stopPropagation();
      const ids = new Set(event.dataTransfer.getData(DRAGGED).split(" "));
      void actions.move(hosts.filter(({ id }) => ids.has(id)), group?.id ?? null, group?.name ?? "no group");
    },
  });

  if (failed !== null) return <Failed doing="search the hosts" error={failed} />;
  if (found === null) return null;
  if (rows.length === 0) return <Nothing typed={typed} any={hosts.length > 0} />;
  return (
    <>
      <div
        ref={box}
        className="tree-rows"
        role="tree"
        aria-label="Hosts by group"
        aria-multiselectable
        tabIndex={0}
        aria-activedescendant={rows[at] ? `tree-${rows[at].id}` : undefined}
        onKeyDown={onKeyDown}
        onContextMenu={(event) => {
          const row = rows[at];
          // By the mouse each row has its own.
          if (row && askedByKey()) setMenu({ at: menuPoint(event, document.getElementById(`tree-${row.id}`)), row });
        }}
        {...drop(null)}
      >
        {rows.map((row, index) => (
          <div
            key={row.id}
            id={`tree-${row.id}`}
            role="treeitem"
            className="tree-row"
            aria-level={row.depth + 1}
            aria-expanded={row.kind === "group" ? row.open : undefined}
            aria-selected={chosen.has(row.id)}
            data-active={index === at || undefined}
            style={{ paddingLeft: 8 + row.depth * 14 }}
            draggable={row.kind === "host"}
            onDragStart={(event) => event.dataTransfer.setData(DRAGGED, chosenHosts(row).map(({ id }) => id).join(" "))}
            onClick={(event) => onClick(row, event)}
            onDoubleClick={() => row.kind === "host" && actions.connect([row.host])}
            onContextMenu={(event) => {
              setActive(row.id);
              setMenu({ at: menuPoint(event), row });
            }}
            {...(row.kind === "group" ? drop(row.group) : {})}
          >
            {row.kind === "group" ? <GroupRow row={row} /> : <HostRow row={row} />}
          </div>
        ))}
      </div>
      {chosen.size > 0 && (
        <p className="tree-chosen small" role="status">
          {chosen.size} chosen · Enter connects · Esc lets go
        </p>
      )}
      {menu && <TreeMenu at={menu.at} row={menu.row} hosts={chosenHosts(menu.row)} onClose={() => setMenu(null)} />}
    </>
  );
}

function GroupRow({ row: { group, open, count } }: { row: Extract<Row, { kind: "group" }> }) {
  const Fold = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <Fold size={14} aria-hidden className="faint" />
      <IconFolder size={15} stroke={1.6} aria-hidden className="faint" />
      <span className="cut tree-name" title={group.name}>
        {group.name}
      </span>
      <span className="faint number small">{count}</span>
    </>
  );
}

function HostRow({ row: { host, environment } }: { row: Extract<Row, { kind: "host" }> }) {
  const desk = useDesk();
  const state = useStore(desk.follow.sessions, (sessions) => [...sessions.values()].find((session) => session.host === host.id)?.state);
  return (
    <>
      <OsMark os={host.os} />
      <span className="cut tree-name" title={`${host.name}, ${host.address}`}>
        {host.name}
      </span>
      <Tags tags={host.tags} />
      {state === "open" && <span className="tree-open" role="img" aria-label="connected" title="connected" />}
      <EnvironmentMark environment={environment} />
    </>
  );
}

/** The first tag, and how many more there are; all of them are said. */
function Tags({ tags: [first, ...more] }: { tags: string[] }) {
  if (first === undefined) return null;
  const all = `${more.length > 0 ? "tags" : "tag"}: ${[first, ...more].join(", ")}`;
  return (
    <span className="tree-tags faint small" role="img" aria-label={all} title={all}>
      <span className="cut">{first}</span>
      {more.length > 0 && <span className="number">+{more.length}</span>}
    </span>
  );
}

function TreeMenu({ at, row, hosts, onClose }: { at: MenuPoint; row: Row; hosts: contract.Host[]; onClose: () => void }) {
  const desk = useDesk();
  const actions = useHostActions();
  const entries: MenuEntry[] =
    row.kind === "group"
      ? [
          { label: "Change the group…", hint: "e", run: () => desk.go("hosts", `group:${row.id}`) },
          { label: "Add a host here…", run: () => desk.go("hosts", `add-in:${row.id}`) },
          "-",
          { label: "Delete the group…", run: () => void actions.removeGroup(row.group, row.count) },
        ]
      : [
          { label: hosts.length > 1 ? `Connect to ${hosts.length} hosts` : "Connect", hint: "Enter", run: () => actions.connect(hosts) },
          { label: "Change…", hint: "e", disabled: hosts.length !== 1, run: () => desk.go("hosts", `edit:${row.id}`) },
          "-",
          { label: hosts.length > 1 ? `Delete ${hosts.length} hosts` : "Delete", hint: "Del", run: () => void actions.remove(hosts) },
        ];
  return <ContextMenu at={at} label={row.kind === "group" ? "Group" : "Host"} entries={entries} onClose={onClose} />;
}

function Nothing({ typed, any }: { typed: string; any: boolean }) {
  const desk = useDesk();
  if (any || typed) return <p className="tree-nothing secondary">No host fits “{typed}”. {SEARCH_HINT}.</p>;
  return (
    <p className="tree-nothing secondary">
      No hosts yet.{" "}
      <button type="button" className="link" onClick={() => desk.go("hosts", "add")}>
        Add one
      </button>{" "}
      or{" "}
      <button type="button" className="link" onClick={() => desk.go("hosts", "import")}>
        import
      </button>
      .
    </p>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

function parentOf(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  for (let index = at - 1; index >= 0; index -= 1) if ((rows[index]?.depth ?? 0) < depth) return index;
  return at;
}
