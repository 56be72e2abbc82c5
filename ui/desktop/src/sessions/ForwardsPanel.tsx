// The forwards of a session: what listens where, how much went through, and a form for another one.
import type { contract } from "@luumen/backend";
import { bytesWords, Empty, Failed, Loaded, StateMark, type Tone } from "@luumen/kit";
import { ActionIcon, Button, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";

import { useAttempt, useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { whyAndNext } from "../desk/problem";
import { forwardFault, forwardWords } from "./forwards";

const STATES: Record<contract.Forward["state"], { tone: Tone; word: string }> = {
  listening: { tone: "ok", word: "Listening" },
  off: { tone: "off", word: "Off" },
  failed: { tone: "failed", word: "Failed" },
};

export function ForwardsPanel({ session }: { session: contract.Session }) {
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
        <Button size="xs" variant="default" disabled={session.state !== "open"} onClick={() => setAdding(true)}>
          Add a forward
        </Button>
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
  const words = forwardWords(forward);
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
          aria-label={`${on ? "Stop" : "Start"} ${forward.label || words}`}
          onClick={() => void toggle()}
        >
          {on ? <IconPlayerStop size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />}
        </ActionIcon>
      </div>
      <code>{words}</code>
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

const EMPTY: contract.ForwardSpec = { id: "", kind: "local", bind: "127.0.0.1", port: 0, to_host: "127.0.0.1", to_port: null, auto: false, label: "" };

function AddForward({ session, onDone }: { session: contract.Session; onDone: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const [spec, setSpec] = useState(EMPTY);
  const set = (change: Partial<contract.ForwardSpec>) => setSpec((now) => ({ ...now, ...change }));
  const fault = forwardFault(spec);
  const start = async () => {
    const whole = { ...spec, id: crypto.randomUUID(), ...(spec.kind === "dynamic" ? { to_host: null, to_port: null } : {}) };
    const done = await attempt(() => desk.backend.call("forward_start", { session: session.id, spec: whole }));
    readAgain("forwards_list");
    if (done) onDone();
  };
  return (
    <form
      className="side-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault) void start();
      }}
    >
      <SegmentedControl
        size="xs"
        aria-label="Kind of forward"
        value={spec.kind}
        onChange={(kind) => set({ kind: kind as contract.ForwardSpec["kind"] })}
        data={[
          { value: "local", label: "Local" },
          { value: "remote", label: "Remote" },
          { value: "dynamic", label: "SOCKS" },
        ]}
      />
      <p className="faint small">{KIND_WORDS[spec.kind]}</p>
      <TextInput size="xs" label="Name" value={spec.label} onChange={(event) => set({ label: event.currentTarget.value })} />
      <div className="two">
        <TextInput size="xs" label="Listen on" value={spec.bind} onChange={(event) => set({ bind: event.currentTarget.value })} />
        <Port label="Port" description="0 takes a free one" value={spec.port} onChange={(port) => set({ port: port ?? 0 })} />
      </div>
      {spec.kind !== "dynamic" && (
        <div className="two">
          <TextInput size="xs" label="Leads to" value={spec.to_host ?? ""} onChange={(event) => set({ to_host: event.currentTarget.value })} />
          <Port label="Port" value={spec.to_port} onChange={(to_port) => set({ to_port })} />
        </div>
      )}
      {!/^(127\.|localhost$|::1$|\[::1\]$)/.test(spec.bind) && (
        <p className="trouble" data-tone="partial">
          Others on the network can use this forward too.
        </p>
      )}
      {error !== null && <Failed doing="start the forward" error={error} />}
      <div className="connect-actions">
        <Button type="submit" size="xs" disabled={fault !== null} title={fault ?? undefined} loading={busy}>
          Start
        </Button>
        <Button size="xs" variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

const KIND_WORDS: Record<contract.ForwardSpec["kind"], string> = {
  local: "This device listens; what connects comes out at the host.",
  remote: "The host listens; what connects comes out at this device.",
  dynamic: "This device listens as a SOCKS proxy; programs choose where they come out.",
};

function Port({ label, description, value, onChange }: { label: string; description?: string; value: number | null; onChange: (port: number | null) => void }) {
  return (
    <NumberInput
      size="xs"
      label={label}
      description={description}
      min={0}
      max={65_535}
      allowDecimal={false}
      hideControls
      value={value ?? ""}
      onChange={(next) => onChange(typeof next === "number" ? next : null)}
    />
  );
}
