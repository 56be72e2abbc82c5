// How connecting goes, step by step; a step that failed offers its repair where it stands. A lost session says so over its own
// scrollback, and Enter connects it again.
import type { contract } from "@luumen/backend";
import { describeFailure, Machine, StateMark, type Tone } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { useDesk } from "../desk/context";
import type { PaneEnd } from "../desk/desk";
import { useStore } from "../desk/store";
import { Mend } from "./Mend";
import { QuestionForm } from "./QuestionForm";
import { repairsOf, type Mending, type Repair } from "./repairs";

const STEPS: Record<contract.Step["step"], string> = {
  resolve: "Find the address",
  connect: "Connect",
  host_key: "Check the host key",
  sign_in: "Sign in",
  shell: "Start the shell",
};

const STATES: Record<contract.Step["state"], { tone: Tone; word: string }> = {
  waiting: { tone: "unknown", word: "waiting" },
  running: { tone: "running", word: "running" },
  done: { tone: "ok", word: "done" },
  failed: { tone: "failed", word: "failed" },
  skipped: { tone: "off", word: "not needed" },
};

const isOver = ({ state }: contract.Step): boolean => state === "done" || state === "skipped";

export function ConnectCard({ pane }: { pane: string }) {
  const desk = useDesk();
  const target = useStore(desk.layout, (layout) => layout.panes[pane]);
  const session = useStore(desk.follow.sessions, (sessions) => sessions.get(target?.session ?? "")) ?? null;
  const end = useStore(desk.ends, (ends) => ends.get(pane)) ?? null;
  const opening = useStore(desk.opening, (panes) => panes.has(pane));
  const asked = useStore(desk.follow.questions, (questions) => questions.find((each) => session && each.session === session.id));
  const connected = session?.state === "open" && !end && !asked;
  if (connected) return null;
  const over = desk.terminal(pane).term.buffer.active.length > desk.terminal(pane).term.rows || hasText(desk.terminal(pane));
  return (
    <div className="connect" data-over={over || undefined} data-question={asked ? true : undefined}>
      <div className="connect-card">
        <Head title={target?.title ?? ""} session={session} end={end} opening={opening} />
        {session && session.state !== "open" && !session.steps.every(isOver) && <Steps steps={session.steps} />}
        {asked ? (
          <QuestionForm key={asked.id} asked={asked} />
        ) : (
          <Ending pane={pane} session={session} end={end} opening={opening} host={target?.host ?? null} />
        )}
      </div>
    </div>
  );
}

function hasText({ term }: { term: { buffer: { active: { cursorX: number; cursorY: number } } } }): boolean {
  const { cursorX, cursorY } = term.buffer.active;
  return cursorX + cursorY > 0;
}

function Head({ title, session, end, opening }: { title: string; session: contract.Session | null; end: PaneEnd | null; opening: boolean }) {
  const words = headWords(session, end, opening);
  return (
    <header className="connect-head">
      <h2>{words.text.replace("{host}", title)}</h2>
      {session && <Machine>{session.target}</Machine>}
      {session?.environment === "production" && <strong className="pane-production">PRODUCTION</strong>}
    </header>
  );
}

function headWords(session: contract.Session | null, end: PaneEnd | null, opening: boolean): { text: string } {
  if (end?.kind === "at_once") return { text: "The shell on {host} ended at once" };
  if (end?.kind === "ended" && session?.state === "open") return { text: "The shell on {host} ended" };
  if (end?.kind === "refused") return { text: session?.state === "open" ? "Could not open a shell on {host}" : "Could not open {host}" };
  if (opening || session?.state === "connecting") return { text: "Connecting to {host}" };
  switch (session?.state) {
    case "lost":
      return { text: "The connection to {host} was lost" };
    case "failed":
      return { text: "Could not connect to {host}" };
    case "open":
      return { text: "{host} asks" };
    default:
      return { text: "{host} is not connected" };
  }
}

