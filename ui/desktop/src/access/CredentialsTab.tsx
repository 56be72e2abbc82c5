// Credentials: identities that several hosts share.
import type { contract } from "@luumen/backend";
import { Empty, Failed, Loaded, notifyDone, Panel, PlainTable, StateMark, useConfirm } from "@luumen/kit";
import { Button, Drawer, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useAttempt, useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { SecretInput, useTypedSecret } from "../typed/SecretInput";
import { SearchLine, useSearch } from "./SearchLine";

export const KINDS: Record<contract.Credential["kind"], { word: string; title: string }> = {
  password: { word: "Password", title: "Kept where secrets live" },
  key: { word: "Key", title: "One of the keys on this device" },
  agent: { word: "Agent", title: "The keys that the SSH agent of this device holds" },
  ask: { word: "Ask", title: "Nothing is kept; you are asked each time" },
};

export function CredentialsTab() {
  const credentials = useCall("credentials_list", {});
  const [editing, setEditing] = useState<contract.Credential | "new" | null>(null);
  const search = useSearch((credential: contract.Credential) => [credential.name, credential.user ?? "", KINDS[credential.kind].word]);
  const add = (
    <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setEditing("new")}>
      Add a credential
    </Button>
  );
  return (
    <Loaded from={credentials} what="the credentials" rows={4}>
      {(all) => (
        <>
          {all.length === 0 ? (
            <Panel>
              <Empty title="No credentials yet" action={add}>
                A credential is a name with a key, a password or the agent behind it. Hosts and groups share it, so it is changed in one place.
              </Empty>
            </Panel>
          ) : (
            <Panel flush title="Credentials" note="Shared by hosts and groups" actions={add}>
              <SearchLine search={search} label="Search the credentials" />
              <Table credentials={search.of(all)} typed={search.typed} onEdit={setEditing} />
            </Panel>
          )}
          <Drawer
            opened={editing !== null}
            onClose={() => setEditing(null)}
            size="md"
            title={editing === "new" || !editing ? "Add a credential" : `Change ${editing.name}`}
          >
            {editing && <Form credential={editing === "new" ? null : editing} onDone={() => setEditing(null)} />}
          </Drawer>
        </>
      )}
    </Loaded>
  );
}

function Table({ credentials, typed, onEdit }: { credentials: contract.Credential[]; typed: string; onEdit: (credential: contract.Credential) => void }) {
  const keys = useCall("keys_list", {}).data ?? [];
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const remove = async ({ id, name }: contract.Credential) => {
    const sure = await confirm({
      title: `Delete ${name}?`,
      body: "Hosts and groups that use it ask for a password or use the agent from then on. Its secret is deleted too; this cannot be taken back.",
      action: "Delete",
    });
    if (sure && (await act("delete the credential", "credential_delete", { id }))) readAgain("credentials_list", "hosts_tree");
  };
  if (credentials.length === 0) return <Empty title={`No credential fits “${typed}”`} />;
  return (
    <PlainTable
      label="Credentials"
      rows={credentials}
      rowId={({ id }) => id}
      columns={[
        {
          id: "name",
          title: "Name",
          cell: (credential) => (
            <button type="button" className="link" onClick={() => onEdit(credential)}>
              {credential.name}
            </button>
          ),
        },
        { id: "user", title: "User", cell: ({ user }) => (user ? <span className="machine">{user}</span> : <span className="faint">the host's</span>) },
        { id: "kind", title: "With", cell: ({ kind, key }) => <span title={KINDS[kind].title}>{kind === "key" ? `Key ${keys.find(({ id }) => id === key)?.name ?? "that is gone"}` : KINDS[kind].word}</span> },
        {
          id: "secret",
          title: "Secret",
          cell: ({ kind, has_secret }) =>
            kind === "password" ? has_secret ? <StateMark tone="ok" word="kept" /> : <StateMark tone="unknown" word="asked each time" /> : <span className="faint">none needed</span>,
        },
        {
          id: "actions",
          title: "Actions",
          align: "end",
          cell: (credential) => (
            <Button size="compact-xs" variant="subtle" aria-label={`Delete ${credential.name}`} onClick={() => void remove(credential)}>
              Delete
            </Button>
          ),
        },
      ]}
    />
  );
}

function Form({ credential, onDone }: { credential: contract.Credential | null; onDone: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const keys = useCall("keys_list", {}).data ?? [];
  const [draft, setDraft] = useState<contract.CredentialDraft>(
    credential ? { id: credential.id, name: credential.name, user: credential.user, kind: credential.kind, key: credential.key, certificate: credential.certificate } : { name: "", user: null, kind: "key", key: null, certificate: null },
  );
  const secret = useTypedSecret();
  const set = (change: Partial<contract.CredentialDraft>) => setDraft((now) => ({ ...now, ...change }));
  const ready = draft.name.trim() !== "" && (draft.kind !== "key" || draft.key !== null);
  const save = async () => {
    const whole = { ...draft, name: draft.name.trim(), ...(draft.kind === "key" ? {} : { key: null, certificate: null }) };
    const saving = attempt(() => desk.backend.call("credential_save", { credential: whole, ...(secret.length > 0 ? { secret } : {}) }));
    secret.wipe();
    const done = await saving;
    if (!done) return;
    readAgain("credentials_list");
    notifyDone(credential ? `Changed ${whole.name}` : `Added ${whole.name}`);
    onDone();
  };
  return (
    <form
      className="drawer-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void save();
      }}
    >
      <TextInput size="xs" label="Name" required data-autofocus value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      <TextInput
        size="xs"
        label="User"
        description="Empty: the user of the host or its group"
        spellCheck={false}
        autoComplete="off"
        value={draft.user ?? ""}
        onChange={(event) => set({ user: event.currentTarget.value.trim() || null })}
      />
      <div>
        <SegmentedControl
          size="xs"
          aria-label="What it signs in with"
          value={draft.kind}
          onChange={(kind) => set({ kind: kind as contract.Credential["kind"] })}
          data={Object.entries(KINDS).map(([value, { word }]) => ({ value, label: word }))}
        />
        <p className="faint small">{KINDS[draft.kind].title}.</p>
      </div>
      {draft.kind === "password" && (
        <SecretInput size="xs" label="Password" description={credential?.has_secret ? "One is kept. Type another to replace it." : "Empty: asked each time"} secret={secret} />
      )}
      {draft.kind === "key" && (
        <>
          <Select
            size="xs"
            label="Key"
            required
            placeholder={keys.length === 0 ? "No keys yet: make or import one first" : "Choose a key"}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            data={keys.map(({ id, name, algorithm }) => ({ value: id, label: `${name} (${algorithm})` }))}
            value={draft.key}
            onChange={(key) => set({ key })}
          />
          <Textarea
            size="xs"
            label="Certificate"
            description="What a certificate authority signed for this key, if there is one"
            autosize
            minRows={2}
            maxRows={5}
            spellCheck={false}
            classNames={{ input: "machine" }}
            value={draft.certificate ?? ""}
            onChange={(event) => set({ certificate: event.currentTarget.value.trim() || null })}
          />
        </>
      )}
      {error !== null && <Failed doing="keep the credential" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" disabled={!ready} loading={busy}>
          {credential ? "Save" : "Add"}
        </Button>
        <Button size="xs" variant="subtle" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
