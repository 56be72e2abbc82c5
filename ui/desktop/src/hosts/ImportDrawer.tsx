// Brings hosts from elsewhere: what would come is shown first, row by row, with what changes and what cannot be taken over.
import type { contract } from "@luumen/backend";
import { Failed, Machine, notifyDone, plural, StateMark } from "@luumen/kit";
import { Button, Checkbox, Drawer, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useDesk, useReadAgain } from "../desk/context";
import {
  AS_WORDS,
  comesAlong,
  differences,
  fieldValue,
  fieldWord,
  firstTicks,
  inShort,
  itemFits,
  KINDS,
  STATES,
  takes,
  tick,
  tickAll,
  wantAgent,
  ways,
  type As,
  type Ticks,
} from "./importing";
import { PathInput } from "./PathInput";
import { useHostActions } from "./useHostActions";

export function ImportDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer opened={opened} onClose={onClose} size="xl" title="Import hosts">
      {opened && <Import onDone={onClose} />}
    </Drawer>
  );
}

/** From a source to hosts; also one of the screens of the first run. */
export function Import({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const { attempt, busy, error, clear } = useAttempt();
  const [kind, setKind] = useState<contract.ImportKind>("ssh_config");
  const [path, setPath] = useState("~/.ssh/config");
  const [text, setText] = useState("");
  const [exec, setExec] = useState(false);
  const [preview, setPreview] = useState<contract.ImportPreview | null>(null);
  const source = KINDS.find((each) => each.kind === kind);
  const look = async () => {
    const from = text.trim() ? { text } : { path: path.trim() };
    const done = await attempt(() => desk.backend.call("import_preview", { kind, ...from, ...(kind === "ssh_config" ? { run_match_exec: exec } : {}) }));
    if (done) setPreview(done.answer);
  };
  if (preview) return <Preview key={preview.batch} preview={preview} onBack={() => setPreview(null)} onDone={onDone} />;
  return (
    <form
      className="drawer-form"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <Select
        size="xs"
        label="From"
        description={source?.where}
        allowDeselect={false}
        data-autofocus
        comboboxProps={{ transitionProps: { duration: 0 } }}
        data={KINDS.map(({ kind: value, name }) => ({ value, label: name }))}
        value={kind}
        onChange={(next) => {
          clear();
          setKind(next as contract.ImportKind);
          setPath(next === "ssh_config" ? "~/.ssh/config" : "");
        }}
      />
      <PathInput label="File" kind="open" value={path} onChange={setPath} />
      <Textarea
        size="xs"
        label="Or its text"
        description="When there is text here, the file is not read."
        autosize
        minRows={4}
        maxRows={12}
        classNames={{ input: "machine" }}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {kind === "ssh_config" && (
        <Checkbox
          size="xs"
          label="Run the commands of “Match exec”"
          description="Off, these blocks are named and left out. On, you are shown each command and asked whether it may run on this device."
          checked={exec}
          onChange={(event) => setExec(event.currentTarget.checked)}
        />
      )}
      {error !== null && <Failed doing="read the hosts" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" loading={busy} disabled={text.trim() === "" && path.trim() === ""}>
          Preview
        </Button>
        <span className="faint small">Nothing is taken over before you have seen it.</span>
      </div>
    </form>
  );
}

function Preview({ preview, onBack, onDone }: { preview: contract.ImportPreview; onBack: () => void; onDone: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { undo } = useHostActions();
  const { attempt, busy, error } = useAttempt();
  const [ticks, setTicks] = useState<Ticks>(() => firstTicks(preview.items));
  const [lent, setLent] = useState<ReadonlySet<number>>(new Set());
  const [typed, setTyped] = useState("");
  const shown = preview.items.filter((item) => itemFits(item, typed));
  const tickable = shown.filter((item) => ways(item).length > 0);
  const apply = async () => {
    const done = await attempt(() => desk.backend.call("import_apply", { batch: preview.batch, take: takes(ticks, lent) }));
    if (!done) return;
    const { added, changed, undo: id } = done.answer;
    readAgain("hosts_tree", "host_get");
    if (added + changed === 0) notifyDone("Nothing was taken over");
    else undo(`Added ${plural(added, "host")}${changed > 0 ? `, changed ${changed}` : ""}`, id);
    onDone();
  };
  return (
    <div className="drawer-form">
      <p>
        <strong>{plural(preview.items.length, "host")}</strong> found, {ticks.size} ticked. Nothing has changed yet.
      </p>
      {preview.problems.length > 0 && <Problems problems={preview.problems} />}
      <Agent items={wantAgent(preview.items)} lent={lent} onLend={setLent} />
      <div className="filter-line">
        <TextInput size="xs" className="grow" aria-label="Search what was found" placeholder="Search" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Checkbox
          size="xs"
          label="All"
          disabled={tickable.length === 0}
          checked={tickable.length > 0 && tickable.every(({ index }) => ticks.has(index))}
          indeterminate={tickable.some(({ index }) => ticks.has(index)) && !tickable.every(({ index }) => ticks.has(index))}
          onChange={(event) => setTicks(tickAll(tickable, event.currentTarget.checked))}
        />
      </div>
      <ul className="import-items">
        {shown.map((item) => (
          <Item
            key={item.index}
            item={item}
            as={ticks.get(item.index) ?? null}
            lent={lent.has(item.index)}
            onTick={(as) => setTicks(tick(ticks, item, as))}
            onLend={(on) => setLent(lentTo(lent, [item], on))}
          />
        ))}
        {shown.length === 0 && <li className="secondary">{preview.items.length === 0 ? "There is no host in it." : `No host fits “${typed}”.`}</li>}
      </ul>
      {error !== null && <Failed doing="take the hosts over" error={error} />}
      <div className="drawer-actions">
        <Button size="xs" loading={busy} disabled={ticks.size === 0} onClick={() => void apply()}>
          Take over {plural(ticks.size, "host")}
        </Button>
        <Button size="xs" variant="default" onClick={onBack}>
          Back
        </Button>
      </div>
    </div>
  );
}

function lentTo(lent: ReadonlySet<number>, items: readonly contract.ImportItem[], on: boolean): ReadonlySet<number> {
  const next = new Set(lent);
  for (const { index } of items) {
    if (on) next.add(index);
    else next.delete(index);
  }
  return next;
}

/** The one tick for every host that would be lent the ssh-agent. */
function Agent({ items, lent, onLend }: { items: contract.ImportItem[]; lent: ReadonlySet<number>; onLend: (lent: ReadonlySet<number>) => void }) {
  if (items.length === 0) return null;
  const ticked = items.filter(({ index }) => lent.has(index)).length;
  return (
    <div className="trouble" data-tone="partial">
      <p>
        Agent forwarding is asked for by {plural(items.length, "host")}. Whoever is root there can use your agent's keys for as long as you are connected, so it stays off where it is not
        ticked.
      </p>
      <Checkbox
        size="xs"
        label="Forward the ssh-agent to all of them"
        checked={ticked === items.length}
        indeterminate={ticked > 0 && ticked < items.length}
        onChange={(event) => onLend(lentTo(lent, items, event.currentTarget.checked))}
      />
    </div>
  );
}

interface ItemProps {
  item: contract.ImportItem;
  as: As | null;
  lent: boolean;
  onTick: (as: As | null) => void;
  onLend: (on: boolean) => void;
}

function Item({ item, as, lent, onTick, onLend }: ItemProps) {
  const possible = ways(item);
  const state = STATES[item.state];
  return (
    <li>
      <div className="import-line">
        <Checkbox
          size="xs"
          aria-label={`Take ${item.name}`}
          disabled={possible.length === 0}
          checked={as !== null}
          onChange={(event) => onTick(event.currentTarget.checked ? (possible[0] ?? null) : null)}
        />
        <span className="cut" title={item.name}>
          {item.name}
        </span>
        <Machine>{`${item.user ? `${item.user}@` : ""}${item.address}${item.port === 22 ? "" : `:${item.port}`}`}</Machine>
        <StateMark {...state} />
        {as !== null && possible.length > 1 && (
          <Select
            size="xs"
            aria-label={`How to take ${item.name}`}
            w={180}
            allowDeselect={false}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            data={possible.map((value) => ({ value, label: AS_WORDS[value] }))}
            value={as}
            onChange={(next) => onTick(next as As)}
          />
        )}
      </div>
      <div className="import-more">
        {(item.group.length > 0 || item.jump.length > 0) && (
          <span className="faint small">
            {item.group.length > 0 && `in ${item.group.join(" / ")} `}
            {item.jump.length > 0 && `by way of ${item.jump.join(" → ")}`}
          </span>
        )}
        {differences(item).map(({ field, from, to }) => (
          <span key={field} className="small">
            {field}: <Machine>{from ?? "none"}</Machine> → <Machine>{to ?? "none"}</Machine>
          </span>
        ))}
        {(as ?? possible[0]) === "new" && <Along fields={comesAlong(item)} />}
        {item.agent_forwarding !== null && possible.length > 0 && (
          <Checkbox
            size="xs"
            className="import-agent"
            label={`Forward the ssh-agent to ${item.name}: ${item.agent_forwarding} asks for it`}
            disabled={as === null}
            checked={lent}
            onChange={(event) => onLend(event.currentTarget.checked)}
          />
        )}
        {item.warnings.map((warning) => (
          <strong key={warning} className="import-warning small tone-warning">
            {warning}.
          </strong>
        ))}
        {item.unsupported.length > 0 && (
          <span className="small tone-warning">
            Not taken over: <Machine>{item.unsupported.join(", ")}</Machine>
          </span>
        )}
      </div>
    </li>
  );
}

/** What comes with a host of its own: named in a line, and in full when it is opened. */
function Along({ fields }: { fields: contract.ItemField[] }) {
  if (fields.length === 0) return null;
  return (
    <details className="import-along small">
      <summary>Also taken over: {inShort(fields)}</summary>
      <dl>
        {fields.map((field, index) => (
          <div key={index}>
            <dt>{fieldWord(field.field)}</dt>
            <dd>
              <Machine>{fieldValue(field)}</Machine>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Problems({ problems }: { problems: contract.ImportProblem[] }) {
  return (
    <details className="import-problems" open={problems.length <= 5}>
      <summary>{plural(problems.length, "thing")} in the file {problems.length === 1 ? "is" : "are"} not taken over</summary>
      <ul>
        {problems.map(({ line, text, why, next }, index) => (
          <li key={index}>
            {line !== null && <span className="faint">Line {line}: </span>}
            {text !== "" && (
              <>
                <Machine>{text}</Machine>:{" "}
              </>
            )}
            {why}. <span className="secondary">{next}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
