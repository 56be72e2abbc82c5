// Opens the vault of this device, where secrets are sealed by a passphrase.
import { Failed } from "@luumen/kit";
import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useDesk, useReadAgain } from "../desk/context";
import { Buttons } from "./QuestionForm";

export function VaultUnlock({ onCancel, onOpen }: { onCancel?: () => void; onOpen: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const [passphrase, setPassphrase] = useState("");
  return (
    <form
      className="question-form"
      onSubmit={(event) => {
        event.preventDefault();
        const typed = passphrase;
        setPassphrase("");
        void attempt(() => desk.backend.call("vault_unlock", { passphrase: typed })).then((done) => {
          if (!done) return;
          readAgain("vault_status");
          onOpen();
        });
      }}
    >
      <h3>The vault is locked</h3>
      <p className="secondary">Secrets on this device are in a file that only your passphrase opens.</p>
      <PasswordInput
        autoFocus
        label="Passphrase of the vault"
        autoComplete="off"
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      {error !== null && <Failed doing="open the vault" error={error} />}
      <Buttons>
        <Button type="submit" size="xs" loading={busy} disabled={passphrase === ""}>
          Unlock
        </Button>
        {onCancel && (
          <Button size="xs" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </Buttons>
    </form>
  );
}
