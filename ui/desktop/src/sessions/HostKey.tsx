// Host keys: trusting one for the first time, and one that is not the one we know. The safe answer has the keyboard.
import type { contract } from "@luumen/backend";
import { exactWords, Machine } from "@luumen/kit";
import { Button, TextInput } from "@mantine/core";
import { IconAlertOctagon } from "@tabler/icons-react";
import { useState } from "react";

import { Buttons, type Usual } from "./QuestionForm";

type Ask<K extends contract.Question["kind"]> = Extract<contract.Question, { kind: K }>;

export function HostKeyNew({ ask, answer, busy, leave }: Usual & { ask: Ask<"host_key_new"> }) {
  return (
    <div className="question-form">
      <h3>This host is new here</h3>
      <p className="secondary">
        Nobody has connected to <Machine>{ask.target}</Machine> from this device. Compare the fingerprint with one that you got in another way, for
        example from the host's console with <Machine>ssh-keygen -lf</Machine>.
      </p>
      <div className="host-key">
        <dl>
          <Fingerprint label={`${ask.algorithm} key`} fingerprint={ask.fingerprint} />
        </dl>
        {ask.art && (
          <pre aria-hidden className="host-key-art">
            {ask.art}
          </pre>
        )}
      </div>
      <Buttons>
        <Button size="xs" variant="default" autoFocus onClick={() => answer({ kind: "cancel" })}>
          {leave}
        </Button>
        <Button size="xs" loading={busy} onClick={() => answer({ kind: "trust" })}>
          Trust and remember
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => answer({ kind: "trust_once" })}>
          Trust this once
        </Button>
      </Buttons>
    </div>
  );
}

export function HostKeyChanged({ ask, answer, busy, leave }: Usual & { ask: Ask<"host_key_changed"> }) {
  const { name } = ask;
  const [typed, setTyped] = useState("");
  const [replacing, setReplacing] = useState(false);
  const matches = typed.trim() === name;
  return (
    <div className="question-form" role="alert">
      <h3 className="host-key-warning">
        <IconAlertOctagon size={18} aria-hidden /> The host key has changed
      </h3>
      <p>
        <Machine>{ask.target}</Machine> showed a key that is not the one we know. Either the host was set up anew, or somebody stands between you and it.
        Nothing was sent: no name, no password.
      </p>
      <dl className="host-key-pair">
        {ask.known.map(({ algorithm, fingerprint, first_seen_at, file, line }) => (
          <Fingerprint
            key={`${file}:${line}`}
            label={`Known ${algorithm} key`}
            fingerprint={fingerprint}
            note={`${first_seen_at ? `first seen ${exactWords(new Date(first_seen_at))}` : "since when is not known"} · ${file}, line ${line}`}
          />
        ))}
        <Fingerprint label={`${ask.algorithm} key shown now`} fingerprint={ask.fingerprint} tone="failed" />
      </dl>
      <Buttons>
        <Button size="xs" autoFocus onClick={() => answer({ kind: "cancel" })}>
          {leave}
        </Button>
        {!replacing && (
          <Button size="xs" variant="default" onClick={() => setReplacing(true)}>
            Replace the key…
          </Button>
        )}
      </Buttons>
      {replacing && (
        <form
          className="host-key-replace"
          onSubmit={(event) => {
            event.preventDefault();
            if (matches) answer({ kind: "replace", typed_name: typed.trim() });
          }}
        >
          <TextInput
            autoFocus
            label={`Type ${name} to replace the key`}
            description="Only after you know, from somebody who runs it, that the host has a new key."
            value={typed}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" className="danger" disabled={!matches} loading={busy}>
            Replace and connect
          </Button>
        </form>
      )}
    </div>
  );
}

function Fingerprint({ label, fingerprint, note, tone }: { label: string; fingerprint: string; note?: string; tone?: "failed" }) {
  return (
    <div className="fingerprint" data-tone={tone}>
      <dt>{label}</dt>
      <dd>
        <code>{fingerprint}</code>
        {note && <span className="faint small">{note}</span>}
      </dd>
    </div>
  );
}
