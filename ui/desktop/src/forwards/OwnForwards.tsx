// The forwards that a host keeps: those that start with each session, and those that only wait in its panel.
import type { contract } from "@luumen/backend";
import { ActionIcon, Button, Checkbox } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { ForwardFields } from "./ForwardFields";
import { forwardName, forwardWords, newForward, type ForwardFaults } from "./forwards";

type Spec = contract.ForwardSpec;

interface Props {
  forwards: readonly Spec[];
  /** What is wrong, by id; a forward with a fault shows its fields. */
  faults: ReadonlyMap<string, ForwardFaults>;
  onChange: (forwards: Spec[]) => void;
}

export function OwnForwards({ forwards, faults, onChange }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState(faults);
  if (seen !== faults) {
    // A row that was opened by a fault stays open while it is mended.
    setSeen(faults);
    if ([...faults.keys()].some((id) => !open.has(id))) setOpen(new Set([...open, ...faults.keys()]));
  }
  const toggle = (id: string) => setOpen(open.has(id) ? new Set([...open].filter((each) => each !== id)) : new Set(open).add(id));
  const add = useRef<HTMLButtonElement>(null);
  const change = (id: string, part: Partial<Spec>) => onChange(forwards.map((each) => (each.id === id ? { ...each, ...part } : each)));
  const remove = (id: string) => {
    onChange(forwards.filter((each) => each.id !== id));
    // The button that had the keyboard goes with its row.
    add.current?.focus();
  };
  return (
    <div className="own-forwards">
      {forwards.length === 0 && <p className="secondary small">None. A forward carries a port through the connection: a database of the host to this device, or the other way.</p>}
      <ul className="forwards">
        {forwards.map((spec) => (
          <Row
            key={spec.id}
            spec={spec}
            faults={faults.get(spec.id) ?? {}}
            open={open.has(spec.id)}
            onToggle={() => toggle(spec.id)}
            onChange={(part) => change(spec.id, part)}
            onRemove={() => remove(spec.id)}
          />
        ))}
      </ul>
      <Button
        ref={add}
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} aria-hidden />}
        onClick={() => {
          const added = newForward(true);
          onChange([...forwards, added]);
          setOpen(new Set(open).add(added.id));
        }}
      >
        Add a forward
      </Button>
    </div>
  );
}

interface RowProps {
  spec: Spec;
  faults: ForwardFaults;
  open: boolean;
  onToggle: () => void;
  onChange: (part: Partial<Spec>) => void;
  onRemove: () => void;
}

function Row({ spec, faults, open, onToggle, onChange, onRemove }: RowProps) {
  const row = useRef<HTMLLIElement>(null);
  const name = forwardName(spec);
  useEffect(() => {
    if (open) row.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [open]);
  return (
    <li ref={row}>
      <div className="forward-line">
        <span className="forward-what">
          {spec.label.trim() && <span className="cut">{spec.label}</span>}
          <code className="cut" title={forwardWords(spec)}>
            {forwardWords(spec)}
          </code>
        </span>
        <span className="faint small nowrap">{spec.auto ? "starts with the session" : "started by hand"}</span>
        <Button size="compact-xs" variant="default" aria-expanded={open} aria-label={open ? `Fold ${name}` : `Change ${name}`} onClick={onToggle}>
          {open ? "Fold" : "Change"}
        </Button>
        <ActionIcon variant="subtle" size="sm" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
          <IconTrash size={15} aria-hidden />
        </ActionIcon>
      </div>
      {open && (
        <div className="forward-fields" role="group" aria-label={`Forward ${name}`}>
          <ForwardFields spec={spec} faults={faults} onChange={onChange} />
          <Checkbox size="xs" label="Start it whenever a session opens" checked={spec.auto} onChange={(event) => onChange({ auto: event.currentTarget.checked })} />
        </div>
      )}
    </li>
  );
}
