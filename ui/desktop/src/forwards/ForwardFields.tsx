// The fields of a forward: which way, where it listens, and where it leads.
import type { contract } from "@luumen/backend";
import { NumberInput, SegmentedControl, TextInput } from "@mantine/core";

import { isOwnOnly, type ForwardFaults } from "./forwards";

type Spec = contract.ForwardSpec;

const KIND_WORDS: Record<Spec["kind"], string> = {
  local: "This device listens; what connects comes out at the host.",
  remote: "The host listens; what connects comes out at this device.",
  dynamic: "This device listens as a SOCKS proxy; programs choose where they come out.",
};

interface Props {
  spec: Spec;
  faults: ForwardFaults;
  onChange: (change: Partial<Spec>) => void;
}

export function ForwardFields({ spec, faults, onChange }: Props) {
  const { kind, label, bind, port, to_host, to_port } = spec;
  return (
    <>
      <div>
        <SegmentedControl
          size="xs"
          aria-label="Kind of forward"
          value={kind}
          onChange={(next) => onChange({ kind: next as Spec["kind"], ...(next === "dynamic" ? {} : { to_host: to_host ?? "127.0.0.1" }) })}
          data={[
            { value: "local", label: "Local" },
            { value: "remote", label: "Remote" },
            { value: "dynamic", label: "SOCKS" },
          ]}
        />
        <p className="faint small">{KIND_WORDS[kind]}</p>
      </div>
      <TextInput size="xs" label="Name" placeholder="what it is for" data-autofocus value={label} onChange={(event) => onChange({ label: event.currentTarget.value })} />
      <div className="two">
        <Text label="Listen on" error={faults.bind} value={bind} onChange={(next) => onChange({ bind: next })} />
        <Port label="Port" placeholder="any that is free" error={faults.port} value={port || null} onChange={(next) => onChange({ port: next ?? 0 })} />
      </div>
      {kind !== "dynamic" && (
        <div className="two">
          <Text label="Leads to" error={faults.to_host} value={to_host ?? ""} onChange={(next) => onChange({ to_host: next })} />
          <Port label="Port there" error={faults.to_port} value={to_port} onChange={(next) => onChange({ to_port: next })} />
        </div>
      )}
      {!isOwnOnly(bind) && (
        <p className="trouble" data-tone="partial">
          {kind === "remote" ? "Others on the host's network can use it too, where the host allows that." : "Others on this device's network can use it too."}
        </p>
      )}
    </>
  );
}

function Text({ label, error, value, onChange }: { label: string; error: string | undefined; value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      size="xs"
      label={label}
      error={error}
      spellCheck={false}
      autoComplete="off"
      classNames={{ input: "machine" }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface PortProps {
  label: string;
  placeholder?: string;
  error: string | undefined;
  value: number | null;
  onChange: (port: number | null) => void;
}

function Port({ label, placeholder, error, value, onChange }: PortProps) {
  return (
    <NumberInput
      size="xs"
      label={label}
      placeholder={placeholder}
      error={error}
      min={0}
      max={65_535}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={value ?? ""}
      onChange={(next) => onChange(typeof next === "number" ? next : null)}
    />
  );
}
