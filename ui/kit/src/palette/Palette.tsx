// One field for everything: pages, actions and whatever the app can look up, under Ctrl or Cmd and K.
import { Combobox, Modal, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useKeys } from "../keys/keys";
import { describeFailure } from "../state/failure";
import { StateMark } from "../state/StateMark";
import { rank } from "./rank";

export interface PaletteEntry {
  id: string;
  name: string;
  hint?: string;
  /** More that it is found by. */
  words?: string;
  run: () => void;
}

export interface PaletteGroup {
  title: string;
  entries: PaletteEntry[];
  /** Looked up, yet listed after what is always there. */
  last?: boolean;
  /** Listed only while nothing is typed: whoever looks things up finds these as well. */
  untyped?: boolean;
  /** Said under the list, such as what could not be looked up: then that nothing fits is not known. */
  note?: string;
}

const SETTLE_MS = 120;

/** What was looked up, and for which text. */
interface Found {
  typed: string;
  groups: PaletteGroup[];
}
const NOTHING: Found = { typed: "", groups: [] };

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
      {opened && <PaletteBody key={start} fixed={fixed} look={look} label={label} start={start} onClose={onClose} />}
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
  const [found, setFound] = useState<Found>(NOTHING);
  const combobox = useCombobox({ opened: true });
  const wanted = typed.trim();
  const looking = found.typed !== wanted;

  useEffect(() => {
    if (wanted === "") return setFound(NOTHING);
    let current = true;
    const timer = setTimeout(() => {
      look(wanted)
        // What cannot be looked up leaves what is always there.
        .catch((error: unknown) => [unanswered(error)])
        .then((groups) => current && setFound({ typed: wanted, groups }));
    }, SETTLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [wanted, look]);

  const groups = useMemo(
    () =>
      [
        ...found.groups.filter(({ last }) => !last),
        ...fixed.filter(({ untyped }) => !untyped || typed.trim() === "").map((group) => ({ ...group, entries: rank(group.entries, typed, ({ name, words }) => (words ? `${name} ${words}` : name)) })),
        ...found.groups.filter(({ last }) => last),
      ].filter(({ entries }) => entries.length > 0),
    [found, fixed, typed],
  );

  const notes = found.groups.flatMap(({ note }) => note ?? []);

  const run = (id: string) => {
    onClose();
    groups
      .flatMap(({ entries }) => entries)
      .find((entry) => entry.id === id)
      ?.run();
  };
  const choose = useChoice(combobox, groups, { typed: wanted, looking }, () => {
    const first = groups[0]?.entries[0];
    if (first) run(first.id);
  });
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return choose(event);
    // The list keeps Escape for itself, but here it has nothing to shut: it is always open.
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };

  return (
    <Combobox store={combobox} onOptionSubmit={run}>
      <Combobox.EventsTarget>
        <TextInput
          data-autofocus
          autoFocus
          wrapperProps={{ onKeyDownCapture }}
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
      <Combobox.Options className="palette-options" aria-label="Results" tabIndex={0}>
        {groups.length === 0 && notes.length === 0 && <Combobox.Empty>{looking ? "Looking…" : `Nothing fits “${typed}”`}</Combobox.Empty>}
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
      {notes.length > 0 && (
        <div className="palette-notes" role="status">
          {notes.map((note) => (
            <StateMark key={note} tone="failed" word={note} />
          ))}
        </div>
      )}
    </Combobox>
  );
}

function unanswered(error: unknown): PaletteGroup {
  return { title: "Not looked up", entries: [], note: `Could not look it up: ${describeFailure(error).title}` };
}

/**
 * Which entry Enter runs. It is the first from the moment it is listed, until an arrow chooses another. Enter that comes before
 * the answer for what was typed waits for it: what is listed until then belongs to an earlier text.
 */
function useChoice(
  { selectFirstOption, updateSelectedOptionIndex }: ReturnType<typeof useCombobox>,
  groups: PaletteGroup[],
  { typed, looking }: { typed: string; looking: boolean },
  runFirst: () => void,
): (event: KeyboardEvent) => void {
  const moved = useRef(false);
  const [entered, setEntered] = useState(false);
  useLayoutEffect(() => {
    moved.current = false;
    setEntered(false);
  }, [typed]);
  // Only what is listed decides; the store makes new functions at every render.
  useLayoutEffect(() => {
    if (moved.current) updateSelectedOptionIndex("selected");
    else selectFirstOption();
  }, [groups]);
  // The list has its name only after the first drawing.
  useEffect(() => void selectFirstOption(), []);
  useEffect(() => {
    if (!entered || looking) return;
    setEntered(false);
    runFirst();
  });
  return (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moved.current = true;
    if (event.key !== "Enter" || event.nativeEvent.isComposing || moved.current || !looking) return;
    event.preventDefault();
    event.stopPropagation();
    setEntered(true);
  };
}
