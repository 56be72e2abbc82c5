// What opens hosts: credentials, keys, and the host keys that we trust.
import { Page } from "@luumen/kit";
import { Tabs } from "@mantine/core";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { CredentialsTab } from "./CredentialsTab";
import { KeysTab } from "./KeysTab";
import { KnownHostsTab } from "./KnownHostsTab";
import { SecretsLine } from "./SecretsLine";

const TABS = { credentials: "Credentials", keys: "Keys", known: "Known hosts" };

export function KeysPage() {
  const desk = useDesk();
  const at = useStore(desk.view, (view) => view.at);
  const tab = at && at in TABS ? at : "credentials";
  return (
    <Page title="Keys" state={<SecretsLine />}>
      <Tabs value={tab} onChange={(next) => desk.go("keys", next)} keepMounted={false}>
        <Tabs.List>
          {Object.entries(TABS).map(([id, name]) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="credentials">
          <CredentialsTab />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <KeysTab />
        </Tabs.Panel>
        <Tabs.Panel value="known">
          <KnownHostsTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
