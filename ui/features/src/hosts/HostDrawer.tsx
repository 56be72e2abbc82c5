// The drawer in which a host is added or edited.
import type { Host } from "@luumen/api-client";
import { Loaded, notifyDone } from "@luumen/kit";
import { Drawer } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { changedFields, fieldsOf, NEW_HOST } from "./fields";
import { HostForm } from "./HostForm";
import { addHost, hostQuery, updateHost } from "./queries";

/** Open when `panel` is `add` or a host's id. */
export function HostDrawer({ panel, onClose }: { panel: string | null; onClose: () => void }) {
  const opened = panel !== null && panel !== "import";
  return (
    <Drawer opened={opened} onClose={onClose} title={panel === "add" ? "Add a host" : "Edit the host"} size="md">
      {panel === "add" && <Add onClose={onClose} />}
      {opened && panel !== "add" && <Edit id={panel} onClose={onClose} />}
    </Drawer>
  );
}

function useSaved(onClose: () => void, message: string) {
  const client = useQueryClient();
  return () => {
    notifyDone(message);
    void client.invalidateQueries({ queryKey: ["hosts"] });
    void client.invalidateQueries({ queryKey: ["overview"] });
    onClose();
  };
}

function Add({ onClose }: { onClose: () => void }) {
  const saved = useSaved(onClose, "Host added; the agent visits it at its next run");
  return <HostForm initial={NEW_HOST} action="Add host" onSave={addHost} onSaved={saved} onCancel={onClose} />;
}

function Edit({ id, onClose }: { id: string; onClose: () => void }) {
  const host = useQuery(hostQuery(id));
  return (
    <Loaded from={host} what="the host">
      {(data) => <EditForm host={data} onClose={onClose} />}
    </Loaded>
  );
}

function EditForm({ host, onClose }: { host: Host; onClose: () => void }) {
  // As the form began: what is read anew meanwhile may have been changed by somebody else, and is not ours to write back.
  const [before] = useState(() => fieldsOf(host));
  const saved = useSaved(onClose, "Host saved");
  return (
    <HostForm
      initial={before}
      action="Save"
      onSave={(fields) => updateHost(host.summary.id, changedFields(before, fields))}
      onSaved={saved}
      onCancel={onClose}
    />
  );
}
