// Brings hosts from elsewhere: what would come is shown first, row by row, with what changes and what cannot be taken over.
import type { contract } from "@luumen/backend";
import { Failed, Machine, notifyDone, plural, StateMark } from "@luumen/kit";
import { Button, Checkbox, Drawer, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useDesk, useReadAgain } from "../desk/context";
import { AS_WORDS, firstTicks, itemFits, KINDS, STATES, tick, tickAll, ways, type As, type Ticks } from "./importing";
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
  const [typed, setTyped] = useState("");
  const shown = preview.items.filter((item) => itemFits(item, typed));
  const tickable = shown.filter((item) => ways(item).length > 0);
  const apply = async () => {
    const take = [...ticks].map(([index, as]) => ({ index, as }));
    const done = await attempt(() => desk.backend.call("import_apply", { batch: preview.batch, take }));
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
          <Item key={item.index} item={item} as={ticks.get(item.index) ?? null} onTick={(as) => setTicks(tick(ticks, item, as))} />
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

function Item({ item, as, onTick }: { item: contract.ImportItem; as: As | null; onTick: (as: As | null) => void }) {
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
        {item.changes.map(({ field, from, to }) => (
          <span key={field} className="small">
            {field}: <Machine>{from ?? "none"}</Machine> → <Machine>{to ?? "none"}</Machine>
          </span>
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

function Problems({ problems }: { problems: contract.ImportProblem[] }) {
  return (
    <details className="import-problems" open={problems.length <= 5}>
      <summary>{plural(problems.length, "line")} could not be read</summary>
      <ul>
        {problems.map(({ line, text, why, next }, index) => (
          <li key={index}>
            {line !== null && <span className="faint">Line {line}: </span>}
            <Machine>{text}</Machine> {why} <span className="secondary">{next}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
