// What the workbench asks while it connects: secrets, one-time codes and host keys. Secrets go in and are forgotten here.
import { TypedSecret, type contract } from "@luumen/backend";
import { Failed } from "@luumen/kit";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";

import { useAttempt, useDesk } from "../desk/context";
import type { Asked } from "../desk/desk";
import { useStore } from "../desk/store";
import { SecretInput } from "../typed/SecretInput";
import { HostKeyChanged, HostKeyNew } from "./HostKey";
import { keepWords } from "./keep";
import { VaultUnlock } from "./VaultUnlock";

const NOT_ACCEPTED = "It was not accepted. Try again.";

type AnswerIt = (answer: contract.Answer) => void;

export interface Usual {
  answer: AnswerIt;
  busy: boolean;
  /** What it is to leave the question. */
  leave: "Disconnect" | "Cancel";
}

export function QuestionForm({ asked }: { asked: Asked }) {
  const desk = useDesk();
  const { attempt, busy, error } = useAttempt();
  // A session asks while it connects. Later only its files do, on a connection of their own: who leaves that still has the session.
  const connects = useStore(desk.follow.sessions, (sessions) => sessions.get(asked.session ?? "")?.state === "connecting");
  const answered = () => {
    desk.follow.answered(asked.id);
    // The next question may be here already, with the keyboard: what is typed for it must not go to the shell.
    if (desk.follow.questions.get().some(({ session }) => session === asked.session)) return;
    // Where the answer has ended the session, the keyboard belongs to the button that connects again.
    const state = desk.follow.sessions.get().get(asked.session ?? "")?.state;
    if (state === "connecting" || state === "open") desk.focusTerminal();
  };
  const answer: AnswerIt = (given) => {
    void attempt(() => desk.backend.call("question_answer", { question: asked.id, answer: given })).then((done) => done && answered());
  };
  return (
    <div className="question" role="group" aria-label="Question">
      {asked.ask.kind === "vault_locked" ? (
        // Every session that waits for the vault goes on by itself once it is open.
        <VaultUnlock onCancel={() => answer({ kind: "cancel" })} onOpen={answered} />
      ) : (
        <>
          {!connects && <p className="secondary">This is asked for the files. If you cancel, they are not opened; the session stays as it is.</p>}
          <Kind ask={asked.ask} answer={answer} busy={busy} leave={connects ? "Disconnect" : "Cancel"} />
        </>
      )}
      {error !== null && <Failed doing="answer" error={error} />}
    </div>
  );
}

function Kind({ ask, ...usual }: Usual & { ask: Exclude<contract.Question, { kind: "vault_locked" }> }) {
  switch (ask.kind) {
    case "password":
      return <Secrets fields={[{ text: `Password of ${ask.user} on ${ask.target}`, echo: false }]} wrong={ask.again ? NOT_ACCEPTED : null} remember={ask.keep_in && keepWords(ask.keep_in)} {...usual} />;
    case "passphrase":
      return <Secrets fields={[{ text: `Passphrase of the key ${ask.key}`, echo: false }]} wrong={ask.again ? "The passphrase that was tried does not open the key." : null} remember={ask.may_remember ? "Keep the passphrase" : null} isOfKey {...usual} />;
    case "prompts":
      return <Secrets title={ask.title} instruction={ask.instruction} fields={ask.prompts} wrong={ask.again ? NOT_ACCEPTED : null} {...usual} />;
    case "host_key_new":
      return <HostKeyNew ask={ask} {...usual} />;
    case "host_key_changed":
      return <HostKeyChanged ask={ask} {...usual} />;
  }
}

function Secrets({
  title,
  instruction,
  fields,
  wrong,
  remember,
  isOfKey,
  answer,
  busy,
  leave,
}: Usual & {
  title?: string;
  instruction?: string;
  fields: { text: string; echo: boolean }[];
  /** Why it is asked for again. */
  wrong: string | null;
  remember?: string | null;
  /** Another key may let in. */
  isOfKey?: boolean;
}) {
  const [typed] = useState(() => fields.map(({ echo }) => (echo ? null : new TypedSecret())));
  const [keep, setKeep] = useState(false);
  useEffect(() => () => typed.forEach((secret) => secret?.wipe()), [typed]);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // What a host lets be seen while it is typed stands in its field; only then it is a text.
    const seen = event.currentTarget.elements;
    const texts = typed.map((secret, at) => secret ?? (seen.namedItem(`answer-${at}`) as HTMLInputElement).value);
    answer({ kind: "texts", texts, ...(remember ? { remember: keep } : {}) });
    typed.forEach((secret) => secret?.wipe());
    event.currentTarget.reset();
  };
  return (
    <form onSubmit={send} className="question-form">
      {title && <h3>{title}</h3>}
      {instruction && <p className="secondary pre">{instruction}</p>}
      {fields.map(({ text }, index) => {
        const secret = typed[index];
        // Some hosts put what they want to say before the name of the field.
        const lines = text.trim().split("\n");
        const said = lines.slice(0, -1).join("\n").trim();
        const usual = {
          label: (lines.at(-1) ?? "").replace(/[:\s]+$/, ""),
          description: said ? <span className="pre">{said}</span> : undefined,
          error: (index === 0 && wrong) || undefined,
          autoFocus: index === 0,
        };
        return secret ? (
          <SecretInput key={index} {...usual} secret={secret} />
        ) : (
          <TextInput key={index} {...usual} name={`answer-${index}`} autoComplete="off" spellCheck={false} />
        );
      })}
      {remember && <Checkbox size="xs" label={remember} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />}
      <Buttons>
        <Button type="submit" size="xs" loading={busy}>
          Continue
        </Button>
        {isOfKey && (
          <Button size="xs" variant="default" disabled={busy} onClick={() => answer({ kind: "without_key" })}>
            Without this key
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => answer({ kind: "cancel" })}>
          {leave}
        </Button>
      </Buttons>
    </form>
  );
}

export function Buttons({ children }: { children: ReactNode }) {
  return <div className="connect-actions">{children}</div>;
}
