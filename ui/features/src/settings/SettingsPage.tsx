// Settings: the workspace, API keys, the person signed in, and what this is.
import { Page } from "@luumen/kit";
import { Tabs } from "@mantine/core";

import { useMay } from "../session";
import { AboutTab } from "./AboutTab";
import { AccountTab } from "./AccountTab";
import { ApiKeysTab } from "./ApiKeysTab";
import { WorkspaceTab } from "./WorkspaceTab";

export const SETTINGS_TABS = ["workspace", "keys", "account", "about"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

export function SettingsPage({ tab, onTab }: { tab: SettingsTab; onTab: (tab: SettingsTab) => void }) {
  const mayReadKeys = useMay("read_api_keys");
  return (
    <Page title="Settings" state="How often hosts are visited, who may call the API, and your own account">
      <Tabs value={tab} onChange={(next) => onTab((next ?? "workspace") as SettingsTab)} keepMounted={false}>
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
            <ApiKeysTab />
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
