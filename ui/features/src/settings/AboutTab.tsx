// What this is, in which version.
import { Loaded, Machine, Pair, Panel, RelativeTime } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { workspaceQuery } from "./queries";

export function AboutTab() {
  const workspace = useQuery(workspaceQuery);
  return (
    <Panel title="About Luumen">
      <Loaded from={workspace} what="the version" rows={3}>
        {({ server_version, id, created_at }) => (
          <dl>
            <Pair label="Server version">
              <Machine>{server_version}</Machine>
            </Pair>
            <Pair label="Workspace id">
              <Machine>{id}</Machine>
            </Pair>
            <Pair label="Workspace made">
              <RelativeTime at={created_at} />
            </Pair>
            <Pair label="API description">
              <a href="/api/v1/openapi.json">OpenAPI 3.1</a>
            </Pair>
          </dl>
        )}
      </Loaded>
    </Panel>
  );
}
