// Which runs are listed: all, or those with trouble.
import { SegmentedControl } from "@mantine/core";

export type RunChoice = "all" | "trouble";

export function RunFilter({ choice, onChoice }: { choice: RunChoice; onChoice: (choice: RunChoice) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Which runs"
      value={choice}
      onChange={(next) => onChoice(next as RunChoice)}
      data={[
        { value: "all", label: "All" },
        { value: "trouble", label: "With trouble" },
      ]}
    />
  );
}
