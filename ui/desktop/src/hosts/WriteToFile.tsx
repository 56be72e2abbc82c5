// Writes something into a file on this device: what and how above, the path, and two buttons.
import { Failed, notifyDone } from "@luumen/kit";
import { Button, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { useAttempt } from "../desk/context";
import { PathInput } from "./PathInput";

interface Props {
  /** As in "could not write the hosts". */
  doing: string;
  suggested: string;
  /** Writes the file, and answers what there is to say of it. */
  write: (path: string) => Promise<string>;
  disabled?: boolean;
  onDone: () => void;
  children: ReactNode;
}

export function WriteToFile({ doing, suggested, write, disabled, onDone, children }: Props) {
  const { attempt, busy, error } = useAttempt();
  const [typed, setTyped] = useState("");
  const path = typed.trim();
  const ready = path !== "" && !disabled;
  const submit = async () => {
    const done = ready && (await attempt(() => write(path)));
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
