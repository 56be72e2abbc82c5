// Everything that a person may choose, one tab each.
import { Page } from "@luumen/kit";
import { Tabs } from "@mantine/core";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { AboutTab } from "./AboutTab";
import { CatalogueTab } from "./CatalogueTab";
import { KeysTab } from "./KeysTab";
import { LookTab } from "./LookTab";
import { SecretsTab } from "./SecretsTab";
import { TerminalTab } from "./TerminalTab";

const TABS = {
  look: { name: "Look", part: LookTab },
  terminal: { name: "Terminal", part: TerminalTab },
  keys: { name: "Keyboard", part: KeysTab },
  secrets: { name: "Secrets", part: SecretsTab },
  catalogue: { name: "Catalogue", part: CatalogueTab },
  about: { name: "About", part: AboutTab },
};

export function SettingsPage() {
  const desk = useDesk();
  const at = useStore(desk.view, (view) => view.at);
  const tab = at && at in TABS ? at : "look";
  return (
    <Page title="Settings" state="Kept on this device">
      <Tabs value={tab} onChange={(next) => desk.go("settings", next)} keepMounted={false}>
        <Tabs.List>
          {Object.entries(TABS).map(([id, { name }]) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(TABS).map(([id, { part: Part }]) => (
          <Tabs.Panel key={id} value={id}>
            <div className="settings">
              <Part />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
