// What can be done with the hosts that are selected, or with all that the filter matches.
import type { HostSummary } from "@luumen/api-client";
import { exactCount, notifyDone, notifyFailed, plural, useConfirm } from "@luumen/kit";
import { Button, Group, Popover, TagsInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { inTurn } from "./inTurn";
import { allHosts, deleteHost, updateHost } from "./queries";
import type { HostsView } from "./view";

export function BulkBar({
  view,
  selected,
  total,
  onDone,
}: {
  view: HostsView;
  selected: HostSummary[];
  total: number;
  onDone: () => void;
}) {
  const client = useQueryClient();
  const confirm = useConfirm();
  const [everything, setEverything] = useState(false);
  const [progress, setProgress] = useState<string | null>(null);
  const [tags, setTags] = useState<string[]>([]);
  const count = everything ? total : selected.length;

  const forEach = async (doing: string, done: string, act: (host: HostSummary) => Promise<unknown>) => {
    setProgress(`${doing}…`);
    try {
      const hosts = everything ? await allHosts(view) : selected;
      const failed = await inTurn(hosts, act, (finished) =>
        setProgress(`${doing}: ${exactCount(finished)} of ${exactCount(hosts.length)}`),
      );
      if (failed.length > 0) {
        notifyFailed(`finish ${plural(failed.length, "host")} of ${exactCount(hosts.length)}`, failed[0]?.error);
      }
      if (failed.length < hosts.length) notifyDone(`${done}: ${plural(hosts.length - failed.length, "host")}`);
    } catch (error) {
      notifyFailed("find the hosts", error);
    } finally {
      setProgress(null);
      onDone();
      void client.invalidateQueries({ queryKey: ["hosts"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    }
  };

  const remove = async () => {
    const agreed = await confirm({
      title: `Delete ${plural(count, "host")}?`,
      body: "Their snapshots and their history are deleted too. This cannot be undone. The servers themselves are not touched.",
      action: `Delete ${plural(count, "host")}`,
    });
    if (agreed) await forEach("Deleting", "Deleted", (host) => deleteHost(host.id));
  };

  if (progress) {
    return (
      <div className="bulk" role="status">
        {progress}
      </div>
    );
  }
  return (
    <div className="bulk" role="region" aria-label="Selected hosts">
      <strong>{plural(count, "host")} selected</strong>
      {total > selected.length && (
        <Button variant="subtle" size="compact-sm" onClick={() => setEverything(!everything)}>
          {everything ? `Only the ${exactCount(selected.length)} picked` : `Select all ${exactCount(total)} that match`}
        </Button>
      )}
      <Group gap="sm" ml="auto">
        <Popover position="bottom-end" trapFocus returnFocus>
          <Popover.Target>
            <Button variant="default" size="xs">
              Tag
            </Button>
          </Popover.Target>
          <Popover.Dropdown aria-label="Add tags">
            <Group align="flex-end" gap="sm">
              <TagsInput
                label="Tags to add"
                size="xs"
                w={220}
                value={tags}
                onChange={setTags}
                comboboxProps={{ withinPortal: false }}
              />
              <Button
                size="xs"
                disabled={tags.length === 0}
                onClick={() =>
                  void forEach("Tagging", "Tagged", (host) =>
                    updateHost(host.id, { tags: [...new Set([...host.tags, ...tags])] }),
                  )
                }
              >
                Add
              </Button>
            </Group>
          </Popover.Dropdown>
        </Popover>
        <Button
          variant="default"
          size="xs"
          onClick={() => void forEach("Enabling", "Enabled", (host) => updateHost(host.id, { enabled: true }))}
        >
          Enable
        </Button>
        <Button
          variant="default"
          size="xs"
          onClick={() => void forEach("Disabling", "Disabled", (host) => updateHost(host.id, { enabled: false }))}
        >
          Disable
        </Button>
        <Button size="xs" className="danger" onClick={() => void remove()}>
          Delete
        </Button>
        <Button variant="subtle" size="xs" onClick={onDone}>
          Clear
        </Button>
      </Group>
    </div>
  );
}
