// How often hosts are visited, as whom, and how long snapshots are kept.
import { ApiError, type UpdateWorkspace, type Workspace } from "@luumen/api-client";
import { Loaded, notifyDone, Panel } from "@luumen/kit";
import { Button, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";

import { FormFailure, useMay } from "../session";
import { updateWorkspace, workspaceQuery } from "./queries";
import { carried, changesOf, fieldsOf, type WorkspaceFields } from "./workspace";

export function WorkspaceTab() {
  const workspace = useQuery(workspaceQuery);
  return (
    <Panel title="Workspace">
      <Loaded from={workspace} what="the settings">
        {(data) => <WorkspaceForm key={data.id} workspace={data} />}
      </Loaded>
    </Panel>
  );
}

function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const client = useQueryClient();
  const mayWrite = useMay("write_settings");
  // As the fields began, or were saved last: only what differs from it was typed here.
  const [before, setBefore] = useState(() => fieldsOf(workspace));
  const [fields, setFields] = useState(before);
  const [unread, setUnread] = useState<Record<string, string>>({});
  const follow = (now: WorkspaceFields, since: WorkspaceFields) => {
    setBefore(now);
    setFields((held) => carried(held, since, now));
  };
  const [shown, setShown] = useState(workspace);
  if (shown !== workspace) {
    setShown(workspace);
    follow(fieldsOf(workspace), before);
  }
  const save = useMutation({
    mutationFn: ({ change }: { change: UpdateWorkspace; sent: WorkspaceFields }) => updateWorkspace(change),
    onSuccess: (saved, { sent }) => {
      follow(fieldsOf(saved), sent);
      client.setQueryData(workspaceQuery.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["session"] });
      notifyDone("Settings saved; agents follow at their next poll");
    },
  });
  // While it is being saved the button is off, and what is off loses the keyboard's focus.
  const button = useRef<HTMLButtonElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    if (save.isPending || !hadFocus.current) return;
    hadFocus.current = false;
    if (document.activeElement === document.body) button.current?.focus();
  }, [save.isPending]);
  const faults: Record<string, string> = { ...(save.error instanceof ApiError ? save.error.fields : {}), ...unread };
  const text = (name: Exclude<keyof typeof fields, "retention_days">) => ({
    value: fields[name],
    error: faults[name],
    readOnly: !mayWrite,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((held) => ({ ...held, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { change, unread } = changesOf(fields, before);
    setUnread(Object.fromEntries(unread.map((name) => [name, "Write a span such as 90 s, 15 min, 1 h or 2 d"])));
    if (unread.length > 0) return;
    hadFocus.current = document.activeElement === button.current;
    save.mutate({ change, sent: fields });
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
            onChange={(retention_days) => setFields((held) => ({ ...held, retention_days }))}
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
            <Button ref={button} type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