function Steps({ steps }: { steps: contract.Step[] }) {
  const hops = new Set(steps.map(({ hop }) => hop)).size;
  return (
    <ol className="steps" aria-label="Steps of connecting">
      {steps.map((step) => {
        const { tone, word } = STATES[step.state];
        return (
          <li key={`${step.hop}-${step.step}`} data-state={step.state}>
            <StateMark tone={tone} word={STEPS[step.step]} title={word} />
            <span className="hidden">{word}</span>
            <span className="steps-detail secondary cut" title={step.detail}>
              {hops > 1 && <span className="machine">{step.endpoint} </span>}
              {step.detail}
            </span>
            <span className="faint number small">{step.ms === null ? "" : `${step.ms} ms`}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Ending({
  pane,
  session,
  end,
  opening,
  host,
}: {
  pane: string;
  session: contract.Session | null;
  end: PaneEnd | null;
  opening: boolean;
  host: contract.Id | null;
}) {
  const desk = useDesk();
  const actions = useRef<HTMLDivElement>(null);
  const [mending, setMending] = useState<Mending | null>(null);
  const left = useRef<Mending | null>(null);
  const waits = !opening && session?.state !== "connecting";
  useEffect(() => {
    if (!waits || mending || desk.activePane() !== pane) return;
    // Only the pane with the keyboard takes it from the terminal, so that Enter connects again. A form that is left gives it back.
    const from = left.current && actions.current?.querySelector<HTMLElement>(`[data-mends="${left.current}"]`);
    left.current = null;
    (from || actions.current?.querySelector("button"))?.focus();
  }, [waits, mending, desk, pane]);
  if (!waits) {
    return (
      <div className="connect-actions">
        <Button size="xs" variant="default" onClick={() => desk.closePane(pane)}>
          Cancel
        </Button>
      </div>
    );
  }
  const problem = end?.kind === "refused" ? end.error : session?.problem;
  const first = session === null && !end;
  const done = (tried: boolean) => {
    left.current = tried ? null : mending;
    setMending(null);
  };
  return (
    <>
      <Why end={end} problem={problem} />
      {session && session.warnings.length > 0 && <p className="secondary">{session.warnings.join(" ")}</p>}
      {mending ? (
        <Mend key={mending} pane={pane} kind={mending} session={session} onDone={done} />
      ) : (
        <div className="connect-actions" ref={actions}>
          <Button size="xs" onClick={() => desk.reconnect(pane)}>
            {againWords(first, session?.state)}
          </Button>
          {repairsOf(session?.problem ?? null, host ?? session?.host ?? null).map((repair) => (
            <RepairButton key={repair.word} repair={repair} pane={pane} onMend={setMending} />
          ))}
          <Button size="xs" variant="subtle" onClick={() => desk.closePane(pane)}>
            Close
          </Button>
        </div>
      )}
    </>
  );
}

function RepairButton({ repair, pane, onMend }: { repair: Repair; pane: string; onMend: (kind: Mending) => void }) {
  const desk = useDesk();
  const run = () => {
    if (repair.kind !== "elsewhere") return onMend(repair.kind);
    desk.mending.set(pane);
    desk.go(repair.page, repair.at);
  };
  return (
    <Button size="xs" variant="default" data-mends={repair.kind} onClick={run}>
      {repair.word}
    </Button>
  );
}

function againWords(first: boolean, state: contract.SessionState | undefined): string {
  if (first) return "Connect (Enter)";
  if (state === "open") return "New shell (Enter)";
  return state === "failed" || state === undefined ? "Try again (Enter)" : "Reconnect (Enter)";
}

function Why({ end, problem }: { end: PaneEnd | null; problem: unknown }): ReactNode {
  if (end?.kind === "at_once") return <p>It ended with exit code {end.exit}. What it said stands in the terminal.</p>;
  if (end?.kind === "ended" && end.signal) return <p>Signal {end.signal} ended it.</p>;
  if (!problem) return null;
  const failure = isProblem(problem)
    ? { title: problem.title, detail: problem.detail, nextStep: problem.next ?? undefined, code: problem.code }
    : describeFailure(problem);
  return (
    <div className="connect-why" role="alert">
      <p>
        <strong>{failure.title}</strong>
        {failure.detail && `: ${failure.detail}`}
      </p>
      {failure.nextStep && <p className="secondary">{failure.nextStep}</p>}
      <p className="faint machine small">{failure.code}</p>
    </div>
  );
}

function isProblem(value: unknown): value is contract.Problem {
  return typeof value === "object" && value !== null && !(value instanceof Error) && "code" in value && "title" in value;
}
