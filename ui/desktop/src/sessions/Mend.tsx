// A form in the card of a connection that failed: the few fields that its problem is about. Enter keeps them and tries again at once.
import type { contract } from "@luumen/backend";
import { Failed, Loaded } from "@luumen/kit";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from "react";

import { useAttempt, useCall, useDesk, useReadAgain } from "../desk/context";
import { useStore } from "../desk/store";
import { draftOf, hostFaults, NEW_HOST } from "../hosts/drafts";
import { LABELS } from "../hosts/effective";
import { useHostToChange } from "../hosts/useHostToChange";
import { mend, type SignIn } from "./mend";
import { MendFields } from "./MendFields";
import { subjectOf, type Mending } from "./repairs";
import { VaultUnlock } from "./VaultUnlock";

interface Props {
  pane: string;
  kind: Mending;
  session: contract.Session | null;
  /** The form is done with; the connection is tried again if `tried`. */
  onDone: (tried: boolean) => void;
}

export function Mend({ pane, kind, session, onDone }: Props) {
  const desk = useDesk();
  const target = useStore(desk.layout, (layout) => layout.panes[pane]);
  const tree = useCall("hosts_tree", {});
  const escape = (event: KeyboardEvent) => {
    // A list that is open takes the key for itself.
    const closesList = (event.target as Element).getAttribute("aria-expanded") === "true";
    if (event.key !== "Escape" || closesList) return;
    event.stopPropagation();
    onDone(false);
  };
  if (!target) return null;
  return (
    <div className="mend" role="group" aria-label="Mend the connection" onKeyDown={escape}>
      {kind === "unlock" ? (
        <VaultUnlock
          onCancel={() => onDone(false)}
          onOpen={() => {
            onDone(true);
            desk.reconnect(pane);
          }}
        />
      ) : (
        <Loaded from={tree} what="the hosts" rows={2}>
          {(all) => {
            const subject = subjectOf(kind, session, target, all.hosts);
            const usual = { pane, kind, all, onDone };
            return "kept" in subject ? <OfKept {...usual} id={subject.kept} onTheWay={subject.onTheWay} /> : <OfTyped {...usual} typed={subject.typed} />;
          }}
        </Loaded>
      )}
    </div>
  );
}

interface Inside extends Pick<Props, "pane" | "kind" | "onDone"> {
  all: contract.HostsTree;
}

function OfKept({ id, onTheWay, ...usual }: Inside & { id: contract.Id; onTheWay: boolean }) {
  const found = useHostToChange(id);
  return (
    <Loaded from={found} what="the host" rows={2}>
      {({ host, effective }) => <Form key={id} {...usual} id={id} start={draftOf(host)} effective={effective} note={onTheWay ? `${host.name} is a host on the way; this changes it for all that pass it.` : null} />}
    </Loaded>
  );
}

/** What only a kept host can have. */
const KEPT_ONLY: readonly Mending[] = ["way", "proxy", "time"];

function OfTyped({ typed, ...usual }: Inside & { typed: string }) {
  const desk = useDesk();
  const [start, setStart] = useState<contract.HostDraft | null>(null);
  useEffect(() => {
    const bare = { ...NEW_HOST, address: typed };
    desk.backend
      .call("quick_parse", { text: typed })
      .then(({ user, address, port }) => setStart({ ...bare, name: address, address, settings: { ...bare.settings, user, port } }))
      // What cannot be read is shown as it was typed, with its fault at the field.
      .catch(() => setStart(bare));
  }, [desk, typed]);
  const only = KEPT_ONLY.includes(usual.kind);
  return start && <Form {...usual} id={null} start={start} effective={null} note={only ? "This is kept with a host: give it a name." : null} />;
}

function Form({ pane, kind, all, onDone, id, start, effective, note }: Inside & { id: contract.Id | null; start: contract.HostDraft; effective: contract.Effective | null; note: string | null }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const [draft, setDraft] = useState(start);
  const [signIn, setSignIn] = useState<SignIn>({ by: "password" });
  const only = id === null && KEPT_ONLY.includes(kind);
  const [keep, setKeep] = useState(only);
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => firstField(form.current, kind)?.focus(), [kind]);
  const kept = id !== null || keep;
  const faults = hostFaults(draft);
  // A place that is not kept needs no name.
  if (!kept) delete faults.name;
  const ready = kind !== "sign_in" || signIn.by !== "file" || signIn.path.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!ready || Object.keys(faults).length > 0) return requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    void attempt(() => mend(desk, pane, { kind, id, draft, keep, signIn: kind === "sign_in" ? signIn : null })).then((done) => {
      if (!done) return;
      readAgain("hosts_tree", "host_get", "credentials_list", "keys_list");
      onDone(true);
    });
  };
  const set = (change: Partial<contract.HostDraft>) => setDraft((now) => ({ ...now, ...change }));
  return (
    <form ref={form} className="question-form" onSubmit={submit} noValidate>
      {note && <p className="secondary">{note}</p>}
      <MendFields kind={kind} id={id} all={all} draft={draft} onChange={set} signIn={signIn} onSignIn={setSignIn} effective={effective} faults={tried ? faults : {}} unfit={tried && !ready} />
      {id === null && !only && <Checkbox size="xs" label="Keep it as a host" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />}
      {id === null && keep && (
        <TextInput size="xs" label="Name" spellCheck={false} autoComplete="off" error={tried ? faults.name : undefined} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      )}
      {error !== null && <Failed doing="change it" error={error} />}
      <div className="connect-actions">
        <Button type="submit" size="xs" loading={busy}>
          {id !== null ? "Save and try again" : keep ? "Keep and try again" : "Try again"}
        </Button>
        <Button size="xs" variant="default" onClick={() => onDone(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** The field that the problem is about. */
function firstField(form: HTMLFormElement | null, kind: Mending): HTMLElement | null {
  const label = kind === "proxy" ? [...(form?.querySelectorAll("label") ?? [])].find(({ textContent }) => textContent === LABELS.proxy) : null;
  return label?.control ?? form?.querySelector<HTMLElement>("input:checked") ?? form?.querySelector("input") ?? null;
}
