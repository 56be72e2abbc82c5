// Where secrets live, said plainly, and the vault where there is no keychain.
import type { contract, TypedSecret } from "@luumen/backend";
import { Failed, Loaded, notifyDone, Panel, StateMark } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

import { placeWords } from "../access/places";
import { useAttempt, useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { VaultUnlock } from "../sessions/VaultUnlock";
import { SecretInput, useTypedSecret } from "../typed/SecretInput";

export function SecretsTab() {
  const status = useCall("vault_status", {});
  return (
    <Panel title="Where secrets live">
      <Loaded from={status} what="where secrets live" rows={3}>
        {(vault) => <Vault vault={vault} />}
      </Loaded>
    </Panel>
  );
}

export function Vault({ vault }: { vault: contract.VaultStatus }) {
  const act = useDo();
  const readAgain = useReadAgain();
  const [changing, setChanging] = useState(false);
  const lock = async () => {
    await act("lock the vault", "vault_lock", {});
    readAgain("vault_status");
  };
  return (
    <div className="vault">
      <p className="in-line">
        <strong>{placeWords(vault)}</strong>
        {(vault.place === "vault" || vault.state === "locked") && <StateMark tone={vault.state === "open" ? "ok" : "off"} word={vault.state} />}
      </p>
      <p className="secondary">{vault.detail}</p>
      <p className="secondary">Passwords, passphrases and private keys are never in the file of hosts, in logs, or sent anywhere but to the host that they open.</p>
      {vault.state === "new" && <NewVault />}
      {vault.place === "vault" && vault.state === "locked" && <VaultUnlock onOpen={() => notifyDone("The vault is open")} />}
      {vault.place === "vault" && vault.state === "open" && (
        <>
          <div className="drawer-actions">
            <Button size="xs" variant="default" onClick={() => void lock()}>
              Lock now
            </Button>
            <Button size="xs" variant="default" onClick={() => setChanging(!changing)}>
              Change the passphrase…
            </Button>
          </div>
          {changing && <ChangeVault onDone={() => setChanging(false)} />}
        </>
      )}
    </div>
  );
}

export function NewVault({ onDone }: { onDone?: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const first = useTypedSecret();
  const second = useTypedSecret();
  return (
    <form
      className="side-form"
      onSubmit={(event) => {
        event.preventDefault();
        const making = attempt(() => desk.backend.call("vault_create", { passphrase: first }));
        first.wipe();
        second.wipe();
        void making.then((done) => {
          if (!done) return;
          readAgain("vault_status", "about");
          notifyDone("The vault is there");
          onDone?.();
        });
      }}
    >
      <Twice first={first} second={second} />
      <p className="secondary small">Nobody can open the vault without it, and nobody can give it back to you: not even we.</p>
      {error !== null && <Failed doing="make the vault" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" loading={busy} disabled={first.length === 0 || !first.same(second)}>
          Make the vault
        </Button>
      </div>
    </form>
  );
}

function ChangeVault({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const { attempt, busy, error } = useAttempt();
  const old = useTypedSecret();
  const first = useTypedSecret();
  const second = useTypedSecret();
  return (
    <form
      className="side-form"
      onSubmit={(event) => {
        event.preventDefault();
        const changing = attempt(() => desk.backend.call("vault_change", { old, new: first }));
        for (const typed of [old, first, second]) typed.wipe();
        void changing.then((done) => {
          if (!done) return;
          notifyDone("The passphrase is changed");
          onDone();
        });
      }}
    >
      <SecretInput size="xs" label="Passphrase until now" autoFocus secret={old} />
      <Twice first={first} second={second} />
      {error !== null && <Failed doing="change the passphrase" error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" loading={busy} disabled={old.length === 0 || first.length === 0 || !first.same(second)}>
          Change
        </Button>
      </div>
    </form>
  );
}

function Twice({ first, second }: { first: TypedSecret; second: TypedSecret }) {
  const differ = second.length > 0 && !first.same(second);
  return (
    <>
      <SecretInput size="xs" label="New passphrase" description="Several words that belong to no sentence are easy to keep and hard to guess" secret={first} />
      <SecretInput size="xs" label="New passphrase again" error={differ ? "It is not the same" : undefined} secret={second} />
    </>
  );
}
