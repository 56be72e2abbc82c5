// The fields of a host, for adding and for editing.
import { ApiError, type NewHost } from "@luumen/api-client";
import { Button, Checkbox, Group, NumberInput, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { FormFailure } from "../session";
import type { HostFields } from "./fields";

export function HostForm({
  initial,
  action,
  onSave,
  onSaved,
  onCancel,
}: {
  initial: HostFields;
  action: string;
  onSave: (host: NewHost) => Promise<unknown>;
  onSaved: () => void;
  onCancel: () => void;
}) {
  const [fields, setFields] = useState(initial);
  const set = (change: Partial<HostFields>) => setFields((before) => ({ ...before, ...change }));
  const save = useMutation({ mutationFn: onSave, onSuccess: onSaved });
  const faults = save.error instanceof ApiError ? save.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { port, ...rest } = fields;
    save.mutate({ ...rest, ...(port !== "" && { port: Number(port) }) });
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          data-autofocus
          value={fields.name}
          error={faults["name"]}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Group gap="md" align="flex-start" grow preventGrowOverflow={false} wrap="nowrap">
          <TextInput
            label="Address"
            description="DNS name or IP address, as the agent sees it"
            required
            flex={1}
            value={fields.address}
            error={faults["address"]}
            onChange={(event) => set({ address: event.currentTarget.value })}
          />
          <NumberInput
            label="Port"
            description="SSH"
            w={96}
            flex="0 0 96px"
            min={1}
            max={65535}
            hideControls
            value={fields.port}
            error={faults["port"]}
            onChange={(port) => set({ port })}
          />
        </Group>
        <TextInput
          label="Account"
          description="Empty: the workspace's default"
          value={fields.username}
          error={faults["username"]}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        <TextInput
          label="Credential"
          description="Its name in the agent's config.yaml; the secret stays there. Empty: the workspace's default"
          value={fields.credential}
          error={faults["credential"]}
          onChange={(event) => set({ credential: event.currentTarget.value })}
        />
        <TagsInput
          label="Tags"
          description="Enter after each"
          value={fields.tags}
          error={faults["tags"]}
          onChange={(tags) => set({ tags })}
        />
        <Textarea
          label="Notes"
          autosize
          minRows={2}
          maxRows={8}
          value={fields.notes}
          error={faults["notes"]}
          onChange={(event) => set({ notes: event.currentTarget.value })}
        />
        <Checkbox
          label="Visit this host"
          checked={fields.enabled}
          onChange={(event) => set({ enabled: event.currentTarget.checked })}
        />
        <FormFailure error={save.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
