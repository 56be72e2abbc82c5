// Settings: the workspace, API keys, the person signed in, and what this is.
import { Page } from "@luumen/kit";
import { Tabs } from "@mantine/core";

import { useMay } from "../session";
import { AboutTab } from "./AboutTab";
import { AccountTab } from "./AccountTab";
import { ApiKeysTab } from "./ApiKeysTab";
import type { SettingsTab, SettingsView } from "./view";
import { WorkspaceTab } from "./WorkspaceTab";

export function SettingsPage({ view: { tab, making }, onView }: { view: SettingsView; onView: (next: SettingsView) => void }) {
  const mayReadKeys = useMay("read_api_keys");
  return (
    <Page title="Settings" state="How often hosts are visited, who may call the API, and your own account">
      <Tabs value={tab} onChange={(next) => onView({ tab: (next ?? "workspace") as SettingsTab, making: false })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="workspace">Workspace</Tabs.Tab>
          {mayReadKeys && <Tabs.Tab value="keys">API keys</Tabs.Tab>}
          <Tabs.Tab value="account">Account and look</Tabs.Tab>
          <Tabs.Tab value="about">About</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="workspace">
          <WorkspaceTab />
        </Tabs.Panel>
        {mayReadKeys && (
          <Tabs.Panel value="keys">
            <ApiKeysTab making={making} onMaking={(next) => onView({ tab, making: next })} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="account">
          <AccountTab />
        </Tabs.Panel>
        <Tabs.Panel value="about">
          <AboutTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
