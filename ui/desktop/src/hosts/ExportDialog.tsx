// Writes hosts into a file for other programs. Secrets are never in it.
import type { contract } from "@luumen/backend";
import { Failed, notifyDone, plural } from "@luumen/kit";
import { Button, Modal, SegmentedControl, Stack } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useDesk } from "../desk/context";
import { PathInput } from "./PathInput";

const KINDS = {
  luumen: { label: "Luumen", file: "hosts.luumen.json" },
  ssh_config: { label: "ssh_config", file: "ssh_config" },
  csv: { label: "CSV", file: "hosts.csv" },
};
type Kind = keyof typeof KINDS;

export function ExportDialog({ opened, hosts, onClose }: { opened: boolean; hosts: contract.Host[]; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Export hosts" size="md">
      {opened && <Form hosts={hosts} onClose={onClose} />}
    </Modal>
  );
}

function Form({ hosts, onClose }: { hosts: contract.Host[]; onClose: () => void }) {
  const desk = useDesk();
  const { attempt, busy, error } = useAttempt();
  const [kind, setKind] = useState<Kind>("luumen");
  const [path, setPath] = useState("");
  const write = async () => {
    const done = await attempt(() => desk.backend.call("export_hosts", { kind, path: path.trim() }));
    if (!done) return;
    notifyDone(`Wrote ${plural(done.answer.written, "host")} to ${path.trim()}`);
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <Stack gap="md">
        <p>
          {plural(hosts.length, "host")} with groups and settings. No password, key or passphrase is written.
        </p>
        <SegmentedControl
          size="xs"
          aria-label="Format"
          value={kind}
          onChange={(next) => setKind(next as Kind)}
          data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
        />
        <PathInput label="Write to" kind="save" suggested={`~/${KINDS[kind].file}`} value={path} onChange={setPath} autoFocus />
        {error !== null && <Failed doing="write the hosts" error={error} />}
        <div className="drawer-actions">
          <Button type="submit" size="xs" loading={busy} disabled={path.trim() === "" || hosts.length === 0}>
            Write
          </Button>
          <Button size="xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </Stack>
    </form>
  );
}
