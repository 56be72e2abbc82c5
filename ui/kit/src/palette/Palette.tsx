// One field for everything: pages, actions and whatever the app can look up, under Ctrl or Cmd and K.
import { Combobox, Modal, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { useKeys } from "../keys/keys";
import { rank } from "./rank";

export interface PaletteEntry {
  id: string;
  name: string;
  hint?: string;
  run: () => void;
}

export interface PaletteGroup {
  title: string;
  entries: PaletteEntry[];
}

const SETTLE_MS = 120;

export function Palette({
  opened,
  onOpen,
  onClose,
  fixed,
  look,
  keys = "mod+k",
  label = "Search hosts, packages, pages and actions",
  start = "",
}: {
  opened: boolean;
  onOpen: () => void;
  onClose: () => void;
  /** What opens it from anywhere; null where the app has keys of its own. */
  keys?: string | null;
  label?: string;
  /** What stands in the field when it opens. */
  start?: string;
  /** What is always there; narrowed here. */
  fixed: PaletteGroup[];
  /** What has to be looked up; narrowed by whoever looks. */
  look: (typed: string) => Promise<PaletteGroup[]>;
}) {
  useKeys(keys ? [{ keys, label: "Search and command palette", run: onOpen, whileWriting: true }] : []);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Search and commands"
      classNames={{ header: "hidden" }}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="12vh"
      centered={false}
    >
      {opened && <PaletteBody fixed={fixed} look={look} label={label} start={start} onClose={onClose} />}
    </Modal>
  );
}

function PaletteBody({
  fixed,
  look,
  label,
  start,
  onClose,
}: {
  label: string;
  start: string;
  fixed: PaletteGroup[];
  look: (typed: string) => Promise<PaletteGroup[]>;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState(start);
  const [found, setFound] = useState<PaletteGroup[]>([]);
  const asked = useRef(0);
  const combobox = useCombobox({ opened: true });

  useEffect(() => {
    asked.current += 1;
    const question = asked.current;
    if (typed.trim() === "") {
      setFound([]);
      return;
    }
    const timer = setTimeout(() => {
      void look(typed.trim()).then((groups) => question === asked.current && setFound(groups));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed, look]);

  const groups = useMemo(
    () =>
      [
        ...found,
        ...fixed.map((group) => ({ ...group, entries: rank(group.entries, typed, ({ name }) => name) })),
      ].filter(({ entries }) => entries.length > 0),
    [found, fixed, typed],
  );

  const { selectFirstOption } = combobox;
  useEffect(() => {
    const frame = requestAnimationFrame(() => selectFirstOption());
    return () => cancelAnimationFrame(frame);
    // Only what is listed decides; the store makes new functions at every render.
  }, [groups]);

  const run = (id: string) => {
    onClose();
    groups
      .flatMap(({ entries }) => entries)
      .find((entry) => entry.id === id)
      ?.run();
  };

  return (
    <Combobox store={combobox} onOptionSubmit={run}>
      <Combobox.EventsTarget>
        <TextInput
          data-autofocus
          className="palette-input"
          size="md"
          aria-label={label}
          placeholder={label}
          leftSection={<IconSearch size={16} aria-hidden />}
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </Combobox.EventsTarget>
      <Combobox.Options className="palette-options" aria-label="Results">
        {groups.length === 0 && <Combobox.Empty>Nothing fits “{typed}”</Combobox.Empty>}
        {groups.map(({ title, entries }) => (
          <Combobox.Group key={title} label={title}>
            {entries.map(({ id, name, hint }) => (
              <Combobox.Option key={id} value={id}>
                <span className="suggestion">
                  <span title={name}>{name}</span>
                  {hint && (
                    <span className="faint" title={hint}>
                      {hint}
                    </span>
                  )}
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
    </Combobox>
  );
}
