// How often hosts are visited, as whom, and how long snapshots are kept.
import { ApiError, type Workspace } from "@luumen/api-client";
import { exactSpan, Loaded, notifyDone, Panel } from "@luumen/kit";
import { Button, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { FormFailure, useMay } from "../session";
import { updateWorkspace, workspaceQuery } from "./queries";
import { parseSpan } from "./span";

export function WorkspaceTab() {
  const workspace = useQuery(workspaceQuery);
  return (
    <Panel title="Workspace">
      <Loaded from={workspace} what="the settings">
        {(data) => <WorkspaceForm key={JSON.stringify(data)} workspace={data} />}
      </Loaded>
    </Panel>
  );
}

const SPANS = ["interval_s", "polling_s", "silence_grace_s"] as const;

function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const client = useQueryClient();
  const mayWrite = useMay("write_settings");
  const [fields, setFields] = useState({
    name: workspace.name,
    interval_s: exactSpan(workspace.interval_s),
    polling_s: exactSpan(workspace.polling_s),
    silence_grace_s: exactSpan(workspace.silence_grace_s),
    default_credential: workspace.default_credential ?? "",
    default_username: workspace.default_username ?? "",
    retention_days: workspace.retention_days as number | string,
  });
  const [unread, setUnread] = useState<Record<string, string>>({});
  const save = useMutation({
    mutationFn: updateWorkspace,
    onSuccess: (saved) => {
      client.setQueryData(workspaceQuery.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["session"] });
      notifyDone("Settings saved; agents follow at their next poll");
    },
  });
  const faults: Record<string, string> = { ...(save.error instanceof ApiError ? save.error.fields : {}), ...unread };
  const text = (name: Exclude<keyof typeof fields, "retention_days">) => ({
    value: fields[name],
    error: faults[name],
    readOnly: !mayWrite,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const spans = SPANS.map((name) => [name, parseSpan(fields[name])] as const);
    const wrong = spans.filter(([, seconds]) => seconds === null);
    setUnread(Object.fromEntries(wrong.map(([name]) => [name, "Write a span such as 90 s, 15 min, 1 h or 2 d"])));
    if (wrong.length > 0) return;
    save.mutate({
      name: fields.name,
      ...Object.fromEntries(spans),
      default_credential: fields.default_credential,
      default_username: fields.default_username,
      ...(fields.retention_days !== "" && { retention_days: Number(fields.retention_days) }),
    });
  };
  return (
    <form onSubmit={submit} className="narrow-form">
      <Stack gap="md">
        <TextInput label="Name" required {...text("name")} />
        <Group gap="md" grow align="flex-start">
          <TextInput label="Visit every host" description="The interval; a host is stale after two" {...text("interval_s")} />
          <TextInput label="Agents ask for changes" description="The polling interval" {...text("polling_s")} />
        </Group>
        <Group gap="md" grow align="flex-start">
          <TextInput label="Grace before an agent is silent" description="Beyond three polls" {...text("silence_grace_s")} />
          <NumberInput
            label="Keep snapshots for"
            description="Days; the newest of each host always stays"
            min={1}
            max={36_500}
            hideControls
            suffix=" days"
            readOnly={!mayWrite}
            value={fields.retention_days}
            error={faults["retention_days"]}
            onChange={(retention_days) => setFields((before) => ({ ...before, retention_days }))}
          />
        </Group>
        <Group gap="md" grow align="flex-start">
          <TextInput
            label="Default account"
            description="For hosts that name none of their own"
            {...text("default_username")}
          />
          <TextInput
            label="Default credential"
            description="A name in the agent's config.yaml; the secret stays there"
            {...text("default_credential")}
          />
        </Group>
        <FormFailure error={save.error} />
        {mayWrite && (
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
