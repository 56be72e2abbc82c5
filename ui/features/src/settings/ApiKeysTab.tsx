// API keys: made and shown once, rotated with an overlap, revoked after a question.
import { ApiError, type ApiKey, type ApiKeyScope } from "@luumen/api-client";
import {
  CodeLines,
  Empty,
  Loaded,
  Machine,
  notifyDone,
  notifyFailed,
  Panel,
  PlainTable,
  RelativeTime,
  StateMark,
  useConfirm,
} from "@luumen/kit";
import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { agentConfig } from "../runs";
import { FormFailure, useMay } from "../session";
import { apiKeysQuery, createApiKey, revokeApiKey, rotateApiKey } from "./queries";

const SCOPES: Record<ApiKeyScope, { word: string; title: string }> = {
  agent: { word: "Agent", title: "What an agent needs, nothing else" },
  read: { word: "Read", title: "Read everything that a person may read" },
  write: { word: "Write", title: "Read everything; write hosts, settings, exceptions and agents, never API keys or feeds" },
};

const OVERLAPS = [
  { value: "0", label: "not at all: it ends at once" },
  { value: "3600", label: "for 1 hour" },
  { value: "86400", label: "for 1 day" },
  { value: "604800", label: "for 7 days" },
];

interface Shown {
  secret: string;
  scope: ApiKeyScope;
}

export function ApiKeysTab({ making, onMaking }: { making: boolean; onMaking: (making: boolean) => void }) {
  const keys = useQuery(apiKeysQuery);
  const client = useQueryClient();
  const confirm = useConfirm();
  const mayWrite = useMay("write_api_keys");
  const [rotating, setRotating] = useState<ApiKey | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const refresh = () => void client.invalidateQueries({ queryKey: ["api-keys"] });
  const show = (next: Shown) => {
    if (making) onMaking(false);
    setRotating(null);
    setShown(next);
    refresh();
  };
  const revoke = async (key: ApiKey) => {
    const agreed = await confirm({
      title: `Revoke “${key.name}”?`,
      body: "Whoever calls with this key is refused from now on. This cannot be undone; a new key can be made at any time.",
      action: "Revoke the key",
    });
    if (!agreed) return;
    try {
      await revokeApiKey(key.id);
      notifyDone(`“${key.name}” is revoked`);
      refresh();
    } catch (error) {
      notifyFailed("revoke the key", error);
    }
  };
  return (
    <Panel
      title="API keys"
      note="for agents and scripts; only a hash of each is kept"
      flush
      actions={
        mayWrite && (
          <Button size="xs" onClick={() => onMaking(true)}>
            Create a key
          </Button>
        )
      }
    >
      <Loaded from={keys} what="the API keys" rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No API keys yet">An agent needs one of scope “agent” to call this server.</Empty>
          ) : (
            <KeyTable keys={items} mayWrite={mayWrite} onRotate={setRotating} onRevoke={(key) => void revoke(key)} />
          )
        }
      </Loaded>
      <Modal opened={making && mayWrite} onClose={() => onMaking(false)} title="Create an API key" size="md">
        {making && mayWrite && <NewKey onMade={show} onCancel={() => onMaking(false)} />}
      </Modal>
      <Modal opened={rotating !== null} onClose={() => setRotating(null)} title={`Rotate “${rotating?.name ?? ""}”`} size="md">
        {rotating && <Rotate apiKey={rotating} onRotated={show} onCancel={() => setRotating(null)} />}
      </Modal>
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title="The new key"
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
      >
        {shown && <Secret shown={shown} onDone={() => setShown(null)} />}
      </Modal>
    </Panel>
  );
}

function keyState(key: ApiKey, now: Date) {
  if (key.revoked_at) return <StateMark tone="off" word="Revoked" />;
  if (key.expires_at && new Date(key.expires_at) <= now) return <StateMark tone="stale" word="Expired" />;
  return <StateMark tone="ok" word="Works" />;
}

