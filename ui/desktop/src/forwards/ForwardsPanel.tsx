// The forwards of a session: what listens where, how much went through, and a form for another one.
import type { contract } from "@luumen/backend";
import { bytesWords, Empty, Failed, Loaded, StateMark, type Tone } from "@luumen/kit";
import { ActionIcon, Button } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { useAttempt, useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { whyAndNext } from "../desk/problem";
import { ForwardFields } from "./ForwardFields";
import { forwardFaults, forwardName, forwardWords, newForward, tidyForward } from "./forwards";

const STATES: Record<contract.Forward["state"], { tone: Tone; word: string }> = {
  listening: { tone: "ok", word: "Listening" },
  off: { tone: "off", word: "Off" },
  failed: { tone: "failed", word: "Failed" },
};

export function ForwardsPanel({ session }: { session: contract.Session }) {
  const desk = useDesk();
  const forwards = useCall("forwards_list", { session: session.id });
  const [adding, setAdding] = useState(false);
  return (
    <div className="side-body">
      <Loaded from={forwards} what="the forwards" rows={3}>
        {(all) =>
          all.length === 0 && !adding ? (
            <Empty title="No forwards">A forward carries a port through this connection: a database of the host to this device, or the other way.</Empty>
          ) : (
            <ul className="forwards">
              {all.map((forward) => (
                <Row key={forward.id} forward={forward} connected={session.state === "open"} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding ? (
        <AddForward session={session} onDone={() => setAdding(false)} />
      ) : (
        <div className="connect-actions">
          <Button size="xs" variant="default" disabled={session.state !== "open"} onClick={() => setAdding(true)}>
            Add a forward
          </Button>
          {session.host && (
            <Button size="xs" variant="subtle" onClick={() => desk.go("hosts", `edit:${session.host}`)}>
              Those of the host…
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Row({ forward, connected }: { forward: contract.Forward; connected: boolean }) {
  const act = useDo();
  const readAgain = useReadAgain();
  const on = forward.state === "listening";
  const { session, state: _state, problem, connections, bytes_in, bytes_out, bound_port: _bound, ...spec } = forward;
  const toggle = async () => {
    if (on) await act("stop the forward", "forward_stop", { session, id: forward.id });
    else await act("start the forward", "forward_start", { session, spec });
    readAgain("forwards_list");
  };
  return (
    <li>
      <div className="forward-line">
        <StateMark {...STATES[forward.state]} />
        <span className="cut" title={forward.label}>
          {forward.label}
        </span>
        <ActionIcon
          variant="subtle"
          size="sm"
          disabled={!connected}
          aria-label={`${on ? "Stop" : "Start"} ${forwardName(forward)}`}
          onClick={() => void toggle()}
        >
          {on ? <IconPlayerStop size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />}
        </ActionIcon>
      </div>
      <code>{forwardWords(forward)}</code>
      {on && (
        <span className="faint small number">
          {connections} open · {bytesWords(bytes_in)} in · {bytesWords(bytes_out)} out
        </span>
      )}
      {problem && (
        <p className="small">
          {problem.title}: {whyAndNext(problem)} <span className="machine faint">{problem.code}</span>
        </p>
      )}
    </li>
  );
}

function AddForward({ session, onDone }: { session: contract.Session; onDone: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const form = useRef<HTMLFormElement>(null);
  const [spec, setSpec] = useState(() => newForward(false));
  const [tried, setTried] = useState(false);
  const faults = forwardFaults(spec);
  useEffect(() => form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus(), []);
  const start = async () => {
    setTried(true);
    if (Object.keys(faults).length > 0) return;
    const done = await attempt(() => desk.backend.call("forward_start", { session: session.id, spec: tidyForward(spec) }));
    readAgain("forwards_list");
    if (done) onDone();
  };
  return (
    <form
      ref={form}
      className="side-form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <ForwardFields spec={spec} faults={tried ? faults : {}} onChange={(change) => setSpec((now) => ({ ...now, ...change }))} />
      {error !== null && <Failed doing="start the forward" error={error} />}
      <div className="connect-actions">
        <Button type="submit" size="xs" loading={busy}>
          Start
        </Button>
        <Button size="xs" variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
