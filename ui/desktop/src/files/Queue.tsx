// What is on its way between this device and hosts: progress, conflicts to decide, and files that were edited here.
import type { contract } from "@luumen/backend";
import { bytesWords, durationWords, exactWords, StateMark, type Tone } from "@luumen/kit";
import { ActionIcon, Button, Checkbox, Progress } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlayerPause, IconRefresh, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useDesk, useDo, useReadAgain } from "../desk/context";
import { whyAndNext } from "../desk/problem";
import { useStore } from "../desk/store";
import { Edits } from "./Edits";

const STATES: Record<contract.Transfer["state"], { tone: Tone; word: string }> = {
  waiting: { tone: "unknown", word: "Waiting" },
  running: { tone: "running", word: "Running" },
  conflict: { tone: "warning", word: "Waits for you" },
  done: { tone: "ok", word: "Done" },
  skipped: { tone: "off", word: "Skipped" },
  failed: { tone: "failed", word: "Failed" },
  cancelled: { tone: "off", word: "Cancelled" },
  paused: { tone: "off", word: "Paused" },
};

const ENDED = new Set<contract.Transfer["state"]>(["done", "skipped", "cancelled", "failed"]);
const hasEnded = ({ state }: contract.Transfer): boolean => ENDED.has(state);

export function Queue() {
  const desk = useDesk();
  const act = useDo();
  const readAgain = useReadAgain();
  const transfers = [...useStore(desk.follow.transfers).values()];
  const edits = useStore(desk.follow.edits).size;
  const done = transfers.filter(({ state }) => state === "done").length;
  useEffect(() => {
    // What arrived is not in the folders that are shown yet.
    if (done > 0) readAgain("files_list", "local_list");
  }, [done, readAgain]);
  if (transfers.length + edits === 0) return null;
  const ended = transfers.some(hasEnded);
  const clear = async () => {
    await act("clear the list", "transfers_clear", {});
    desk.follow.transfers.set((all) => new Map([...all].filter(([, transfer]) => !hasEnded(transfer))));
  };
  return (
    <section className="queue" aria-label="Transfers">
      <Edits />
      {transfers.length > 0 && (
        <header className="queue-head">
          <h2>Transfers</h2>
          {ended && (
            <Button size="compact-xs" variant="subtle" onClick={() => void clear()}>
              Clear what has ended
            </Button>
          )}
        </header>
      )}
      <ul>
        {transfers.map((transfer) => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </ul>
    </section>
  );
}

function Row({ transfer }: { transfer: contract.Transfer }) {
  const act = useDo();
  const { id, direction, from, to, state, bytes_done, bytes_total, bytes_per_s, problem, conflict, notes } = transfer;
  const Arrow = direction === "upload" ? IconArrowUp : IconArrowDown;
  const name = from.split(/[\\/]/).at(-1) ?? from;
  const left = bytes_per_s && state === "running" ? durationWords(((bytes_total - bytes_done) / bytes_per_s) * 1000) : null;
  const live = state === "running" || state === "waiting" || state === "conflict" || state === "paused";
  return (
    <li>
      <div className="queue-line">
        <Arrow size={15} aria-label={direction} />
        <span className="cut" title={`${from} → ${to}`}>
          {name}
        </span>
        <StateMark {...STATES[state]} />
        <Progress value={bytes_total > 0 ? (bytes_done / bytes_total) * 100 : state === "done" ? 100 : 0} aria-label={`Progress of ${name}`} transitionDuration={0} />
        <span className="number small">
          {bytesWords(bytes_done)} of {bytesWords(bytes_total)}
        </span>
        <span className="number small faint">
          {state === "running" && bytes_per_s !== null && `${bytesWords(bytes_per_s)}/s`}
          {left && `, ${left} left`}
        </span>
        <span className="row-actions">
          {(state === "failed" || state === "cancelled" || state === "paused") && (
            <ActionIcon variant="subtle" size="sm" aria-label={`${state === "paused" ? "Go on with" : "Try again:"} ${name}`} title={state === "paused" ? "Go on" : "Try again"} onClick={() => void act("try again", "transfer_retry", { id })}>
              <IconRefresh size={15} aria-hidden />
            </ActionIcon>
          )}
          {(state === "running" || state === "waiting") && (
            <ActionIcon variant="subtle" size="sm" aria-label={`Pause ${name}`} title="Pause" onClick={() => void act("pause", "transfer_pause", { id })}>
              <IconPlayerPause size={15} aria-hidden />
            </ActionIcon>
          )}
          {live && (
            <ActionIcon variant="subtle" size="sm" aria-label={`Cancel ${name}`} title="Cancel" onClick={() => void act("cancel", "transfer_cancel", { id })}>
              <IconX size={15} aria-hidden />
            </ActionIcon>
          )}
        </span>
      </div>
      {problem && state !== "done" && (
        <p className="small">
          {problem.title}: {whyAndNext(problem)} <span className="machine faint">{problem.code}</span>
        </p>
      )}
      {state === "done" &&
        notes.map((note) => (
          <p key={note} className="small">
            {note}
          </p>
        ))}
      {conflict && state === "conflict" && <Conflict transfer={transfer} conflict={conflict} />}
    </li>
  );
}

const CHOICES: [contract.OnConflict, string][] = [
  ["skip", "Skip"],
  ["rename", "Keep both"],
  ["resume", "Resume"],
  ["overwrite", "Overwrite"],
];

function Conflict({ transfer, conflict }: { transfer: contract.Transfer; conflict: NonNullable<contract.Transfer["conflict"]> }) {
  const act = useDo();
  const [all, setAll] = useState(false);
  const upload = transfer.direction === "upload";
  const [source, there] = upload ? [conflict.local, conflict.remote] : [conflict.remote, conflict.local];
  const words = (entry: contract.Entry) => `${bytesWords(entry.size_bytes)}, ${entry.modified_at ? `changed ${exactWords(new Date(entry.modified_at))}` : "time not told"}`;
  // Resuming makes sense only where the beginning is already there.
  const choices = CHOICES.filter(([choice]) => choice !== "resume" || there.size_bytes < source.size_bytes);
  return (
    <div className="conflict" role="alert">
      <p>
        <strong>{there.path}</strong> is already there.
      </p>
      <p className="secondary small">
        There: {words(there)}. To send: {words(source)}.
      </p>
      <div className="conflict-actions">
        {choices.map(([choice, word]) => (
          <Button
            key={choice}
            size="compact-xs"
            variant="default"
            className={choice === "overwrite" ? "danger" : undefined}
            onClick={() => void act("decide", "transfer_resolve", { id: transfer.id, choice, all })}
          >
            {word}
          </Button>
        ))}
        <Checkbox size="xs" label="The same for all that follow" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
      </div>
    </div>
  );
}
