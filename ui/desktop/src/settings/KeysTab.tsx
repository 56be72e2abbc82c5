// Every key of ours, to be changed; what belongs to the shell is refused with the reason.
import { Panel } from "@luumen/kit";
import { Button, Kbd, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { ACTIONS, refusal, takenBy, type Action, type ActionId } from "../keys/actions";
import { chordOf } from "../keys/chords";
import { PLATFORM, useBindings, writtenKeys } from "../shell/useKeyNames";

export function KeysTab() {
  const desk = useDesk();
  const own = useStore(desk.preferences, ({ keys }) => keys);
  const bindings = useBindings();
  const [typed, setTyped] = useState("");
  const [choosing, setChoosing] = useState<ActionId | null>(null);
  const shown = ACTIONS.filter(({ label, area, id }) => `${label} ${area} ${bindings.get(id) ?? ""}`.toLowerCase().includes(typed.toLowerCase()));
  const set = (id: ActionId, keys: string | null) => {
    const { [id]: _before, ...rest } = own;
    void desk.prefer({ keys: keys === null ? rest : { ...rest, [id]: keys } });
    setChoosing(null);
  };
  return (
    <Panel flush title="Keyboard" note="Ctrl with a letter, Alt with a key and keys alone always go to the shell">
      <div className="search-line">
        <TextInput size="xs" aria-label="Search the keys" placeholder="Search the keys" leftSection={<IconSearch size={14} aria-hidden />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </div>
      {shown.length === 0 && <p className="secondary search-line">No key fits “{typed}”.</p>}
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">What it does</th>
            <th scope="col">Where</th>
            <th scope="col">Key</th>
            <th scope="col">
              <span className="hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((action) => (
            <tr key={action.id}>
              <td>{action.label}</td>
              <td className="secondary small">{action.reach === "everywhere" ? "everywhere" : "outside of terminals"}</td>
              <td>
                {choosing === action.id ? (
                  <Capture action={action} onTake={(keys) => set(action.id, keys)} onCancel={() => setChoosing(null)} />
                ) : (
                  <Written keys={bindings.get(action.id) ?? ""} />
                )}
              </td>
              <td className="end">
                <Button size="compact-xs" variant="subtle" aria-label={`Change the key of: ${action.label}`} onClick={() => setChoosing(action.id)}>
                  Change
                </Button>
                {own[action.id] !== undefined ? (
                  <Button size="compact-xs" variant="subtle" aria-label={`Give the usual key back to: ${action.label}`} onClick={() => set(action.id, null)}>
                    Usual
                  </Button>
                ) : (
                  <Button size="compact-xs" variant="subtle" aria-label={`Take the key from: ${action.label}`} onClick={() => set(action.id, "")}>
                    None
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Written({ keys }: { keys: string }) {
  if (keys === "") return <span className="faint">none</span>;
  return (
    <span className="written-keys">
      {writtenKeys(keys).map((key, index) => (
        <Kbd key={index}>{key}</Kbd>
      ))}
    </span>
  );
}

function Capture({ action, onTake, onCancel }: { action: Action & { id: ActionId }; onTake: (keys: string) => void; onCancel: () => void }) {
  const bindings = useBindings();
  const [fault, setFault] = useState("");
  const onKeyDown = (event: KeyboardEvent) => {
    const chord = chordOf(event.nativeEvent);
    // Tab goes on, so that nobody is caught in the field.
    if (!chord || chord === "tab" || chord === "shift+tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (chord === "esc") return onCancel();
    const refused = refusal(action, chord, PLATFORM);
    const taken = takenBy(bindings, action.id, chord);
    if (refused) setFault(`${refused}.`);
    else if (taken) setFault(`“${taken.label}” has it already.`);
    else onTake(chord);
  };
  return (
    <TextInput
      size="xs"
      autoFocus
      readOnly
      data-captures-keys
      aria-label={`Press the new key of: ${action.label}`}
      placeholder="Press a key, Esc to leave it"
      error={fault || undefined}
      value=""
      onKeyDown={onKeyDown}
      onBlur={onCancel}
    />
  );
}
