// The filter line above a table: text with suggestions for the term under the caret.
import { ActionIcon, Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { useKeys } from "../keys/keys";
import { replaceTerm, termAt } from "./terms";
import { stillTold } from "./told";

export interface Suggestion {
  /** What replaces the term under the caret. */
  term: string;
  /** What it means, or how many it matches. */
  hint?: string;
}

const SETTLE_MS = 250;

export function FilterInput({
  label,
  placeholder,
  value,
  onChange,
  suggest,
  slash = true,
  onLeaveDown,
}: {
  label: string;
  placeholder: string;
  value: string;
  /** Called when the text has settled. */
  onChange: (text: string) => void;
  /** Suggestions for the term under the caret; may ask a server. */
  suggest?: (term: string) => Promise<Suggestion[]> | Suggestion[];
  /** Whether `/` leads here; on a page with several, to the one that the page is about. */
  slash?: boolean;
  /** Arrow down while nothing is suggested. */
  onLeaveDown?: () => void;
}) {
  const [text, setText] = useState(value);
  const [found, setFound] = useState<Suggestion[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef<readonly string[]>([]);
  const asked = useRef(0);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });

  // What comes back is what was told, and older than what the person has typed since: only what somebody else says is taken.
  useEffect(() => {
    const still = stillTold(told.current, value);
    told.current = still ?? [];
    if (still !== null) return;
    // What waits to be told was typed before, and would take the change back.
    clearTimeout(settle.current);
    setText((current) => (current.trim() === value ? current : value));
  }, [value]);
  useEffect(() => () => clearTimeout(settle.current), []);
  useKeys(slash ? [{ keys: "/", label, run: () => input.current?.focus() }] : []);

  const tell = (next: string, afterMs: number) => {
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      told.current = [...told.current, next.trim()];
      onChange(next.trim());
    }, afterMs);
  };

  const look = async (next: string, caret: number) => {
    if (!suggest) return;
    asked.current += 1;
    const question = asked.current;
    const answers = await suggest(termAt(next, caret).text);
    // An answer for somebody who went on meanwhile would cover what they went to.
    if (question !== asked.current || document.activeElement !== input.current) return;
    setFound(answers);
    if (answers.length > 0) combobox.openDropdown();
    else combobox.closeDropdown();
  };

  const take = (term: string) => {
    const caret = input.current?.selectionStart ?? text.length;
    const next = replaceTerm(text, caret, term);
    setText(next.text);
    combobox.closeDropdown();
    if (!/[:=<>]$/.test(term)) tell(next.text, 0);
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(next.caret, next.caret);
      void look(next.text, next.caret);
    });
  };

  return (
    <Combobox store={combobox} onOptionSubmit={take} withinPortal transitionProps={{ duration: 0 }}>
      <Combobox.Target withAriaAttributes={suggest !== undefined}>
        <TextInput
          ref={input}
          className="filter"
          size="xs"
          aria-label={label}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={
            text && (
              <ActionIcon
                variant="subtle"
                size="sm"
                aria-label="Clear the filter"
                onClick={() => {
                  setText("");
                  tell("", 0);
                  input.current?.focus();
                }}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )
          }
          value={text}
          onChange={(event) => {
            const { value: next, selectionStart } = event.currentTarget;
            setText(next);
            tell(next, SETTLE_MS);
            void look(next, selectionStart ?? next.length);
          }}
          onFocus={(event) => void look(text, event.currentTarget.selectionStart ?? text.length)}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            const choosing = combobox.dropdownOpened && combobox.getSelectedOptionIndex() >= 0;
            if (event.key === "Enter" && !choosing) {
              combobox.closeDropdown();
              tell(text, 0);
            }
            if (event.key === "ArrowDown" && onLeaveDown && !combobox.dropdownOpened) {
              event.preventDefault();
              onLeaveDown();
            }
            if (event.key === "Escape") {
              event.stopPropagation();
              if (combobox.dropdownOpened) combobox.closeDropdown();
              else input.current?.blur();
            }
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={found.length === 0}>
        <Combobox.Options mah={300} style={{ overflowY: "auto" }} aria-label="Suggestions">
          {found.map(({ term, hint }) => (
            <Combobox.Option key={term} value={term}>
              <span className="suggestion">
                <span className="machine">{term}</span>
                {hint && <span className="faint">{hint}</span>}
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
