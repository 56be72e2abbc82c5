// Searches the scrollback of a terminal.
import { ActionIcon, TextInput, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconLetterCase, IconRegex, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { useStore } from "../desk/store";
import type { TerminalHandle } from "../terminal/handle";
import { foundWords } from "../terminal/search";

const DECORATIONS = {
  matchBackground: "#7a5c00",
  matchOverviewRuler: "#dcbf4f",
  activeMatchBackground: "#b34700",
  activeMatchColorOverviewRuler: "#f2a65a",
};

export function SearchBar({ handle }: { handle: TerminalHandle }) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [caseSensitive, setCase] = useState(false);
  const [regex, setRegex] = useState(false);
  const found = useStore(handle.found);
  const asked = useStore(handle.searching);
  const invalid = regex && !isRegex(typed);
  const look = (back: boolean, incremental = false) => {
    if (invalid) return;
    const options = { caseSensitive, regex, incremental: incremental && !back, decorations: DECORATIONS };
    if (typed === "") handle.search.clearDecorations();
    else if (back) handle.search.findPrevious(typed, options);
    else handle.search.findNext(typed, options);
  };
  useEffect(() => look(true, true), [typed, caseSensitive, regex]);
  // Asked for once more, it has the keyboard once more, and what stands in it can be typed over.
  useEffect(() => input.current?.select(), [asked]);
  const close = () => {
    handle.search.clearDecorations();
    handle.searching.set(0);
    handle.focus();
  };
  return (
    <div className="search-bar" role="search">
      <TextInput
        ref={input}
        size="xs"
        aria-label="Search in the terminal"
        placeholder="Search"
        spellCheck={false}
        value={typed}
        error={invalid}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") look(!event.shiftKey);
          if (event.key === "Escape") {
            // What WebKit makes of it besides would be typed into the shell, which has the keyboard by then.
            event.preventDefault();
            close();
          }
        }}
      />
      <span className="faint number small search-count" role="status">
        {invalid ? "no valid pattern" : typed === "" ? "" : foundWords(found)}
      </span>
      <Tool label="Upper and lower case matter" pressed={caseSensitive} onClick={() => setCase(!caseSensitive)} icon={<IconLetterCase size={15} aria-hidden />} />
      <Tool label="Regular expression" pressed={regex} onClick={() => setRegex(!regex)} icon={<IconRegex size={15} aria-hidden />} />
      <Tool label="Earlier match (Enter)" onClick={() => look(true)} icon={<IconArrowUp size={15} aria-hidden />} />
      <Tool label="Later match (Shift Enter)" onClick={() => look(false)} icon={<IconArrowDown size={15} aria-hidden />} />
      <Tool label="Close the search (Esc)" onClick={close} icon={<IconX size={15} aria-hidden />} />
    </div>
  );
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function Tool({ label, icon, pressed, onClick }: { label: string; icon: React.ReactNode; pressed?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" variant={pressed ? "light" : "subtle"} aria-label={label} aria-pressed={pressed} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
