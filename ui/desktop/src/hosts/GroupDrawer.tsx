// Adds or changes a group; its settings hold for everything in it that has none of its own.
import type { contract } from "@luumen/backend";
import { Failed, notifyDone, plural } from "@luumen/kit";
import { Button, Drawer, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useCall, useDesk, useReadAgain } from "../desk/context";
import { NOTHING_SET } from "./drafts";
import { groupPath, possibleParents } from "./rows";
import { AgentWarning, EnvironmentField, MoreFields, SignInFields, WayFields } from "./SettingFields";
import { useHostActions } from "./useHostActions";

interface Props {
  opened: boolean;
  id: contract.Id | null;
  groups: contract.Group[];
  hosts: contract.Host[];
  onClose: () => void;
}

export function GroupDrawer(props: Props) {
  const group = props.groups.find(({ id }) => id === props.id);
  return (
    <Drawer opened={props.opened} onClose={props.onClose} size="lg" title={group ? `Change the group ${group.name}` : "Add a group"}>
      {props.opened && <Form {...props} group={group} />}
    </Drawer>
  );
}

function Form({ group, groups, hosts, onClose }: Props & { group: contract.Group | undefined }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const actions = useHostActions();
  const { attempt, busy, error } = useAttempt();
  const credentials = useCall("credentials_list", {}).data ?? [];
  const [name, setName] = useState(group?.name ?? "");
  const [parent, setParent] = useState(group?.parent ?? null);
  const [settings, setSettings] = useState(group?.settings ?? NOTHING_SET);
  const held = hosts.filter((host) => host.group === group?.id).length;
  const ctx = {
    settings,
    onChange: (change: Partial<contract.Settings>) => setSettings((now) => ({ ...now, ...change })),
    group: parent,
    groups,
    hosts,
    credentials,
    effective: null,
    faults: {},
  };
  const save = async () => {
    const done = await attempt(() =>
      desk.backend.call("group_save", { group: { ...(group ? { id: group.id } : {}), parent, name: name.trim(), settings } }),
    );
    if (!done) return;
    readAgain("hosts_tree", "host_get");
    notifyDone(group ? `Changed ${name.trim()}` : `Added ${name.trim()}`);
    onClose();
  };
  return (
    <form
      className="drawer-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void save();
      }}
    >
      <div className="two">
        <TextInput size="xs" label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          size="xs"
          label="Inside of"
          placeholder="Nothing"
          clearable
          searchable
          comboboxProps={{ transitionProps: { duration: 0 } }}
          data={possibleParents(group?.id ?? null, groups).map(({ id }) => ({ value: id, label: groupPath(id, groups) }))}
          value={parent}
          onChange={setParent}
        />
      </div>
      <p className="secondary small">
        {group ? `${plural(held, "host")} directly in it. ` : ""}What is set here holds for every host and group inside that has none of its own.
      </p>
      <EnvironmentField ctx={ctx} />
      <SignInFields ctx={ctx} />
      <WayFields ctx={ctx} self={null} />
      <details>
        <summary>More settings</summary>
        <MoreFields ctx={ctx} />
      </details>
      <AgentWarning ctx={ctx} of="group" />
      {error !== null && <Failed doing="keep the group" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" loading={busy} disabled={name.trim() === ""}>
          {group ? "Save" : "Add"}
        </Button>
        {group && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              onClose();
              void actions.removeGroup(group, held);
            }}
          >
            Delete…
          </Button>
        )}
        <Button size="xs" variant="subtle" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
