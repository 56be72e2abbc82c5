// Opens the vault of this device, where secrets are sealed by a passphrase.
import { Failed } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useAttempt, useDesk, useReadAgain } from "../desk/context";
import { SecretInput, useTypedSecret } from "../typed/SecretInput";
import { Buttons } from "./QuestionForm";

export function VaultUnlock({ onCancel, onOpen }: { onCancel?: () => void; onOpen: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const passphrase = useTypedSecret();
  return (
    <form
      className="question-form"
      onSubmit={(event) => {
        event.preventDefault();
        const done = attempt(() => desk.backend.call("vault_unlock", { passphrase }));
        passphrase.wipe();
        void done.then((done) => {
          if (!done) return;
          readAgain("vault_status");
          onOpen();
        });
      }}
    >
      <h3>The vault is locked</h3>
      <p className="secondary">Secrets on this device are in a file that only your passphrase opens.</p>
      <SecretInput autoFocus label="Passphrase of the vault" secret={passphrase} />
      {error !== null && <Failed doing="open the vault" error={error} />}
      <Buttons>
        <Button type="submit" size="xs" loading={busy} disabled={passphrase.length === 0}>
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
