// The facets in a drawer, for windows too narrow to show them beside the table.
import { Button, Drawer } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";

import { Facets, type Facet } from "./Facets";

export function FilterDrawer({ facets, onToggle }: { facets: Facet[]; onToggle: (facet: string, value: string) => void }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        className="only-narrow"
        variant="default"
        size="xs"
        leftSection={<IconFilter size={14} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        Narrow
      </Button>
      <Drawer opened={opened} onClose={() => setOpened(false)} title="Narrow the list" size="xs">
        <div className="facets-drawer">
          <Facets facets={facets} onToggle={onToggle} />
        </div>
      </Drawer>
    </>
  );
}
