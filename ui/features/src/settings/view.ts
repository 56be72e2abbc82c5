// The whole view of the settings as it stands in the URL.
export const SETTINGS_TABS = ["workspace", "keys", "account", "about"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

export interface SettingsView {
  tab: SettingsTab;
  /** The dialog in which an API key is made is open. */
  making: boolean;
}

/** Reads the view out of the URL's parameters; what makes no sense is left out. */
export function readSettingsView(params: Record<string, string>): SettingsView {
  const tab = SETTINGS_TABS.find((each) => each === params["tab"]) ?? "workspace";
  return { tab, making: tab === "keys" && params["panel"] === "add" };
}

export function writeSettingsView({ tab, making }: SettingsView): Record<string, string> {
  return { tab, ...(making && { panel: "add" }) };
}
