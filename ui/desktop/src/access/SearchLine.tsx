// A search above a short list.
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

export interface Search<T> {
  typed: string;
  setTyped: (typed: string) => void;
  of: (all: readonly T[]) => T[];
}

/** Narrows a list to what has every word that was typed. */
export function useSearch<T>(words: (item: T) => string[]): Search<T> {
  const [typed, setTyped] = useState("");
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    typed,
    setTyped,
    of: (all) =>
      all.filter((item) => {
        const text = words(item).join("\n").toLowerCase();
        return parts.every((part) => text.includes(part));
      }),
  };
}

export function SearchLine<T>({ search, label }: { search: Search<T>; label: string }) {
  return (
    <div className="search-line">
      <TextInput
        size="xs"
        aria-label={label}
        placeholder={label}
        leftSection={<IconSearch size={14} aria-hidden />}
        spellCheck={false}
        value={search.typed}
        onChange={(event) => search.setTyped(event.currentTarget.value)}
      />
    </div>
  );
}
