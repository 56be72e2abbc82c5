// What becomes of the hosts of a group that is deleted: they stay unless a person says otherwise.
import type { contract } from "@luumen/backend";
import { plural } from "@luumen/kit";
import { Radio, Stack } from "@mantine/core";
import { useState } from "react";

interface Props {
  held: number;
  /** Those that would lend this device's agent without the group. */
  lending: readonly contract.Host[];
  onChange: (hosts: contract.GroupHosts) => void;
}

export function GroupFate({ held, lending, onChange }: Props) {
  const [hosts, setHosts] = useState<contract.GroupHosts>("move_up");
  const choose = (next: string) => {
    setHosts(next as contract.GroupHosts);
    onChange(next as contract.GroupHosts);
  };
  return (
    <Stack gap="sm">
      <Radio.Group label={`In it: ${plural(held, "host")}, those of the groups inside too`} value={hosts} onChange={choose}>
        <Stack gap="xs" mt="xs">
          <Radio size="xs" value="move_up" label="Keep the hosts" description="They and the groups inside move one group up, and no longer inherit its settings." />
          <Radio size="xs" value="delete" label="Delete the hosts too" description={`The groups inside and ${plural(held, "host")} go with it, each with its settings.`} />
        </Stack>
      </Radio.Group>
      {lending.length > 0 && hosts === "move_up" && (
        <p className="trouble" data-tone="partial" role="alert">
          This group turns agent forwarding off, and the group around it turns it on: {lendingWords(lending)} will lend your agent with the next connection.
          Whoever is root there can use its keys for as long as you are connected.
        </p>
      )}
      <p className="secondary small">This can be taken back.</p>
    </Stack>
  );
}

const NAMED = 5;

export function lendingWords(hosts: readonly contract.Host[]): string {
  const names = hosts.slice(0, NAMED).map(({ name }) => name);
  return hosts.length > NAMED ? `${names.join(", ")} and ${hosts.length - NAMED} more` : names.join(", ");
}
