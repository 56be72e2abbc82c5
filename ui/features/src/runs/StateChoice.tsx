// Which rows of a list are shown, by how they stand.
import { SegmentedControl } from "@mantine/core";

export function StateChoice<T extends string>({
  label,
  choices,
  words,
  chosen,
  onChoose,
}: {
  label: string;
  choices: readonly T[];
  words: Record<T, string>;
  /** Nothing shows all. */
  chosen: T | null;
  onChoose: (next: T | null) => void;
}) {
  return (
    <SegmentedControl
      size="xs"
      className="state-choice"
      aria-label={label}
      value={chosen ?? ""}
      onChange={(next) => onChoose(choices.find((each) => each === next) ?? null)}
      data={[{ value: "", label: "All" }, ...choices.map((value) => ({ value, label: words[value] }))]}
    />
  );
}
