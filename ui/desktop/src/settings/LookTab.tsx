// The app's own look.
import { Panel } from "@luumen/kit";
import { SegmentedControl } from "@mantine/core";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";

export function LookTab() {
  const desk = useDesk();
  const theme = useStore(desk.preferences, (preferences) => preferences.theme);
  const density = useStore(desk.preferences, (preferences) => preferences.density);
  return (
    <Panel title="Look">
      <div className="setting">
        <span id="theme">Theme</span>
        <SegmentedControl
          size="xs"
          aria-labelledby="theme"
          value={theme}
          onChange={(next) => void desk.prefer({ theme: next as "system" | "dark" | "light" })}
          data={[
            { value: "system", label: "As the system" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </div>
      <div className="setting">
        <span id="density">Rows</span>
        <SegmentedControl
          size="xs"
          aria-labelledby="density"
          value={density}
          onChange={(next) => void desk.prefer({ density: next as "compact" | "comfortable" })}
          data={[
            { value: "compact", label: "Compact" },
            { value: "comfortable", label: "Comfortable" },
          ]}
        />
      </div>
    </Panel>
  );
}
