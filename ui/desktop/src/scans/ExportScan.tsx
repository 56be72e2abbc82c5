// Writes a scan into a file.
import type { contract } from "@luumen/backend";
import { Failed, notifyDone } from "@luumen/kit";
import { Button, Modal, SegmentedControl, Stack } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useState } from "react";

import { useAttempt, useDesk } from "../desk/context";
import { PathInput } from "../hosts/PathInput";

type Kind = "json" | "csv" | "sarif";

const KINDS: Record<Kind, string> = {
  json: "Everything that was read and judged",
  csv: "One line a finding, for a spreadsheet",
  sarif: "For tools that read SARIF 2.1.0",
};

export function ExportScan({ scan }: { scan: contract.Scan }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconFileExport size={15} aria-hidden />} onClick={() => setOpened(true)}>
        Export
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Export the scan" size="md">
        {opened && <Form scan={scan} onDone={() => setOpened(false)} />}
      </Modal>
    </>
  );
}

function Form({ scan, onDone }: { scan: contract.Scan; onDone: () => void }) {
  const desk = useDesk();
  const { attempt, busy, error } = useAttempt();
  const [kind, setKind] = useState<Kind>("csv");
  const [path, setPath] = useState("");
  const write = async () => {
    const done = await attempt(() => desk.backend.call("scan_export", { scan: scan.id, kind, path: path.trim() }));
    if (!done) return;
    notifyDone(`Wrote ${path.trim()}`);
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <Stack gap="md">
        <div>
          <SegmentedControl
            size="xs"
            aria-label="Format"
            value={kind}
            onChange={(next) => setKind(next as Kind)}
            data={[
              { value: "csv", label: "CSV" },
              { value: "json", label: "JSON" },
              { value: "sarif", label: "SARIF" },
            ]}
          />
          <p className="faint small">{KINDS[kind]}.</p>
        </div>
        <PathInput label="Write to" kind="save" suggested={`~/scan-${scan.started_at.slice(0, 10)}.${kind}`} value={path} onChange={setPath} autoFocus />
        {error !== null && <Failed doing="write the scan" error={error} />}
        <div className="drawer-actions">
          <Button type="submit" size="xs" loading={busy} disabled={path.trim() === ""}>
            Write
          </Button>
          <Button size="xs" variant="default" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </Stack>
    </form>
  );
}
