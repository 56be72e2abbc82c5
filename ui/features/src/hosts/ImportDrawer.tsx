// Imports hosts from CSV: choose or paste, see what would happen row by row, then do it.
import type { ImportReport, ImportRow } from "@luumen/api-client";
import { CodeLines, PlainTable, plural, StateMark, type Tone } from "@luumen/kit";
import { Button, Checkbox, Drawer, FileButton, Group, Stack, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { FormFailure } from "../session";
import { importHosts } from "./queries";

const EXAMPLE = "name,address,port,username,credential,tags,notes\nweb-1,10.0.4.11,22,luumen,fleet,web;production,";

const RESULTS: Record<ImportRow["result"], { tone: Tone; planned: string; done: string }> = {
  created: { tone: "ok", planned: "Will be added", done: "Added" },
  updated: { tone: "running", planned: "Will change", done: "Changed" },
  exists: { tone: "off", planned: "Is there already", done: "Left as it was" },
  rejected: { tone: "failed", planned: "Cannot be taken", done: "Not taken" },
};

export function ImportDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer opened={opened} onClose={onClose} title="Import hosts" size="xl">
      {opened && <ImportBody onClose={onClose} />}
    </Drawer>
  );
}

function ImportBody({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [csv, setCsv] = useState("");
  const [update, setUpdate] = useState(false);
  const run = useMutation({
    mutationFn: (dryRun: boolean) => importHosts(csv, { dry_run: dryRun, update }),
    onSuccess: (report) => {
      if (report.dry_run) return;
      void client.invalidateQueries({ queryKey: ["hosts"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    },
  });
  const resetFile = useRef<() => void>(null);
  const report = run.data;
  const change = (next: string) => {
    setCsv(next);
    run.reset();
  };
  const choose = (file: File | null) => {
    // A browser says nothing when the file that it still holds is chosen again, and that file may have been mended meanwhile.
    resetFile.current?.();
    void file?.text().then(change);
  };
  const would = report?.dry_run ? report.created + report.updated : 0;

  return (
    <Stack gap="md">
      <p className="secondary">
        A header line names the columns, in any order; only <code>name</code> and <code>address</code> are needed.
        Several tags are separated by semicolons. Where hosts are changed, a column that is missing changes nothing, and an empty cell clears.
      </p>
      <CodeLines text={EXAMPLE} label="an example file" />
      <Textarea
        label="Hosts as CSV"
        placeholder="Paste here, or choose a file"
        autosize
        minRows={5}
        maxRows={14}
        spellCheck={false}
        classNames={{ input: "machine" }}
        value={csv}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <Group gap="md">
        <FileButton accept=".csv,text/csv,text/plain" resetRef={resetFile} onChange={choose}>
          {(props) => (
            <Button variant="default" size="xs" {...props}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Checkbox
          size="xs"
          label="Change hosts that are already there"
          checked={update}
          onChange={(event) => {
            setUpdate(event.currentTarget.checked);
            run.reset();
          }}
        />
      </Group>
      <FormFailure error={run.error} />
      {report && <ReportTable report={report} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {report && !report.dry_run ? "Close" : "Cancel"}
        </Button>
        {!report && (
          <Button disabled={csv.trim() === ""} loading={run.isPending} onClick={() => run.mutate(true)}>
            Preview
          </Button>
        )}
        {report?.dry_run && (
          <Button disabled={would === 0} loading={run.isPending} onClick={() => run.mutate(false)}>
            Import {plural(would, "host")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function ReportTable({ report }: { report: ImportReport }) {
  const { created, updated, existing, rejected, dry_run: planned } = report;
  return (
    <div role="status">
      <p className="import-sums">
        {planned ? "Nothing has changed yet. " : "Done. "}
        {planned ? "To add" : "Added"}: {created} · {planned ? "to change" : "changed"}: {updated} · already there:{" "}
        {existing} · {planned ? "cannot be taken" : "not taken"}: {rejected}
      </p>
      <PlainTable
        label="Rows of the import"
        rows={report.rows}
        rowId={(row) => String(row.line)}
        cut={200}
        columns={[
          { id: "line", title: "Line", align: "end", cell: (row) => row.line },
          { id: "name", title: "Name", cell: (row) => row.name ?? <span className="faint">none</span> },
          {
            id: "result",
            title: "Result",
            cell: (row) => {
              const { tone, planned: plan, done } = RESULTS[row.result];
              return <StateMark tone={tone} word={planned ? plan : done} />;
            },
          },
          { id: "messages", title: "Why", cell: (row) => row.messages.join(" ") },
        ]}
      />
    </div>
  );
}
