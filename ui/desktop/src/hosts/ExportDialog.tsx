// Writes hosts into a file for other programs. Secrets are never in it.
import type { contract } from "@luumen/backend";
import { plural } from "@luumen/kit";
import { Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { useDesk } from "../desk/context";
import { WriteToFile } from "./WriteToFile";

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
  const [kind, setKind] = useState<Kind>("luumen");
  const write = async (path: string) => {
    const { written } = await desk.backend.call("export_hosts", { kind, path });
    return `Wrote ${plural(written, "host")} to ${path}`;
  };
  return (
    <WriteToFile doing="write the hosts" suggested={`~/${KINDS[kind].file}`} write={write} disabled={hosts.length === 0} onDone={onClose}>
      <p>{plural(hosts.length, "host")} with groups and settings. No password, key or passphrase is written.</p>
      <SegmentedControl
        size="xs"
        aria-label="Format"
        value={kind}
        onChange={(next) => setKind(next as Kind)}
        data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
      />
    </WriteToFile>
  );
}
