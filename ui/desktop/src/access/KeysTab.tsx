// Keys on this device: made here, imported, or used where they lie. Only public halves are ever shown.
import type { contract } from "@luumen/backend";
import { CodeLines, CopyButton, Empty, Failed, Loaded, Machine, notifyDone, Panel, PlainTable, RelativeTime, StateMark, useConfirm } from "@luumen/kit";
import { Button, Modal, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useAttempt, useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { PathInput } from "../hosts/PathInput";
import { SecretInput, useTypedSecret } from "../typed/SecretInput";
import { SearchLine, useSearch } from "./SearchLine";

const SOURCES: Record<contract.Key["source"], string> = { generated: "Made here", imported: "Imported", file: "A file" };

export function KeysTab() {
  const keys = useCall("keys_list", {});
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<contract.Key | null>(null);
  const search = useSearch((key: contract.Key) => [key.name, key.algorithm, key.fingerprint, key.path ?? ""]);
  const add = (
    <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      Add a key
    </Button>
  );
  return (
    <Loaded from={keys} what="the keys" rows={4}>
      {(all) => (
        <>
          {all.length === 0 ? (
            <Panel>
              <Empty title="No keys yet" action={add}>
                Make an Ed25519 key here, or import the one that you use. Its private half never leaves this device.
              </Empty>
            </Panel>
          ) : (
            <Panel flush title="Keys" note="Private halves never leave this device" actions={add}>
              <SearchLine search={search} label="Search the keys" />
              <Table keys={search.of(all)} typed={search.typed} />
            </Panel>
          )}
          <Modal opened={adding} onClose={() => setAdding(false)} title="Add a key" size="md">
            {adding && (
              <AddKey
                onDone={(key) => {
                  setAdding(false);
                  setMade(key);
                }}
                onClose={() => setAdding(false)}
              />
            )}
          </Modal>
          <Modal opened={made !== null} onClose={() => setMade(null)} title="The key is there" size="lg">
            {made && (
              <Stack gap="md">
                <p>Put its public half into ~/.ssh/authorized_keys on the hosts that {made.name} shall open.</p>
                <CodeLines text={made.public_key} label="public key" />
                <Button size="xs" onClick={() => setMade(null)} data-autofocus>
                  Done
                </Button>
              </Stack>
            )}
          </Modal>
        </>
      )}
    </Loaded>
  );
}

function Table({ keys, typed }: { keys: contract.Key[]; typed: string }) {
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const remove = async ({ id, name, source }: contract.Key) => {
    const sure = await confirm({
      title: `Delete the key ${name}?`,
      body: source === "file" ? "Luumen forgets it; the file stays where it is." : "Its private half is deleted from this device. Hosts that only this key opens cannot be reached with it any more.",
      action: "Delete",
    });
    if (sure && (await act("delete the key", "key_delete", { id }))) readAgain("keys_list", "credentials_list");
  };
  if (keys.length === 0) return <Empty title={`No key fits “${typed}”`} />;
  return (
    <PlainTable
      label="Keys"
      rows={keys}
      rowId={({ id }) => id}
      columns={[
        { id: "name", title: "Name", cell: ({ name }) => name },
        { id: "algorithm", title: "Algorithm", cell: ({ algorithm, bits }) => <Machine>{bits && !/\d/.test(algorithm) ? `${algorithm} ${bits}` : algorithm}</Machine> },
        { id: "fingerprint", title: "Fingerprint", cell: ({ fingerprint }) => <Machine>{fingerprint}</Machine> },
        {
          id: "protected",
          title: "At rest",
          cell: ({ encrypted }) => (encrypted ? <StateMark tone="ok" word="passphrase" /> : <StateMark tone="partial" word="no passphrase" title="Whoever reads it can use it" />),
        },
        { id: "source", title: "From", cell: ({ source, path }) => <span title={path ?? SOURCES[source]}>{path ?? SOURCES[source]}</span> },
        { id: "age", title: "Made", cell: ({ created_at }) => <RelativeTime at={created_at} /> },
        {
          id: "actions",
          title: "Actions",
          align: "end",
          cell: (key) => (
            <span className="row-actions">
              <CopyButton text={key.public_key} label={`Copy the public key of ${key.name}`} />
              <Button size="compact-xs" variant="subtle" aria-label={`Delete ${key.name}`} onClick={() => void remove(key)}>
                Delete
              </Button>
            </span>
          ),
        },
      ]}
    />
  );
}

function AddKey({ onDone, onClose }: { onDone: (key: contract.Key) => void; onClose: () => void }) {
  const desk = useDesk();
  const readAgain = useReadAgain();
  const { attempt, busy, error, clear } = useAttempt();
  const [how, setHow] = useState<"make" | "import">("make");
  const [name, setName] = useState("");
  const passphrase = useTypedSecret();
  const again = useTypedSecret();
  const [path, setPath] = useState("");
  const [text, setText] = useState("");
  const differ = how === "make" && !passphrase.same(again);
  const ready = name.trim() !== "" && !differ && (how === "make" || path.trim() !== "" || text.trim() !== "");
  const run = async () => {
    const secret = passphrase.length > 0 ? { passphrase } : {};
    const from = text.trim() ? { text } : { path: path.trim() };
    const going = attempt(() =>
      how === "make" ? desk.backend.call("key_generate", { name: name.trim(), ...secret }) : desk.backend.call("key_import", { name: name.trim(), ...from, ...secret }),
    );
    passphrase.wipe();
    again.wipe();
    const done = await going;
    if (!done) return;
    readAgain("keys_list");
    if (how === "make") onDone(done.answer);
    else {
      notifyDone(`Imported ${done.answer.name}`);
      onClose();
    }
  };
  return (
    <form
      className="drawer-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void run();
      }}
    >
      <SegmentedControl
        size="xs"
        aria-label="How"
        value={how}
        onChange={(next) => {
          clear();
          setHow(next as "make" | "import");
        }}
        data={[
          { value: "make", label: "Make a new one (Ed25519)" },
          { value: "import", label: "Import one" },
        ]}
      />
      <TextInput size="xs" label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      {how === "import" && (
        <>
          <PathInput label="File" kind="open" suggested="~/.ssh/id_ed25519" value={path} onChange={setPath} />
          <Textarea
            size="xs"
            label="Or its text"
            description="OpenSSH, PEM or PPK"
            autosize
            minRows={3}
            maxRows={8}
            spellCheck={false}
            classNames={{ input: "machine" }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </>
      )}
      <SecretInput size="xs" label="Passphrase" description={how === "make" ? "Without one, whoever reads the key can use it" : "Only if the key has one"} secret={passphrase} />
      {how === "make" && passphrase.length > 0 && (
        <SecretInput size="xs" label="Passphrase again" error={again.length > 0 && differ ? "It is not the same" : undefined} secret={again} />
      )}
      {error !== null && <Failed doing={how === "make" ? "make the key" : "import the key"} error={error} />}
      <div className="drawer-actions">
        <Button type="submit" size="xs" disabled={!ready} loading={busy}>
          {how === "make" ? "Make the key" : "Import"}
        </Button>
        <Button size="xs" variant="subtle" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
