// What becomes of the hosts of a group that is deleted: they stay unless a person says otherwise.
import type { contract } from "@luumen/backend";
import { plural } from "@luumen/kit";
import { Radio, Stack } from "@mantine/core";
import { useState } from "react";

export function GroupFate({ held, onChange }: { held: number; onChange: (hosts: contract.GroupHosts) => void }) {
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
      <p className="secondary small">This can be taken back.</p>
    </Stack>
  );
}
