// One field to connect at once, and beside it what may hold for this one connection. Plain Enter asks for nothing else.
import { Button, Modal, Select, TextInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconPlugConnected } from "@tabler/icons-react";
import { useId, useState } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import type { Instead } from "../layout/tabs";

const LOGS = [
  { value: "off", label: "Off" },
  { value: "metadata", label: "Metadata" },
  { value: "full", label: "Everything" },
];

export function QuickForm({ start = "", choosing = false, onDone }: { start?: string; choosing?: boolean; onDone?: () => void }) {
  const desk = useDesk();
  const options = useId();
  const [typed, setTyped] = useState(start);
  const [opened, setOpened] = useState(choosing);
  const [instead, setInstead] = useState<Instead>({});
  const to = typed.trim();
  // What was chosen and then folded away is not seen, and does not hold.
  const chosen = opened ? instead : {};
  return (
    <form
      className="start-quick"
      onSubmit={(event) => {
        event.preventDefault();
        if (to === "") return;
        onDone?.();
        desk.connect({ quick: to }, chosen);
      }}
    >
      <div className="start-line">
        <TextInput
          autoFocus
          data-autofocus
          aria-label="Address"
          placeholder="user@host:port"
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={15} aria-hidden />}
          aria-expanded={opened}
          aria-controls={options}
          onClick={() => setOpened(!opened)}
        >
          Options
        </Button>
        <Button type="submit" leftSection={<IconPlugConnected size={15} aria-hidden />} disabled={to === ""}>
          Connect
        </Button>
      </div>
      <div id={options} hidden={!opened} className="quick-options" role="group" aria-label="For this connection">
        {opened && <Options instead={instead} onChange={(change) => setInstead(tidy({ ...instead, ...change }))} />}
        {opened && (
          <p className="faint small">
            These hold for this connection only.{" "}
            <button
              type="button"
              className="link"
              disabled={to === ""}
              onClick={() => {
                onDone?.();
                desk.keep(to, chosen);
              }}
            >
              Keep this host…
            </button>
          </p>
        )}
      </div>
    </form>
  );
}

function Options({ instead, onChange }: { instead: Instead; onChange: (change: { [K in keyof Instead]: Instead[K] | undefined }) => void }) {
  const credentials = useCall("credentials_list", {}).data ?? [];
  const hosts = useCall("hosts_tree", {}).data?.hosts ?? [];
  const named = (each: { id: string; name: string }) => ({ value: each.id, label: each.name });
  const usual = { size: "xs", clearable: true, comboboxProps: { transitionProps: { duration: 0 } } } as const;
  return (
    <div className="three">
      <Select {...usual} label="Credential" placeholder="The usual" searchable data={credentials.map(named)} value={instead.credential ?? null} onChange={(id) => onChange({ credential: id ?? undefined })} />
      <Select {...usual} label="Through" placeholder="The usual way" searchable data={hosts.map(named)} value={instead.jump ?? null} onChange={(id) => onChange({ jump: id ?? undefined })} />
      <Select {...usual} label="Session log" placeholder="The usual" data={LOGS} value={instead.log ?? null} onChange={(mode) => onChange({ log: LOG_MODES.find((each) => each === mode) })} />
    </div>
  );
}

const LOG_MODES = ["off", "metadata", "full"] as const;

function tidy(instead: { [K in keyof Instead]: Instead[K] | undefined }): Instead {
  return Object.fromEntries(Object.entries(instead).filter(([, value]) => value !== undefined)) as Instead;
}

/** The same over whatever is open, for the palette. */
export function QuickDialog() {
  const desk = useDesk();
  const start = useStore(desk.quick);
  const close = () => desk.quick.set(null);
  return (
    <Modal opened={start !== null} onClose={close} title="Connect to a host" size="lg" transitionProps={{ duration: 0 }}>
      {start !== null && <QuickForm start={start} choosing onDone={close} />}
    </Modal>
  );
}
