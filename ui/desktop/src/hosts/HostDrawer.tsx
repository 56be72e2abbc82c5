// Adds or changes a host.
import type { contract } from "@luumen/backend";
import { Failed, Loaded, notifyDone } from "@luumen/kit";
import { Button, Drawer, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useEffect, useRef, useState, type FormEvent } from "react";

import { useAttempt, useCall, useDesk, useReadAgain } from "../desk/context";
import type { ForwardFaults } from "../forwards/forwards";
import { OwnForwards } from "../forwards/OwnForwards";
import { draftOf, hostFaults, NEW_HOST, tidyDraft } from "./drafts";
import { groupPath, tagsOf } from "./rows";
import { AgentWarning, EnvironmentField, MoreFields, SignInFields, WayFields, type SettingsContext } from "./SettingFields";
import { useHostToChange } from "./useHostToChange";

interface Props {
  opened: boolean;
  id: contract.Id | null;
  /** An address that was connected to and is now kept. */
  quick: string;
  inside: contract.Id | null;
  groups: contract.Group[];
  hosts: contract.Host[];
  onClose: () => void;
}

export function HostDrawer(props: Props) {
  const { opened, id, hosts, onClose } = props;
  const name = hosts.find((host) => host.id === id)?.name;
  return (
    <Drawer opened={opened} onClose={onClose} size="lg" title={id ? `Change ${name ?? "the host"}` : "Add a host"}>
      {opened && (id ? <Stored {...props} id={id} /> : <Added {...props} />)}
    </Drawer>
  );
}

function Stored(props: Props & { id: contract.Id }) {
  const found = useHostToChange(props.id);
  return (
    <Loaded from={found} what="the host" rows={8}>
      {({ host, effective }) => <Form key={host.id} {...props} start={draftOf(host)} effective={effective} />}
    </Loaded>
  );
}

function Added(props: Props) {
  const desk = useDesk();
  const [start, setStart] = useState<contract.HostDraft | null>(props.quick ? null : { ...NEW_HOST, group: props.inside });
  useEffect(() => {
    if (!props.quick) return;
    const { credential = null, jump, log = null } = desk.keeping.get();
    const settings = { ...NEW_HOST.settings, credential, jump: jump ? [jump] : null, log };
    const bare = { ...NEW_HOST, address: props.quick, name: props.quick, settings };
    desk.backend
      .call("quick_parse", { text: props.quick })
      .then(({ user, address, port }) => setStart({ ...bare, name: address, address, settings: { ...bare.settings, user, port } }))
      // What cannot be read is shown as it was typed, with its fault at the field.
      .catch(() => setStart(bare));
  }, [desk, props.quick]);
  return start && <Form {...props} start={start} effective={null} />;
}

const NO_FAULTS: ReadonlyMap<string, ForwardFaults> = new Map();

/** What is wrong may stand far above the button that was pressed. */
function showFirstFault(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function Form({ id, groups, hosts, onClose, start, effective }: Props & { start: contract.HostDraft; effective: contract.Effective | null }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const credentials = useCall("credentials_list", {}).data ?? [];
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const faults = hostFaults(draft);
  const shown = tried ? faults : {};
  const set = (change: Partial<contract.HostDraft>) => setDraft((now) => ({ ...now, ...change }));
  const ctx: SettingsContext = {
    settings: draft.settings,
    onChange: (change) => set({ settings: { ...draft.settings, ...change } }),
    group: draft.group,
    groups,
    hosts,
    credentials,
    effective,
    faults: tried && faults.proxy ? { proxy: faults.proxy } : {},
  };
  const form = useRef<HTMLFormElement>(null);
  const save = async (connect: boolean) => {
    setTried(true);
    if (Object.keys(faults).length > 0) return showFirstFault(form.current);
    const host = tidyDraft(draft);
    const done = await attempt(() => desk.backend.call("host_save", id ? { host, id } : { host }));
    if (!done) return;
    readAgain("hosts_tree", "host_get");
    notifyDone(id ? `Changed ${host.name}` : `Added ${host.name}`);
    onClose();
    if (connect) desk.connect({ host: done.answer.id, title: done.answer.name });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save(false);
  };
  return (
    <form ref={form} className="drawer-form" onSubmit={submit} noValidate>
      <div className="two">
        <TextInput size="xs" label="Name" required data-autofocus spellCheck={false} error={shown.name} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <TextInput
          size="xs"
          label="Address"
          required
          spellCheck={false}
          autoComplete="off"
          error={shown.address}
          value={draft.address}
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
      </div>
      <div className="two">
        <Select
          size="xs"
          label="Group"
          placeholder="No group"
          clearable
          searchable
          comboboxProps={{ transitionProps: { duration: 0 } }}
          data={groups.map(({ id: value }) => ({ value, label: groupPath(value, groups) }))}
          value={draft.group}
          onChange={(group) => set({ group })}
        />
        <TagsInput size="xs" label="Tags" data={tagsOf(hosts)} value={draft.tags} onChange={(tags) => set({ tags })} />
      </div>
      <EnvironmentField ctx={ctx} />
      <fieldset>
        <legend>Sign in</legend>
        <SignInFields ctx={ctx} />
      </fieldset>
      <fieldset>
        <legend>The way there</legend>
        <WayFields ctx={ctx} self={id} />
      </fieldset>
      <fieldset>
        <legend>Forwards</legend>
        <OwnForwards forwards={draft.forwards} faults={shown.forwards ?? NO_FAULTS} onChange={(forwards) => set({ forwards })} />
      </fieldset>
      <details>
        <summary>More settings</summary>
        <MoreFields ctx={ctx} />
      </details>
      <AgentWarning ctx={ctx} of="host" />
      <Textarea size="xs" label="Note" autosize minRows={2} maxRows={8} value={draft.note} onChange={(event) => set({ note: event.currentTarget.value })} />
      {error !== null && <Failed doing="keep the host" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" loading={busy}>
          {id ? "Save" : "Add"}
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => void save(true)}>
          {id ? "Save and connect" : "Add and connect"}
        </Button>
        <Button size="xs" variant="subtle" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