function KeyTable({
  keys,
  mayWrite,
  onRotate,
  onRevoke,
}: {
  keys: ApiKey[];
  mayWrite: boolean;
  onRotate: (key: ApiKey) => void;
  onRevoke: (key: ApiKey) => void;
}) {
  return (
    <PlainTable
      label="API keys"
      rows={keys}
      rowId={(key) => key.id}
      columns={[
        { id: "name", title: "Name", cell: (key) => <strong>{key.name}</strong> },
        { id: "prefix", title: "Begins with", cell: (key) => <Machine>{key.prefix}</Machine> },
        { id: "scope", title: "Scope", cell: (key) => <span title={SCOPES[key.scope].title}>{SCOPES[key.scope].word}</span> },
        { id: "state", title: "State", cell: (key) => keyState(key, new Date()) },
        { id: "used", title: "Last used", cell: (key) => <RelativeTime at={key.last_used_at} /> },
        { id: "created", title: "Created", cell: (key) => <RelativeTime at={key.created_at} /> },
        {
          id: "expires",
          title: "Ends",
          cell: (key) => (
            <>
              <RelativeTime at={key.expires_at} />
              {key.previous_valid_until && new Date(key.previous_valid_until) > new Date() && (
                <div className="faint small">
                  the key before: <RelativeTime at={key.previous_valid_until} />
                </div>
              )}
            </>
          ),
        },
        {
          id: "actions",
          title: "Actions",
          align: "end",
          cell: (key) =>
            mayWrite && !key.revoked_at ? (
              <Group gap="xs" justify="flex-end" wrap="nowrap">
                <Button size="compact-xs" variant="default" aria-label={`Rotate ${key.name}`} onClick={() => onRotate(key)}>
                  Rotate
                </Button>
                <Button size="compact-xs" className="danger" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                  Revoke
                </Button>
              </Group>
            ) : (
              <span className="faint">none</span>
            ),
        },
      ]}
    />
  );
}

function NewKey({ onMade, onCancel }: { onMade: (shown: Shown) => void; onCancel: () => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<ApiKeyScope>("agent");
  const [expires, setExpires] = useState("");
  const make = useMutation({
    mutationFn: () =>
      createApiKey({ name, scope, expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null }),
    onSuccess: ({ secret }) => onMade({ secret, scope }),
  });
  const faults = make.error instanceof ApiError ? make.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Who will call with it, such as the agent's name"
          required
          data-autofocus
          value={name}
          error={faults["name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Scope"
          description={SCOPES[scope].title}
          allowDeselect={false}
          data={Object.entries(SCOPES).map(([value, { word }]) => ({ value, label: word }))}
          value={scope}
          onChange={(next) => setScope((next ?? "agent") as ApiKeyScope)}
        />
        <TextInput
          label="Ends on"
          description="Empty: it works until it is revoked"
          type="date"
          value={expires}
          error={faults["expires_at"]}
          onChange={(event) => setExpires(event.currentTarget.value)}
        />
        <FormFailure error={make.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Rotate({
  apiKey,
  onRotated,
  onCancel,
}: {
  apiKey: ApiKey;
  onRotated: (shown: Shown) => void;
  onCancel: () => void;
}) {
  const [overlap, setOverlap] = useState("86400");
  const rotate = useMutation({
    mutationFn: () => rotateApiKey(apiKey.id, Number(overlap)),
    onSuccess: ({ secret }) => onRotated({ secret, scope: apiKey.scope }),
  });
  return (
    <Stack gap="md">
      <p className="secondary">A new key takes the place of this one. The old one still works for a while, so that you can change it over.</p>
      <Select
        label="The old key still works"
        data-autofocus
        allowDeselect={false}
        data={OVERLAPS}
        value={overlap}
        onChange={(next) => setOverlap(next ?? "86400")}
      />
      <FormFailure error={rotate.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
          Rotate
        </Button>
      </Group>
    </Stack>
  );
}

/** The one time that a key is shown. */
function Secret({ shown, onDone }: { shown: Shown; onDone: () => void }) {
  return (
    <Stack gap="md">
      <p>
        <strong>Copy it now: it is shown only this once.</strong> Only its hash is kept.
      </p>
      <CodeLines text={shown.secret} label="the API key" />
      {shown.scope === "agent" && (
        <>
          <p className="secondary">
            Or the whole <code>config.yaml</code> of an agent; change the credential to what signs in at your hosts, and let
            nobody else read the file (<code>chmod 600</code>):
          </p>
          <CodeLines text={agentConfig(shown.secret)} label="config.yaml" />
        </>
      )}
      <Group justify="flex-end">
        <Button onClick={onDone}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
