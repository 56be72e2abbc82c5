// The document as it was received.
import type { SnapshotDocument } from "@luumen/api-client";
import { bytesWords, CopyButton, Panel } from "@luumen/kit";
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMemo } from "react";

// A browser lays out this many characters without a pause; the whole is in the file.
const SHOWN = 400_000;

export function RawTab({ document: doc, name }: { document: SnapshotDocument; name: string }) {
  const json = useMemo(() => JSON.stringify(doc, null, 2), [doc]);
  const save = () => {
    const address = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${name}-${doc.snapshot.taken_at.replaceAll(":", "")}.json`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Panel
      title={<span className="machine">{doc.snapshot.schema}</span>}
      note={bytesWords(json.length)}
      actions={
        <>
          <CopyButton text={json} label="Copy the document" />
          <Button variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
            Download
          </Button>
        </>
      }
      flush
    >
      <pre className="raw" tabIndex={0} role="group" aria-label="Snapshot document">
        {json.slice(0, SHOWN)}
      </pre>
      {json.length > SHOWN && <p className="faint raw-cut">The rest is in the download.</p>}
    </Panel>
  );
}
