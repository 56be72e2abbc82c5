// Brings a signed bundle to a server that has no way to the publishers: choose it, see it go, and what came of it.
import { ApiError, type ImportedBundle } from "@luumen/api-client";
import { bytesWords, RelativeTime, StateMark } from "@luumen/kit";
import { Button, Checkbox, Drawer, FileButton, Group, Progress, Stack } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { FormFailure, useMay } from "../../session";
import { refreshAll } from "../queries";
import { catalogueWords } from "../words";
import { uploadBundle } from "./upload";
import { sentWords } from "./words";

export function ImportBundle({ opened, onOpened }: { opened: boolean; onOpened: (opened: boolean) => void }) {
  const mayImport = useMay("write_feeds");
  if (!mayImport) return null;
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconUpload size={14} aria-hidden />} onClick={() => onOpened(true)}>
        Import bundle
      </Button>
      <Drawer opened={opened} onClose={() => onOpened(false)} title="Import a signed bundle" size="lg">
        {opened && <Body onClose={() => onOpened(false)} />}
      </Drawer>
    </>
  );
}

const isOlder = (error: unknown) => error instanceof ApiError && error.code === "LUM-API-BUNDLE-OLDER";

function Body({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [allowOlder, setAllowOlder] = useState(false);
  const [sent, setSent] = useState(0);
  const resetFile = useRef<() => void>(null);
  const going = useRef<AbortController | null>(null);
  const run = useMutation({
    mutationFn: (chosen: File) => {
      const stop = new AbortController();
      going.current = stop;
      setSent(0);
      return uploadBundle({ file: chosen, allowOlder, onSent: setSent, signal: stop.signal });
    },
    onSuccess: () => refreshAll(client),
  });
  // Whoever closes the drawer does not want it any more.
  useEffect(() => () => going.current?.abort(), []);

  if (run.data) return <Done imported={run.data} onClose={onClose} />;
  const choose = (chosen: File | null) => {
    // A browser says nothing when the file that it still holds is chosen again, and that file may be another one by now.
    resetFile.current?.();
    setFile(chosen);
    run.reset();
  };
  return (
    <Stack gap="md">
      <p className="secondary">
        A bundle is a catalogue that <code>luumen feeds export</code> wrote and signed where there is a network. It is taken only if the server’s
        settings trust the key that signed it.
      </p>
      <Group gap="md">
        <FileButton resetRef={resetFile} onChange={choose}>
          {(props) => (
            <Button variant="default" size="xs" disabled={run.isPending} {...props}>
              Choose a file
            </Button>
          )}
        </FileButton>
        {file ? (
          <span>
            <span className="machine">{file.name}</span> <span className="faint">{bytesWords(file.size)}</span>
          </span>
        ) : (
          <span className="faint">no file chosen</span>
        )}
      </Group>
      {(allowOlder || isOlder(run.error)) && (
        <Checkbox
          size="xs"
          label="Go back to an older catalogue"
          checked={allowOlder}
          disabled={run.isPending}
          onChange={(event) => setAllowOlder(event.currentTarget.checked)}
        />
      )}
      {run.isPending && (
        <div role="status">
          <StateMark tone="running" word={sentWords(sent)} />
          <Progress value={sent * 100} size="sm" aria-label={sentWords(sent)} />
        </div>
      )}
      <FormFailure error={run.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!file} loading={run.isPending} onClick={() => file && run.mutate(file)}>
          Import
        </Button>
      </Group>
    </Stack>
  );
}

function Done({ imported: { catalogue, signed_by }, onClose }: { imported: ImportedBundle; onClose: () => void }) {
  return (
    <Stack gap="md" role="status">
      <StateMark tone="ok" word="The bundle is in use" />
      <p>
        {catalogueWords(catalogue)}, built <RelativeTime at={catalogue.built_at} />, signed with the key <span className="machine">{signed_by}</span>.
        Hosts are being judged by it; the lists follow in moments.
      </p>
      <Group justify="flex-end">
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
