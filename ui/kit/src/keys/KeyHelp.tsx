// The list behind `?`: every key that works on this screen.
import { Kbd, Modal } from "@mantine/core";
import { Fragment, useState } from "react";

import { useAllKeys, useKeys } from "./keys";

const GRID_KEYS = [
  { keys: "j / ↓", label: "Next row of a table" },
  { keys: "k / ↑", label: "Row before" },
  { keys: "Enter", label: "Open the row" },
  { keys: "x", label: "Select the row" },
  { keys: "Esc", label: "Close what is open" },
];

function written(keys: string): string[] {
  return keys.split(" ").map((part) => part.replace("mod+", "Ctrl ").replace(/(^| )([a-z])$/, (_, a, b) => a + b.toUpperCase()));
}

/** Shows the keys; put it once into the frame of the app. */
export function KeyHelp() {
  const [open, setOpen] = useState(false);
  const all = useAllKeys();
  useKeys([{ keys: "?", label: "List the keys", run: () => setOpen(true) }]);
  const seen = new Set<string>();
  const own = open ? all().filter(({ keys }) => !seen.has(keys) && seen.add(keys)) : [];
  return (
    <Modal opened={open} onClose={() => setOpen(false)} title="Keys" size="md">
      <dl className="key-list">
        {own.map(({ keys, label }) => (
          <Fragment key={keys}>
            <dt>
              {written(keys).map((part, index) => (
                <Kbd key={index}>{part}</Kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </Fragment>
        ))}
        {GRID_KEYS.map(({ keys, label }) => (
          <Fragment key={keys}>
            <dt>
              <Kbd>{keys}</Kbd>
            </dt>
            <dd>{label}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
