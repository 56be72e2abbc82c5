// What can be done with the hosts that are selected, or with all that the filter matches.
import { exactCount, plural } from "@luumen/kit";
import { Button, Group, Popover, TagsInput } from "@mantine/core";
import { useState } from "react";

import { useBulk, type Choice } from "./useBulk";

export function BulkBar({ total, ...choice }: Choice & { total: number | undefined }) {
  const bulk = useBulk(choice);
  const picked = choice.selected.length;
  if (bulk.progress) {
    return (
      <div className="bulk">
        <span role="status">{bulk.progress}</span>
        <Button variant="default" size="xs" ml="auto" disabled={bulk.stopping} onClick={bulk.stop}>
          {bulk.stopping ? "Stopping…" : "Stop"}
        </Button>
      </div>
    );
  }
  if (bulk.hosts.length === 0) return null;
  return (
    <div className="bulk" role="region" aria-label="Selected hosts">
      <strong>{plural(bulk.hosts.length, "host")} selected</strong>
      {bulk.isAll && picked > 0 && picked < bulk.hosts.length && (
        <Button variant="subtle" size="compact-sm" onClick={bulk.selectOnlyPicked}>
          Only the {exactCount(picked)} picked
        </Button>
      )}
      {!bulk.isAll && total !== undefined && total > picked && (
        <Button variant="subtle" size="compact-sm" loading={bulk.finding} onClick={() => void bulk.selectAll()}>
          Select all {exactCount(total)} that match
        </Button>
      )}
      <Group gap="sm" ml="auto">
        <TagButton onTag={(tags) => void bulk.tag(tags)} />
        <Button variant="default" size="xs" onClick={() => void bulk.enable()}>
          Enable
        </Button>
        <Button variant="default" size="xs" onClick={() => void bulk.disable()}>
          Disable
        </Button>
        <Button size="xs" className="danger" onClick={() => void bulk.remove()}>
          Delete
        </Button>
        <Button variant="subtle" size="xs" onClick={() => choice.onSelect([])}>
          Clear
        </Button>
      </Group>
    </div>
  );
}

function TagButton({ onTag }: { onTag: (tags: string[]) => void }) {
  const [tags, setTags] = useState<string[]>([]);
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs">
          Tag
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Add tags">
        <Group align="flex-end" gap="sm">
          <TagsInput label="Tags to add" size="xs" w={220} value={tags} onChange={setTags} comboboxProps={{ withinPortal: false }} />
          <Button size="xs" disabled={tags.length === 0} onClick={() => onTag(tags)}>
            Add
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
