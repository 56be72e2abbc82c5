// Writes a scan into a file.
import type { contract } from "@luumen/backend";
import { Button, Modal, SegmentedControl } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useState } from "react";

import { useDesk } from "../desk/context";
import { WriteToFile } from "../hosts/WriteToFile";

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
  const [kind, setKind] = useState<Kind>("csv");
  const write = async (path: string, overwrite: boolean) => {
    await desk.backend.call("scan_export", { scan: scan.id, kind, path, overwrite });
    return `Wrote ${path}`;
  };
  return (
    <WriteToFile doing="write the scan" what="the scan" suggested={`~/scan-${scan.started_at.slice(0, 10)}.${kind}`} write={write} onDone={onDone}>
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
    </WriteToFile>
  );
}
