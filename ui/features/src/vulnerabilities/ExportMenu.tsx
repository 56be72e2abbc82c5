// Exactly what the list shows, as a file.
import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

import { exportHref, type ExportFormatName, type FindingsView, type Params } from "./view";

const FORMATS: { format: ExportFormatName; name: string; file: string }[] = [
  { format: "csv", name: "CSV, a row for each finding", file: "vulnerabilities.csv" },
  { format: "sarif", name: "SARIF 2.1.0", file: "vulnerabilities.sarif" },
  { format: "cyclonedx-vex", name: "CycloneDX VEX", file: "vulnerabilities.cdx.json" },
  { format: "ocsf", name: "OCSF, a line for each finding", file: "vulnerabilities.ocsf.ndjson" },
];

export function ExportMenu({ view, pinned }: { view: FindingsView; pinned?: Params }) {
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>What the filter shows, as</Menu.Label>
        {FORMATS.map(({ format, name, file }) => (
          <Menu.Item key={format} component="a" href={exportHref(view, format, pinned)} download={file}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
