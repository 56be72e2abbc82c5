// Asks for a name or for rights.
import type { contract } from "@luumen/backend";
import { Button, Checkbox, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";

import { modeWords, namesWords, readMode } from "./paths";
import type { Asking, Remote } from "./useRemote";

const TITLES: Record<Asking["kind"], string> = { folder: "New folder", rename: "Rename", rights: "Rights", link: "New link" };
const LABELS: Record<Asking["kind"], string> = { folder: "Name", rename: "New name", rights: "Rights, such as 0640 or rw-r-----", link: "Name of the link" };

export function AskDialog({ remote }: { remote: Remote }) {
  const { asking } = remote;
  return (
    <Modal opened={asking !== null} onClose={() => remote.setAsking(null)} title={asking ? TITLES[asking.kind] : ""} size="sm">
      {asking && <Form asking={asking} remote={remote} />}
    </Modal>
  );
}

function firstText(asking: Asking): string {
  if (asking.kind === "rename") return asking.entry.name;
  const mode = asking.kind === "rights" ? asking.entries[0]?.mode : null;
  return mode === null || mode === undefined ? "" : (mode & 0o7777).toString(8).padStart(4, "0");
}

/** What is renamed, changed or linked to: the dialog stands over the list, and says it itself. */
function aboutOf(asking: Asking): contract.Entry[] {
  if (asking.kind === "folder") return [];
  return asking.kind === "rights" ? asking.entries : [asking.entry];
}

function Form({ asking, remote }: { asking: Asking; remote: Remote }) {
  const [text, setText] = useState(() => firstText(asking));
  const [recursive, setRecursive] = useState(false);
  const mode = asking.kind === "rights" ? readMode(text) : null;
  const ready = asking.kind === "rights" ? mode !== null : text.trim() !== "" && !text.includes("/");
  const of = aboutOf(asking);
  const folders = asking.kind === "rights" && asking.entries.some(({ kind }) => kind === "directory");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        remote.setAsking(null);
        void remote.answer(asking, text.trim(), recursive, mode);
      }}
    >
      <Stack gap="md">
        {of.length > 0 && (
          <p className="machine asked-about" title={of.map(({ name }) => name).join("\n")}>
            {namesWords(of)}
          </p>
        )}
        <TextInput
          size="xs"
          label={LABELS[asking.kind]}
          description={mode !== null ? modeWords(mode) : undefined}
          error={text !== "" && !ready ? (asking.kind === "rights" ? "These are no rights" : "A name has no slash") : undefined}
          data-autofocus
          spellCheck={false}
          classNames={{ input: "machine" }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {folders && <Checkbox size="xs" label="Also for everything inside" checked={recursive} onChange={(event) => setRecursive(event.currentTarget.checked)} />}
        <div className="drawer-actions">
          <Button type="submit" size="xs" disabled={!ready}>
            {asking.kind === "folder" || asking.kind === "link" ? "Make" : "Change"}
          </Button>
          <Button size="xs" variant="default" onClick={() => remote.setAsking(null)}>
            Cancel
          </Button>
        </div>
      </Stack>
    </form>
  );
}
