// The pages of the rail.
import {
  IconFolders,
  IconHistory,
  IconKey,
  IconServer2,
  IconSettings,
  IconShieldSearch,
  IconTerminal2,
  type Icon,
} from "@tabler/icons-react";

import type { Page } from "../desk/desk";
import type { ActionId } from "../keys/actions";

export const PAGES: readonly { page: Page; name: string; icon: Icon; action: ActionId }[] = [
  { page: "hosts", name: "Hosts", icon: IconServer2, action: "go_hosts" },
  { page: "sessions", name: "Sessions", icon: IconTerminal2, action: "go_sessions" },
  { page: "files", name: "Files", icon: IconFolders, action: "go_files" },
  { page: "scans", name: "Scans", icon: IconShieldSearch, action: "go_scans" },
  { page: "logs", name: "Session logs", icon: IconHistory, action: "go_logs" },
  { page: "keys", name: "Keys", icon: IconKey, action: "go_keys" },
  { page: "settings", name: "Settings", icon: IconSettings, action: "go_settings" },
];
