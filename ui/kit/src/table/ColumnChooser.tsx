// Which columns a table shows.
import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";

export interface Choice {
  id: string;
  title: string;
  fixed?: boolean;
}

export function ColumnChooser({
  choices,
  chosen,
  onChange,
}: {
  choices: Choice[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}) {
  const toggle = (id: string) =>
    onChange(choices.map((choice) => choice.id).filter((each) => chosen.includes(each) !== (each === id)));
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={14} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Stack gap="sm">
          {choices.map(({ id, title, fixed }) => (
            <Checkbox
              key={id}
              size="xs"
              label={title}
              checked={chosen.includes(id)}
              disabled={fixed ?? false}
              onChange={() => toggle(id)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
