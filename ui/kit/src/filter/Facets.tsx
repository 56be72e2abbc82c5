// Values to narrow a list by, each with how many rows have it.
import { IconX } from "@tabler/icons-react";

import { Count } from "../text/text";

export interface Facet {
  name: string;
  title: string;
  /** How many rows have each; absent where they are not counted. */
  values: { value: string; word?: string; count?: number; chosen: boolean }[];
}

const MOST = 8;

export function Facets({ facets, onToggle }: { facets: Facet[]; onToggle: (facet: string, value: string) => void }) {
  return (
    <aside className="facets" aria-label="Narrow the list" tabIndex={0}>
      {facets.map(({ name, title, values }) => (
        <fieldset key={name}>
          <legend>{title}</legend>
          {values.slice(0, MOST).map(({ value, word, count, chosen }) => (
            <button
              key={value}
              type="button"
              className="facet"
              aria-pressed={chosen}
              onClick={() => onToggle(name, value)}
            >
              <span title={word ?? value}>{word ?? value}</span>
              {chosen ? <IconX size={13} aria-hidden /> : count !== undefined && <Count value={count} />}
            </button>
          ))}
          {values.length > MOST && <p className="faint">{values.length - MOST} more: write them in the filter</p>}
        </fieldset>
      ))}
    </aside>
  );
}
