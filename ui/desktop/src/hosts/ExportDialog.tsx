// Writes hosts into a file for other programs. Secrets are never in it.
import type { contract } from "@luumen/backend";
import { plural } from "@luumen/kit";
import { Button, Modal, SegmentedControl, Stack } from "@mantine/core";
import { useRef, useState } from "react";

import { useDesk } from "../desk/context";
import { WriteToFile } from "./WriteToFile";

const KINDS = {
  luumen: {
    label: "Luumen",
    file: "hosts.luumen.json",
    holds: "each with its own settings, forwards, tags and note, the names of its groups and the files of its keys. What groups hand down stays here.",
  },
  ssh_config: {
    label: "ssh_config",
    file: "ssh_config",
    holds: "each with its forwards and with how it is connected to, also where a group says that. ssh knows no groups, tags or notes.",
  },
  csv: {
    label: "CSV",
    file: "hosts.csv",
    holds: "each in one line: name, address, user, port, groups, tags, note, key file, jump hosts, environment and proxy. A table has no room for more.",
  },
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
  const done = useRef<contract.ExportDone | null>(null);
  const [leftOut, setLeftOut] = useState<string[]>([]);
  const write = async (path: string, overwrite: boolean) => {
    done.current = await desk.backend.call("export_hosts", { kind, path, overwrite });
    return `Wrote ${plural(done.current.written, "host")} to ${path}`;
  };
  const end = () => {
    // What is missing in the file is read in one's own time.
    if (done.current && done.current.left_out.length > 0) setLeftOut(done.current.left_out);
    else onClose();
  };
  if (leftOut.length > 0) return <LeftOut reasons={leftOut} onClose={onClose} />;
  return (
    <WriteToFile doing="write the hosts" what="the hosts" suggested={`~/${KINDS[kind].file}`} write={write} disabled={hosts.length === 0} onDone={end}>
      <p>
        {plural(hosts.length, "host")}, {KINDS[kind].holds} No password, key or passphrase is written.
      </p>
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

function LeftOut({ reasons, onClose }: { reasons: string[]; onClose: () => void }) {
  return (
    <Stack gap="md">
      <p>The file is written. Its format has no words for this, which is not in it:</p>
      <ul className="plain-list small">
        {reasons.map((reason, at) => (
          <li key={at}>{reason}</li>
        ))}
      </ul>
      <div className="drawer-actions">
        <Button size="xs" data-autofocus onClick={onClose}>
          Close
        </Button>
      </div>
    </Stack>
  );
}
