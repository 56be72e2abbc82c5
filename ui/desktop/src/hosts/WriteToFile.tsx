// Writes something into a file on this device: what and how above, the path, and two buttons. What is there is replaced only after a
// question.
import { Failed, notifyDone, useConfirm } from "@luumen/kit";
import { Button, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { useAttempt } from "../desk/context";
import { hasCode } from "../desk/problem";
import { PathInput } from "./PathInput";

interface Props {
  /** As in "could not write the hosts". */
  doing: string;
  /** As in "it is replaced by the hosts". */
  what: string;
  suggested: string;
  /** Writes the file, over what is there only if that shall be, and answers what there is to say of it. */
  write: (path: string, overwrite: boolean) => Promise<string>;
  disabled?: boolean;
  onDone: () => void;
  children: ReactNode;
}

/** There is something with the name that was chosen. */
const TAKEN = ["LUM-EXPORT-TAKEN", "LUM-EDIT-TAKEN"];

export function WriteToFile({ doing, what, suggested, write, disabled, onDone, children }: Props) {
  const { attempt, busy, error } = useAttempt();
  const [typed, setTyped] = useState("");
  const path = typed.trim();
  const ready = path !== "" && !disabled;
  const confirm = useConfirm();
  const asking = async () => {
    try {
      return await write(path, false);
    } catch (error) {
      if (!hasCode(error, ...TAKEN)) throw error;
      const sure = await confirm({ title: "Replace the file?", body: `There is something at ${path} already. It is replaced by ${what}.`, action: "Replace it" });
      if (!sure) throw error;
      return await write(path, true);
    }
  };
  const submit = async () => {
    const done = ready && (await attempt(asking));
    if (!done) return;
    notifyDone(done.answer);
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="md">
        {children}
        <PathInput label="Write to" kind="save" suggested={suggested} value={typed} onChange={setTyped} autoFocus />
        {error !== null && <Failed doing={doing} error={error} />}
        <div className="drawer-actions">
          <Button type="submit" size="xs" loading={busy} disabled={!ready}>
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
